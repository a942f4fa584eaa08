/**
 * Tunnels over UDP: VXLAN, GENEVE, GTP-U, Teredo, AYIYA, L2TP, CAPWAP, LISP, TZSP, GRE, MPLS.
 *
 * A port is weak evidence: a client may well use 4789 for a DNS question, or a
 * server 8472 for QUIC. So the content decides, by this rule: the packet inside
 * takes the place of the UDP packet only when
 *
 *   - each header on the way, from the tunnel's own one, is well formed, and
 *   - they end in a TCP or UDP packet (or a piece of one), or in an ICMP error that quotes a packet, and
 *   - that packet ends within the payload of the UDP packet.
 *
 * In every other case (control messages, ARP and other ICMP inside, encrypted or cut
 * content, a stranger's payload) the packet stays the UDP packet that it also
 * is, and its flow is one of the tunnel's two ends. Nothing is lost by that:
 * what we could not read inside would not have been a flow of its own. Only a
 * stack of tunnels that is too deep is a reason, TOO_DEEP, lest it hide.
 *
 * The rule looks at one packet alone, so the order of packets does not matter.
 * Either port may be the tunnel's, since answers turn the two around.
 */

import { decodeAyiya } from './ayiya.ts'
import { decodeCapwap } from './capwap.ts'
import { decodeGeneve } from './geneve.ts'
import { decodeGre } from './gre.ts'
import { decodeGtp } from './gtp.ts'
import { quotesPacket } from './icmp.ts'
import { decodeL2tp } from './l2tp.ts'
import { decodeLisp } from './lisp.ts'
import { decodeMpls } from './mpls.ts'
import { type Packet, UDP } from './packet.ts'
import { IP_FRAGMENT, NOT_IP, OTHER_TRANSPORT, TOO_DEEP } from './reason.ts'
import { decodeTeredo } from './teredo.ts'
import { enterTunnel } from './tunnel.ts'
import { decodeTzsp } from './tzsp.ts'
import { decodeVxlan, decodeVxlanGpe } from './vxlan.ts'

const L2TP = 1701
const GTP_USER = 2152
const TEREDO = 3544
const LISP = 4341
const GRE = 4754 // RFC 8086
const VXLAN = 4789
const VXLAN_GPE = 4790
const AYIYA = 5072
const CAPWAP_DATA = 5247
const GENEVE = 6081
const MPLS = 6635 // RFC 7510
const OLD_VXLAN = 8472 // Linux, before there was a number
const TZSP = 37008

export const NO_TUNNEL = 0

const IS_TUNNEL = new Uint8Array(65_536)
const PORTS = [L2TP, GTP_USER, TEREDO, LISP, GRE, VXLAN, VXLAN_GPE, AYIYA, CAPWAP_DATA, GENEVE, MPLS, OLD_VXLAN, TZSP]
for (const port of PORTS) IS_TUNNEL[port] = 1

/** The well-known port of a tunnel among the two, or NO_TUNNEL. */
export function tunnelKind(sourcePort: number, targetPort: number): number {
  if (IS_TUNNEL[targetPort] === 1) return targetPort
  return IS_TUNNEL[sourcePort] === 1 ? sourcePort : NO_TUNNEL
}

/**
 * Decodes what lies in the UDP packet that `packet` describes. If it is no packet by the rule above, `packet` is as
 * it was. Returns where the data of the packet ends that it describes then, IP_FRAGMENT, OTHER_TRANSPORT or TOO_DEEP.
 * @param kind what `tunnelKind` says
 */
export function decodeUdpTunnel(kind: number, packet: Packet): number {
  const { ipVersion, addressBytes, ipStart, sourceStart, targetStart, transportStart } = packet
  const { sourcePort, targetPort, payloadStart, payloadEnd, payloadLength } = packet
  const { etherStart, vlanCount, headers, depth } = packet

  if (!enterTunnel(packet)) return TOO_DEEP
  const outcome = decodeContent(kind, packet.bytes, payloadStart, payloadEnd, packet)
  if (outcome === TOO_DEEP) return TOO_DEEP
  const isPacket = outcome >= 0 || outcome === IP_FRAGMENT || (outcome === OTHER_TRANSPORT && quotesPacket(packet))
  if (isPacket && packet.payloadStart + packet.payloadLength <= payloadStart + payloadLength) return outcome

  packet.ipVersion = ipVersion
  packet.addressBytes = addressBytes
  packet.ipStart = ipStart
  packet.sourceStart = sourceStart
  packet.targetStart = targetStart
  packet.protocol = UDP
  packet.transportStart = transportStart
  packet.sourcePort = sourcePort
  packet.targetPort = targetPort
  packet.payloadStart = payloadStart
  packet.payloadEnd = payloadEnd
  packet.payloadLength = payloadLength
  packet.etherStart = etherStart
  packet.vlanCount = vlanCount
  packet.headers = headers
  packet.depth = depth
  return payloadEnd
}

function decodeContent(kind: number, bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  switch (kind) {
    case L2TP:
      return decodeL2tp(bytes, start, end, packet)
    case GTP_USER:
      return decodeGtp(bytes, start, end, packet)
    case TEREDO:
      return decodeTeredo(bytes, start, end, packet)
    case LISP:
      return decodeLisp(bytes, start, end, packet)
    case GRE:
      return decodeGre(bytes, start, end, packet)
    case VXLAN:
    case OLD_VXLAN:
      return decodeVxlan(bytes, start, end, packet)
    case VXLAN_GPE:
      return decodeVxlanGpe(bytes, start, end, packet)
    case AYIYA:
      return decodeAyiya(bytes, start, end, packet)
    case CAPWAP_DATA:
      return decodeCapwap(bytes, start, end, packet)
    case GENEVE:
      return decodeGeneve(bytes, start, end, packet)
    case MPLS:
      return decodeMpls(bytes, start, end, packet)
    case TZSP:
      return decodeTzsp(bytes, start, end, packet)
    default:
      return NOT_IP
  }
}
