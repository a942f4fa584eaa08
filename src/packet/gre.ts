/**
 * GRE, RFC 2784 and RFC 2890 (version 0, with the routing field of RFC 1701),
 * and RFC 2637 section 4.1 (version 1, PPTP).
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-----+-+-------+-----+-------------------------------+
 *   |C|R|K|S|s|recur|A| flags | ver |         protocol type         |
 *   +-+-+-+-+-+-----+-+-------+-----+-------------------------------+
 *   | C or R: checksum              | C or R: offset                |
 *   | K: key (version 1: payload length, call id)                   |
 *   | S: sequence number                                            |
 *   | A: acknowledgment number (version 1 only)                     |
 *   | R: routing, a list of entries (version 0 only)                |
 *
 * The protocol type is an EtherType: IP, MPLS, PPP, an Ethernet frame (with a
 * key: NVGRE, RFC 7637), and some that only GRE has: ERSPAN, WCCP, Aruba's Wi-Fi frames.
 */

import { u8, u16, u32 } from '../bytes/read.ts'
import { decodeErspan2, decodeErspan3 } from './erspan.ts'
import { decodeEthernet, decodeEtherType } from './ethernet.ts'
import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'
import { decodePpp } from './ppp.ts'
import { MALFORMED_TUNNEL, NOT_IP, UNSUPPORTED_TUNNEL } from './reason.ts'
import { decodeWifi } from './wifi.ts'

const PROTOCOL_TYPE = 2
const HEADER_BYTES = 4
const FIELD_BYTES = 4
const ROUTING_ENTRY_BYTES = 4

const CHECKSUM = 0x8000
const ROUTING = 0x4000
const KEY = 0x2000
const SEQUENCE = 0x1000
const ACKNOWLEDGMENT = 0x0080
const VERSION = 0x0007

const KEEP_ALIVE = 0 // of Cisco; and no EtherType is that small
const PPP = 0x880b
const WCCP = 0x883e
const ERSPAN = 0x88be
const ERSPAN_3 = 0x22eb
// Aruba: a Wi-Fi frame, under a number for each of the access point's queues
const ARUBA_WIFI_MIN = 0x8200
const ARUBA_WIFI_MAX = 0x8370

/** Decodes the GRE packet bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeGre(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < HEADER_BYTES) return MALFORMED_TUNNEL
  const flags = u16(bytes, start)
  switch (flags & VERSION) {
    case 0:
      return decodeVersion0(bytes, start, end, flags, packet)
    case 1:
      return decodeVersion1(bytes, start, end, flags, packet)
    default:
      return UNSUPPORTED_TUNNEL
  }
}

function decodeVersion0(bytes: Uint8Array, start: number, end: number, flags: number, packet: Packet): number {
  let at = start + HEADER_BYTES
  if ((flags & (CHECKSUM | ROUTING)) !== 0) at += FIELD_BYTES
  if ((flags & KEY) !== 0) at += FIELD_BYTES
  if ((flags & SEQUENCE) !== 0) at += FIELD_BYTES
  if ((flags & ROUTING) !== 0) at = skipRouting(bytes, at, end)
  if (at > end) return MALFORMED_TUNNEL

  const type = u16(bytes, start + PROTOCOL_TYPE)
  switch (type) {
    case KEEP_ALIVE:
      return NOT_IP
    case ERSPAN: // type I has neither a sequence number nor a header of its own
      return (flags & SEQUENCE) === 0 ? decodeEthernet(bytes, at, end, packet) : decodeErspan2(bytes, at, end, packet)
    case ERSPAN_3:
      return decodeErspan3(bytes, at, end, packet)
    case WCCP: // version 2 of WCCP puts a word before the packet, version 1 does not
      return decodeIp(bytes, beginsIp(bytes, at, end) ? at : at + FIELD_BYTES, end, packet)
    default:
      return type >= ARUBA_WIFI_MIN && type <= ARUBA_WIFI_MAX
        ? decodeWifi(bytes, at, end, 0, packet)
        : decodeEtherType(bytes, type, at, end, packet)
  }
}

function beginsIp(bytes: Uint8Array, at: number, end: number): boolean {
  const version = at < end ? u8(bytes, at) >> 4 : 0
  return version === 4 || version === 6
}

/** Version 1 carries PPP, or nothing: then it only acknowledges. */
function decodeVersion1(bytes: Uint8Array, start: number, end: number, flags: number, packet: Packet): number {
  let at = start + HEADER_BYTES + FIELD_BYTES
  if ((flags & SEQUENCE) !== 0) at += FIELD_BYTES
  if ((flags & ACKNOWLEDGMENT) !== 0) at += FIELD_BYTES
  if ((flags & KEY) === 0 || u16(bytes, start + PROTOCOL_TYPE) !== PPP || at > end) return MALFORMED_TUNNEL
  const payloadLength = u16(bytes, start + HEADER_BYTES)
  if ((flags & SEQUENCE) === 0 || payloadLength === 0) return NOT_IP
  return decodePpp(bytes, at, Math.min(end, at + payloadLength), packet)
}

/** Where the list of routing entries ends: family 2, offset 1, length 1 and so many bytes each; the last one is all zero. */
function skipRouting(bytes: Uint8Array, at: number, end: number): number {
  while (end - at >= ROUTING_ENTRY_BYTES) {
    const entry = u32(bytes, at)
    at += ROUTING_ENTRY_BYTES + (entry & 0xff)
    if (entry === 0) return at
  }
  return end + 1
}
