/**
 * AYIYA: IPv6 in UDP through NAT, draft-massar-v6ops-ayiya-02 section 3.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------+-------+-------+-------+-------+-------+---------------+
 *   | IDLen | IDType| SigLen| HshMth| AutMth| OpCode|  next header  |
 *   +-------+-------+-------+-------+-------+-------+---------------+
 *   |                  epoch time, seconds since 1970               |
 *   +---------------------------------------------------------------+
 *   |  identity, 2^IDLen bytes  |  signature, 4 * SigLen bytes      |
 *   +---------------------------------------------------------------+
 *   |  IP packet
 */

import { u8 } from '../bytes/read.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_TUNNEL, NOT_IP } from './reason.ts'

const NEXT_HEADER = 3
const AYIYA_HEADER_BYTES = 8
const FORWARD = 1
const ECHO_AND_FORWARD = 3
const IPV4 = 4
const IPV6 = 41

/** Decodes bytes[start, end), an AYIYA header and what it carries; returns where its data ends, or a reason. */
export function decodeAyiya(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < AYIYA_HEADER_BYTES) return MALFORMED_TUNNEL
  const operation = u8(bytes, start + 2) & 0x0f
  if (operation !== FORWARD && operation !== ECHO_AND_FORWARD) return NOT_IP
  const identityBytes = 2 ** (u8(bytes, start) >> 4)
  const signatureBytes = 4 * (u8(bytes, start + 1) >> 4)
  const at = start + AYIYA_HEADER_BYTES + identityBytes + signatureBytes
  if (at > end) return MALFORMED_TUNNEL
  const next = u8(bytes, start + NEXT_HEADER)
  if (next === IPV4) return decodeIpv4(bytes, at, end, packet)
  return next === IPV6 ? decodeIpv6(bytes, at, end, packet) : NOT_IP
}
