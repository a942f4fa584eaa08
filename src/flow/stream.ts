/**
 * The first bytes of one direction of a TCP connection, put in order.
 *
 * Segments may come in any order, twice, overlapping, and cut anywhere. The
 * stream keeps a copy of what it was given at its place in one buffer, up to a
 * limit: nobody's hello is longer, and everything kept must have a bound. When
 * two segments disagree about a byte, the first one wins (decision 0018). When
 * there are too many pieces, those nearest to the beginning stay.
 *
 * Where a segment begins or ends stays known for those that wait, because a
 * hello may begin there (decision 0007) in whatever order they came.
 *
 * A hole is not a loss: what is missing may be late, and a sender who wants to
 * hide a hello can make it so. It is given up only when
 *
 *   - the receiver has acknowledged it, so that it will not come again, and a
 *     segment came that begins at or behind what was acknowledged, so that it
 *     is not merely late (`lostBefore`); or
 *   - waiting on is hopeless: half of the limit is there behind the hole, and
 *     something had to be refused (`isHopeless`); or as many bytes as the limit,
 *     one after the other, lay too far away to be kept (`farEnd`); or
 *   - the connection is over.
 *
 * A segment far away proves nothing: the receiver would not take it either. To
 * hide a hello one must now send half of the limit before it, or forge
 * acknowledgments of the other side.
 *
 * Sequence numbers are 32-bit and wrap (RFC 9293 section 3.4): `(a - b) | 0`
 * is the signed distance.
 */

import { Assembler } from '../bytes/assembler.ts'
import { StreamBudget } from './stream-budget.ts'

/** Borders of segments that are remembered, the nearest to the beginning: a hello behind so many small ones may be missed. */
const BORDERS_MAX = 64

const EMPTY = new Uint8Array(0)

export class Stream {
  /** The bytes in order; [0, contiguous) are there. Belongs to the stream. */
  buffer: Uint8Array = EMPTY
  readonly #limit: number
  readonly #budget: StreamBudget
  readonly #assembler = new Assembler()
  #borders: number[] = []
  #begin = 0
  #beginIsKnown = false
  /** The receiver has everything before this number, if it is known. */
  #acknowledged: number | undefined
  /** Bytes one after the other that lay too far away to be kept, up to `#farEnd`. */
  #farBytes = 0
  #farEnd = 0

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
    this.#budget.give(this.buffer)
    this.buffer = EMPTY
  }

  /** How many bytes are there without a hole, from the first byte on. */
  get contiguous(): number {
    return this.#assembler.contiguous
  }

  /** The first border of a segment at offset `from` or behind, at most `contiguous`: with the end of the bytes it ends, too. */
  border(from: number): number {
    const { contiguous } = this.#assembler
    for (const at of this.#borders) if (at >= from) return Math.min(at, contiguous)
    return contiguous
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

  /** True when nothing is kept and a segment with this sequence number is the first: it can be parsed where it lies. */
  isFirst(sequence: number): boolean {
    return this.#assembler.isEmpty && (!this.#beginIsKnown || sequence === this.#begin)
  }

  /**
   * Says that the first `count` bytes are done with: the stream begins after them. They may lie in the stream, or be
   * those of a segment that `isFirst` and was not added; then `sequence` is its number.
   */
  consume(count: number, sequence = this.#begin): void {
    this.#farBytes = 0
    if (this.#assembler.isEmpty) this.#begin = sequence
    else this.buffer.copyWithin(0, count, this.#assembler.end)
    this.#assembler.drop(count)
    if (this.#borders.length > 0) this.#borders = this.#borders.flatMap((at) => (at > count ? at - count : []))
    this.#begin = (this.#begin + count) | 0
    this.#beginIsKnown = true
  }

  /** How many bytes are missing behind the contiguous ones; 0 when nothing is there behind them. */
  get hole(): number {
    return this.#assembler.hole
  }

  /** Says that the receiver has all bytes before `sequence`. */
  acknowledge(sequence: number): void {
    if (this.#acknowledged === undefined || ((sequence - this.#acknowledged) | 0) > 0) this.#acknowledged = sequence
  }

  /**
   * How many bytes behind the contiguous ones are lost for good, as a segment with this number proves: the receiver has
   * them, and the sender knew it.
   */
  lostBefore(sequence: number): number {
    if (this.#acknowledged === undefined || (this.#assembler.isEmpty && !this.#beginIsKnown)) return 0
    const acknowledged = (this.#acknowledged - this.#begin) | 0
    const { contiguous, hole } = this.#assembler
    if (acknowledged <= contiguous || ((sequence - this.#acknowledged) | 0) < 0) return 0
    return hole > 0 ? Math.min(hole, acknowledged - contiguous) : acknowledged - contiguous
  }

  /** After a refusal: is so much there behind the hole that it makes no sense to wait on? */
  get isHopeless(): boolean {
    const { size, contiguous } = this.#assembler
    return 2 * (size - contiguous) >= this.#limit
  }

  /** The number behind the bytes that lay too far away, if these were as many as the limit, one after the other. */
  get farEnd(): number | undefined {
    return this.#farBytes < this.#limit ? undefined : this.#farEnd
  }

  /** How many bytes lie between the contiguous ones and this number. */
  missingBefore(sequence: number): number {
    return ((sequence - this.#begin) | 0) - this.#assembler.contiguous
  }

  /**
   * Copies the payload bytes[start, end) of a segment to its place.
   * Without a SYN the first segment seen is taken as the beginning, until an earlier one comes.
   * What lies before a beginning that is known came earlier, and is done with.
   * @returns false when something was not kept: past the limit, or too many pieces
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
    if (from >= to) {
      this.#farBytes = sequence === this.#farEnd ? this.#farBytes + wanted : wanted
      this.#farEnd = (sequence + wanted) | 0
      return false
    }
    if (!this.#reserve(to)) return false
    const delta = start - offset
    const onNew = (a: number, b: number) => this.#copy(bytes, a + delta, b + delta, a)
    this.#noteBorder(from)
    this.#noteBorder(to)
    if (this.#assembler.add(from, to, onNew)) return to - from === wanted - isDoneWith
    if (this.#assembler.forgetLast(to)) this.#assembler.add(from, to, onNew)
    return false
  }

  /** Makes room in front: the stream begins at `sequence`. Not when what is there would then lie past the limit. */
  #moveBegin(sequence: number): boolean {
    const by = (this.#begin - sequence) | 0
    const length = this.#assembler.end
    if (by <= 0 || by + length > this.#limit) return false
    if (!this.#reserve(length + by)) return false
    this.buffer.copyWithin(by, 0, length)
    this.#assembler.shift(by)
    this.#borders = this.#borders.map((at) => at + by)
    this.#begin = sequence
    return true
  }

  #noteBorder(at: number): void {
    const borders = this.#borders
    const place = borders.findIndex((other) => other >= at)
    if (borders[place] === at || (place < 0 && borders.length === BORDERS_MAX)) return
    borders.splice(place < 0 ? borders.length : place, 0, at)
    if (borders.length > BORDERS_MAX) borders.pop()
  }

  #copy(bytes: Uint8Array, start: number, end: number, at: number): void {
    const { buffer } = this
    for (let i = start; i < end; i++) buffer[at + i - start] = bytes[i]!
  }

  /** Makes room for `length` bytes; false when the budget of all streams is used up. */
  #reserve(length: number): boolean {
    const before = this.buffer
    if (length <= before.length) return true
    const larger = this.#budget.take(length, before)
    if (larger === undefined) return false
    larger.set(before)
    this.#budget.give(before)
    this.buffer = larger
    return true
  }
}
