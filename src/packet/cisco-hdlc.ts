/**
 * Cisco HDLC: LINKTYPE_C_HDLC (104). Network byte order.
 *
 *   +---------+---------+---------------------+---------
 *   | address | control | protocol, 2 bytes   | payload
 *   +---------+---------+---------------------+---------
 *
 * `protocol` is an EtherType, or one of Cisco's numbers (keep-alives, CDP).
 */

import { u16 } from '../bytes/read.ts'
import { decodeEtherType } from './ethernet.ts'
import type { Packet } from './packet.ts'
import { decodePpp } from './ppp.ts'
import { SHORT_LINK_HEADER } from './reason.ts'

const PROTOCOL = 2
const HEADER_BYTES = 4
const UNICAST = 0x0f00
const MULTICAST = 0x8f00

/** Decodes the frame bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeCiscoHdlc(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < HEADER_BYTES) return SHORT_LINK_HEADER
  return decodeEtherType(bytes, u16(bytes, start + PROTOCOL), start + HEADER_BYTES, end, packet)
}

/** The same where the link says only that it is HDLC: PPP, or Cisco's, whose address (0f unicast, 8f multicast) is none of PPP's. */
export function decodeHdlc(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  const address = end - start < 2 ? 0 : u16(bytes, start)
  return address === UNICAST || address === MULTICAST
    ? decodeCiscoHdlc(bytes, start, end, packet)
    : decodePpp(bytes, start, end, packet)
}
