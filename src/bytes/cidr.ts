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
  const ipv4 = plainIpv4(text)
  if (ipv4 >= 0) return ipv4Cidr(text, ipv4)
  const ipv6 = plainIpv6(text)
  return ipv6 === null ? anyCidr(text) : ipv6Cidr(ipv6)
}

/** The range in canonical form. Throws as `parseCidr`, which makes more of it and takes longer. */
export function canonicalCidr(text: string): string {
  if (plainIpv4(text) >= 0) return text
  const ipv6 = plainIpv6(text)
  return ipv6 === null ? anyCidr(text).text : ipv6CidrText(ipv6)
}

/** A range as words of 32 bits, highest first: one for IPv4, four for IPv6; and its prefix length. */
export interface CidrWords {
  words: number[]
  prefix: number
}

/** Throws as `parseCidr`. */
export function cidrWords(text: string): CidrWords {
  const ipv4 = plainIpv4(text)
  if (ipv4 >= 0) return { words: [Math.floor(ipv4 / 64)], prefix: ipv4 % 64 }
  return plainIpv6(text) ?? cidrWords(anyCidr(text).text) // whose text is plain
}

const IPV4 = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})\/(?:0|[1-9]\d?)$/
const ZERO = 0x30 // the dot and the slash are before it

/** The range as one number, address * 64 + prefix length, when it is IPv4 in canonical form without host bits; else -1. */
function plainIpv4(text: string): number {
  if (!IPV4.test(text)) return -1
  let address = 0
  let number = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= ZERO) {
      number = number * 10 + code - ZERO
      continue
    }
    if (number > 255) return -1
    address = address * 256 + number
    number = 0
  }
  return number > 32 || address % 2 ** (32 - number) !== 0 ? -1 : address * 64 + number
}

function ipv4Cidr(text: string, plain: number): Cidr {
  const address = Math.floor(plain / 64)
  return { text, family: 4, start: BigInt(address), end: BigInt(address + 2 ** (32 - (plain % 64)) - 1) }
}

const IPV6 = /^[0-9a-f:]{2,39}\/(?:0|[1-9]\d{0,2})$/
const COLON = 0x3a // between the digits and the letters
const GROUPS = 8
const GROUP_DIGITS = 4
const GROUP_BITS = 16

/** The range, when it is IPv6 in small letters without host bits and none of IPv4's; else null. */
function plainIpv6(text: string): CidrWords | null {
  if (!IPV6.test(text)) return null
  const slash = text.indexOf('/')
  const prefix = Number(text.slice(slash + 1))
  const groups = groupsOf(text, slash)
  if (groups === null || prefix > 128) return null
  for (let i = Math.floor(prefix / GROUP_BITS); i < GROUPS; i++)
    if ((groups[i]! & (0xffff >> Math.max(prefix - GROUP_BITS * i, 0))) !== 0) return null
  const words = [0, 2, 4, 6].map((i) => groups[i]! * 0x10000 + groups[i + 1]!)
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff
  return isMapped && prefix >= 96 ? null : { words, prefix }
}

/** The eight groups of the address before `end`, or null. */
function groupsOf(text: string, end: number): number[] | null {
  const groups: number[] = []
  let gap = -1
  let at = 0
  if (text.startsWith('::')) {
    gap = 0
    at = 2
  }
  while (at < end) {
    const start = at
    let group = 0
    for (; at < end && text.charCodeAt(at) !== COLON; at++) {
      const code = text.charCodeAt(at)
      group = group * 16 + code - (code < COLON ? ZERO : 0x57)
    }
    if (at === start || at - start > GROUP_DIGITS) return null
    groups.push(group)
    if (at === end) break
    at++
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return null
      gap = groups.length
      at++
    } else if (at === end) return null
  }
  const missing = GROUPS - groups.length
  if (gap < 0 ? missing !== 0 : missing < 1) return null
  if (gap >= 0) groups.splice(gap, 0, ...Array<number>(missing).fill(0))
  return groups
}

function ipv6Cidr(range: CidrWords): Cidr {
  const start = range.words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)
  const hosts = (1n << BigInt(128 - range.prefix)) - 1n
  return { text: ipv6CidrText(range), family: 6, start, end: start | hosts }
}

function ipv6CidrText({ words, prefix }: CidrWords): string {
  const bytes = Uint8Array.from(words.flatMap((word) => [word >>> 24, word >>> 16, word >>> 8, word]))
  return `${ipv6Text(bytes, 0)}/${prefix}`
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
