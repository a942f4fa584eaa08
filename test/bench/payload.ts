/**
 * Bytes that packets carry, with running sums, so that the Internet checksum
 * (RFC 1071) of any part costs two look-ups and not a pass over the part:
 *
 *   sums[i] = bytes[0..1] + bytes[2..3] + ... + bytes[2i-2..2i-1]   (16-bit words, big-endian)
 *
 * The bytes are the payload's own and do not change any more.
 */

/** Sums of 65,536 words of 16 bits still fit 32 bits. */
export const PAYLOAD_BYTES_MAX = 131_072

export class Payload {
  readonly bytes: Buffer
  readonly #sums: Uint32Array

  /** @param bytes at most PAYLOAD_BYTES_MAX, else it throws */
  constructor(bytes: Buffer) {
    if (bytes.length > PAYLOAD_BYTES_MAX) throw new RangeError(`a payload of ${bytes.length} bytes: its sums overflow`)
    this.bytes = bytes
    this.#sums = new Uint32Array((bytes.length >> 1) + 1)
    let sum = 0
    for (let word = 0; word < bytes.length >> 1; word++) {
      sum += (bytes[2 * word]! << 8) | bytes[2 * word + 1]!
      this.#sums[word + 1] = sum
    }
  }

  /** The sum of the 16-bit words of bytes[start, end), a last odd byte filled up with zero. `start` must be even. */
  sum(start: number, end: number): number {
    const odd = (end - start) & 1
    const words = this.#sums[(end - odd) >> 1]! - this.#sums[start >> 1]!
    return odd === 0 ? words : words + (this.bytes[end - 1]! << 8)
  }
}

/** A 16-bit Internet checksum from a sum of 16-bit words (below 2^53). */
export function checksum(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000)
  return ~folded & 0xffff
}
