/**
 * Rules as flat tables: what `Matcher` asks, in arrays that another thread can
 * make and hand over without a copy. A hundred thousand names cost no objects;
 * what an indicator says of itself is kept as JSON, once for all values of an
 * entry, and is read when the indicator is met.
 *
 * An entry is an indicator, or an exception of a rule, which is met like one.
 * Each table maps what is asked for (a name, an address, a fingerprint) to the
 * entries that are met, in the order of rules.
 */

import { randomBytes } from 'node:crypto'
import { CONFIDENCES, type Confidence } from '../events/alert.ts'
import type { Indicator, Pack } from '../packs/pack.ts'
import { stronger } from './confidence.ts'
import { findParents, type KeyTable, keyTable } from './key-table.ts'
import { type NetworkTable, networkTable } from './network-table.ts'
import { eachPosting, type Postings, Posts, postingsOf, startOfPostings } from './postings.ts'
import { startOf, type TextTable, textTable } from './text-table.ts'

/** What an entry is, and so how its value is met. */
export const DOMAIN_SUFFIX = 0
export const DOMAIN_EXACT = 1
export const FRONTED = 2
export const NETWORK = 3
export const HOSTING = 4
export const USER_AGENT = 5
export const FINGERPRINT = 6
export const CERTIFICATE_SUFFIX = 7
export const CERTIFICATE_EXACT = 8
export const UNLESS_SUFFIX = 9
export const UNLESS_EXACT = 10
export const UNLESS_NETWORK = 11
export const UNLESS_CLIENT = 12

export interface CompiledRules {
  /** JSON: packs and their rules, without indicators. */
  readonly heads: string
  readonly entries: {
    /** Number of the rule, in the order of the packs. */
    readonly rules: Int32Array
    readonly kinds: Uint8Array
    /** As index into CONFIDENCES. */
    readonly confidences: Uint8Array
    /** Which of the JSON texts has the rest of the indicator. */
    readonly abouts: Int32Array
    /** What the indicator is called. */
    readonly values: TextTable
  }
  /** JSON of what indicators say of themselves, without value and confidence. */
  readonly abouts: TextTable
  /** Names of domains and certificates, and ends of CDN names. */
  readonly names: { readonly keys: KeyTable; readonly postings: Postings }
  readonly networks: { readonly table: NetworkTable; readonly postings: Postings }
  readonly clients: { readonly table: NetworkTable; readonly postings: Postings }
  /** Sorted; see `hostingKey`. */
  readonly hosting: { readonly keys: Float64Array; readonly postings: Postings }
  readonly fingerprints: { readonly keys: KeyTable; readonly postings: Postings }
  readonly userAgents: Int32Array
  readonly fronted: Int32Array
}

/** The tables of these rules. The same rules give the same matches, though not the same bytes: hashes are seeded. */
export function compileRules({ packs }: { readonly packs: readonly Pack[] }): CompiledRules {
  const entries = new Entries(entryCount(packs))
  const names = new Posts<string>()
  const networks = new Ranges()
  const clients = new Ranges()
  const hosting = new Posts<number>()
  const fingerprints = new Posts<string>()
  const userAgents: number[] = []
  const fronted: number[] = []

  let rule = 0
  for (const pack of packs) {
    for (const { indicators, unless } of pack.rules) {
      for (const indicator of indicators) {
        const entry = entries.add(rule, kindOf(indicator), indicator)
        switch (indicator.kind) {
          case 'domain':
          case 'certificate':
            names.add(indicator.value, entry)
            break
          case 'fronted':
            fronted.push(entry)
            names.add(literalEnd(indicator.cdn), entry)
            break
          case 'network':
            networks.add(indicator.value, entry)
            break
          case 'hosting':
            hosting.add(hostingKey(indicator.country, indicator.asn), entry)
            break
          case 'fingerprint':
            fingerprints.add(fingerprintKey(indicator.method, indicator.value), entry)
            break
          case 'user_agent':
            userAgents.push(entry)
        }
      }
      for (const { value, match } of unless.domains)
        names.add(value, entries.addException(rule, match === 'exact' ? UNLESS_EXACT : UNLESS_SUFFIX, value))
      for (const cidr of unless.networks) networks.add(cidr, entries.addException(rule, UNLESS_NETWORK, cidr))
      for (const cidr of unless.clients) clients.add(cidr, entries.addException(rule, UNLESS_CLIENT, cidr))
      rule++
    }
  }
  const seed = randomBytes(4).readInt32LE()
  const nameTable = { keys: keyTable(names.keys(), seed), postings: names.postings() }
  inheritConfidence(nameTable, entries)
  return {
    heads: JSON.stringify(packs.map((pack) => ({ ...pack, rules: pack.rules.map(withoutIndicators) }))),
    entries: entries.table(),
    abouts: textTable(entries.abouts),
    names: nameTable,
    networks: networks.tables(),
    clients: clients.tables(),
    hosting: sortedTable(hosting),
    fingerprints: { keys: keyTable(fingerprints.keys(), seed), postings: fingerprints.postings() },
    userAgents: Int32Array.from(userAgents),
    fronted: Int32Array.from(fronted),
  }
}

