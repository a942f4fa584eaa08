/**
 * Which rules a name, an address or a mark of a client meets.
 *
 * Each rule answers for itself with its most specific indicator, so a name
 * gives at most one match a rule, whatever else the packs hold. A rule that has
 * an exception for what is asked does not answer.
 *
 * Most of what is asked meets nothing, and finding that out makes no objects.
 */

import type { AddressTable } from '../bytes/ranges.ts'
import { CONFIDENCES } from '../events/alert.ts'
import type {
  CertificateIndicator,
  DomainIndicator,
  FingerprintIndicator,
  FrontedIndicator,
  HostingIndicator,
  Indicator,
  NetworkIndicator,
  PackHead,
  RuleHead,
  UserAgentIndicator,
} from '../packs/pack.ts'
import {
  CERTIFICATE_EXACT,
  CERTIFICATE_SUFFIX,
  type CompiledRules,
  DOMAIN_EXACT,
  DOMAIN_SUFFIX,
  FRONTED,
  fingerprintKey,
  hostingKey,
  NETWORK,
  UNLESS_EXACT,
  UNLESS_NETWORK,
  UNLESS_SUFFIX,
} from './compile.ts'
import type { AddressBytes } from './flow-facts.ts'
import { type FrontShape, frontShape, isFronted } from './fronted.ts'
import { compileGlob, type Glob, meetsGlob } from './glob.ts'
import { findParents, findWhole, NAME_CHARACTERS_MAX, NONE } from './key-table.ts'
import { addressTable } from './network-table.ts'
import { eachPosting, startOfPostings } from './postings.ts'
import { startOf, textAt } from './text-table.ts'

/** A user agent longer than that is not looked at: honest ones have a few hundred characters. */
const USER_AGENT_CHARACTERS_MAX = 2048
/** Indicators that were met and are kept as objects; more are made again when they are met. */
const DECODED_MAX = 4096

export interface Match<I extends Indicator = Indicator> {
  pack: PackHead
  rule: RuleHead
  indicator: I
}

export class Matcher {
  /** All rules, in the order of the packs. */
  readonly rules: readonly RuleHead[]
  readonly #tables: CompiledRules
  readonly #packs: readonly PackHead[]
  readonly #numbers: ReadonlyMap<string, number>
  readonly #networks: AddressTable
  readonly #clients: AddressTable
  readonly #globs: readonly Glob[]
  readonly #fronts = new Map<number, FrontShape>()
  readonly #decoded = new Map<number, Indicator>()
  readonly #found: Int32Array
  readonly #name = new Uint8Array(NAME_CHARACTERS_MAX + 1)

  constructor(tables: CompiledRules) {
    this.#tables = tables
    const packs = JSON.parse(tables.heads) as Array<PackHead & { rules: RuleHead[] }>
    this.rules = packs.flatMap(({ rules }) => rules)
    this.#packs = packs.flatMap(({ rules, ...pack }) => rules.map(() => pack))
    this.#numbers = new Map(this.rules.map(({ id }, number) => [id, number]))
    this.#networks = addressTable(tables.networks.table)
    this.#clients = addressTable(tables.clients.table)
    this.#globs = Array.from(tables.userAgents, (entry) => compileGlob(this.#value(entry)))
    for (const entry of tables.fronted) this.#fronts.set(entry, frontShape(this.#indicator(entry) as FrontedIndicator))
    this.#found = new Int32Array(tables.names.keys.labelsMax)
  }

