/**
 * Ranges of addresses as people write them: CIDR notation, `3.173.21.63/32` or
 * `2407:c080:802:1ce8::/64` (RFC 4632 section 3.1, RFC 4291 section 2.3).
 */

import { Address4, Address6, AddressError } from 'ip-address'

/** The addresses from `start` to `end`, both included, as numbers. */
export interface Cidr {
  /** In canonical form: lower case, shortest IPv6. */
  text: string
  family: 4 | 6
  start: bigint
  end: bigint
}

/**
 * Reads a range. Throws a RangeError whose message says what is wrong and what to write instead: for an address
 * without a prefix length, for host bits that are set, and for an IPv4 range written as IPv6.
 */
export function parseCidr(text: string): Cidr {
  const address = parseAddress(text)
  const family = address instanceof Address4 ? 4 : 6
  const bits = family === 4 ? 32 : 128
  if (address.parsedSubnet === '')
    throw new RangeError(`has no prefix length; write ${address.correctForm()}/${bits} for this one address`)

  const hosts = (1n << BigInt(bits - address.subnetMask)) - 1n
  const start = address.bigInt() & ~hosts
  const network = `${addressText(family, start)}/${address.subnetMask}`
  if (start !== address.bigInt()) throw new RangeError(`has host bits set; write ${network}, the network it lies in`)
  if (family === 6 && address.subnetMask >= 96 && start >> 32n === 0xffffn)
    throw new RangeError(
      `is IPv4 written as IPv6; write ${addressText(4, start & 0xffffffffn)}/${address.subnetMask - 96}`,
    )
  return { text: network, family, start, end: start | hosts }
}

function parseAddress(text: string): Address4 | Address6 {
  // A zone names an interface of one machine, which means nothing in a list.
  if (text.includes('%')) throw new RangeError('has a zone; write the network without the part from % on')
  try {
    return text.includes(':') ? new Address6(text) : new Address4(text)
  } catch (error) {
    if (!(error instanceof AddressError)) throw error
    throw new RangeError('is not a network; write it like 192.0.2.0/24 or 2001:db8::/32')
  }
}

/** The address with this number in canonical form, without a prefix length. */
export function addressText(family: 4 | 6, start: bigint): string {
  return family === 4 ? Address4.fromBigInt(start).correctForm() : Address6.fromBigInt(start).correctForm()
}

/** As `parseCidr`, and an address alone stands for itself. */
export function parseRange(text: string): Cidr {
  return parseCidr(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`)
}
