import { expect, test } from 'vitest'
import { ADDRESS_WORDS, addressOfText, putAddressText } from '../../src/bytes/address-words.ts'
import { isNat64, unmapNat64 } from '../../src/bytes/nat64.ts'

const stories: Array<[string, string | null]> = [
  ['64:ff9b::c633:6414', '198.51.100.20'],
  ['64:ff9b::', '0.0.0.0'],
  ['64:ff9b::1:c633:6414', null],
  ['64:ff9b:0:1::c633:6414', null],
  ['64:ff9b:1::c633:6414', null],
  ['64:ff9c::c633:6414', null],
  ['::ffff:c633:6414', null],
  ['2001:db8::c633:6414', null],
  ['198.51.100.20', null],
]

test.each(stories)('nat64: %s', (text, ipv4) => {
  const bytes = addressOfText(text)!
  expect(isNat64(Buffer.concat([Buffer.of(9), bytes]), 1, bytes.length)).toBe(ipv4 !== null)
  const words = new Int32Array(ADDRESS_WORDS + 1)
  const want = new Int32Array(ADDRESS_WORDS + 1)
  putAddressText(words, 1, text)
  unmapNat64(words, 1)
  putAddressText(want, 1, ipv4 ?? text)
  expect(words).toEqual(want)
})

test('the bytes of an address that is written as text', () => {
  expect([...addressOfText('192.0.2.1')!]).toEqual([192, 0, 2, 1])
  expect(Buffer.from(addressOfText('2001:db8::a')!).toString('hex')).toBe('20010db800000000000000000000000a')
  for (const text of ['', 'a.example', '1.2.3', '1.2.3.256', '1::2::3', 'fe80::1%eth0', '::ffff:192.0.2.1'])
    expect(addressOfText(text)).toBeUndefined()
})
