import { describe, expect, test } from 'vitest'
import { NO_WISHES, type Wishes } from '../../../src/packs/export/entry.ts'
import { exportRules } from '../../../src/packs/export/export.ts'
import { FORMAT_NAMES, FORMATS } from '../../../src/packs/export/format.ts'
import { domain, exact, fronted, hosting, network, pack, rule, ruleSet, shippedRules, userAgent } from './support.ts'

const RULES = ruleSet(
  rule('service', [
    domain('sure.example'),
    domain('likely.example', { confidence: 'medium' }),
    domain('rumour.example', { confidence: 'low' }),
    network('192.0.2.1/32'),
    network('192.0.2.2/32', { shared: true }),
  ]),
  rule('affiliate', [domain('parent.example')], { category: 'affiliate' }),
  rule('lookalike', [domain('fake.example')], { category: 'lookalike' }),
  rule('indirect', [domain('broker.example', { confidence: 'low' })], { category: 'indirect' }),
  rule('hosting', [hosting('CN', 64500)], { category: 'hosting' }),
  rule('telemetry', [domain('telemetry.example')], { strengthens: { rules: ['service'], withinUs: 300_000_000 } }),
  rule('beside', [domain('beside.example')], { needs: { rules: ['service'], withinUs: 300_000_000 } }),
)

function names(format: (typeof FORMAT_NAMES)[number], wishes: Partial<Wishes> = {}): string[] {
  const { files } = exportRules(RULES, format, { ...NO_WISHES, ...wishes })
  const text = files.map((file) => file.text).join('\n')
  return [...new Set(text.match(/[a-z]+\.example|192\.0\.2\.\d|AS64500/g))].sort()
}

const STRONG = ['192.0.2.1', 'likely.example', 'sure.example']

describe('what an export takes', () => {
  test.each(['rpz', 'list'] as const)('%s: one block list, of the service and its affiliates alone', (format) => {
    const found =
      format === 'rpz' ? ['likely.example', 'parent.example', 'sure.example'] : [...STRONG, 'parent.example'].sort()
    expect(names(format)).toEqual(found)
  })

  test('unbound: the same, without addresses', () => {
    expect(names('unbound')).toEqual(['likely.example', 'parent.example', 'sure.example'])
  })

  test('edl: look-alikes in lists of their own', () => {
    expect(names('edl')).toEqual(['192.0.2.1', 'fake.example', 'likely.example', 'parent.example', 'sure.example'])
    const { files } = exportRules(RULES, 'edl', NO_WISHES)
    const withFake = files.filter(({ text }) => text.includes('fake.example')).map(({ name }) => name)
    expect(withFake).toEqual(['lookalike-domains.txt', 'lookalike-wildcard-domains.txt'])
  })

  test.each(['suricata', 'zeek', 'stix'] as const)('%s: everything that may alert alone', (format) => {
    expect(names(format)).toEqual([
      '192.0.2.1',
      'broker.example',
      'fake.example',
      'likely.example',
      'parent.example',
      'rumour.example',
      'sure.example',
    ])
  })

  test.each(['misp', 'csv'] as const)('%s: everything', (format) => {
    expect(names(format)).toHaveLength(11)
  })

  test('a shared address and what only strengthens are in no list, whatever one wishes', () => {
    for (const format of FORMAT_NAMES.filter((name) => FORMATS[name].standsAlone)) {
      const found = names(format, { minConfidence: 'low', categories: new Set(['service', 'hosting', 'indirect']) })
      for (const never of ['192.0.2.2', 'telemetry.example', 'beside.example', 'AS64500'])
        expect(found).not.toContain(never)
    }
  })

  test('wishes: a rule, a category, a confidence', () => {
    expect(names('list', { rules: new Set(['lookalike']) })).toEqual(['fake.example'])
    expect(names('list', { categories: new Set(['lookalike']) })).toEqual(['fake.example'])
    expect(names('list', { categories: new Set(['indirect']) })).toEqual([])
    expect(names('list', { categories: new Set(['indirect']), minConfidence: 'low' })).toEqual(['broker.example'])
    expect(names('list', { minConfidence: 'high' })).toEqual(['192.0.2.1', 'parent.example', 'sure.example'])
    expect(names('suricata', { minConfidence: 'high', categories: new Set(['service']) })).toEqual([
      '192.0.2.1',
      'sure.example',
    ])
  })
})

describe('the account of what is left out', () => {
  test('every entry is written or left out, in every format', () => {
    const sets = [
      RULES,
      shippedRules(),
      ruleSet(rule('r', [userAgent('a*'), fronted('a.example', 'c*.example', 1), exact('x y')])),
    ]
    for (const rules of sets) {
      const all = rules.packs.flatMap((one) => one.rules).flatMap(({ indicators }) => indicators).length
      for (const format of FORMAT_NAMES) {
        const { written, left } = exportRules(rules, format, NO_WISHES)
        expect(written + left.entryCount, format).toBe(all)
      }
    }
  })

  test('reasons with counts', () => {
    const { left, written } = exportRules(RULES, 'rpz', NO_WISHES)
    expect(written).toBe(4)
    expect([...left.entries]).toEqual([
      ['of confidence low (--min-confidence low writes them)', 1],
      ['shared addresses, on which others answer, too', 1],
      ['of category lookalike (--category lookalike writes them)', 1],
      ['of category indirect (--category indirect writes them)', 1],
      ['hosting networks by country and AS, which this format has no word for', 1],
      ['that only strengthen alerts of other rules, and prove nothing alone', 1],
      ['that count only beside alerts of other rules', 1],
    ])
  })

  test('a rule that excepts clients is told where the format cannot', () => {
    const rules = ruleSet(
      rule('r', [domain('a.example')], { unless: { domains: [], networks: [], clients: ['10.0.0.0/8'] } }),
    )
    for (const format of FORMAT_NAMES) {
      const notes = [...exportRules(rules, format, NO_WISHES).left.notes.keys()].join()
      if (FORMATS[format].saysClients) expect(notes).toBe('')
      else expect(notes).toContain('silent for some clients')
    }
  })
})

test('the same rule set gives the same text, whatever the clock says', () => {
  for (const format of FORMAT_NAMES) {
    expect(exportRules(RULES, format, NO_WISHES).files).toEqual(
      exportRules(structuredClone(RULES), format, NO_WISHES).files,
    )
  }
})

test('an empty rule set is an export without entries in every format', () => {
  for (const format of FORMAT_NAMES) {
    for (const packs of [[], [pack('empty', [])]]) {
      const { written, files } = exportRules({ packs, policies: [], never: [] }, format, NO_WISHES)
      expect(written).toBe(0)
      expect(files.length).toBeGreaterThan(0)
    }
  }
})
