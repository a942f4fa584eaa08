/**
 * GENEVE, RFC 8926 section 3.4.
 *
 *   +---+-----------+-+-+-----------+-------------------------------+
 *   |ver|  options  |O|C| reserved  |         protocol type         |
 *   +---+-----------+-+-+-----------+---------------+---------------+
 *   |         network identifier (VNI), 24 bits     |   reserved    |
 *   +-----------------------------------------------+---------------+
 *   |  options: as many words of 4 bytes as the first byte says
 *
 * The protocol type is an EtherType, mostly 6558 for an Ethernet frame. O
 * marks control messages.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeEtherType } from './ethernet.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_TUNNEL, NOT_IP, UNSUPPORTED_TUNNEL } from './reason.ts'

const PROTOCOL_TYPE = 2
const HEADER_BYTES = 8
const OPTIONS_LENGTH = 0x3f // of the first byte
const CONTROL = 0x80 // of the second

/** Decodes bytes[start, end), a GENEVE header and what it carries; returns where its data ends, or a reason. */
export function decodeGeneve(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < HEADER_BYTES) return MALFORMED_TUNNEL
  const first = u8(bytes, start)
  if (first >> 6 !== 0) return UNSUPPORTED_TUNNEL
  if ((u8(bytes, start + 1) & CONTROL) !== 0) return NOT_IP
  const at = start + HEADER_BYTES + (first & OPTIONS_LENGTH) * 4
  return decodeEtherType(bytes, u16(bytes, start + PROTOCOL_TYPE), at, end, packet)
}
