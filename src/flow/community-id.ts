/**
 * Community ID v1: the same text for the same flow in every tool that speaks
 * it (https://github.com/corelight/community-id-spec).
 *
 *   "1:" + base64(sha1(seed, lower address, higher address, protocol, 0, lower port, higher port))
 *
 * Numbers in network byte order, the seed 16 bits. "Lower" compares the address
 * as bytes, and the port only when the addresses are equal.
 */

import { createHash } from 'node:crypto'

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
  const numbers = Buffer.alloc(8)
  numbers.writeUInt16BE(seed, 0)
  numbers.writeUInt8(protocol, 2)
  numbers.writeUInt16BE(lowPort, 4)
  numbers.writeUInt16BE(highPort, 6)
  const hash = createHash('sha1')
  hash.update(numbers.subarray(0, 2)).update(low).update(high).update(numbers.subarray(2))
  return `1:${hash.digest('base64')}`
}
