import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPacks, PackError } from '../../src/packs/load.ts'
import type { Pack } from '../../src/packs/pack.ts'
import { temporaryFolder } from '../support/folder.ts'
import { DOMAIN, HEAD, SOURCED } from '../support/pack-text.ts'

/** A pack with one rule. */
const pack = (lists: string): string => HEAD + lists

/** The packs of a folder that holds these files. */
function load(files: Record<string, string | Uint8Array>): Pack[] {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return loadPacks(folder)
}

/** What is told about a folder that holds these files: `name:line:column: message`, without the folder. */
function problems(files: Record<string, string | Uint8Array>): string[] {
  try {
    load(files)
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    return error.message.split('\n').map((line) => line.replace(/[^\s]*\/seekwatch-test-[^/:]*\/?/g, ''))
  }
  return []
}

test('packs: everything that can be written becomes a pack', () => {
  const [got] = load({
    'example.yaml': `pack: example
title: Example — ukázka
version: 2026.11.22.1
licence: CC0-1.0
description: >-
  Some words.
sources: [somewhere]
rules:
  - id: example-service
    title: Example contacted
    service: Example
    category: service
    severity: high
    policies: [cz-nukib-2025-07-10]
    attack: [T1567, T1071.001, AML.T0086]
    domains:
      - name: Example.COM.
        role: all of it
        confidence: high
        seen: '2023/2026-08-21'
        sources: [one, two]
      - names: [a.example.net, b.example.net]
        match: exact
        role: mirrors
        confidence: low
        sources: &list [a list]
    networks:
      - { cidr: 192.0.2.1/32, shared: false, role: API, confidence: medium, sources: *list }
      - { cidrs: ['2001:DB8::/32', 198.51.100.0/24], shared: true, role: CDN, confidence: low, seen: '2026', sources: [x] }
    hosting:
      - { country: CN, asn: 55990, role: cloud, confidence: medium, sources: [x] }
`,
  })
  expect(got).toEqual({
    id: 'example',
    title: 'Example — ukázka',
    version: '2026.11.22.1',
    licence: 'CC0-1.0',
    rules: [
      {
        id: 'example-service',
        title: 'Example contacted',
        service: 'Example',
        category: 'service',
        severity: 'high',
        policy: ['cz-nukib-2025-07-10'],
        attack: ['T1567', 'T1071.001', 'AML.T0086'],
        indicators: [
          {
            kind: 'domain',
            value: 'example.com',
            match: 'suffix',
            role: 'all of it',
            confidence: 'high',
            seen: '2023/2026-08-21',
            sources: ['one', 'two'],
            use: null,
          },
          {
            kind: 'domain',
            value: 'a.example.net',
            match: 'exact',
            role: 'mirrors',
            confidence: 'low',
            seen: '',
            sources: ['a list'],
            use: null,
          },
          {
            kind: 'domain',
            value: 'b.example.net',
            match: 'exact',
            role: 'mirrors',
            confidence: 'low',
            seen: '',
            sources: ['a list'],
            use: null,
          },
          {
            kind: 'network',
            value: '192.0.2.1/32',
            shared: false,
            role: 'API',
            confidence: 'medium',
            seen: '',
            sources: ['a list'],
            use: null,
          },
          {
            kind: 'network',
            value: '2001:db8::/32',
            shared: true,
            role: 'CDN',
            confidence: 'low',
            seen: '2026',
            sources: ['x'],
            use: null,
          },
          {
            kind: 'network',
            value: '198.51.100.0/24',
            shared: true,
            role: 'CDN',
            confidence: 'low',
            seen: '2026',
            sources: ['x'],
            use: null,
          },
          {
            kind: 'hosting',
            value: 'CN AS55990',
            country: 'CN',
            asn: 55990,
            role: 'cloud',
            confidence: 'medium',
            seen: '',
            sources: ['x'],
            use: null,
          },
        ],
        strengthens: null,
        needs: null,
        unless: { domains: [], networks: [], clients: [] },
      },
    ],
  })
})

test('packs: a folder is read in the order of its names; what is no pack is left alone', () => {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'b.yaml'),
    pack(DOMAIN).replace('pack: example', 'pack: b').replace('id: example', 'id: b'),
  )
  writeFileSync(join(folder, 'a.yml'), pack(DOMAIN).replace('pack: example', 'pack: a').replace('id: example', 'id: a'))
  writeFileSync(join(folder, '.a.yaml.swp'), 'x')
  writeFileSync(join(folder, '.hidden.yaml'), 'x')
  writeFileSync(join(folder, 'README.md'), 'x')
  mkdirSync(join(folder, 'more.yaml'))
  writeFileSync(join(folder, 'more.yaml', 'c.yaml'), 'x')
  expect(loadPacks(folder).map(({ id }) => id)).toEqual(['a', 'b'])
})

