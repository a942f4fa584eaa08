/**
 * What an unmarked payload probably is. Some headers (MPLS, L2TPv3) do not say
 * what they carry: the two ends have agreed on it, and whoever listens must
 * guess. Every question here looks only at bytes[at, end).
 */

import { u8, u16 } from '../bytes/read.ts'
import {
  BACKBONE,
  ETHERNET_HEADER_BYTES,
  FABRIC_PATH,
  IPV4,
  IPV6,
  MPLS,
  MPLS_MULTICAST,
  NSH,
  OLD_QINQ,
  PPPOE_DISCOVERY,
  PPPOE_SESSION,
  SERVICE_VLAN,
  VLAN,
} from './ethernet.ts'
import { beginsSnap } from './llc.ts'
import { NOT_IP } from './reason.ts'
import { passTag } from './tags.ts'

const ARP = 0x0806
const IPV4_HEADER_BYTES_MIN = 20
const IPV6_HEADER_BYTES = 40

/** Whether an IP packet stands there whose own length fits. */
export function looksLikeIp(bytes: Uint8Array, at: number, end: number): boolean {
  return looksLikeIpv4(bytes, at, end) || looksLikeIpv6(bytes, at, end)
}

/** Whether an Ethernet frame stands there that carries IP, or a header that IP usually comes behind, or ARP. */
export function looksLikeEthernet(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < ETHERNET_HEADER_BYTES) return false
  const type = u16(bytes, at + 12)
  const content = at + ETHERNET_HEADER_BYTES
  switch (type) {
    case IPV4:
      return looksLikeIpv4(bytes, content, end)
    case IPV6:
      return looksLikeIpv6(bytes, content, end)
    case BACKBONE:
    case FABRIC_PATH:
    case NSH:
    case ARP:
    case VLAN:
    case SERVICE_VLAN:
    case OLD_QINQ:
    case MPLS:
    case MPLS_MULTICAST:
    case PPPOE_DISCOVERY:
    case PPPOE_SESSION:
      return true
    default:
      return type <= end - content ? beginsSnap(bytes, content, end) : passTag(bytes, type, content, end) !== NOT_IP
  }
}

function looksLikeIpv4(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < IPV4_HEADER_BYTES_MIN) return false
  const first = u8(bytes, at)
  const headerBytes = (first & 0x0f) * 4
  const totalLength = u16(bytes, at + 2)
  return (
    first >> 4 === 4 && headerBytes >= IPV4_HEADER_BYTES_MIN && totalLength >= headerBytes && totalLength <= end - at
  )
}

function looksLikeIpv6(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < IPV6_HEADER_BYTES) return false
  return u8(bytes, at) >> 4 === 6 && u16(bytes, at + 4) <= end - at - IPV6_HEADER_BYTES
}
