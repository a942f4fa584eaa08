/**
 * ERSPAN types II and III: mirrored frames in GRE, draft-foschiano-erspan-03
 * sections 4.2 and 4.3. Type I has no header at all (gre.ts).
 *
 *   II    version 1, 4 bits | VLAN 12 | class 3 | encapsulation 2 | cut 1 | session 10 | reserved 12 | index 20
 *   III   version 2, 4 bits | VLAN 12 | class 3 | bad 2 | cut 1 | session 10
 *         time stamp 32 | group tag 16 | P 1 | frame type 5 | hardware 6 | D 1 | granularity 2 | O 1
 *         O: platform header, 8 bytes more
 *
 * Frame type 0 is Ethernet, 2 is IP. What is mirrored is decoded like any
 * frame; the VLAN here is the one that is tagged in the frame, too.
 */

import { u8 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_TUNNEL, UNSUPPORTED_TUNNEL } from './reason.ts'

const TYPE_2_BYTES = 8
const TYPE_2_VERSION = 1
const TYPE_3_BYTES = 12
const TYPE_3_VERSION = 2
const PLATFORM_BYTES = 8

const FRAME_TYPE = 10 // P, then five bits of it
const OPTIONS = 11
const HAS_PLATFORM = 0x01
const ETHERNET_FRAME = 0
const IP_PACKET = 2

/** Decodes bytes[at, end), an ERSPAN type II header and its frame; returns where its data ends, or a reason. */
export function decodeErspan2(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  if (end - at < TYPE_2_BYTES) return MALFORMED_TUNNEL
  if (u8(bytes, at) >> 4 !== TYPE_2_VERSION) return UNSUPPORTED_TUNNEL
  return decodeEthernet(bytes, at + TYPE_2_BYTES, end, packet)
}

/** Decodes bytes[at, end), an ERSPAN type III header and its frame; returns where its data ends, or a reason. */
export function decodeErspan3(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  if (end - at < TYPE_3_BYTES) return MALFORMED_TUNNEL
  if (u8(bytes, at) >> 4 !== TYPE_3_VERSION) return UNSUPPORTED_TUNNEL
  const frameType = (u8(bytes, at + FRAME_TYPE) >> 2) & 0x1f
  const hasPlatform = (u8(bytes, at + OPTIONS) & HAS_PLATFORM) !== 0
  const frame = at + TYPE_3_BYTES + (hasPlatform ? PLATFORM_BYTES : 0)
  if (frame > end) return MALFORMED_TUNNEL
  if (frameType === ETHERNET_FRAME) return decodeEthernet(bytes, frame, end, packet)
  if (frameType === IP_PACKET) return decodeIp(bytes, frame, end, packet)
  return UNSUPPORTED_TUNNEL
}