  /** Does any rule watch `name`? */
  watches(name: string): boolean {
    const end = this.#put(name)
    return end >= 0 && this.watchesBytes(this.#name, 0, end)
  }

  /** Does any rule watch the name bytes[start, end)? Makes no text and, where none does, nothing at all. */
  watchesBytes(bytes: Uint8Array, start: number, end: number): boolean {
    const count = this.#look(bytes, start, end)
    return count > 0 && this.#metBy(bytes, start, end, count, WATCHED).entries().length > 0
  }

  /** The rules that watch `name`, in the order of the packs. */
  byName(name: string): Array<Match<DomainIndicator | FrontedIndicator>> {
    return this.#byName(name, WATCHED)
  }

  /** The rules that watch `name` where it stands in a certificate, and only there. */
  byCertificate(name: string): Array<Match<CertificateIndicator>> {
    return this.#byName(name, CERTIFIED)
  }

  /** The rules that watch the address of `length` bytes (4 or 16) at `at`. */
  byAddress(bytes: Uint8Array, at: number, length: number): Array<Match<NetworkIndicator>> {
    const { networks } = this.#tables
    let node = this.#networks.find(bytes, at, length)
    if (node === NONE) return []
    const met = new Met(this.#tables)
    for (; node !== NONE; node = networks.table.parents[node]!) {
      eachPosting(networks.postings, node, (entry) => {
        met.take(entry, NETWORK, UNLESS_NETWORK)
      })
    }
    return this.#matches(met.entries())
  }

  /** The rules that watch the networks of `asn` in `country`: by both, by the system, by the country. */
  byHosting(country: string, asn: number): Array<Match<HostingIndicator>> {
    const { hosting } = this.#tables
    if (hosting.keys.length === 0 || !/^[A-Z]{2}$/.test(country)) return []
    // nearly every flow without a name asks, and hardly any meets something
    let met: Met | undefined
    for (const key of [hostingKey(country, asn), hostingKey('', asn), hostingKey(country, 0)]) {
      const index = indexOf(hosting.keys, key)
      if (index < 0) continue
      met ??= new Met(this.#tables)
      const all = met
      eachPosting(hosting.postings, index, (entry) => all.add(entry))
    }
    return met ? this.#matches(met.entries()) : []
  }

  /** Does any rule ask for fingerprints? Else nobody has to compute them. */
  get wantsFingerprints(): boolean {
    return this.#tables.fingerprints.keys.keys.ends.length > 0
  }

  /** The rules that watch one of these fingerprints of a hello; empty where there is none. */
  byFingerprint(ja3: string, ja4: string): Array<Match<FingerprintIndicator>> {
    const { keys, postings } = this.#tables.fingerprints
    const met = new Met(this.#tables)
    for (const key of [fingerprintKey('ja3', ja3), fingerprintKey('ja4', ja4)]) {
      const end = this.#put(key)
      const index = end < 0 ? NONE : findWhole(keys, this.#name, 0, end)
      if (index !== NONE) eachPosting(postings, index, (entry) => met.add(entry))
    }
    return this.#matches(met.entries())
  }

  /** The rules that watch this user agent, each with its first indicator that it meets. */
  byUserAgent(text: string): Array<Match<UserAgentIndicator>> {
    if (this.#globs.length === 0 || text === '' || text.length > USER_AGENT_CHARACTERS_MAX) return []
    const met = new Met(this.#tables)
    this.#globs.forEach((glob, i) => {
      if (meetsGlob(text, glob)) met.add(this.#tables.userAgents[i]!)
    })
    return this.#matches(met.entries())
  }

  /**
   * Is a rule silent on this (`unless`)? Rules of other packs than these never are.
   * @param names those that led here, empty when none did
   * @param server undefined where the other end is not the server: a resolver
   */
  isSilent(rule: RuleHead, names: readonly string[], server: AddressBytes | undefined, client: AddressBytes): boolean {
    const { domains, networks, clients } = rule.unless
    if (domains.length + networks.length + clients.length === 0) return false
    const number = this.#numbers.get(rule.id)
    if (number === undefined) return false
    if (clients.length > 0 && this.#holds(this.#clients, this.#tables.clients, client, number)) return true
    if (networks.length > 0 && server && this.#holds(this.#networks, this.#tables.networks, server, number)) return true
    return domains.length > 0 && names.some((name) => this.#isExcepted(name, number))
  }

  #byName<I extends Indicator>(name: string, kinds: NameKinds): Array<Match<I>> {
    const end = this.#put(name)
    const count = end < 0 ? 0 : this.#look(this.#name, 0, end)
    return count === 0 ? [] : this.#matches(this.#metBy(this.#name, 0, end, count, kinds).entries())
  }

  #isExcepted(name: string, rule: number): boolean {
    const end = this.#put(name)
    const count = end < 0 ? 0 : this.#look(this.#name, 0, end)
    return count > 0 && this.#metBy(this.#name, 0, end, count, WATCHED).isSilent(rule)
  }

  /**
   * Puts the keys that a name meets into #found, and says how many; 0 as well where there is nothing but ends of names
   * of CDNs (`com` is one) and the name has not the shape.
   */
  #look(bytes: Uint8Array, start: number, end: number): number {
    const { names, entries } = this.#tables
    const { ends, entries: posted } = names.postings
    const count = findParents(names.keys, bytes, start, end, this.#found)
    const nameEnd = withoutDot(bytes, start, end)
    for (let i = 0; i < count; i++) {
      const key = this.#found[i]!
      for (let p = startOfPostings(names.postings, key); p < ends[key]!; p++) {
        if (entries.kinds[posted[p]!] !== FRONTED) return count
        if (isFronted(bytes, start, nameEnd, this.#fronts.get(posted[p]!)!)) return count
      }
    }
    return 0
  }

  /** What a name meets, after `#look` has put `count` keys into #found. */
  #metBy(bytes: Uint8Array, start: number, end: number, count: number, kinds: NameKinds): Met {
    const { names, entries } = this.#tables
    const { keys } = names.keys
    const nameEnd = withoutDot(bytes, start, end)
    const met = new Met(this.#tables)
    // the longest first: the most specific entry of a rule answers
    for (let i = count - 1; i >= 0; i--) {
      const key = this.#found[i]!
      const isWhole = keys.ends[key]! - startOf(keys, key) === nameEnd - start
      if (isWhole) eachPosting(names.postings, key, (entry) => met.take(entry, kinds.exact, UNLESS_EXACT))
      eachPosting(names.postings, key, (entry) => met.take(entry, kinds.suffix, UNLESS_SUFFIX))
    }
    for (let i = count - 1; i >= 0 && kinds.hasFronted; i--) {
      eachPosting(names.postings, this.#found[i]!, (entry) => {
        if (entries.kinds[entry] === FRONTED && isFronted(bytes, start, nameEnd, this.#fronts.get(entry)!))
          met.add(entry)
      })
    }
    return met
  }

  #holds(
    table: AddressTable,
    { table: { parents }, postings }: CompiledRules['networks'],
    address: AddressBytes,
    rule: number,
  ): boolean {
    const { rules, kinds } = this.#tables.entries
    let isThere = false
    for (
      let node = table.find(address.bytes, address.at, address.length);
      node !== NONE && !isThere;
      node = parents[node]!
    ) {
      eachPosting(postings, node, (entry) => {
        isThere ||= rules[entry] === rule && kinds[entry]! >= UNLESS_NETWORK
      })
    }
    return isThere
  }

  #matches<I extends Indicator>(entries: readonly number[]): Array<Match<I>> {
    return entries.map((entry) => {
      const rule = this.#tables.entries.rules[entry]!
      return { pack: this.#packs[rule]!, rule: this.rules[rule]!, indicator: this.#indicator(entry) as I }
    })
  }

  #indicator(entry: number): Indicator {
    const known = this.#decoded.get(entry)
    if (known) return known
    const { abouts, entries } = this.#tables
    const about = JSON.parse(textAt(abouts, entries.abouts[entry]!)) as Indicator
    const confidence = CONFIDENCES[entries.confidences[entry]!]!
    const indicator: Indicator = { ...about, value: this.#value(entry), confidence }
    if (this.#decoded.size >= DECODED_MAX) this.#decoded.clear()
    this.#decoded.set(entry, indicator)
    return indicator
  }

  #value(entry: number): string {
    return textAt(this.#tables.entries.values, entry)
  }

  /** The text as bytes in #name; returns its end, or -1 for one that is longer than any name. */
  #put(text: string): number {
    if (text.length > this.#name.length) return -1
    // What is beyond one byte is no letter of any key, so it must not become one.
    for (let i = 0; i < text.length; i++) this.#name[i] = Math.min(text.charCodeAt(i), 0xff)
    return text.length
  }
}

const DOT = 0x2e

function withoutDot(bytes: Uint8Array, start: number, end: number): number {
  return end > start && bytes[end - 1] === DOT ? end - 1 : end
}

/** Which kinds of entry a question about a name is about. */
interface NameKinds {
  suffix: number
  exact: number
  hasFronted: boolean
}

const WATCHED: NameKinds = { suffix: DOMAIN_SUFFIX, exact: DOMAIN_EXACT, hasFronted: true }
const CERTIFIED: NameKinds = { suffix: CERTIFICATE_SUFFIX, exact: CERTIFICATE_EXACT, hasFronted: false }

/** The entries that were met, the first one of each rule, and the rules that are silent. */
class Met {
  readonly #tables: CompiledRules
  readonly #byRule = new Map<number, number>()
  readonly #silent = new Set<number>()

  constructor(tables: CompiledRules) {
    this.#tables = tables
  }

  /** Takes an entry if it is of this kind, or an exception of that one. */
  take(entry: number, kind: number, exception: number): void {
    const { kinds, rules } = this.#tables.entries
    if (kinds[entry] === kind) this.add(entry)
    else if (kinds[entry] === exception) this.#silent.add(rules[entry]!)
  }

  add(entry: number): void {
    const rule = this.#tables.entries.rules[entry]!
    if (!this.#byRule.has(rule)) this.#byRule.set(rule, entry)
  }

  isSilent(rule: number): boolean {
    return this.#silent.has(rule)
  }

  /** In the order of rules. */
  entries(): number[] {
    const heard = [...this.#byRule].filter(([rule]) => !this.#silent.has(rule))
    return heard.sort((a, b) => a[0] - b[0]).map(([, entry]) => entry)
  }
}

/** Where `key` stands in sorted numbers, or -1. */
function indexOf(keys: Float64Array, key: number): number {
  let low = 0
  let high = keys.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return keys[low] === key ? low : -1
}
