import { describe, expect, test } from 'vitest'
import { Xxhash64 } from '../../src/capture/xxhash64.ts'
import { random } from '../support/random.ts'

const MASK = (1n << 64n) - 1n
const P1 = 11400714785074694791n
const P2 = 14029467366897019727n
const P3 = 1609587929392839161n
const P4 = 9650029242287828579n
const P5 = 2870177450012600261n

describe('XXH64', () => {
  // the low halves of the published values ef46db3751d8e999, d24ec4f1a98c6e5b and 44bc2cf5ad770999
  test.each([
    ['', 0x51d8e999],
    ['a', 0xa98c6e5b],
    ['abc', 0xad770999],
  ])('of "%s"', (text, want) => {
    const hash = new Xxhash64()
    hash.update(Buffer.from(text))
    expect(hash.low32()).toBe(want)
  })

  test('agrees with the specification written in whole numbers, for every length and cut into any pieces', () => {
    const next = random(5)
    for (let length = 0; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, () => next(256))
      const hash = new Xxhash64()
      for (let at = 0; at < length; ) {
        const step = 1 + next(70)
        hash.update(bytes.subarray(at, at + step))
        at += step
      }
      expect(hash.low32(), `${length} bytes`).toBe(Number(plainXxhash64(bytes) & 0xffffffffn))
    }
  })
})

function plainXxhash64(bytes: Uint8Array): bigint {
  const data = Buffer.from(bytes)
  const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & MASK
  const round = (lane: bigint, input: bigint) => (rotate((lane + input * P2) & MASK, 31n) * P1) & MASK
  let hash = P5
  let at = 0
  if (data.length >= 32) {
    const lanes = [(P1 + P2) & MASK, P2, 0n, -P1 & MASK]
    for (; data.length - at >= 32; at += 32)
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, data.readBigUInt64LE(at + 8 * i))
    hash = [1n, 7n, 12n, 18n].reduce((sum, bits, i) => (sum + rotate(lanes[i]!, bits)) & MASK, 0n)
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * P1 + P4) & MASK
  }
  hash = (hash + BigInt(data.length)) & MASK
  for (; data.length - at >= 8; at += 8)
    hash = (rotate(hash ^ round(0n, data.readBigUInt64LE(at)), 27n) * P1 + P4) & MASK
  if (data.length - at >= 4) {
    hash = (rotate(hash ^ ((BigInt(data.readUInt32LE(at)) * P1) & MASK), 23n) * P2 + P3) & MASK
    at += 4
  }
  for (; at < data.length; at++) hash = (rotate(hash ^ ((BigInt(data[at]!) * P5) & MASK), 11n) * P1) & MASK
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK
  return hash ^ (hash >> 32n)
}
