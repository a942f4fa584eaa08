/**
 * Headers that networks put before a frame's EtherType, other than VLAN tags:
 * fabrics, security groups, and what brokers and recorders add to mirrored
 * frames. Network byte order. Each ends in the EtherType of what follows.
 *
 *   8909   Cisco metadata (TrustSec): version 1 | length 1 | option 2 | security group 2
 *   8926   VN-Tag of Cisco: 4
 *   892f   HSR, IEC 62439-3: path and size 2 | sequence 2
 *   893f   E-Tag, IEEE 802.1BR: 6
 *   d28b   time stamp of Arista: subtype 2, 1 | time scale 1, format 1 | stamp 8 (format 1) or 6 (format 2)
 *   88e5   MACsec, IEEE 802.1AE: flags 1 | short length 1 | packet number 4 | channel 8, if flagged
 *
 * MACsec without encryption only has a check value behind the frame, where
 * nobody looks.
 */

import { u8, u16 } from '../bytes/read.ts'
import { ENCRYPTED, NOT_IP, SHORT_LINK_HEADER } from './reason.ts'

const CISCO_METADATA = 0x8909
const VN_TAG = 0x8926
const HSR = 0x892f
const E_TAG = 0x893f
const ARISTA = 0xd28b
const MACSEC = 0x88e5

const ETHER_TYPE_BYTES = 2

const ARISTA_TIME_STAMP = 1
const ARISTA_BYTES = 4
const ARISTA_64_BITS = 1
const ARISTA_48_BITS = 2

const MACSEC_BYTES = 6
const MACSEC_CHANNEL_BYTES = 8
const MACSEC_HAS_CHANNEL = 0x20
const MACSEC_CHANGED_TEXT = 0x0c // encrypted, or changed in another way

/** Where the header at bytes[at, end) that `type` announces ends, behind its EtherType; or a reason: NOT_IP where it is none of these. */
export function passTag(bytes: Uint8Array, type: number, at: number, end: number): number {
  const length = tagBytes(bytes, type, at, end)
  if (length < 0) return length
  return end - at < length + ETHER_TYPE_BYTES ? SHORT_LINK_HEADER : at + length + ETHER_TYPE_BYTES
}

function tagBytes(bytes: Uint8Array, type: number, at: number, end: number): number {
  switch (type) {
    case VN_TAG:
    case HSR:
      return 4
    case E_TAG:
    case CISCO_METADATA:
      return 6
    case ARISTA:
      return aristaBytes(bytes, at, end)
    case MACSEC:
      return macsecBytes(bytes, at, end)
    default:
      return NOT_IP
  }
}

function aristaBytes(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < ARISTA_BYTES) return SHORT_LINK_HEADER
  if (u16(bytes, at) !== ARISTA_TIME_STAMP) return NOT_IP
  switch (u8(bytes, at + 3) >> 4) {
    case ARISTA_64_BITS:
      return ARISTA_BYTES + 8
    case ARISTA_48_BITS:
      return ARISTA_BYTES + 6
    default:
      return NOT_IP
  }
}

function macsecBytes(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < MACSEC_BYTES) return SHORT_LINK_HEADER
  const flags = u8(bytes, at)
  if ((flags & MACSEC_CHANGED_TEXT) !== 0) return ENCRYPTED
  return MACSEC_BYTES + ((flags & MACSEC_HAS_CHANNEL) === 0 ? 0 : MACSEC_CHANNEL_BYTES)
}
