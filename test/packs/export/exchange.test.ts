/**
 * STIX and MISP, checked with what their specifications say.
 *
 * What this stands on: the schemas below are ours, written from STIX 2.1 of
 * OASIS (sections 3.2 common properties, 4.7 indicator, 4.5 identity, 7.2.1.3
 * statement, 8 bundle, 9 patterning) and from draft-dulaunoy-misp-core-format
 * (revision 18: what an event and an attribute must have, and the types of the
 * category). No published schema is loaded, because no package of npm or Debian
 * holds one: @security-alliance/stix has types alone, the data model of ATT&CK
 * (@mitre-attack/attack-data-model) knows no indicator, and the validators of
 * OASIS and MISP are for Python. So the objects here are strict: a property
 * that the specification does not know is a mistake, as is one that it wants.
 *
 * On 2026-11-28 the exports of all that comes with the program, of the hostile
 * rules and of every kind of entry were checked by hand with what is published:
 * the schemas of oasis-open/cti-stix2-json-schemas (branch stix2.1) and its
 * grammar of patterns, and the schemas of MISP (format/2.5) and PyMISP. Where
 * they take less than the text of the specification, so do those below.
 */

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Policy } from '../../../src/events/rules.ts'
import { entriesOf, NO_WISHES } from '../../../src/packs/export/entry.ts'
import { exportRules } from '../../../src/packs/export/export.ts'
import { nameOf } from '../../../src/packs/export/name.ts'
import type { RuleSet } from '../../../src/packs/pack.ts'
import {
  certificate,
  domain,
  exact,
  fingerprint,
  fronted,
  HOSTILE_TEXTS,
  hostileRules,
  hosting,
  network,
  pack,
  rule,
  ruleSet,
  shippedRules,
  userAgent,
} from './support.ts'

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

const id = (type: string) => z.string().regex(new RegExp(`^${type}--${UUID}$`))
/** Section 3.2: RFC 3339 in UTC; `created` and `modified` to the millisecond. */
const timestamp = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[012])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/)
const COMMON = { spec_version: z.literal('2.1'), created: timestamp }
/** The sources whose ids have a form, which the ids of others must not have. */
const ID_FORMS: ReadonlyMap<string, RegExp> = new Map([
  ['cve', /^CVE-\d{4}-(0\d{3}|[1-9]\d{3,})$/],
  ['capec', /^CAPEC-\d+$/],
])
const REFERENCE = z
  .strictObject({
    source_name: z.string().min(1),
    description: z.string().min(1).optional(),
    external_id: z.string().min(1).optional(),
  })
  .refine((one) => one.description !== undefined || one.external_id !== undefined, 'says nothing of the source')
  .refine(({ source_name, external_id = '' }) => {
    const form = ID_FORMS.get(source_name)
    return form?.test(external_id) ?? ![...ID_FORMS.values()].some((other) => other.test(external_id))
  }, 'has an id in a form that is not that of its source')

const STIX_OBJECT = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('identity'),
    ...COMMON,
    id: id('identity'),
    modified: timestamp,
    name: z.string().min(1),
    identity_class: z.enum(['individual', 'group', 'system', 'organization', 'class', 'unknown']),
  }),
  z.strictObject({
    type: z.literal('marking-definition'),
    ...COMMON,
    id: id('marking-definition'),
    created_by_ref: id('identity'),
    definition_type: z.literal('statement'),
    definition: z.strictObject({ statement: z.string() }),
  }),
  z.strictObject({
    type: z.literal('indicator'),
    ...COMMON,
    id: id('indicator'),
    created_by_ref: id('identity'),
    modified: timestamp,
    name: z.string().min(1),
    description: z.string(),
    indicator_types: z
      .array(
        z.enum([
          'anomalous-activity',
          'anonymization',
          'benign',
          'compromised',
          'malicious-activity',
          'attribution',
          'unknown',
        ]),
      )
      .min(1),
    pattern: z.string().min(1),
    pattern_type: z.literal('stix'),
    pattern_version: z.literal('2.1'),
    valid_from: timestamp,
    confidence: z.int().min(0).max(100),
    labels: z.array(z.string()).min(1),
    external_references: z.array(REFERENCE).min(1).optional(),
    object_marking_refs: z.array(id('marking-definition')).min(1),
  }),
])
const BUNDLE = z.strictObject({ type: z.literal('bundle'), id: id('bundle'), objects: z.array(STIX_OBJECT).min(1) })