/** One mistake each, and what is told about it. */
const mistakes: Array<{ name: string; file: string; want: string }> = [
  {
    name: 'a space in a name',
    file: pack(`    domains:\n      - { name: exa mple.com, ${SOURCED} }\n`),
    want: 'x.yaml:12:17: "exa mple.com" is not a domain name (a space in a label)',
  },
  {
    name: 'a name in a list',
    file: pack(
      `    domains:\n      - ${SOURCED.replaceAll(', ', '\n        ')}\n        names:\n          - good.example\n          - bad\n`,
    ),
    want: 'x.yaml:17:13: "bad" has only one label',
  },
  {
    name: 'a name that would steer a terminal',
    file: pack(`    domains:\n      - { name: "a\\e[31m.com", ${SOURCED} }\n`),
    want: 'x.yaml:12:17: "a\\x1b[31m.com" is not a domain name',
  },
  {
    name: 'a name as long as a page',
    file: pack(`    domains:\n      - { name: ${'x'.repeat(5000)}, ${SOURCED} }\n`),
    want: `x.yaml:12:17: "${'x'.repeat(80)}..." is not a domain name (5000 characters; 253 is the most)`,
  },
  {
    name: 'host bits',
    file: pack(`    networks:\n      - { cidr: 192.0.2.77/24, shared: true, ${SOURCED} }\n`),
    want: 'x.yaml:12:17: "192.0.2.77/24" has host bits set; write 192.0.2.0/24',
  },
  {
    name: 'shared left out',
    file: pack(`    networks:\n      - { cidr: 192.0.2.0/24, ${SOURCED} }\n`),
    want: 'x.yaml:12:9: shared is missing; write it',
  },
  {
    name: 'shared in words',
    file: pack(`    networks:\n      - { cidr: 192.0.2.0/24, shared: yes, ${SOURCED} }\n`),
    want: 'x.yaml:12:39: shared must be true (others answer there too) or false',
  },
  {
    name: 'an unknown key',
    file: pack(`    domains:\n      - { name: example.com, colour: red, ${SOURCED} }\n`),
    want: 'x.yaml:12:38: "colour" is not a key of this place; it has name, names, names_file',
  },
  {
    name: 'an unknown key of the pack',
    file: `${pack(DOMAIN)}license: MIT\n`,
    want: 'x.yaml:13:10: "license" is not a key of this place; it has pack, title',
  },
  {
    name: 'a key that every object has',
    file: `${pack(DOMAIN)}__proto__: {}\n`,
    want: 'x.yaml:13:12: "__proto__" is not a key',
  },
  {
    name: 'no source',
    file: pack('    domains:\n      - { name: example.com, role: web, confidence: high }\n'),
    want: 'x.yaml:12:9: sources is missing; write it',
  },
  {
    name: 'an empty list of sources',
    file: pack('    domains:\n      - { name: example.com, role: web, confidence: high, sources: [] }\n'),
    want: 'x.yaml:12:68: sources is empty; write where the entry is known from',
  },
  {
    name: 'a source that is empty',
    file: pack("    domains:\n      - { name: example.com, role: web, confidence: high, sources: [''] }\n"),
    want: 'x.yaml:12:69: sources is empty; write some text',
  },
  {
    name: 'a role that turns the line around',
    file: pack('    domains:\n      - { name: example.com, role: "a\\u202Eb", confidence: high, sources: [x] }\n'),
    want: 'x.yaml:12:36: role holds a control or invisible character',
  },
  {
    name: 'neither name nor names',
    file: pack(`    domains:\n      - { ${SOURCED} }\n`),
    want: 'x.yaml:12:9: write name for one, names for a list or names_file for a file, and only one',
  },
  {
    name: 'name and names',
    file: pack(`    domains:\n      - { name: a.example, names: [b.example], ${SOURCED} }\n`),
    want: 'x.yaml:12:9: write name for one, names for a list or',
  },
  {
    name: 'a confidence of its own',
    file: pack('    domains:\n      - { name: example.com, role: web, confidence: medium-high, sources: [x] }\n'),
    want: 'x.yaml:12:53: confidence is none of the words for it; write low, medium or high',
  },
  {
    name: 'a year without quotes',
    file: pack(`    domains:\n      - { name: example.com, seen: 2026, ${SOURCED} }\n`),
    want: "x.yaml:12:36: seen must be text; write it in quotes, '2026'",
  },
  {
    name: 'a day that is none',
    file: pack(`    domains:\n      - { name: example.com, seen: '2026-13-01', ${SOURCED} }\n`),
    want: 'x.yaml:12:36: seen is not a date',
  },
  {
    name: 'a country in small letters',
    file: pack(`    hosting:\n      - { country: cn, asn: 1, ${SOURCED} }\n`),
    want: 'x.yaml:12:20: country is not a country code; write two capital letters',
  },
  {
    name: 'an AS number with letters',
    file: pack(`    hosting:\n      - { country: CN, asn: AS55990, ${SOURCED} }\n`),
    want: 'x.yaml:12:29: asn is not the number of an autonomous system; write the number alone',
  },
  {
    name: 'AS 0',
    file: pack(`    hosting:\n      - { country: CN, asn: 0, ${SOURCED} }\n`),
    want: 'x.yaml:12:29: asn is not the number',
  },
  {
    name: 'an AS number of 33 bits',
    file: pack(`    hosting:\n      - { country: CN, asn: 4294967296, ${SOURCED} }\n`),
    want: 'x.yaml:12:29: asn is not the number',
  },
  {
    name: 'a rule that matches nothing',
    file: pack('    policies: []\n'),
    want: 'x.yaml:6:5: the rule matches nothing; write domains, fronted, networks',
  },
  {
    name: 'no rules',
    file: `${HEAD.split('rules:')[0]}rules: []\n`,
    want: 'x.yaml:5:8: rules is empty; write at least one rule',
  },
  {
    name: 'an id with capitals',
    file: pack(DOMAIN).replace('pack: example', 'pack: Example'),
    want: 'x.yaml:1:7: pack is not an id; write lower-case words',
  },
  {
    name: 'a version that YAML takes for a number',
    file: pack(DOMAIN).replace('2026.11.22', '2026.11'),
    want: "x.yaml:3:10: version must be text; write it in quotes, '2026.11.22'",
  },
  {
    name: 'a technique that is none',
    file: pack(`    attack: [T15]\n${DOMAIN}`),
    want: 'x.yaml:11:14: attack is not an ATT&CK technique; write its id',
  },
  {
    name: 'the same name twice',
    file: pack(`${DOMAIN}      - { name: EXAMPLE.com., ${SOURCED} }\n`),
    want: 'x.yaml:13:17: "example.com" stands twice in this pack; remove one',
  },
  {
    name: 'the same network twice, written in two ways',
    file: pack(`    networks:\n      - { cidrs: ['2001:db8::/32', '2001:DB8:0::/32'], shared: true, ${SOURCED} }\n`),
    want: 'x.yaml:12:36: "2001:db8::/32" stands twice in this pack',
  },
  {
    name: 'the same system twice',
    file: pack(
      `    hosting:\n      - { country: CN, asn: 5, ${SOURCED} }\n      - { country: CN, asn: 5, ${SOURCED} }\n`,
    ),
    want: 'x.yaml:13:29: "CN AS5" stands twice in this pack',
  },
  { name: 'an empty file', file: '', want: 'x.yaml:1:1: the file must be a map of pack, title' },
  { name: 'a list', file: '- a\n', want: 'x.yaml:1:1: the file must be a map of pack' },
  {
    name: 'a key twice',
    file: `title: a\n${pack(DOMAIN)}`,
    want: 'x.yaml:3:1: is not YAML that can be read: Map keys must be unique',
  },
  {
    name: 'YAML that ends too early',
    file: pack('    domains: [{ name: "example'),
    want: 'x.yaml:11:31: is not YAML that can be read: Missing closing',
  },
  { name: 'a tab', file: pack('\tdomains: []\n'), want: 'x.yaml:11:1: is not YAML that can be read' },
  {
    name: 'two documents',
    file: `${pack(DOMAIN)}---\n${pack(DOMAIN)}`,
    want: 'x.yaml:13:1: is not YAML that can be read: Source contains multiple documents',
  },
  {
    name: 'a tag of its own',
    file: pack(DOMAIN).replace('title: Example\n', 'title: !!js/function x\n'),
    want: 'x.yaml:2:8: is not YAML that can be read: Unresolved tag',
  },
  {
    name: 'an alias to nothing',
    file: pack(DOMAIN).replace('title: Example\n', 'title: *gone\n'),
    want: 'x.yaml: is not YAML that can be read (Unresolved alias',
  },
]
for (const { name, file, want } of mistakes) {
  test(`packs: ${name}`, () => {
    const told = problems({ 'x.yaml': file })
    expect(told[0]?.slice(0, want.length)).toBe(want)
  })
}

