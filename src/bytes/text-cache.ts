/**
 * Texts that come again and again, made once: the names a network asks for, the
 * addresses in it. Each text has one place, by the hash of its bytes; a text
 * that comes later and belongs there takes the place over. So the cache has a
 * bound and nothing to tidy up, and who floods it with new texts pays what
 * making a text costs, and everybody else again what it cost before.
 *
 * Measured: 70 ns for a name of 25 bytes that is there, 300 ns for making it.
 */

import { latin1 } from './text.ts'

export class TextCache {
  /** The text at each place; one character per byte. */
  readonly texts: string[]
  /** Set by `place`: the text was not there, and has taken the place over. */
  isNew = false
  readonly #mask: number

  /** @param places a power of two */
  constructor(places: number) {
    this.texts = new Array<string>(places).fill('')
    this.#mask = places - 1
  }

  /** Forgets all texts. */
  clear(): void {
    this.texts.fill('')
  }

  /** The place where the text of bytes[start, end) now is. */
  place(bytes: Uint8Array, start: number, end: number): number {
    let hash = end - start
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
    const place = (hash ^ (hash >>> 15)) & this.#mask
    this.isNew = !isText(this.texts[place]!, bytes, start, end)
    if (this.isNew) this.texts[place] = latin1(bytes, start, end)
    return place
  }
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}
