/**
 * Plain lists that firewalls and proxies fetch (external dynamic lists, threat
 * feeds): UTF-8 text, one entry in a line, nothing else, because products
 * differ in what they take for a comment.
 *
 *   service-domains.txt           deepseek.com
 *   service-wildcard-domains.txt  deepseek.com and *.deepseek.com
 *   service-ipv4.txt              3.173.21.63/32
 *   service-ipv6.txt              2001:db8::/32
 *
 * All four are there for each category, if need be empty: a list that a
 * firewall fetches must not go away.
 */

import { CATEGORIES, type Category } from '../../events/alert.ts'
import type { Entry, ExportFile, LeftOut } from './entry.ts'
import { leaveOut, type NamedEntry, nameList, splitNames } from './name.ts'
import { isNetwork, networksOf, outermost } from './network.ts'

/** Four files for each of `categories`. */
export function writeEdl(entries: readonly Entry[], left: LeftOut, categories: ReadonlySet<Category>): ExportFile[] {
  return CATEGORIES.filter((category) => categories.has(category)).flatMap((category) => {
    const ofCategory = entries.filter(({ rule }) => rule.category === category)
    return filesOf(category, ofCategory, left)
  })
}

function filesOf(category: Category, entries: readonly Entry[], left: LeftOut): ExportFile[] {
  const { named, others } = splitNames(entries, left)
  for (const entry of others) if (!isNetwork(entry)) leaveOut(entry, left)
  const { names, exceptions } = nameList(named)
  left.note('names are in the lists although a rule excepts them: lists have no exceptions', exceptions.length)
  const wildcards = names.flatMap(({ value, match }) => (match === 'suffix' ? [value, `*.${value}`] : [value]))
  const ranges = outermost(others.flatMap((entry) => (isNetwork(entry) ? networksOf(entry, left) : [])))
  const lists = {
    domains: eachValue(named),
    'wildcard-domains': wildcards,
    ipv4: ranges.filter(({ family }) => family === 4).map(({ text }) => text),
    ipv6: ranges.filter(({ family }) => family === 6).map(({ text }) => text),
  }
  return Object.entries(lists).map(([list, lines]) => ({
    name: `${category}-${list}.txt`,
    text: lines.map((line) => `${line}\n`).join(''),
  }))
}

/** Also those that a suffix covers: some firewalls compare these names as a whole. */
function eachValue(named: readonly NamedEntry[]): string[] {
  return [...new Set(named.map(({ value }) => value))].sort()
}
