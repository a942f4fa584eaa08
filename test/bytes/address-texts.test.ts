import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { ipText } from '../../src/bytes/address.ts'
import { AddressTexts } from '../../src/bytes/address-texts.ts'
import { ADDRESS_WORDS, putAddress } from '../../src/bytes/address-words.ts'
import { random } from '../support/random.ts'

test('address texts: any address, in few places, gives its text', () => {
  const next = random(1)
  const texts = new AddressTexts(8)
  const words = new Int32Array(ADDRESS_WORDS + 1)
  for (let step = 0; step < 20_000; step++) {
    const bytes = Uint8Array.from({ length: next(2) === 0 ? 4 : 16 }, () => next(2) * next(256))
    if (next(3) > 0) bytes.fill(7, 1)
    putAddress(words, 1, bytes, 0, bytes.length)
    assert.equal(texts.of(words, 1, bytes.length === 4), ipText(bytes, 0, bytes.length))
  }
})

test('address texts: IPv4 inside IPv6 is not the address of IPv4, in either order', () => {
  const words = Int32Array.of(0, 0, 0xffff, 0xc000020a | 0)
  const texts = new AddressTexts(1)
  for (let i = 0; i < 2; i++) {
    expect(texts.of(words, 0, true)).toBe('192.0.2.10')
    expect(texts.of(words, 0, false)).toBe('::ffff:c000:20a')
  }
})

test('address texts: zeros, of both families', () => {
  const texts = new AddressTexts(4)
  expect(texts.of(new Int32Array(ADDRESS_WORDS), 0, false)).toBe('::')
  expect(texts.of(Int32Array.of(0, 0, 0xffff, 0), 0, true)).toBe('0.0.0.0')
})
