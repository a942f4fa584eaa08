/** Exemptions, previews and the log as text for people. Times are in the zone of this machine, which is said. */

import { printable, readable } from '../bytes/text.ts'
import { microseconds } from '../bytes/time.ts'
import type { ExemptionView, Preview } from '../events/api.ts'
import type { AuditEntry, Exemption, ExemptionDraft, ExemptionScope } from '../events/exemption.ts'
import { columnLines } from './columns.ts'
import { counted } from './counted.ts'
import { localText, zoneName } from './moment.ts'

/** Clients behind one hardware address from which on it looks like a router's. */
const CLIENTS_OF_A_ROUTER = 3

const LIST_COLUMNS = [
  { title: 'id' },
  { title: 'status' },
  { title: 'covers', isFlexible: true },
  { title: 'kind' },
  { title: 'owner', isFlexible: true },
  { title: 'end' },
  { title: 'alerts' },
  { title: 'reason', isFlexible: true },
]

const AUDIT_COLUMNS = [
  { title: 'time' },
  { title: 'who', isFlexible: true },
  { title: 'from', isFlexible: true },
  { title: 'what' },
  { title: 'subject' },
  { title: 'change', isFlexible: true },
  { title: 'note', isFlexible: true },
]

/** A line per exemption below a line of titles: what holds now first, what has ended last. */
export function listLines(views: readonly ExemptionView[], width: number | null): string[] {
  const order = ['active', 'planned', 'ended']
  const sorted = [...views].sort(
    (a, b) => order.indexOf(a.status) - order.indexOf(b.status) || (a.end < b.end ? -1 : 1),
  )
  const rows = sorted.map((view) => [
    view.id,
    view.status,
    readable(scopeText(view.scope)),
    view.kind,
    readable(view.owner),
    localText(microseconds(view.end)),
    String(view.alerts),
    readable(view.ticket === undefined ? view.reason : `${view.reason} (${view.ticket})`),
  ])
  return columnLines(LIST_COLUMNS, rows, width)
}

/** All that is known of one exemption. */
export function showLines(view: ExemptionView): string[] {
  const rows: Array<[string, string]> = [
    ['id', view.id],
    ['status', view.status],
    ['covers', scopeText(view.scope)],
    ['kind', view.kind],
    ['reason', view.reason],
    ['owner', view.owner],
    ...(view.ticket === undefined ? [] : [['ticket', view.ticket] as [string, string]]),
    ['start', localText(microseconds(view.start))],
    ['end', localText(microseconds(view.end))],
    ['made', `${localText(microseconds(view.created_at))} by ${view.created_by}`],
    ['alerts', `${view.alerts} are exempt by it`],
  ]
  return rows.map(([name, value]) => `${name.padEnd(8)}${readable(value)}\n`)
}

/** A line per change, the newest first. */
export function auditLines(entries: readonly AuditEntry[], width: number | null): string[] {
  const rows = entries.map((entry) => [
    localText(microseconds(entry.at)),
    readable(entry.who),
    readable(entry.via),
    entry.action,
    printable(entry.subject),
    readable(changeText(entry)),
    readable(entry.note),
  ])
  return columnLines(AUDIT_COLUMNS, rows, width)
}

/** One sentence: what it covers and how long. */
export function spanText({ scope, start, end }: ExemptionDraft): string {
  const from = localText(microseconds(start))
  return `${readable(scopeText(scope))}: from ${from} until ${localText(microseconds(end))} (${zoneName()})`
}

/** What somebody should know before they exempt this: one sentence each. */
export function warnings({ scope, end }: ExemptionDraft, preview: Preview): string[] {
  const { client, mac, name, everyone, rule, category, indicator, network } = scope
  const said: string[] = []
  if (everyone === true && [rule, category, indicator, network].every((part) => part === undefined))
    said.push('this covers every alert of everybody: nothing will be forwarded while it lasts')
  if (name !== undefined && client === undefined && mac === undefined)
    said.push('a client says its name itself: whoever takes this name is covered, too; an address is harder to take')
  if (mac !== undefined && client === undefined && preview.clients >= CLIENTS_OF_A_ROUTER)
    said.push(
      `${preview.clients} addresses were seen with this hardware address: it may be a router's, and cover everybody behind it`,
    )
  const shared = preview.alerts.filter(({ client_role }) => client_role !== 'host').length
  if (shared > 0) said.push(`${counted(shared, 'alert')} of a resolver or proxy: everybody behind it is covered`)
  if (microseconds(end) <= Date.now() * 1000)
    said.push('it is over already: it covers only what was seen before its end')
  return said
}

function changeText({ action, before, after }: AuditEntry): string {
  if (action === 'alert.state') return `${standing(before)} to ${standing(after)}`
  const exemption = after as Exemption
  if (action === 'exemption.add')
    return `${scopeText(exemption.scope)}, until ${localText(microseconds(exemption.end))}`
  return `end ${localText(microseconds((before as Exemption).end))} to ${localText(microseconds(exemption.end))}`
}

function standing(value: unknown): string {
  const { state, exemption } = value as { state: string; exemption?: string | null }
  return exemption ? `${state} (${exemption})` : state
}

/** The scope in words: `client 192.0.2.7, rule deepseek-service`. */
function scopeText(scope: ExemptionScope): string {
  const { everyone, ...parts } = scope
  const named = Object.entries(parts).map(([key, value]) => `${key} ${value}`)
  return [...(everyone === true ? ['everyone'] : []), ...named].join(', ')
}
