/**
 * The Huffman code of HPACK, RFC 7541 section 5.2 and appendix B.
 *
 * The code is canonical: sorted by length and then by symbol, codes count up.
 * So the lengths say it all, and a code of `length` bits is found by one
 * comparison: written at the left end of 32 bits, all codes of that length or
 * less are smaller than `ends[length]`.
 *
 * Most significant bit first. The last byte is filled up with ones.
 */

import { MALFORMED_VALUE } from '../../bytes/outcome.ts'
import { u8 } from '../../bytes/read.ts'

// one digit of base 32 for each byte value: 5 to 30 bits
const LENGTHS =
  'dnsssssssoussussssssssusssssssss' +
  '6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6' +
  'f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnno' +
  'mlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrr' +
  'koklmllnmmppooqnqrqqrrrrrsrrrrrq'
const LENGTH_MIN = 5
const LENGTH_MAX = 30
const END_OF_STRING = 256

const symbols = new Uint16Array(257) // sorted by code
const firsts = new Uint32Array(LENGTH_MAX + 1) // the first code of each length, left-aligned in 32 bits
const ends = new Float64Array(LENGTH_MAX + 1) // one past the last code of each length, left-aligned: up to 2^32
const places = new Uint16Array(LENGTH_MAX + 1) // where in `symbols` each length begins
buildTables()

/**
 * Decodes bytes[start, end) into `out` from its beginning.
 * Returns how many bytes came out, at most 8/5 of those that went in (`out` must have room for as many), or
 * MALFORMED_VALUE for the end-of-string symbol and for a filling that is none.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let bitsLeft = 8 * (end - start)
  let length = 0
  while (bitsLeft > 0) {
    const window = windowAt(bytes, start, end, 8 * (end - start) - bitsLeft)
    let bits = LENGTH_MIN
    while (window >= ends[bits]!) bits++
    if (bits > bitsLeft) return bitsLeft < 8 && window === 0xffffffff ? length : MALFORMED_VALUE
    const symbol = symbols[places[bits]! + ((window - firsts[bits]!) >>> (32 - bits))]!
    if (symbol === END_OF_STRING) return MALFORMED_VALUE
    out[length++] = symbol
    bitsLeft -= bits
  }
  return length
}

/** The 32 bits from bit `position` of bytes[start, end) on; ones behind the end. */
function windowAt(bytes: Uint8Array, start: number, end: number, position: number): number {
  const at = start + (position >>> 3)
  const shift = position & 7
  const word = (byteAt(bytes, at, end) << 24) | (byteAt(bytes, at + 1, end) << 16) | (byteAt(bytes, at + 2, end) << 8)
  const low = byteAt(bytes, at + 3, end)
  if (shift === 0) return (word | low) >>> 0
  return (((word | low) << shift) | (byteAt(bytes, at + 4, end) >>> (8 - shift))) >>> 0
}

function byteAt(bytes: Uint8Array, at: number, end: number): number {
  return at < end ? u8(bytes, at) : 0xff
}

function buildTables(): void {
  let code = 0 // left-aligned
  let place = 0
  for (let length = LENGTH_MIN; length <= LENGTH_MAX; length++) {
    firsts[length] = code
    places[length] = place
    for (let symbol = 0; symbol <= END_OF_STRING; symbol++) {
      const isOfLength =
        symbol === END_OF_STRING ? length === LENGTH_MAX : Number.parseInt(LENGTHS[symbol]!, 32) === length
      if (!isOfLength) continue
      symbols[place++] = symbol
      code += 2 ** (32 - length)
    }
    ends[length] = code
  }
}
