/**
 * Who stands for others: an address that answers DNS questions is a resolver,
 * one that is asked for tunnels to somewhere else is a proxy. What they ask
 * themselves, somebody behind them wants.
 */

export type Role = 'host' | 'resolver' | 'proxy'

export class Roles {
  readonly #limit: number
  readonly #roles = new Map<string, Role>()

  /** @param limit most addresses that are kept; a network has few that stand for others, so the first ones are */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Says that `address` answered a DNS question, or was asked for a tunnel. A proxy stays one. */
  standsForOthers(address: string, role: 'resolver' | 'proxy'): void {
    const known = this.#roles.get(address)
    if (known === 'proxy' || known === role) return
    if (known !== undefined || this.#roles.size < this.#limit) this.#roles.set(address, role)
  }

  of(address: string): Role {
    return this.#roles.get(address) ?? 'host'
  }
}
