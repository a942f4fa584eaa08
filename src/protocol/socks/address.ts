/**
 * Addresses in SOCKS version 5, RFC 1928 section 5: a type, an address of that
 * type, a port. Network byte order.
 *
 *   1 IPv4(4) port(2)     3 length(1) name(length) port(2)     4 IPv6(16) port(2)
 */

import { ipv4Text, ipv6Text } from '../../bytes/address.ts'
import { MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u8, u16 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'

const IPV4 = 1
const NAME = 3
const IPV6 = 4
const PORT_BYTES = 2

export interface SocksAddress {
  /** A name as sent, one character per byte, or an address; empty when there is none. */
  host: string
  /** `host` is text that the client sent and not an address. */
  isName: boolean
  port: number
}

/**
 * Reads the address at `at` into `out`.
 * Returns the offset past it, NEED_MORE, MALFORMED_VALUE for an unknown type, MALFORMED_LENGTH for a name of no bytes.
 */
export function readSocksAddress(bytes: Uint8Array, at: number, end: number, out: SocksAddress): number {
  if (end - at < 2) return NEED_MORE
  const type = u8(bytes, at)
  const isName = type === NAME
  if (type !== IPV4 && type !== IPV6 && !isName) return MALFORMED_VALUE
  const host = isName ? at + 2 : at + 1
  const hostEnd = host + (isName ? u8(bytes, at + 1) : type === IPV4 ? 4 : 16)
  if (hostEnd === host) return MALFORMED_LENGTH
  if (hostEnd + PORT_BYTES > end) return NEED_MORE
  out.host = isName ? latin1(bytes, host, hostEnd) : type === IPV4 ? ipv4Text(bytes, host) : ipv6Text(bytes, host)
  out.isName = isName
  out.port = u16(bytes, hostEnd)
  return hostEnd + PORT_BYTES
}
