/**
 * What routers and firewalls of Juniper write when they record their own
 * interfaces: LINKTYPE_JUNIPER_ETHER (178). Network byte order.
 *
 *   +-----------------+----------+-----------------------------------+---------
 *   | "MGC", 3 bytes  | flags, 1 | with flag 80: length 2, and facts | frame
 *   |                 |          | of the interface, so many bytes   |
 *   +-----------------+----------+-----------------------------------+---------
 *
 * With flag 02 the frame is no Ethernet one, but 4 bytes of protocol and then
 * an IP packet.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'
import { SHORT_LINK_HEADER, UNSUPPORTED_LINK } from './reason.ts'

const MAGIC = 0x4d47 // and 43
const MAGIC_LAST = 0x43
const HEADER_BYTES = 4
const NO_LINK = 0x02
const EXTENDED = 0x80
const PROTOCOL_BYTES = 4

/** Decodes the frame bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeJuniperEthernet(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  let at = start + HEADER_BYTES
  if (at > end) return SHORT_LINK_HEADER
  if (u16(bytes, start) !== MAGIC || u8(bytes, start + 2) !== MAGIC_LAST) return UNSUPPORTED_LINK
  const flags = u8(bytes, start + 3)
  if ((flags & EXTENDED) !== 0) {
    if (end - at < 2) return SHORT_LINK_HEADER
    at += 2 + u16(bytes, at)
  }
  if ((flags & NO_LINK) === 0) return decodeEthernet(bytes, at, end, packet)
  at += PROTOCOL_BYTES
  return at > end ? SHORT_LINK_HEADER : decodeIp(bytes, at, end, packet)
}
