/**
 * The entries of a rule set one by one, which of them an export takes, and the
 * account of those it leaves out: whoever gives a list to a firewall has to
 * know what is not in it.
 */

import { CATEGORIES, type Category, CONFIDENCES, type Confidence } from '../../events/alert.ts'
import type { Indicator, Pack, Rule, RuleSet } from '../pack.ts'

/** An indicator with the rule and the pack it stands in. */
export interface Entry<Kind extends Indicator = Indicator> {
  pack: Pack
  rule: Rule
  indicator: Kind
}

/** One file of an export. */
export interface ExportFile {
  /** Without folders: letters, digits, dots and hyphens. */
  name: string
  text: string
}

/** What somebody asks for; null is no wish. */
export interface Wishes {
  /** Ids of rules. */
  rules: ReadonlySet<string> | null
  categories: ReadonlySet<Category> | null
  minConfidence: Confidence | null
}

export const NO_WISHES: Wishes = { rules: null, categories: null, minConfidence: null }

/** What a format takes unless wishes say otherwise. */
export interface Defaults {
  categories: readonly Category[]
  minConfidence: Confidence
  /**
   * True where whatever reads the export acts on an entry alone. Then it must not get those that our engine
   * never takes for evidence alone.
   */
  standsAlone: boolean
}

/** What is not in an export, counted by reason. */
export class LeftOut {
  readonly #entries = new Map<string, number>()
  readonly #notes = new Map<string, number>()

  /** Entries that are not in the export. `reason` goes on after `12 left out: `. */
  entry(reason: string, count = 1): void {
    add(this.#entries, reason, count)
  }

  /** Something about entries that are in it and that the format cannot say. `note` goes on after `12 `. */
  note(note: string, count = 1): void {
    add(this.#notes, note, count)
  }

  get entries(): ReadonlyMap<string, number> {
    return this.#entries
  }

  get notes(): ReadonlyMap<string, number> {
    return this.#notes
  }

  /** How many entries are not in the export. */
  get entryCount(): number {
    return [...this.#entries.values()].reduce((sum, count) => sum + count, 0)
  }
}

/** All entries, in the order of packs, rules and indicators. */
export function entriesOf({ packs }: RuleSet): Entry[] {
  return packs.flatMap((pack) =>
    pack.rules.flatMap((rule) => rule.indicators.map((indicator) => ({ pack, rule, indicator }))),
  )
}

/** Those of `entries` that somebody who wishes this gets from a format. */
export function chosen(entries: readonly Entry[], wishes: Wishes, defaults: Defaults, left: LeftOut): Entry[] {
  const wished = entries.filter(
    ({ rule }) => (wishes.rules?.has(rule.id) ?? true) && (wishes.categories?.has(rule.category) ?? true),
  )
  const categories = wishes.categories ?? new Set(wishes.rules === null ? defaults.categories : CATEGORIES)
  const least = CONFIDENCES.indexOf(wishes.minConfidence ?? defaults.minConfidence)
  return wished.filter((entry) => {
    const reason = refusal(entry, categories, least, defaults.standsAlone)
    if (reason !== '') left.entry(reason)
    return reason === ''
  })
}

/** Why an entry is left out, or empty. First what no wish changes. */
function refusal(
  { rule, indicator }: Entry,
  categories: ReadonlySet<Category>,
  leastConfidence: number,
  standsAlone: boolean,
): string {
  if (standsAlone) {
    if (rule.strengthens !== null) return 'that only strengthen alerts of other rules, and prove nothing alone'
    if (rule.needs !== null) return 'that count only beside alerts of other rules'
    if (indicator.kind === 'network' && indicator.shared) return 'shared addresses, on which others answer, too'
    if (indicator.kind === 'hosting') return 'hosting networks by country and AS, which this format has no word for'
  }
  if (!categories.has(rule.category)) return `of category ${rule.category} (--category ${rule.category} writes them)`
  const { confidence } = indicator
  return CONFIDENCES.indexOf(confidence) < leastConfidence
    ? `of confidence ${confidence} (--min-confidence ${confidence} writes them)`
    : ''
}

function add(counts: Map<string, number>, key: string, count: number): void {
  if (count > 0) counts.set(key, (counts.get(key) ?? 0) + count)
}
