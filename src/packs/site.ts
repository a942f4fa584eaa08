/**
 * What a site changes about rules that it did not write: a rule off, another
 * severity, entries off or added, exceptions added. The files of the rules stay
 * as they are, so the next version of a pack can simply replace them.
 */

import { nearest } from '../bytes/near.ts'
import { type Path, quote } from './form.ts'
import type { Indicator, Rule, RuleSet } from './pack.ts'
import type { PackProblem } from './problem.ts'
import { below, exceptionsOf, indicatorsOf, type Lists } from './read-pack.ts'
import type { OverrideForm } from './schema.ts'
import type { Source } from './source.ts'

/** An override and where it is written. */
export interface PlacedOverride {
  form: OverrideForm
  lists: Lists
  source: Source
  path: Path
}

/**
 * The rules as the site wants them.
 * @param warn told of what changes nothing: the pack has moved on without the site
 * @param added told of the entries that an override adds
 */
export function applyOverrides(
  set: RuleSet,
  overrides: readonly PlacedOverride[],
  warn: (problem: PackProblem) => void,
  added: (indicators: readonly Indicator[], override: PlacedOverride) => void,
): RuleSet {
  const rules = new Map(set.packs.flatMap((pack) => pack.rules).map((rule) => [rule.id, rule]))
  const off = new Set<string>()
  for (const override of overrides) {
    const { form, lists, source, path } = override
    const tell = (at: Path, message: string): void =>
      warn({ file: source.file, ...source.places([[...path, ...at]])[0]!, message })
    const rule = rules.get(form.rule)
    if (rule === undefined) {
      tell(
        ['rule'],
        `there is no rule ${quote(form.rule)}, so this override changes nothing; ${meant(form.rule, rules.keys(), 'remove it or mend the id')}`,
      )
      continue
    }
    if (form.disable === true) off.add(rule.id)
    const indicators = indicatorsOf(form, below(lists, path))
    added(indicators, override)
    rules.set(rule.id, changed(rule, form, indicators, tell))
  }
  const packs = set.packs.map((pack) => ({
    ...pack,
    rules: pack.rules.filter(({ id }) => !off.has(id)).map(({ id }) => rules.get(id)!),
  }))
  return { ...set, packs }
}

/** What to write instead of a word that is none of `words`. */
function meant(text: string, words: Iterable<string>, otherwise: string): string {
  const near = nearest(text, words)
  return near.length === 0 ? otherwise : `did you mean ${near.map(quote).join(', ')}?`
}

function changed(
  rule: Rule,
  form: OverrideForm,
  indicators: readonly Indicator[],
  tell: (at: Path, message: string) => void,
): Rule {
  const without = new Set<string>()
  form.without?.forEach((written, i) => {
    const value = written.toLowerCase().replace(/\.$/, '')
    const isThere = rule.indicators.some((indicator) => indicator.value.toLowerCase() === value)
    if (isThere) without.add(value)
    else
      tell(
        ['without', i],
        `the rule ${quote(rule.id)} has no entry ${quote(written)}; ${meant(
          written,
          rule.indicators.map(({ value }) => value),
          'remove this line or mend it',
        )}`,
      )
  })
  const known = new Set(rule.indicators.map(keyOf))
  const twice = indicators.find(
    (indicator) => known.has(keyOf(indicator)) && !without.has(indicator.value.toLowerCase()),
  )
  if (twice !== undefined)
    tell([], `the rule ${quote(rule.id)} has the entry ${quote(twice.value)} already; remove it here`)
  const added = exceptionsOf(form.unless)
  return {
    ...rule,
    severity: form.severity ?? rule.severity,
    indicators: [...rule.indicators.filter(({ value }) => !without.has(value.toLowerCase())), ...indicators],
    unless: {
      domains: [...rule.unless.domains, ...added.domains],
      networks: [...rule.unless.networks, ...added.networks],
      clients: [...rule.unless.clients, ...added.clients],
    },
  }
}

/** What makes two indicators the same. */
function keyOf(indicator: Indicator): string {
  return `${indicator.kind} ${'match' in indicator ? indicator.match : ''} ${indicator.value}`
}
