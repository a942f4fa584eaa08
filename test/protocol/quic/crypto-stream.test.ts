import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CRYPTO_BYTES_MAX, CryptoStream } from '../../../src/protocol/quic/crypto-stream.ts'
import { fuzz } from '../../support/random.ts'

test('is the same as a plain array where the first byte written wins', () => {
  let holes = 0
  let given = 0
  const offsets = fc.oneof(fc.constant(0), { arbitrary: fc.nat(5000), weight: 9 })
  const range = fc.tuple(offsets, fc.integer({ min: 0, max: 700 }), fc.boolean())
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), (ranges) => {
      const stream = new CryptoStream()
      const plain: Array<number | undefined> = []
      ranges.forEach(([offset, length, isGiven], i) => {
        const data = Buffer.alloc(length + 3, i + 1)
        const isAdded = isGiven ? stream.adopt(offset, data, 3, data.length) : stream.add(offset, data, 3, data.length)
        expect(isAdded).toBe(true)
        if (isGiven && offset === 0 && length > 0 && plain.length === 0) given++
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
  expect(given).toBeGreaterThan(5)
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

test('bytes that are adopted are not copied, and not written to', () => {
  const stream = new CryptoStream()
  const data = Buffer.from('..hello..')
  stream.adopt(0, data, 2, 7)
  expect(stream.buffer.buffer).toBe(data.buffer)
  stream.adopt(3, Buffer.from('XXXX'), 0, 4)
  expect(Buffer.from(stream.buffer).toString('latin1', 0, stream.contiguous)).toBe('helloXX')
  expect(data.toString()).toBe('..hello..')
  expect(stream.adopt(0, Buffer.alloc(CRYPTO_BYTES_MAX + 1), 0, CRYPTO_BYTES_MAX + 1)).toBe(false)
  expect(new CryptoStream().adopt(0, Buffer.alloc(CRYPTO_BYTES_MAX + 1), 0, CRYPTO_BYTES_MAX + 1)).toBe(false)
})
