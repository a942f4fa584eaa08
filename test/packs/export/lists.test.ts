/** Lists, tables and sets: read back and compared with the rule set they were made of. */

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CATEGORIES } from '../../../src/events/alert.ts'
import { entriesOf, NO_WISHES, type Wishes } from '../../../src/packs/export/entry.ts'
import { exportRules } from '../../../src/packs/export/export.ts'
import type { FormatName } from '../../../src/packs/export/format.ts'
import type { RuleSet } from '../../../src/packs/pack.ts'
import { isInstalled } from '../../support/setup.ts'
import {
  certificate,
  domain,
  exact,
  folderWith,
  fronted,
  HOSTILE_TEXTS,
  hostileRules,
  hosting,
  network,
  rule,
  ruleSet,
  run,
  shippedRules,
  userAgent,
} from './support.ts'

function files(rules: RuleSet, format: FormatName, wishes: Partial<Wishes> = {}): Record<string, string> {
  const exported = exportRules(rules, format, { ...NO_WISHES, ...wishes })
  return Object.fromEntries(exported.files.map(({ name, text }) => [name, text]))
}

function linesOf(text: string | undefined): string[] {
  return (text ?? '').split('\n').slice(0, -1)
}

const UNLESS = {
  domains: [{ value: 'status.example.com', match: 'suffix' as const }],
  networks: ['192.0.2.7/32'],
  clients: [],
}
const RULES = ruleSet(
  rule(
    'r',
    [
      domain('example.com'),
      exact('chat.example.com'),
      exact('only.example.org'),
      fronted('example.com', 'eo.cdn.test'),
      fronted('example.com', 'cdn*.test'),
      network('192.0.2.6/31'),
      network('10.0.0.0/8'),
      network('10.1.0.0/16'),
      network('2001:db8::/32'),
      userAgent('harness/1'),
      userAgent('harness/*'),
      certificate('cert.example'),
    ],
    { unless: UNLESS },
  ),
  rule('l', [domain('fake.example')], { category: 'lookalike' }),
  rule('h', [hosting('CN', 64500)], { category: 'hosting' }),
)

describe('edl', () => {
  test('four lists of each category, empty ones too', () => {
    const names = ['domains', 'wildcard-domains', 'ipv4', 'ipv6']
    const want = CATEGORIES.flatMap((category) => names.map((name) => `${category}-${name}.txt`))
    expect(Object.keys(files(RULES, 'edl'))).toEqual(want)
    expect(Object.keys(files(ruleSet(), 'edl'))).toEqual(want)
    expect(Object.keys(files(RULES, 'edl', { categories: new Set(['service']) }))).toEqual(want.slice(0, 4))
  })

  test('what is in them', () => {
    const lists = files(RULES, 'edl')
    expect(linesOf(lists['service-domains.txt'])).toEqual([
      'chat.example.com',
      'example.com',
      'example.com.eo.cdn.test',
      'only.example.org',
    ])
    expect(linesOf(lists['service-wildcard-domains.txt'])).toEqual([
      'example.com',
      '*.example.com',
      'example.com.eo.cdn.test',
      '*.example.com.eo.cdn.test',
      'only.example.org',
    ])
    expect(linesOf(lists['service-ipv4.txt'])).toEqual(['10.0.0.0/8', '192.0.2.6/32'])
    expect(linesOf(lists['service-ipv6.txt'])).toEqual(['2001:db8::/32'])
    expect(linesOf(lists['lookalike-domains.txt'])).toEqual(['fake.example'])
  })

  test('exceptions that lists cannot say are counted', () => {
    const { left } = exportRules(RULES, 'edl', NO_WISHES)
    expect([...left.notes]).toEqual([
      ['names are in the lists although a rule excepts them: lists have no exceptions', 1],
    ])
  })

  test('what comes with the program: every name of medium confidence and more, once', () => {
    const lists = files(shippedRules(), 'edl')
    for (const category of CATEGORIES) {
      const want = entriesOf(shippedRules())
        .filter(({ rule }) => rule.category === category && rule.strengthens === null && rule.needs === null)
        .flatMap(({ indicator }) =>
          indicator.kind === 'domain' && indicator.confidence !== 'low' ? [indicator.value] : [],
        )
      const found = linesOf(lists[`${category}-domains.txt`])
      expect(found.filter((name) => want.includes(name))).toEqual([...new Set(want)].sort())
    }
  })

  test('what tries to break out: no line that is no name or network', () => {
    for (const [name, text] of Object.entries(files(hostileRules(), 'edl'))) {
      for (const line of linesOf(text))
        expect(line, name).toMatch(name.includes('ipv4') ? /^192\.0\.2\.\d+\/32$/ : /^good-\d+\.example$/)
    }
  })
})