function bundleOf(rules: RuleSet) {
  return BUNDLE.parse(JSON.parse(exportRules(rules, 'stix', NO_WISHES).files[0]!.text))
}

function indicatorsOf(rules: RuleSet) {
  return bundleOf(rules).objects.filter((object) => object.type === 'indicator')
}

interface Comparison {
  path: string
  not: boolean
  operator: string
  value: string
}

/**
 * The tests of a pattern that is one observation, by the grammar of section 9: comparisons joined by OR, and after a
 * group in parentheses, by AND. Throws for anything else, so nothing stands in a pattern that is no comparison.
 */
function parsePattern(pattern: string): { meant: Comparison[]; excepted: Comparison[] } {
  const string = String.raw`'((?:[^'\\]|\\['\\])*)'`
  const step = String.raw`(?:[A-Za-z_]\w*|'[^'\\]+')` // a hyphen only in quotes
  const path = String.raw`[A-Za-z_][\w-]*:${step}(?:\.${step})*`
  const comparison = new RegExp(`^(${path}) (NOT )?(=|!=|LIKE|MATCHES|ISSUBSET) ${string}`)
  let rest = pattern
  const take = (text: string): boolean => {
    if (!rest.startsWith(text)) return false
    rest = rest.slice(text.length)
    return true
  }
  const need = (text: string): void => {
    if (!take(text)) throw new Error(`${text} is missing before ${rest}`)
  }
  const one = (): Comparison => {
    const found = comparison.exec(rest)
    if (found === null) throw new Error(`no comparison: ${rest}`)
    rest = rest.slice(found[0].length)
    const [, path, not, operator, value] = found
    return { path: path!, not: not !== undefined, operator: operator!, value: value!.replace(/\\(.)/g, '$1') }
  }
  need('[')
  const isGroup = take('(')
  const meant = [one()]
  while (take(' OR ')) meant.push(one())
  const excepted: Comparison[] = []
  if (isGroup) {
    need(')')
    while (take(' AND ')) excepted.push(one())
  }
  need(']')
  if (rest !== '') throw new Error(`after the end: ${rest}`)
  return { meant, excepted }
}

function holds({ not, operator, value }: Comparison, wanted: string): boolean {
  const like = new RegExp(`^${value.replace(/[.]/g, '\\.').replaceAll('%', '.*').replaceAll('_', '.')}$`)
  if (operator === '=') return wanted === value
  if (operator === '!=') return wanted !== value
  return (operator === 'LIKE' ? like : new RegExp(value)).test(wanted) !== not
}

function meets(pattern: string, name: string): boolean {
  const { meant, excepted } = parsePattern(pattern)
  return meant.some((one) => holds(one, name)) && excepted.every((one) => holds(one, name))
}

