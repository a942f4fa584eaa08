/**
 * Linux "cooked" captures, as of the device `any`: LINKTYPE_LINUX_SLL (113)
 * and LINKTYPE_LINUX_SLL2 (276). Network byte order.
 *
 *   SLL    packet type 2 | ARPHRD 2 | address length 2 | address 8 | protocol 2
 *   SLL2   protocol 2 | reserved 2 | interface 4 | ARPHRD 2 | packet type 1 | address length 1 | address 8
 *
 * `protocol` is an EtherType, or a small number for frames without one: of
 * those, 4 is an LLC header. Where ARPHRD says netlink the protocol is one of
 * netlink's own numbers and no EtherType.
 */

import { u16 } from '../bytes/read.ts'
import { decodeEtherType } from './ethernet.ts'
import { decodeLlc } from './llc.ts'
import type { Packet } from './packet.ts'
import { NOT_IP, SHORT_LINK_HEADER } from './reason.ts'

const SLL_ARPHRD = 2
const SLL_PROTOCOL = 14
const SLL_BYTES = 16
const SLL2_PROTOCOL = 0
const SLL2_ARPHRD = 8
const SLL2_BYTES = 20

const NETLINK = 824
const LLC = 4

/** Decodes the SLL frame bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeCooked(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < SLL_BYTES) return SHORT_LINK_HEADER
  const hardware = u16(bytes, start + SLL_ARPHRD)
  return decodePayload(bytes, hardware, u16(bytes, start + SLL_PROTOCOL), start + SLL_BYTES, end, packet)
}

/** Decodes the SLL2 frame bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeCooked2(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < SLL2_BYTES) return SHORT_LINK_HEADER
  const hardware = u16(bytes, start + SLL2_ARPHRD)
  return decodePayload(bytes, hardware, u16(bytes, start + SLL2_PROTOCOL), start + SLL2_BYTES, end, packet)
}

function decodePayload(
  bytes: Uint8Array,
  hardware: number,
  protocol: number,
  at: number,
  end: number,
  packet: Packet,
): number {
  if (hardware === NETLINK) return NOT_IP
  if (protocol === LLC) return decodeLlc(bytes, at, end, packet)
  return decodeEtherType(bytes, protocol, at, end, packet)
}
