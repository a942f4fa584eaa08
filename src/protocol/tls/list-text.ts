/** Lists of numbers as the texts that fingerprints are hashes of, in ASCII, without GREASE. */

import { putDecimal, putHex16 } from '../../bytes/digits.ts'
import { isGrease } from './grease.ts'

const BYTES_AT_FIRST = 1024
/** A number of 16 bits and the mark before it: `-65535`. */
const NUMBER_BYTES = 6

/** A text that is built, reused from call to call. */
export class ListText {
  bytes = new Uint8Array(BYTES_AT_FIRST)
  length = 0

  clear(): void {
    this.length = 0
  }

  /** Adds one character. */
  mark(character: number): void {
    this.#reserve(1)
    this.bytes[this.length++] = character
  }

  /** Adds numbers of 16 bits in decimal, with `mark` between them. */
  decimals(values: ArrayLike<number>, mark: number): void {
    this.#reserve(values.length * NUMBER_BYTES)
    const { bytes } = this
    const start = this.length
    let at = start
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!
      if (isGrease(value)) continue
      if (at > start) bytes[at++] = mark
      at = putDecimal(bytes, at, value)
    }
    this.length = at
  }

  /** Adds the first `count` numbers of 16 bits as four hexadecimal digits each, with `mark` between them. */
  hexes(values: ArrayLike<number>, count: number, mark: number): void {
    this.#reserve(count * NUMBER_BYTES)
    const { bytes } = this
    const start = this.length
    let at = start
    for (let i = 0; i < count; i++) {
      const value = values[i]!
      if (isGrease(value)) continue
      if (at > start) bytes[at++] = mark
      at = putHex16(bytes, at, value)
    }
    this.length = at
  }

  #reserve(bytes: number): void {
    const wanted = this.length + bytes
    if (wanted <= this.bytes.length) return
    const grown = new Uint8Array(2 * wanted)
    grown.set(this.bytes)
    this.bytes = grown
  }
}
