/**
 * An alert as a Detection Finding (class 2004) of OCSF 1.5, a JSON object in a
 * line; times are milliseconds since 1970. What the class has no attribute for
 * is in `unmapped`. All of it is ASCII, as EVE is.
 *
 * `finding_info.uid` is the alert's id. There is no `tls`: it needs the version,
 * which an alert does not know; the name that a client showed is `hostname` of
 * the destination.
 */

import { asciiJson } from '../../bytes/json-writer.ts'
import { microseconds } from '../../bytes/time.ts'
import type { Alert, AlertEndpoint, Confidence, Severity, State } from '../../events/alert.ts'
import {
  applicationOf,
  directionOf,
  fingerprintsOf,
  isIpv6,
  namesOf,
  PRODUCT_NAME,
  type Product,
  questionOf,
  SEVERITY_NUMBER,
  seen,
} from './alert-facts.ts'
import { cut, fitted, type Room, SENSOR_MAX } from './line-room.ts'

const OCSF_VERSION = '1.5.0'

const FINDINGS = 2
const DETECTION_FINDING = 2004
const RULE_ANALYTIC = 1
const HOSTNAME_OBSERVABLE = 1
const ADDRESS_OBSERVABLE = 2
const JA4_CLIENT = 1

/** A number and its caption. */
type Choice = readonly [id: number, caption: string]

const SEVERITY_CAPTION: Readonly<Record<Severity, string>> = {
  info: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
}

const CONFIDENCES: Readonly<Record<Confidence, Choice>> = { low: [1, 'Low'], medium: [2, 'Medium'], high: [3, 'High'] }

/** What people decided is an update of the finding. */
const ACTIVITIES: Readonly<Record<State, Choice>> = {
  new: [1, 'Create'],
  exempt: [1, 'Create'],
  acknowledged: [2, 'Update'],
  escalated: [2, 'Update'],
  closed: [3, 'Close'],
}

const STATUSES: Readonly<Record<State, Choice>> = {
  new: [1, 'New'],
  acknowledged: [2, 'In Progress'],
  escalated: [2, 'In Progress'],
  exempt: [3, 'Suppressed'],
  closed: [4, 'Resolved'],
}

const DIRECTIONS: Readonly<Record<ReturnType<typeof directionOf>, Choice>> = {
  unknown: [0, 'Unknown'],
  outbound: [2, 'Outbound'],
  internal: [3, 'Lateral'],
}

/** The line for an alert, without its line end. */
export function ocsfLine(alert: Alert, product: Product): string {
  return fitted((room) => asciiJson(ocsfRecord(alert, product, room)))
}

function ocsfRecord(alert: Alert, { version }: Product, room: Room): object {
  const { client } = alert
  const text = (value: string) => cut(value, room.text)
  const list = (values: readonly string[]) => values.slice(0, room.list).map(text)
  const [activity_id, activity_name] = ACTIVITIES[alert.state]
  const [status_id, status] = STATUSES[alert.state]
  const [confidence_id, confidence] = CONFIDENCES[alert.confidence]
  const first = milliseconds(alert.first_seen)
  const last = milliseconds(alert.last_seen)
  return {
    time: last,
    start_time: first,
    end_time: last,
    class_uid: DETECTION_FINDING,
    class_name: 'Detection Finding',
    category_uid: FINDINGS,
    category_name: 'Findings',
    activity_id,
    activity_name,
    type_uid: DETECTION_FINDING * 100 + activity_id,
    type_name: `Detection Finding: ${activity_name}`,
    severity_id: SEVERITY_NUMBER[alert.severity],
    severity: SEVERITY_CAPTION[alert.severity],
    confidence_id,
    confidence,
    status_id,
    status,
    is_alert: alert.state !== 'exempt' && alert.state !== 'closed',
    count: alert.count,
    message: text([alert.title, ...alert.reasons.slice(0, 1)].join(': ')),
    metadata: {
      version: OCSF_VERSION,
      product: { name: PRODUCT_NAME, vendor_name: PRODUCT_NAME, version },
      uid: alert.id,
      correlation_uid: alert.contact,
      log_name: 'alerts',
      loggers: [{ name: cut(alert.sensor, SENSOR_MAX) }],
    },
    finding_info: {
      uid: alert.id,
      title: text(alert.title),
      desc: text(alert.reasons.join(' ')),
      types: [alert.category],
      first_seen_time: first,
      last_seen_time: last,
      data_sources: list([...new Set(alert.evidence.map(({ file }) => file))]),
      analytic: {
        uid: alert.rule,
        name: text(alert.title),
        type_id: RULE_ANALYTIC,
        type: 'Rule',
        category: alert.category,
        version: alert.pack_version,
      },
      attacks: alert.attack.length === 0 ? undefined : alert.attack.slice(0, room.list).map(attackOf),
    },
    resources: [{ uid: client.ip, name: text(client.name || client.ip), type: alert.client_role }],
    evidences: evidencesOf(alert, room),
    observables: observablesOf(alert, room),
    unmapped: {
      service: text(alert.service),
      state: alert.state,
      exemption: alert.exemption,
      attempt: alert.attempt,
      client_role: alert.client_role,
      application: applicationOf(alert),
      traffic: {
        bytes: alert.bytes_out + alert.bytes_in,
        bytes_out: alert.bytes_out,
        bytes_in: alert.bytes_in,
        packets: alert.packets_out + alert.packets_in,
        packets_out: alert.packets_out,
        packets_in: alert.packets_in,
      },
      indicator: {
        kind: alert.indicator.kind,
        value: text(alert.indicator.value),
        role: text(alert.indicator.role),
        confidence: alert.indicator.confidence,
        sources: list(alert.indicator.sources),
      },
      use: alert.use ?? undefined,
      use_reason: alert.use_reason === '' ? undefined : text(alert.use_reason),
      policy: list(alert.policy),
      ja3: fingerprintsOf(alert).ja3,
      pack: alert.pack,
      run: alert.run,
      lossy: alert.lossy,
      shortened: room.isTight || undefined,
    },
  }
}

