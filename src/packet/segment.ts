/**
 * What is asked of few TCP segments, and is read from their headers when it is.
 * `tcp.ts` has the picture of the header.
 */

import { i32, u8, u16 } from '../bytes/read.ts'
import { type Packet, TCP } from './packet.ts'
import { DATA_OFFSET } from './tcp.ts'

/** Offsets in the TCP header, RFC 9293 section 3.1. */
const ACKNOWLEDGMENT = 8
const URGENT_POINTER = 18
/** Offsets in the IP headers, RFC 791 section 3.1, RFC 8200 section 3. */
const TIME_TO_LIVE = 8
const HOP_LIMIT = 7

/** The acknowledgment number: its sender has everything before it. Valid with ACK. */
export function acknowledgment({ bytes, transportStart }: Packet): number {
  return i32(bytes, transportStart + ACKNOWLEDGMENT)
}

/** How far from the beginning of a segment with URG the urgent byte lies: systems take the pointer for its end. */
export function urgentAt({ bytes, transportStart }: Packet): number {
  return Math.max(u16(bytes, transportStart + URGENT_POINTER) - 1, 0)
}

/** How far a segment goes, and how many options it has: what decoys differ in most often from what the server takes. */
export function manner({ bytes, ipVersion, ipStart, transportStart }: Packet): number {
  const timeToLive = u8(bytes, ipStart + (ipVersion === 4 ? TIME_TO_LIVE : HOP_LIMIT))
  return (timeToLive << 8) | u8(bytes, transportStart + DATA_OFFSET)
}

/**
 * Is the checksum right? It may be wrong in all of a client's segments, where they are recorded before the network card
 * has filled it in.
 * RFC 9293 section 3.1: the sum of the addresses, the protocol, the length and all words of the segment.
 */
export function isChecksumRight({ bytes, sourceStart, addressBytes, transportStart, payloadEnd }: Packet): boolean {
  let sum = TCP + payloadEnd - transportStart
  for (let at = sourceStart; at < sourceStart + 2 * addressBytes; at += 2) sum += u16(bytes, at)
  for (let at = transportStart; at + 1 < payloadEnd; at += 2) sum += u16(bytes, at)
  if ((payloadEnd - transportStart) % 2 === 1) sum += u8(bytes, payloadEnd - 1) << 8
  return sum % 0xffff === 0
}
