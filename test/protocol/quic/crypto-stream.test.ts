import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CRYPTO_BYTES_MAX, CryptoStream } from '../../../src/protocol/quic/crypto-stream.ts'
import { fuzz } from '../../support/random.ts'

test('is the same as a plain array where the first byte written wins', () => {
  let holes = 0
  const range = fc.tuple(fc.nat(5000), fc.integer({ min: 0, max: 700 }))
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), (ranges) => {
      const stream = new CryptoStream()
      const plain: Array<number | undefined> = []
      ranges.forEach(([offset, length], i) => {
        const data = Buffer.alloc(length + 3, i + 1)
        expect(stream.add(offset, data, 3, data.length)).toBe(true)
        for (let at = offset; at < offset + length; at++) plain[at] ??= i + 1
      })
      const end = Array.from(plain).indexOf(undefined)
      const contiguous = end === -1 ? plain.length : end
      if (contiguous < plain.length) holes++
      expect(stream.contiguous).toBe(contiguous)
      expect([...stream.buffer.subarray(0, contiguous)]).toEqual(plain.slice(0, contiguous))
    }),
    fuzz(300),
  )
  expect(holes).toBeGreaterThan(50)
})

test('keeps nothing past its limit', () => {
  const stream = new CryptoStream()
  const data = Buffer.alloc(100)
  expect(stream.add(CRYPTO_BYTES_MAX - 99, data, 0, 100)).toBe(false)
  expect(stream.add(2 ** 61, data, 0, 1)).toBe(false)
  expect(stream.buffer.length).toBe(0)
  expect(stream.add(CRYPTO_BYTES_MAX - 100, data, 0, 100)).toBe(true)
  expect(stream.buffer.length).toBe(CRYPTO_BYTES_MAX)
})

test('keeps 512 pieces and no more, and goes on when the holes are filled', () => {
  const stream = new CryptoStream()
  const data = Buffer.alloc(2000, 7)
  for (let i = 0; i < 512; i++) expect(stream.add(2 * i, data, 0, 1)).toBe(true)
  expect(stream.add(5000, data, 0, 1)).toBe(false)
  expect(stream.contiguous).toBe(1)
  expect(stream.add(0, data, 0, 1023)).toBe(true)
  expect(stream.contiguous).toBe(1023)
  expect(stream.add(5000, data, 0, 1)).toBe(true)
})
