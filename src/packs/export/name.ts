/**
 * Names as other tools take them: one name, alone or with all below it.
 *
 * A rule may except names below its own. Tools that keep one list for all
 * rules get the exceptions that hold for the whole list: one that another rule
 * of the list does not share is none.
 */

import { canonicalName, nameProblem } from '../domain-name.ts'
import type { FrontedIndicator, Indicator } from '../pack.ts'
import type { Entry, LeftOut } from './entry.ts'

export interface Name {
  /** Lower case, no final dot; a well-formed domain name, so it needs no escapes anywhere. */
  value: string
  match: 'suffix' | 'exact'
}

export interface NamedEntry extends Name {
  entry: Entry
}

/** Names as one list, sorted, without those that others in the list cover. */
export interface NameList {
  names: NamedEntry[]
  /** Below names of the list, and not meant by it. */
  exceptions: Name[]
}

const NO_WORD = 'which this format has no word for'
const WHY_NOT: Readonly<Record<Indicator['kind'], string>> = {
  domain: `names, ${NO_WORD}`,
  fronted: `watched names in front of a CDN, ${NO_WORD}`,
  network: `networks, ${NO_WORD}`,
  hosting: `hosting networks by country and AS, ${NO_WORD}`,
  user_agent: `user agents, ${NO_WORD}`,
  fingerprint: `fingerprints, ${NO_WORD}`,
  certificate: `names that count in certificates only, ${NO_WORD}`,
}

/** Counts an entry that a format cannot express. */
export function leaveOut({ indicator }: Entry, left: LeftOut): void {
  const isMalformed = indicator.kind === 'domain' && !isName(indicator.value)
  left.entry(isMalformed ? 'names that are no domain names' : WHY_NOT[indicator.kind])
}

/** True for a domain name as packs keep it. An export asks again: what it writes, others read as commands. */
function isName(value: string): boolean {
  return nameProblem(value) === '' && canonicalName(value) === value
}

/** The name that says all of an indicator; null where no single one does. */
export function nameOf(indicator: Indicator): Name | null {
  if (indicator.kind === 'domain') {
    const { value, match } = indicator
    return isName(value) ? { value, match } : null
  }
  if (indicator.kind !== 'fronted' || indicator.cdn.includes('*') || indicator.labelsBetween > 0) return null
  const value = `${indicator.name}.${indicator.cdn}`
  return isName(value) ? { value, match: 'suffix' } : null
}

/** A CDN's suffix as packs have it: a domain name in which a `*` stands for characters of a label. */
const CDN = /^[a-z0-9*_-]+(\.[a-z0-9*_-]+)+$/

/** True where the parts of a fronted name are ones: `name` a domain name, `cdn` one with a `*` or without. */
export function isWellFormed({ name, cdn, labelsBetween }: FrontedIndicator): boolean {
  return isName(name) && CDN.test(cdn) && cdn.length < 254 && labelsBetween >= 0 && labelsBetween < 128
}

/** `entry` as `name`. Null, and counted, when its own rule excepts all of that. */
function unlessExcepted(name: Name, entry: Entry, left: LeftOut): NamedEntry | null {
  if (entry.rule.unless.domains.some((exception) => covers(exception, name))) {
    left.entry('excepted by their own rule')
    return null
  }
  return { ...name, entry }
}

/** The entries of `entries` that a single name says, and the others. */
export function splitNames(entries: readonly Entry[], left: LeftOut): { named: NamedEntry[]; others: Entry[] } {
  const named: NamedEntry[] = []
  const others: Entry[] = []
  for (const entry of entries) {
    const name = nameOf(entry.indicator)
    if (name === null) others.push(entry)
    else {
      const one = unlessExcepted(name, entry, left)
      if (one !== null) named.push(one)
    }
  }
  return { named, others }
}

/** What the rule of `named` excepts below it. */
export function exceptionsBelow(named: NamedEntry): Name[] {
  return named.entry.rule.unless.domains.filter((exception) => covers(named, exception) && isName(exception.value))
}

/** True where `one` means all that `other` means. */
export function covers(one: Name, other: Name): boolean {
  if (one.value === other.value) return one.match === 'suffix' || other.match === 'exact'
  return one.match === 'suffix' && other.value.endsWith(`.${one.value}`)
}

/** One list for all of `entries`. */
export function nameList(entries: readonly NamedEntry[]): NameList {
  const exceptions = commonExceptions(entries)
  const suffixes = new Set(entries.filter(({ match }) => match === 'suffix').map(({ value }) => value))
  const excepted = new Set(exceptions.filter(({ match }) => match === 'suffix').map(({ value }) => value))
  const names = new Map<string, NamedEntry>()
  for (const named of entries) {
    const { value, match } = named
    const isCovered = isBelow(value, suffixes, excepted) || (match === 'exact' && suffixes.has(value))
    if (!isCovered && !names.has(value)) names.set(value, named)
  }
  return { names: sorted([...names.values()]), exceptions }
}

/** The exceptions of all rules, without those whose names another rule means. */
function commonExceptions(entries: readonly NamedEntry[]): Name[] {
  const rules = new Map<string, Set<string>>()
  for (const { value, match, entry } of entries) {
    const key = keyOf(value, match)
    const known = rules.get(key)
    if (known === undefined) rules.set(key, new Set([entry.rule.id]))
    else known.add(entry.rule.id)
  }
  const common = new Map<string, Name>()
  const checked = new Set<string>()
  for (const named of entries) {
    if (named.match === 'exact' || named.entry.rule.unless.domains.length === 0) continue
    for (const { value, match } of exceptionsBelow(named)) {
      const rule = named.entry.rule.id
      const key = `${rule} ${keyOf(value, match)}`
      if (checked.has(key)) continue
      checked.add(key)
      if (isMeantByOthers(value, rule, rules)) continue
      if (match === 'suffix' || !common.has(value)) common.set(value, { value, match })
    }
  }
  return sorted([...common.values()])
}

function isMeantByOthers(value: string, rule: string, rules: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const keys = [keyOf(value, 'exact'), ...[value, ...parents(value)].map((name) => keyOf(name, 'suffix'))]
  return keys.some((key) => [...(rules.get(key) ?? [])].some((other) => other !== rule))
}

/** True where the nearest of the names above `value` that is in either set is a suffix and no exception. */
function isBelow(value: string, suffixes: ReadonlySet<string>, excepted: ReadonlySet<string>): boolean {
  for (const parent of parents(value)) {
    if (excepted.has(parent)) return false
    if (suffixes.has(parent)) return true
  }
  return false
}

function* parents(name: string): Iterable<string> {
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) yield name.slice(dot + 1)
}

function keyOf(value: string, match: Name['match']): string {
  return `${match} ${value}`
}

function sorted<One extends Name>(names: One[]): One[] {
  return names.sort((a, b) => (a.value < b.value ? -1 : 1))
}
