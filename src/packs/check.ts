/**
 * What is not wrong in rules, but most likely not meant: entries that can never
 * answer, names that must raise no alert and would, ids that lead nowhere,
 * entries that nobody has seen for long. The sensor works with all of it.
 */

import { parseCidr } from '../bytes/cidr.ts'
import type { Exceptions, Indicator, NeverName, Rule, RuleSet } from './pack.ts'

export interface Finding {
  /** `never` would raise alerts that must not be; `dead` and `shadowed` never answer; `unknown` ids; `old` entries. */
  kind: 'never' | 'dead' | 'shadowed' | 'unknown' | 'old'
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
  for (const pack of set.packs) {
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
      for (const { value, seen } of rule.indicators) {
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
  const neverNames = never.filter(({ categories }) => categories.includes(rule.category))
  for (const indicator of rule.indicators) {
    const { value } = indicator
    if (rule.strengthens === null && indicator.kind === 'domain') {
      const met = neverNames.find((name) => meets(indicator, name))
      if (met)
        find('never', value, `would raise ${rule.category} alerts for ${met.value}, which must raise none (${met.why})`)
    }
    const silencer = silencedBy(indicator, rule.unless)
    if (silencer !== '') find('dead', value, `the rule's own exception ${silencer} silences all of it`)
    if (indicator.kind === 'domain' && indicator.match === 'exact' && suffixes.has(value))
      find('shadowed', value, 'stands as suffix in the same rule, too; for the name itself this entry answers')
  }
}

/** Would the entry answer for the name, or for names below it that are meant as well? */
function meets(entry: { value: string; match: 'suffix' | 'exact' }, name: NeverName): boolean {
  if (entry.value === name.value) return true
  if (entry.match === 'suffix' && name.value.endsWith(`.${entry.value}`)) return true
  return name.match === 'suffix' && entry.value.endsWith(`.${name.value}`)
}

/** The exception that takes all of what the entry meets; empty when there is none. */
function silencedBy(entry: Indicator, { domains, networks }: Exceptions): string {
  if (entry.kind === 'domain' || entry.kind === 'certificate') {
    const whole = domains.find(
      ({ value, match }) =>
        (match === 'suffix' && (entry.value === value || entry.value.endsWith(`.${value}`))) ||
        (match === 'exact' && entry.match === 'exact' && entry.value === value),
    )
    return whole?.value ?? ''
  }
  if (entry.kind !== 'network') return ''
  const own = parseCidr(entry.value)
  const around = networks.find((text) => {
    const { family, start, end } = parseCidr(text)
    return family === own.family && start <= own.start && own.end <= end
  })
  return around ?? ''
}

/** Days since the newest day in `seen`; a year or month alone counts to its end. Negative when nobody says. */
function ageDays(seen: string, now: string): number {
  const newest = seen.split('/').at(-1)!
  if (newest === '') return -1
  const [year, month, day] = newest.split('-').map(Number)
  const end = Date.UTC(year!, month === undefined ? 12 : day === undefined ? month : month - 1, day ?? 0)
  return Math.floor((Date.parse(now) - end) / 86_400_000)
}
