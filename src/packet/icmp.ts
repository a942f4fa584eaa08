/**
 * The packet that an ICMP error quotes: RFC 792, RFC 4443 section 3.
 *
 *   +-------------+-------------+---------------------------+
 *   |    type     |    code     |         checksum          |
 *   +-------------+-------------+---------------------------+
 *   |        depends on the type (unused, MTU, ...)         |
 *   +-------------------------------------------------------+
 *   |  the IP packet that could not be delivered, or its beginning
 *
 * Whoever sends the error writes the quotation, so nothing in it is more than
 * hearsay: see decision 0008 for what may be done with it. A quotation inside a
 * quotation is not followed (RFC 1122 section 3.2.2 forbids errors about errors).
 */

import { u8 } from '../bytes/read.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import type { Packet } from './packet.ts'
import { NOT_IP } from './reason.ts'

/** Protocol numbers. */
export const ICMP = 1
export const ICMP6 = 58

const ICMP_HEADER_BYTES = 8

/** Does a message of this type quote the packet it is about? */
const QUOTES = new Set([3, 4, 5, 11, 12]) // unreachable, source quench, redirect, time exceeded, parameter problem
const QUOTES_6 = new Set([1, 2, 3, 4]) // unreachable, too big, time exceeded, parameter problem

/** Does the message that `packet` describes, one of which decodePacket said OTHER_TRANSPORT, quote a packet? */
export function quotesPacket({ bytes, protocol, payloadStart: start, payloadEnd: end }: Packet): boolean {
  if ((protocol !== ICMP && protocol !== ICMP6) || end - start <= ICMP_HEADER_BYTES) return false
  const isIpv4 = protocol === ICMP
  const types = isIpv4 ? QUOTES : QUOTES_6
  return types.has(u8(bytes, start)) && u8(bytes, start + ICMP_HEADER_BYTES) >> 4 === (isIpv4 ? 4 : 6)
}

/**
 * Decodes into `quoted` the packet that the ICMP message in `packet` quotes. Returns where its data ends (more may have been sent), or a reason.
 */
export function decodeQuotation(packet: Packet, quoted: Packet): number {
  const { bytes, protocol, payloadStart: start, payloadEnd: end } = packet
  if (!quotesPacket(packet)) return NOT_IP
  quoted.bytes = bytes
  quoted.vlanCount = 0
  quoted.etherStart = -1
  quoted.headers = packet.headers
  quoted.depth = packet.depth
  const at = start + ICMP_HEADER_BYTES
  return protocol === ICMP ? decodeIpv4(bytes, at, end, quoted) : decodeIpv6(bytes, at, end, quoted)
}
