/**
 * Hashes of texts that come again and again: the lists that the clients of a
 * network send are some hundred. A text that was there before costs neither a
 * string nor its hash.
 */

import { latin1 } from './text.ts'
import { TextCache } from './text-cache.ts'

/** Longest text that is kept: longer ones are nobody's but a flood's. */
const KEPT_BYTES_MAX = 1024

export class TextHashes {
  /** The text that was taken last, one character per byte, and its hash. */
  text = ''
  hash = ''
  readonly #cache: TextCache
  readonly #hashes: string[]
  readonly #hashOf: (text: string) => string

  /**
   * @param places a power of two: at most so many texts are kept, of 1,024 characters at most
   * @param hashOf the same for the same text
   */
  constructor(places: number, hashOf: (text: string) => string) {
    this.#cache = new TextCache(places)
    this.#hashes = new Array<string>(places).fill(hashOf(''))
    this.#hashOf = hashOf
  }

  /** Takes bytes[0, length) as a text: its hash is then in `hash`. */
  take(bytes: Uint8Array, length: number): void {
    if (length > KEPT_BYTES_MAX) {
      this.text = latin1(bytes, 0, length)
      this.hash = this.#hashOf(this.text)
      return
    }
    const place = this.#cache.place(bytes, 0, length)
    this.text = this.#cache.texts[place]!
    if (this.#cache.isNew) this.#hashes[place] = this.#hashOf(this.text)
    this.hash = this.#hashes[place]!
  }
}
