import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCidr } from '../../../src/bytes/cidr.ts'
import { entriesOf, LeftOut } from '../../../src/packs/export/entry.ts'
import { isNetwork, networksOf, outermost, prefixLength, shortText } from '../../../src/packs/export/network.ts'
import { fuzz } from '../../support/random.ts'
import { network, rule, ruleSet } from './support.ts'

function left(range: string, ...holes: string[]): string[] {
  const rules = ruleSet(rule('r', [network(range)], { unless: { domains: [], networks: holes, clients: [] } }))
  return entriesOf(rules)
    .filter(isNetwork)
    .flatMap((entry) => networksOf(entry, new LeftOut()))
    .map(({ text }) => text)
}

describe('a network without the exceptions of its rule', () => {
  test.each([
    ['none', '192.0.2.0/24', [], ['192.0.2.0/24']],
    ['elsewhere', '192.0.2.0/24', ['198.51.100.0/24'], ['192.0.2.0/24']],
    ['of the other family', '0.0.0.0/0', ['::/0'], ['0.0.0.0/0']],
    ['all of it', '192.0.2.0/24', ['192.0.0.0/16'], []],
    ['itself', '192.0.2.7/32', ['192.0.2.7/32'], []],
    ['a half', '192.0.2.0/24', ['192.0.2.128/25'], ['192.0.2.0/25']],
    ['one address', '192.0.2.0/30', ['192.0.2.2/32'], ['192.0.2.0/31', '192.0.2.3/32']],
    ['two', '192.0.2.0/30', ['192.0.2.0/32', '192.0.2.3/32'], ['192.0.2.1/32', '192.0.2.2/32']],
    ['IPv6', '2001:db8::/126', ['2001:db8::1/128'], ['2001:db8::/128', '2001:db8::2/127']],
    ['one that is none', '192.0.2.0/24', ['x'], ['192.0.2.0/24']],
    ['a network that is none', 'x', [], []],
  ])('%s', (_, range, holes, want) => expect(left(range, ...holes)).toEqual(want))

  test('against every address of a small world', () => {
    const range = fc.tuple(fc.integer({ min: 26, max: 32 }), fc.nat(63)).map(([bits, at]) => {
      const size = 2 ** (32 - bits)
      return { text: `192.0.2.${Math.floor(at / size) * size}/${bits}`, from: Math.floor(at / size) * size, size }
    })
    fc.assert(
      fc.property(range, fc.array(range, { maxLength: 5 }), (whole, holes) => {
        const found = left(whole.text, ...holes.map(({ text }) => text)).map(parseCidr)
        for (let i = 0; i < 64; i++) {
          const inside = ({ from, size }: { from: number; size: number }) => i >= from && i < from + size
          const address = BigInt(0xc0000200 + i)
          const times = found.filter(({ start, end }) => address >= start && address <= end).length
          expect(times).toBe(inside(whole) && !holes.some(inside) ? 1 : 0)
        }
      }),
      fuzz(300),
    )
  })
})

test('outermost: sorted, IPv4 first, no range inside another', () => {
  const texts = [
    '2001:db8::1/128',
    '10.1.0.0/16',
    '10.0.0.0/8',
    '192.0.2.1/32',
    '192.0.2.1/32',
    '2001:db8::/32',
    '9.0.0.0/8',
  ]
  expect(outermost(texts.map(parseCidr)).map(({ text }) => text)).toEqual([
    '9.0.0.0/8',
    '10.0.0.0/8',
    '192.0.2.1/32',
    '2001:db8::/32',
  ])
})

test.each(['0.0.0.0/0', '192.0.2.0/23', '192.0.2.1/32', '::/0', '2001:db8::/29', '::1/128'])(
  'prefix length of %s',
  (text) => {
    expect(prefixLength(parseCidr(text))).toBe(Number(text.split('/')[1]))
  },
)

test('one address is written without its prefix length', () => {
  expect(['192.0.2.1/32', '192.0.2.0/31', '2001:db8::1/128'].map(parseCidr).map(shortText)).toEqual([
    '192.0.2.1',
    '192.0.2.0/31',
    '2001:db8::1',
  ])
})
