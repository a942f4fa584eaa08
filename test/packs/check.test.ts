import { expect, test } from 'vitest'
import { parseCidr } from '../../src/bytes/cidr.ts'
import type { Policy } from '../../src/events/rules.ts'
import { checkRules } from '../../src/packs/check.ts'
import type { Indicator, NeverName, Pack, Rule } from '../../src/packs/pack.ts'
import { ACME, domain, network, rule } from '../support/acme.ts'

const NOW = '2026-11-24'
/** The policy that rules made for tests cite. */
const BAN: Policy = {
  id: 'acme-ban',
  title: 'x',
  country: 'CZ',
  authority: 'x',
  date: '2025',
  reference: 'x',
  scope: 'x',
  sources: ['x'],
}
const NO_EXCEPTIONS = { domains: [], networks: [], clients: [] }

/** What is found in these rules: `kind rule entry`. */
function found(rules: readonly Rule[], never: readonly NeverName[] = [], pack: Partial<Pack> = {}): string[] {
  const set = { packs: [{ ...ACME, ...pack, rules: [...rules] }], policies: [BAN], never: [...never] }
  return checkRules(set, NOW, 730).map(({ kind, rule, entry }) => [kind, rule, entry].join(' ').trim())
}

const exact = (name: string): Indicator => ({ ...domain(name), match: 'exact' }) as Indicator
const seen = (when: string): Indicator => ({ ...domain('a.example'), seen: when })
const certificate = (name: string): Indicator => ({ ...domain(name), kind: 'certificate' }) as Indicator
const shared = (cidr: string): Indicator => ({ ...network(cidr), shared: true }) as Indicator
const must = (value: string, match: 'suffix' | 'exact' = 'suffix'): NeverName => ({
  value,
  match,
  why: 'x',
  categories: ['service'],
})

