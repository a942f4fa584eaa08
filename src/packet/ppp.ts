/**
 * PPP, RFC 1661 section 2, in the framing of RFC 1662 section 3.1 or without.
 *
 *   +---------+---------+------------------+---------
 *   | address | control |     protocol     | payload
 *   |   ff    |   03    |   1 or 2 bytes   |
 *   +---------+---------+------------------+---------
 *
 * Address and control may be left out (both ends have agreed on it), and a
 * protocol below 256 may be one byte: the last byte of a protocol is odd, all
 * others are even. Network byte order.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import { decodeMpls } from './mpls.ts'
import { HEADERS_MAX, type Packet } from './packet.ts'
import { ENCRYPTED, MALFORMED_TUNNEL, NOT_IP, TOO_DEEP, UNSUPPORTED_TUNNEL } from './reason.ts'

const ADDRESS_AND_CONTROL = 0xff03

const IPV4 = 0x0021
const BRIDGED = 0x0031 // RFC 3518
const MULTILINK = 0x003d // RFC 1990
const ENCRYPTED_DATA = 0x0053 // RFC 1968
const IPV6 = 0x0057
const COMPRESSED = 0x00fd // RFC 1962; MPPE (RFC 3078) encrypts under this number
const MPLS = 0x0281
const MPLS_MULTICAST = 0x0283

const BRIDGED_HEADER_BYTES = 2
const BRIDGED_ETHERNET = 1
const MULTILINK_HEADER_BYTES = 4
const BEGIN_AND_END = 0xc0

/** Decodes the PPP frame bytes[at, end) into `packet`; returns where its data ends, or a reason. */
export function decodePpp(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  if (++packet.headers > HEADERS_MAX) return TOO_DEEP
  if (end - at >= 2 && u16(bytes, at) === ADDRESS_AND_CONTROL) at += 2
  if (at >= end) return MALFORMED_TUNNEL
  let protocol = u8(bytes, at++)
  if ((protocol & 1) === 0) {
    if (at >= end) return MALFORMED_TUNNEL
    protocol = (protocol << 8) | u8(bytes, at++)
  }
  switch (protocol) {
    case IPV4:
      return decodeIpv4(bytes, at, end, packet)
    case IPV6:
      return decodeIpv6(bytes, at, end, packet)
    case MPLS:
    case MPLS_MULTICAST:
      return decodeMpls(bytes, at, end, packet)
    case BRIDGED:
      return decodeBridged(bytes, at, end, packet)
    case MULTILINK:
      return decodeMultilink(bytes, at, end, packet)
    case ENCRYPTED_DATA:
    case COMPRESSED:
      return ENCRYPTED
    default:
      return NOT_IP // the control protocols of PPP, and header compression
  }
}

function decodeBridged(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  if (end - at < BRIDGED_HEADER_BYTES) return MALFORMED_TUNNEL
  if (u8(bytes, at + 1) !== BRIDGED_ETHERNET) return UNSUPPORTED_TUNNEL
  return decodeEthernet(bytes, at + BRIDGED_HEADER_BYTES, end, packet)
}

/** A bundle of links: a packet that fits one link comes whole; the pieces of others are not put together. */
function decodeMultilink(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  if (end - at < MULTILINK_HEADER_BYTES) return MALFORMED_TUNNEL
  if ((u8(bytes, at) & BEGIN_AND_END) !== BEGIN_AND_END) return UNSUPPORTED_TUNNEL
  return decodePpp(bytes, at + MULTILINK_HEADER_BYTES, end, packet)
}
