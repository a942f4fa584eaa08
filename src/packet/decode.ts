/**
 * From a frame to a packet: the entry of this folder.
 *
 * Decoding keeps nothing and never throws: a frame that cannot be decoded
 * gives a reason (reason.ts). Where the captured bytes end before a header
 * does, and the frame was longer on the wire, the reason is CUT and not that
 * of the header: the sender did nothing wrong, the recorder's snap length is
 * too small.
 */

import { decodeEthernet } from './ethernet.ts'
import type { Packet } from './packet.ts'
import {
  CUT,
  MALFORMED_IPV4,
  MALFORMED_IPV6,
  MALFORMED_TCP,
  MALFORMED_UDP,
  SHORT_LINK_HEADER,
  UNSUPPORTED_LINK,
} from './reason.ts'

/** LINKTYPE_ numbers, https://www.tcpdump.org/linktypes.html */
const ETHERNET = 1

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
  const outcome = linkType === ETHERNET ? decodeEthernet(bytes, start, end, packet) : UNSUPPORTED_LINK
  return outcome < 0 && end - start < originalLength && mayBeCut(outcome) ? CUT : outcome
}

function mayBeCut(reason: number): boolean {
  switch (reason) {
    case SHORT_LINK_HEADER:
    case MALFORMED_IPV4:
    case MALFORMED_IPV6:
    case MALFORMED_TCP:
    case MALFORMED_UDP:
      return true
    default:
      return false
  }
}
