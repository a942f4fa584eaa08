/** The newer words of a pack, the other files of a folder, lists beside packs, and what a site changes. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadRules, PackError } from '../../src/packs/load.ts'
import type { Rule, RuleSet } from '../../src/packs/pack.ts'
import { problemText } from '../../src/packs/problem.ts'
import { temporaryFolder } from '../support/folder.ts'
import { DOMAIN, HEAD, SOURCED } from '../support/pack-text.ts'

interface Loaded {
  rules: RuleSet
  warnings: string[]
}

/** What a folder that holds these files says; a name with `site/` in front lies in the folder of the site. */
function load(files: Record<string, string>): Loaded {
  const folder = temporaryFolder()
  const hasSite = Object.keys(files).some((name) => name.startsWith('site/'))
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name.startsWith('site/') ? name : `rules/${name}`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  const warnings: string[] = []
  const rules = loadRules(join(folder, 'rules'), hasSite ? join(folder, 'site') : undefined, (warning) =>
    warnings.push(problemText(warning).replaceAll(`${folder}/`, '')),
  )
  return { rules, warnings }
}

function problems(files: Record<string, string>): string[] {
  try {
    load(files)
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    return error.message.split('\n').map((line) => line.replace(/[^\s]*\/seekwatch-test-[^/:]*\/?/g, ''))
  }
  return []
}

const only = ({ rules }: Loaded): Rule => rules.packs[0]!.rules[0]!
const FROM = { role: 'web', confidence: 'high', seen: '', sources: ['a page'], use: null }

test('packs: every kind of entry', () => {
  const rule = only(
    load({
      'x.yaml': `${HEAD}
    domains:
      - { name: a.example, use: chat, ${SOURCED} }
    fronted:
      - { name: Example.com., cdn: eo.CDN.example, ${SOURCED} }
      - { names: [a.example, b.example], cdns: [c*n.example.net, cdn.example], labels_between: 2, ${SOURCED} }
    networks:
      - { cidr: 192.0.2.0/24, shared: true, ${SOURCED} }
    hosting:
      - { country: CN, asn: 1, ${SOURCED} }
      - { country: CN, ${SOURCED} }
      - { asn: 1, ${SOURCED} }
    user_agents:
      - { agent: Example/* Android/*, ${SOURCED} }
      - { agents: ["example (x)"], ${SOURCED} }
    fingerprints:
      - { ja3: 3ADACB99ecb51ed59c4f6c4ed9a7dcaa, ${SOURCED} }
      - { ja4: t13d1516h2_8daaf6152771_b186095e22b6, ${SOURCED} }
    certificates:
      - { name: pinned.example, match: exact, ${SOURCED} }
    needs: { rules: [other-rule], within: 90s }
    unless:
      domains: [{ name: Help.example.com }, { names: [x.example], match: exact }]
      networks: [192.0.2.0/24]
      clients: [10.0.0.0/8, '2001:DB8::/32']
`,
    }),
  )
  expect(rule.indicators).toEqual([
    { kind: 'domain', value: 'a.example', match: 'suffix', ...FROM, use: 'chat' },
    { kind: 'certificate', value: 'pinned.example', match: 'exact', ...FROM },
    fronted('example.com', 'eo.cdn.example', 0),
    fronted('a.example', 'c*n.example.net', 2),
    fronted('a.example', 'cdn.example', 2),
    fronted('b.example', 'c*n.example.net', 2),
    fronted('b.example', 'cdn.example', 2),
    { kind: 'network', value: '192.0.2.0/24', shared: true, ...FROM },
    { kind: 'hosting', value: 'CN AS1', country: 'CN', asn: 1, ...FROM },
    { kind: 'hosting', value: 'CN', country: 'CN', asn: 0, ...FROM },
    { kind: 'hosting', value: 'AS1', country: '', asn: 1, ...FROM },
    { kind: 'user_agent', value: 'Example/* Android/*', ...FROM },
    { kind: 'user_agent', value: 'example (x)', ...FROM },
    { kind: 'fingerprint', method: 'ja3', value: '3adacb99ecb51ed59c4f6c4ed9a7dcaa', ...FROM },
    { kind: 'fingerprint', method: 'ja4', value: 't13d1516h2_8daaf6152771_b186095e22b6', ...FROM },
  ])
  expect(rule.needs).toEqual({ rules: ['other-rule'], withinUs: 90e6 })
  expect(rule.strengthens).toBeNull()
  expect(rule.unless).toEqual({
    domains: [
      { value: 'help.example.com', match: 'suffix' },
      { value: 'x.example', match: 'exact' },
    ],
    networks: ['192.0.2.0/24'],
    clients: ['10.0.0.0/8', '2001:db8::/32'],
  })
})

