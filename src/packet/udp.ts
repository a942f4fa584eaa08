/**
 * UDP header, RFC 768.
 *
 *    0      7 8     15 16    23 24    31
 *   +--------+--------+--------+--------+
 *   |   source port   |    dest. port   |
 *   +--------+--------+--------+--------+
 *   |      length     |     checksum    |
 *   +--------+--------+--------+--------+
 *
 * `length` counts the header and the data, in bytes. Zero is allowed for IPv6
 * jumbograms (RFC 2675 section 4) and means "to the end of the IP payload".
 */

import { u16 } from '../bytes/read.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_UDP } from './reason.ts'
import { decodeUdpTunnel, NO_TUNNEL, tunnelKind } from './udp-tunnel.ts'

const SOURCE_PORT = 0
const TARGET_PORT = 2
const LENGTH = 4
export const UDP_HEADER_BYTES = 8

/**
 * Decodes the UDP datagram in bytes[start, end) into `packet`; returns where its data ends, or a reason. On a port of
 * a tunnel, the packet inside takes its place (udp-tunnel.ts).
 * @param wireEnd where the IP payload ends on the wire; past `end` when the frame was cut
 */
export function decodeUdp(bytes: Uint8Array, start: number, end: number, wireEnd: number, packet: Packet): number {
  if (end - start < UDP_HEADER_BYTES) return MALFORMED_UDP

  const length = u16(bytes, start + LENGTH)
  const dataEnd = length === 0 ? wireEnd : start + length
  if (dataEnd > wireEnd || dataEnd < start + UDP_HEADER_BYTES) return MALFORMED_UDP

  packet.sourcePort = u16(bytes, start + SOURCE_PORT)
  packet.targetPort = u16(bytes, start + TARGET_PORT)
  packet.payloadStart = start + UDP_HEADER_BYTES
  packet.payloadEnd = Math.min(dataEnd, end)
  packet.payloadLength = dataEnd - packet.payloadStart
  const kind = tunnelKind(packet.sourcePort, packet.targetPort)
  return kind === NO_TUNNEL ? packet.payloadEnd : decodeUdpTunnel(kind, packet)
}