test('packs: a pack cannot choose the YAML of 1.1 with its merge keys', () => {
  const rules = `    domains:\n      - &a { name: example.com, ${SOURCED} }\n      - { <<: *a, name: example.net }\n`
  expect(problems({ 'x.yaml': `%YAML 1.1\n---\n${pack(rules)}` })).toContainEqual(
    expect.stringContaining('"<<" is not a key'),
  )
})

test('packs: nothing is told twice about one mistake', () => {
  for (const { name, file } of mistakes.filter(({ want }) => !/sources is missing|must be a map|YAML/.test(want)))
    expect(problems({ 'x.yaml': file }), name).toHaveLength(1)
})

test('packs: all mistakes of all files at once', () => {
  const told = problems({
    'a.yaml': pack(
      `    domains:\n      - { name: a b.com, ${SOURCED} }\n      - { name: com, confidence: high, sources: [] }\n`,
    ),
    'b.yaml': 'x: [\n',
    'c.yaml': Uint8Array.of(0x70, 0xff, 0xfe),
    'd.yaml': pack(`    networks:\n      - { cidr: nonsense, shared: maybe, ${SOURCED} }\n`),
  })
  expect(told.map((line) => line.split(': ')[0])).toEqual([
    'a.yaml:12:17',
    'a.yaml:13:9',
    'a.yaml:13:17',
    'a.yaml:13:49',
    'b.yaml:2:1',
    'c.yaml:1:1',
    'd.yaml:12:17',
    'd.yaml:12:35',
  ])
  expect(told[5]).toContain('is not UTF-8 text; save it as UTF-8')
})

