import { describe, expect, test } from 'vitest'
import { compileRules, transferList } from '../../src/detect/compile.ts'
import { Matcher } from '../../src/detect/match.ts'
import type {
  CertificateIndicator,
  FingerprintIndicator,
  FrontedIndicator,
  Indicator,
  Pack,
  Rule,
  UserAgentIndicator,
} from '../../src/packs/pack.ts'
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
const matcher = new Matcher(compileRules({ packs: [ACME, OTHER] }))

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
  const empty = new Matcher(compileRules({ packs: [] }))
  expect([
    empty.byName('acme.example'),
    empty.byAddress(addressBytes('203.0.113.7'), 0, 4),
    empty.byHosting('CN', 64500),
  ]).toEqual([[], [], []])
})

const FROM = { role: 'anything', confidence: 'high' as const, seen: '', sources: ['x'], use: null }
const fronted = (name: string, cdn: string, labelsBetween = 0): FrontedIndicator => {
  return { kind: 'fronted', value: `${name} in front of ${cdn}`, name, cdn, labelsBetween, ...FROM }
}
const matcherOf = (...rules: Rule[]): Matcher => new Matcher(compileRules({ packs: [{ ...ACME, rules }] }))

describe('match: names in front of a CDN', () => {
  const cdn = matcherOf(
    rule('shapes', {
      indicators: [
        fronted('acme.example', 'eo.cdn.net'),
        fronted('acme.example', 'cdnhw*.com', 1),
        domain('api.acme.example.eo.cdn.net', { match: 'exact' }),
        domain('acme.example'),
      ],
    }),
    rule('other', { indicators: [fronted('shop.acme.example', 'eo.cdn.net'), fronted('other.example', 'e*.c*n.net')] }),
  )
  const stories: Array<{ name: string; want: string[] }> = [
    { name: 'www.acme.example.eo.cdn.net', want: ['shapes: acme.example in front of eo.cdn.net'] },
    { name: 'WWW.Acme.Example.EO.CDN.net.', want: ['shapes: acme.example in front of eo.cdn.net'] },
    { name: 'acme.example.eo.cdn.net', want: ['shapes: acme.example in front of eo.cdn.net'] },
    { name: 'api.acme.example.eo.cdn.net', want: ['shapes: api.acme.example.eo.cdn.net'] },
    {
      name: 'shop.acme.example.eo.cdn.net',
      want: ['shapes: acme.example in front of eo.cdn.net', 'other: shop.acme.example in front of eo.cdn.net'],
    },
    { name: 'acme.example.cdnhwcqwg14.com', want: ['shapes: acme.example in front of cdnhw*.com'] },
    { name: 'a.b.acme.example.436b7a4e.cdnhw1.com', want: ['shapes: acme.example in front of cdnhw*.com'] },
    { name: 'acme.example.436b7a4e.cdnhw.com', want: ['shapes: acme.example in front of cdnhw*.com'] },
    { name: 'other.example.e1.cxn.net', want: ['other: other.example in front of e*.c*n.net'] },
    { name: 'acme.example.1.2.cdnhw1.com', want: [] },
    { name: 'acme.example.x.eo.cdn.net', want: [] },
    { name: 'notacme.example.eo.cdn.net', want: [] },
    { name: 'acme.example.evileo.cdn.net', want: [] },
    { name: 'acme.example.eo.cdn.net.evil.example', want: [] },
    { name: 'acme.example.xcdnhw1.com', want: [] },
    { name: 'acme.example.cdnhw1.x.com', want: [] },
    { name: 'acme.example.cdnhw1.com.evil.com', want: [] },
    { name: 'cdnhw1.com', want: [] },
    { name: 'eo.cdn.net', want: [] },
    { name: '.eo.cdn.net', want: [] },
    { name: 'example.eo.cdn.net', want: [] },
    { name: 'com', want: [] },
    { name: 'www.example.com', want: [] },
    { name: '..com', want: [] },
    { name: '.', want: [] },
  ]
  for (const { name, want } of stories) {
    test(JSON.stringify(name), () => {
      expect(words(cdn.byName(name))).toEqual(want)
      const bytes = Buffer.from(name)
      expect(parseTwice(bytes, (bytes, start, end) => cdn.watchesBytes(bytes, start, end))).toBe(want.length > 0)
    })
  }
})

