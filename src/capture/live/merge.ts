/**
 * Packets of several feeds in the order of their time. Each feed gives its own
 * in order; a frame may go on when every other feed has one that is later, or
 * when it has been here for as long as any feed keeps a packet back: then
 * nothing earlier can come any more.
 *
 * What has to wait is copied, because a feed's block is good only until the
 * next one. The copies are bounded; beyond that the oldest goes on unasked.
 */

import { Block } from '../block.ts'

/** Most blocks of one feed that wait. A block holds what was read at once: a megabyte at most, mostly far less. */
const BLOCKS_MAX = 64
const FRAMES_MAX = 16_384
/** Most blocks that are kept to be filled again. */
const SPARE_MAX = 32

interface Waiting {
  block: Block
  /** The next frame to go on. */
  at: number
  /** When it came, monotonic milliseconds. */
  cameMs: number
}

export interface Lane<Feed> {
  readonly feed: Feed
  readonly waiting: Waiting[]
}

export class Merge<Feed> {
  readonly #lanes: Array<Lane<Feed>>
  readonly #delayMs: number
  readonly #emit: (feed: Feed, block: Block) => void
  readonly #spare: Block[] = []
  /** The frames that go on: it shares the bytes of a waiting block. */
  readonly #out = new Block(FRAMES_MAX)

  /**
   * @param feeds what will be merged
   * @param delayMs the longest that a feed keeps a packet back
   * @param emit takes frames of one feed; the block is good until it returns
   */
  constructor(feeds: readonly Feed[], delayMs: number, emit: (feed: Feed, block: Block) => void) {
    this.#lanes = feeds.map((feed) => ({ feed, waiting: [] }))
    this.#delayMs = delayMs
    this.#emit = emit
  }

  /** Takes a copy of a block, and lets go on what may. */
  add(feed: Feed, block: Block, nowMs: number): void {
    const lane = this.#lanes.find((one) => one.feed === feed)!
    lane.waiting.push({ block: copyOf(block, this.#spare.pop()), at: 0, cameMs: nowMs })
    this.drain(nowMs)
  }

  /** Lets go on what may, at `nowMs`. Infinity: everything. */
  drain(nowMs: number): void {
    for (;;) {
      const lane = this.#earliest()
      if (lane === null) return
      const [first] = lane.waiting
      const { block, at, cameMs } = first!
      const limit = this.#limitOf(lane)
      const mayGo = cameMs + this.#delayMs <= nowMs || lane.waiting.length > BLOCKS_MAX || limit.isKnown
      if (!mayGo) return
      let end = at + 1
      while (end < block.count && block.timeUs[end]! <= limit.timeUs) end++
      this.#give(lane.feed, block, at, end)
      first!.at = end
      if (end === block.count) {
        lane.waiting.shift()
        if (this.#spare.length < SPARE_MAX) this.#spare.push(block)
      }
    }
  }

  /** The lane whose next frame is the earliest. */
  #earliest(): Lane<Feed> | null {
    let earliest: Lane<Feed> | null = null
    let timeUs = Number.POSITIVE_INFINITY
    for (const lane of this.#lanes) {
      const next = nextUs(lane)
      if (next < timeUs) {
        timeUs = next
        earliest = lane
      }
    }
    return earliest
  }

  /** The earliest frame of the others: up to it this lane may go on. Known when every other lane has one. */
  #limitOf(lane: Lane<Feed>): { timeUs: number; isKnown: boolean } {
    let timeUs = Number.POSITIVE_INFINITY
    let isKnown = true
    for (const other of this.#lanes) {
      if (other === lane) continue
      if (other.waiting.length === 0) isKnown = false
      else timeUs = Math.min(timeUs, nextUs(other))
    }
    return { timeUs, isKnown }
  }

  #give(feed: Feed, block: Block, from: number, to: number): void {
    const out = this.#out
    out.bytes = block.bytes
    out.count = to - from
    out.firstPacket = block.firstPacket + from
    for (let i = from; i < to; i++) {
      out.start[i - from] = block.start[i]!
      out.end[i - from] = block.end[i]!
      out.originalLength[i - from] = block.originalLength[i]!
      out.timeUs[i - from] = block.timeUs[i]!
      out.link[i - from] = block.link[i]!
    }
    this.#emit(feed, out)
  }
}

function nextUs({ waiting }: Lane<unknown>): number {
  const [first] = waiting
  return first === undefined ? Number.POSITIVE_INFINITY : first.block.timeUs[first.at]!
}

/** The frames of `from` with their bytes, in `into` where that has room. */
function copyOf(from: Block, into: Block | undefined): Block {
  const { count } = from
  const to = into !== undefined && into.capacity >= count ? into : new Block(Math.max(count, 256))
  const first = count === 0 ? 0 : from.start[0]!
  const bytes = count === 0 ? 0 : from.end[count - 1]! - first
  if (to.bytes.length < bytes) to.bytes = new Uint8Array(bytes)
  to.bytes.set(from.bytes.subarray(first, first + bytes))
  to.count = count
  to.firstPacket = from.firstPacket
  for (let i = 0; i < count; i++) {
    to.start[i] = from.start[i]! - first
    to.end[i] = from.end[i]! - first
    to.originalLength[i] = from.originalLength[i]!
    to.timeUs[i] = from.timeUs[i]!
    to.link[i] = from.link[i]!
  }
  return to
}