/** The memory of all tables in a value, for whoever hands it to another thread. */
export function transferList(tables: object): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  const collect = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer as ArrayBuffer)
    else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) collect(part)
  }
  collect(tables)
  return [...buffers]
}

/** Country and system as one number; `''` and 0 stand for any. */
export function hostingKey(country: string, asn: number): number {
  const letters = country === '' ? 0 : 1 + (country.charCodeAt(0) - 65) * 26 + (country.charCodeAt(1) - 65)
  return asn * 1024 + letters
}

/** What a fingerprint is looked up by: two methods may give the same text. */
export function fingerprintKey(method: 'ja3' | 'ja4', value: string): string {
  return `${method} ${value}`.toLowerCase()
}

/** The last labels of the name of a CDN, from where on no star is left. */
export function literalEnd(cdn: string): string {
  const star = cdn.lastIndexOf('*')
  return star < 0 ? cdn : cdn.slice(cdn.indexOf('.', star) + 1)
}

class Entries {
  readonly abouts: string[] = []
  readonly confidences: Uint8Array
  readonly #rules: Int32Array
  readonly #kinds: Uint8Array
  readonly #abouts: Int32Array
  readonly #values: string[] = []
  #last: Indicator | undefined

  /** @param count how many will be added */
  constructor(count: number) {
    this.confidences = new Uint8Array(count)
    this.#rules = new Int32Array(count)
    this.#kinds = new Uint8Array(count)
    this.#abouts = new Int32Array(count)
  }

  add(rule: number, kind: number, indicator: Indicator): number {
    // Values of one list share everything else: making JSON of each would take most of the time.
    if (this.#last === undefined || !isAlike(this.#last, indicator)) {
      const { value: _, confidence: __, ...about } = indicator
      this.abouts.push(JSON.stringify(about))
      this.#last = indicator
    }
    return this.#push(rule, kind, indicator.value, CONFIDENCES.indexOf(indicator.confidence), this.abouts.length - 1)
  }

  addException(rule: number, kind: number, value: string): number {
    return this.#push(rule, kind, value, 0, -1)
  }

  kind(entry: number): number {
    return this.#kinds[entry]!
  }

  rule(entry: number): number {
    return this.#rules[entry]!
  }

  table(): CompiledRules['entries'] {
    return {
      rules: this.#rules,
      kinds: this.#kinds,
      confidences: this.confidences,
      abouts: this.#abouts,
      values: textTable(this.#values),
    }
  }

  #push(rule: number, kind: number, value: string, confidence: number, about: number): number {
    const entry = this.#values.push(value) - 1
    this.#rules[entry] = rule
    this.#kinds[entry] = kind
    this.confidences[entry] = confidence
    this.#abouts[entry] = about
    return entry
  }
}