const stories: Array<{ name: string; rules: Rule[]; never?: NeverName[]; pack?: Partial<Pack>; want: string[] }> = [
  { name: 'nothing', rules: [rule('a', { indicators: [domain('a.example'), network('192.0.2.0/24')] })], want: [] },
  { name: 'a rule without entries', rules: [rule('a', { indicators: [] })], want: ['dead a'] },
  {
    name: 'an exact name beside its suffix',
    rules: [rule('a', { indicators: [domain('a.example'), exact('a.example'), exact('b.a.example')] })],
    want: ['shadowed a a.example'],
  },
  {
    name: 'entries that exceptions of their own rule silence',
    rules: [
      rule('a', {
        indicators: [domain('x.a.example'), domain('a.example'), network('192.0.2.8/32'), network('192.0.0.0/16')],
        unless: { domains: [{ value: 'x.a.example', match: 'suffix' }], networks: ['192.0.2.0/24'], clients: [] },
      }),
    ],
    want: ['dead a x.a.example', 'dead a 192.0.2.8/32'],
  },
  {
    name: 'an exception that is exact silences no suffix',
    rules: [
      rule('a', {
        indicators: [domain('a.example')],
        unless: { ...NO_EXCEPTIONS, domains: [{ value: 'a.example', match: 'exact' }] },
      }),
    ],
    want: [],
  },
  {
    name: 'a name that must raise no alert: itself, below a suffix, and above',
    rules: [rule('a', { indicators: [domain('hub.example'), exact('w.ok.example'), exact('ok2.example')] })],
    never: [must('models.hub.example', 'exact'), must('ok.example'), must('x.ok2.example')],
    want: ['never a hub.example', 'never a w.ok.example'],
  },
  {
    name: 'a name that must raise no alert of another category, or only strengthens',
    rules: [
      rule('a', { category: 'affiliate', indicators: [domain('hub.example')] }),
      rule('b', { indicators: [domain('hub.example')], strengthens: { rules: ['a'], withinUs: 1 } }),
    ],
    never: [must('hub.example')],
    want: [],
  },
  {
    name: 'the same entry in two rules of one service',
    rules: [
      rule('a', { indicators: [domain('a.example'), network('192.0.2.0/24')] }),
      rule('b', { indicators: [exact('a.example'), domain('a.example'), network('192.0.2.0/24')] }),
    ],
    want: ['twice b a.example', 'shadowed b a.example', 'twice b 192.0.2.0/24'].sort(),
  },
  {
    name: 'the same entry in rules of two services, or where one only strengthens',
    rules: [
      rule('a', { indicators: [domain('a.example')] }),
      rule('b', { service: 'Other', indicators: [domain('a.example')] }),
      rule('c', { indicators: [domain('a.example')], strengthens: { rules: ['a'], withinUs: 1 } }),
    ],
    want: [],
  },
  {
    name: 'suffixes below which anybody can have a name',
    rules: [rule('a', { indicators: ['co.uk', 'github.io', 'cz.example', 'a.co.uk'].map((name) => domain(name)) })],
    want: ['wide a co.uk', 'wide a github.io'],
  },
  {
    name: 'one of them as exact, and in a certificate',
    rules: [rule('a', { indicators: [exact('co.uk'), certificate('github.io')] })],
    want: ['wide a github.io'],
  },
  {
    name: 'networks that hold a good part of the internet',
    rules: [
      rule('a', {
        indicators: [
          network('0.0.0.0/0'),
          network('64.0.0.0/7'),
          network('10.0.0.0/8'),
          network('2000::/3'),
          network('2001::/16'),
        ],
      }),
      rule('b', { indicators: [shared('::/0')] }),
    ],
    want: ['wide a 0.0.0.0/0', 'wide a 64.0.0.0/7', 'wide a 2000::/3'],
  },
  {
    name: 'ids that lead nowhere',
    rules: [
      rule('a', { indicators: [domain('a.example')], policy: ['gone'], needs: { rules: ['gone', 'a'], withinUs: 1 } }),
    ],
    want: ['unknown a', 'unknown a'],
  },
  { name: 'seen two years ago', rules: [rule('a', { indicators: [seen('2024-11-24')] })], want: [] },
  {
    name: 'seen two years and a day ago',
    rules: [rule('a', { indicators: [seen('2020/2024-11-23')] })],
    want: ['old a a.example'],
  },
  { name: 'seen in a month that counts to its end', rules: [rule('a', { indicators: [seen('2024-11')] })], want: [] },
  { name: 'seen in a year long ago', rules: [rule('a', { indicators: [seen('2019')] })], want: ['old a a.example'] },
  { name: 'seen nobody knows when', rules: [rule('a', { indicators: [seen('')] })], want: [] },
  { name: 'seen today', rules: [rule('a', { indicators: [seen('2026-11-24')] })], want: [] },
  { name: 'seen this year', rules: [rule('a', { indicators: [seen('2026')] })], want: [] },
  {
    name: 'seen tomorrow',
    rules: [rule('a', { indicators: [seen('2026/2026-11-25')] })],
    want: ['future a a.example'],
  },
  {
    name: 'seen in a thousand years',
    rules: [rule('a', { indicators: [seen('3026')] })],
    want: ['future a a.example'],
  },
  {
    name: 'a version of tomorrow',
    rules: [rule('a', { indicators: [domain('a.example')] })],
    pack: { version: '2026.11.25.3' },
    want: ['future'],
  },
]

for (const { name, rules, never, pack, want } of stories)
  test(`rules check: ${name}`, () => expect(found(rules, never, pack).sort()).toEqual([...want].sort()))

test('rules check: exceptions of many lengths, against the obvious way', () => {
  const networks = [
    '10.0.0.0/8',
    '10.1.0.0/16',
    '192.0.2.128/25',
    '0.0.0.0/1',
    '2001:db8::/32',
    '2001:db8:0:8000::/49',
    '2001:db8:1::1/128',
  ]
  const entries = [
    '10.0.0.0/7',
    '10.9.9.9/32',
    '11.0.0.0/8',
    '192.0.2.0/24',
    '192.0.2.200/32',
    '200.0.0.0/8',
    '64.0.0.0/2',
    '2001:db8::/31',
    '2001:db8:ffff::/48',
    '2001:db8:1::1/128',
    '2001:db9::/32',
  ]
  const holds = (outer: string, inner: string): boolean => {
    const [a, b] = [parseCidr(outer), parseCidr(inner)]
    return a.family === b.family && a.start <= b.start && b.end <= a.end
  }
  for (const exception of networks) {
    const unless = { ...NO_EXCEPTIONS, networks: [exception] }
    const indicators = entries.map((cidr) => network(cidr))
    const dead = found([rule('a', { indicators, unless })]).filter((line) => line.startsWith('dead'))
    expect(dead).toEqual(entries.filter((cidr) => holds(exception, cidr)).map((cidr) => `dead a ${cidr}`))
  }
})
