/**
 * What a client sends for the beginning of its stream before the server says
 * anything, in pieces as they came: for one place there may be several, and
 * which of them the server took is decided behind us (decision 0018).
 *
 *   place      0      90     200         517
 *   pieces     |- a --|
 *                     |- b ---------------|
 *              |- c ---------|
 *   stretches  |  ac  |  bc  |     b      |      two versions, two, one: four ways to read them
 *
 * Once a piece says something else than those before it, all ways are given of
 * which a new one is a part, the first of them with all of it and with pieces
 * that were sent as it was. A byte that is marked as urgent (RFC 9293 section
 * 3.8.5) has one more version: that it is not there, as a server sees it that
 * does not ask for it.
 */

import type { StreamBudget } from '../flow/stream-budget.ts'

/** Two dozen parts with a decoy before and behind each of them. */
const PIECES_MAX = 72
/** Ways that are tried for one connection, and one more for each piece that comes then. */
const WAYS_MAX = 96
/** Ways that are tried for one piece. */
const WAYS_OF_PIECE_MAX = 32
const URGENT_MAX = 8

const NOTHING = new Uint8Array(0)

interface Piece {
  /** Offsets in the stream, [start, end). */
  start: number
  end: number
  bytes: Uint8Array
  /** How it was sent: those that the server takes were mostly sent alike. */
  manner: number
  /** Whether its checksum is right; undefined for a piece that came when there was one version. */
  isRight: boolean | undefined
}

/** The bytes of a piece for a stretch [at, end). */
interface Part {
  at: number
  end: number
  bytes: Uint8Array
  from: Piece
}

/** What one way gives for a stretch without a hole. */
export interface Run {
  /** Offset in the stream. */
  at: number
  bytes: Uint8Array
}

export class Versions {
  /** Sequence number at which the stream begins. */
  readonly begin: number
  readonly #budget: StreamBudget
  readonly #pieces: Piece[] = []
  /** Offsets of bytes that are urgent. */
  readonly #urgent: number[] = []
  /** What the bytes of pieces lie in; the last one is filled up to `#filled`. */
  readonly #blocks: Uint8Array[] = []
  #filled = 0
  #came = 0
  #notKept = 0
  #isContested: boolean
  #waysLeft = WAYS_MAX

  /**
   * @param isContested is the next piece for something that was read already?
   * @param budget for all connections together; give back with `release`
   */
  constructor(begin: number, isContested: boolean, budget: StreamBudget) {
    this.begin = begin
    this.#isContested = isContested
    this.#budget = budget
  }

  release(): void {
    for (const block of this.#blocks) this.#budget.give(block)
    this.#blocks.length = 0
    this.#pieces.length = 0
  }

  /** Was all said at once, and once? */
  get isOne(): boolean {
    return this.#came === 1 && !this.#isContested
  }

  /** Pieces that could not be kept, and those of which not all ways were tried. */
  get notKept(): number {
    return this.isOne ? 0 : this.#notKept
  }

  /** Says that the byte at offset `at` is urgent. */
  markUrgent(at: number): void {
    this.#isContested = true
    if (this.#urgent.length < URGENT_MAX) this.#urgent.push(at)
    else this.#notKept++
  }

  /**
   * Takes bytes[start, end), which begin at offset `at`.
   * @param isRight says whether its checksum is right, which costs as much as all the rest: asked once there are versions
   * @returns the ways to read the stream that are new with it
   */
  add(at: number, bytes: Uint8Array, start: number, end: number, manner: number, isRight: () => boolean): Run[][] {
    const length = end - start
    const piece: Piece = {
      start: at,
      end: at + length,
      bytes: bytes.subarray(start, end),
      manner,
      isRight: undefined,
    }
    this.#came++
    if (this.#pieces.some((other) => other.start === at && other.end === piece.end && !differ(other, piece))) return []
    const kept = this.#pieces.length < PIECES_MAX ? this.#copy(piece.bytes) : undefined
    if (kept === undefined) {
      this.#notKept++
      return []
    }
    this.#isContested ||= this.#pieces.some((other) => differ(other, piece))
    piece.bytes = kept
    this.#pieces.push(piece)
    if (!this.#isContested) return []
    piece.isRight = isRight()
    return this.#waysWith(piece)
  }

  /** A copy that stays until `release`; undefined when there is no room for it. */
  #copy(bytes: Uint8Array): Uint8Array | undefined {
    let block = this.#blocks.at(-1)
    if (block === undefined || block.length - this.#filled < bytes.length) {
      block = this.#budget.take(bytes.length)
      if (block === undefined) return undefined
      this.#blocks.push(block)
      this.#filled = 0
    }
    const kept = block.subarray(this.#filled, this.#filled + bytes.length)
    kept.set(bytes)
    this.#filled += bytes.length
    return kept
  }

  #waysWith(piece: Piece): Run[][] {
    const urgent = this.#urgent.flatMap((at) => [at, at + 1])
    const all = [...this.#pieces.flatMap((one) => [one.start, one.end]), ...urgent]
    const borders = [...new Set(all)].sort((a, b) => a - b)
    const stretches = borders
      .slice(1)
      .map((end, i) => this.#versions(piece, borders[i]!, end))
      .filter(({ length }) => length > 0)
    const count = stretches.reduce((product, { length }) => product * length, 1)
    const ways: Part[][] = []
    for (let i = 0; i < Math.min(count, WAYS_OF_PIECE_MAX); i++) {
      let rest = i
      const way = stretches.map((versions) => {
        const version = versions[rest % versions.length]!
        rest = Math.floor(rest / versions.length)
        return version
      })
      if (way.some(({ from }) => from === piece)) ways.push(way)
    }
    // the first one always: however much was sent to use up the others
    const tried = ways.slice(0, Math.max(this.#waysLeft, 1))
    if (count > WAYS_OF_PIECE_MAX || tried.length < ways.length) this.#notKept++
    this.#waysLeft = Math.max(this.#waysLeft - tried.length, 0)
    return tried.map(joined)
  }

  /** The different bytes for the stretch [at, end), which lies between two borders: those of the piece first. */
  #versions(piece: Piece, at: number, end: number): Part[] {
    const covering = this.#pieces.filter((one) => one.start <= at && one.end >= end)
    covering.sort((a, b) => likeness(b, piece) - likeness(a, piece))
    const versions: Part[] = []
    for (const from of covering) {
      const bytes = slice(from, at, end)
      if (!versions.some((other) => Buffer.compare(other.bytes, bytes) === 0)) versions.push({ at, end, bytes, from })
    }
    if (covering[0] && this.#urgent.includes(at)) versions.push({ at, end, bytes: NOTHING, from: covering[0] })
    return versions
  }
}

function joined(way: readonly Part[]): Run[] {
  const begins = way.flatMap(({ at }, i) => (at === way[i - 1]?.end ? [] : [i]))
  return begins.map((begin, i) => ({
    at: way[begin]!.at,
    bytes: Buffer.concat(way.slice(begin, begins[i + 1]).map(({ bytes }) => bytes)),
  }))
}

/** Do the two hold different bytes for the same place? */
function differ(one: Piece, other: Piece): boolean {
  const start = Math.max(one.start, other.start)
  const end = Math.min(one.end, other.end)
  return start < end && Buffer.compare(slice(one, start, end), slice(other, start, end)) !== 0
}

function likeness(one: Piece, other: Piece): number {
  return one === other ? 2 : Number(one.manner === other.manner && one.isRight === other.isRight)
}

function slice(piece: Piece, at: number, end: number): Uint8Array {
  return piece.bytes.subarray(at - piece.start, end - piece.start)
}
