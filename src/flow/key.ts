/**
 * The key of a flow: what its packets have in common, the same for both directions.
 *
 *   IPv4   word 0      lower address        IPv6   words 0-3   lower address
 *          word 1      higher address              words 4-7   higher address
 *          word 2      ports, lower end's first    word 8      ports
 *          word 3      IP version and protocol     word 9      IP version and protocol
 *
 * The lower endpoint (address, then port) comes first, which makes both
 * directions one flow. VLAN ids are not part of the key: a SPAN port may show
 * the two directions of one connection with different tags.
 */

import { i32 } from '../bytes/read.ts'
import type { Packet } from '../packet/packet.ts'

export const IPV4_KEY_WORDS = 4
export const IPV6_KEY_WORDS = 10

export class FlowKey {
  /** words[0, length) are valid. */
  readonly words = new Int32Array(IPV6_KEY_WORDS)
  length = IPV4_KEY_WORDS
  /** True when the packet came from the higher endpoint. */
  fromHigher = false

  /** Takes the key of `packet`. */
  take(packet: Packet): void {
    if (packet.ipVersion === 4) this.#take4(packet)
    else this.#take6(packet)
  }

  #take4(packet: Packet): void {
    const words = this.words
    const source = i32(packet.bytes, packet.sourceStart)
    const target = i32(packet.bytes, packet.targetStart)
    const fromHigher = source > target || (source === target && packet.sourcePort > packet.targetPort)
    words[0] = fromHigher ? target : source
    words[1] = fromHigher ? source : target
    words[2] = ports(packet, fromHigher)
    words[3] = (4 << 8) | packet.protocol
    this.length = IPV4_KEY_WORDS
    this.fromHigher = fromHigher
  }

  #take6(packet: Packet): void {
    const w = this.words
    for (let i = 0; i < 4; i++) {
      w[i] = i32(packet.bytes, packet.sourceStart + 4 * i)
      w[i + 4] = i32(packet.bytes, packet.targetStart + 4 * i)
    }
    let order = 0
    for (let i = 0; i < 4 && order === 0; i++) order = Math.sign(w[i]! - w[i + 4]!)
    const fromHigher = order > 0 || (order === 0 && packet.sourcePort > packet.targetPort)
    if (fromHigher) {
      for (let i = 0; i < 4; i++) {
        const word = w[i]!
        w[i] = w[i + 4]!
        w[i + 4] = word
      }
    }
    w[8] = ports(packet, fromHigher)
    w[9] = (6 << 8) | packet.protocol
    this.length = IPV6_KEY_WORDS
    this.fromHigher = fromHigher
  }
}

function ports(packet: Packet, fromHigher: boolean): number {
  return fromHigher ? (packet.targetPort << 16) | packet.sourcePort : (packet.sourcePort << 16) | packet.targetPort
}
