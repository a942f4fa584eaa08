/** An IP packet of either version: the first four bits say which. */

import { u8 } from '../bytes/read.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import type { Packet } from './packet.ts'
import { NOT_IP, SHORT_LINK_HEADER } from './reason.ts'

/** Decodes the IP packet in bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeIp(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (start >= end) return SHORT_LINK_HEADER
  const version = u8(bytes, start) >> 4
  if (version === 4) return decodeIpv4(bytes, start, end, packet)
  if (version === 6) return decodeIpv6(bytes, start, end, packet)
  return NOT_IP
}
