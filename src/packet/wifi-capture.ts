/**
 * What capture programs put in front of a Wi-Fi frame: how strong it was, and
 * so on. All of them say how long they are; we want the frame behind.
 *
 *   radiotap (127)   version 1 | pad 1 | length 2 | present 4, more while bit 31 | fields     little endian
 *   PPI (192)        version 1 | flags 1 | length 2 | link type 4 | fields                     little endian
 *   AVS (163)        magic 8021100x, 4 | length 4 | fields                                     big endian
 *   Prism (119)      message 4 | length 4 | fields                                             recorder's order
 *
 * Only radiotap's flags matter: "data pad" means that the driver filled up the
 * frame's header to four bytes. The frame check sequence at the end, where
 * there is one, is behind the IP packet and does not disturb.
 */

import { littleU16, littleU32 } from '../bytes/little.ts'
import { u8, u32 } from '../bytes/read.ts'
import { decodeLink } from './link.ts'
import { HEADERS_MAX, type Packet } from './packet.ts'
import { SHORT_LINK_HEADER, TOO_DEEP } from './reason.ts'
import { decodeWifi } from './wifi.ts'

const LENGTH = 2
const PRESENT = 4
const RADIOTAP_BYTES_MIN = 8
const MORE_PRESENT = 0x80 // in the last byte of a word
const TIMER = 0x01
const TIMER_BYTES = 8
const FLAGS = 0x02
const DATA_PAD = 0x20
const PADDED_TO = 4

const PPI_LINK_TYPE = 4
const PPI_BYTES_MIN = 8

const LONG_LENGTH = 4
const AVS_BYTES_MIN = 8
const AVS_MAGIC = 0x80211000 >>> 4 // the last four bits are the version

/** Decodes the frame bytes[start, end), from its radiotap header on; returns where its data ends, or a reason. */
export function decodeRadiotap(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < RADIOTAP_BYTES_MIN) return SHORT_LINK_HEADER
  const frame = start + littleU16(bytes, start + LENGTH)
  if (frame - start < RADIOTAP_BYTES_MIN || frame > end) return SHORT_LINK_HEADER
  let fields = start + PRESENT
  for (let isLast = false; !isLast; fields += 4) {
    if (fields + 4 > frame) return SHORT_LINK_HEADER
    isLast = (u8(bytes, fields + 3) & MORE_PRESENT) === 0
  }
  const present = u8(bytes, start + PRESENT)
  let flags = 0
  if ((present & FLAGS) !== 0) {
    // the timer, when there is one, stands before the flags and begins at a multiple of its size
    const at = (present & TIMER) === 0 ? fields : start + ((fields - start + 7) & ~7) + TIMER_BYTES
    if (at >= frame) return SHORT_LINK_HEADER
    flags = u8(bytes, at)
  }
  return decodeWifi(bytes, frame, end, (flags & DATA_PAD) !== 0 ? PADDED_TO : 0, packet)
}

/** Decodes the frame bytes[start, end), from its PPI header on; returns where its data ends, or a reason. */
export function decodePpi(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (++packet.headers > HEADERS_MAX) return TOO_DEEP
  if (end - start < PPI_BYTES_MIN) return SHORT_LINK_HEADER
  const length = littleU16(bytes, start + LENGTH)
  if (length < PPI_BYTES_MIN || start + length > end) return SHORT_LINK_HEADER
  return decodeLink(bytes, start + length, end, littleU32(bytes, start + PPI_LINK_TYPE), packet)
}

/** Decodes the frame bytes[start, end), from its AVS header on; returns where its data ends, or a reason. */
export function decodeAvs(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < AVS_BYTES_MIN) return SHORT_LINK_HEADER
  return decodeBehind(bytes, start, end, u32(bytes, start + LONG_LENGTH), packet)
}

/** Decodes the frame bytes[start, end), from its Prism (or, as some drivers do, AVS) header on. */
export function decodePrism(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < AVS_BYTES_MIN) return SHORT_LINK_HEADER
  if (u32(bytes, start) >>> 4 === AVS_MAGIC) return decodeAvs(bytes, start, end, packet)
  const big = u32(bytes, start + LONG_LENGTH)
  return decodeBehind(bytes, start, end, big <= 0xffff ? big : littleU32(bytes, start + LONG_LENGTH), packet)
}

function decodeBehind(bytes: Uint8Array, start: number, end: number, length: number, packet: Packet): number {
  if (length < AVS_BYTES_MIN || length > end - start) return SHORT_LINK_HEADER
  return decodeWifi(bytes, start + length, end, 0, packet)
}