test('packs: a thousand mistakes are told as fifty and a number', () => {
  const names = Array.from({ length: 1000 }, () => '          - com\n').join('')
  const told = problems({
    'x.yaml': pack(`    domains:\n      - ${SOURCED.replaceAll(', ', '\n        ')}\n        names:\n${names}`),
  })
  expect(told).toHaveLength(51)
  expect(told.at(-1)).toBe('and 950 more')
})

test('packs: ids are used once, also across packs', () => {
  const second = pack(DOMAIN)
  const told = problems({ 'a.yaml': pack(DOMAIN), 'b.yaml': second })
  expect(told).toEqual([
    'b.yaml:1:7: the pack id "example" is used in a.yaml already; write another one',
    'b.yaml:6:9: the rule id "example-service" is used in a.yaml already; write another one',
  ])
  const twice = pack(DOMAIN) + HEAD.split('rules:\n')[1]! + DOMAIN.replace('example.com', 'example.net')
  expect(problems({ 'a.yaml': twice })).toEqual([
    'a.yaml:13:9: the rule "example-service" stands twice in this pack; remove one',
  ])
})

test('packs: the same name in two packs is allowed', () => {
  const other = pack(DOMAIN).replace('pack: example', 'pack: other').replace('id: example', 'id: other')
  expect(load({ 'a.yaml': pack(DOMAIN), 'b.yaml': other })).toHaveLength(2)
})

test('packs: a mistake inside an alias is shown where the text stands', () => {
  const told = problems({ 'x.yaml': pack(`    domains:\n      - &a { name: a b.com, ${SOURCED} }\n      - *a\n`) })
  expect(told.map((line) => line.split(' "')[0])).toEqual(['x.yaml:12:20:', 'x.yaml:12:20:'])
})

test('packs: aliases that would grow without end are refused', () => {
  const bomb = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`)
  const told = problems({ 'x.yaml': `a0: &a0 [x]\n${bomb.join('\n')}\n` })
  expect(told).toHaveLength(1)
  expect(told[0]).toContain('x.yaml: is not YAML that can be read (Excessive alias count')
})

test('packs: lists nested without end are refused', () => {
  const told = problems({ 'x.yaml': '['.repeat(50_000) })
  expect(told[0]).toMatch(/^x\.yaml:\d+:\d+: is not YAML that can be read/)
})

test('packs: a file name that would steer a terminal is shown harmless', () => {
  expect(problems({ '\u001b[31m.yaml': '' })[0]).toMatch(/^\\x1b\[31m\.yaml:1:1: /)
})

test('packs: a file that is too large is not read', () => {
  expect(problems({ 'x.yaml': new Uint8Array(16 * 1024 * 1024 + 1) })).toEqual([
    'x.yaml: has 16777217 bytes; 16777216 are the most, so split the pack',
  ])
})

test('packs: a pipe is not waited for', () => {
  const folder = temporaryFolder()
  execFileSync('mkfifo', [join(folder, 'x.yaml')])
  expect(() => loadPacks(folder)).toThrow('x.yaml: is not a regular file')
})

test('packs: a folder that is not there, and one without packs', () => {
  expect(() => loadPacks('/nowhere/rules')).toThrow(
    /^\/nowhere\/rules: cannot be read: there is no such file or folder \(ENOENT\); give a folder with rule packs$/,
  )
  expect(problems({ 'README.md': 'x' })).toEqual([': holds no rule pack; a pack is a file *.yaml'])
})

test('packs: problems can be read by programs', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'x.yaml')
  writeFileSync(file, pack('    domains: []\n'.replace('[]', `[{ name: com, ${SOURCED} }]`)))
  let problem: unknown
  try {
    loadPacks(folder)
  } catch (error) {
    problem = (error as PackError).problems[0]
  }
  expect(problem).toMatchObject({ file, line: 11, column: 23, message: expect.stringContaining('"com"') })
})
