/**
 * Writes the chosen frames of capture files into one pcapng file. Frames of one
 * file keep their order; those of several are merged by the sensor's time, so
 * that it never goes back in the file that comes out.
 */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { printable } from '../bytes/text.ts'
import type { Block, Capture } from '../capture/block.ts'
import { openCapture } from '../capture/open.ts'
import { PcapngFile } from './pcapng-file.ts'
import type { CutFile } from './taken.ts'

const MODE = 0o600
const ABOUT = 'Cut out by Seekwatch for a bundle of evidence; the comment of each packet says where it lay.'
const NAME_CHARACTERS_MAX = 500

/** A capture is not what it was a moment ago. */
export class ChangedError extends Error {
  override name = 'ChangedError'
}

export interface Chosen {
  path: string
  /** As it stands in the comments. */
  file: string
  /** Numbers of frames, ascending. */
  numbers: readonly number[]
  /** The sensor's time at the first of them. */
  firstUs: number
  /** What frames show, by number, for their comments. */
  notes: ReadonlyMap<number, readonly string[]>
}

/** Writes the frames to a new file. Rejects when that cannot be written; with ChangedError when a capture is another one now. */
export async function cut(out: string, chosen: readonly Chosen[], signal?: AbortSignal): Promise<CutFile> {
  const handle = await open(out, 'wx', MODE)
  const hash = createHash('sha256')
  let bytes = 0
  const pickers: Picker[] = []
  try {
    const file = new PcapngFile(async (piece) => {
      signal?.throwIfAborted()
      hash.update(piece)
      bytes += piece.length
      await handle.writeFile(piece)
    }, ABOUT)
    const waiting = chosen.filter(({ numbers }) => numbers.length > 0).sort((a, b) => a.firstUs - b.firstUs)
    for (;;) {
      let first = earliest(pickers)
      while (waiting[0] && (first === undefined || waiting[0].firstUs <= first.nowUs)) {
        pickers.push(await Picker.open(waiting.shift()!))
        first = earliest(pickers)
      }
      if (first === undefined) break
      await file.write(first.packet())
      if (await first.next()) continue
      pickers.splice(pickers.indexOf(first), 1)
      await first.close()
    }
    await file.flush()
    return { path: out, bytes, sha256: hash.digest('hex') }
  } finally {
    for (const picker of pickers) await picker.close()
    await handle.close()
  }
}

/** The SHA-256 and the length of a file as it lies on disk. */
export async function digestOf(path: string, signal?: AbortSignal): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path, signal ? { signal } : {})) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Of several, the one whose frame comes first; of those at the same time the one that was opened first. */
function earliest(pickers: readonly Picker[]): Picker | undefined {
  let first = pickers[0]
  for (const picker of pickers) if (picker.nowUs < first!.nowUs) first = picker
  return first
}

/** Stands at one chosen frame of a capture, and goes on to the next. */
class Picker {
  nowUs = Number.NEGATIVE_INFINITY
  readonly #chosen: Chosen
  readonly #capture: Capture
  #block: Block | null = null
  /** The frame in its block. */
  #i = -1
  /** Place in `numbers`. */
  #at = -1

  /** At its first frame. */
  static async open(chosen: Chosen): Promise<Picker> {
    const picker = new Picker(chosen, await openCapture(chosen.path, { exact: true }))
    await picker.next()
    return picker
  }

  constructor(chosen: Chosen, capture: Capture) {
    this.#chosen = chosen
    this.#capture = capture
  }

  /** False when there is none. */
  async next(): Promise<boolean> {
    const number = this.#chosen.numbers[++this.#at]
    if (number === undefined) return false
    for (;;) {
      const block = this.#block
      if (block !== null) {
        while (++this.#i < block.count) {
          this.nowUs = Math.max(this.nowUs, block.timeUs[this.#i]!)
          if (block.firstPacket + this.#i === number) return true
        }
      }
      this.#block = await this.#capture.next()
      this.#i = -1
      if (this.#block === null) throw new ChangedError(printable(this.#chosen.path))
    }
  }

  packet() {
    const { bytes, start, end, originalLength, timeUs, restNs, link } = this.#block!
    const i = this.#i
    const { file, numbers, notes } = this.#chosen
    const number = numbers[this.#at]!
    const name = printable(file)
    const shown = name.length > NAME_CHARACTERS_MAX ? `...${name.slice(-NAME_CHARACTERS_MAX)}` : name
    return {
      bytes,
      start: start[i]!,
      end: end[i]!,
      originalLength: originalLength[i]!,
      timeUs: timeUs[i]!,
      restNs: restNs![i]!,
      link: this.#capture.links[link[i]!]!,
      comment: [`packet ${number} of ${shown}`, ...(notes.get(number) ?? [])].join('; '),
    }
  }

  close(): Promise<void> {
    return this.#capture.close()
  }
}
