/**
 * The open alerts by client and rule. A client may have tens of thousands of
 * them, so whoever looks for some is not shown the others.
 */

import type { LiveAlert } from './live-alert.ts'

const NONE: ReadonlySet<LiveAlert> = new Set()

export class ClientAlerts {
  readonly #byRule = new Map<string, Map<string, Set<LiveAlert>>>() // client, then rule
  readonly #withheld = new Map<string, Set<LiveAlert>>()

  add(alert: LiveAlert): void {
    const ofClient = this.#byRule.get(alert.client)
    if (!ofClient) {
      this.#byRule.set(alert.client, new Map([[alert.rule.id, new Set([alert])]]))
      return
    }
    const ofRule = ofClient.get(alert.rule.id)
    if (ofRule) ofRule.add(alert)
    else ofClient.set(alert.rule.id, new Set([alert]))
  }

  remove(alert: LiveAlert): void {
    this.#noMoreWithheld(alert)
    const ofClient = this.#byRule.get(alert.client)
    const ofRule = ofClient?.get(alert.rule.id)
    if (!ofRule?.delete(alert) || ofRule.size > 0) return
    ofClient!.delete(alert.rule.id)
    if (ofClient!.size === 0) this.#byRule.delete(alert.client)
  }

  /** Nothing of the alert leaves until `release`. */
  withhold(alert: LiveAlert): void {
    alert.isWithheld = true
    const ofClient = this.#withheld.get(alert.client)
    if (ofClient) ofClient.add(alert)
    else this.#withheld.set(alert.client, new Set([alert]))
  }

  release(alert: LiveAlert): void {
    alert.isWithheld = false
    this.#noMoreWithheld(alert)
  }

  /** The alerts of `client` and any of these rules. */
  *of(client: string, rules: readonly string[]): Generator<LiveAlert> {
    const ofClient = this.#byRule.get(client)
    if (ofClient) for (const rule of rules) yield* ofClient.get(rule) ?? NONE
  }

  /** The alerts of `client` that are withheld. */
  withheldOf(client: string): ReadonlySet<LiveAlert> {
    return this.#withheld.get(client) ?? NONE
  }

  #noMoreWithheld(alert: LiveAlert): void {
    const ofClient = this.#withheld.get(alert.client)
    if (ofClient?.delete(alert) && ofClient.size === 0) this.#withheld.delete(alert.client)
  }
}
