/**
 * What macOS writes when it records several interfaces at once: LINKTYPE_PKTAP
 * (258), facts of the interface and of the program that talks, then a frame
 * of another link type. Little-endian, as the machines are.
 *
 *   +-----------+----------------------+--------------+----------+--------------+-------
 *   | length, 4 | 1 for a packet, 4    | link type, 4 | name, 24 | more facts   | frame
 *   +-----------+----------------------+--------------+----------+--------------+-------
 */

import { littleU32 } from '../bytes/little.ts'
import { decodeLink } from './link.ts'
import { HEADERS_MAX, type Packet } from './packet.ts'
import { NOT_IP, SHORT_LINK_HEADER, TOO_DEEP } from './reason.ts'

const NEXT = 4
const LINK_TYPE = 8
const BYTES_MIN = 12
const PACKET = 1

/** Decodes the frame bytes[start, end), from its pktap header on; returns where its data ends, or a reason. */
export function decodePktap(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (++packet.headers > HEADERS_MAX) return TOO_DEEP
  if (end - start < BYTES_MIN) return SHORT_LINK_HEADER
  const length = littleU32(bytes, start)
  if (length < BYTES_MIN || length > end - start) return SHORT_LINK_HEADER
  if (littleU32(bytes, start + NEXT) !== PACKET) return NOT_IP
  return decodeLink(bytes, start + length, end, littleU32(bytes, start + LINK_TYPE), packet)
}
