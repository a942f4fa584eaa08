/**
 * Who stands for others: addresses that answered DNS questions are resolvers,
 * so a question from one of them is not its own.
 */

export class Resolvers {
  readonly #limit: number
  readonly #addresses = new Set<string>()

  /** @param limit most addresses that are kept; the network has few resolvers, so the first ones are */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Says that `address` answered a DNS question. */
  answered(address: string): void {
    if (this.#addresses.size < this.#limit) this.#addresses.add(address)
  }

  has(address: string): boolean {
    return this.#addresses.has(address)
  }
}
