import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hmac, hmacKey, MESSAGE_BYTES_MAX } from '../../../src/protocol/quic/hmac.ts'

function theirs(key: Uint8Array, message: Uint8Array): string {
  return createHmac('sha256', key).update(message).digest('hex')
}

function ours(key: Uint8Array, message: Uint8Array): string {
  return Buffer.from(hmac(hmacKey(key), message)).toString('hex')
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
      { numRuns: 500 },
    )
  })

  test('a key serves any number of messages', () => {
    const key = hmacKey(Buffer.from('key'))
    const first = hmac(key, Buffer.from('one'))
    hmac(key, Buffer.from('two'))
    expect(hmac(key, Buffer.from('one'))).toEqual(first)
  })

  test('what does not fit a block is refused', () => {
    expect(() => hmac(hmacKey(new Uint8Array(32)), new Uint8Array(MESSAGE_BYTES_MAX + 1))).toThrow(RangeError)
  })
})
