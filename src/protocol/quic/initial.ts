/**
 * Opens one Initial packet: header protection, then AES-128-GCM (RFC 9001
 * sections 5.3 and 5.4).
 *
 *   mask   = AES-ECB(hp, the 16 bytes that lie 4 after the packet number's start)
 *   flags ^= mask[0] & 0x0f     number ^= mask[1..]     flags & 3 is the number's length - 1
 *   nonce  = iv ^ number        associated data = the whole header, unprotected
 *
 * The tag is checked although everyone on the path can make one: a server does
 * not see a packet whose tag is wrong, so a client could else show us a decoy
 * that it never meant. The check costs nothing measurable (4.5 us with it and
 * without it, for 1,164 bytes). The packet itself is not written to.
 */

import { createDecipheriv } from 'node:crypto'
import { u8 } from '../../bytes/read.ts'
import { BLOCK_WORDS, encryptBlock } from './aes.ts'
import { type LongHeader, SAMPLE_OFFSET } from './header.ts'
import type { InitialKeys } from './keys.ts'

const TAG_BYTES = 16

// written and read within one call
const mask = new Int32Array(BLOCK_WORDS)

/**
 * The frames in the Initial that begins at `start` and has the header `header`; null when the keys do not fit.
 * Remembers the packet number in `keys`. The answer belongs to the caller.
 */
export function openInitial(
  bytes: Uint8Array,
  start: number,
  header: LongHeader,
  keys: InitialKeys,
): Uint8Array | null {
  const { numberStart, packetEnd } = header
  encryptBlock(keys.headerKey, bytes, numberStart + SAMPLE_OFFSET, mask)
  const flags = u8(bytes, start) ^ (maskByte(0) & 0x0f)
  const numberBytes = (flags & 3) + 1
  const payloadStart = numberStart + numberBytes

  const associated = Buffer.from(bytes.subarray(start, payloadStart)) // a copy: the packet stays as it is
  associated[0] = flags
  let short = 0
  for (let i = 0; i < numberBytes; i++) {
    const byte = u8(bytes, numberStart + i) ^ maskByte(1 + i)
    associated[numberStart - start + i] = byte
    short = short * 0x100 + byte
  }
  const number = fullNumber(short, 2 ** (8 * numberBytes), keys.nextNumber)

  const decipher = createDecipheriv('aes-128-gcm', keys.key, nonce(keys.iv, number))
  decipher.setAAD(associated)
  decipher.setAuthTag(bytes.subarray(packetEnd - TAG_BYTES, packetEnd))
  const frames = decipher.update(bytes.subarray(payloadStart, packetEnd - TAG_BYTES))
  try {
    decipher.final()
  } catch {
    return null // not the keys, or not an Initial
  }
  keys.nextNumber = Math.max(keys.nextNumber, number + 1)
  return frames
}

/** Completes a number sent modulo `window` to the one nearest to `expected`, RFC 9000 appendix A.3. */
function fullNumber(short: number, window: number, expected: number): number {
  const number = expected - (expected % window) + short
  if (number <= expected - window / 2) return number + window
  if (number > expected + window / 2 && number >= window) return number - window
  return number
}

function maskByte(i: number): number {
  return (mask[i >> 2]! >>> (24 - 8 * (i & 3))) & 0xff
}

function nonce(iv: Uint8Array, number: number): Buffer {
  const bytes = Buffer.from(iv)
  const at = bytes.length - 4
  bytes.writeUInt32BE((bytes.readUInt32BE(at) ^ number) >>> 0, at) // nobody sends 2^32 Initials
  return bytes
}
