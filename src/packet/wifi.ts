/**
 * Wi-Fi data frames, IEEE 802.11 clause 9.3.2. Little endian.
 *
 *   +---------------+----------+-----+-----+-----+----------+-------+-----+----+---------
 *   | frame control | duration | a 1 | a 2 | a 3 | sequence | a 4 * | QoS | HT | payload
 *   |       2       |    2     |  6  |  6  |  6  |    2     |   6   |  2* | 4* |
 *   +---------------+----------+-----+-----+-----+----------+-------+-----+----+---------
 *   * only in some frames: address 4 between access points, QoS in QoS frames, HT control where "order" is set
 *
 * The payload is an LLC header, or, as A-MSDU, several frames with a header of
 * their own (target, source, length), of which the first one is read: a Packet
 * has room for one. Frames of the control and management types carry no
 * packets. A protected frame is ENCRYPTED, not malformed. Pieces of a frame
 * (fragmented by the radio, which hardly anybody does) are not put together.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeLlc } from './llc.ts'
import type { Packet } from './packet.ts'
import { ENCRYPTED, NOT_IP, SHORT_LINK_HEADER, UNSUPPORTED_TUNNEL } from './reason.ts'

const CONTROL_BYTES = 2
const SEQUENCE = 22
const HEADER_BYTES = 24
const ADDRESS_BYTES = 6
const QOS_BYTES = 2
const HT_CONTROL_BYTES = 4
const SUBFRAME_HEADER_BYTES = 14

// first byte of frame control
const VERSION_AND_TYPE = 0x0f
const DATA = 0x08
const NO_DATA = 0x40 // of the subtypes of data frames
const QOS = 0x80
// second byte
const BETWEEN_ACCESS_POINTS = 0x03
const MORE_FRAGMENTS = 0x04
const PROTECTED = 0x40
const ORDER = 0x80
// first byte of the QoS field
const AGGREGATED = 0x80

/**
 * Decodes the 802.11 frame bytes[start, end) into `packet`; returns where its data ends, or a reason.
 * @param alignment the header is filled up to a multiple of this many bytes (some drivers do that: 4); 0 for not
 */
export function decodeWifi(bytes: Uint8Array, start: number, end: number, alignment: number, packet: Packet): number {
  if (end - start < CONTROL_BYTES) return SHORT_LINK_HEADER
  return decodeFrame(bytes, start, end, u8(bytes, start), u8(bytes, start + 1), alignment, packet)
}

/** Like `decodeWifi`, for frames whose maker may have swapped the two bytes of frame control (see capwap.ts). */
export function decodeSwappedWifi(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < CONTROL_BYTES) return SHORT_LINK_HEADER
  const first = u8(bytes, start)
  const second = u8(bytes, start + 1)
  return (first & VERSION_AND_TYPE) === DATA
    ? decodeFrame(bytes, start, end, first, second, 0, packet)
    : decodeFrame(bytes, start, end, second, first, 0, packet)
}

function decodeFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  control: number,
  flags: number,
  alignment: number,
  packet: Packet,
): number {
  if ((control & VERSION_AND_TYPE) !== DATA || (control & NO_DATA) !== 0) return NOT_IP
  if ((flags & PROTECTED) !== 0) return ENCRYPTED
  if (end - start < HEADER_BYTES) return SHORT_LINK_HEADER
  if ((flags & MORE_FRAGMENTS) !== 0 || (u8(bytes, start + SEQUENCE) & 0x0f) !== 0) return UNSUPPORTED_TUNNEL

  let at = start + HEADER_BYTES
  if ((flags & BETWEEN_ACCESS_POINTS) === BETWEEN_ACCESS_POINTS) at += ADDRESS_BYTES
  let isAggregated = false
  if ((control & QOS) !== 0) {
    if (end - at < QOS_BYTES) return SHORT_LINK_HEADER
    isAggregated = (u8(bytes, at) & AGGREGATED) !== 0
    at += QOS_BYTES
    if ((flags & ORDER) !== 0) at += HT_CONTROL_BYTES
  }
  if (alignment > 0) at += -(at - start) & (alignment - 1)
  if (isAggregated) {
    if (end - at < SUBFRAME_HEADER_BYTES) return SHORT_LINK_HEADER
    packet.etherStart = at
    end = Math.min(end, at + SUBFRAME_HEADER_BYTES + u16(bytes, at + 2 * ADDRESS_BYTES))
    at += SUBFRAME_HEADER_BYTES
  }
  return decodeLlc(bytes, at, end, packet)
}
