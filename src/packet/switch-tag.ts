/**
 * Frames between a processor and the switch chip it stands behind (Linux DSA),
 * as small routers record them: the chip's tag stands where the EtherType
 * would, and the EtherType behind it. LINKTYPE_DSA_TAG_BRCM (281),
 * LINKTYPE_DSA_TAG_DSA (284), LINKTYPE_DSA_TAG_EDSA (285).
 *
 *   +-------------+-------------+-----+-----------+---------
 *   | target MAC  | source MAC  | tag | EtherType | payload
 *   +-------------+-------------+-----+-----------+---------
 *
 *   Broadcom  4 bytes: the port
 *   Marvell   4 bytes: mode 2 bits, tagged 1, device 5; port 8; priority 4, VLAN 12
 *             with a type of its own: type 2, zeros 2, and then these
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeEtherType } from './ethernet.ts'
import { type Packet, VLANS_MAX } from './packet.ts'
import { SHORT_LINK_HEADER } from './reason.ts'

const MACS_BYTES = 12
const TAG_BYTES = 4
const TYPE_BYTES = 4
const TAGGED = 0x20

/** Decodes the frame bytes[start, end) with a tag of Broadcom into `packet`; returns where its data ends, or a reason. */
export function decodeBroadcomTag(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  return decodeBehind(bytes, start, start + MACS_BYTES + TAG_BYTES, end, packet)
}

/** The same with a tag of Marvell. @param hasType a type of its own stands before it */
export function decodeMarvellTag(
  bytes: Uint8Array,
  start: number,
  end: number,
  hasType: boolean,
  packet: Packet,
): number {
  const tag = start + MACS_BYTES + (hasType ? TYPE_BYTES : 0)
  if (tag + TAG_BYTES <= end && (u8(bytes, tag) & TAGGED) !== 0 && packet.vlanCount < VLANS_MAX) {
    packet.vlans[packet.vlanCount++] = u16(bytes, tag + 2) & 0x0fff
  }
  return decodeBehind(bytes, start, tag + TAG_BYTES, end, packet)
}

function decodeBehind(bytes: Uint8Array, start: number, type: number, end: number, packet: Packet): number {
  if (type + 2 > end) return SHORT_LINK_HEADER
  packet.etherStart = start
  return decodeEtherType(bytes, u16(bytes, type), type + 2, end, packet)
}
