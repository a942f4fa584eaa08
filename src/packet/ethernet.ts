/**
 * Ethernet II frames with any number of VLAN tags: IEEE 802.3, 802.1Q, 802.1ad;
 * and what other headers an EtherType may announce before IP.
 *
 *   +-------------+-------------+----------------------+-----------+---------
 *   | target MAC  | source MAC  | tag: 8100, PCP+VID   | EtherType | payload
 *   |   6 bytes   |   6 bytes   | 0 or more, 4 bytes   |  2 bytes  |
 *   +-------------+-------------+----------------------+-----------+---------
 *
 * Below 0600 the EtherType is a length, and an LLC header follows. Network
 * byte order. All types: https://www.iana.org/assignments/ieee-802-numbers
 */

import { u16 } from '../bytes/read.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import { decodeLlc } from './llc.ts'
import { decodeMpls } from './mpls.ts'
import { decodeNsh } from './nsh.ts'
import { HEADERS_MAX, type Packet, VLANS_MAX } from './packet.ts'
import { decodePpp } from './ppp.ts'
import { decodePppoe } from './pppoe.ts'
import { SHORT_LINK_HEADER, TOO_DEEP } from './reason.ts'
import { passTag } from './tags.ts'

const TYPE = 12
export const ETHERNET_HEADER_BYTES = 14
const TAG_BYTES = 4
/** Less is a length (IEEE 802.3 clause 3.2.6). */
export const ETHER_TYPE_MIN = 0x0600

export const IPV4 = 0x0800
export const IPV6 = 0x86dd
export const VLAN = 0x8100 // IEEE 802.1Q
export const SERVICE_VLAN = 0x88a8 // IEEE 802.1ad
export const OLD_QINQ = 0x9100 // before 802.1ad, still found
const OLD_QINQ_2 = 0x9200
const OLD_QINQ_3 = 0x9300
export const MPLS = 0x8847 // RFC 5332
export const MPLS_MULTICAST = 0x8848
const PPP = 0x880b // RFC 7042 appendix B; in GRE
export const PPPOE_DISCOVERY = 0x8863
export const PPPOE_SESSION = 0x8864
/** Transparent Ethernet bridging: an Ethernet frame (RFC 1701, GENEVE, NVGRE). */
export const BRIDGED_ETHERNET = 0x6558
export const BACKBONE = 0x88e7 // IEEE 802.1ah: service instance tag, then an Ethernet frame
const BACKBONE_TAG_BYTES = 4
export const FABRIC_PATH = 0x8903 // Cisco FabricPath: 2 bytes of tag, then an Ethernet frame
const FABRIC_PATH_TAG_BYTES = 2
export const NSH = 0x894f // RFC 8300 section 9.1

/** Decodes the Ethernet frame bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeEthernet(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < ETHERNET_HEADER_BYTES) return SHORT_LINK_HEADER
  packet.etherStart = start
  return decodeEtherType(bytes, u16(bytes, start + TYPE), start + ETHERNET_HEADER_BYTES, end, packet)
}

/** Decodes what follows an EtherType: bytes[at, end), with VLAN tags in front or not. */
export function decodeEtherType(bytes: Uint8Array, type: number, at: number, end: number, packet: Packet): number {
  for (;;) {
    if (type === IPV4) return decodeIpv4(bytes, at, end, packet)
    if (type === IPV6) return decodeIpv6(bytes, at, end, packet)
    if (!isTag(type)) return decodeOther(bytes, type, at, end, packet)
    if (++packet.headers > HEADERS_MAX) return TOO_DEEP
    if (end - at < TAG_BYTES) return SHORT_LINK_HEADER
    if (packet.vlanCount < VLANS_MAX) packet.vlans[packet.vlanCount++] = u16(bytes, at) & 0x0fff
    type = u16(bytes, at + 2)
    at += TAG_BYTES
  }
}

function isTag(type: number): boolean {
  switch (type) {
    case VLAN:
    case SERVICE_VLAN:
    case OLD_QINQ:
    case OLD_QINQ_2:
    case OLD_QINQ_3:
      return true
    default:
      return false
  }
}

function decodeOther(bytes: Uint8Array, type: number, at: number, end: number, packet: Packet): number {
  if (type < ETHER_TYPE_MIN) return decodeLlc(bytes, at, end, packet)
  if (++packet.headers > HEADERS_MAX) return TOO_DEEP
  switch (type) {
    case MPLS:
    case MPLS_MULTICAST:
      return decodeMpls(bytes, at, end, packet)
    case PPPOE_SESSION:
      return decodePppoe(bytes, at, end, packet)
    case PPP:
      return decodePpp(bytes, at, end, packet)
    case BRIDGED_ETHERNET:
      return decodeEthernet(bytes, at, end, packet)
    case BACKBONE:
      return decodeEthernet(bytes, at + BACKBONE_TAG_BYTES, end, packet)
    case FABRIC_PATH:
      return decodeEthernet(bytes, at + FABRIC_PATH_TAG_BYTES, end, packet)
    case NSH:
      return decodeNsh(bytes, at, end, packet)
    default: {
      const next = passTag(bytes, type, at, end) // not for ARP, PPPoE discovery, LLDP, ...
      return next < 0 ? next : decodeEtherType(bytes, u16(bytes, next - 2), next, end, packet)
    }
  }
}
