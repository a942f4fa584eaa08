/** Alerts as lines of a table or of CSV, and the forms that other systems take (outputs/format/alert-formats.ts). */

import { styleText } from 'node:util'
import { csvLine } from '../bytes/csv.ts'
import { asciiJson } from '../bytes/json-writer.ts'
import { printable } from '../bytes/text.ts'
import type { Alert, Evidence } from '../events/alert.ts'
import { ALERT_FORMAT_NAMES } from '../outputs/format/alert-formats.ts'
import { type Column, columnLines } from './columns.ts'

export const FORMATS = ['table', 'csv', ...ALERT_FORMAT_NAMES] as const
export type Format = (typeof FORMATS)[number]

/** A line per alert below a line of titles; of what strangers sent only printable characters are left. */
export function tableLines(alerts: Iterable<Alert>, width: number | null, isColoured: boolean): string[] {
  const rows = Array.from(alerts, (alert) => [
    `${alert.first_seen.slice(0, 10)} ${alert.first_seen.slice(11, 19)}`,
    printable(alert.client.name ? `${alert.client.ip} (${alert.client.name})` : alert.client.ip),
    printable(shownName(alert)),
    printable(alert.service),
    alert.category,
    alert.severity,
    alert.attempt ? `${alert.confidence}, attempt` : alert.confidence,
    alert.use ?? '',
    alert.state,
    printable(alert.id),
  ])
  return columnLines(isColoured ? COLOURED : PLAIN, rows, width)
}

/** The record as it is, in ASCII: what is beyond it is written as JSON escapes, so a terminal has nothing to act on. */
export function jsonLine(record: object): string {
  return `${asciiJson(record)}\n`
}

/** The titles of `csvAlert`. */
export const CSV_TITLES = csvLine([
  'id',
  'first_seen',
  'last_seen',
  'client_ip',
  'client_name',
  'client_role',
  'server_ip',
  'server_port',
  'server_name',
  'names',
  'protocol',
  'service',
  'category',
  'severity',
  'confidence',
  'state',
  'attempt',
  'count',
  'bytes_out',
  'bytes_in',
  'packets_out',
  'packets_in',
  'rule',
  'title',
  'indicator',
  'reasons',
  'use',
  'contact',
  'community_id',
  'pack',
  'pack_version',
  'run',
  'sensor',
  'lossy',
  'policy',
  'attack',
  'evidence',
])

/** One record of CSV; lists are joined by a space, reasons are sentences anyway. */
export function csvAlert(alert: Alert): string {
  return csvLine([
    alert.id,
    alert.first_seen,
    alert.last_seen,
    alert.client.ip,
    alert.client.name ?? '',
    alert.client_role,
    alert.server.ip,
    alert.server.port,
    alert.server.name ?? '',
    [...new Set(alert.evidence.map((evidence) => evidence.value))].join(' '),
    alert.protocol,
    alert.service,
    alert.category,
    alert.severity,
    alert.confidence,
    alert.state,
    String(alert.attempt),
    alert.count,
    alert.bytes_out,
    alert.bytes_in,
    alert.packets_out,
    alert.packets_in,
    alert.rule,
    alert.title,
    alert.indicator.value,
    alert.reasons.join(' '),
    alert.use ?? '',
    alert.contact,
    alert.community_id,
    alert.pack,
    alert.pack_version,
    alert.run,
    alert.sensor,
    String(alert.lossy),
    alert.policy.join(' '),
    alert.attack.join(' '),
    alert.evidence.map(evidenceWords).join('; '),
  ])
}

/** Where another program finds it: tshark -r FILE -Y frame.number==PACKET. */
function evidenceWords({ kind, value, packet, file, time }: Evidence): string {
  return `${kind} ${value}, packet ${packet} of ${file} at ${time}`
}

function shownName({ evidence, server }: Alert): string {
  return evidence[0]?.value ?? server.name ?? server.ip
}

const PLAIN: readonly Column[] = [
  { title: 'first seen (UTC)' },
  { title: 'client', isFlexible: true },
  { title: 'name or address', isFlexible: true },
  { title: 'service', isFlexible: true },
  { title: 'category' },
  { title: 'severity' },
  { title: 'confidence' },
  { title: 'use' },
  { title: 'state' },
  { title: 'id' },
]

const COLOURED = PLAIN.map((column) => (column.title === 'severity' ? { ...column, paint: paintSeverity } : column))

function paintSeverity(severity: string, padded: string): string {
  // The caller has decided that colours are wanted; Node's own look at the stream would look at the wrong one.
  if (severity === 'high') return styleText('red', padded, { validateStream: false })
  return severity === 'medium' ? styleText('yellow', padded, { validateStream: false }) : padded
}