test('match: hosting by country alone and by system alone; the narrower answers', () => {
  const anywhere = matcherOf(
    rule('cn', { indicators: [hosting('CN', 0), hosting('CN', 64500)] }),
    rule('as', { indicators: [hosting('', 64500)] }),
  )
  expect(words(anywhere.byHosting('CN', 64500))).toEqual(['cn: CN AS64500', 'as:  AS64500'])
  expect(words(anywhere.byHosting('CN', 1))).toEqual(['cn: CN AS0'])
  expect(words(anywhere.byHosting('DE', 64500))).toEqual(['as:  AS64500'])
  for (const [country, asn] of [
    ['DE', 1],
    ['', 64500],
    ['cn', 64500],
    ['CNX', 64500],
    ['\0\0', 0],
  ] as const)
    expect(words(anywhere.byHosting(country, asn)), country).toEqual([])
})

test('match: a certificate has names of its own', () => {
  const pinned: CertificateIndicator = { kind: 'certificate', value: 'pin.example', match: 'suffix', ...FROM }
  const one = matcherOf(
    rule('r', { indicators: [domain('acme.example'), pinned, { ...pinned, value: 'exact.example', match: 'exact' }] }),
  )
  expect(words(one.byCertificate('a.pin.example'))).toEqual(['r: pin.example'])
  expect(words(one.byCertificate('exact.example'))).toEqual(['r: exact.example'])
  for (const name of ['a.exact.example', 'acme.example', 'example']) expect(one.byCertificate(name), name).toEqual([])
  expect([one.byName('pin.example'), one.watches('pin.example')]).toEqual([[], false])
})

test('match: fingerprints', () => {
  const ja3: FingerprintIndicator = { kind: 'fingerprint', method: 'ja3', value: 'a'.repeat(32), ...FROM }
  const ja4: FingerprintIndicator = { ...ja3, method: 'ja4', value: 't13d1516h2_8daaf6152771_b186095e22b6' }
  const one = matcherOf(rule('a', { indicators: [ja3, ja4] }), rule('b', { indicators: [ja4] }))
  expect(words(one.byFingerprint(ja3.value, ''))).toEqual([`a: ${ja3.value}`])
  expect(words(one.byFingerprint('', ja4.value))).toEqual([`a: ${ja4.value}`, `b: ${ja4.value}`])
  expect(words(one.byFingerprint(ja3.value, ja4.value))).toEqual([`a: ${ja3.value}`, `b: ${ja4.value}`])
  expect(one.byFingerprint(ja4.value, ja3.value)).toEqual([])
  expect([one.wantsFingerprints, matcher.wantsFingerprints]).toEqual([true, false])
})

test('match: user agents, each rule with its first indicator', () => {
  const agent = (value: string): UserAgentIndicator => ({ kind: 'user_agent', value, ...FROM })
  const one = matcherOf(
    rule('a', { indicators: [agent('Acme/*'), agent('Acme/1*')] }),
    rule('b', { indicators: [agent('*Anvil*')] }),
  )
  expect(words(one.byUserAgent('Acme/1 (Anvil)'))).toEqual(['a: Acme/*', 'b: *Anvil*'])
  for (const text of ['', 'acme/1', 'x Acme/1', `Acme/${'1'.repeat(3000)}`]) expect(one.byUserAgent(text)).toEqual([])
})

describe('match: what keeps a rule silent', () => {
  const one = matcherOf(
    rule('r', {
      indicators: [domain('acme.example'), network('203.0.113.0/24'), fronted('acme.example', 'cdn.net')],
      unless: {
        domains: [
          { value: 'help.acme.example', match: 'suffix' },
          { value: 'www.acme.example', match: 'exact' },
        ],
        networks: ['203.0.113.128/25', '198.51.100.0/24'],
        clients: ['10.1.0.0/16', '2001:db8::/32'],
      },
    }),
    rule('other', { indicators: [domain('acme.example'), network('203.0.113.0/24')] }),
  )

  test('names and addresses', () => {
    expect(words(one.byName('acme.example'))).toEqual(['r: acme.example', 'other: acme.example'])
    expect(words(one.byName('a.www.acme.example'))).toEqual(['r: acme.example', 'other: acme.example'])
    for (const name of ['help.acme.example', 'x.help.acme.example', 'www.acme.example', 'WWW.acme.example.'])
      expect(words(one.byName(name)), name).toEqual(['other: acme.example'])
    expect(words(one.byAddress(addressBytes('203.0.113.127'), 0, 4))).toHaveLength(2)
    expect(words(one.byAddress(addressBytes('203.0.113.128'), 0, 4))).toEqual(['other: 203.0.113.0/24'])
    expect(words(one.byAddress(addressBytes('198.51.100.1'), 0, 4))).toEqual([])
    expect(one.watches('help.acme.example')).toBe(true)
  })

  const address = (ip: string) => ({ bytes: addressBytes(ip), at: 0, length: ip.includes(':') ? 16 : 4 })
  const cases: Array<{ rule: number; names?: string[]; server?: string; client: string; want: boolean }> = [
    { rule: 0, client: '10.1.2.3', want: true },
    { rule: 0, client: '10.2.2.3', want: false },
    { rule: 0, client: '::ffff:10.1.2.3', want: true },
    { rule: 0, client: '2001:db8::1', want: true },
    { rule: 0, client: '192.0.2.1', server: '203.0.113.200', want: true },
    { rule: 0, client: '192.0.2.1', server: '203.0.113.1', want: false },
    // the address of a client is none of a server, and the other way round
    { rule: 0, client: '203.0.113.200', server: '10.1.2.3', want: false },
    { rule: 0, client: '192.0.2.1', names: ['x.example', 'help.acme.example'], want: true },
    { rule: 0, client: '192.0.2.1', names: ['acme.example'], want: false },
    { rule: 1, client: '10.1.2.3', server: '203.0.113.200', names: ['help.acme.example'], want: false },
  ]
  for (const [i, { rule, names = [], server, client, want }] of cases.entries()) {
    test(`case ${i + 1}`, () => {
      expect(
        one.isSilent(one.rules[rule]!, names, server === undefined ? undefined : address(server), address(client)),
      ).toBe(want)
    })
  }
})

