/**
 * The data of DNS records as text, type by type: RFC 1035 section 3.3 and the
 * documents named below. Big-endian; the bytes stay the message's.
 *
 * The text is that of zone files, without the final dot of names. Where the
 * data does not follow the form of its type the text is empty, so that nothing
 * that is not an address or a name passes for one; types whose form is not
 * known here are written as RFC 3597 section 5 says.
 */

import { ipv4Text, ipv6Text } from '../../bytes/address.ts'
import { Cursor } from '../../bytes/cursor.ts'
import type { DnsFields } from '../../events/observation.ts'
import { dnssecText } from './dnssec.ts'
import { takeOptions } from './edns.ts'
import { locationText } from './location.ts'
import type { DnsMessage } from './message.ts'
import { escaped, quoted, shownName, takeHex, takeName, takeString, takeUnknown } from './presentation.ts'
import { takeService } from './svcb.ts'
import * as types from './types.ts'

export interface RecordData {
  /** Empty when the data does not follow the form of its type. */
  text: string
  fields?: DnsFields
}

const MALFORMED: Readonly<RecordData> = { text: '' }

/** The data of row `row` of `message`, a record. */
export function recordData(message: DnsMessage, row: number): RecordData {
  const { bytes } = message
  const type = message.type[row]!
  const start = message.dataAt[row]!
  const dataBytes = message.dataBytes[row]!
  if (type === types.A) return dataBytes === 4 ? { text: ipv4Text(bytes, start) } : MALFORMED
  if (type === types.AAAA) return dataBytes === 16 ? { text: ipv6Text(bytes, start) } : MALFORMED
  const data = new Cursor(bytes, start, start + dataBytes)
  const found =
    type === types.OPT ? takeOptions(data, message.class[row]!, message.ttl[row]!) : take(message, type, data)
  return data.ok ? found : MALFORMED
}

function take(message: DnsMessage, type: number, data: Cursor): RecordData {
  const name = () => takeName(message, data)
  switch (type) {
    case types.NS:
    case types.MD:
    case types.MF:
    case types.CNAME:
    case types.MB:
    case types.MG:
    case types.MR:
    case types.PTR:
    case types.DNAME: // RFC 6672
      return { text: shownName(name()) }
    case types.SOA:
      return takeSoa(message, data)
    case types.MX:
      return takeMx(message, data)
    case types.AFSDB: // RFC 1183
    case types.RT:
    case types.KX: // RFC 2230
      return { text: `${data.u16()} ${shownName(name())}` }
    case types.RP: // RFC 1183
    case types.MINFO:
      return { text: `${shownName(name())} ${shownName(name())}` }
    case types.TXT:
    case types.SPF: // RFC 4408
      return takeText(data)
    case types.HINFO:
    case types.X25: // RFC 1183
    case types.ISDN:
      return { text: takeStrings(data).map(quoted).join(' ') }
    case types.NULL:
      return takeNull(data)
    case types.SRV:
      return takeSrv(message, data)
    case types.NAPTR: // RFC 3403 section 4.1
      return {
        text: `${data.u16()} ${data.u16()} ${[string(data), string(data), string(data)].join(' ')} ${shownName(name())}`,
      }
    case types.URI: // RFC 7553 section 4.5
      return { text: `${data.u16()} ${data.u16()} ${restQuoted(data)}` }
    case types.CAA: // RFC 8659 section 4.1
      return { text: `${data.u8()} ${escaped(takeString(data))} ${restQuoted(data)}` }
    case types.SSHFP:
      return takeSshfp(data)
    case types.TLSA: // RFC 6698 section 2.1
    case types.SMIMEA:
      return { text: `${data.u8()} ${data.u8()} ${data.u8()} ${takeHex(data)}` }
    case types.EUI48: // RFC 7043
    case types.EUI64:
      return { text: takeHex(data).replace(/..(?=.)/g, '$&-') }
    case types.LOC:
      return { text: locationText(data) }
    case types.SVCB:
    case types.HTTPS:
      return takeService(message, data)
    default:
      return { text: dnssecText(message, type, data) ?? takeUnknown(data) }
  }
}

function takeSoa(message: DnsMessage, data: Cursor): RecordData {
  const mname = takeName(message, data)
  const rname = takeName(message, data)
  const [serial, refresh, retry, expire, minimum] = [data.u32(), data.u32(), data.u32(), data.u32(), data.u32()]
  return {
    text: `${shownName(mname)} ${shownName(rname)} ${serial} ${refresh} ${retry} ${expire} ${minimum}`,
    fields: { kind: 'soa', mname, rname, serial, refresh, retry, expire, minimum },
  }
}

function takeMx(message: DnsMessage, data: Cursor): RecordData {
  const preference = data.u16()
  const exchange = takeName(message, data)
  return { text: `${preference} ${shownName(exchange)}`, fields: { kind: 'mx', preference, exchange } }
}

/** RFC 2782. */
function takeSrv(message: DnsMessage, data: Cursor): RecordData {
  const [priority, weight, port] = [data.u16(), data.u16(), data.u16()]
  const target = takeName(message, data)
  return {
    text: `${priority} ${weight} ${port} ${shownName(target)}`,
    fields: { kind: 'srv', priority, weight, port, target },
  }
}

/** RFC 4255 section 3.1. */
function takeSshfp(data: Cursor): RecordData {
  const [algorithm, fingerprintType, fingerprint] = [data.u8(), data.u8(), takeHex(data)]
  return {
    text: `${algorithm} ${fingerprintType} ${fingerprint}`,
    fields: { kind: 'sshfp', algorithm, fingerprintType, fingerprint },
  }
}

function takeText(data: Cursor): RecordData {
  const strings = takeStrings(data)
  return { text: strings.map(quoted).join(' '), fields: { kind: 'txt', strings } }
}

/** One string or more. One that is cut off ends the list; those before it are kept. */
function takeStrings(data: Cursor): string[] {
  const strings: string[] = []
  while (!data.isEmpty) {
    const text = takeString(data)
    if (data.ok) strings.push(text)
  }
  data.ok = strings.length > 0
  return strings
}

function takeNull(data: Cursor): RecordData {
  const bytes = data.text()
  return { text: takeUnknown(data), fields: { kind: 'null', bytes } }
}

function string(data: Cursor): string {
  return quoted(takeString(data))
}

function restQuoted(data: Cursor): string {
  return quoted(data.text())
}
