/**
 * CAPWAP data channel between access points and their controller, RFC 5415
 * section 4.3.
 *
 *   +-------+-------+---------+---------+---------+-+-+-+-+-+-+-----+
 *   |version| type  |  HLEN   |   RID   |  WBID   |T|F|L|W|M|K|flags|
 *   +-------+-------+---------+---------+---------+-+-+-+-+-+-+-----+
 *   |          fragment id          |     fragment offset     | rsv |
 *   +-------------------------------+-------------------------+-----+
 *   |  M: radio MAC address; W: wireless information
 *
 * `HLEN` counts words of 4 bytes, all of the header. Type 1 is DTLS. T says
 * that the payload is a frame of the radio (WBID 1: Wi-Fi), else it is an
 * Ethernet frame. F marks a piece of a frame, K a keep-alive.
 *
 * Some makers swap the two bytes of the Wi-Fi frame control field. A data frame
 * has 08 in the low half of its first byte, which tells the two apart.
 */

import { u8, u24 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import type { Packet } from './packet.ts'
import { ENCRYPTED, MALFORMED_TUNNEL, NOT_IP, UNSUPPORTED_TUNNEL } from './reason.ts'
import { decodeSwappedWifi } from './wifi.ts'

const HEADER_BYTES = 8
const DTLS = 1

// of the 24 bits behind the first byte
const HEADER_WORDS_SHIFT = 19
const BINDING_SHIFT = 9
const FIVE_BITS = 0x1f
const NATIVE = 0x100
const IS_FRAGMENT = 0x080
const KEEP_ALIVE = 0x008
const WIFI = 1

/** Decodes bytes[start, end), a CAPWAP data message; returns where its data ends, or a reason. */
export function decodeCapwap(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < HEADER_BYTES) return MALFORMED_TUNNEL
  const preamble = u8(bytes, start)
  if (preamble === DTLS) return ENCRYPTED
  if (preamble !== 0) return UNSUPPORTED_TUNNEL
  const fields = u24(bytes, start + 1)
  const at = start + (fields >> HEADER_WORDS_SHIFT) * 4
  if (at < start + HEADER_BYTES || at > end) return MALFORMED_TUNNEL
  if ((fields & KEEP_ALIVE) !== 0) return NOT_IP
  if ((fields & IS_FRAGMENT) !== 0) return UNSUPPORTED_TUNNEL
  if ((fields & NATIVE) === 0) return decodeEthernet(bytes, at, end, packet)
  if (((fields >> BINDING_SHIFT) & FIVE_BITS) !== WIFI) return UNSUPPORTED_TUNNEL
  return decodeSwappedWifi(bytes, at, end, packet)
}
