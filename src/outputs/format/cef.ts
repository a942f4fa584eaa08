/**
 * An alert in the Common Event Format, version 0, as ArcSight defines it and
 * Sentinel and others take it:
 *
 *   CEF:0|Vendor|Product|Version|Signature ID|Name|Severity|key=value key=value
 *
 * In the head `\` and `|` are escaped, in the extension `\` and `=`; nothing
 * else is. Text is UTF-8, in which what would steer a terminal, end the line or
 * turn the reading direction is written out (`\x1b`), and of what strangers
 * sent everything but printable ASCII.
 *
 * Version 0 takes IPv4 alone in `src` and `dst`; IPv6 goes into `c6a2` and
 * `c6a3`. `in` is what went from the source to the destination, `out` what came
 * back: so the format defines it. What the dictionary has no key for has keys
 * of our own, `Seekwatch...`, as the format wants them.
 */

import { readable } from '../../bytes/text.ts'
import { microseconds } from '../../bytes/time.ts'
import type { Alert, AlertEndpoint } from '../../events/alert.ts'
import {
  applicationOf,
  directionOf,
  fingerprintsOf,
  isIpv6,
  PRODUCT_NAME,
  type Product,
  questionOf,
  SEVERITY_OF_TEN,
  seen,
} from './alert-facts.ts'
import { cut, fitted, type Room, SENSOR_MAX } from './line-room.ts'
import { systemText, textsIn } from './text-fields.ts'

// what ArcSight's dictionary takes of a text that is not simply 1,023 long
const NAME_MAX = 512
const HOST_MAX = 100
const DOMAIN_MAX = 255

type Pair = readonly [key: string, value: string | number | undefined]

/** The line for an alert, without its line end. */
export function cefLine(alert: Alert, product: Product): string {
  return fitted((room) => {
    const title = textsIn(room).ours(alert.title, NAME_MAX)!
    const head = [PRODUCT_NAME, PRODUCT_NAME, product.version, readable(alert.rule), title]
    return `CEF:0|${head.map(escapedInHead).join('|')}|${SEVERITY_OF_TEN[alert.severity]}|${extension(pairs(alert, room))}`
  })
}

function pairs(alert: Alert, room: Room): Pair[] {
  const { client, server, indicator, evidence } = alert
  const { ours, strangers, ids, evidence: seenWhere } = textsIn(room)
  const { ja3, ja4 } = fingerprintsOf(alert)
  const direction = directionOf(alert)
  const end = milliseconds(alert.last_seen)
  return [
    ['rt', end],
    ['start', milliseconds(alert.first_seen)],
    ['end', end],
    ['externalId', readable(alert.id)],
    ['cat', alert.category],
    ['act', 'alert'],
    ['outcome', alert.attempt ? 'attempt' : 'success'],
    ['cnt', alert.count],
    ['msg', ours(alert.reasons.join(' '))],
    ...address('src', 'c6a2', 'Source IPv6 Address', client),
    ['spt', client.port],
    ['smac', client.mac],
    ['shost', strangers(client.name)],
    ...address('dst', 'c6a3', 'Destination IPv6 Address', server),
    ['dpt', server.port],
    ['dmac', server.mac],
    ['dhost', strangers(server.name)],
    ['destinationServiceName', ours(alert.service)],
    ['destinationDnsDomain', strangers(questionOf(alert), DOMAIN_MAX)],
    ['requestClientApplication', strangers(seen(alert, 'user_agent'))],
    ['proto', alert.protocol],
    ['app', applicationOf(alert)],
    ['deviceDirection', direction === 'outbound' ? 1 : undefined],
    ['in', alert.bytes_out],
    ['out', alert.bytes_in],
    ['dvchost', cut(readable(alert.sensor), HOST_MAX)],
    ['deviceExternalId', cut(readable(alert.sensor), SENSOR_MAX)],
    ['filePath', ours(evidence[0]?.file)],
    ...labelled('cs1', 'Confidence', alert.confidence),
    ...labelled('cs2', 'Evidence', seenWhere(alert)),
    ...labelled('cs3', 'Community ID', alert.community_id),
    ...labelled('cs4', 'Indicator', ours(`${indicator.kind} ${indicator.value}`)),
    ...labelled('cs5', 'Policies', ids(alert.policy)),
    ...labelled('cs6', 'MITRE ATT&CK', ids(alert.attack)),
    ...labelled('cn1', 'Packets Source To Destination', alert.packets_out),
    ...labelled('cn2', 'Packets Destination To Source', alert.packets_in),
    ...labelled('cn3', 'Packet Number In File', evidence[0]?.packet),
    ...labelled('flexString1', 'Client Role', alert.client_role),
    ...labelled('flexString2', 'Server AS', ours(systemText(server))),
    ['SeekwatchState', alert.state],
    ['SeekwatchExemption', readable(alert.exemption ?? '')],
    ['SeekwatchServerName', strangers(seen(alert, 'tls_sni', 'quic_sni'))],
    ['SeekwatchServerCountry', ours(server.country)],
    ['SeekwatchForwardedFor', client.forwarded_for?.join(' ')],
    ['SeekwatchJa3', ja3],
    ['SeekwatchJa4', strangers(ja4)],
    ['SeekwatchIndicatorRole', ours(indicator.role)],
    ['SeekwatchIndicatorConfidence', indicator.confidence],
    ['SeekwatchUse', alert.use ?? undefined],
    ['SeekwatchUseReason', ours(alert.use_reason)],
    ['SeekwatchPack', ours(`${alert.pack} ${alert.pack_version}`)],
    ['SeekwatchContact', readable(alert.contact)],
    ['SeekwatchRun', readable(alert.run)],
    ['SeekwatchLossy', alert.lossy ? 'true' : undefined],
  ]
}

function address(key: string, key6: string, label: string, { ip }: AlertEndpoint): Pair[] {
  return isIpv6(ip) ? labelled(key6, label, ip) : [[key, ip]]
}

/** A key that means what its label says; neither without a value. */
function labelled(key: string, label: string, value: string | number | undefined): Pair[] {
  return value === undefined || value === ''
    ? []
    : [
        [key, value],
        [`${key}Label`, label],
      ]
}

function extension(all: readonly Pair[]): string {
  return all
    .map(([key, value]) => [key, String(value ?? '').trim()] as const) // spaces at an end would be the next key's
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${value.replace(/[\\=]/g, '\\$&')}`)
    .join(' ')
}

function escapedInHead(text: string): string {
  return text.replace(/[\\|]/g, '\\$&')
}

function milliseconds(time: string): number {
  return Math.floor(microseconds(time) / 1000)
}
