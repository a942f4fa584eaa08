/**
 * An alert in the Log Event Extended Format 2.0 of QRadar:
 *
 *   LEEF:2.0|Vendor|Product|Version|EventID|^|key=value^key=value
 *
 * The format knows no escapes, so what separates must not be in a value: `^` is
 * written as `\x5e` and `|` as `\x7c`, also behind the head, where some readers
 * go on looking for it. The separator is no tab, as it would be by default,
 * because receivers of syslog replace control characters.
 * Text is UTF-8, in which what would steer a terminal, end the line or turn the
 * reading direction is written out (`\x1b`), and of what strangers sent
 * everything but printable ASCII.
 *
 * The keys before `title` are predefined ones of QRadar, the others ours.
 */

import { readable } from '../../bytes/text.ts'
import type { Alert } from '../../events/alert.ts'
import {
  applicationOf,
  directionOf,
  fingerprintsOf,
  PRODUCT_NAME,
  type Product,
  questionOf,
  SEVERITY_OF_TEN,
  seen,
} from './alert-facts.ts'
import { cut, fitted, type Room, SENSOR_MAX } from './line-room.ts'
import { systemText, textsIn } from './text-fields.ts'

const SEPARATOR = '^'
/** As Java writes it: `2026-11-22T09:00:10.123Z`. */
const TIME_FORMAT = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"

type Pair = readonly [key: string, value: string | number | boolean | undefined]

/** The line for an alert, without its line end. */
export function leefLine(alert: Alert, product: Product): string {
  return fitted((room) => {
    const head = [PRODUCT_NAME, PRODUCT_NAME, product.version, readable(alert.rule)]
    return `LEEF:2.0|${head.map(withoutMarks).join('|')}|${SEPARATOR}|${attributes(pairs(alert, room))}`
  })
}

function pairs(alert: Alert, room: Room): Pair[] {
  const { client, server, indicator, evidence } = alert
  const { ours, strangers, ids, evidence: seenWhere } = textsIn(room)
  const { ja3, ja4 } = fingerprintsOf(alert)
  return [
    ['devTime', toMilliseconds(alert.last_seen)],
    ['devTimeFormat', TIME_FORMAT],
    ['cat', alert.category],
    ['sev', SEVERITY_OF_TEN[alert.severity]],
    ['src', client.ip],
    ['dst', server.ip],
    ['srcPort', client.port],
    ['dstPort', server.port],
    ['proto', alert.protocol],
    ['srcMAC', client.mac],
    ['dstMAC', server.mac],
    ['srcBytes', alert.bytes_out],
    ['dstBytes', alert.bytes_in],
    ['srcPackets', alert.packets_out],
    ['dstPackets', alert.packets_in],
    ['totalPackets', alert.packets_out + alert.packets_in],
    ['identHostName', strangers(client.name)],
    ['policy', ids(alert.policy)],
    ['title', ours(alert.title)],
    ['alertId', readable(alert.id)],
    ['severity', alert.severity],
    ['confidence', alert.confidence],
    ['state', alert.state],
    ['exemption', readable(alert.exemption ?? '')],
    ['attempt', alert.attempt],
    ['count', alert.count],
    ['reasons', ours(alert.reasons.join(' '))],
    ['service', ours(alert.service)],
    ['firstSeen', toMilliseconds(alert.first_seen)],
    ['lastSeen', toMilliseconds(alert.last_seen)],
    ['application', applicationOf(alert)],
    ['direction', directionOf(alert)],
    ['clientRole', alert.client_role],
    ['forwardedFor', client.forwarded_for?.join(' ')],
    ['dstName', strangers(server.name)],
    ['dstCountry', ours(server.country)],
    ['dstAS', ours(systemText(server))],
    ['serverName', strangers(seen(alert, 'tls_sni', 'quic_sni'))],
    ['httpHost', strangers(seen(alert, 'http_host', 'http_connect'))],
    ['dnsQuestion', strangers(questionOf(alert))],
    ['userAgent', strangers(seen(alert, 'user_agent'))],
    ['ja3', ja3],
    ['ja4', strangers(ja4)],
    ['communityId', alert.community_id],
    ['indicator', ours(`${indicator.kind} ${indicator.value}`)],
    ['indicatorRole', ours(indicator.role)],
    ['indicatorConfidence', indicator.confidence],
    ['attack', ids(alert.attack)],
    ['use', alert.use ?? undefined],
    ['useReason', ours(alert.use_reason)],
    ['evidence', seenWhere(alert)],
    ['file', ours(evidence[0]?.file)],
    ['packet', evidence[0]?.packet],
    ['pack', ours(`${alert.pack} ${alert.pack_version}`)],
    ['contact', readable(alert.contact)],
    ['run', readable(alert.run)],
    ['sensor', cut(readable(alert.sensor), SENSOR_MAX)],
    ['lossy', alert.lossy],
  ]
}

function attributes(all: readonly Pair[]): string {
  return all
    .map(([key, value]) => [key, String(value ?? '').trim()] as const)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${withoutMarks(value)}`)
    .join(SEPARATOR)
}

function withoutMarks(text: string): string {
  return text.replaceAll(SEPARATOR, '\\x5e').replaceAll('|', '\\x7c')
}

/** A time of RFC 3339 in UTC with three digits of its fraction. */
function toMilliseconds(time: string): string {
  return time.replace(/(\.\d{3})\d*Z$/, '$1Z')
}
