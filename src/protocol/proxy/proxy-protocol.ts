/**
 * The PROXY protocol, versions 1 and 2, as HAProxy specifies it
 * (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt): a line or a
 * header in front of a connection by which a proxy says whose connection it is.
 *
 *   1   "PROXY" SP "TCP4" SP source SP target SP source port SP target port CRLF      (section 2.1)
 *
 *   2   signature(12)  version(4 bits)=2 command(4 bits)  family(4 bits) transport(4 bits)  length(2)
 *       addresses  *( type(1) length(2) value(length) )                               (section 2.2)
 *
 * Network byte order. What follows is the client's own protocol. A claim of the
 * proxy, and of anybody who can reach the port behind it.
 */

import { isIPv4, isIPv6 } from 'node:net'
import { Address6 } from 'ip-address'
import { ipText } from '../../bytes/address.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../bytes/outcome.ts'
import { u8, u16 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'

const LINE_START = Buffer.from('PROXY ', 'latin1')
const LINE_BYTES_MAX = 107 // section 2.1: the longest line that can be written
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const HEADER_BYTES = 16
const REST_BYTES_MAX = 16_384 // addresses and TLVs, also those with a client's certificate

const LOCAL = 0
const PROXY = 1
const IPV4 = 1
const IPV6 = 2
const UNIX = 3
const UNIX_BYTES = 216

const TLV_ALPN = 0x01
const TLV_AUTHORITY = 0x02

export interface ProxyHeader {
  /** 1 or 2. */
  version: number
  /** The proxy speaks for itself, or does not say for whom: the addresses are empty. */
  isLocal: boolean
  sourceIp: string
  sourcePort: number
  targetIp: string
  targetPort: number
  /** The host name the client asked for, usually its TLS server name; as sent, empty when there is none. */
  authority: string
  /** The protocol that was agreed on in TLS, as sent; empty when there is none. */
  alpn: string
  /** Least bytes from the beginning on that are worth another try; valid iff reading said NEED_MORE. */
  wantedBytes: number
}

/** A header with nothing in it. */
export function emptyProxyHeader(): ProxyHeader {
  const none = { sourceIp: '', sourcePort: 0, targetIp: '', targetPort: 0 }
  return { version: 0, isLocal: true, ...none, authority: '', alpn: '', wantedBytes: 0 }
}

/**
 * Could bytes[start, end) be the beginning of a PROXY header? Needs no more than what is there.
 * @returns false as soon as a byte says no
 */
export function looksLikeProxyProtocol(bytes: Uint8Array, start: number, end: number): boolean {
  return begins(bytes, start, end, LINE_START) || begins(bytes, start, end, SIGNATURE)
}

/**
 * Reads the header at `start` into `out`.
 * Returns the offset past it, NEED_MORE, UNSUPPORTED for a later version, or why it cannot be read.
 */
export function readProxyHeader(bytes: Uint8Array, start: number, end: number, out: ProxyHeader): number {
  out.wantedBytes = end - start + 1
  if (begins(bytes, start, end, LINE_START)) return readLine(bytes, start, end, out)
  if (begins(bytes, start, end, SIGNATURE)) return readBinary(bytes, start, end, out)
  return start === end ? NEED_MORE : MALFORMED_VALUE
}

function begins(bytes: Uint8Array, start: number, end: number, with_: Uint8Array): boolean {
  const length = Math.min(end - start, with_.length)
  for (let i = 0; i < length; i++) if (u8(bytes, start + i) !== with_[i]) return false
  return length > 0
}

function readLine(bytes: Uint8Array, start: number, end: number, out: ProxyHeader): number {
  const limit = Math.min(end, start + LINE_BYTES_MAX)
  let at = start
  while (at < limit && u8(bytes, at) !== 10) at++
  if (at === limit) return limit - start === LINE_BYTES_MAX ? LIMIT_REACHED : NEED_MORE
  if (u8(bytes, at - 1) !== 13) return MALFORMED_VALUE
  const [, family, source = '', target = '', sourcePort = '', targetPort = '', more] = latin1(
    bytes,
    start,
    at - 1,
  ).split(' ')
  out.version = 1
  out.isLocal = family === 'UNKNOWN'
  if (out.isLocal) return at + 1 // the rest of the line means nothing then

  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined
  if (!isAddress?.(source) || !isAddress(target) || more !== undefined) return MALFORMED_VALUE
  if (!isPort(sourcePort) || !isPort(targetPort)) return MALFORMED_VALUE
  out.sourceIp = canonical(source)
  out.targetIp = canonical(target)
  out.sourcePort = Number(sourcePort)
  out.targetPort = Number(targetPort)
  return at + 1
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
}

function canonical(ip: string): string {
  return isIPv4(ip) ? ip : new Address6(ip).correctForm()
}

function readBinary(bytes: Uint8Array, start: number, end: number, out: ProxyHeader): number {
  if (end - start < HEADER_BYTES) return NEED_MORE
  const versionAndCommand = u8(bytes, start + 12)
  const family = u8(bytes, start + 13) >> 4
  const length = u16(bytes, start + 14)
  if (versionAndCommand >> 4 !== 2) return UNSUPPORTED
  const command = versionAndCommand & 0x0f
  if (command !== LOCAL && command !== PROXY) return MALFORMED_VALUE
  if (length > REST_BYTES_MAX) return LIMIT_REACHED
  const headerEnd = start + HEADER_BYTES + length
  out.wantedBytes = headerEnd - start
  if (headerEnd > end) return NEED_MORE

  const rest = new Cursor(bytes, start + HEADER_BYTES, headerEnd)
  out.version = 2
  out.isLocal = command === LOCAL || (family !== IPV4 && family !== IPV6)
  const addressBytes = family === IPV4 ? 4 : family === IPV6 ? 16 : 0
  const source = rest.skip(addressBytes)
  const target = rest.skip(addressBytes)
  const sourcePort = addressBytes > 0 ? rest.u16() : 0
  const targetPort = addressBytes > 0 ? rest.u16() : 0
  if (family === UNIX) rest.skip(UNIX_BYTES)
  if (!rest.ok) return MALFORMED_LENGTH
  if (!out.isLocal) {
    out.sourceIp = ipText(bytes, source, addressBytes)
    out.targetIp = ipText(bytes, target, addressBytes)
    out.sourcePort = sourcePort
    out.targetPort = targetPort
  }
  return readTlvs(rest, out) ? headerEnd : MALFORMED_LENGTH
}

function readTlvs(rest: Cursor, out: ProxyHeader): boolean {
  while (!rest.isEmpty) {
    const type = rest.u8()
    const value = rest.block16()
    if (type === TLV_AUTHORITY && out.authority === '') out.authority = value.text()
    else if (type === TLV_ALPN && out.alpn === '') out.alpn = value.text()
  }
  return rest.ok
}
