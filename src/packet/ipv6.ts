/**
 * IPv6 header and extension headers, RFC 8200 sections 3 and 4.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+---------------+---------------------------------------+
 *   |version| traffic class |              flow label               |
 *   +-------+---------------+-------+---------------+---------------+
 *   |         payload length        |  next header  |   hop limit   |
 *   +-------------------------------+---------------+---------------+
 *   |                    source address (16 bytes)                  |
 *   |                 destination address (16 bytes)                |
 *   +---------------------------------------------------------------+
 *
 * An extension header begins with the number of the next one and its own
 * length in units of 8 bytes, the first 8 not counted. A payload length of
 * zero means "to the end of the frame": a jumbogram or segmentation offload.
 */

import { u8, u16, u32 } from '../bytes/read.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_IPV6 } from './reason.ts'
import { decodeTransport, takePiece } from './transport.ts'

const PAYLOAD_LENGTH = 4
const NEXT_HEADER = 6
const SOURCE = 8
const TARGET = 24
const IPV6_HEADER_BYTES = 40

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const AUTHENTICATION = 51 // RFC 4302: its length counts 4-byte words, less two
const DESTINATION = 60
const MOBILITY = 135
const HIP = 139
const SHIM6 = 140

const EXTENSIONS_MAX = 16 // RFC 8200 allows each kind once; a longer chain is an attack
const FRAGMENT_HEADER_BYTES = 8
// of the fragment header, RFC 8200 section 4.5
const FRAGMENT_FIELD = 2
const FRAGMENT_ID = 4
const OFFSET = 0xfff8 // in units of 8 bytes, that is 3 bits down: as it stands it counts bytes
const MORE_FRAGMENTS = 0x0001

/**
 * Decodes the IPv6 packet in bytes[start, end) into `packet`; returns where its data ends, or a reason.
 * For a piece of a datagram that is IP_FRAGMENT, and the payload in `packet` is the piece.
 */
export function decodeIpv6(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < IPV6_HEADER_BYTES) return MALFORMED_IPV6
  const payloadLength = u16(bytes, start + PAYLOAD_LENGTH)
  const wireEnd = payloadLength === 0 ? end : start + IPV6_HEADER_BYTES + payloadLength
  const capturedEnd = Math.min(wireEnd, end)
  if (u8(bytes, start) >> 4 !== 6) return MALFORMED_IPV6

  packet.ipVersion = 6
  packet.addressBytes = 16
  packet.ipStart = start
  packet.sourceStart = start + SOURCE
  packet.targetStart = start + TARGET

  let next = u8(bytes, start + NEXT_HEADER)
  let at = start + IPV6_HEADER_BYTES
  for (let extensions = 0; ; extensions++) {
    if (!isExtension(next)) {
      packet.protocol = next
      return decodeTransport(bytes, at, capturedEnd, wireEnd, packet)
    }
    if (capturedEnd - at < FRAGMENT_HEADER_BYTES || extensions === EXTENSIONS_MAX) return MALFORMED_IPV6
    if (next === FRAGMENT) {
      const fragment = u16(bytes, at + FRAGMENT_FIELD)
      // an "atomic" fragment (RFC 6946), neither moved nor followed by others, is a whole packet
      if ((fragment & (OFFSET | MORE_FRAGMENTS)) !== 0) {
        packet.protocol = u8(bytes, at)
        packet.fragmentId = u32(bytes, at + FRAGMENT_ID)
        packet.fragmentOffset = fragment & OFFSET
        packet.moreFragments = (fragment & MORE_FRAGMENTS) !== 0
        return takePiece(at + FRAGMENT_HEADER_BYTES, capturedEnd, wireEnd, packet)
      }
    }
    const units = u8(bytes, at + 1)
    const length =
      next === FRAGMENT ? FRAGMENT_HEADER_BYTES : next === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8
    next = u8(bytes, at)
    at += length
    if (at > capturedEnd) return MALFORMED_IPV6
  }
}

function isExtension(header: number): boolean {
  switch (header) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION:
    case MOBILITY:
    case HIP:
    case SHIM6:
      return true
    default:
      return false
  }
}
