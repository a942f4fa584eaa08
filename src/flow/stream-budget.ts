/**
 * The bytes that all streams together may keep: a crowd of half hellos must not
 * fill the memory. Buffers of the usual size are given out again when their
 * streams are over: each would lie outside the heap and wait for the garbage
 * collector.
 */

/** What a stream begins with: most hellos fit. */
export const BLOCK_BYTES = 4096
/** Most that wait to be used again. */
const SPARE_MAX = 256

const EMPTY = new Uint8Array(0)

export class StreamBudget {
  readonly limit: number
  used = 0
  readonly #spare: Uint8Array[] = []

  /** @param limit in bytes */
  constructor(limit: number) {
    this.limit = limit
  }

  /**
   * A buffer for at least `length` bytes, with anything in it; undefined when that is more than may be kept.
   * @param before what it is taken instead of, and must be given back when its bytes were copied
   */
  take(length: number, before: Uint8Array = EMPTY): Uint8Array | undefined {
    const size = Math.max(BLOCK_BYTES, 2 ** Math.ceil(Math.log2(length)))
    if (this.used + size - before.length > this.limit) return undefined
    this.used += size
    return (size === BLOCK_BYTES ? this.#spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(size)
  }

  /** Takes a buffer back: nobody reads it any more. */
  give(buffer: Uint8Array): void {
    this.used -= buffer.length
    if (buffer.length === BLOCK_BYTES && this.#spare.length < SPARE_MAX) this.#spare.push(buffer)
  }
}
