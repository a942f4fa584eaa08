/**
 * The bytes of a CRYPTO stream in order, RFC 9000 sections 7.5 and 19.6.
 *
 * Slices may come in any order, twice and overlapping, however small: Chromium
 * sends its hello as a dozen slices in random order over two packets, and
 * Firefox cuts through the server name. What came first stays. The stream
 * keeps a copy, or what it is given for good; it is bounded in bytes and in
 * pieces, of which the nearest to the beginning stay: junk far behind the hello
 * must not push it out.
 */

import { Assembler } from '../../bytes/assembler.ts'

const BUFFER_BYTES_FIRST = 2048 // a hello with a post-quantum key share has about 1,800

/** Most bytes kept of one stream: a hello of more is nobody's, and servers need only keep 4,096 (section 7.5). */
export const CRYPTO_BYTES_MAX = 65_536

/** Most pieces with holes between them: two full packets of slices of one byte, every other one missing. */
const PIECES_MAX = 512

const EMPTY = new Uint8Array(0)
const IS_THERE = () => {}

export class CryptoStream {
  /** [0, contiguous) are there. Belongs to the stream. */
  buffer: Uint8Array = EMPTY
  readonly #assembler = new Assembler(PIECES_MAX)

  /** How many bytes are there without a hole, from the first byte on. */
  get contiguous(): number {
    return this.#assembler.contiguous
  }

  /**
   * Copies bytes[start, end) to `offset` of the stream.
   * @returns false past the limit, or when there are too many pieces: then the farthest of them is not kept
   */
  add(offset: number, bytes: Uint8Array, start: number, end: number): boolean {
    const to = offset + end - start
    if (to > CRYPTO_BYTES_MAX) return false
    this.#reserve(to)
    const delta = start - offset
    const onNew = (a: number, b: number) => this.buffer.set(bytes.subarray(a + delta, b + delta), a)
    if (this.#assembler.add(offset, to, onNew)) return true
    if (this.#assembler.forgetLast(to)) this.#assembler.add(offset, to, onNew)
    return false
  }

  /**
   * The same of bytes that nobody else writes to: while they are the only ones, and begin the stream, they are its
   * buffer. Most hellos come whole.
   */
  adopt(offset: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (offset > 0 || this.buffer.length > 0 || end - start > CRYPTO_BYTES_MAX)
      return this.add(offset, bytes, start, end)
    this.buffer = bytes.subarray(start, end)
    return this.#assembler.add(0, end - start, IS_THERE)
  }

  #reserve(length: number): void {
    if (length <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(BUFFER_BYTES_FIRST, 2 ** Math.ceil(Math.log2(length))))
    larger.set(this.buffer)
    this.buffer = larger
  }
}
