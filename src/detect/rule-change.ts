/** What one set of rules has that another has not: for the log of a reload. */

import type { CompiledRules } from './compile.ts'
import { textAt } from './text-table.ts'

const EXAMPLES_MAX = 5

/** As much of compiled rules as it takes to see a change. */
export type RuleList = Pick<CompiledRules, 'heads' | 'entries'>

export interface RuleChange {
  added: number
  removed: number
  /** The first few of each, `rule: value`; a rule itself is `rule`. */
  addedExamples: string[]
  removedExamples: string[]
}

/** Rules and entries that only one of the two has. */
export function changeOf(before: RuleList, after: RuleList): RuleChange {
  const old = keysOf(before)
  const change: RuleChange = { added: 0, removed: 0, addedExamples: [], removedExamples: [] }
  for (const [key, words] of keysOf(after)) {
    if (old.delete(key)) continue
    change.added++
    if (change.addedExamples.length < EXAMPLES_MAX) change.addedExamples.push(words)
  }
  change.removed = old.size
  change.removedExamples = [...old.values()].slice(0, EXAMPLES_MAX)
  return change
}

/** A change as a sentence. */
export function changeText({ added, removed, addedExamples, removedExamples }: RuleChange): string {
  if (added + removed === 0) return 'nothing was added or removed'
  const part = (count: number, what: string, examples: readonly string[]) => {
    if (count === 0) return []
    return [`${count} ${what} (${examples.join(', ')}${count > examples.length ? ', ...' : ''})`]
  }
  return [...part(added, 'added', addedExamples), ...part(removed, 'removed', removedExamples)].join(', ')
}

/** By a key that tells them apart: the words of each rule and entry. */
function keysOf({ heads, entries }: RuleList): Map<string, string> {
  const packs = JSON.parse(heads) as Array<{ rules: Array<{ id: string }> }>
  const rules = packs.flatMap(({ rules }) => rules).map(({ id }) => id)
  const keys = new Map(rules.map((id) => [id, id]))
  entries.rules.forEach((rule, entry) => {
    const words = `${rules[rule]}: ${textAt(entries.values, entry)}`
    keys.set(`${entries.kinds[entry]} ${words}`, words)
  })
  return keys
}
