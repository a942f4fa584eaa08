import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BLOCK_WORDS,
  HASH_WORDS,
  HmacKey,
  MESSAGE_BYTES_MAX,
  putMessage,
  putWords,
  wordBytes,
} from '../../../src/protocol/quic/hmac.ts'
import { fuzz } from '../../support/random.ts'

const HASH_BYTES = 32

function theirs(key: Uint8Array, message: Uint8Array): string {
  return createHmac('sha256', key).update(message).digest('hex')
}

function keyOf(bytes: Uint8Array): HmacKey {
  const words = new Int32Array(BLOCK_WORDS)
  putWords(words, bytes, 0, bytes.length)
  return new HmacKey().set(words, BLOCK_WORDS)
}

function digestOf(key: HmacKey, bytes: Uint8Array): string {
  const message = new Int32Array(BLOCK_WORDS).fill(-1)
  putMessage(message, bytes, 0, bytes.length)
  const digest = new Int32Array(HASH_WORDS)
  key.digest(message, digest)
  return Buffer.from(wordBytes(digest, HASH_BYTES)).toString('hex')
}

function ours(key: Uint8Array, message: Uint8Array): string {
  return digestOf(keyOf(key), message)
}

describe('HMAC-SHA-256', () => {
  test('the case of RFC 4231 section 4.3', () => {
    const digest = ours(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?'))
    expect(digest).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
  })

  test('every length of message, as node:crypto has it', () => {
    const key = Buffer.alloc(32, 0xa5)
    for (let length = 0; length <= MESSAGE_BYTES_MAX; length++) {
      const message = Buffer.alloc(length, length)
      expect(ours(key, message), `${length} bytes`).toBe(theirs(key, message))
    }
  })

  test('any key of one block and any message', () => {
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
    fc.assert(
      fc.property(bytes(64), bytes(MESSAGE_BYTES_MAX), (key, message) => {
        expect(ours(key, message)).toBe(theirs(key, message))
      }),
      fuzz(500),
    )
  })

  test('a key serves any number of messages, and another can take its place', () => {
    const key = keyOf(Buffer.from('key'))
    const first = digestOf(key, Buffer.from('one'))
    digestOf(key, Buffer.from('two'))
    expect(digestOf(key, Buffer.from('one'))).toBe(first)
    key.set(Int32Array.of(0x6e657874), 1)
    expect(digestOf(key, Buffer.from('one'))).toBe(theirs(Buffer.from('next'), Buffer.from('one')))
  })

  test('a digest may become the next key in its own words', () => {
    const words = new Int32Array(HASH_WORDS)
    const message = new Int32Array(BLOCK_WORDS)
    putMessage(message, Buffer.from('message'), 0, 7)
    const key = keyOf(Buffer.from('key'))
    key.digest(message, words)
    key.set(words, HASH_WORDS).digest(message, words)
    const first = createHmac('sha256', 'key').update('message').digest()
    expect(Buffer.from(wordBytes(words, HASH_BYTES)).toString('hex')).toBe(theirs(first, Buffer.from('message')))
  })

  test('what does not fit a block is refused', () => {
    const long = new Uint8Array(MESSAGE_BYTES_MAX + 1)
    expect(() => putMessage(new Int32Array(BLOCK_WORDS), long, 0, long.length)).toThrow(RangeError)
  })
})
