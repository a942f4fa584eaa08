/**
 * What is not wrong in rules, but most likely not meant: entries that can never
 * answer, names that must raise no alert and would, entries that meet half the
 * internet, ids that lead nowhere, entries that nobody has seen for long. The
 * sensor works with all of it.
 */

import { getPublicSuffix } from 'tldts'
import { cidrWords } from '../bytes/cidr.ts'
import type { Exceptions, Indicator, NeverName, Rule, RuleSet } from './pack.ts'

/** Shorter prefixes hold a good part of the internet. */
const PREFIX_MIN = { ipv4: 8, ipv6: 16 }

export interface Finding {
  /**
   * `never` would raise alerts that must not be, `wide` alerts about everybody; `dead` and `shadowed` never answer;
   * `twice` raises two alerts for one thing; `unknown` ids; `old` entries, and `future` dates.
   */
  kind: 'never' | 'wide' | 'dead' | 'shadowed' | 'twice' | 'unknown' | 'old' | 'future'
  pack: string
  rule: string
  /** The entry's value; empty where it is about the rule. */
  entry: string
  message: string
}

/**
 * The findings, in the order of packs and rules.
 * @param now today, as `2026-11-24`
 * @param maxAgeDays entries that were last seen longer ago are old; those of which nobody says when are not
 */
export function checkRules(set: RuleSet, now: string, maxAgeDays: number): Finding[] {
  const findings: Finding[] = []
  const rules = new Set(set.packs.flatMap((pack) => pack.rules).map(({ id }) => id))
  const policies = new Set(set.policies.map(({ id }) => id))
  const twice = new Twice()
  for (const pack of set.packs) {
    if (pack.version.slice(0, 10).replaceAll('.', '-') > now)
      findings.push({
        kind: 'future',
        pack: pack.id,
        rule: '',
        entry: '',
        message: `its version ${pack.version} is a day to come; write the day of the review`,
      })
    for (const rule of pack.rules) {
      const find = (kind: Finding['kind'], entry: string, message: string): void => {
        findings.push({ kind, pack: pack.id, rule: rule.id, entry, message })
      }
      if (rule.indicators.length === 0) find('dead', '', 'the rule has no entries left and never answers')
      for (const id of rule.policy)
        if (!policies.has(id))
          find('unknown', '', `there is no policy "${id}"; write it into a file with policies, or remove it`)
      const nearby = rule.strengthens ?? rule.needs
      for (const id of nearby?.rules ?? [])
        if (!rules.has(id)) find('unknown', '', `there is no rule "${id}" that it could stand beside; mend the id`)
      checkEntries(rule, set.never, find)
      for (const indicator of rule.indicators) {
        const { value, seen } = indicator
        const wide = wideness(indicator)
        if (wide !== '') find('wide', value, wide)
        const other = twice.other(rule, indicator)
        if (other !== '')
          find('twice', value, `stands in the rule ${other} of the same service, too: one contact raises two alerts`)
        if (newestOf(seen) > now) find('future', value, `was seen ${newestOf(seen)}, a day to come; mend the date`)
        const days = ageDays(seen, now)
        if (days > maxAgeDays)
          find('old', value, `was last seen ${seen.split('/').at(-1)}, ${days} days ago; look whether it is still so`)
      }
    }
  }
  return findings
}

function checkEntries(
  rule: Rule,
  never: readonly NeverName[],
  find: (kind: Finding['kind'], entry: string, message: string) => void,
): void {
  const suffixes = new Set(
    rule.indicators.filter((i) => i.kind === 'domain' && i.match === 'suffix').map((i) => i.value),
  )
  const mustNot = new MustNot(never.filter(({ categories }) => categories.includes(rule.category)))
  const silencers = new Silencers(rule.unless)
  for (const indicator of rule.indicators) {
    const { value } = indicator
    if (rule.strengthens === null && indicator.kind === 'domain') {
      const met = mustNot.metBy(indicator)
      if (met)
        find('never', value, `would raise ${rule.category} alerts for ${met.value}, which must raise none (${met.why})`)
    }
    const silencer = silencers.of(indicator)
    if (silencer !== '') find('dead', value, `the rule's own exception ${silencer} silences all of it`)
    if (indicator.kind === 'domain' && indicator.match === 'exact' && suffixes.has(value))
      find('shadowed', value, 'stands as suffix in the same rule, too; for the name itself this entry answers')
  }
}

