/** What resolvers are given, RPZ and Unbound: read back, and decided with as a resolver does. */

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NO_WISHES, type Wishes } from '../../../src/packs/export/entry.ts'
import { exportRules } from '../../../src/packs/export/export.ts'
import type { RuleSet } from '../../../src/packs/pack.ts'
import { isInstalled } from '../../support/setup.ts'
import { domain, exact, folderWith, hostileRules, network, pack, rule, ruleSet, run, shippedRules } from './support.ts'

const UNLESS = {
  domains: [
    { value: 'status.example.com', match: 'suffix' as const },
    { value: 'www.example.com', match: 'exact' as const },
    { value: 'example.net', match: 'exact' as const },
  ],
  networks: [],
  clients: [],
}
const RULES = ruleSet(
  rule('r', [domain('example.com'), domain('example.net'), exact('only.example.org'), exact('www.example.com')], {
    unless: UNLESS,
  }),
)

function text(rules: RuleSet, format: 'rpz' | 'unbound', wishes: Partial<Wishes> = {}): string {
  return exportRules(rules, format, { ...NO_WISHES, ...wishes }).files[0]!.text
}

function parents(name: string): string[] {
  const labels = name.split('.')
  return labels.slice(1).map((_, i) => labels.slice(i + 1).join('.'))
}

/** What a resolver with this zone does with a question, or with an answer `ip`. */
function rpzDecision(zone: string, name: string): 'block' | 'pass' {
  const records = new Map<string, string>()
  for (const line of zone.split('\n')) {
    const found = /^(\S+) CNAME (\S+)$/.exec(line)
    if (found === null) continue
    expect(records.has(found[1]!), `${found[1]} has one record`).toBe(false)
    records.set(found[1]!, found[2]!)
  }
  const owners = [name, ...parents(name).map((parent) => `*.${parent}`)]
  const target = owners.map((owner) => records.get(owner)).find((one) => one !== undefined)
  return target === '.' ? 'block' : 'pass'
}

/** What Unbound does: the most specific local zone counts. */
function unboundDecision(configuration: string, name: string): 'block' | 'pass' {
  const zones = new Map(
    [...configuration.matchAll(/local-zone: "([^"]+)\." (\S+)/g)].map((found) => [found[1], found[2]]),
  )
  const data = new Set([...configuration.matchAll(/local-data: "(\S+)\. 300 A 0\.0\.0\.0"/g)].map((found) => found[1]))
  const type = [name, ...parents(name)].map((one) => zones.get(one)).find((one) => one !== undefined)
  return type === 'always_nxdomain' || (type === 'transparent' && data.has(name)) ? 'block' : 'pass'
}

const QUESTIONS: Array<[string, 'block' | 'pass']> = [
  ['example.com', 'block'],
  ['chat.example.com', 'block'],
  ['a.b.example.com', 'block'],
  ['notexample.com', 'pass'],
  ['example.com.evil.test', 'pass'],
  ['status.example.com', 'pass'],
  ['x.status.example.com', 'pass'],
  ['www.example.com', 'pass'],
  ['only.example.org', 'block'],
  ['x.only.example.org', 'pass'],
  ['example.org', 'pass'],
  ['x.example.net', 'block'],
]

