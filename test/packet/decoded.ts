/** Decodes a frame in differently filled arenas, and says what came out in words that a test can compare. */

import { ipText } from '../../src/bytes/address.ts'
import { decodePacket } from '../../src/packet/decode.ts'
import { Packet, UDP } from '../../src/packet/packet.ts'
import { IP_FRAGMENT, REASON_NAMES } from '../../src/packet/reason.ts'
import { parseTwice } from '../support/arena.ts'

export const ETHERNET = 1

/**
 * `udp 192.0.2.1:5000 > 198.51.100.2:53 "abc"`, and at its end: ` vlan 7,8` ` depth 1 in 10.0.0.1 > 10.0.0.2 (47)`
 * ` mac N` (offset of the MAC addresses). Of a piece `fragment ...`, of other frames the name of the reason.
 */
export function decoded(frame: Uint8Array, linkType = ETHERNET, originalLength = frame.length): string {
  return parseTwice(frame, (bytes, start, end) => {
    const packet = new Packet()
    const outcome = decodePacket(bytes, start, end, originalLength, linkType, packet)
    return tell(packet, outcome, start)
  })
}

/** What `decoded` says, of a packet that is decoded already; offsets count from `start`. */
export function tell(packet: Packet, outcome: number, start: number): string {
  if (outcome < 0 && outcome !== IP_FRAGMENT) return REASON_NAMES[-outcome]!
  const { bytes, addressBytes } = packet
  const source = ipText(bytes, packet.sourceStart, addressBytes)
  const target = ipText(bytes, packet.targetStart, addressBytes)
  const data = Buffer.from(bytes.subarray(packet.payloadStart, packet.payloadEnd)).toString('latin1')
  let text =
    outcome === IP_FRAGMENT
      ? `fragment ${source} > ${target} (${packet.protocol}) id ${packet.fragmentId} at ${packet.fragmentOffset}${packet.moreFragments ? '+' : ''} "${data}"`
      : `${packet.protocol === UDP ? 'udp' : 'tcp'} ${source}:${packet.sourcePort} > ${target}:${packet.targetPort} "${data}"`
  if (packet.payloadLength !== packet.payloadEnd - packet.payloadStart) text += ` of ${packet.payloadLength}`
  if (packet.vlanCount > 0) text += ` vlan ${packet.vlans.subarray(0, packet.vlanCount).join()}`
  if (packet.depth > 0) {
    const { outerBytes, outerAddressBytes: length } = packet
    const outer = [packet.outerSourceStart, packet.outerTargetStart].map((at) => ipText(outerBytes, at, length))
    text += ` depth ${packet.depth} in ${outer.join(' > ')} (${packet.outerProtocol})`
  }
  if (packet.etherStart >= 0) text += ` mac ${packet.etherStart - start}`
  return text
}
