/**
 * Teredo: IPv6 in UDP through NAT, RFC 4380 section 5.1.1.
 *
 *   +-----------+-----------+-----------+-----------+-----------+---------+---------+-----------+
 *   |   00 01   | length n  | length m  |  client, n bytes      | value, m bytes    | nonce 8, 1 |     authentication
 *   +-----------+-----------+-----------+-----------------------+-------------------+-----------+
 *   |   00 00   | port 2    | address 4                         |                                    origin
 *   +-----------+-----------+-----------------------------------+
 *   | IPv6 packet
 *
 * Both headers may be there or not, in this order.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeIpv6 } from './ipv6.ts'
import type { Packet } from './packet.ts'

const AUTHENTICATION = 0x0001
const AUTHENTICATION_BYTES_MIN = 13
const ORIGIN = 0x0000
const ORIGIN_BYTES = 8

/** Decodes bytes[at, end), Teredo headers and an IPv6 packet; returns where its data ends, or a reason. */
export function decodeTeredo(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  if (end - at >= AUTHENTICATION_BYTES_MIN && u16(bytes, at) === AUTHENTICATION) {
    at += AUTHENTICATION_BYTES_MIN + u8(bytes, at + 2) + u8(bytes, at + 3)
  }
  if (end - at >= ORIGIN_BYTES && u16(bytes, at) === ORIGIN) at += ORIGIN_BYTES
  return decodeIpv6(bytes, at, end, packet)
}
