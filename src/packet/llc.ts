/**
 * LLC and SNAP, IEEE 802.2 and 802: what stands in 802.3 frames with a length
 * instead of a type, in Wi-Fi frames and in FDDI. Network byte order.
 *
 *   +------+------+---------+------------------+-------------+---------
 *   | DSAP | SSAP | control | SNAP: OUI, 3     | protocol, 2 | payload
 *   |  aa  |  aa  |   03    | only with aa aa  |             |
 *   +------+------+---------+------------------+-------------+---------
 */

import { u8, u16, u24 } from '../bytes/read.ts'
import { decodeEthernet, decodeEtherType, ETHER_TYPE_MIN } from './ethernet.ts'
import { decodeIpv4 } from './ipv4.ts'
import { HEADERS_MAX, type Packet } from './packet.ts'
import { NOT_IP, SHORT_LINK_HEADER, TOO_DEEP } from './reason.ts'

const LLC_BYTES = 3
const SNAP_BYTES = 8
const UNNUMBERED = 0x03
const SNAP = 0xaaaa
const IP = 0x0606

const ETHER_TYPE_OUI = 0x000000
const BRIDGED_OUI = 0x0000f8 // IEEE 802.1H, for AppleTalk and IPX mostly
const IEEE_802_1_OUI = 0x0080c2
const ETHERNET_WITH_FCS = 1
const ETHERNET_WITHOUT_FCS = 7

/** Does what bytes[at, end) begins with lead to a protocol with a number of its own? */
export function beginsSnap(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= SNAP_BYTES && u16(bytes, at) === SNAP && u8(bytes, at + 2) === UNNUMBERED
}

/** Decodes what begins with the LLC header at bytes[at, end) into `packet`; returns where its data ends, or a reason. */
export function decodeLlc(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  if (++packet.headers > HEADERS_MAX) return TOO_DEEP
  if (end - at < LLC_BYTES) return SHORT_LINK_HEADER
  const access = u16(bytes, at)
  if (u8(bytes, at + 2) !== UNNUMBERED) return NOT_IP
  if (access === IP) return decodeIpv4(bytes, at + LLC_BYTES, end, packet)
  if (access !== SNAP) return NOT_IP
  if (end - at < SNAP_BYTES) return SHORT_LINK_HEADER
  const protocol = u16(bytes, at + 6)
  switch (u24(bytes, at + LLC_BYTES)) {
    case ETHER_TYPE_OUI:
    case BRIDGED_OUI:
      return protocol < ETHER_TYPE_MIN ? NOT_IP : decodeEtherType(bytes, protocol, at + SNAP_BYTES, end, packet)
    case IEEE_802_1_OUI:
      return protocol === ETHERNET_WITH_FCS || protocol === ETHERNET_WITHOUT_FCS
        ? decodeEthernet(bytes, at + SNAP_BYTES, end, packet)
        : NOT_IP
    default:
      return NOT_IP
  }
}