function fronted(name: string, cdn: string, labelsBetween: number) {
  return { kind: 'fronted', value: `${name} in front of ${cdn}`, name, cdn, labelsBetween, ...FROM }
}

test('packs: a span of time in seconds, minutes and hours', () => {
  for (const [written, us] of [
    ['30s', 30e6],
    ['5m', 300e6],
    ['24h', 86_400e6],
  ] as const) {
    const rule = only(load({ 'x.yaml': `${HEAD}${DOMAIN}    strengthens: { rules: [a], within: ${written} }\n` }))
    expect(rule.strengthens).toEqual({ rules: ['a'], withinUs: us })
  }
})

const POLICY = `policies:
  - id: cz-x-2025
    title: A warning
    country: CZ
    authority: NÚKIB
    date: "2025-07-10"
    reference: Warning 1
    scope: everything
    sources: [a page]
`
const NEVER = `never:
  - names: [Hub.example., hub.example.net]
    why: third parties
    categories: [service, indirect]
    sources: [a page]
  - name: x.example
    match: exact
    why: somebody else
    categories: [service]
`

test('packs: policies and names that must not alert are files beside the packs', () => {
  const { rules } = load({ 'a.yaml': HEAD + DOMAIN, 'policies.yaml': POLICY, 'n.yaml': NEVER })
  expect(rules.packs).toHaveLength(1)
  expect(rules.policies).toEqual([
    {
      id: 'cz-x-2025',
      title: 'A warning',
      country: 'CZ',
      authority: 'NÚKIB',
      date: '2025-07-10',
      reference: 'Warning 1',
      scope: 'everything',
      sources: ['a page'],
    },
  ])
  expect(rules.never).toEqual([
    { value: 'hub.example', match: 'suffix', why: 'third parties', categories: ['service', 'indirect'] },
    { value: 'hub.example.net', match: 'suffix', why: 'third parties', categories: ['service', 'indirect'] },
    { value: 'x.example', match: 'exact', why: 'somebody else', categories: ['service'] },
  ])
})

