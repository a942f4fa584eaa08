/**
 * EVE JSON lines as Suricata 8 writes them (DNS in version 3), so that what
 * reads Suricata's reads ours. Our own fields live under `seekwatch`.
 *
 * Times are UTC with microseconds and `+0000`, without a colon in the zone.
 * Text from the wire becomes JSON strings and never a key; JSON escapes the
 * control characters, and everything above ASCII is escaped as well, so that
 * no reader can be misled by its direction or its encoding.
 */

import { rfc3339 } from '../../bytes/time.ts'
import type { Alert, EvidenceKind, Severity } from '../../events/alert.ts'
import type {
  DnsObservation,
  FlowObservation,
  FlowRef,
  HttpObservation,
  Observation,
  Place,
  QuicObservation,
  SocksObservation,
  StatsObservation,
  TlsObservation,
} from '../../events/observation.ts'
import { eveDns, eveDnsMore } from './eve-dns.ts'
import { eveHttp, eveHttpMore } from './eve-http.ts'
import { eveTls, eveTlsMore } from './eve-tls.ts'

const SEVERITY: Readonly<Record<Severity, number>> = { high: 1, medium: 2, low: 3, info: 4 }
const GENERATOR_ID = 1
const TCP_FLAG_NAMES = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr']

/** The line for an observation, without its line end. */
export function eveLine(observation: Observation, sensor: string): string {
  switch (observation.kind) {
    case 'tls':
      return line(tlsEvent(observation, sensor))
    case 'dns':
      return line(dnsEvent(observation, sensor))
    case 'http':
      return line(httpEvent(observation, sensor))
    case 'quic':
      return line(quicEvent(observation, sensor))
    case 'socks':
      return line(socksEvent(observation, sensor))
    case 'flow':
      return line(flowEvent(observation, sensor))
    case 'stats':
      return line(statsEvent(observation, sensor))
  }
}

/** The line for an alert, without its line end. */
export function eveAlertLine(alert: Alert): string {
  const first = alert.evidence[0]
  return line({
    timestamp: eveTime(alert.last_seen),
    flow_id: alert.flow_id,
    event_type: 'alert',
    src_ip: alert.client.ip,
    src_port: alert.client.port,
    dest_ip: alert.server.ip,
    dest_port: alert.server.port,
    proto: alert.protocol,
    ip_v: ipVersion(alert.client.ip),
    pkt_src: 'wire/pcap',
    community_id: alert.community_id,
    host: alert.sensor,
    ...(first ? { pcap_cnt: first.packet, pcap_filename: first.file } : {}),
    direction: 'to_server',
    alert: {
      action: 'allowed',
      gid: GENERATOR_ID,
      signature_id: signatureId(alert.rule),
      rev: 1,
      signature: alert.title,
      category: 'Potential Corporate Privacy Violation',
      severity: SEVERITY[alert.severity],
      metadata: { confidence: [capitalised(alert.confidence)], policy: alert.policy, mitre_technique_id: alert.attack },
    },
    ...application(alert),
    flow: {
      pkts_toserver: alert.packets_out,
      pkts_toclient: alert.packets_in,
      bytes_toserver: alert.bytes_out,
      bytes_toclient: alert.bytes_in,
      start: eveTime(alert.first_seen),
      src_ip: alert.client.ip,
      dest_ip: alert.server.ip,
      src_port: alert.client.port,
      dest_port: alert.server.port,
    },
    seekwatch: alert,
  })
}

function application(alert: Alert): object {
  const seen = (kind: EvidenceKind) => alert.evidence.find((evidence) => evidence.kind === kind)?.value
  const sni = seen('tls_sni')
  if (sni !== undefined) return { app_proto: 'tls', tls: { sni } }
  const quic = seen('quic_sni')
  if (quic !== undefined) return { app_proto: 'quic', quic: { sni: quic } }
  const hostname = seen('http_host') ?? seen('http_connect')
  if (hostname !== undefined) return { app_proto: 'http', http: { hostname } }
  const question = seen('dns_question') ?? (alert.evidence[0]?.kind === 'dns_answer' ? seen('dns_answer') : undefined)
  if (question !== undefined) return { app_proto: 'dns', dns: { version: 3, queries: [{ rrname: question }] } }
  return {}
}

function tlsEvent(tls: TlsObservation, sensor: string): object {
  return {
    ...envelope('tls', tls.flow, tls, tls.timeUs, sensor),
    tls: eveTls(tls),
    seekwatch: eveTlsMore(tls),
  }
}

function dnsEvent(dns: DnsObservation, sensor: string): object {
  const flow = dns.answer ? reversed(dns.flow) : dns.flow
  const more = eveDnsMore(dns)
  return {
    ...envelope(dns.service, flow, dns, dns.timeUs, sensor),
    [dns.service]: eveDns(dns),
    ...(Object.keys(more).length === 0 ? {} : { seekwatch: more }),
  }
}

function httpEvent(http: HttpObservation, sensor: string): object {
  const more = eveHttpMore(http)
  return {
    ...envelope('http', http.flow, http, http.timeUs, sensor),
    http: eveHttp(http),
    ...(Object.keys(more).length === 0 ? {} : { seekwatch: more }),
  }
}

