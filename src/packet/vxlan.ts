/**
 * VXLAN, RFC 7348 section 5, and VXLAN-GPE, draft-ietf-nvo3-vxlan-gpe-12.
 *
 *   +---------------+-------------------------------+---------------+
 *   |R R R R I R R R|           reserved            |   reserved    |     GPE: R R V V I P B O, and what follows
 *   +---------------+-------------------------------+---------------+          is named in the fourth byte
 *   |         network identifier (VNI), 24 bits     |   reserved    |
 *   +-----------------------------------------------+---------------+
 *
 * I must be set. An Ethernet frame follows; in GPE, where P is set, one of
 * 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH, 5 MPLS.
 */

import { u8 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import { decodeMpls } from './mpls.ts'
import { decodeNsh } from './nsh.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_TUNNEL, UNSUPPORTED_TUNNEL } from './reason.ts'

const NEXT_PROTOCOL = 3
const HEADER_BYTES = 8
const HAS_IDENTIFIER = 0x08
const HAS_NEXT_PROTOCOL = 0x04

const IPV4 = 1
const IPV6 = 2
const ETHERNET = 3
const NSH = 4
const MPLS = 5

/** Decodes bytes[start, end), a VXLAN header and its frame; returns where its data ends, or a reason. */
export function decodeVxlan(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (!isHeader(bytes, start, end)) return MALFORMED_TUNNEL
  return decodeEthernet(bytes, start + HEADER_BYTES, end, packet)
}

/** Decodes bytes[start, end), a VXLAN-GPE header and its frame or packet; returns where its data ends, or a reason. */
export function decodeVxlanGpe(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (!isHeader(bytes, start, end)) return MALFORMED_TUNNEL
  const at = start + HEADER_BYTES
  const hasNextProtocol = (u8(bytes, start) & HAS_NEXT_PROTOCOL) !== 0
  switch (hasNextProtocol ? u8(bytes, start + NEXT_PROTOCOL) : ETHERNET) {
    case IPV4:
      return decodeIpv4(bytes, at, end, packet)
    case IPV6:
      return decodeIpv6(bytes, at, end, packet)
    case ETHERNET:
      return decodeEthernet(bytes, at, end, packet)
    case NSH:
      return decodeNsh(bytes, at, end, packet)
    case MPLS:
      return decodeMpls(bytes, at, end, packet)
    default:
      return UNSUPPORTED_TUNNEL
  }
}

function isHeader(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= HEADER_BYTES && (u8(bytes, start) & HAS_IDENTIFIER) !== 0
}
