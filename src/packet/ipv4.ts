/**
 * IPv4 header, RFC 791 section 3.1.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+-------+---------------+-------------------------------+
 *   |version|  IHL  |type of service|          total length         |
 *   +-------+-------+---------------+-----+-------------------------+
 *   |         identification        |flags|     fragment offset     |
 *   +---------------+---------------+-----+-------------------------+
 *   |  time to live |    protocol   |        header checksum        |
 *   +---------------+---------------+-------------------------------+
 *   |                         source address                        |
 *   +---------------------------------------------------------------+
 *   |                      destination address                      |
 *   +---------------------------------------------------------------+
 *   |                     options (IHL > 5) ...                     |
 *
 * `IHL` counts 32-bit words. A total length of zero is what a capture on a
 * sending machine shows for a packet that the network card will cut up
 * (segmentation offload): it means "to the end of the frame".
 */

import { u8, u16 } from '../bytes/read.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_IPV4 } from './reason.ts'
import { decodeTransport, takePiece } from './transport.ts'

const TOTAL_LENGTH = 2
const IDENTIFICATION = 4
const FRAGMENT = 6
const PROTOCOL = 9
const SOURCE = 12
const TARGET = 16
const IPV4_HEADER_BYTES_MIN = 20
const MORE_FRAGMENTS = 0x2000
const OFFSET = 0x1fff // in units of 8 bytes

/**
 * Decodes the IPv4 packet in bytes[start, end) into `packet`; returns where its data ends, or a reason.
 * For a piece of a datagram that is IP_FRAGMENT, and the payload in `packet` is the piece.
 */
export function decodeIpv4(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < IPV4_HEADER_BYTES_MIN) return MALFORMED_IPV4
  const first = u8(bytes, start)
  const headerBytes = (first & 0x0f) * 4
  const totalLength = u16(bytes, start + TOTAL_LENGTH)
  const wireEnd = totalLength === 0 ? end : start + totalLength
  if (first >> 4 !== 4 || headerBytes < IPV4_HEADER_BYTES_MIN) return MALFORMED_IPV4
  if (start + headerBytes > end || start + headerBytes > wireEnd) return MALFORMED_IPV4

  packet.ipVersion = 4
  packet.addressBytes = 4
  packet.ipStart = start
  packet.sourceStart = start + SOURCE
  packet.targetStart = start + TARGET
  packet.protocol = u8(bytes, start + PROTOCOL)
  const dataStart = start + headerBytes
  const fragment = u16(bytes, start + FRAGMENT)
  if ((fragment & (MORE_FRAGMENTS | OFFSET)) !== 0) {
    packet.fragmentId = u16(bytes, start + IDENTIFICATION)
    packet.fragmentOffset = (fragment & OFFSET) * 8
    packet.moreFragments = (fragment & MORE_FRAGMENTS) !== 0
    return takePiece(dataStart, Math.min(wireEnd, end), wireEnd, packet)
  }
  return decodeTransport(bytes, dataStart, Math.min(wireEnd, end), wireEnd, packet)
}
