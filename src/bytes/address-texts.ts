/**
 * Texts of addresses that come again and again, made once. As text-cache.ts:
 * each address has one place, by its hash, and the next one that belongs there
 * takes it over.
 */

import { ipText } from './address.ts'
import { ADDRESS_WORDS } from './address-words.ts'

const IPV4_BYTES = 4
const IPV6_BYTES = 16

export class AddressTexts {
  readonly #mask: number
  readonly #texts: string[]
  readonly #words: Int32Array
  readonly #bytes = new Uint8Array(IPV6_BYTES)

  /** @param places a power of two */
  constructor(places: number) {
    this.#mask = places - 1
    this.#texts = new Array<string>(places).fill('')
    this.#words = new Int32Array(places * ADDRESS_WORDS)
  }

  /** The text of the address in words[at, at + ADDRESS_WORDS), which is one of IPv4 or of IPv6. */
  of(words: Int32Array, at: number, isIpv4: boolean): string {
    let hash = isIpv4 ? 1 : 0
    for (let i = 0; i < ADDRESS_WORDS; i++) hash = Math.imul(hash ^ words[at + i]!, 0x85ebca6b)
    const place = (hash ^ (hash >>> 15)) & this.#mask
    const own = place * ADDRESS_WORDS
    const known = this.#texts[place]!
    if (known !== '' && known.includes(':') !== isIpv4 && this.#has(own, words, at)) return known
    for (let i = 0; i < ADDRESS_WORDS; i++) this.#words[own + i] = words[at + i]!
    const text = this.#make(own, isIpv4)
    this.#texts[place] = text
    return text
  }

  #has(own: number, words: Int32Array, at: number): boolean {
    for (let i = ADDRESS_WORDS - 1; i >= 0; i--) if (this.#words[own + i] !== words[at + i]) return false
    return true
  }

  #make(own: number, isIpv4: boolean): string {
    const bytes = this.#bytes
    for (let i = 0; i < IPV6_BYTES; i++) bytes[i] = this.#words[own + (i >> 2)]! >>> (24 - 8 * (i & 3))
    return isIpv4 ? ipText(bytes, IPV6_BYTES - IPV4_BYTES, IPV4_BYTES) : ipText(bytes, 0, IPV6_BYTES)
  }
}