describe('STIX', () => {
  test.each([
    ['what comes with the program', shippedRules()],
    ['hostile', hostileRules()],
    ['nothing', ruleSet()],
  ])('is as the specification says: %s', (_, rules) => {
    const { objects } = bundleOf(rules)
    const ids = objects.map((object) => object.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const object of objects) {
      if ('created_by_ref' in object) expect(ids).toContain(object.created_by_ref)
      if (object.type !== 'indicator') continue
      for (const reference of object.object_marking_refs) expect(ids).toContain(reference)
      expect(object.created <= object.modified).toBe(true)
      parsePattern(object.pattern)
    }
  })

  test.each([
    ['example.com', true],
    ['a.b.example.com', true],
    ['notexample.com', false],
    ['example.com.evil.test', false],
    ['status.example.com', false],
    ['x.status.example.com', false],
    ['www.example.com', false],
    ['x.www.example.com', true],
  ])('the pattern of a suffix with exceptions: %s %s', (name, want) => {
    const unless = {
      domains: [
        { value: 'status.example.com', match: 'suffix' as const },
        { value: 'www.example.com', match: 'exact' as const },
      ],
      networks: [],
      clients: [],
    }
    const { pattern } = indicatorsOf(ruleSet(rule('r', [domain('example.com')], { unless })))[0]!
    expect(meets(pattern, name)).toBe(want)
  })

  test('an underscore in a name is itself', () => {
    const { pattern } = indicatorsOf(ruleSet(rule('r', [domain('a_b.example.com')])))[0]!
    expect(['a_b.example.com', 'x.a_b.example.com'].map((name) => meets(pattern, name))).toEqual([true, true])
    expect(['acb.example.com', 'x.acb.example.com', 'a_bxexample.com'].map((name) => meets(pattern, name))).toEqual([
      false,
      false,
      false,
    ])
  })

  test.each([
    [network('192.0.2.1/32'), "[ipv4-addr:value = '192.0.2.1']"],
    [network('192.0.2.0/24'), "[ipv4-addr:value ISSUBSET '192.0.2.0/24']"],
    [network('2001:db8::/32'), "[ipv6-addr:value ISSUBSET '2001:db8::/32']"],
    [exact('chat.example.com'), "[domain-name:value = 'chat.example.com']"],
    [domain('example.com'), "[domain-name:value = 'example.com' OR domain-name:value LIKE '%.example.com']"],
    [
      userAgent("o'brien\\1"),
      "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'o\\'brien\\\\1']",
    ],
  ])('%j', (indicator, pattern) => {
    expect(indicatorsOf(ruleSet(rule('r', [indicator])))[0]!.pattern).toBe(pattern)
  })

  test('a user agent with a * is a pattern in which only that means something', () => {
    const { pattern } = indicatorsOf(ruleSet(rule('r', [userAgent('a.b(*)+')])))[0]!
    const { value } = parsePattern(pattern).meant[0]!
    expect(
      ['a.b()+', 'a.b(anything)+', 'aXb()+', 'a.b()', 'xa.b()+'].map((one) => new RegExp(value).test(one)),
    ).toEqual([true, true, false, false, false])
  })

  test('a watched name in front of a CDN whose name is a pattern', () => {
    const { pattern } = indicatorsOf(ruleSet(rule('r', [fronted('example.com', 'cdn*.test', 1)])))[0]!
    const names = [
      'a.example.com.1a2b.cdnx.test',
      'example.com.cdn7.test',
      'example.com.a.b.cdn7.test',
      'xexample.com.cdn7.test',
    ]
    expect(names.map((name) => meets(pattern, name))).toEqual([true, true, false, false])
  })

  test('a newer version changes `modified` alone, and the same version nothing', () => {
    const rules = [rule('r', [domain('example.com', { seen: '2026-05-21/2026-09-24' })])]
    const at = (version: string) =>
      indicatorsOf({ packs: [pack('p', rules, { version })], policies: [], never: [] })[0]!
    const old = at('2026.11.22')
    expect(at('2026.11.22')).toEqual(old)
    expect(at('2026.11.23')).toEqual({
      ...old,
      modified: '2026-11-23T00:00:00.000Z',
      object_marking_refs: at('2026.11.23').object_marking_refs,
    })
    expect(old.valid_from).toBe('2026-05-21T00:00:00.000Z')
  })

  test('no references is no property, because a list may not be empty', () => {
    expect(indicatorsOf(ruleSet(rule('r', [domain('example.com', { sources: [] })])))[0]).not.toHaveProperty(
      'external_references',
    )
  })

  test('policies and techniques are references', () => {
    const policy: Policy = {
      id: 'cz-warning',
      title: 'Warning',
      country: 'CZ',
      authority: 'Authority',
      date: '2025-07-10',
      reference: '1/2025',
      scope: 'all',
      sources: [],
    }
    const one = rule('r', [domain('example.com')], {
      policy: ['cz-warning', 'unknown'],
      attack: ['T1567', 'AML.T0057'],
    })
    const rules = { packs: [pack('p', [one])], policies: [policy], never: [] }
    expect(indicatorsOf(rules)[0]!.external_references?.slice(1)).toEqual([
      { source_name: 'mitre-attack', external_id: 'T1567' },
      { source_name: 'mitre-atlas', external_id: 'AML.T0057' },
      { source_name: 'Authority', external_id: 'cz-warning', description: 'Warning, 2025-07-10' },
      { source_name: 'policy', external_id: 'unknown' },
    ])
  })

  test.each(['cve', 'capec'])('an authority that has the name of a source with ids of its own: %s', (authority) => {
    const policy = {
      id: 'p-1',
      title: 'T',
      country: 'CZ',
      authority,
      date: '2025',
      reference: 'R',
      scope: 'S',
      sources: [],
    }
    const one = rule('r', [domain('example.com')], { policy: ['p-1'] })
    const rules = { packs: [pack('p', [one])], policies: [policy], never: [] }
    expect(indicatorsOf(rules)[0]!.external_references?.slice(1)).toEqual([
      { source_name: 'policy', external_id: 'p-1', description: 'T, 2025' },
    ])
  })
})

