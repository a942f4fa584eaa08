/**
 * Community ID v1: the same text for the same flow in every tool that speaks
 * it (https://github.com/corelight/community-id-spec).
 *
 *   "1:" + base64(sha1(seed, lower address, higher address, protocol, 0, lower port, higher port))
 *
 * Numbers in network byte order, the seed 16 bits. "Lower" compares the address
 * as bytes, and the port only when the addresses are equal.
 */

import { hash } from 'node:crypto'

/** What is hashed: two addresses of at most 16 bytes, and 8 bytes of numbers. */
const hashed = Buffer.alloc(40)

/**
 * Of a flow whose addresses are bytes[sourceAt, sourceAt + length) and bytes[targetAt, targetAt + length).
 * @param length 4 or 16
 * @param protocol IP protocol number (TCP 6, UDP 17)
 * @param seed 0 to 65535; all tools of a site must use the same
 */
export function communityId(
  bytes: Uint8Array,
  sourceAt: number,
  targetAt: number,
  length: number,
  sourcePort: number,
  targetPort: number,
  protocol: number,
  seed = 0,
): string {
  const isInOrder = (compare(bytes, sourceAt, targetAt, length) || sourcePort - targetPort) <= 0
  const end = 2 + 2 * length
  hashed.writeUInt16BE(seed, 0)
  copy(bytes, isInOrder ? sourceAt : targetAt, length, 2)
  copy(bytes, isInOrder ? targetAt : sourceAt, length, 2 + length)
  hashed.writeUInt16BE(protocol << 8, end)
  hashed.writeUInt16BE(isInOrder ? sourcePort : targetPort, end + 2)
  hashed.writeUInt16BE(isInOrder ? targetPort : sourcePort, end + 4)
  return `1:${hash('sha1', hashed.subarray(0, end + 6), 'base64')}`
}

// Byte by byte: a view of bytes[at, at + length) would make an object outside the heap that lives as long as the bytes.

function compare(bytes: Uint8Array, a: number, b: number, length: number): number {
  for (let i = 0; i < length; i++) {
    const difference = bytes[a + i]! - bytes[b + i]!
    if (difference !== 0) return difference
  }
  return 0
}

function copy(bytes: Uint8Array, at: number, length: number, to: number): void {
  for (let i = 0; i < length; i++) hashed[to + i] = bytes[at + i]!
}
