/**
 * An address as four 32-bit words, for tables: one form for both families, and
 * no text. The words are big-endian as on the wire, signed as Int32Array has them.
 *
 *   IPv6   its 128 bits
 *   IPv4   ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2): a program that is told the one talks to the other
 */

import { i32 } from './read.ts'

export const ADDRESS_WORDS = 4
const IPV4_MARK = 0xffff
const DOT = 0x2e
const ZERO = 0x30

/** Puts the address of `length` bytes (4 or 16) at `from` into words[at, at + ADDRESS_WORDS). */
export function putAddress(words: Int32Array, at: number, bytes: Uint8Array, from: number, length: number): void {
  if (length === 4) {
    putIpv4(words, at, i32(bytes, from))
    return
  }
  for (let i = 0; i < ADDRESS_WORDS; i++) words[at + i] = i32(bytes, from + 4 * i)
}

/** Puts an IPv4 address into words[at, at + ADDRESS_WORDS). */
export function putIpv4(words: Int32Array, at: number, address: number): void {
  words[at] = 0
  words[at + 1] = 0
  words[at + 2] = IPV4_MARK
  words[at + 3] = address
}

/**
 * Puts the address that `text` shows, in the form `ipText` writes, into words[at, at + ADDRESS_WORDS).
 * @returns false when it is none
 */
export function putAddressText(words: Int32Array, at: number, text: string): boolean {
  if (putIpv4Text(words, at, text)) return true
  const [front = '', back, more] = text.split('::')
  const first = groupsOf(front)
  const last = groupsOf(back ?? '')
  const isWhole = back === undefined ? first.length === 8 : first.length + last.length < 8
  const groups = [...first, ...new Array<number>(Math.max(8 - first.length - last.length, 0)).fill(0), ...last]
  if (!isWhole || more !== undefined || !groups.every((group) => group >= 0 && group < 0x10000)) return false
  for (let i = 0; i < ADDRESS_WORDS; i++) words[at + i] = (groups[2 * i]! << 16) | groups[2 * i + 1]!
  return true
}

/** The 4 or 16 bytes of the address that `text` shows, in the form `ipText` writes; undefined when it is none. */
export function addressOfText(text: string): Uint8Array | undefined {
  const words = new Int32Array(ADDRESS_WORDS)
  if (!putAddressText(words, 0, text)) return undefined
  const bytes = new Uint8Array(text.includes(':') ? 16 : 4)
  addressBytes(words, 0, bytes, 0, bytes.length)
  return bytes
}

/**
 * Puts the address words[at, at + ADDRESS_WORDS) into bytes[to, to + length).
 * @param length 4 for an IPv4 address, 16 for any
 */
export function addressBytes(words: Int32Array, at: number, bytes: Uint8Array, to: number, length: number): void {
  for (let i = 0; i < length; i++) {
    const word = words[at + ADDRESS_WORDS - length / 4 + (i >> 2)]!
    bytes[to + i] = word >>> (24 - 8 * (i & 3))
  }
}

/** Every flow that shows no name asks with two of these, so no expression and no lists. */
function putIpv4Text(words: Int32Array, at: number, text: string): boolean {
  let address = 0
  let byte = 0
  let digits = 0
  let dots = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO
    if (digit >= 0 && digit <= 9 && digits < 3) {
      byte = 10 * byte + digit
      digits++
    } else if (digit === DOT - ZERO && digits > 0 && byte < 256) {
      address = (address << 8) | byte
      byte = 0
      digits = 0
      dots++
    } else return false
  }
  if (dots !== 3 || digits === 0 || byte > 255) return false
  putIpv4(words, at, (address << 8) | byte)
  return true
}

function groupsOf(text: string): number[] {
  return text === ''
    ? []
    : text.split(':').map((group) => (/^[0-9a-f]{1,4}$/.test(group) ? Number.parseInt(group, 16) : -1))
}