test('match: an indicator comes back as it was', () => {
  const given = [
    domain('acme.example', { role: 'web — shop', confidence: 'low', seen: '2026', use: 'chat' }),
    domain('b.example', { role: 'other', match: 'exact' }),
    domain('c.example', { role: 'other' }),
    network('203.0.113.0/24', { shared: true }),
    network('203.0.113.0/25', { shared: false }),
  ]
  const one = matcherOf(rule('r', { indicators: given }))
  const got = [
    ...['acme.example', 'b.example', 'c.example'].map((name) => one.byName(name)[0]),
    ...['203.0.113.200', '203.0.113.1'].map((ip) => one.byAddress(addressBytes(ip), 0, 4)[0]),
  ]
  expect(got.map((match) => match!.indicator)).toEqual(given)
  expect(got[0]).toMatchObject({ pack: { id: 'acme', version: ACME.version }, rule: { id: 'r', policy: ['acme-ban'] } })
})

test('match: an entry is at least as sure as the suffix of its rule above it', () => {
  const one = matcherOf(
    rule('r', {
      indicators: [
        domain('a.b.acme.example', { confidence: 'low', match: 'exact' }),
        domain('acme.example', { confidence: 'medium' }),
        domain('only.acme.example', { confidence: 'high' }),
      ],
    }),
    rule('other', { indicators: [domain('b.acme.example', { confidence: 'high' })] }),
  )
  const sure = (name: string) => one.byName(name).map(({ rule, indicator }) => `${rule.id} ${indicator.confidence}`)
  expect(sure('a.b.acme.example')).toEqual(['r medium', 'other high'])
  expect(sure('only.acme.example')).toEqual(['r high'])
})

test('match: 100,000 names and ranges, handed over like from another thread', () => {
  const count = 100_000
  const indicators: Indicator[] = []
  for (let i = 0; i < count; i++) {
    indicators.push(domain(`host${i}.zone${i % 977}.example`, { match: i % 2 === 0 ? 'exact' : 'suffix' }))
    indicators.push(network(`${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`))
  }
  const tables = compileRules({ packs: [{ ...ACME, rules: [rule('big', { indicators })] }] })
  const buffers = transferList(tables)
  const given = structuredClone(tables, { transfer: buffers })
  expect(new Set(buffers.map((buffer) => buffer.byteLength))).toEqual(new Set([0])) // they are gone: nothing was copied
  const big = new Matcher(given)
  for (let i = 0; i < count; i += 1237) {
    const name = `host${i}.zone${i % 977}.example`
    expect(words(big.byName(name))).toEqual([`big: ${name}`])
    expect(words(big.byName(`x.${name}`))).toEqual(i % 2 === 0 ? [] : [`big: ${name}`])
    expect(big.watches(`host${i}.zone${(i + 1) % 977}.example`)).toBe(false)
    const bytes = Uint8Array.of(20 + (i >> 16), (i >> 8) & 255, i & 255, 77)
    expect(words(big.byAddress(bytes, 0, 4))).toEqual([`big: ${[...bytes.subarray(0, 3)].join('.')}.0/24`])
  }
})
