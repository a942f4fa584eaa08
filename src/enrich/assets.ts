/**
 * What the machines of the network are called: as they say themselves on the
 * link, or as the network's own reverse DNS says. It tells an analyst whom an
 * address was when it was seen. Anybody can claim a name, so it is never
 * evidence of anything.
 *
 * Bounded: the address that was named longest ago goes first. A better source
 * is not replaced by a lesser one for a day, since leases end and addresses go
 * to others.
 */

/** From the one that says least of the machine itself. */
const SOURCES = ['dns', 'llmnr', 'nbns', 'mdns'] as const
export type NameSource = (typeof SOURCES)[number]

const KEPT_US = 86_400e6
const NAME_CHARACTERS_MAX = 255

interface Named {
  name: string
  rank: number
  timeUs: number
}

export class AssetNames {
  readonly #limit: number
  readonly #named = new Map<string, Named>()
  /** Addresses that were forgotten for want of room. */
  forgotten = 0

  /** @param limit most addresses that are kept */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Learns that `address` is called `name`. */
  learn(address: string, name: string, source: NameSource, timeUs: number): void {
    if (address === '' || name === '' || name.length > NAME_CHARACTERS_MAX) return
    const rank = SOURCES.indexOf(source)
    const known = this.#named.get(address)
    if (known && known.rank > rank && timeUs - known.timeUs < KEPT_US) return
    this.#named.delete(address)
    this.#named.set(address, { name, rank, timeUs })
    if (this.#named.size > this.#limit) {
      this.#named.delete(this.#named.keys().next().value!)
      this.forgotten++
    }
  }

  /** What `address` is called; empty when nobody said. As it was said: never trust it in a terminal or a page. */
  of(address: string): string {
    return this.#named.get(address)?.name ?? ''
  }
}
