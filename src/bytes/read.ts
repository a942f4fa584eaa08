/**
 * Big-endian integer reads from a byte array.
 *
 * These do not check bounds: a parser checks once that a header fits, then
 * reads its fields. In JavaScript an unchecked read past the array yields
 * `undefined`, which turns into 0 in arithmetic; and because packets share one
 * large arena, a read past a packet returns the next packet's bytes. Neither
 * throws, so the check is the parser's job, and the poisoned-arena tests
 * (test/support/arena.ts) are what catches a missing one.
 */

/** The byte at `at`. */
export function u8(bytes: Uint8Array, at: number): number {
  return bytes[at]!
}

/** The 16-bit number at `at`. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

/** The 24-bit number at `at`. */
export function u24(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
}

/** The 32-bit number at `at`, 0 to 2^32-1. */
export function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0
}

/** The 32 bits at `at` as a signed number: the same bits as `u32`, but it stays a small integer in V8. */
export function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
