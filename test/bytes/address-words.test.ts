import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { ipText } from '../../src/bytes/address.ts'
import { ADDRESS_WORDS, putAddress, putAddressText } from '../../src/bytes/address-words.ts'
import { hex, parseTwice } from '../support/arena.ts'
import { random } from '../support/random.ts'

const stories: Array<{ name: string; bytes: string; want: number[] }> = [
  { name: 'IPv4', bytes: 'c000020a', want: [0, 0, 0xffff, 0xc000020a | 0] },
  { name: 'IPv4, all ones', bytes: 'ffffffff', want: [0, 0, 0xffff, -1] },
  { name: 'IPv6', bytes: '2001 0db8 0001 0002 0003 0004 0005 8006', want: [0x20010db8, 0x10002, 0x30004, 0x58006] },
  { name: 'IPv6, none', bytes: '0000 0000 0000 0000 0000 0000 0000 0000', want: [0, 0, 0, 0] },
  { name: 'IPv4 inside IPv6', bytes: '0000 0000 0000 0000 0000 ffff c000 020a', want: [0, 0, 0xffff, 0xc000020a | 0] },
]

for (const { name, bytes, want } of stories) {
  test(`address words: ${name}`, () => {
    const words = parseTwice(hex(bytes), (arena, start, end) => {
      const out = new Int32Array(ADDRESS_WORDS + 2).fill(7)
      putAddress(out, 1, arena, start, end - start)
      return [...out]
    })
    expect(words).toEqual([7, ...want, 7])
  })
}

test('address words: the text that was written of an address gives its words', () => {
  const next = random(1)
  for (let step = 0; step < 20_000; step++) {
    const zeros = next(4)
    const bytes = Uint8Array.from({ length: next(4) === 0 ? 4 : 16 }, () => (next(4) < zeros ? 0 : next(256)))
    const want = new Int32Array(ADDRESS_WORDS)
    const words = new Int32Array(ADDRESS_WORDS)
    putAddress(want, 0, bytes, 0, bytes.length)
    const text = ipText(bytes, 0, bytes.length)
    assert.ok(putAddressText(words, 0, text), text)
    assert.deepEqual(words, want, text)
  }
})

for (const text of [
  '',
  'x',
  ':',
  ':::',
  '1',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4::5:6:7:8',
  '1::2::3',
  '12345::',
  '::g',
  '::1 ',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.-4',
  '1.2.3.4\n',
  '1..2.3',
  '.1.2.3',
  '1.2.3.',
  '0001.2.3.4',
  '::1.2.3.4',
]) {
  test(`address words: ${JSON.stringify(text)} is no address`, () => {
    expect(putAddressText(new Int32Array(ADDRESS_WORDS), 0, text)).toBe(false)
  })
}