function reversed(flow: FlowRef): FlowRef {
  const { id, protocol, communityId, vlans } = flow
  return {
    id,
    protocol,
    communityId,
    vlans,
    clientIp: flow.serverIp,
    clientPort: flow.serverPort,
    clientMac: flow.serverMac,
    serverIp: flow.clientIp,
    serverPort: flow.clientPort,
    serverMac: flow.clientMac,
  }
}

function quicEvent(quic: QuicObservation, sensor: string): object {
  const { fingerprints } = quic.client ?? {}
  return {
    ...envelope('quic', quic.flow, quic, quic.timeUs, sensor),
    quic: {
      version: quic.version,
      ...(quic.serverName === '' ? {} : { sni: quic.serverName }),
      ...(quic.userAgent === '' ? {} : { ua: quic.userAgent }),
      ...(fingerprints ? { ja3: { hash: fingerprints.ja3, string: fingerprints.ja3Text }, ja4: fingerprints.ja4 } : {}),
      ...(quic.client && quic.client.extensions.length > 0
        ? { extensions: quic.client.extensions.map((type) => ({ type })) }
        : {}),
    },
    seekwatch: {
      ...(quic.alpn.length === 0 ? {} : { client_alpns: quic.alpn }),
      ...(quic.client?.ech ? { ech: quic.client.ech } : {}),
      ...(quic.client?.isPartial ? { hello_is_partial: true } : {}),
    },
  }
}

function socksEvent(socks: SocksObservation, sensor: string): object {
  const { version, command, host, port, user } = socks
  return {
    ...envelope('socks', socks.flow, socks, socks.timeUs, sensor),
    seekwatch: { socks: { version, command, host, port, ...(user === '' ? {} : { user }) } },
  }
}

function flowEvent(flow: FlowObservation, sensor: string): object {
  return {
    ...envelope('flow', flow.flow, flow, flow.timeUs, sensor),
    ...(flow.application === '' ? {} : { app_proto: flow.application }),
    flow: {
      pkts_toserver: flow.packetsOut,
      pkts_toclient: flow.packetsIn,
      bytes_toserver: flow.bytesOut,
      bytes_toclient: flow.bytesIn,
      start: eveTime(rfc3339(flow.startUs)),
      end: eveTime(rfc3339(flow.endUs)),
      age: Math.floor((flow.endUs - flow.startUs) / 1e6),
      state: flow.state,
      reason: flow.reason,
      alerted: flow.alerted,
    },
    ...(flow.flow.protocol === 'TCP' ? { tcp: tcpFlags(flow) } : {}),
  }
}

function tcpFlags({ tcpFlagsOut, tcpFlagsIn }: FlowObservation): object {
  const all = tcpFlagsOut | tcpFlagsIn
  const names = TCP_FLAG_NAMES.filter((_, bit) => (all & (1 << bit)) !== 0)
  return {
    tcp_flags: hexByte(all),
    tcp_flags_ts: hexByte(tcpFlagsOut),
    tcp_flags_tc: hexByte(tcpFlagsIn),
    ...Object.fromEntries(names.map((name) => [name, true])),
  }
}

function statsEvent(stats: StatsObservation, sensor: string): object {
  return { timestamp: eveTime(rfc3339(stats.timeUs)), event_type: 'stats', host: sensor, stats: nested(stats.counters) }
}

/** `{'decode.not_ip': 3}` becomes `{decode: {not_ip: 3}}`, as Suricata nests its counters. */
function nested(counters: Record<string, number>): object {
  const groups: Record<string, Record<string, number>> = {}
  for (const [name, value] of Object.entries(counters)) {
    const dot = name.indexOf('.')
    const group = name.slice(0, dot)
    groups[group] = { ...groups[group], [name.slice(dot + 1)]: value }
  }
  return groups
}

function envelope(type: string, flow: FlowRef, place: Place, timeUs: number, sensor: string): object {
  return {
    timestamp: eveTime(rfc3339(timeUs)),
    ...(flow.id === 0 ? {} : { flow_id: flow.id }), // a quotation is no flow
    event_type: type,
    ...(flow.vlans.length === 0 ? {} : { vlan: flow.vlans }),
    src_ip: flow.clientIp,
    src_port: flow.clientPort,
    dest_ip: flow.serverIp,
    dest_port: flow.serverPort,
    proto: flow.protocol,
    ip_v: ipVersion(flow.clientIp),
    pkt_src: 'wire/pcap',
    community_id: flow.communityId,
    host: sensor,
    pcap_cnt: place.packet,
    pcap_filename: place.file,
    ...(flow.clientMac === '' ? {} : { ether: { src_mac: flow.clientMac, dest_mac: flow.serverMac } }),
  }
}

/** A number for a rule that other tools can filter by: from its id, in the range that Suricata leaves to users. */
export function signatureId(rule: string): number {
  let hash = 0
  for (const c of rule) hash = (Math.imul(hash, 31) + c.codePointAt(0)!) >>> 0
  return 9_000_000 + (hash % 1_000_000)
}

function eveTime(time: string): string {
  return `${time.slice(0, -1)}+0000`
}

function ipVersion(ip: string): number {
  return ip.includes(':') ? 6 : 4
}

function capitalised(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1)
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0')
}

function line(event: object): string {
  return JSON.stringify(event).replace(/[\x7f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
