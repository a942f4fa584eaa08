/**
 * Which rules a name or an address meets.
 *
 * Each rule answers for itself with its most specific indicator, so a name
 * gives at most one match a rule, whatever else the packs hold.
 */

import type { DomainIndicator, HostingIndicator, Indicator, NetworkIndicator, Pack, Rule } from '../packs/pack.ts'
import { stronger } from './confidence.ts'
import { DomainSet } from './domain-set.ts'
import { NetworkSet } from './network-set.ts'

export interface Match<I extends Indicator = Indicator> {
  pack: Pack
  rule: Rule
  indicator: I
}

interface CompiledRule {
  pack: Pack
  rule: Rule
  domains: DomainIndicator[]
  domainSet: DomainSet
  networks: NetworkIndicator[]
  networkSet: NetworkSet
  hosting: Map<string, HostingIndicator>
}

export class Matcher {
  readonly #rules: CompiledRule[]
  /** All names of all rules: nearly every name that is asked for is in none of them, and this says so at once. */
  readonly #anyDomain: DomainSet

  constructor(packs: readonly Pack[]) {
    this.#rules = packs.flatMap((pack) => pack.rules.map((rule) => compile(pack, rule)))
    this.#anyDomain = new DomainSet(this.#rules.flatMap((rule) => rule.domains))
  }

  /** Does any rule watch `name`? */
  watches(name: string): boolean {
    return this.#anyDomain.find(name) >= 0
  }

  /** The rules that watch `name`, in the order of the packs. */
  byName(name: string): Array<Match<DomainIndicator>> {
    const matches: Array<Match<DomainIndicator>> = []
    if (!this.watches(name)) return matches
    for (const { pack, rule, domains, domainSet } of this.#rules) {
      const found = domainSet.find(name)
      if (found >= 0) matches.push({ pack, rule, indicator: domains[found]! })
    }
    return matches
  }

  /** The rules that watch the address of `length` bytes (4 or 16) at `at`. */
  byAddress(bytes: Uint8Array, at: number, length: number): Array<Match<NetworkIndicator>> {
    const matches: Array<Match<NetworkIndicator>> = []
    for (const { pack, rule, networks, networkSet } of this.#rules) {
      if (networks.length === 0) continue
      const found = networkSet.find(bytes, at, length)
      if (found >= 0) matches.push({ pack, rule, indicator: networks[found]! })
    }
    return matches
  }

  /** The rules that watch the networks of `asn` in `country`. */
  byHosting(country: string, asn: number): Array<Match<HostingIndicator>> {
    const matches: Array<Match<HostingIndicator>> = []
    for (const { pack, rule, hosting } of this.#rules) {
      const indicator = hosting.get(`${country} ${asn}`)
      if (indicator) matches.push({ pack, rule, indicator })
    }
    return matches
  }
}

function compile(pack: Pack, rule: Rule): CompiledRule {
  const domains = withInheritedConfidence(rule.indicators.filter((i) => i.kind === 'domain'))
  const networks = rule.indicators.filter((i) => i.kind === 'network')
  const hosting = rule.indicators.filter((i) => i.kind === 'hosting')
  return {
    pack,
    rule,
    domains,
    domainSet: new DomainSet(domains),
    networks,
    networkSet: new NetworkSet(networks.map((network) => network.value)),
    hosting: new Map(hosting.map((indicator) => [`${indicator.country} ${indicator.asn}`, indicator])),
  }
}

/**
 * An entry below a suffix that is also watched says what the name is for; that the name belongs to the service is
 * known from the suffix. So it is at least as sure as that.
 */
function withInheritedConfidence(domains: DomainIndicator[]): DomainIndicator[] {
  const suffixes = new Map(domains.filter((d) => d.match === 'suffix').map((d) => [d.value, d.confidence]))
  return domains.map((domain) => {
    let confidence = domain.confidence
    for (let dot = domain.value.indexOf('.'); dot >= 0; dot = domain.value.indexOf('.', dot + 1)) {
      confidence = stronger(confidence, suffixes.get(domain.value.slice(dot + 1)) ?? confidence)
    }
    return confidence === domain.confidence ? domain : { ...domain, confidence }
  })
}
