import fc from 'fast-check'
import { expect, test } from 'vitest'
import { putDecimal, putHex16 } from '../../src/bytes/digits.ts'
import { fuzz } from '../support/random.ts'

const bytes = new Uint8Array(64)

function written(put: (bytes: Uint8Array, at: number, value: number) => number, at: number, value: number): string {
  bytes.fill(0x2a)
  const end = put(bytes, at, value)
  expect([...bytes.subarray(0, at), ...bytes.subarray(end)].every((byte) => byte === 0x2a)).toBe(true)
  return Buffer.from(bytes.subarray(at, end)).toString('latin1')
}

test('digits: what String writes, and nothing beside it', () => {
  const powers = Array.from({ length: 16 }, (_, digits) => [10 ** digits - 1, 10 ** digits, 10 ** digits + 1]).flat()
  for (const value of [...powers, 2 ** 31, 2 ** 32, 2 ** 53]) expect(written(putDecimal, 7, value)).toBe(String(value))
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(40), (value, at) => {
      expect(written(putDecimal, at, value)).toBe(String(value))
    }),
    fuzz(100),
  )
})

test('digits: four hexadecimal ones for each value of 16 bits', () => {
  for (let value = 0; value < 0x10000; value += 7) {
    expect(written(putHex16, 3, value)).toBe(value.toString(16).padStart(4, '0'))
  }
  expect(written(putHex16, 0, 0xffff)).toBe('ffff')
})