const entries = (key: string, entry: string): string => `${HEAD}    ${key}:\n      - { ${entry}, ${SOURCED} }\n`
const mistakes: Array<{ name: string; files: Record<string, string>; want: string }> = [
  {
    name: 'the name of a CDN that is everybody',
    files: { 'x.yaml': entries('fronted', 'name: a.example, cdn: c*.com') },
    want: 'rules/x.yaml:12:33: "c*.com" would match nearly any name; write more of the name of the CDN',
  },
  {
    name: 'a CDN with a star for its top-level domain',
    files: { 'x.yaml': entries('fronted', 'name: a.example, cdn: example.co*') },
    want: 'rules/x.yaml:12:33: "example.co*" would match nearly any name',
  },
  {
    name: 'a CDN without a name in front',
    files: { 'x.yaml': entries('fronted', 'cdn: cdn.example') },
    want: 'rules/x.yaml:12:9: write name for one or names for a list, and only one of them',
  },
  {
    name: 'a star in a domain',
    files: { 'x.yaml': entries('domains', 'name: a*.example.com') },
    want: 'rules/x.yaml:12:17: "a*.example.com" is not a domain name (a label may hold letters',
  },
  {
    name: 'more labels between than anybody has',
    files: { 'x.yaml': entries('fronted', 'name: a.example, cdn: cdn.example, labels_between: 9') },
    want: 'rules/x.yaml:12:62: labels_between must be 4 or less',
  },
  {
    name: 'hosting anywhere',
    files: { 'x.yaml': `${HEAD}    hosting:\n      - { ${SOURCED} }\n` },
    want: 'rules/x.yaml:12:9: write country, asn or both',
  },
  {
    name: 'a user agent that everybody has',
    files: { 'x.yaml': entries('user_agents', 'agent: "*/1*"') },
    want: 'rules/x.yaml:12:18: "*/1*" would match nearly any user agent; write at least 4 letters or digits of it',
  },
  {
    name: 'a user agent with letters that it cannot have',
    files: { 'x.yaml': entries('user_agents', 'agent: Příklad/*') },
    want: 'rules/x.yaml:12:18: "P\\u{159}\\xedklad/*" holds a character that user agents do not have',
  },
  {
    name: 'half a JA3',
    files: { 'x.yaml': entries('fingerprints', 'ja3: 3adacb99') },
    want: 'rules/x.yaml:12:16: ja3 is not a JA3; write its 32 hexadecimal digits',
  },
  {
    name: 'a JA4 of a server',
    files: { 'x.yaml': entries('fingerprints', 'ja4: t130200_1301_a56c5b993250') },
    want: 'rules/x.yaml:12:16: ja4 is not a JA4; write it whole',
  },
  {
    name: 'both fingerprints in one entry',
    files: {
      'x.yaml': entries('fingerprints', `ja3: ${'a'.repeat(32)}, ja4: t13d1516h2_8daaf6152771_b186095e22b6`),
    },
    want: 'rules/x.yaml:12:9: write ja3 or ja4, and only one of them',
  },
  {
    name: 'a use of its own',
    files: { 'x.yaml': entries('domains', 'name: a.example, use: chatting') },
    want: 'rules/x.yaml:12:33: use is none of the words for it; write chat, file_transfer, api, page, app_start or telemetry',
  },
  {
    name: 'a span of time without a unit',
    files: { 'x.yaml': `${HEAD}${DOMAIN}    needs: { rules: [a], within: 5 }\n` },
    want: 'rules/x.yaml:13:34: within must be text like 5m',
  },
  {
    name: 'a span of time of days',
    files: { 'x.yaml': `${HEAD}${DOMAIN}    needs: { rules: [a], within: 25h }\n` },
    want: 'rules/x.yaml:13:34: within is longer than a day',
  },
  {
    name: 'needs without rules',
    files: { 'x.yaml': `${HEAD}${DOMAIN}    needs: { rules: [], within: 5m }\n` },
    want: 'rules/x.yaml:13:21: rules is empty; write at least one id',
  },
  {
    name: 'a rule that strengthens and needs',
    files: {
      'x.yaml': `${HEAD}${DOMAIN}    needs: { rules: [a], within: 5m }\n    strengthens: { rules: [a], within: 5m }\n`,
    },
    want: 'rules/x.yaml:6:5: write strengthens or needs, and not both',
  },
  {
    name: 'an exception that is no network',
    files: { 'x.yaml': `${HEAD}${DOMAIN}    unless: { clients: [10.0.0.1] }\n` },
    want: 'rules/x.yaml:13:25: "10.0.0.1" has no prefix length; write 10.0.0.1/32',
  },
  {
    name: 'a policy without a date',
    files: { 'x.yaml': HEAD + DOMAIN, 'y.yaml': POLICY.replace(/ {4}date.*\n/, '') },
    want: 'rules/y.yaml:2:5: date is missing; write it',
  },
  {
    name: 'two policies of one name',
    files: { 'x.yaml': HEAD + DOMAIN, 'y.yaml': POLICY + POLICY.replace('policies:\n', '') },
    want: 'rules/y.yaml:10:9: the policy id "cz-x-2025" is used in rules/y.yaml already; write another one',
  },
  {
    name: 'a name that must not alert without a reason',
    files: { 'x.yaml': HEAD + DOMAIN, 'y.yaml': NEVER.replace(/ {4}why: third.*\n/, '') },
    want: 'rules/y.yaml:2:5: why is missing; write it',
  },
  {
    name: 'a category that there is not',
    files: { 'x.yaml': HEAD + DOMAIN, 'y.yaml': NEVER.replace('indirect]', 'all]') },
    want: 'rules/y.yaml:4:27: categories is none of the words for it; write service, affiliate',
  },
  {
    name: 'overrides in the folder of the packs',
    files: { 'x.yaml': HEAD + DOMAIN, 'y.yaml': 'overrides:\n  - { rule: a, why: b, disable: true }\n' },
    want: 'rules/y.yaml:2:3: holds overrides, which belong into the folder of the site; give that with --site-rules',
  },
  {
    name: 'an override that says nothing',
    files: { 'x.yaml': HEAD + DOMAIN, 'site/y.yaml': 'overrides:\n  - { rule: a, why: b }\n' },
    want: 'site/y.yaml:2:5: changes nothing; write disable, severity, without, unless or entries',
  },
  {
    name: 'an override without a reason',
    files: { 'x.yaml': HEAD + DOMAIN, 'site/y.yaml': 'overrides:\n  - { rule: a, disable: true }\n' },
    want: 'site/y.yaml:2:5: why is missing; write it',
  },
  {
    name: 'disable: false',
    files: { 'x.yaml': HEAD + DOMAIN, 'site/y.yaml': 'overrides:\n  - { rule: a, why: b, disable: false }\n' },
    want: 'site/y.yaml:2:33: disable must be true, or be left out',
  },
  {
    name: 'a pack of the site with the id of one of ours',
    files: { 'x.yaml': HEAD + DOMAIN, 'site/x.yaml': HEAD + DOMAIN },
    want: 'site/x.yaml:1:7: the pack id "example" is used in rules/x.yaml already; write another one',
  },
]
for (const { name, files, want } of mistakes) {
  test(`packs: ${name}`, () => {
    const told = problems(files)
    expect(told[0]?.slice(0, want.length)).toBe(want)
  })
}

