/**
 * GTP-U, the tunnel of mobile networks, 3GPP TS 29.281 section 5.1.
 *
 *   +-----+-+-+-+-+-+---------------+-------------------------------+
 *   |ver 1|1|0|E|S|N|  message type |            length             |
 *   +-----+-+-+-+-+-+---------------+-------------------------------+
 *   |                   tunnel endpoint identifier                  |
 *   +-------------------------------+---------------+---------------+
 *   |        sequence number        | N-PDU number  | next extension|     there when E, S or N is set
 *   +-------------------------------+---------------+---------------+
 *
 * `length` counts what follows the identifier. An extension header begins with
 * its length in words of 4 bytes and ends with the type of the next one, 0 for
 * none. Message 255 (G-PDU) carries a user's IP packet, all others are control.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_TUNNEL, NOT_IP, UNSUPPORTED_TUNNEL } from './reason.ts'

const MESSAGE_TYPE = 1
const LENGTH = 2
const HEADER_BYTES = 8
const NEXT_EXTENSION = 11
const OPTIONAL_BYTES = 4

const VERSION_1 = 0x30 // with the bit that tells GTP from GTP' (charging)
const VERSION_AND_KIND = 0xf0
const HAS_EXTENSION = 0x04
const HAS_OPTIONAL = 0x07
const USER_PACKET = 255

/** Decodes bytes[start, end), a GTP-U header and the packet it carries; returns where its data ends, or a reason. */
export function decodeGtp(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < HEADER_BYTES) return MALFORMED_TUNNEL
  const flags = u8(bytes, start)
  if ((flags & VERSION_AND_KIND) !== VERSION_1) return UNSUPPORTED_TUNNEL
  if (u8(bytes, start + MESSAGE_TYPE) !== USER_PACKET) return NOT_IP
  const dataEnd = Math.min(end, start + HEADER_BYTES + u16(bytes, start + LENGTH))
  let at = start + HEADER_BYTES
  if ((flags & HAS_OPTIONAL) !== 0) {
    at += OPTIONAL_BYTES
    if (at > dataEnd) return MALFORMED_TUNNEL
    let next = (flags & HAS_EXTENSION) !== 0 ? u8(bytes, start + NEXT_EXTENSION) : 0
    while (next !== 0) {
      const length = at < dataEnd ? u8(bytes, at) * 4 : 0
      at += length
      if (length === 0 || at > dataEnd) return MALFORMED_TUNNEL
      next = u8(bytes, at - 1)
    }
  }
  return decodeIp(bytes, at, dataEnd, packet)
}
