/**
 * PPPoE session, RFC 2516 section 4.
 *
 *   +-------+-------+---------------+-------------------------------+
 *   | ver 1 | type 1|     code      |          session id           |
 *   +-------+-------+---------------+-------------------------------+
 *   |            length             |  PPP, from the protocol field
 *   +-------------------------------+----------
 *
 * `length` counts what follows the header. Discovery (code other than 0) comes
 * before there is a session and carries no packets.
 */

import { u8, u16 } from '../bytes/read.ts'
import type { Packet } from './packet.ts'
import { decodePpp } from './ppp.ts'
import { MALFORMED_TUNNEL, NOT_IP } from './reason.ts'

const CODE = 1
const LENGTH = 4
const HEADER_BYTES = 6
const VERSION_AND_TYPE = 0x11

/** Decodes the PPPoE packet bytes[at, end) into `packet`; returns where its data ends, or a reason. */
export function decodePppoe(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  if (end - at < HEADER_BYTES || u8(bytes, at) !== VERSION_AND_TYPE) return MALFORMED_TUNNEL
  if (u8(bytes, at + CODE) !== 0) return NOT_IP
  const start = at + HEADER_BYTES
  return decodePpp(bytes, start, Math.min(end, start + u16(bytes, at + LENGTH)), packet)
}
