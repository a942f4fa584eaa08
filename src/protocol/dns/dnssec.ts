/**
 * The data of DNSSEC records in short: keys and signatures are left out, since
 * nobody checks them here. RFC 4034, RFC 5155 (NSEC3), RFC 4398 (CERT).
 *
 * Other types are named by their number (`TYPE1`), which RFC 3597 section 5
 * allows for every type.
 */

import type { Cursor } from '../../bytes/cursor.ts'
import type { DnsMessage } from './message.ts'
import { shownName, takeHex, takeName } from './presentation.ts'
import * as types from './types.ts'

const BITMAP_BYTES_MAX = 32 // RFC 4034 section 4.1.2
const TYPES_MAX = 64 // names have a dozen; a record of 8 KiB could list all 65,536 types
const BASE32HEX = '0123456789abcdefghijklmnopqrstuv' // RFC 4648 section 7

/** The text of a record of `type`, or undefined when it is none of DNSSEC. Fails the cursor on broken data. */
export function dnssecText(message: DnsMessage, type: number, data: Cursor): string | undefined {
  switch (type) {
    case types.DS:
    case types.CDS:
      return `${data.u16()} ${data.u8()} ${data.u8()} ${takeHex(data)}`
    case types.DNSKEY:
    case types.CDNSKEY:
    case types.KEY:
      return `${data.u16()} ${data.u8()} ${data.u8()} (${data.left} bytes)`
    case types.CERT:
      return `${data.u16()} ${data.u16()} ${data.u8()} (${data.left} bytes)`
    case types.RRSIG:
      return signatureText(message, data)
    case types.NSEC:
      return [shownName(takeName(message, data)), ...takeTypes(data)].join(' ')
    case types.NSEC3:
      return [`${data.u8()} ${data.u8()} ${data.u16()} ${takeSalt(data)}`, takeHash(data), ...takeTypes(data)].join(' ')
    case types.NSEC3PARAM:
      return `${data.u8()} ${data.u8()} ${data.u16()} ${takeSalt(data)}`
    default:
      return undefined
  }
}

function signatureText(message: DnsMessage, data: Cursor): string {
  const numbers = `TYPE${data.u16()} ${data.u8()} ${data.u8()} ${data.u32()}`
  const [expires, begins] = [compactTime(data.u32()), compactTime(data.u32())]
  return `${numbers} ${expires} ${begins} ${data.u16()} ${shownName(takeName(message, data))} (${data.left} bytes)`
}

/** Seconds since 1970 as `20261122091403`, RFC 4034 section 3.2. */
function compactTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-T:]/g, '')
}

/**
 * The types in a bitmap, RFC 4034 section 4.1.2: windows of 256 types, the lower ones first, each a number, a length,
 * and its bits. Those that are too many are counted.
 */
function takeTypes(data: Cursor): string[] {
  const found: string[] = []
  let more = 0
  let last = -1
  while (data.ok && !data.isEmpty) {
    const window = data.u8()
    const bits = data.block8()
    if (bits.left > BITMAP_BYTES_MAX || window <= last) data.ok = false
    last = window
    for (let first = window * 256; data.ok && !bits.isEmpty; first += 8) {
      const byte = bits.u8()
      for (let bit = 0; bit < 8; bit++) {
        if ((byte & (0x80 >> bit)) === 0) continue
        if (found.length < TYPES_MAX) found.push(`TYPE${first + bit}`)
        else more++
      }
    }
  }
  return more === 0 ? found : [...found, `(${more} more)`]
}

function takeSalt(data: Cursor): string {
  const salt = data.block8()
  return salt.isEmpty ? '-' : takeHex(salt)
}

/** A hash in base32 with the extended alphabet and without padding. */
function takeHash(data: Cursor): string {
  const hash = data.block8()
  let text = ''
  let bits = 0
  let count = 0
  while (!hash.isEmpty) {
    bits = ((bits & 0x1f) << 8) | hash.u8()
    count += 8
    for (; count >= 5; count -= 5) text += BASE32HEX[(bits >> (count - 5)) & 0x1f]
  }
  return count > 0 ? text + BASE32HEX[(bits << (5 - count)) & 0x1f] : text
}
