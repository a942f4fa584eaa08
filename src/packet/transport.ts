/** What stands in an IP packet, by its protocol number (https://www.iana.org/assignments/protocol-numbers). */

import { type Packet, TCP, UDP } from './packet.ts'
import { OTHER_TRANSPORT } from './reason.ts'
import { decodeTcp } from './tcp.ts'
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
  if (packet.protocol === TCP) return decodeTcp(bytes, start, end, wireEnd, packet)
  if (packet.protocol === UDP) return decodeUdp(bytes, start, end, wireEnd, packet)
  return OTHER_TRANSPORT
}