describe('RPZ', () => {
  test.each([...QUESTIONS, ['example.net', 'pass'], ['x.www.example.com', 'block']] as typeof QUESTIONS)(
    '%s: %s',
    (name, want) => {
      expect(rpzDecision(text(RULES, 'rpz'), name)).toBe(want)
    },
  )

  test.each([
    ['192.0.2.1/32', '32.1.2.0.192.rpz-ip'],
    ['203.0.113.0/24', '24.0.113.0.203.rpz-ip'],
    ['0.0.0.0/0', '0.0.0.0.0.rpz-ip'],
    ['2001:db8::1/128', '128.1.zz.db8.2001.rpz-ip'],
    ['2001:db8:1::/48', '48.zz.1.db8.2001.rpz-ip'],
    ['2001:db8:0:0:1::/80', '80.zz.1.0.0.db8.2001.rpz-ip'],
    ['2001:0:1:2:3:4:5:6/128', '128.6.5.4.3.2.1.0.2001.rpz-ip'],
    // As BIND says that they must be, of two runs of zeros that are equally long.
    ['1:0:0:2::3:4/128', '128.4.3.0.0.2.zz.1.rpz-ip'],
    ['2001:0:0:1::1:0/112', '112.0.1.0.0.1.zz.2001.rpz-ip'],
    ['2001:db8:a:b:c:d:e:0/128', '128.0.e.d.c.b.a.db8.2001.rpz-ip'],
    ['::/0', '0.zz.rpz-ip'],
  ])('the network %s', (range, owner) => {
    expect(text(ruleSet(rule('r', [network(range)])), 'rpz')).toContain(`\n${owner} CNAME .\n`)
  })

  test('the serial comes from the packs', () => {
    const packs = [
      pack('a', [rule('a', [domain('a.example')])], { version: '2026.11.21' }),
      pack('b', [rule('b', [domain('b.example')])], { version: '2026.11.22.3' }),
    ]
    expect(text({ packs, policies: [], never: [] }, 'rpz')).toContain('hostmaster.localhost. 2026112203 ')
  })

  test('a name that would be too long behind the name of a zone is left out, and said', () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example.com`
    const { files, left } = exportRules(ruleSet(rule('r', [domain(long)])), 'rpz', NO_WISHES)
    expect(files[0]!.text).not.toContain(long)
    expect(left.entryCount).toBe(1)
  })

  test('what tries to break out: every line is one of ours', () => {
    const lines = text(hostileRules(), 'rpz').trimEnd().split('\n').slice(4)
    expect(lines).toHaveLength(32)
    for (const line of lines) expect(line).toMatch(/^(good-\d+\.example|32\.\d+\.2\.0\.192\.rpz-ip) CNAME \.$/)
  })

  describe.skipIf(!isInstalled('named-checkzone'))('named-checkzone', () => {
    test.each([
      ['what comes with the program', shippedRules()],
      ['all categories', shippedRules()],
      ['exceptions', RULES],
      ['hostile', hostileRules()],
      ['nothing', ruleSet()],
    ])('%s', (name, rules) => {
      const wishes =
        name === 'all categories'
          ? { categories: new Set(['service', 'affiliate', 'lookalike', 'indirect'] as const) }
          : {}
      const { files } = exportRules(rules, 'rpz', { ...NO_WISHES, ...wishes })
      const zone = `${'z'.repeat(50)}.example`
      const { code, output } = run('named-checkzone', zone, join(folderWith(files), 'seekwatch.rpz'))
      expect(output).toContain('OK')
      expect(code).toBe(0)
    })
  })
})

describe('Unbound', () => {
  test.each([...QUESTIONS, ['example.net', 'block'], ['x.www.example.com', 'pass']] as typeof QUESTIONS)(
    '%s: %s',
    (name, want) => {
      expect(unboundDecision(text(RULES, 'unbound'), name)).toBe(want)
    },
  )

  test('an exception that cannot be said is counted', () => {
    const { left } = exportRules(RULES, 'unbound', NO_WISHES)
    expect([...left.notes]).toEqual([['names are blocked although a rule excepts them: what is below them is not', 1]])
  })

  test('what tries to break out: every line is one of ours', () => {
    const lines = text(hostileRules(), 'unbound').trimEnd().split('\n').slice(2)
    expect(lines).toHaveLength(48)
    for (const line of lines)
      expect(line).toMatch(
        /^ {4}local-(zone: "good-\d+\.example\." transparent|data: "good-\d+\.example\. 300 A+ [0.:]+")$/,
      )
  })

  test.skipIf(!isInstalled('unbound-checkconf')).each([
    ['what comes with the program', shippedRules()],
    ['exceptions', RULES],
    ['hostile', hostileRules()],
    ['nothing', ruleSet()],
  ])('unbound-checkconf: %s', (_, rules) => {
    const { files } = exportRules(rules, 'unbound', NO_WISHES)
    const { code, output } = run('unbound-checkconf', join(folderWith(files), 'seekwatch-unbound.conf'))
    expect(output).toContain('no errors')
    expect(code).toBe(0)
  })
})
