/**
 * L2TP: version 2 (RFC 2661 section 3.1) and 3 (RFC 3931 sections 4.1.1 and
 * 4.1.2). Network byte order.
 *
 *   +-+-+---+-+-+-+-+-------+-------+-------------------------------+
 *   |T|L|   |S| |O|P|       |version|  length (if L)                |
 *   +-+-+---+-+-+-+-+-------+-------+-------------------------------+
 *   |  version 2: tunnel id         |  session id                   |
 *   |  sent (if S)                  |  received (if S)              |
 *   |  padding: size (if O)         |  padding ...
 *
 * T marks control messages. Version 2 carries PPP. Version 3 has a session id
 * of 32 bits in place of all that (over UDP behind the first word and two
 * reserved bytes, directly over IP at once; there, 0 means control), then a
 * cookie of 0, 4 or 8 bytes and a sublayer of 0 or 4, then what the two ends
 * have agreed on. Where an Ethernet frame begins has to be guessed.
 */

import { u16, u32 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import { looksLikeEthernet } from './guess.ts'
import type { Packet } from './packet.ts'
import { decodePpp } from './ppp.ts'
import { MALFORMED_TUNNEL, NOT_IP, UNSUPPORTED_TUNNEL } from './reason.ts'

const CONTROL = 0x8000
const HAS_LENGTH = 0x4000
const HAS_SEQUENCE = 0x0800
const HAS_OFFSET = 0x0200
const VERSION = 0x000f

const FLAGS_BYTES = 2
const LENGTH_BYTES = 2
const IDS_BYTES = 4
const SEQUENCE_BYTES = 4
const OFFSET_BYTES = 2
const VERSION_3_HEADER_BYTES = 4
const SESSION_BYTES = 4
const COOKIE_AND_SUBLAYER_BYTES_MAX = 12

/** Decodes bytes[start, end), an L2TP message over UDP; returns where its data ends, or a reason. */
export function decodeL2tp(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < FLAGS_BYTES) return MALFORMED_TUNNEL
  const flags = u16(bytes, start)
  if ((flags & CONTROL) !== 0) return NOT_IP
  switch (flags & VERSION) {
    case 2:
      return decodeVersion2(bytes, start, end, flags, packet)
    case 3:
      return decodeL2tpOverIp(bytes, start + VERSION_3_HEADER_BYTES, end, packet)
    default:
      return UNSUPPORTED_TUNNEL
  }
}

/**
 * Decodes bytes[start, end), an L2TPv3 message from its session id on, as it stands in IP; returns where its data ends,
 * or a reason.
 */
export function decodeL2tpOverIp(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < SESSION_BYTES) return MALFORMED_TUNNEL
  if (u32(bytes, start) === 0) return NOT_IP
  const at = start + SESSION_BYTES
  for (let skipped = 0; skipped <= COOKIE_AND_SUBLAYER_BYTES_MAX; skipped += 4) {
    if (looksLikeEthernet(bytes, at + skipped, end)) return decodeEthernet(bytes, at + skipped, end, packet)
  }
  return UNSUPPORTED_TUNNEL
}

function decodeVersion2(bytes: Uint8Array, start: number, end: number, flags: number, packet: Packet): number {
  let at = start + FLAGS_BYTES
  if ((flags & HAS_LENGTH) !== 0) {
    if (end - at < LENGTH_BYTES) return MALFORMED_TUNNEL
    end = Math.min(end, start + u16(bytes, at))
    at += LENGTH_BYTES
  }
  at += IDS_BYTES
  if ((flags & HAS_SEQUENCE) !== 0) at += SEQUENCE_BYTES
  if ((flags & HAS_OFFSET) !== 0) {
    if (end - at < OFFSET_BYTES) return MALFORMED_TUNNEL
    at += OFFSET_BYTES + u16(bytes, at)
  }
  return decodePpp(bytes, at, end, packet)
}
