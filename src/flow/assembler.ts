/**
 * Which bytes of a stream are there: a short sorted list of half-open ranges.
 *
 *   ranges   [0, 517)  [1460, 2920)          in one Int32Array: 0 517 1460 2920
 *            ^ contiguous = 517
 *
 * Offsets count from the first byte of the stream. Touching ranges are joined.
 * It holds no bytes; `flow/stream.ts` does, and asks here which ones are new.
 */

const RANGES_MAX = 32

export class Assembler {
  readonly #bounds = new Int32Array(RANGES_MAX * 2)
  #count = 0 // ranges, not bounds

  /** How many bytes are there without a hole, from offset 0. */
  get contiguous(): number {
    return this.#count > 0 && this.#bounds[0] === 0 ? this.#bounds[1]! : 0
  }

  /** Where the last range ends; 0 when nothing is there. */
  get end(): number {
    return this.#count > 0 ? this.#bounds[2 * this.#count - 1]! : 0
  }

  /** True when nothing is there. */
  get isEmpty(): boolean {
    return this.#count === 0
  }

  /**
   * Calls `onNew(start, end)` for each part of [start, end) that is not there
   * yet, and then adds it all. What came first stays: a later copy of the same
   * bytes is never looked at, so nobody can rewrite what was already judged.
   * @returns false, with nothing added, when there are too many pieces to follow
   */
  add(start: number, end: number, onNew: (start: number, end: number) => void): boolean {
    if (start >= end) return true
    const bounds = this.#bounds
    let first = 0 // the first range that touches or follows [start, end)
    while (first < this.#count && bounds[2 * first + 1]! < start) first++
    let after = first // one past the last range that touches it
    while (after < this.#count && bounds[2 * after]! <= end) after++
    if (after === first && this.#count === RANGES_MAX) return false

    let at = start
    for (let i = first; i < after; i++) {
      if (at < bounds[2 * i]!) onNew(at, bounds[2 * i]!)
      at = Math.max(at, bounds[2 * i + 1]!)
    }
    if (at < end) onNew(at, end)

    const joinedStart = after > first ? Math.min(start, bounds[2 * first]!) : start
    const joinedEnd = after > first ? Math.max(end, bounds[2 * after - 1]!) : end
    bounds.copyWithin(2 * first + 2, 2 * after, 2 * this.#count)
    bounds[2 * first] = joinedStart
    bounds[2 * first + 1] = joinedEnd
    this.#count += 1 - (after - first)
    return true
  }

  /** Moves everything `by` bytes up: the stream turned out to begin earlier. */
  shift(by: number): void {
    for (let i = 0; i < 2 * this.#count; i++) this.#bounds[i]! += by
  }
}