/** Names that must raise no alert, so that a hundred thousand entries can be asked about a hundred thousand of them. */
class MustNot {
  readonly #names = new Map<string, NeverName>()
  /** By each of its parents. */
  readonly #below = new Map<string, NeverName>()

  constructor(names: readonly NeverName[]) {
    for (const name of names) {
      this.#names.set(name.value, name)
      for (const parent of parentsOf(name.value)) this.#below.set(parent, name)
    }
  }

  /** One for which the entry would answer, or for names below it that are meant as well. */
  metBy({ value, match }: { value: string; match: 'suffix' | 'exact' }): NeverName | undefined {
    const own = this.#names.get(value) ?? (match === 'suffix' ? this.#below.get(value) : undefined)
    if (own) return own
    for (const parent of parentsOf(value)) {
      const above = this.#names.get(parent)
      if (above?.match === 'suffix') return above
    }
    return undefined
  }
}

/** Exceptions of a rule that may take all of what an entry meets. */
class Silencers {
  readonly #exact = new Set<string>()
  readonly #suffixes = new Set<string>()
  readonly #networks = new Map<string, string>()
  readonly #prefixes = new Set<number>()

  constructor({ domains, networks }: Exceptions) {
    for (const { value, match } of domains) (match === 'exact' ? this.#exact : this.#suffixes).add(value)
    for (const text of networks) {
      const { words, prefix } = cidrWords(text)
      this.#prefixes.add(prefix)
      this.#networks.set(networkKey(words, prefix), text)
    }
  }

  /** The exception; empty when there is none. */
  of(entry: Indicator): string {
    const { kind, value } = entry
    if (kind === 'domain' || kind === 'certificate') {
      if (entry.match === 'exact' && this.#exact.has(value)) return value
      return [value, ...parentsOf(value)].find((name) => this.#suffixes.has(name)) ?? ''
    }
    if (kind !== 'network' || this.#prefixes.size === 0) return ''
    const { words, prefix } = cidrWords(value)
    for (const wider of this.#prefixes) {
      const around = wider <= prefix ? this.#networks.get(networkKey(words, wider)) : undefined
      if (around !== undefined) return around
    }
    return ''
  }
}

/** The range of this prefix length that holds the address. */
function networkKey(words: readonly number[], prefix: number): string {
  const masked = words.map((word, i) => {
    const hosts = 32 - Math.min(Math.max(prefix - 32 * i, 0), 32)
    return Math.floor(word / 2 ** hosts) * 2 ** hosts
  })
  return `${masked.join(' ')}/${prefix}`
}

/** `b.example` and `example` of `a.b.example`. */
function parentsOf(name: string): string[] {
  const parents: string[] = []
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) parents.push(name.slice(dot + 1))
  return parents
}

/** Why the entry would meet a good part of the internet; empty when it does not. */
function wideness(indicator: Indicator): string {
  const { kind, value } = indicator
  if (kind === 'domain' || kind === 'certificate') {
    if (indicator.match === 'exact' || getPublicSuffix(value, { allowPrivateDomains: true }) !== value) return ''
    return 'is a suffix below which anybody can have a name; write the names below it'
  }
  if (kind !== 'network' || indicator.shared) return ''
  const { words, prefix } = cidrWords(value)
  const least = words.length === 1 ? PREFIX_MIN.ipv4 : PREFIX_MIN.ipv6
  return prefix >= least ? '' : `holds a good part of the internet; write networks of /${least} or longer`
}

/** Finds entries that two rules have which alert for the same service. */
class Twice {
  readonly #rules = new Map<string, string>()

  /** The other rule; empty when there is none. */
  other(rule: Rule, indicator: Indicator): string {
    if (rule.strengthens !== null || rule.needs !== null) return ''
    const match = 'match' in indicator ? indicator.match : ''
    const key = `${indicator.kind} ${match} ${indicator.value} ${rule.service}`
    const other = this.#rules.get(key) ?? ''
    if (other === '') this.#rules.set(key, rule.id)
    return other === rule.id ? '' : other
  }
}

function newestOf(seen: string): string {
  return seen.split('/').at(-1)!
}

/** Days since the newest day in `seen`; a year or month alone counts to its end. Negative when nobody says. */
function ageDays(seen: string, now: string): number {
  const newest = newestOf(seen)
  if (newest === '') return -1
  const [year, month, day] = newest.split('-').map(Number)
  const end = Date.UTC(year!, month === undefined ? 12 : day === undefined ? month : month - 1, day ?? 0)
  return Math.floor((Date.parse(now) - end) / 86_400_000)
}
