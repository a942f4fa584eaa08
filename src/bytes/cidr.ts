/**
 * Ranges of addresses as people write them: CIDR notation, `3.173.21.63/32` or
 * `2407:c080:802:1ce8::/64` (RFC 4632 section 3.1, RFC 4291 section 2.3).
 *
 * A list may hold a hundred thousand of them, and the `ip-address` package takes
 * 5 to 15 µs for one. So what is written plainly and is right is read here, in
 * less than one; everything else, and so all that is wrong, by the package. A
 * test holds the two together.
 */

import { Address4, Address6, AddressError } from 'ip-address'
import { ipv6Text } from './address.ts'

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
  return plainIpv4(text) ?? plainIpv6(text) ?? anyCidr(text)
}

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\/(0|[1-9]\d?)$/

/** The range, when it is IPv4 in canonical form without host bits; else null. */
function plainIpv4(text: string): Cidr | null {
  const parts = IPV4.exec(text)
  if (parts === null) return null
  let address = 0
  for (let i = 1; i <= 4; i++) {
    const byte = Number(parts[i])
    if (byte > 255) return null
    address = address * 256 + byte
  }
  const prefix = Number(parts[5])
  const size = 2 ** (32 - prefix)
  if (prefix > 32 || address % size !== 0) return null
  return { text, family: 4, start: BigInt(address), end: BigInt(address + size - 1) }
}

const IPV6 = /^([0-9a-f:]{2,39})\/(0|[1-9]\d{0,2})$/
const GROUP = /^[0-9a-f]{1,4}$/
const GROUPS = 8
const GROUP_BITS = 16

/** The range, when it is IPv6 in small letters without host bits and none of IPv4's; else null. */
function plainIpv6(text: string): Cidr | null {
  const parts = IPV6.exec(text)
  if (parts === null) return null
  const prefix = Number(parts[2])
  const [before, after, more] = parts[1]!.split('::')
  const head = before === '' ? [] : before!.split(':')
  const tail = after === undefined || after === '' ? [] : after.split(':')
  const missing = GROUPS - head.length - tail.length
  if (prefix > 128 || more !== undefined || (after === undefined ? missing !== 0 : missing < 1)) return null
  const bytes = new Uint8Array(2 * GROUPS)
  for (let i = 0; i < GROUPS; i++) {
    const isGap = i >= head.length && i < head.length + missing
    const group = isGap ? '0' : i < head.length ? head[i]! : tail[i - head.length - missing]!
    if (!GROUP.test(group)) return null
    const value = Number.parseInt(group, 16)
    const network = Math.min(Math.max(prefix - GROUP_BITS * i, 0), GROUP_BITS)
    if ((value & (2 ** (GROUP_BITS - network) - 1)) !== 0) return null
    bytes[2 * i] = value >> 8
    bytes[2 * i + 1] = value
  }
  const start = BigInt(`0x${Buffer.from(bytes.buffer).toString('hex')}`)
  if (prefix >= 96 && start >> 32n === 0xffffn) return null
  const hosts = (1n << BigInt(128 - prefix)) - 1n
  return { text: `${ipv6Text(bytes, 0)}/${prefix}`, family: 6, start, end: start | hosts }
}

function anyCidr(text: string): Cidr {
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
