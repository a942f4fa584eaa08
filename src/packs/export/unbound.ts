/**
 * Local zones for the resolver Unbound (unbound.conf(5)), to be included from
 * its configuration.
 *
 * A suffix is a zone of type `always_nxdomain`. A name that stands for itself
 * alone gets addresses that lead nowhere instead, because a zone would hide
 * what is below it, too. An exception is `always_transparent`, with all below
 * it: there is no type for the name alone.
 */

import type { Entry, ExportFile, LeftOut } from './entry.ts'
import { leaveOut, type Name, nameList, splitNames } from './name.ts'

const HEADER = `# Names from rule packs, for Unbound. What is changed here is lost with the next export.
server:
`

/** One file, `seekwatch-unbound.conf`. */
export function writeUnbound(entries: readonly Entry[], left: LeftOut): ExportFile[] {
  const { named, others } = splitNames(entries, left)
  for (const entry of others) leaveOut(entry, left)
  const { names, exceptions } = nameList(named)
  const listed = new Set(names.map(({ value }) => value))
  const zones = exceptions.filter(({ value }) => !listed.has(value))
  left.note(
    'names are blocked although a rule excepts them: what is below them is not',
    exceptions.length - zones.length,
  )
  const lines = [
    ...zones.map(({ value }) => `    local-zone: "${value}." always_transparent\n`),
    ...names.flatMap(linesOf),
  ]
  return [{ name: 'seekwatch-unbound.conf', text: `${HEADER}${lines.join('')}` }]
}

function linesOf({ value, match }: Name): string[] {
  if (match === 'suffix') return [`    local-zone: "${value}." always_nxdomain\n`]
  return [
    `    local-zone: "${value}." transparent\n`,
    `    local-data: "${value}. 300 A 0.0.0.0"\n`,
    `    local-data: "${value}. 300 AAAA ::"\n`,
  ]
}
