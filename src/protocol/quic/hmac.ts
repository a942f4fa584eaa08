/**
 * HMAC-SHA-256 of short messages (RFC 2104, RFC 6234), for the keys of QUIC:
 * six hashes of a few bytes for each client that says hello.
 *
 *   HMAC(key, message) = H(key ^ opad, H(key ^ ipad, message))
 *
 * A key and a message of ours fill less than one block of 64 bytes each, so
 * what a key does to the hash is worked out once, and each message takes two
 * more blocks. The same from `node:crypto` takes three times the processor time,
 * and leaves an object outside the heap for each hash to the garbage collector
 * (decisions/0017).
 *
 * Words are big-endian in bytes and signed 32-bit numbers here.
 */

import { i32 } from '../../bytes/read.ts'

export const HASH_BYTES = 32
/** Longest message: what one block holds beside the mark of its end and its length. */
export const MESSAGE_BYTES_MAX = 55

const BLOCK_BYTES = 64
const BLOCK_WORDS = 16
const STATE_WORDS = 8
const ROUNDS = 64
const IPAD = 0x36
const OPAD = 0x5c
const MARK = 0x80

/** A key, as far as it can be worked out beforehand. */
export interface HmacKey {
  readonly inner: Int32Array
  readonly outer: Int32Array
}

// written and read within one call
const block = new Uint8Array(BLOCK_BYTES)
const schedule = new Int32Array(ROUNDS)
const state = new Int32Array(STATE_WORDS)

/** @param key at most 64 bytes */
export function hmacKey(key: Uint8Array): HmacKey {
  return { inner: padded(key, IPAD), outer: padded(key, OPAD) }
}

/**
 * The HMAC of `message`, 32 bytes that belong to the caller.
 * @param message at most MESSAGE_BYTES_MAX bytes; throws a RangeError for more
 */
export function hmac(key: HmacKey, message: Uint8Array): Uint8Array {
  if (message.length > MESSAGE_BYTES_MAX) throw new RangeError(`a message of ${message.length} bytes`)
  const digest = new Uint8Array(HASH_BYTES)
  finish(key.inner, message, digest)
  finish(key.outer, digest, digest)
  return digest
}

/** The state after the block of a key. */
function padded(key: Uint8Array, pad: number): Int32Array {
  block.fill(pad)
  for (let i = 0; i < key.length; i++) block[i]! ^= key[i]!
  const after = FIRST.slice()
  compress(after)
  return after
}

/** The hash of one block that led to `before` and of `message`, into `digest`. */
function finish(before: Int32Array, message: Uint8Array, digest: Uint8Array): void {
  block.fill(0)
  block.set(message)
  block[message.length] = MARK
  const bits = (BLOCK_BYTES + message.length) * 8
  block[BLOCK_BYTES - 2] = bits >> 8
  block[BLOCK_BYTES - 1] = bits
  state.set(before)
  compress(state)
  for (let i = 0; i < HASH_BYTES; i++) digest[i] = state[i >> 2]! >> (24 - 8 * (i & 3))
}

/** Takes `block` into `hash`, RFC 6234 section 6.2. */
function compress(hash: Int32Array): void {
  for (let i = 0; i < BLOCK_WORDS; i++) schedule[i] = i32(block, 4 * i)
  for (let i = BLOCK_WORDS; i < ROUNDS; i++) {
    const x = schedule[i - 15]!
    const y = schedule[i - 2]!
    const small0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)
    const small1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10)
    schedule[i] = small1 + schedule[i - 7]! + small0 + schedule[i - 16]!
  }
  let a = hash[0]!
  let b = hash[1]!
  let c = hash[2]!
  let d = hash[3]!
  let e = hash[4]!
  let f = hash[5]!
  let g = hash[6]!
  let h = hash[7]!
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
  hash[0]! += a
  hash[1]! += b
  hash[2]! += c
  hash[3]! += d
  hash[4]! += e
  hash[5]! += f
  hash[6]! += g
  hash[7]! += h
}

/** Turned right by `count` bits. */
function turned(word: number, count: number): number {
  return (word >>> count) | (word << (32 - count))
}

/** The first 32 bits behind the point, of roots of the first primes (RFC 6234 section 5.1 and 6.1). */
const PRIMES = primes(ROUNDS)
const CONSTANTS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)))
const FIRST = Int32Array.from(PRIMES.slice(0, STATE_WORDS), (prime) => fraction(Math.sqrt(prime)))

function fraction(root: number): number {
  return ((root % 1) * 2 ** 32) | 0
}

function primes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}
