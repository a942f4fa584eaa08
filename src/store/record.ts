/**
 * The alert as a row of the table `alerts`, and back.
 *
 * Both ways write every key by name and in one order, so the same alert is
 * the same bytes, whoever made the object.
 */

import { microseconds, rfc3339 } from '../bytes/time.ts'
import {
  type Alert,
  type AlertEndpoint,
  CATEGORIES,
  CONFIDENCES,
  type Evidence,
  type EvidenceKind,
  SEVERITIES,
  USES,
  type Use,
} from '../events/alert.ts'
import { addressKey } from './address-key.ts'
import { StoreError } from './errors.ts'

/** A row of `alerts` as it is written; see schema/ for the units. */
export interface AlertRow {
  id: string
  rule: string
  title: string
  pack: string
  pack_version: string
  service: string
  category: string
  severity: number
  confidence: number
  state: string
  attempt: number
  count: number
  evidence: string
  indicator: string
  reasons: string
  use: string
  use_reason: string
  client: string
  client_role: string
  server: string
  protocol: string
  bytes_out: number
  bytes_in: number
  packets_out: number
  packets_in: number
  first_seen: number
  last_seen: number
  run: string
  sensor: string
  community_id: string
  flow_id: number
  lossy: number
  policy: string
  attack: string
  final: number
  contact: number
  client_key: Buffer
  name: string
  search: string
  exemption: string | null
}

/** A row as it is read: with the id of its contact beside the contact's key. */
export interface StoredAlertRow extends AlertRow {
  arrival: number
  contact_id: string
}

/** The row of `alert`, which belongs to the contact with the key `contact`. Throws when a time or the client's address is none. */
export function toRow(alert: Alert, final: boolean, contact: number): AlertRow {
  return {
    id: alert.id,
    rule: alert.rule,
    title: alert.title,
    pack: alert.pack,
    pack_version: alert.pack_version,
    service: alert.service,
    category: alert.category,
    severity: SEVERITIES.indexOf(alert.severity),
    confidence: CONFIDENCES.indexOf(alert.confidence),
    state: alert.state,
    attempt: Number(alert.attempt),
    count: alert.count,
    evidence: JSON.stringify(alert.evidence.map(evidence)),
    indicator: JSON.stringify(indicator(alert.indicator)),
    reasons: JSON.stringify(alert.reasons),
    use: alert.use ?? '',
    use_reason: alert.use_reason,
    client: JSON.stringify(endpoint(alert.client)),
    client_role: alert.client_role,
    server: JSON.stringify(endpoint(alert.server)),
    protocol: alert.protocol,
    bytes_out: alert.bytes_out,
    bytes_in: alert.bytes_in,
    packets_out: alert.packets_out,
    packets_in: alert.packets_in,
    first_seen: exactTime(alert, alert.first_seen),
    last_seen: exactTime(alert, alert.last_seen),
    run: alert.run,
    sensor: alert.sensor,
    community_id: alert.community_id,
    flow_id: alert.flow_id,
    lossy: Number(alert.lossy),
    policy: JSON.stringify(alert.policy),
    attack: JSON.stringify(alert.attack),
    final: Number(final),
    contact,
    client_key: addressKey(alert.client.ip),
    name: nameOf(alert),
    search: searchText(alert),
    exemption: alert.exemption ?? null,
  }
}

/** The alert of a row, its keys in the order of events/alert.ts. Throws StoreError when the row was tampered with. */
export function fromRow(row: StoredAlertRow): Alert {
  try {
    return {
      id: row.id,
      rule: row.rule,
      title: row.title,
      pack: row.pack,
      pack_version: row.pack_version,
      service: row.service,
      category: row.category as Alert['category'],
      severity: SEVERITIES[row.severity]!, // 0 to 3 by a CHECK of the table
      confidence: CONFIDENCES[row.confidence]!,
      state: row.state as Alert['state'],
      ...(row.exemption === null ? {} : { exemption: row.exemption }),
      attempt: row.attempt === 1,
      count: row.count,
      evidence: JSON.parse(row.evidence),
      indicator: JSON.parse(row.indicator),
      reasons: JSON.parse(row.reasons),
      use: row.use === '' ? null : (row.use as Use),
      use_reason: row.use_reason,
      client: JSON.parse(row.client),
      client_role: row.client_role as Alert['client_role'],
      server: JSON.parse(row.server),
      protocol: row.protocol as Alert['protocol'],
      bytes_out: row.bytes_out,
      bytes_in: row.bytes_in,
      packets_out: row.packets_out,
      packets_in: row.packets_in,
      first_seen: rfc3339(row.first_seen),
      last_seen: rfc3339(row.last_seen),
      contact: row.contact_id,
      run: row.run,
      sensor: row.sensor,
      community_id: row.community_id,
      flow_id: row.flow_id,
      lossy: row.lossy === 1,
      policy: JSON.parse(row.policy),
      attack: JSON.parse(row.attack),
    }
  } catch (error) {
    throw new StoreError(`row ${row.arrival} of the table alerts is damaged: restore a copy of the database`, {
      cause: error,
    })
  }
}

/** Kinds of evidence that say how, not with whom. */
const NAMELESS: ReadonlySet<EvidenceKind> = new Set(['network', 'user_agent', 'fingerprint', 'telemetry'])

/** The name or address that an alert counts for in its contact: of a DNS alert the name asked for, not the resolver. */
export function nameOf(alert: Alert): string {
  const named = alert.evidence.find((entry) => !NAMELESS.has(entry.kind))
  return named?.value ?? alert.server.name ?? alert.server.ip
}

/** Index in USES, the end of the list for an alert without a use. */
export function useRank({ use }: Alert): number {
  const rank = use === null ? -1 : USES.indexOf(use)
  return rank < 0 ? USES.length : rank
}

/** Index in CATEGORIES; the end of the list for a word that is not in it. */
export function categoryRank(alert: Alert): number {
  const rank = CATEGORIES.indexOf(alert.category)
  return rank < 0 ? CATEGORIES.length - 1 : rank
}

function searchText(alert: Alert): string {
  const { client, server, evidence } = alert
  const words = [
    client.ip,
    client.name,
    ...(client.forwarded_for ?? []),
    server.ip,
    server.name,
    ...evidence.map((e) => e.value),
  ]
  return [...new Set(words.filter((word) => word !== undefined))].join('\n').toLowerCase()
}

function exactTime(alert: Alert, text: string): number {
  const timeUs = microseconds(text)
  if (Number.isNaN(timeUs)) throw new Error(`alert ${alert.id}: "${text}" is not a time in RFC 3339`)
  return timeUs
}

function endpoint(end: AlertEndpoint): AlertEndpoint {
  // JSON leaves out what is undefined
  const { ip, port, mac, name, country, asn, as_name, forwarded_for } = end
  return { ip, port, mac, name, country, asn, as_name, forwarded_for } as AlertEndpoint
}

function evidence({ kind, value, packet, file, time }: Evidence): Evidence {
  return { kind, value, packet, file, time }
}

function indicator({ kind, value, role, confidence, sources }: Alert['indicator']): Alert['indicator'] {
  return { kind, value, role, confidence, sources }
}
