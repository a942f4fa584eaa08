/**
 * Text form of IP and MAC addresses that lie in byte arrays (network byte order).
 *
 * What people write (rules, configuration, searches) is read with the
 * `ip-address` package; this file only goes the other way, and its answers are
 * tested against that package.
 */

import { u8, u16 } from './read.ts'

/** The 4 bytes at `at` as dotted decimal. */
export function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${u8(bytes, at)}.${u8(bytes, at + 1)}.${u8(bytes, at + 2)}.${u8(bytes, at + 3)}`
}

/** The 16 bytes at `at` as IPv6 text in the canonical form of RFC 5952 (lower case, the longest run of zeros as `::`). */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  let runStart = -1
  let runLength = 1 // a single zero group is not shortened (RFC 5952 section 4.2.2)
  for (let group = 0; group < 8; ) {
    let length = 0
    while (group + length < 8 && u16(bytes, at + 2 * (group + length)) === 0) length++
    if (length > runLength) {
      runStart = group
      runLength = length
    }
    group += Math.max(length, 1)
  }
  let text = ''
  for (let group = 0; group < 8; group++) {
    if (group === runStart) {
      text += '::'
      group += runLength - 1
    } else {
      if (text !== '' && !text.endsWith(':')) text += ':'
      text += u16(bytes, at + 2 * group).toString(16)
    }
  }
  return text
}

/** The address of `length` bytes (4 or 16) at `at`. */
export function ipText(bytes: Uint8Array, at: number, length: number): string {
  return length === 4 ? ipv4Text(bytes, at) : ipv6Text(bytes, at)
}
