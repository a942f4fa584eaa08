/**
 * Ethernet II frames with any number of VLAN tags: IEEE 802.3, 802.1Q, 802.1ad.
 *
 *   +-------------+-------------+----------------------+-----------+---------
 *   | target MAC  | source MAC  | tag: 8100, PCP+VID   | EtherType | payload
 *   |   6 bytes   |   6 bytes   | 0 or more, 4 bytes   |  2 bytes  |
 *   +-------------+-------------+----------------------+-----------+---------
 */

import { u16 } from '../bytes/read.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import { type Packet, VLANS_MAX } from './packet.ts'
import { NOT_IP, SHORT_LINK_HEADER } from './reason.ts'

const TYPE = 12
const ETHERNET_HEADER_BYTES = 14
const TAG_BYTES = 4
const TAGS_MAX = 8 // real stacks have two; a longer one is an attack

const IPV4 = 0x0800
const IPV6 = 0x86dd
const VLAN = 0x8100 // IEEE 802.1Q
const SERVICE_VLAN = 0x88a8 // IEEE 802.1ad
const OLD_QINQ = 0x9100 // before 802.1ad, still found
const OLD_QINQ_2 = 0x9200

/** Decodes the Ethernet frame bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeEthernet(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < ETHERNET_HEADER_BYTES) return SHORT_LINK_HEADER
  packet.etherStart = start
  return decodeEtherType(bytes, u16(bytes, start + TYPE), start + ETHERNET_HEADER_BYTES, end, packet)
}

/** Decodes what follows an EtherType: bytes[at, end), with VLAN tags in front or not. */
export function decodeEtherType(bytes: Uint8Array, type: number, at: number, end: number, packet: Packet): number {
  for (let tags = 0; ; tags++) {
    if (type === IPV4) return decodeIpv4(bytes, at, end, packet)
    if (type === IPV6) return decodeIpv6(bytes, at, end, packet)
    if (type !== VLAN && type !== SERVICE_VLAN && type !== OLD_QINQ && type !== OLD_QINQ_2) return NOT_IP
    if (end - at < TAG_BYTES || tags === TAGS_MAX) return SHORT_LINK_HEADER
    if (packet.vlanCount < VLANS_MAX) packet.vlans[packet.vlanCount++] = u16(bytes, at) & 0x0fff
    type = u16(bytes, at + 2)
    at += TAG_BYTES
  }
}
