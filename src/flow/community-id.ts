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
 * @param source, target 4 or 16 bytes each
 * @param protocol IP protocol number (TCP 6, UDP 17)
 * @param seed 0 to 65535; all tools of a site must use the same
 */
export function communityId(
  source: Uint8Array,
  target: Uint8Array,
  sourcePort: number,
  targetPort: number,
  protocol: number,
  seed = 0,
): string {
  const order = Buffer.compare(source, target) || sourcePort - targetPort
  const [low, high, lowPort, highPort] =
    order <= 0 ? [source, target, sourcePort, targetPort] : [target, source, targetPort, sourcePort]
  const length = 8 + 2 * low.length
  hashed.writeUInt16BE(seed, 0)
  hashed.set(low, 2)
  hashed.set(high, 2 + low.length)
  hashed.writeUInt16BE(protocol << 8, length - 6)
  hashed.writeUInt16BE(lowPort, length - 4)
  hashed.writeUInt16BE(highPort, length - 2)
  return `1:${hash('sha1', hashed.subarray(0, length), 'base64')}`
}
