/**
 * Little-endian numbers from a byte array, as gzip and zstd and the headers of
 * recorders write them. No check of bounds, as in read.ts: the caller has made
 * sure of them.
 */

/** The 16-bit number at `at`. */
export function littleU16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

/** The 32-bit number at `at`, 0 to 2^32-1. */
export function littleU32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

/** The number in the `length` bytes (at most 8) at `at`; above 2^53 it is not exact. */
export function littleNumber(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let i = length - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!
  return value
}
