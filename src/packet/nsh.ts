/**
 * Network service header, RFC 8300 section 2: what carries a packet through a
 * chain of services, as an EtherType, in VXLAN-GPE and in GRE.
 *
 *   +---+-+-+-----------+-----------+-------+-------+---------------+
 *   |ver|O|U|    TTL    |  length   | U U U U MD type | next protocol |
 *   +---+-+-+-----------+-----------+-------+-------+---------------+
 *   |  service path, index: 4 bytes |  context ...
 *
 * `length` counts words of 4 bytes, this one too. O marks messages of
 * maintenance. What follows is one of 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH, 5 MPLS.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import { decodeMpls } from './mpls.ts'
import { HEADERS_MAX, type Packet } from './packet.ts'
import { MALFORMED_TUNNEL, NOT_IP, TOO_DEEP, UNSUPPORTED_TUNNEL } from './reason.ts'

const NEXT_PROTOCOL = 3
const HEADER_BYTES = 8
const WORD_BYTES = 4
// of the first two bytes
const VERSION = 0xc000
const MAINTENANCE = 0x2000
const WORDS = 0x003f

const IPV4 = 1
const IPV6 = 2
const ETHERNET = 3
const NSH = 4
const MPLS = 5

/** Decodes bytes[at, end), a service header and what it carries; returns where its data ends, or a reason. */
export function decodeNsh(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  if (end - at < HEADER_BYTES) return MALFORMED_TUNNEL
  const first = u16(bytes, at)
  if ((first & VERSION) !== 0) return UNSUPPORTED_TUNNEL
  if ((first & MAINTENANCE) !== 0) return NOT_IP
  const headerBytes = (first & WORDS) * WORD_BYTES
  if (headerBytes < HEADER_BYTES || headerBytes > end - at) return MALFORMED_TUNNEL
  const next = at + headerBytes
  switch (u8(bytes, at + NEXT_PROTOCOL)) {
    case IPV4:
      return decodeIpv4(bytes, next, end, packet)
    case IPV6:
      return decodeIpv6(bytes, next, end, packet)
    case ETHERNET:
      return decodeEthernet(bytes, next, end, packet)
    case NSH:
      return ++packet.headers > HEADERS_MAX ? TOO_DEEP : decodeNsh(bytes, next, end, packet)
    case MPLS:
      return decodeMpls(bytes, next, end, packet)
    default:
      return UNSUPPORTED_TUNNEL
  }
}
