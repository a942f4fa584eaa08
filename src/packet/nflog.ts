/**
 * Linux netfilter log: LINKTYPE_NFLOG (239).
 *
 *   +--------+---------+-------------+------------------------------------
 *   | family | version | resource id | attributes: length 2, type 2, value
 *   |   1    |    1    |      2      |   padded to 4 bytes, any number
 *   +--------+---------+-------------+------------------------------------
 *
 * `length` counts its own header. Lengths and types are in the byte order of
 * the machine that recorded; of the types of 1 to 19 that exist the wrong order
 * makes 256 and more, so the first attribute shows it. The packet, from its IP
 * header on, is the value of attribute 9.
 */

import { littleU16 } from '../bytes/little.ts'
import { u8, u16 } from '../bytes/read.ts'
import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'
import { NOT_IP, SHORT_LINK_HEADER } from './reason.ts'

const VERSION = 1
const HEADER_BYTES = 4
const ATTRIBUTE_HEADER_BYTES = 4
const PAYLOAD = 9

/** Decodes the message bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeNflog(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  let at = start + HEADER_BYTES
  if (end - at < ATTRIBUTE_HEADER_BYTES || u8(bytes, start + VERSION) !== 0) return SHORT_LINK_HEADER
  const isLittle = u16(bytes, at + 2) >= 256
  while (end - at >= ATTRIBUTE_HEADER_BYTES) {
    const length = isLittle ? littleU16(bytes, at) : u16(bytes, at)
    const type = isLittle ? littleU16(bytes, at + 2) : u16(bytes, at + 2)
    if (length < ATTRIBUTE_HEADER_BYTES) return SHORT_LINK_HEADER
    if (type === PAYLOAD) {
      return decodeIp(bytes, at + ATTRIBUTE_HEADER_BYTES, Math.min(end, at + length), packet)
    }
    at += (length + 3) & ~3
  }
  return at > end ? SHORT_LINK_HEADER : NOT_IP
}