describe('packs: lists beside a pack', () => {
  const LISTED = `${HEAD}    domains:\n      - { names_file: names.txt, match: exact, ${SOURCED} }\n    networks:\n      - { cidrs_file: nets.txt, shared: true, ${SOURCED} }\n`
  const nets = '192.0.2.0/24\n2001:DB8::/32\n'

  test('are read line by line, with comments', () => {
    const names = '# one a line\n\nA.example.\r\n  b.example  # the second\nc.example'
    const { indicators } = only(load({ 'x.yaml': LISTED, 'names.txt': names, 'nets.txt': nets }))
    expect(indicators.map(({ value }) => value)).toEqual([
      'a.example',
      'b.example',
      'c.example',
      '192.0.2.0/24',
      '2001:db8::/32',
    ])
    expect(indicators[0]).toEqual({ kind: 'domain', value: 'a.example', match: 'exact', ...FROM })
  })

  const wrong: Array<{ name: string; files: Record<string, string>; want: string[] }> = [
    {
      name: 'a mistake is told with its line in the list',
      files: { 'names.txt': `${'# filler\n'.repeat(39)}a.example\n exa mple.com # x\ncom\n`, 'nets.txt': '1.2.3.4\n' },
      want: [
        'rules/names.txt:41:2: "exa mple.com" is not a domain name (a space in a label)',
        'rules/names.txt:42:1: "com" has only one label and would match a whole top-level domain; write a name below it',
        'rules/nets.txt:1:1: "1.2.3.4" has no prefix length; write 1.2.3.4/32 for this one address',
      ],
    },
    {
      name: 'a value twice',
      files: { 'names.txt': 'a.example\nb.example\nA.example.\n', 'nets.txt': nets },
      want: ['rules/names.txt:3:1: "A.example." stands in line 1 already; remove one of the two'],
    },
    {
      name: 'a range twice, written in two ways, behind a comment and with carriage returns',
      files: { 'names.txt': 'a.example\n', 'nets.txt': '# two\r\n2001:db8::/32\r\n\r\n  2001:DB8:0::/32 # again\r\n' },
      want: ['rules/nets.txt:4:3: "2001:DB8:0::/32" stands in line 2 already; remove one of the two'],
    },
    {
      name: 'a list that is not there',
      files: { 'nets.txt': nets },
      want: ['rules/x.yaml:12:23: the list names.txt cannot be read; put it beside rules/x.yaml'],
    },
    {
      name: 'a list with nothing in it',
      files: { 'names.txt': '# later\n', 'nets.txt': nets },
      want: ['rules/names.txt: the list is empty; write one value a line'],
    },
    {
      name: 'a list that would steer a terminal',
      files: { 'names.txt': 'a\u001b[31m.example\n', 'nets.txt': nets },
      want: [
        'rules/names.txt:1:1: "a\\x1b[31m.example" is not a domain name (a label may hold letters, digits, hyphens and underscores only)',
      ],
    },
    {
      name: 'a thousand mistakes are told as fifty and a number',
      files: { 'names.txt': Array.from({ length: 1000 }, (_, i) => `n${i}\n`).join(''), 'nets.txt': nets },
      want: [],
    },
  ]
  for (const { name, files, want } of wrong) {
    test(name, () => {
      const told = problems({ 'x.yaml': LISTED, ...files })
      if (want.length > 0) expect(told).toEqual(want)
      else expect([told.length, told.at(-1)]).toEqual([51, 'and 950 more'])
    })
  }

  test('lie beside the pack and nowhere else', () => {
    for (const file of ['../names.txt', '/etc/passwd', 'a/b.txt', '.hidden', 'a b'])
      expect(problems({ 'x.yaml': entries('domains', `names_file: ${file}`) })[0]).toBe(
        'rules/x.yaml:12:23: names_file is not the name of a file beside the pack; write it without a path, names.txt',
      )
  })

  test('a name in a list and in the pack is there twice', () => {
    const told = problems({
      'x.yaml': `${HEAD}    domains:\n      - { name: a.example, ${SOURCED} }\n      - { names_file: n.txt, ${SOURCED} }\n`,
      'n.txt': 'b.example\na.example\n',
    })
    expect(told).toEqual(['rules/x.yaml:13:23: "a.example" stands twice in this pack; remove one'])
  })

  test('a name in a list and then in the pack, or in two lists, is there twice; another kind of match is another entry', () => {
    const listed = (file: string, more = '') => `      - { names_file: ${file}${more}, ${SOURCED} }\n`
    const told = problems({
      'x.yaml': `${HEAD}    domains:\n${listed('n.txt')}      - { names: [c.example, A.example], ${SOURCED} }\n${listed('m.txt')}${listed('n.txt', ', match: exact')}`,
      'n.txt': 'a.example\nb.example\n',
      'm.txt': 'd.example\nb.example\nc.example\n',
    })
    expect(told).toEqual([
      'rules/x.yaml:13:30: "a.example" stands twice in this pack; remove one',
      'rules/x.yaml:14:23: "b.example" stands twice in this pack; remove one',
      'rules/x.yaml:14:23: "c.example" stands twice in this pack; remove one',
    ])
  })
})