test('list: suffixes with a dot, then networks', () => {
  expect(linesOf(files(RULES, 'list')['seekwatch.txt'])).toEqual([
    '.example.com',
    '.example.com.eo.cdn.test',
    'only.example.org',
    '10.0.0.0/8',
    '192.0.2.6/32',
    '2001:db8::/32',
  ])
  for (const line of linesOf(files(hostileRules(), 'list')['seekwatch.txt']))
    expect(line).toMatch(/^(good-\d+\.example|192\.0\.2\.\d+\/32)$/)
})

/** Reads the file of sets: what would be in each after `nft -f`. */
function setsOf(text: string): Record<string, string[]> {
  const sets: Record<string, string[]> = {}
  for (const [, name, elements] of text.matchAll(/^add element inet seekwatch (\w+) \{\n((?: {4}\S+,\n)+)\}$/gm))
    sets[name!] = elements!.trim().split(/,\s*/).filter(Boolean)
  return sets
}

describe('nftables', () => {
  test('sets per category and family', () => {
    const text = files(RULES, 'nftables')['seekwatch.nft']!
    expect(setsOf(text)).toEqual({ service_v4: ['10.0.0.0/8', '192.0.2.6/32'], service_v6: ['2001:db8::/32'] })
    expect(text.match(/^add set inet seekwatch \w+ \{ type ipv[46]_addr; flags interval; \}$/gm)).toHaveLength(4)
    expect(text.match(/^flush set inet seekwatch \w+$/gm)).toHaveLength(4)
  })

  test('what tries to break out', () => {
    const sets = setsOf(files(hostileRules(), 'nftables')['seekwatch.nft']!)
    expect(Object.keys(sets)).toEqual(['service_v4'])
    expect(sets['service_v4']).toHaveLength(HOSTILE_TEXTS.length)
  })

  // nft asks the kernel, in a network namespace of its own, so that the one of this machine is left alone.
  const mayAsk =
    isInstalled('nft') && isInstalled('unshare') && run('unshare', '-rn', 'nft', 'list', 'ruleset').code === 0
  if (!mayAsk) console.warn('tests: SKIPPING those that ask nft: it is not installed, or may not ask the kernel here')

  test.skipIf(!mayAsk).each([
    ['what comes with the program', shippedRules()],
    ['ranges, exceptions', RULES],
    ['hostile', hostileRules()],
    ['nothing', ruleSet()],
  ])('nft: %s', (_, rules) => {
    const file = join(folderWith(exportRules(rules, 'nftables', NO_WISHES).files), 'seekwatch.nft')
    expect(run('unshare', '-rn', 'nft', '-c', '-f', file)).toEqual({ code: 0, output: '' })
    const twice = run('unshare', '-rn', 'sh', '-c', `nft -f ${file} && nft -f ${file} && nft list ruleset`)
    expect(twice.code, twice.output).toBe(0)
    const wanted = Object.values(setsOf(files(rules, 'nftables')['seekwatch.nft']!)).flat()
    for (const range of wanted) expect(twice.output).toContain(range.replace(/\/(32|128)$/, ''))
  })
})

/** Fields of a line as Zeek's reader of ASCII takes them apart. */
function zeekFields(line: string): string[] {
  return line.split('\t').map((field) => {
    if (field === '-') return ''
    const bytes = field.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    return Buffer.from(bytes, 'latin1').toString()
  })
}

