/**
 * EVE JSON lines as Suricata 8 writes them (DNS in version 3), so that what
 * reads Suricata's reads ours. Our own fields live under `seekwatch`.
 *
 * Times are UTC with microseconds and `+0000`, without a colon in the zone.
 * Text from the wire becomes JSON strings and never a key; JSON escapes the
 * control characters, and everything above ASCII is escaped as well, so that
 * no reader can be misled by its direction or its encoding.
 */

import { asciiJson, type JsonWriter } from '../../bytes/json-writer.ts'
import { rfc3339 } from '../../bytes/time.ts'
import type { Alert, EvidenceKind, Severity } from '../../events/alert.ts'
import type {
  DnsObservation,
  FlowObservation,
  HttpObservation,
  Observation,
  QuicObservation,
  SocksObservation,
  StatsObservation,
  TlsObservation,
} from '../../events/observation.ts'
import { writeDns, writeDnsMore } from './eve-dns.ts'
import { writeHttp, writeHttpMore } from './eve-http.ts'
import { writeTls, writeTlsMore } from './eve-tls.ts'

const SEVERITY: Readonly<Record<Severity, number>> = { high: 1, medium: 2, low: 3, info: 4 }
const GENERATOR_ID = 1
const ZONE = '+0000'
const TCP_FLAG_NAMES = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr']

/** Writes the line for an observation, without its line end, after what `json` holds. */
export function writeEve(json: JsonWriter, observation: Observation, sensor: string): void {
  json.object()
  switch (observation.kind) {
    case 'tls':
      writeTlsEvent(json, observation, sensor)
      break
    case 'dns':
      writeDnsEvent(json, observation, sensor)
      break
    case 'http':
      writeHttpEvent(json, observation, sensor)
      break
    case 'quic':
      writeQuicEvent(json, observation, sensor)
      break
    case 'socks':
      writeSocksEvent(json, observation, sensor)
      break
    case 'flow':
      writeFlowEvent(json, observation, sensor)
      break
    case 'stats':
      writeStatsEvent(json, observation, sensor)
      break
  }
  json.endObject()
}