/** Indicators and exceptions. */
function entryCount(packs: readonly Pack[]): number {
  return packs
    .flatMap(({ rules }) => rules)
    .reduce(
      (sum, { indicators, unless }) =>
        sum + indicators.length + unless.domains.length + unless.networks.length + unless.clients.length,
      0,
    )
}

/** Do the two differ in value and confidence only? */
function isAlike(a: Indicator, b: Indicator): boolean {
  if (a.kind !== b.kind || a.role !== b.role || a.seen !== b.seen || a.use !== b.use || a.sources !== b.sources)
    return false
  if (a.kind === 'domain' || a.kind === 'certificate') return a.match === (b as typeof a).match
  return a.kind === 'network' && a.shared === (b as typeof a).shared
}

function kindOf(indicator: Indicator): number {
  switch (indicator.kind) {
    case 'domain':
      return indicator.match === 'exact' ? DOMAIN_EXACT : DOMAIN_SUFFIX
    case 'certificate':
      return indicator.match === 'exact' ? CERTIFICATE_EXACT : CERTIFICATE_SUFFIX
    case 'fronted':
      return FRONTED
    case 'network':
      return NETWORK
    case 'hosting':
      return HOSTING
    case 'user_agent':
      return USER_AGENT
    case 'fingerprint':
      return FINGERPRINT
  }
}

function withoutIndicators<R extends { indicators: unknown }>({ indicators: _, ...head }: R): Omit<R, 'indicators'> {
  return head
}

/** Collects ranges of addresses and the entry that each stands for. */
class Ranges {
  readonly #cidrs: string[] = []
  readonly #entries: number[] = []

  add(cidr: string, entry: number): void {
    this.#cidrs.push(cidr)
    this.#entries.push(entry)
  }

  tables(): CompiledRules['networks'] {
    const { table, nodes } = networkTable(this.#cidrs)
    return { table, postings: postingsOf(nodes, this.#entries, table.parents.length) }
  }
}

function sortedTable(posts: Posts<number>): CompiledRules['hosting'] {
  const order = posts.keys().map((key, number) => ({ key, number }))
  order.sort((a, b) => a.key - b.key)
  const given = posts.postings()
  const sorted = new Posts<number>()
  for (const { key, number } of order) eachPosting(given, number, (entry) => sorted.add(key, entry))
  return { keys: Float64Array.from(sorted.keys()), postings: sorted.postings() }
}

/**
 * An entry below a suffix that the rule watches as well says what the name is for; that the name belongs to the
 * service is known from the suffix. So it is at least as sure as that (decision 0006).
 */
function inheritConfidence({ keys, postings }: CompiledRules['names'], entries: Entries): void {
  const parents = new Int32Array(keys.labelsMax)
  const best = CONFIDENCES.length - 1
  for (let own = 0; own < postings.ends.length; own++) {
    const first = startOfPostings(postings, own)
    const end = postings.ends[own]!
    let count = 0
    for (let p = first; p < end; p++) {
      const entry = postings.entries[p]!
      if (entries.kind(entry) > DOMAIN_EXACT || entries.confidences[entry] === best) continue
      if (count === 0)
        count = findParents(keys, keys.keys.bytes, startOf(keys.keys, own), keys.keys.ends[own]!, parents)
      let confidence = CONFIDENCES[entries.confidences[entry]!]!
      for (let i = 0; i < count - 1; i++) confidence = stronger(confidence, suffixConfidence(parents[i]!, entry))
      entries.confidences[entry] = CONFIDENCES.indexOf(confidence)
    }
  }

  function suffixConfidence(key: number, below: number): Confidence {
    let confidence: Confidence = CONFIDENCES[0]
    for (let p = startOfPostings(postings, key); p < postings.ends[key]!; p++) {
      const entry = postings.entries[p]!
      if (entries.kind(entry) === DOMAIN_SUFFIX && entries.rule(entry) === entries.rule(below))
        confidence = stronger(confidence, CONFIDENCES[entries.confidences[entry]!]!)
    }
    return confidence
  }
}
