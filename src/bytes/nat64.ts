/**
 * IPv4 addresses as hosts without IPv4 write them: behind the well-known prefix
 * of NAT64 (RFC 6052 section 2.1). Who talks to 64:ff9b::a.b.c.d talks to
 * a.b.c.d, and a resolver with DNS64 (RFC 6147) makes the one of the other.
 *
 *   0064 ff9b 0000 0000 0000 0000 | IPv4       big-endian as on the wire
 *
 * A network may choose a prefix of its own; such a one is not known here.
 */

import { ADDRESS_WORDS, putIpv4 } from './address-words.ts'
import { i32 } from './read.ts'

const PREFIX = 0x0064ff9b
const IPV6_BYTES = 16
/** Where the IPv4 address begins in the 16 bytes. */
export const NAT64_IPV4_AT = 12

/** Is the address of `length` bytes (4 or 16) at `at` one of NAT64? */
export function isNat64(bytes: Uint8Array, at: number, length: number): boolean {
  if (length !== IPV6_BYTES || i32(bytes, at) !== PREFIX) return false
  return i32(bytes, at + 4) === 0 && i32(bytes, at + 8) === 0
}

/**
 * Makes the IPv4 address that it stands for of one of NAT64 in words[at, at + ADDRESS_WORDS); leaves all others.
 * @returns whether it was one
 */
export function unmapNat64(words: Int32Array, at: number): boolean {
  if (words[at] !== PREFIX || words[at + 1] !== 0 || words[at + 2] !== 0) return false
  putIpv4(words, at, words[at + ADDRESS_WORDS - 1]!)
  return true
}
