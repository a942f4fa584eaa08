/**
 * What the machines of the network are called: as they say themselves on the
 * link or when they ask for an address, or as the network's own reverse DNS
 * says. It tells an analyst who an address was when it was seen. Anybody can
 * claim a name, so it is never evidence of anything.
 *
 * Bounded: the address that was named longest ago goes first. A better source
 * is not replaced by a lesser one for a day, since leases end and addresses go
 * to others.
 */

/** From the one that says least of the machine itself. */
const SOURCES = ['dns', 'llmnr', 'nbns', 'dhcp', 'mdns'] as const
export type NameSource = (typeof SOURCES)[number]

const KEPT_US = 86_400e6
const NAME_CHARACTERS_MAX = 255
/** Clients of DHCP whose names are remembered: they ask again within days. */
const CLAIMS_MAX = 4096

interface Named {
  name: string
  rank: number
  timeUs: number
}

export class AssetNames {
  readonly #limit: number
  readonly #named = new Map<string, Named>()
  readonly #claims = new Map<string, string>() // by client, the oldest first
  /** Addresses that were forgotten for want of room. */
  forgotten = 0
  /** Names that clients of DHCP said and that were forgotten for want of room. */
  claimsForgotten = 0

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

  /** Remembers what a client of DHCP calls itself, for the addresses that it is given. @param client its identifier */
  claim(client: string, name: string): void {
    this.#claims.delete(client)
    this.#claims.set(client, name)
    if (this.#claims.size <= CLAIMS_MAX) return
    this.#claims.delete(this.#claims.keys().next().value!)
    this.claimsForgotten++
  }

  /** What a client of DHCP called itself last; empty when it said nothing. */
  claimOf(client: string): string {
    return this.#claims.get(client) ?? ''
  }

  /** What `address` is called; empty when nobody said. As it was said: never trust it in a terminal or a page. */
  of(address: string): string {
    return this.#named.get(address)?.name ?? ''
  }
}