describe('zeek', () => {
  const TYPES = ['Intel::DOMAIN', 'Intel::ADDR', 'Intel::SUBNET', 'Intel::SOFTWARE']

  test('columns, types and values', () => {
    const [head, ...lines] = linesOf(files(RULES, 'zeek')['seekwatch.intel'])
    expect(head).toBe('#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url')
    expect(lines.map((line) => zeekFields(line).slice(0, 3).join(' '))).toEqual([
      'example.com Intel::DOMAIN seekwatch:r',
      'chat.example.com Intel::DOMAIN seekwatch:r',
      'only.example.org Intel::DOMAIN seekwatch:r',
      'example.com.eo.cdn.test Intel::DOMAIN seekwatch:r',
      'fake.example Intel::DOMAIN seekwatch:l',
      '192.0.2.6 Intel::ADDR seekwatch:r',
      '10.0.0.0/8 Intel::SUBNET seekwatch:r',
      '10.1.0.0/16 Intel::SUBNET seekwatch:r',
      '2001:db8::/32 Intel::SUBNET seekwatch:r',
      'harness/1 Intel::SOFTWARE seekwatch:r',
    ])
    expect(zeekFields(lines[0]!)[3]).toBe('r contacted: web chat (service, confidence high, pack example 2026.11.22)')
  })

  test.each([
    ['what comes with the program', shippedRules()],
    ['hostile', hostileRules()],
  ])('the form of every line: %s', (_, rules) => {
    const text = files(rules, 'zeek')['seekwatch.intel']!
    expect(text).toMatch(/^[\t\n\x20-\x7e]*$/)
    const [, ...lines] = linesOf(text)
    for (const line of lines) {
      expect(line.split('\t'), line).toHaveLength(5)
      expect(line).not.toMatch(/^#/)
      expect(line).not.toMatch(/(^|\t)(\(empty\))?(\t|$)/)
      expect(TYPES).toContain(line.split('\t')[1])
      // No backslash but those that begin an escape.
      expect(line.replace(/\\x[0-9a-f]{2}/g, '')).not.toContain('\\')
    }
  })

  test('hostile texts are read back as they were', () => {
    const rules = ruleSet(
      ...HOSTILE_TEXTS.map((text, i) =>
        rule(text, [userAgent(text), exact(`n${i}.example`, { role: text })], { title: text }),
      ),
    )
    const [, ...lines] = linesOf(files(rules, 'zeek')['seekwatch.intel'])
    const read = lines.map(zeekFields)
    expect(read.filter(([, type]) => type === 'Intel::SOFTWARE').map(([value]) => value)).toEqual(HOSTILE_TEXTS)
    const sources = read.filter(([, type]) => type === 'Intel::DOMAIN').map(([, , source]) => source)
    expect(sources).toEqual(HOSTILE_TEXTS.map((text) => `seekwatch:${text}`))
  })

  test('an address of a source that could be opened, and no other', () => {
    const sources = ['own capture', 'https://example.com/page (a note)', 'javascript:alert(1)']
    const [, line] = linesOf(files(ruleSet(rule('r', [domain('example.com', { sources })])), 'zeek')['seekwatch.intel'])
    expect(zeekFields(line!)[4]).toBe('https://example.com/page')
  })
})

/** Records and cells as RFC 4180 has them. */
function csvRecords(text: string): string[][] {
  const records: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    records.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'))
    if (end === '\r\n') records.push([])
  }
  return records.slice(0, -1)
}

describe('csv', () => {
  test.each([
    ['what comes with the program', shippedRules()],
    ['every kind', RULES],
    ['hostile', hostileRules()],
  ])('every entry, in its row: %s', (_, rules) => {
    const [titles, ...rows] = csvRecords(files(rules, 'csv')['seekwatch.csv']!)
    const entries = entriesOf(rules)
    expect(rows).toHaveLength(entries.length)
    for (const row of rows) expect(row).toHaveLength(titles!.length)
    const column = (name: string) => rows.map((row) => row[titles!.indexOf(name)])
    expect(column('kind')).toEqual(entries.map(({ indicator }) => indicator.kind))
    expect(column('confidence')).toEqual(entries.map(({ indicator }) => indicator.confidence))
    if (!entries[0]!.rule.title.includes('"')) {
      expect(column('value')).toEqual(entries.map(({ indicator }) => indicator.value))
      expect(column('role')).toEqual(entries.map(({ indicator }) => indicator.role))
    }
  })

  test('no cell is a formula, none holds a control character', () => {
    const cells = csvRecords(files(hostileRules(), 'csv')['seekwatch.csv']!).flat()
    for (const cell of cells) {
      expect(cell).not.toMatch(/^[=+\-@\t\r]/)
      expect(cell).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    }
  })
})
