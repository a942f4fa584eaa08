/**
 * Packets in IP packets: what protocol numbers other than TCP and UDP announce.
 *
 *   4    an IPv4 packet, RFC 2003          41   an IPv6 packet, RFC 2473, RFC 4213
 *   47   GRE                               51   AH, RFC 4302: authenticated but readable
 *   97   EtherIP, RFC 3378                 115  L2TPv3
 *   137  MPLS, RFC 4023                    143  an Ethernet frame, RFC 8986
 *
 * Unlike a UDP port, such a number leaves no doubt about what follows, so what
 * is wrong inside is the reason for the whole frame.
 *
 * AH:  next header 1 | length 1, in words of 4 bytes, less two | reserved 2 | SPI 4 | sequence 4 | check value
 */

import { u8 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import { decodeGre } from './gre.ts'
import { ICMP, ICMP6 } from './icmp.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import { decodeL2tpOverIp } from './l2tp.ts'
import { decodeMpls } from './mpls.ts'
import { HEADERS_MAX, type Packet } from './packet.ts'
import { MALFORMED_TUNNEL, OTHER_TRANSPORT, TOO_DEEP } from './reason.ts'
import { decodeTransport } from './transport.ts'

const IPV4 = 4
const IPV6 = 41
const GRE = 47
const AUTHENTICATION = 51
const ETHER_IP = 97
const L2TP = 115
const MPLS = 137
const ETHERNET = 143

const AUTHENTICATION_BYTES_MIN = 12
const ETHER_IP_BYTES = 2
const ETHER_IP_VERSION = 3

/**
 * Decodes the payload bytes[start, end) of an IP packet that is neither TCP nor UDP.
 * @param wireEnd where the payload ends on the wire; past `end` when the frame was cut
 */
export function decodeTunnel(bytes: Uint8Array, start: number, end: number, wireEnd: number, packet: Packet): number {
  switch (packet.protocol) {
    case IPV4:
      return enterTunnel(packet) ? decodeIpv4(bytes, start, end, packet) : TOO_DEEP
    case IPV6:
      return enterTunnel(packet) ? decodeIpv6(bytes, start, end, packet) : TOO_DEEP
    case GRE:
      return enterTunnel(packet) ? decodeGre(bytes, start, end, packet) : TOO_DEEP
    case L2TP:
      return enterTunnel(packet) ? decodeL2tpOverIp(bytes, start, end, packet) : TOO_DEEP
    case MPLS:
      return enterTunnel(packet) ? decodeMpls(bytes, start, end, packet) : TOO_DEEP
    case ETHERNET:
      return enterTunnel(packet) ? decodeEthernet(bytes, start, end, packet) : TOO_DEEP
    case ETHER_IP:
      return enterTunnel(packet) ? decodeEtherIp(bytes, start, end, packet) : TOO_DEEP
    case AUTHENTICATION:
      return decodeAuthenticated(bytes, start, end, wireEnd, packet)
    case ICMP:
    case ICMP6:
      return takeMessage(start, end, wireEnd, packet)
    default:
      return OTHER_TRANSPORT
  }
}

/** Notes that what follows lies in the IP packet that `packet` now describes; false when that is too deep. */
export function enterTunnel(packet: Packet): boolean {
  if (++packet.headers > HEADERS_MAX) return false
  if (packet.depth === 0) {
    packet.outerBytes = packet.bytes
    packet.outerAddressBytes = packet.addressBytes
    packet.outerSourceStart = packet.sourceStart
    packet.outerTargetStart = packet.targetStart
    packet.outerProtocol = packet.protocol
  }
  packet.depth++
  packet.etherStart = -1 // those MAC addresses are the tunnel's
  return true
}

/** Notes where the ICMP message lies, for `decodeQuotation`; it is no packet of a flow. */
function takeMessage(start: number, end: number, wireEnd: number, packet: Packet): number {
  packet.payloadStart = start
  packet.payloadEnd = end
  packet.payloadLength = wireEnd - start
  return OTHER_TRANSPORT
}

function decodeEtherIp(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < ETHER_IP_BYTES || u8(bytes, start) >> 4 !== ETHER_IP_VERSION) return MALFORMED_TUNNEL
  return decodeEthernet(bytes, start + ETHER_IP_BYTES, end, packet)
}

/** Behind an authentication header the same IP packet goes on. */
function decodeAuthenticated(bytes: Uint8Array, start: number, end: number, wireEnd: number, packet: Packet): number {
  if (++packet.headers > HEADERS_MAX) return TOO_DEEP
  if (end - start < AUTHENTICATION_BYTES_MIN) return MALFORMED_TUNNEL
  const length = (u8(bytes, start + 1) + 2) * 4
  if (length < AUTHENTICATION_BYTES_MIN || length > end - start) return MALFORMED_TUNNEL
  packet.protocol = u8(bytes, start)
  return decodeTransport(bytes, start + length, end, wireEnd, packet)
}
