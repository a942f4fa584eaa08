/** Is this datagram QUIC? Asked of the first datagram of a client on any UDP port; allocates little, decrypts nothing. */

import { u8 } from '../../bytes/read.ts'
import { plainVersion } from './gquic.ts'
import { FIRST_DATAGRAM_BYTES, LongHeader, readLongHeader } from './header.ts'
import { INITIAL, VERSION_NEGOTIATION } from './versions.ts'

// written and read within one call; nothing is kept in it
const header = new LongHeader()

/**
 * Could the UDP payload bytes[start, end) come from a QUIC client that connects? A yes may be wrong (only decryption
 * knows); a no is sure but for versions nobody knows in datagrams of less than 1,200 bytes.
 */
export function looksLikeQuic(bytes: Uint8Array, start: number, end: number): boolean {
  if (plainVersion(bytes, start, end) !== 0) return true
  return readLongHeader(bytes, start, end, header) >= 0 && header.type !== VERSION_NEGOTIATION
}

/** The connection ids of an Initial as hashes; reused from call to call. */
export class InitialIds {
  target = 0
  source = 0
}

/**
 * Does a connection begin with the UDP payload bytes[start, end), or go on to begin: is it an Initial, as long as both
 * sides have to make its datagram (RFC 9000 section 14.1)? Then `ids` says between whom.
 */
export function isInitial(bytes: Uint8Array, start: number, end: number, ids: InitialIds): boolean {
  if (end - start < FIRST_DATAGRAM_BYTES || u8(bytes, start) < 0x80) return false
  if (readLongHeader(bytes, start, end, header) < 0 || header.type !== INITIAL) return false
  ids.target = idHash(bytes, header.idStart, header.idEnd)
  ids.source = idHash(bytes, header.sourceIdStart, header.sourceIdEnd)
  return true
}

/** A signed 32-bit number, the same for the same id; others rarely share it. */
function idHash(bytes: Uint8Array, start: number, end: number): number {
  let h = end - start
  for (let at = start; at < end; at++) h = Math.imul(h ^ u8(bytes, at), 0x01000193) ^ (h >>> 15)
  return h | 0
}
