/**
 * Who stands for others: an address that answers DNS questions is a resolver,
 * one that opens tunnels to somewhere else is a proxy. What they ask
 * themselves, somebody behind them wants.
 */

export type Role = 'host' | 'resolver' | 'proxy'

export class Roles {
  readonly #limit: number
  readonly #roles = new Map<string, Role>()
  /** Addresses that were forgotten for want of room. */
  forgotten = 0

  /**
   * @param limit most addresses that are kept. The one learned first goes first: one of this network is learned again
   * with its next answer, and so a flood of false answers makes it forgotten for moments only
   */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Says that `address` answered a DNS question, or opened a tunnel. A proxy stays one. */
  standsForOthers(address: string, role: 'resolver' | 'proxy'): void {
    const known = this.#roles.get(address)
    if (known === 'proxy' || known === role) return
    this.#roles.set(address, role)
    if (this.#roles.size <= this.#limit) return
    this.#roles.delete(this.#roles.keys().next().value!)
    this.forgotten++
  }

  of(address: string): Role {
    return this.#roles.get(address) ?? 'host'
  }
}