/** Numbers are text in the format, and the types are those that MISP allows in the category. */
const SECONDS = z.string().regex(/^\d+$/)
const ATTRIBUTE = z.strictObject({
  uuid: z.string().regex(new RegExp(`^${UUID}$`)),
  type: z.enum(['domain', 'hostname', 'ip-dst', 'AS', 'user-agent', 'ja3-fingerprint-md5', 'other']),
  category: z.literal('Network activity'),
  value: z.string().min(1),
  to_ids: z.boolean(),
  comment: z.string(),
  timestamp: SECONDS,
  distribution: z.enum(['0', '1', '2', '3', '5']),
  sharing_group_id: z.literal('0'), // since the distribution is not 4
  deleted: z.literal(false),
  disable_correlation: z.boolean(),
  Tag: z
    .array(z.strictObject({ name: z.string().min(1) }))
    .refine((tags) => new Set(tags.map(({ name }) => name)).size === tags.length, 'has a tag twice'),
})
const EVENT = z.strictObject({
  Event: z.strictObject({
    uuid: z.string().regex(new RegExp(`^${UUID}$`)),
    info: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^\r\n]*$/),
    date: z.iso.date(),
    timestamp: SECONDS,
    publish_timestamp: z.literal('0'), // never published
    attribute_count: z.string().regex(/^\d+$/),
    sharing_group_id: z.literal('0'),
    threat_level_id: z.enum(['1', '2', '3', '4']),
    analysis: z.enum(['0', '1', '2']),
    distribution: z.enum(['0', '1', '2', '3']),
    published: z.boolean(),
    Orgc: z.strictObject({ name: z.string(), uuid: z.string().regex(new RegExp(`^${UUID}$`)) }),
    Attribute: z.array(ATTRIBUTE),
  }),
})

function eventOf(rules: RuleSet) {
  return EVENT.parse(JSON.parse(exportRules(rules, 'misp', NO_WISHES).files[0]!.text)).Event
}

