import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_WORDS, encryptBlock } from '../../../src/protocol/quic/aes.ts'
import { hex } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'

function theirs(key: Uint8Array, block: Uint8Array): string {
  return createCipheriv('aes-128-ecb', key, null).update(block).toString('hex')
}

/** The block lies behind others, as it does in a packet. */
function ours(key: Uint8Array, block: Uint8Array): string {
  const words = Int32Array.from({ length: BLOCK_WORDS }, (_, i) => Buffer.from(key).readInt32BE(4 * i))
  const encrypted = new Int32Array(BLOCK_WORDS)
  encryptBlock(words, Buffer.concat([hex('aabbcc'), block, hex('dd')]), 3, encrypted)
  return [...encrypted].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 })

describe('AES-128 of a block', () => {
  test('the example of FIPS 197 appendix C.1', () => {
    const encrypted = ours(hex('000102030405060708090a0b0c0d0e0f'), hex('00112233445566778899aabbccddeeff'))
    expect(encrypted).toBe('69c4e0d86a7b0430d8cdb78070b4c55a')
  })

  test('each value of each byte of a block, as node:crypto has it', () => {
    const key = hex('2b7e151628aed2a6abf7158809cf4f3c')
    for (let at = 0; at < 16; at++) {
      for (let value = 0; value < 256; value++) {
        const block = new Uint8Array(16)
        block[at] = value
        expect(ours(key, block), `byte ${at} is ${value}`).toBe(theirs(key, block))
      }
    }
  })

  test('any key and any block', () => {
    fc.assert(
      fc.property(bytes16, bytes16, (key, block) => {
        expect(ours(key, block)).toBe(theirs(key, block))
      }),
      fuzz(2000),
    )
  })
})
