/**
 * One plain list: names, then ranges of addresses, one in a line. A name that
 * means all below it as well begins with a dot, `.deepseek.com`, as proxies
 * and `no_proxy` have it; any other stands for itself alone.
 */

import type { Entry, ExportFile, LeftOut } from './entry.ts'
import { leaveOut, nameList, splitNames } from './name.ts'
import { isNetwork, networksOf, outermost } from './network.ts'

/** One file, `seekwatch.txt`. */
export function writeList(entries: readonly Entry[], left: LeftOut): ExportFile[] {
  const { named, others } = splitNames(entries, left)
  for (const entry of others) if (!isNetwork(entry)) leaveOut(entry, left)
  const { names, exceptions } = nameList(named)
  left.note('names are in the list although a rule excepts them: a list has no exceptions', exceptions.length)
  const ranges = outermost(others.flatMap((entry) => (isNetwork(entry) ? networksOf(entry, left) : [])))
  const lines = [
    ...names.map(({ value, match }) => (match === 'suffix' ? `.${value}` : value)),
    ...ranges.map(({ text }) => text),
  ]
  return [{ name: 'seekwatch.txt', text: lines.map((line) => `${line}\n`).join('') }]
}
