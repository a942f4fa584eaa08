/**
 * How often the datagrams of a source address may be decrypted in a second: a
 * flood of false QUIC Initials gets no more of the processor than that.
 *
 * Addresses are counted by a hash, so that nobody can fill the memory with
 * them; those that share a slot share its quota.
 */

import { u32 } from '../bytes/read.ts'
import type { Packet } from '../packet/packet.ts'

const SLOT_BITS = 12
const DECRYPTIONS_MAX = 2000

export class DecryptionQuota {
  /** Decryptions in this second. */
  readonly #spent = new Uint16Array(1 << SLOT_BITS)

  /** Has the source of `packet` some left in this second? */
  isLeft(packet: Packet): boolean {
    return this.#spent[slotOf(packet)]! < DECRYPTIONS_MAX
  }

  spend(packet: Packet, decryptions: number): void {
    this.#spent[slotOf(packet)]! += decryptions
  }

  /** A second has passed. */
  renew(): void {
    this.#spent.fill(0)
  }
}

/** Of IPv6 by the first 64 bits: whoever has one address of such a network has all of them (RFC 4291 section 2.5.4). */
function slotOf({ bytes, sourceStart, addressBytes }: Packet): number {
  const word = u32(bytes, sourceStart) ^ (addressBytes === 16 ? u32(bytes, sourceStart + 4) : 0)
  return Math.imul(word, 0x9e3779b1) >>> (32 - SLOT_BITS)
}
