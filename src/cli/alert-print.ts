/**
 * All that is known of one alert, as text for people: a line for each thing,
 * its name first. Nothing is cut; a terminal folds long lines itself. Names from
 * the wire are printable, what packs and colleagues wrote is readable.
 */

import { printable, readable } from '../bytes/text.ts'
import type { Alert, AlertEndpoint, Contact } from '../events/alert.ts'
import type { AuditPage } from '../events/api.ts'
import type { Exemption } from '../events/exemption.ts'
import type { Policy } from '../events/rules.ts'
import { columnLines } from './columns.ts'
import { counted } from './counted.ts'
import { auditLines, spanText } from './exempt-print.ts'

const NAME_WIDTH = 12
const EVIDENCE_COLUMNS = ['time (UTC)', 'kind', 'value', 'packet', 'file'].map((title) => ({ title }))

/** What the database and the rules say beside the alert itself. */
export interface Surroundings {
  /** Null when it is not there any more. */
  contact: Contact | null
  /** That of the alert; null when none covers it. */
  exemption: Exemption | null
  /** Those of the rules in force. */
  policies: readonly Policy[]
  /** What was done to the alert. */
  audit: AuditPage
}

/** @param width columns of the terminal for the log of changes; null where there is none */
export function alertLines(alert: Alert, around: Surroundings, width: number | null): string[] {
  const { indicator, policy, attack } = alert
  const { entries, total } = around.audit
  return [
    ...said('alert', `${readable(alert.title)}, ${alert.category}, severity ${alert.severity}`),
    ...said('id', printable(alert.id)),
    ...said('state', alert.state),
    ...said('exemption', ...exemptionTexts(alert, around.exemption)),
    ...said('confidence', alert.attempt ? `${alert.confidence}, an attempt` : alert.confidence),
    ...said('why', ...alert.reasons.map(readable)),
    ...said('use', ...(alert.use === null ? [] : [`${alert.use}: ${readable(alert.use_reason)}`])),
    '\n',
    ...said('client', `${endpointText(alert.client)}${alert.client_role === 'host' ? '' : `, a ${alert.client_role}`}`),
    ...said('server', endpointText(alert.server)),
    ...said('seen', `${utc(alert.first_seen)} to ${utc(alert.last_seen)} (UTC)`, ...countTexts(alert)),
    ...said(
      'traffic',
      `${alert.protocol}, up ${counted(alert.bytes_out, 'byte')} in ${counted(alert.packets_out, 'packet')}, down ${counted(alert.bytes_in, 'byte')} in ${counted(alert.packets_in, 'packet')}`,
      ...(alert.lossy ? ['packets were being lost meanwhile: there may have been more'] : []),
    ),
    '\n',
    ...evidenceLines(alert),
    '\n',
    ...said('entry', `${indicator.kind} ${printable(indicator.value)}: ${readable(indicator.role)}`),
    ...said('sure', indicator.confidence),
    ...said('sources', ...indicator.sources.map(readable)),
    ...said('rule', `${printable(alert.rule)}, of the pack ${printable(alert.pack)} ${printable(alert.pack_version)}`),
    ...said('policies', ...policy.flatMap((id) => policyTexts(id, around.policies))),
    ...said('ATT&CK', ...(attack.length > 0 ? [printable(attack.join(', '))] : [])),
    '\n',
    ...said('contact', contactText(alert, around.contact)),
    ...said('sensor', `${readable(alert.sensor)}, run ${printable(alert.run)}`),
    ...said('flow', `community id ${printable(alert.community_id)}, flow_id ${alert.flow_id}`),
    '\n',
    ...(total === 0 ? ['Nobody has changed its state.\n'] : auditLines(entries, width)),
    ...(entries.length < total ? [`The newest ${entries.length} of ${total} changes.\n`] : []),
  ]
}

/** A name and its texts, one below the other; nothing where there is no text. */
function said(name: string, ...texts: readonly string[]): string[] {
  return texts.map((text, i) => `${(i === 0 ? name : '').padEnd(NAME_WIDTH)}${text}\n`)
}

/** `192.0.2.10 port 51000, lab-7, 00:00:5e:00:53:10`. */
function endpointText({ ip, port, name, mac, country, asn, as_name, forwarded_for }: AlertEndpoint): string {
  const parts = [
    port === 0 ? printable(ip) : `${printable(ip)} port ${port}`,
    ...[name, mac, country].filter((part) => part !== undefined).map(printable),
    ...(asn === undefined ? [] : [`AS${asn} ${readable(as_name ?? '')}`.trimEnd()]),
    ...(forwarded_for === undefined ? [] : [`says that it asks for ${printable(forwarded_for.join(', '))}`]),
  ]
  return parts.join(', ')
}

function countTexts({ count }: Alert): string[] {
  return count === 1 ? [] : [`${count} times`]
}

function exemptionTexts({ exemption: id }: Alert, exemption: Exemption | null): string[] {
  if (id === undefined) return []
  if (exemption === null) return [`${printable(id)}, which is not on record any more`]
  const { kind, reason, owner, ticket } = exemption
  return [
    `${printable(id)}: ${kind}, ${readable(reason)}`,
    `answers for it: ${readable(owner)}${ticket === undefined ? '' : ` (${readable(ticket)})`}`,
    spanText(exemption),
  ]
}

function evidenceLines({ evidence }: Alert): string[] {
  const rows = evidence.map(({ time, kind, value, packet, file }) => [
    utc(time),
    kind,
    printable(value),
    String(packet),
    printable(file),
  ])
  return columnLines(EVIDENCE_COLUMNS, rows, null)
}

function policyTexts(id: string, policies: readonly Policy[]): string[] {
  const known = policies.find((policy) => policy.id === id)
  if (known === undefined) return [`${printable(id)}, which the rules do not hold any more`]
  const { date, authority, country, title, reference, scope } = known
  return [
    `${printable(id)}: ${readable(authority)} (${printable(country)}), ${printable(date)}, ${readable(title)}, ${readable(reference)}`,
    `  ${readable(scope)}`,
  ]
}

function contactText(alert: Alert, contact: Contact | null): string {
  const id = printable(alert.contact)
  if (contact === null) return id
  const { service, client, alerts, exempt, first_seen, last_seen } = contact
  const hidden = exempt === 0 ? '' : ` and ${exempt} exempt`
  return `${id}: ${printable(client)} with ${readable(service)}, ${counted(alerts, 'alert')}${hidden}, ${utc(first_seen)} to ${utc(last_seen)} (UTC)`
}

/** `2026-11-22 09:00:00.020000` */
function utc(time: string): string {
  return printable(time.replace('T', ' ').replace('Z', ''))
}
