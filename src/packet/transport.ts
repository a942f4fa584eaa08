/** What stands in an IP packet, by its protocol number (https://www.iana.org/assignments/protocol-numbers). */

import { type Packet, TCP, UDP } from './packet.ts'
import { IP_FRAGMENT } from './reason.ts'
import { decodeTcp } from './tcp.ts'
import { decodeTunnel } from './tunnel.ts'
import { decodeUdp } from './udp.ts'

/**
 * Decodes the payload bytes[start, end) of an IP packet by `packet.protocol`.
 * @param wireEnd where the payload ends on the wire; past `end` when the frame was cut
 */
export function decodeTransport(
  bytes: Uint8Array,
  start: number,
  end: number,
  wireEnd: number,
  packet: Packet,
): number {
  packet.transportStart = start
  if (packet.protocol === TCP) return decodeTcp(bytes, start, end, wireEnd, packet)
  if (packet.protocol === UDP) return decodeUdp(bytes, start, end, wireEnd, packet)
  return decodeTunnel(bytes, start, end, wireEnd, packet)
}

/**
 * Takes the payload from `start` to `end` of an IP packet as a piece of a datagram; returns IP_FRAGMENT.
 * @param wireEnd where the piece ends on the wire; past `end` when the frame was cut
 */
export function takePiece(start: number, end: number, wireEnd: number, packet: Packet): number {
  packet.transportStart = start
  packet.payloadStart = start
  packet.payloadEnd = end
  packet.payloadLength = wireEnd - start
  return IP_FRAGMENT
}
