/**
 * BSD loopback: LINKTYPE_NULL (0) and LINKTYPE_LOOP (108).
 *
 *   +-----------------------------+----------
 *   | address family, 32 bits     | IP packet
 *   +-----------------------------+----------
 *
 * LOOP writes the family in network byte order, NULL in that of the machine
 * that recorded. Families are small numbers, so the order shows. IPv4 is 2
 * everywhere; IPv6 has a number of its own on each system.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import type { Packet } from './packet.ts'
import { NOT_IP, SHORT_LINK_HEADER } from './reason.ts'

const FAMILY_BYTES = 4

/** Decodes the frame bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeLoopback(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < FAMILY_BYTES) return SHORT_LINK_HEADER
  const high = u16(bytes, start)
  const low = u16(bytes, start + 2)
  if (high !== 0 && low !== 0) return NOT_IP
  const family = high === 0 ? low : (u8(bytes, start + 1) << 8) | u8(bytes, start)
  switch (family) {
    case 2:
      return decodeIpv4(bytes, start + FAMILY_BYTES, end, packet)
    case 10: // Linux
    case 23: // Windows
    case 24: // NetBSD, OpenBSD
    case 28: // FreeBSD
    case 30: // macOS
      return decodeIpv6(bytes, start + FAMILY_BYTES, end, packet)
    default:
      return NOT_IP
  }
}
