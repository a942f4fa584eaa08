/**
 * HMAC-SHA-256 of short messages (RFC 2104, RFC 6234), for the keys of QUIC:
 * five of a few bytes for each client that says hello.
 *
 *   HMAC(key, message) = H(key ^ opad, H(key ^ ipad, message))
 *
 * A key and a message of ours fill less than one block of 64 bytes each, so
 * what a key does to the hash is worked out once, and each message takes two
 * more blocks. The same from `node:crypto` takes three times the processor time,
 * and leaves an object outside the heap for each hash to the garbage collector
 * (decisions/0017).
 *
 * Words are big-endian in bytes and signed 32-bit numbers here. Nothing is made
 * but what a caller asks for.
 */

import { u8 } from '../../bytes/read.ts'

export const HASH_WORDS = 8
export const BLOCK_WORDS = 16
/** Longest message: what one block holds beside the mark of its end and its length. */
export const MESSAGE_BYTES_MAX = 55

const WORD_BYTES = 4
const BLOCK_BYTES = 64
const ROUNDS = 64
const IPAD = 0x36363636
const OPAD = 0x5c5c5c5c
const MARK = 0x80

// written and read within one call
const schedule = new Int32Array(ROUNDS)
const digest = new Int32Array(BLOCK_WORDS)

/** A key, as far as it can be worked out before there is a message. */
export class HmacKey {
  readonly #inner = new Int32Array(HASH_WORDS)
  readonly #outer = new Int32Array(HASH_WORDS)

  /** Becomes the key of the first `count` of `words`, at most BLOCK_WORDS. */
  set(words: Int32Array, count: number): this {
    take(FIRST, words, count, IPAD, this.#inner)
    take(FIRST, words, count, OPAD, this.#outer)
    return this
  }

  /** Puts the HMAC of a message into the first HASH_WORDS of `result`. @param message as `putMessage` makes it */
  digest(message: Int32Array, result: Int32Array): void {
    take(this.#inner, message, BLOCK_WORDS, 0, digest)
    digest[HASH_WORDS] = MARK << 24
    for (let i = HASH_WORDS + 1; i < BLOCK_WORDS - 1; i++) digest[i] = 0
    digest[BLOCK_WORDS - 1] = (BLOCK_BYTES + HASH_WORDS * WORD_BYTES) * 8
    take(this.#outer, digest, BLOCK_WORDS, 0, result)
  }
}

/**
 * Makes `block`, of BLOCK_WORDS words, of the message bytes[start, end): as the last block of a hash, which a key came
 * before. Throws a RangeError for more than MESSAGE_BYTES_MAX bytes.
 */
export function putMessage(block: Int32Array, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start
  if (length > MESSAGE_BYTES_MAX) throw new RangeError(`a message of ${length} bytes`)
  putWords(block, bytes, start, end)
  block[length >> 2]! |= MARK << (24 - 8 * (length & 3))
  block[BLOCK_WORDS - 1] = (BLOCK_BYTES + length) * 8
}

/** Puts bytes[start, end) into `words`, of which the rest becomes 0. */
export function putWords(words: Int32Array, bytes: Uint8Array, start: number, end: number): void {
  words.fill(0)
  for (let i = 0; i < end - start; i++) words[i >> 2]! |= u8(bytes, start + i) << (24 - 8 * (i & 3))
}

/** The first `length` bytes of `words`; they belong to the caller. */
export function wordBytes(words: Int32Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = words[i >> 2]! >> (24 - 8 * (i & 3))
  return bytes
}

/**
 * Takes one block into a hash, RFC 6234 section 6.2.
 * @param before the hash so far
 * @param words the block: the first `count` of these and then zeros, all of them xor `pad`
 * @param after the hash with it; may be `words`
 */
function take(before: Int32Array, words: Int32Array, count: number, pad: number, after: Int32Array): void {
  for (let i = 0; i < count; i++) schedule[i] = words[i]! ^ pad
  for (let i = count; i < BLOCK_WORDS; i++) schedule[i] = pad
  for (let i = BLOCK_WORDS; i < ROUNDS; i++) {
    const x = schedule[i - 15]!
    const y = schedule[i - 2]!
    const small0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)
    const small1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10)
    schedule[i] = small1 + schedule[i - 7]! + small0 + schedule[i - 16]!
  }
  let a = before[0]!
  let b = before[1]!
  let c = before[2]!
  let d = before[3]!
  let e = before[4]!
  let f = before[5]!
  let g = before[6]!
  let h = before[7]!
  for (let i = 0; i < ROUNDS; i++) {
    const choice = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + CONSTANTS[i]! + schedule[i]!) | 0
    const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  after[0] = before[0]! + a
  after[1] = before[1]! + b
  after[2] = before[2]! + c
  after[3] = before[3]! + d
  after[4] = before[4]! + e
  after[5] = before[5]! + f
  after[6] = before[6]! + g
  after[7] = before[7]! + h
}

/** Turned right by `count` bits. */
function turned(word: number, count: number): number {
  return (word >>> count) | (word << (32 - count))
}

/** The first 32 bits behind the point, of roots of the first primes (RFC 6234 section 5.1 and 6.1). */
const PRIMES = primes(ROUNDS)
const CONSTANTS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)))
const FIRST = Int32Array.from(PRIMES.slice(0, HASH_WORDS), (prime) => fraction(Math.sqrt(prime)))

function fraction(root: number): number {
  return ((root % 1) * 2 ** 32) | 0
}

function primes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}
