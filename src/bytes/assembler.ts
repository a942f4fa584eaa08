/**
 * Which bytes of a stream are there: a short sorted list of half-open ranges.
 *
 *   ranges   [0, 517)  [1460, 2920)          in one array: 0 517 1460 2920
 *            ^ contiguous = 517
 *
 * Offsets count from the first byte of the stream. Touching ranges are joined.
 * It holds no bytes; `flow/stream.ts` (TCP) and `protocol/quic/crypto-stream.ts`
 * do, and ask here which ones are new.
 */

const RANGES_MAX_DEFAULT = 32

export class Assembler {
  // nearly always one range or two: a plain array is made faster than a typed one with room for all
  readonly #bounds: number[] = []
  readonly #rangesMax: number

  /** @param rangesMax most ranges it will keep */
  constructor(rangesMax = RANGES_MAX_DEFAULT) {
    this.#rangesMax = rangesMax
  }

  /** How many bytes are there without a hole, from offset 0. */
  get contiguous(): number {
    return this.#bounds[0] === 0 ? this.#bounds[1]! : 0
  }

  /** Where the last range ends; 0 when nothing is there. */
  get end(): number {
    return this.#bounds.at(-1) ?? 0
  }

  /** True when nothing is there. */
  get isEmpty(): boolean {
    return this.#bounds.length === 0
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
    let first = 0 // the first range that touches or follows [start, end), as an index of bounds
    while (first < bounds.length && bounds[first + 1]! < start) first += 2
    let after = first // past the last range that touches it
    while (after < bounds.length && bounds[after]! <= end) after += 2
    if (after === first && bounds.length === 2 * this.#rangesMax) return false

    let at = start
    for (let i = first; i < after; i += 2) {
      if (at < bounds[i]!) onNew(at, bounds[i]!)
      at = Math.max(at, bounds[i + 1]!)
    }
    if (at < end) onNew(at, end)

    const touches = after > first
    const joinedStart = touches ? Math.min(start, bounds[first]!) : start
    const joinedEnd = touches ? Math.max(end, bounds[after - 1]!) : end
    bounds.splice(first, after - first, joinedStart, joinedEnd)
    return true
  }

  /** Moves everything `by` bytes up: the stream turned out to begin earlier. */
  shift(by: number): void {
    for (let i = 0; i < this.#bounds.length; i++) this.#bounds[i]! += by
  }

  /** How many bytes are there, in all ranges together. */
  get size(): number {
    const bounds = this.#bounds
    let size = 0
    for (let i = 0; i < bounds.length; i += 2) size += bounds[i + 1]! - bounds[i]!
    return size
  }

  /** How many bytes are missing behind `contiguous` before the next that are there; 0 when nothing follows. */
  get hole(): number {
    const { contiguous } = this
    const next = this.#bounds[contiguous > 0 ? 2 : 0]
    return next === undefined ? 0 : next - contiguous
  }

  /** Forgets the last range, if it begins at `offset` or later: there is room again for a piece nearer to the beginning. */
  forgetLast(offset: number): boolean {
    const bounds = this.#bounds
    if (bounds.length === 0 || bounds.at(-2)! < offset) return false
    bounds.length -= 2
    return true
  }

  /** Forgets what lies before `offset`, which becomes the new 0. No range may reach over it that begins after 0. */
  drop(offset: number): void {
    const bounds = this.#bounds
    let kept = 0
    for (let i = 0; i < bounds.length; i += 2) {
      if (bounds[i + 1]! <= offset) continue
      bounds[kept] = Math.max(bounds[i]! - offset, 0)
      bounds[kept + 1] = bounds[i + 1]! - offset
      kept += 2
    }
    bounds.length = kept
  }
}
