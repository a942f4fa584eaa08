/**
 * The first bytes of one direction of a TCP connection, put in order.
 *
 * Segments may come in any order, twice, overlapping, and cut anywhere. The
 * stream keeps a copy of what it was given at its place in one buffer, up to a
 * limit: nobody's hello is longer, and everything kept must have a bound. When
 * two segments disagree about a byte, the first one wins.
 *
 * Sequence numbers are 32-bit and wrap (RFC 9293 section 3.4): `(a - b) | 0`
 * is the signed distance.
 */

import { Assembler } from '../bytes/assembler.ts'

const BUFFER_BYTES_FIRST = 4096

const EMPTY = new Uint8Array(0)

/** The bytes that all streams together may keep: a crowd of half hellos must not fill the memory. */
export class StreamBudget {
  readonly limit: number
  used = 0

  /** @param limit in bytes */
  constructor(limit: number) {
    this.limit = limit
  }
}

export class Stream {
  /** The bytes in order; [0, contiguous) are there. Belongs to the stream. */
  buffer: Uint8Array = EMPTY
  readonly #limit: number
  readonly #budget: StreamBudget
  readonly #assembler = new Assembler()
  #begin = 0
  #beginIsKnown = false

  /**
   * @param limit most bytes it will keep
   * @param budget shared with the other streams; give back with `release`
   */
  constructor(limit: number, budget = new StreamBudget(Number.POSITIVE_INFINITY)) {
    this.#limit = limit
    this.#budget = budget
  }

  /** Gives the buffer back: the stream is not used any more. */
  release(): void {
    this.#budget.used -= this.buffer.length
    this.buffer = EMPTY
  }

  /** How many bytes are there without a hole, from the first byte on. */
  get contiguous(): number {
    return this.#assembler.contiguous
  }

  /** Says that the stream begins with sequence number `sequence`; known from a SYN. */
  begin(sequence: number): void {
    if (this.#beginIsKnown) return
    if (this.#assembler.isEmpty) this.#begin = sequence
    else this.#moveBegin(sequence)
    this.#beginIsKnown = true
  }

  /** True when there is no hole and no room: more than that is never kept. */
  get isFull(): boolean {
    return this.#assembler.contiguous >= this.#limit
  }

  /** True when nothing is kept. */
  get isEmpty(): boolean {
    return this.#assembler.isEmpty
  }

  /** True when nothing is kept and a segment with this sequence number is the first: it can be parsed where it lies. */
  isFirst(sequence: number): boolean {
    return this.#assembler.isEmpty && (!this.#beginIsKnown || sequence === this.#begin)
  }

  /**
   * Says that the first `count` bytes are done with: the stream begins after them. They may lie in the stream, or be
   * those of a segment that `isFirst` and was not added; then `sequence` is its number.
   */
  consume(count: number, sequence = this.#begin): void {
    if (this.#assembler.isEmpty) this.#begin = sequence
    else this.buffer.copyWithin(0, count, this.#assembler.end)
    this.#assembler.drop(count)
    this.#begin = (this.#begin + count) | 0
    this.#beginIsKnown = true
  }

  /**
   * Gives up what is missing at the beginning: the stream then begins with the first byte that is there.
   * @returns how many bytes were given up; 0 when nothing is missing, or nothing is there
   */
  skipHole(): number {
    const hole = this.#assembler.start
    if (hole > 0) this.consume(hole)
    return hole
  }

  /**
   * Copies the payload bytes[start, end) of a segment to its place.
   * Without a SYN the first segment seen is taken as the beginning, until an earlier one comes.
   * What lies before a beginning that is known came earlier, and is done with.
   * @returns false when some of the rest was not kept: past the limit, or too many pieces
   */
  add(sequence: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#assembler.isEmpty && !this.#beginIsKnown) this.#begin = sequence
    let offset = (sequence - this.#begin) | 0
    if (offset < 0 && !this.#beginIsKnown && this.#moveBegin(sequence)) offset = 0
    const wanted = end - start
    const skipped = Math.max(-offset, 0) // a retransmission that reaches back
    const from = offset + skipped
    const to = Math.min(offset + wanted, this.#limit)
    const isDoneWith = this.#beginIsKnown ? skipped : 0
    if (isDoneWith >= wanted) return true
    if (from >= to) return false
    if (!this.#reserve(to)) return false
    const delta = start - offset
    const kept = this.#assembler.add(from, to, (a, b) => this.#copy(bytes, a + delta, b + delta, a))
    return kept && to - from === wanted - isDoneWith
  }

  /** Makes room in front: the stream begins at `sequence`. Not when what is there would then lie past the limit. */
  #moveBegin(sequence: number): boolean {
    const by = (this.#begin - sequence) | 0
    const length = this.#assembler.end
    if (by <= 0 || by + length > this.#limit) return false
    if (!this.#reserve(length + by)) return false
    this.buffer.copyWithin(by, 0, length)
    this.#assembler.shift(by)
    this.#begin = sequence
    return true
  }

  #copy(bytes: Uint8Array, start: number, end: number, at: number): void {
    const { buffer } = this
    for (let i = start; i < end; i++) buffer[at + i - start] = bytes[i]!
  }

  /** Makes room for `length` bytes; false when the budget of all streams is used up. */
  #reserve(length: number): boolean {
    const before = this.buffer.length
    if (length <= before) return true
    const after = Math.max(BUFFER_BYTES_FIRST, 2 ** Math.ceil(Math.log2(length)))
    if (this.#budget.used + after - before > this.#budget.limit) return false
    this.#budget.used += after - before
    // not cleared: only bytes that were copied in are ever read
    const larger = Buffer.allocUnsafeSlow(after)
    larger.set(this.buffer)
    this.buffer = larger
    return true
  }
}
