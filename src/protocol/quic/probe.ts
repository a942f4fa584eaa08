/** Is this datagram QUIC? Asked of the first datagram of a client on any UDP port; allocates little, decrypts nothing. */

import { plainVersion } from './gquic.ts'
import { LongHeader, readLongHeader } from './header.ts'
import { VERSION_NEGOTIATION } from './versions.ts'

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