describe('packs: a site', () => {
  const RULE = `${HEAD}    domains:
      - { name: example.com, ${SOURCED} }
      - { name: example.net, ${SOURCED} }
    networks:
      - { cidr: '2001:db8::/32', shared: false, ${SOURCED} }
`
  const own = `${HEAD.replaceAll('example', 'own')}    domains:\n      - { name: own.example, ${SOURCED} }\n`

  test('adds packs, policies and names', () => {
    const { rules } = load({ 'x.yaml': RULE, 'site/own.yaml': own, 'site/p.yaml': POLICY, 'site/n.yaml': NEVER })
    expect(rules.packs.map(({ id }) => id)).toEqual(['example', 'own'])
    expect([rules.policies.length, rules.never.length]).toEqual([1, 3])
  })

  test('changes rules without touching them', () => {
    const { rules, warnings } = load({
      'x.yaml': RULE,
      'site/own.yaml': own,
      'site/z.yaml': `overrides:
  - rule: example-service
    why: our own decision
    severity: low
    without: [EXAMPLE.net., "2001:DB8::/32"]
    domains:
      - { name: more.example, match: exact, ${SOURCED} }
    unless:
      clients: [10.9.0.0/16]
  - rule: own-service
    why: not yet
    disable: true
`,
    })
    const [changed, off] = rules.packs
    expect(changed!.rules).toHaveLength(1)
    expect(changed!.rules[0]).toMatchObject({
      severity: 'low',
      indicators: [
        { kind: 'domain', value: 'example.com' },
        { kind: 'domain', value: 'more.example', match: 'exact' },
      ],
      unless: { domains: [], networks: [], clients: ['10.9.0.0/16'] },
    })
    expect(off!.rules).toEqual([])
    expect(warnings).toEqual([])
  })

  test('is told of overrides that change nothing', () => {
    const { rules, warnings } = load({
      'x.yaml': RULE,
      'site/z.yaml': `overrides:
  - rule: no-such-rule
    why: x
    disable: true
  - rule: example-service
    why: x
    without: [example.com, gone.example, exmaple.com]
  - rule: exmaple-service
    why: x
    severity: low
`,
    })
    expect(rules.packs[0]!.rules[0]!.indicators).toHaveLength(2)
    expect(warnings).toEqual([
      'site/z.yaml:2:11: there is no rule "no-such-rule", so this override changes nothing; remove it or mend the id',
      'site/z.yaml:7:28: the rule "example-service" has no entry "gone.example"; remove this line or mend it',
      'site/z.yaml:7:42: the rule "example-service" has no entry "exmaple.com"; did you mean "example.com"?',
      'site/z.yaml:8:11: there is no rule "exmaple-service", so this override changes nothing; did you mean "example-service"?',
    ])
  })

  test('is told of an entry that the rule has already, and not of one that takes the place of another', () => {
    const again = (more: string) => `overrides:
  - rule: example-service
    why: x
${more}    domains:
      - { name: example.com, role: ours, confidence: high, sources: [x] }
`
    const told = (text: string) => load({ 'x.yaml': RULE, 'site/z.yaml': text }).warnings
    expect(told(again(''))).toEqual([
      'site/z.yaml:2:5: the rule "example-service" has the entry "example.com" already; remove it here',
    ])
    expect(told(again('    without: [example.com]\n'))).toEqual([])
    expect(told(again('').replace('name: example.com', 'name: example.com, match: exact'))).toEqual([])
  })

  test('may have an empty folder, but not one that is not there', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'rules'))
    mkdirSync(join(folder, 'site'))
    writeFileSync(join(folder, 'rules/x.yaml'), RULE)
    expect(loadRules(join(folder, 'rules'), join(folder, 'site')).packs).toHaveLength(1)
    expect(() => loadRules(join(folder, 'rules'), join(folder, 'nowhere'))).toThrow(
      'nowhere: cannot be read: there is no such file or folder (ENOENT)',
    )
  })
})
