/**
 * Names that were seen before, known by their bytes, and what is to be said of
 * them: nearly all names of a network come again and again, and nobody watches
 * them.
 */

import { TextCache } from '../bytes/text-cache.ts'
import { encryptedDns } from '../protocol/dns/encrypted.ts'
import { isAddress } from './address-name.ts'

const NAMES = 16_384 // a network of 2,000 clients asks for some 5,000 names

const WATCHED = 1
const DOH_SERVER = 2
/** An address, and so no name. */
const ADDRESS = 4

export class KnownNames {
  readonly #cache = new TextCache(NAMES)
  readonly #verdicts = new Uint8Array(NAMES)
  readonly #watches: (name: string) => boolean
  #isAllOfInterest = false

  /** @param watches does any rule watch a name? The same answer for the same name until `renew` */
  constructor(watches: (name: string) => boolean) {
    this.#watches = watches
  }

  /**
   * Says that the rules are others.
   * @param isAllOfInterest every hello is of interest, whatever its name
   */
  renew(isAllOfInterest: boolean): void {
    this.#cache.clear()
    this.#isAllOfInterest = isAllOfInterest
  }

  /** The name bytes[start, end), one character per byte; undefined when a rule watches it. */
  unwatched(bytes: Uint8Array, start: number, end: number): string | undefined {
    const place = this.#place(bytes, start, end)
    return (this.#verdicts[place]! & WATCHED) !== 0 ? undefined : this.#cache.texts[place]!
  }

  /**
   * Is the server name bytes[start, end) of no interest: neither watched nor one of a server for encrypted DNS, and no
   * address in the place of a name?
   */
  isOrdinary(bytes: Uint8Array, start: number, end: number): boolean {
    return !this.#isAllOfInterest && this.#verdicts[this.#place(bytes, start, end)] === 0
  }

  #place(bytes: Uint8Array, start: number, end: number): number {
    const place = this.#cache.place(bytes, start, end)
    if (this.#cache.isNew) this.#verdicts[place] = this.#judge(this.#cache.texts[place]!)
    return place
  }

  #judge(name: string): number {
    const isDohServer = encryptedDns({ protocol: 'TCP', serverPort: 443, serverName: name, alpn: [] }) !== ''
    return (this.#watches(name) ? WATCHED : 0) | (isDohServer ? DOH_SERVER : 0) | (isAddress(name) ? ADDRESS : 0)
  }
}
