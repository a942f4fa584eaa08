import { expect, test } from 'vitest'
import { Matcher } from '../../src/detect/match.ts'
import type { Pack } from '../../src/packs/pack.ts'
import { ACME, domain, hosting, network, rule } from '../support/acme.ts'
import { parseTwice } from '../support/arena.ts'
import { addressBytes } from '../support/frames.ts'

const OTHER: Pack = {
  ...ACME,
  id: 'other',
  rules: [
    rule('other-rule', { indicators: [domain('acme.example'), network('203.0.113.0/24'), hosting('CN', 64500)] }),
  ],
}
const matcher = new Matcher([ACME, OTHER])

/** `rule: indicator` of each match. */
const words = (matches: Array<{ rule: { id: string }; indicator: { value: string } }>): string[] =>
  matches.map((match) => `${match.rule.id}: ${match.indicator.value}`)

const names: Array<{ name: string; want: string[] }> = [
  { name: 'acme.example', want: ['acme-service: acme.example', 'other-rule: acme.example'] },
  { name: 'WWW.Acme.Example.', want: ['acme-service: acme.example', 'other-rule: acme.example'] },
  { name: 'v1.api.acme.example', want: ['acme-service: api.acme.example', 'other-rule: acme.example'] },
  {
    name: 'friends.acme.example',
    want: ['acme-service: acme.example', 'acme-friends: friends.acme.example', 'other-rule: acme.example'],
  },
  { name: 'anvils.cdn.example', want: ['acme-service: anvils.cdn.example'] },
  { name: 'x.anvils.cdn.example', want: [] },
  { name: 'cdn.example', want: [] },
  { name: 'notacme.example', want: [] },
  { name: 'acme.example.net', want: [] },
  { name: 'example', want: [] },
  { name: '', want: [] },
  { name: '.', want: [] },
  { name: 'acme.example\0', want: [] },
]

for (const { name, want } of names) {
  test(`match: the name ${JSON.stringify(name)}`, () => {
    expect(words(matcher.byName(name))).toEqual(want)
    expect(matcher.watches(name)).toBe(want.length > 0)
  })
}

const addresses: Array<{ address: string; want: string[] }> = [
  { address: '203.0.113.7', want: ['acme-service: 203.0.113.7/32', 'other-rule: 203.0.113.0/24'] },
  { address: '203.0.113.99', want: ['acme-service: 203.0.113.99/32', 'other-rule: 203.0.113.0/24'] },
  { address: '203.0.113.8', want: ['other-rule: 203.0.113.0/24'] },
  { address: '203.0.112.255', want: [] },
  { address: '::ffff:203.0.113.7', want: ['acme-service: 203.0.113.7/32', 'other-rule: 203.0.113.0/24'] },
  { address: '2001:db8:ac::1', want: ['acme-service: 2001:db8:ac::/48'] },
  { address: '2001:db8:ad::1', want: [] },
]

for (const { address, want } of addresses) {
  test(`match: the address ${address}`, () => {
    const found = parseTwice(addressBytes(address), (bytes, start, end) =>
      words(matcher.byAddress(bytes, start, end - start)),
    )
    expect(found).toEqual(want)
  })
}

test('match: hosting needs both, the country and the system', () => {
  expect(words(matcher.byHosting('CN', 64500))).toEqual(['acme-hosting: CN AS64500', 'other-rule: CN AS64500'])
  expect(matcher.byHosting('RU', 64500)).toEqual([])
  expect(matcher.byHosting('CN', 64501)).toEqual([])
  expect(matcher.byHosting('', 0)).toEqual([])
})

test('match: without packs nothing is watched', () => {
  const empty = new Matcher([])
  expect([
    empty.byName('acme.example'),
    empty.byAddress(addressBytes('203.0.113.7'), 0, 4),
    empty.byHosting('CN', 64500),
  ]).toEqual([[], [], []])
})
