/**
 * AES-128 of one block (FIPS 197), for the mask that hides the header of an
 * Initial: one block for each packet.
 *
 * A cipher of `node:crypto` for that takes ten times the processor time, and
 * leaves an object outside the heap to the garbage collector (decisions/0017).
 * There is nothing to keep secret: anyone on the path can make the key.
 *
 *   TABLE[x]  what SubBytes, ShiftRows and MixColumns make of a byte x in the
 *             first row of the state: 2s s s 3s, s = SBOX[x]. Of the other rows
 *             it is the same, turned right by a byte for each row
 *
 * Words are columns of the state: big-endian in bytes, signed 32-bit numbers here.
 */

import { i32 } from '../../bytes/read.ts'

export const BLOCK_WORDS = 4

const ROUNDS = 10
/** The polynomial x^8 + x^4 + x^3 + x + 1, section 4.2. */
const POLYNOMIAL = 0x11b

const SBOX = substitutions()
const TABLE = Int32Array.from(SBOX, (s) => (double(s) << 24) | (s << 16) | (s << 8) | (double(s) ^ s))

/**
 * Encrypts the block of 16 bytes at bytes[at] into `block`, BLOCK_WORDS words, which may be `key`.
 * @param key 16 bytes as words. The keys of the rounds (section 5.2) are made as they are used
 */
export function encryptBlock(key: Int32Array, bytes: Uint8Array, at: number, block: Int32Array): void {
  let k0 = key[0]!
  let k1 = key[1]!
  let k2 = key[2]!
  let k3 = key[3]!
  let a = i32(bytes, at) ^ k0
  let b = i32(bytes, at + 4) ^ k1
  let c = i32(bytes, at + 8) ^ k2
  let d = i32(bytes, at + 12) ^ k3
  for (let round = 1, constant = 1; round <= ROUNDS; round++, constant = double(constant)) {
    const word = turned(k3, 24)
    k0 ^= substituted(word, word, word, word) ^ (constant << 24)
    k1 ^= k0
    k2 ^= k1
    k3 ^= k2
    const column = round < ROUNDS ? mixed : substituted
    const w = column(a, b, c, d) ^ k0
    const x = column(b, c, d, a) ^ k1
    const y = column(c, d, a, b) ^ k2
    d = column(d, a, b, c) ^ k3
    a = w
    b = x
    c = y
  }
  block[0] = a
  block[1] = b
  block[2] = c
  block[3] = d
}

/** A column after a round: its four bytes come from four columns, one row each. */
function mixed(row0: number, row1: number, row2: number, row3: number): number {
  return (
    TABLE[row0 >>> 24]! ^
    turned(TABLE[(row1 >>> 16) & 0xff]!, 8) ^
    turned(TABLE[(row2 >>> 8) & 0xff]!, 16) ^
    turned(TABLE[row3 & 0xff]!, 24)
  )
}

/** The same of the last round, without MixColumns. */
function substituted(row0: number, row1: number, row2: number, row3: number): number {
  return (
    (SBOX[row0 >>> 24]! << 24) |
    (SBOX[(row1 >>> 16) & 0xff]! << 16) |
    (SBOX[(row2 >>> 8) & 0xff]! << 8) |
    SBOX[row3 & 0xff]!
  )
}

/** Turned right by `count` bits. */
function turned(word: number, count: number): number {
  return (word >>> count) | (word << (32 - count))
}

/** Times x in the field of 256 elements. */
function double(element: number): number {
  return element < 0x80 ? element << 1 : (element << 1) ^ POLYNOMIAL
}

/** The S-box, section 5.1.1: the inverse in the field, and an affine map of its bits. */
function substitutions(): Uint8Array {
  const powers = new Uint8Array(255) // of x + 1, which give every element but 0
  const logarithms = new Uint8Array(256)
  for (let i = 0, power = 1; i < powers.length; i++) {
    powers[i] = power
    logarithms[power] = i
    power ^= double(power)
  }
  return Uint8Array.from({ length: 256 }, (_, x) => {
    const inverse = x === 0 ? 0 : powers[(255 - logarithms[x]!) % 255]!
    const twice = inverse | (inverse << 8)
    return (inverse ^ (twice >> 7) ^ (twice >> 6) ^ (twice >> 5) ^ (twice >> 4) ^ 0x63) & 0xff
  })
}
