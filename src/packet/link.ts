/**
 * Link types: which header a frame begins with. LINKTYPE_ numbers as in
 * capture files, https://www.tcpdump.org/linktypes.html.
 */

import { u8, u16 } from '../bytes/read.ts'
import { decodeCiscoHdlc, decodeHdlc } from './cisco-hdlc.ts'
import { decodeCooked, decodeCooked2 } from './cooked.ts'
import { decodeErf } from './erf.ts'
import { decodeEthernet } from './ethernet.ts'
import { decodeIp } from './ip.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import { decodeJuniperEthernet } from './juniper.ts'
import { decodeLlc } from './llc.ts'
import { decodeLoopback } from './loopback.ts'
import { decodeMpls } from './mpls.ts'
import { decodeNflog } from './nflog.ts'
import type { Packet } from './packet.ts'
import { decodeEnc, decodePflog } from './pf.ts'
import { decodePktap } from './pktap.ts'
import { decodePpp } from './ppp.ts'
import { decodePppoe } from './pppoe.ts'
import { SHORT_LINK_HEADER, UNSUPPORTED_LINK, UNSUPPORTED_TUNNEL } from './reason.ts'
import { decodeBroadcomTag, decodeMarvellTag } from './switch-tag.ts'
import { decodeWifi } from './wifi.ts'
import { decodeAvs, decodePpi, decodePrism, decodeRadiotap } from './wifi-capture.ts'

export const ETHERNET = 1

const NULL = 0
const PPP = 9
const FDDI = 10
const RAW_BSD = 12
const RAW_OPENBSD = 14
const PPP_HDLC = 50
const PPP_ETHER = 51
const RAW = 101
const CISCO_HDLC = 104
const IEEE802_11 = 105
const LOOP = 108
const ENC = 109
const LINUX_SLL = 113
const PFLOG = 117
const IEEE802_11_PRISM = 119
const IEEE802_11_RADIOTAP = 127
const IEEE802_11_AVS = 163
const JUNIPER_ETHER = 178
const PPI = 192
const ERF = 197
const PPP_WITH_DIRECTION = 204
const CISCO_HDLC_WITH_DIRECTION = 205
const MPLS = 219
const IPV4 = 228
const IPV6 = 229
const NFLOG = 239
const NETANALYZER = 240
const PKTAP = 258
const ETHERNET_MPACKET = 274
const LINUX_SLL2 = 276
const DSA_TAG_BRCM = 281
const DSA_TAG_BRCM_PREPEND = 282
const DSA_TAG_DSA = 284
const DSA_TAG_EDSA = 285

const FDDI_HEADER_BYTES = 13 // frame control, two addresses; then LLC
const NETANALYZER_HEADER_BYTES = 4
const BROADCOM_TAG_BYTES = 4 // before the frame, or in it: switch-tag.ts
const PREAMBLE_BYTES = 8 // IEEE 802.3br: seven bytes of preamble and the delimiter
const EXPRESS_DELIMITER = 0xd5
const PREAMBLE_WORD = 0x5555

/** Decodes the frame bytes[start, end) of this link type; returns where its data ends, or a reason. */
export function decodeLink(bytes: Uint8Array, start: number, end: number, linkType: number, packet: Packet): number {
  switch (linkType) {
    case ETHERNET:
      return decodeEthernet(bytes, start, end, packet)
    case LINUX_SLL:
      return decodeCooked(bytes, start, end, packet)
    case LINUX_SLL2:
      return decodeCooked2(bytes, start, end, packet)
    case RAW:
    case RAW_BSD:
    case RAW_OPENBSD:
      return decodeIp(bytes, start, end, packet)
    case IPV4:
      return decodeIpv4(bytes, start, end, packet)
    case IPV6:
      return decodeIpv6(bytes, start, end, packet)
    case NULL:
    case LOOP:
      return decodeLoopback(bytes, start, end, packet)
    case PPP:
    case PPP_HDLC:
      return decodeHdlc(bytes, start, end, packet)
    case PPP_WITH_DIRECTION:
      return decodePpp(bytes, start + 1, end, packet)
    case PPP_ETHER:
      return decodePppoe(bytes, start, end, packet)
    case CISCO_HDLC:
      return decodeCiscoHdlc(bytes, start, end, packet)
    case CISCO_HDLC_WITH_DIRECTION:
      return decodeCiscoHdlc(bytes, start + 1, end, packet)
    case MPLS:
      return decodeMpls(bytes, start, end, packet)
    case IEEE802_11:
      return decodeWifi(bytes, start, end, 0, packet)
    case IEEE802_11_RADIOTAP:
      return decodeRadiotap(bytes, start, end, packet)
    case IEEE802_11_PRISM:
      return decodePrism(bytes, start, end, packet)
    case IEEE802_11_AVS:
      return decodeAvs(bytes, start, end, packet)
    case PPI:
      return decodePpi(bytes, start, end, packet)
    case NFLOG:
      return decodeNflog(bytes, start, end, packet)
    case PFLOG:
      return decodePflog(bytes, start, end, packet)
    case ENC:
      return decodeEnc(bytes, start, end, packet)
    case PKTAP:
      return decodePktap(bytes, start, end, packet)
    case ERF:
      return decodeErf(bytes, start, end, packet)
    case JUNIPER_ETHER:
      return decodeJuniperEthernet(bytes, start, end, packet)
    case FDDI:
      return end - start < FDDI_HEADER_BYTES
        ? SHORT_LINK_HEADER
        : decodeLlc(bytes, start + FDDI_HEADER_BYTES, end, packet)
    case NETANALYZER:
      return decodeEthernet(bytes, start + NETANALYZER_HEADER_BYTES, end, packet)
    case ETHERNET_MPACKET:
      return decodeMpacket(bytes, start, end, packet)
    case DSA_TAG_BRCM:
      return decodeBroadcomTag(bytes, start, end, packet)
    case DSA_TAG_BRCM_PREPEND:
      return decodeEthernet(bytes, start + BROADCOM_TAG_BYTES, end, packet)
    case DSA_TAG_DSA:
      return decodeMarvellTag(bytes, start, end, false, packet)
    case DSA_TAG_EDSA:
      return decodeMarvellTag(bytes, start, end, true, packet)
    default:
      return UNSUPPORTED_LINK
  }
}

/** IEEE 802.3br: an express frame is an Ethernet frame; the pieces of preempted ones are not put together. */
function decodeMpacket(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  if (end - start < PREAMBLE_BYTES) return SHORT_LINK_HEADER
  if (u16(bytes, start) !== PREAMBLE_WORD || u8(bytes, start + PREAMBLE_BYTES - 1) !== EXPRESS_DELIMITER)
    return UNSUPPORTED_TUNNEL
  return decodeEthernet(bytes, start + PREAMBLE_BYTES, end, packet)
}
