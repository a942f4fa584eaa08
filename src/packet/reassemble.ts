/**
 * From a piece of a datagram to the packet in it: the second step of decoding,
 * for frames of which `decodePacket` says IP_FRAGMENT.
 *
 * Tunnels in fragments and fragments in tunnels are the same thing here: a
 * whole datagram is decoded like any other IP packet, and if that ends in a
 * piece of another datagram, one tunnel deeper, the game begins again. It ends,
 * because each tunnel counts against HEADERS_MAX.
 */

import { type FragmentTable, WHOLE_START } from './fragments.ts'
import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'
import { IP_FRAGMENT } from './reason.ts'

/**
 * Gives the piece in `packet` to `fragments`, and decodes the datagram if it is whole now. Then `packet` describes the
 * packet in it, as `decodePacket` would, with `packet.bytes` a buffer of its own; MAC addresses and VLAN ids are those
 * of the piece that came last.
 * @param nowUs packet time
 * @returns where the packet's data ends, or a reason; IP_FRAGMENT when pieces are missing
 */
export function reassemble(fragments: FragmentTable, packet: Packet, nowUs: number): number {
  let outcome = IP_FRAGMENT
  while (outcome === IP_FRAGMENT) {
    const whole = fragments.add(packet, nowUs)
    if (typeof whole === 'number') return whole
    if (packet.etherStart >= 0) {
      whole.set(packet.bytes.subarray(packet.etherStart, packet.etherStart + WHOLE_START))
      packet.etherStart = 0
    }
    packet.bytes = whole
    outcome = decodeIp(whole, WHOLE_START, whole.length, packet)
  }
  return outcome
}