/** The line for an alert, without its line end. */
export function eveAlertLine(alert: Alert): string {
  const first = alert.evidence[0]
  return asciiJson({
    timestamp: zoned(alert.last_seen),
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
      start: zoned(alert.first_seen),
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

function writeTlsEvent(json: JsonWriter, tls: TlsObservation, sensor: string): void {
  writeEnvelope(json, 'tls', tls, sensor)
  json.object('tls')
  writeTls(json, tls)
  json.endObject()
  json.object('seekwatch')
  writeTlsMore(json, tls)
  json.endObject()
}

function writeDnsEvent(json: JsonWriter, dns: DnsObservation, sensor: string): void {
  writeEnvelope(json, dns.service, dns, sensor, dns.answer)
  json.object(dns.service)
  writeDns(json, dns)
  json.endObject()
  const more = json.object('seekwatch')
  writeDnsMore(json, dns)
  json.endObjectUnlessEmpty(more)
}

function writeHttpEvent(json: JsonWriter, http: HttpObservation, sensor: string): void {
  writeEnvelope(json, 'http', http, sensor)
  json.object('http')
  writeHttp(json, http)
  json.endObject()
  const more = json.object('seekwatch')
  writeHttpMore(json, http)
  json.endObjectUnlessEmpty(more)
}

function writeQuicEvent(json: JsonWriter, quic: QuicObservation, sensor: string): void {
  const { client } = quic
  writeEnvelope(json, 'quic', quic, sensor)
  json.object('quic')
  json.text('version', quic.version)
  json.someText('sni', quic.serverName)
  json.someText('ua', quic.userAgent)
  if (client?.fingerprints) {
    const { ja3, ja3Text, ja4 } = client.fingerprints
    json.object('ja3')
    json.text('hash', ja3)
    json.text('string', ja3Text)
    json.endObject()
    json.text('ja4', ja4)
  }
  if (client && client.extensions.length > 0) {
    json.array('extensions')
    for (const type of client.extensions) {
      json.object()
      json.number('type', type)
      json.endObject()
    }
    json.endArray()
  }
  json.endObject()
  json.object('seekwatch')
  json.someTexts('client_alpns', quic.alpn)
  if (client?.ech) json.value('ech', client.ech)
  if (client?.isPartial) json.flag('hello_is_partial')
  json.endObject()
}

function writeSocksEvent(json: JsonWriter, socks: SocksObservation, sensor: string): void {
  writeEnvelope(json, 'socks', socks, sensor)
  json.object('seekwatch')
  json.object('socks')
  json.number('version', socks.version)
  json.number('command', socks.command)
  json.text('host', socks.host)
  json.number('port', socks.port)
  json.someText('user', socks.user)
  json.endObject()
  json.endObject()
}

function writeFlowEvent(json: JsonWriter, flow: FlowObservation, sensor: string): void {
  writeEnvelope(json, 'flow', flow, sensor)
  json.someText('app_proto', flow.application)
  json.object('flow')
  json.number('pkts_toserver', flow.packetsOut)
  json.number('pkts_toclient', flow.packetsIn)
  json.number('bytes_toserver', flow.bytesOut)
  json.number('bytes_toclient', flow.bytesIn)
  json.text('start', eveTime(flow.startUs))
  json.text('end', eveTime(flow.endUs))
  json.number('age', Math.floor((flow.endUs - flow.startUs) / 1e6))
  json.text('state', flow.state)
  json.text('reason', flow.reason)
  json.value('alerted', flow.alerted)
  json.endObject()
  if (flow.flow.protocol === 'TCP') writeTcpFlags(json, flow)
}

function writeTcpFlags(json: JsonWriter, { tcpFlagsOut, tcpFlagsIn }: FlowObservation): void {
  const all = tcpFlagsOut | tcpFlagsIn
  json.object('tcp')
  json.text('tcp_flags', hexByte(all))
  json.text('tcp_flags_ts', hexByte(tcpFlagsOut))
  json.text('tcp_flags_tc', hexByte(tcpFlagsIn))
  for (const [bit, name] of TCP_FLAG_NAMES.entries()) if ((all & (1 << bit)) !== 0) json.flag(name)
  json.endObject()
}

function writeStatsEvent(json: JsonWriter, stats: StatsObservation, sensor: string): void {
  json.text('timestamp', eveTime(stats.timeUs))
  json.text('event_type', 'stats')
  json.text('host', sensor)
  json.value('stats', nested(stats.counters))
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

/** What all events of a flow begin with. @param isFromServer the message went from server to client */
function writeEnvelope(
  json: JsonWriter,
  type: string,
  { flow, timeUs, packet, file }: Exclude<Observation, StatsObservation>,
  sensor: string,
  isFromServer = false,
): void {
  const { id, clientIp, clientPort, clientMac, serverIp, serverPort, serverMac } = flow
  const sourceMac = isFromServer ? serverMac : clientMac
  json.text('timestamp', eveTime(timeUs))
  if (id !== 0) json.number('flow_id', id) // a quotation is no flow
  json.text('event_type', type)
  json.someNumbers('vlan', flow.vlans)
  json.text('src_ip', isFromServer ? serverIp : clientIp)
  json.number('src_port', isFromServer ? serverPort : clientPort)
  json.text('dest_ip', isFromServer ? clientIp : serverIp)
  json.number('dest_port', isFromServer ? clientPort : serverPort)
  json.text('proto', flow.protocol)
  json.number('ip_v', ipVersion(clientIp))
  json.text('pkt_src', 'wire/pcap')
  json.text('community_id', flow.communityId)
  json.text('host', sensor)
  json.number('pcap_cnt', packet)
  json.text('pcap_filename', file)
  if (sourceMac === '') return
  json.object('ether')
  json.text('src_mac', sourceMac)
  json.text('dest_mac', isFromServer ? clientMac : serverMac)
  json.endObject()
}

/** A number for a rule that other tools can filter by: from its id, in the range that Suricata leaves to users. */
export function signatureId(rule: string): number {
  let hash = 0
  for (const c of rule) hash = (Math.imul(hash, 31) + c.codePointAt(0)!) >>> 0
  return 9_000_000 + (hash % 1_000_000)
}

function eveTime(timeUs: number): string {
  return rfc3339(timeUs, ZONE)
}

/** A time of RFC 3339 in UTC as EVE has it. */
function zoned(time: string): string {
  return time.slice(0, -1) + ZONE
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
