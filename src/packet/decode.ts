/**
 * From a frame to a packet: the entry of this folder.
 *
 * Decoding keeps nothing and never throws: a frame that cannot be decoded
 * gives a reason (reason.ts). Where the captured bytes end before a header
 * does, and the frame was longer on the wire, the reason is CUT and not that
 * of the header: the sender did nothing wrong, the recorder's snap length is
 * too small.
 *
 * Headers are followed inwards through tags, labels and tunnels to the TCP or
 * UDP packet at the bottom, at most HEADERS_MAX of them (packet.ts). A packet
 * that an ICMP error quotes is none of them: it was seen when it was sent, and
 * whoever writes the error writes the quotation (icmp.ts reads it for those who
 * know that).
 *
 * A piece of a datagram gives IP_FRAGMENT; what is done about it is the next
 * step, `reassemble` (reassemble.ts), because that one does keep something.
 */

import { decodeEthernet } from './ethernet.ts'
import { decodeLink, ETHERNET } from './link.ts'
import type { Packet } from './packet.ts'
import {
  CUT,
  MALFORMED_IPV4,
  MALFORMED_IPV6,
  MALFORMED_TCP,
  MALFORMED_TUNNEL,
  MALFORMED_UDP,
  SHORT_LINK_HEADER,
} from './reason.ts'

/**
 * Decodes the frame bytes[start, end) into `packet`.
 * @param originalLength length of the frame on the wire
 * @param linkType LINKTYPE_ number of the interface it was captured on
 * @returns where the packet's data ends, or a negative reason
 */
export function decodePacket(
  bytes: Uint8Array,
  start: number,
  end: number,
  originalLength: number,
  linkType: number,
  packet: Packet,
): number {
  packet.bytes = bytes
  packet.vlanCount = 0
  packet.etherStart = -1
  packet.headers = 0
  packet.depth = 0
  const outcome =
    linkType === ETHERNET ? decodeEthernet(bytes, start, end, packet) : decodeLink(bytes, start, end, linkType, packet)
  return outcome < 0 && end - start < originalLength && mayBeCut(outcome) ? CUT : outcome
}

function mayBeCut(reason: number): boolean {
  switch (reason) {
    case SHORT_LINK_HEADER:
    case MALFORMED_IPV4:
    case MALFORMED_IPV6:
    case MALFORMED_TCP:
    case MALFORMED_UDP:
    case MALFORMED_TUNNEL:
      return true
    default:
      return false
  }
}
