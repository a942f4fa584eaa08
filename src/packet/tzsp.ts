/**
 * TZSP: frames that an access point or router sends to whoever analyses them.
 * (Published by TZMEN; written down in the Wireshark wiki, page "TZSP".)
 *
 *   +---------+---------+-------------------+----------------------------------+-------
 *   | version | type    | what is inside, 2 | tags: number 1, length 1, value  | frame
 *   |   1     | 0, 1    |                   | numbers 0 and 1 have no length   |
 *   +---------+---------+-------------------+----------------------------------+-------
 *
 * Tag 1 ends the list, tag 0 fills up.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_TUNNEL, NOT_IP, UNSUPPORTED_TUNNEL } from './reason.ts'
import { decodeWifi } from './wifi.ts'
import { decodeAvs, decodePrism } from './wifi-capture.ts'

const HEADER_BYTES = 4
const VERSION = 1
const RECEIVED = 0
const TO_TRANSMIT = 1
const PADDING_TAG = 0
const END_TAG = 1

const ETHERNET = 1
const WIFI = 18
const PRISM = 119
const AVS = 127

/** Decodes bytes[start, end), a TZSP message; returns where its data ends, or a reason. */
export function decodeTzsp(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < HEADER_BYTES || u8(bytes, start) !== VERSION) return MALFORMED_TUNNEL
  const type = u8(bytes, start + 1)
  if (type !== RECEIVED && type !== TO_TRANSMIT) return NOT_IP
  const at = skipTags(bytes, start + HEADER_BYTES, end)
  switch (u16(bytes, start + 2)) {
    case ETHERNET:
      return decodeEthernet(bytes, at, end, packet)
    case WIFI:
      return decodeWifi(bytes, at, end, 0, packet)
    case PRISM:
      return decodePrism(bytes, at, end, packet)
    case AVS:
      return decodeAvs(bytes, at, end, packet)
    default:
      return UNSUPPORTED_TUNNEL
  }
}

/** Where the list of tags ends; past `end` when it does not, and no frame is there then. */
function skipTags(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const tag = u8(bytes, at++)
    if (tag === END_TAG) return at
    if (tag === PADDING_TAG) continue
    if (at === end) break
    at += 1 + u8(bytes, at)
  }
  return end + 1
}
