/**
 * LISP data packets, RFC 9300 section 5.1: an IP packet behind 8 bytes of flags,
 * nonce or map versions, and instance or status bits. What the flags say does
 * not move the packet.
 */

import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'

const HEADER_BYTES = 8

/** Decodes bytes[start, end), a LISP header and its packet; returns where its data ends, or a reason. */
export function decodeLisp(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  return decodeIp(bytes, start + HEADER_BYTES, end, packet)
}
