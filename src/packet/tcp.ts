/**
 * TCP header, RFC 9293 section 3.1.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------------------------------+-------------------------------+
 *   |          source port          |       destination port        |
 *   +-------------------------------+-------------------------------+
 *   |                        sequence number                        |
 *   +---------------------------------------------------------------+
 *   |                     acknowledgment number                     |
 *   +-------+-------+---------------+-------------------------------+
 *   |offset | rsrvd |     flags     |            window             |
 *   +-------+-------+---------------+-------------------------------+
 *   |           checksum            |        urgent pointer         |
 *   +-------------------------------+-------------------------------+
 *
 * `offset` counts 32-bit words. Options are not read: nothing we look for
 * depends on them. No segment is refused for its checksum: what SPAN ports
 * deliver is often copied before the network card has filled it in. Fields that
 * few segments are asked for are read in `segment.ts`.
 */

import { i32, u8, u16 } from '../bytes/read.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_TCP } from './reason.ts'

const SOURCE_PORT = 0
const TARGET_PORT = 2
const SEQUENCE = 4
export const DATA_OFFSET = 12
const FLAGS = 13
const TCP_HEADER_BYTES_MIN = 20

/**
 * Decodes the TCP segment in bytes[start, end) into `packet`; returns where its data ends.
 * @param wireEnd where the IP payload ends on the wire; past `end` when the frame was cut
 */
export function decodeTcp(bytes: Uint8Array, start: number, end: number, wireEnd: number, packet: Packet): number {
  if (end - start < TCP_HEADER_BYTES_MIN) return MALFORMED_TCP
  const headerBytes = (u8(bytes, start + DATA_OFFSET) >> 4) * 4
  const payloadStart = start + headerBytes
  if (headerBytes < TCP_HEADER_BYTES_MIN || payloadStart > wireEnd) return MALFORMED_TCP

  packet.sourcePort = u16(bytes, start + SOURCE_PORT)
  packet.targetPort = u16(bytes, start + TARGET_PORT)
  packet.sequence = i32(bytes, start + SEQUENCE)
  packet.tcpFlags = u8(bytes, start + FLAGS)
  packet.payloadLength = wireEnd - payloadStart
  packet.payloadStart = Math.min(payloadStart, end) // options may be cut, too
  packet.payloadEnd = end
  return end
}
