/**
 * Goes through a capture file as the sensor does: the same decoding, fragments
 * put together, and a time that never goes back. So what an alert says of a
 * packet (its number, its time, the ends of its flow) can be found again.
 */

import { latin1 } from '../bytes/text.ts'
import type { CaptureFault } from '../capture/block.ts'
import { openCapture } from '../capture/open.ts'
import { communityId } from '../flow/community-id.ts'
import { FlowKey } from '../flow/key.ts'
import { decodePacket } from '../packet/decode.ts'
import { FragmentTable } from '../packet/fragments.ts'
import { Packet } from '../packet/packet.ts'
import { IP_FRAGMENT } from '../packet/reason.ts'
import { reassemble } from '../packet/reassemble.ts'

/** As the sensor has them. */
const FRAGMENT_LIMITS = { datagrams: 4096, bytes: 16 << 20 }
/** Datagrams whose frames are remembered; of more the oldest are forgotten. */
const DATAGRAMS_MAX = 4096
const PIECES_MAX = 256
const NO_PIECES: readonly number[] = []

/** The frame at hand. One object, changed from frame to frame. */
export class Frame {
  /** In its file, from 1. */
  number = 0
  /** Its own time, and the newest that was seen until then: the sensor's. */
  timeUs = 0
  nowUs = 0
  /** Number of the frame that has that newest time. */
  clock = 0
  /** Captured length. */
  bytes = 0
  readonly packet = new Packet()
  /** Whether `packet` describes it: TCP or UDP, perhaps put together from earlier frames, too. */
  isPacket = false
  /** Numbers of the earlier frames that hold the other pieces of it. */
  pieces: readonly number[] = NO_PIECES
  readonly #key = new FlowKey()
  #knownWords = new Int32Array(0)
  #knownId = ''

  /** The community id of its flow, which is hashed once for packets of one flow in a row. */
  get flow(): string {
    const key = this.#key
    key.take(this.packet)
    const words = key.words.subarray(0, key.length)
    if (words.length === this.#knownWords.length && words.every((word, i) => word === this.#knownWords[i]))
      return this.#knownId
    const { bytes, sourceStart, targetStart, addressBytes, sourcePort, targetPort, protocol } = this.packet
    this.#knownWords = words.slice()
    this.#knownId = communityId(bytes, sourceStart, targetStart, addressBytes, sourcePort, targetPort, protocol)
    return this.#knownId
  }
}

export interface Walked {
  /** Why it could not be read to its end. */
  faults: readonly CaptureFault[]
  /** The last frame that was read; 0 for none. */
  last: number
}

/**
 * Shows the frames of the file at `path` to `visit`, until that returns false or the file ends. Never rejects for what
 * the file holds.
 */
export async function walk(path: string, visit: (frame: Frame) => boolean, signal?: AbortSignal): Promise<Walked> {
  const capture = await openCapture(path, signal ? { signal } : {})
  const frame = new Frame()
  const fragments = new FragmentTable(FRAGMENT_LIMITS)
  const pieces = new Pieces()
  const { packet } = frame
  frame.nowUs = Number.NEGATIVE_INFINITY
  try {
    for (let block = await capture.next(); block !== null; block = await capture.next()) {
      signal?.throwIfAborted()
      const { bytes, start, end, originalLength, timeUs, link, count, firstPacket } = block
      for (let i = 0; i < count; i++) {
        const { linkType } = capture.links[link[i]!]!
        frame.number = firstPacket + i
        frame.timeUs = timeUs[i]!
        if (frame.timeUs > frame.nowUs) {
          frame.nowUs = frame.timeUs
          frame.clock = frame.number
        }
        frame.bytes = end[i]! - start[i]!
        frame.pieces = NO_PIECES
        let outcome = decodePacket(bytes, start[i]!, end[i]!, originalLength[i]!, linkType, packet)
        if (outcome === IP_FRAGMENT) {
          const key = pieceKey(packet)
          const completed = fragments.completed
          outcome = reassemble(fragments, packet, frame.nowUs)
          if (fragments.completed === completed) pieces.put(key, [frame.number])
          else if (outcome === IP_FRAGMENT) pieces.put(pieceKey(packet), [...pieces.take(key), frame.number])
          else frame.pieces = pieces.take(key)
        }
        frame.isPacket = outcome >= 0
        if (!visit(frame)) return { faults: capture.faults, last: frame.number }
      }
    }
    return { faults: capture.faults, last: frame.number }
  } finally {
    await capture.close()
  }
}

/** Which frames hold the pieces of datagrams that are not whole yet. */
class Pieces {
  readonly #numbers = new Map<string, number[]>()

  put(key: string, numbers: readonly number[]): void {
    const all = [...this.take(key), ...numbers]
    this.#numbers.set(key, all.slice(-PIECES_MAX))
    if (this.#numbers.size > DATAGRAMS_MAX) this.#numbers.delete(this.#numbers.keys().next().value!)
  }

  take(key: string): readonly number[] {
    const numbers = this.#numbers.get(key)
    this.#numbers.delete(key)
    return numbers ?? NO_PIECES
  }
}

/** What the pieces of one datagram have in common, as fragments.ts has it. */
function pieceKey({ bytes, sourceStart, targetStart, addressBytes, fragmentId, protocol, ipVersion }: Packet): string {
  const source = latin1(bytes, sourceStart, sourceStart + addressBytes)
  const target = latin1(bytes, targetStart, targetStart + addressBytes)
  return `${source}${target} ${fragmentId} ${ipVersion === 4 ? protocol : ''}`
}
