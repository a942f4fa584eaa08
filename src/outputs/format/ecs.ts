/**
 * An alert in the Elastic Common Schema 9, a JSON object in a line. What the
 * schema has no field for is in an object of our own, `seekwatch`. All of it is
 * ASCII, as EVE is: names are exact, and escaped as JSON has it.
 *
 * `event.id` is the alert's: an index that takes it for the id of the document
 * keeps each alert once.
 */

import { isIP } from 'node:net'
import { asciiJson } from '../../bytes/json-writer.ts'
import { microseconds } from '../../bytes/time.ts'
import type { Alert, AlertEndpoint, EvidenceKind, IndicatorRef } from '../../events/alert.ts'
import {
  allSeen,
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

/** The fields are those of this version; later ones of 9 have them, too. */
const ECS_VERSION = '9.0.0'

/** Which of our fields holds a value of evidence. */
const MATCHED_FIELDS: Readonly<Record<EvidenceKind, string>> = {
  tls_sni: 'tls.client.server_name',
  quic_sni: 'tls.client.server_name',
  http_host: 'url.domain',
  http_connect: 'url.domain',
  socks_target: 'destination.domain',
  certificate_name: 'tls.server.x509.alternative_names',
  dns_question: 'dns.question.name',
  dns_answer: 'dns.question.name',
  dns_flow: 'destination.domain',
  address: 'destination.ip',
  network: 'destination.ip',
  user_agent: 'user_agent.original',
  fingerprint: 'tls.client.ja3',
  telemetry: 'related.hosts',
}

/** As STIX names them, of which the schema takes these; a fingerprint or a user agent is one of a program. */
const INDICATOR_TYPES: Readonly<Record<Exclude<IndicatorRef['kind'], 'network'>, string>> = {
  domain: 'domain-name',
  fronted: 'domain-name',
  hosting: 'autonomous-system',
  user_agent: 'software',
  fingerprint: 'software',
  certificate: 'x509-certificate',
}

/** The line for an alert, without its line end. */
export function ecsLine(alert: Alert, product: Product): string {
  return fitted((room) => asciiJson(ecsRecord(alert, product, room)))
}

function ecsRecord(alert: Alert, { version }: Product, room: Room): object {
  const { client, server, attack } = alert
  const text = (value: string) => cut(value, room.text)
  const optional = (value: string | undefined) => (value === undefined || value === '' ? undefined : text(value))
  const list = (values: readonly string[]) => values.slice(0, room.list).map(text)
  const { ja3, ja4 } = fingerprintsOf(alert)
  const direction = directionOf(alert)
  const forwardedFor = client.forwarded_for ?? []
  const question = questionOf(alert)
  const host = seen(alert, 'http_host', 'http_connect')
  const agent = seen(alert, 'user_agent')
  return {
    '@timestamp': alert.last_seen,
    ecs: { version: ECS_VERSION },
    message: text([alert.title, ...alert.reasons.slice(0, 1)].join(': ')),
    event: {
      kind: 'alert',
      category: ['intrusion_detection', 'network'],
      type: ['info', ...(question === undefined ? ['connection'] : ['protocol'])],
      module: 'seekwatch',
      dataset: 'seekwatch.alert',
      action: alert.attempt ? 'contact-attempt' : 'contact',
      outcome: alert.attempt ? 'unknown' : 'success', // an answer that was not seen may have been given
      id: alert.id,
      severity: SEVERITY_NUMBER[alert.severity],
      reason: optional(alert.reasons.join(' ')),
      start: alert.first_seen,
      end: alert.last_seen,
      duration: Math.max(microseconds(alert.last_seen) - microseconds(alert.first_seen), 0) * 1000,
    },
    observer: {
      name: cut(alert.sensor, SENSOR_MAX),
      type: 'ids',
      vendor: PRODUCT_NAME,
      product: PRODUCT_NAME,
      version,
    },
    source: end(client, alert.bytes_out, alert.packets_out, text),
    destination: end(server, alert.bytes_in, alert.packets_in, text),
    network: {
      transport: alert.protocol.toLowerCase(),
      iana_number: alert.protocol === 'TCP' ? '6' : '17',
      type: isIpv6(client.ip) ? 'ipv6' : 'ipv4',
      protocol: applicationOf(alert),
      direction: direction === 'unknown' ? undefined : direction,
      community_id: alert.community_id,
      forwarded_ip: forwardedFor[0],
      bytes: alert.bytes_out + alert.bytes_in,
      packets: alert.packets_out + alert.packets_in,
    },
    rule: {
      id: alert.rule,
      name: text(alert.title),
      category: alert.category,
      ruleset: alert.pack,
      version: alert.pack_version,
    },
    threat: { ...techniques(attack.slice(0, room.list)), enrichments: [enrichment(alert, text)] },
    tls: tls(optional(seen(alert, 'tls_sni', 'quic_sni')), ja3, list(allSeen(alert, 'certificate_name'))),
    dns: question === undefined ? undefined : { type: dnsType(alert), question: { name: text(question) } },
    url: host === undefined ? undefined : { domain: text(host) },
    user_agent: agent === undefined ? undefined : { original: text(agent) },
    related: {
      ip: [...new Set([client.ip, server.ip, ...forwardedFor])],
      hosts: list([client.name ?? '', ...namesOf(alert), ...allSeen(alert, 'telemetry')].filter(Boolean)),
      hash: ja3 === undefined ? undefined : [ja3],
    },
    seekwatch: {
      service: text(alert.service),
      confidence: alert.confidence,
      state: alert.state,
      exemption: alert.exemption,
      attempt: alert.attempt,
      count: alert.count,
      client_role: alert.client_role,
      use: alert.use ?? undefined,
      use_reason: optional(alert.use_reason),
      indicator: {
        kind: alert.indicator.kind,
        value: text(alert.indicator.value),
        role: text(alert.indicator.role),
        confidence: alert.indicator.confidence,
        sources: list(alert.indicator.sources),
      },
      evidence: alert.evidence.slice(0, room.list).map(({ kind, value, packet, file, time }) => ({
        kind,
        value: text(value),
        packet,
        file: text(file),
        time,
      })),
      ja4: optional(ja4),
      forwarded_for: forwardedFor.length === 0 ? undefined : forwardedFor,
      policy: list(alert.policy),
      contact: alert.contact,
      run: alert.run,
      flow_id: String(alert.flow_id),
      lossy: alert.lossy,
      shortened: room.isTight || undefined,
    },
  }
}

function end(
  { ip, port, mac, name, country, asn, as_name }: AlertEndpoint,
  bytes: number,
  packets: number,
  text: (value: string) => string,
): object {
  return {
    address: ip,
    ip,
    port,
    mac: mac?.replaceAll(':', '-').toUpperCase(),
    domain: name === undefined || name === '' ? undefined : text(name),
    bytes,
    packets,
    geo: country === undefined ? undefined : { country_iso_code: country },
    as:
      asn === undefined
        ? undefined
        : { number: asn, organization: as_name === undefined ? undefined : { name: text(as_name) } },
  }
}

/** `T1071.001` is a technique and its part. */
function techniques(attack: readonly string[]): object {
  if (attack.length === 0) return {}
  const parts = attack.filter((id) => id.includes('.'))
  return {
    framework: 'MITRE ATT&CK',
    technique: {
      id: [...new Set(attack.map((id) => id.split('.', 1)[0]!))],
      ...(parts.length === 0 ? {} : { subtechnique: { id: parts } }),
    },
  }
}

/** What of the pack matched, and where. */
function enrichment({ indicator, pack, evidence }: Alert, text: (value: string) => string): object {
  const { kind, value, role, confidence, sources } = indicator
  const [first] = evidence
  return {
    indicator: {
      type: kind === 'network' ? (isIpv6(value) ? 'ipv6-addr' : 'ipv4-addr') : INDICATOR_TYPES[kind],
      name: text(value),
      description: text(role),
      confidence: confidence[0]!.toUpperCase() + confidence.slice(1),
      provider: pack,
      reference: sources[0] === undefined ? undefined : text(sources[0]),
      ...(kind === 'domain' ? { url: { domain: text(value) } } : {}),
      ip: singleAddress(value),
    },
    matched:
      first === undefined
        ? undefined
        : { atomic: text(first.value), field: matchedField(first.kind, first.value), occurred: first.time },
  }
}

/** `192.0.2.1/32` as an address; undefined for what is a range or none: a field of that type takes nothing else. */
function singleAddress(value: string): string | undefined {
  const [ip, bits] = value.split('/', 2)
  return isIP(ip!) !== 0 && bits === (isIpv6(ip!) ? '128' : '32') ? ip : undefined
}

function matchedField(kind: EvidenceKind, value: string): string {
  return kind === 'fingerprint' && value.includes('_') ? 'seekwatch.ja4' : MATCHED_FIELDS[kind]
}

function tls(serverName: string | undefined, ja3: string | undefined, names: readonly string[]): object | undefined {
  if (serverName === undefined && ja3 === undefined && names.length === 0) return undefined
  return {
    client: serverName === undefined && ja3 === undefined ? undefined : { server_name: serverName, ja3 },
    server: names.length === 0 ? undefined : { x509: { alternative_names: names } },
  }
}

function dnsType({ evidence }: Alert): 'answer' | 'query' {
  return evidence.some(({ kind }) => kind === 'dns_answer') ? 'answer' : 'query'
}
