/**
 * All that the packs hold as a table, RFC 4180: the only format that leaves
 * nothing out, for people and spreadsheets. No cell can become a formula.
 */

import { csvLine } from '../../bytes/csv.ts'
import type { Indicator } from '../pack.ts'
import type { Entry, ExportFile } from './entry.ts'

type Cell = (entry: Entry) => string

const COLUMNS: Readonly<Record<string, Cell>> = {
  pack: ({ pack }) => pack.id,
  pack_version: ({ pack }) => pack.version,
  licence: ({ pack }) => pack.licence,
  rule: ({ rule }) => rule.id,
  title: ({ rule }) => rule.title,
  service: ({ rule }) => rule.service,
  category: ({ rule }) => rule.category,
  severity: ({ rule }) => rule.severity,
  kind: ({ indicator }) => indicator.kind,
  value: ({ indicator }) => indicator.value,
  match: ({ indicator }) => howMet(indicator),
  shared: ({ indicator }) => (indicator.kind === 'network' ? (indicator.shared ? 'yes' : 'no') : ''),
  role: ({ indicator }) => indicator.role,
  confidence: ({ indicator }) => indicator.confidence,
  seen: ({ indicator }) => indicator.seen,
  use: ({ indicator }) => indicator.use ?? '',
  strengthens: ({ rule }) => (rule.strengthens?.rules ?? []).join(' '),
  needs: ({ rule }) => (rule.needs?.rules ?? []).join(' '),
  unless: ({ rule: { unless } }) =>
    [...unless.domains.map(({ value }) => value), ...unless.networks, ...unless.clients].join(' '),
  policies: ({ rule }) => rule.policy.join(' '),
  attack: ({ rule }) => rule.attack.join(' '),
  sources: ({ indicator }) => indicator.sources.join(' | '),
}

/** One file, `seekwatch.csv`. */
export function writeCsv(entries: readonly Entry[]): ExportFile[] {
  const titles = csvLine(Object.keys(COLUMNS))
  const lines = entries.map((entry) => csvLine(Object.values(COLUMNS).map((cell) => cell(entry))))
  return [{ name: 'seekwatch.csv', text: `${titles}${lines.join('')}` }]
}

function howMet(indicator: Indicator): string {
  if ('match' in indicator) return indicator.match
  return 'method' in indicator ? indicator.method : ''
}