describe('MISP', () => {
  test.each([
    ['what comes with the program', shippedRules()],
    ['nothing', ruleSet()],
    ['hostile', withoutEmptyValues(hostileRules())],
  ])('is as the format says: %s', (_, rules) => {
    const { Attribute, attribute_count } = eventOf(rules)
    expect(attribute_count).toBe(String(Attribute.length))
    const keys = Attribute.map(({ type, value }) => `${type} ${value}`)
    expect(new Set(keys).size, 'a value of a type stands once').toBe(keys.length)
    const uuids = new Set(Attribute.map(({ uuid }) => uuid))
    expect(uuids.size).toBe(Attribute.length)
  })

  test('every entry that comes with the program has its attribute', () => {
    const values = new Set(eventOf(shippedRules()).Attribute.map(({ value }) => value))
    for (const { indicator } of entriesOf(shippedRules())) {
      const value = nameOf(indicator)?.value ?? indicator.value.replace(/\/(32|128)$/, '')
      const want = indicator.kind === 'hosting' ? `AS${indicator.asn}` : value
      expect(values, indicator.value).toContain(want)
    }
  })

  test('types, and what is evidence alone', () => {
    const telemetry = { strengthens: { rules: ['r'], withinUs: 1 } }
    const rules = ruleSet(
      rule('r', [
        domain('example.com'),
        exact('chat.example.com'),
        domain('rumour.example', { confidence: 'low' }),
        network('192.0.2.1/32'),
        network('2001:db8::/32'),
        network('192.0.2.2/32', { shared: true }),
        userAgent('harness/1'),
        userAgent('harness/*'),
        fingerprint('ja3', 'f146948b4a599d4d7ddf071b74696983'),
        fingerprint('ja4', 't13d041000_16476d049b0b_78f1d400d464'),
        certificate('cert.example'),
      ]),
      rule('t', [domain('telemetry.example')], telemetry),
      rule('l', [domain('fake.example')], { category: 'lookalike' }),
      rule('i', [domain('broker.example')], { category: 'indirect' }),
      rule('h', [hosting('CN', 64500)], { category: 'hosting' }),
    )
    expect(eventOf(rules).Attribute.map(({ type, value, to_ids }) => `${type} ${value} ${to_ids}`)).toEqual([
      'domain example.com true',
      'hostname chat.example.com true',
      'domain rumour.example false',
      'ip-dst 192.0.2.1 true',
      'ip-dst 2001:db8::/32 true',
      'ip-dst 192.0.2.2 false',
      'user-agent harness/1 true',
      'other harness/* false',
      'ja3-fingerprint-md5 f146948b4a599d4d7ddf071b74696983 true',
      'other t13d041000_16476d049b0b_78f1d400d464 false',
      'other cert.example false',
      'domain telemetry.example false',
      'domain fake.example true',
      'domain broker.example false',
      'AS AS64500 false',
    ])
  })

  test('of a value that stands twice the one that is evidence is kept', () => {
    const rules = ruleSet(
      rule('t', [domain('example.com')], { strengthens: { rules: ['r'], withinUs: 1 } }),
      rule('r', [domain('example.com')]),
    )
    expect(eventOf(rules).Attribute).toMatchObject([{ value: 'example.com', to_ids: true }])
    expect(exportRules(rules, 'misp', NO_WISHES).left.entryCount).toBe(1)
  })

  test('ids stay from version to version', () => {
    const at = (version: string) =>
      eventOf({ packs: [pack('p', [rule('r', [domain('example.com')])], { version })], policies: [], never: [] })
    const [old, next] = [at('2026.11.22'), at('2026.11.23')]
    expect(next.uuid).toBe(old.uuid)
    expect(next.Attribute[0]!.uuid).toBe(old.Attribute[0]!.uuid)
    expect(Number(next.timestamp)).toBeGreaterThan(Number(old.timestamp))
  })

  test('many services are one short line', () => {
    const rules = Array.from({ length: 60 }, (_, i) =>
      rule(`r${i}`, [exact(`n${i}.example`)], { service: `Service ${i}\nof many` }),
    )
    expect(eventOf(ruleSet(...rules)).info).toMatch(
      /^Seekwatch rule packs: Service 0 of many, .*\.\.\. \(version .*\)$/,
    )
  })

  test('hostile texts are read back as they were', () => {
    const rules = ruleSet(
      ...HOSTILE_TEXTS.map((text, i) => rule(`r${i}`, [exact(`n${i}.example`, { role: text })], { title: 'T' })),
    )
    expect(eventOf(rules).Attribute.map(({ comment }) => comment)).toEqual(HOSTILE_TEXTS.map((text) => `T: ${text}`))
  })
})

function withoutEmptyValues(rules: RuleSet): RuleSet {
  for (const one of rules.packs[0]!.rules) one.indicators = one.indicators.filter(({ value }) => value !== '')
  return rules
}