/** The first holds the flow, each one what was seen and where. */
function evidencesOf(alert: Alert, room: Room): object[] {
  const { client, server, protocol } = alert
  const text = (value: string) => cut(value, room.text)
  const question = questionOf(alert)
  const agent = seen(alert, 'user_agent')
  const { ja4 } = fingerprintsOf(alert)
  const [direction_id, direction] = DIRECTIONS[directionOf(alert)]
  const isV6 = isIpv6(client.ip)
  const flow = {
    src_endpoint: endpointOf(client, text),
    dst_endpoint: endpointOf(server, text),
    connection_info: {
      uid: String(alert.flow_id),
      community_uid: alert.community_id,
      direction_id,
      direction,
      protocol_num: protocol === 'TCP' ? 6 : 17,
      protocol_name: protocol.toLowerCase(),
      protocol_ver_id: isV6 ? 6 : 4,
      protocol_ver: isV6 ? 'Internet Protocol version 6 (IPv6)' : 'Internet Protocol version 4 (IPv4)',
    },
    query: question === undefined || question === '' ? undefined : { hostname: text(question) },
    http_request: agent === undefined ? undefined : { user_agent: text(agent) },
    ja4_fingerprint_list: ja4 === undefined ? undefined : [{ type_id: JA4_CLIENT, type: 'JA4', value: text(ja4) }],
  }
  const facts = alert.evidence.slice(0, room.list).map(({ kind, value, packet, file, time }) => ({
    data: { kind, value: text(value), packet, file: text(file), time },
  }))
  const [first, ...others] = facts
  return [{ ...flow, ...first }, ...others]
}

function endpointOf(
  { ip, port, mac, name, country, asn, as_name, forwarded_for }: AlertEndpoint,
  text: (value: string) => string,
): object {
  return {
    ip,
    port,
    mac,
    hostname: name === undefined || name === '' ? undefined : text(name),
    location: country === undefined ? undefined : { country },
    autonomous_system: asn === undefined ? undefined : { number: asn, name: as_name && text(as_name) },
    intermediate_ips: forwarded_for,
  }
}

/** `T1071.001` is a technique and its part. */
function attackOf(id: string): object {
  const [technique] = id.split('.', 1)
  return { technique: { uid: technique }, ...(technique === id ? {} : { sub_technique: { uid: id } }) }
}

/** What an analyst looks for in other events. */
function observablesOf(alert: Alert, { text, list }: Room): object[] {
  const { client, server, evidence } = alert
  const address = (name: string, value: string) => ({ name, type_id: ADDRESS_OBSERVABLE, type: 'IP Address', value })
  const host = (value: string) => {
    const at = evidence.findIndex((one) => one.value === value)
    const name = value === server.name ? 'evidences[0].dst_endpoint.hostname' : `evidences[${at}].data.value`
    return { name, type_id: HOSTNAME_OBSERVABLE, type: 'Hostname', value: cut(value, text) }
  }
  return [
    address('evidences[0].src_endpoint.ip', client.ip),
    address('evidences[0].dst_endpoint.ip', server.ip),
    ...namesOf(alert).slice(0, list).map(host),
  ]
}

function milliseconds(time: string): number {
  return Math.floor(microseconds(time) / 1000)
}
