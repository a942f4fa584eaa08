/** The packs that are shipped: what must be in them, and what must not. */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compileRules } from '../../src/detect/compile.ts'
import { Matcher } from '../../src/detect/match.ts'
import { loadRules } from '../../src/packs/load.ts'

const set = loadRules(join(import.meta.dirname, '../../rules'))
const { packs } = set
const rules = packs.flatMap((pack) => pack.rules)
const matcher = new Matcher(compileRules(set))

/** The rules that alert on `name`, and their most specific entries. */
function find(name: string): Array<{ rule: string; role: string; confidence: string }> {
  return matcher
    .byName(name)
    .filter(({ rule }) => rule.strengthens === null)
    .map(({ rule, indicator: { role, confidence } }) => ({ rule: rule.id, role, confidence }))
}

test('rules: what is shipped', () => {
  const got = rules.map(({ id, service, category, severity, policy, attack }) => [
    id,
    service,
    category,
    severity,
    policy,
    attack,
  ])
  const policies = ['cz-nukib-2025-07-10', 'cz-government-2025-07-09']
  expect(got).toEqual([
    ['deepseek-service', 'DeepSeek', 'service', 'high', policies, ['T1567', 'T1071.001']],
    ['deepseek-harness', 'DeepSeek', 'service', 'medium', policies, ['T1071.001']],
    ['deepseek-affiliate', 'High-Flyer', 'affiliate', 'medium', ['cz-nukib-2025-07-10'], []],
    ['deepseek-telemetry', 'DeepSeek', 'service', 'info', [], []],
    ['hosting-cn', 'Hosting in China', 'hosting', 'info', ['cz-nukib-2025-09-03'], []],
    ['hosting-cn-carrier', 'Hosting in China', 'hosting', 'info', ['cz-nukib-2025-09-03'], []],
    ['hosting-ru', 'Hosting in Russia', 'hosting', 'info', [], []],
    ['hosting-ru-carrier', 'Hosting in Russia', 'hosting', 'info', [], []],
    ['deepseek-indirect', 'Possible indirect use of DeepSeek', 'indirect', 'info', [], []],
    ['deepseek-lookalike', 'DeepSeek look-alikes', 'lookalike', 'medium', [], []],
  ])
  for (const { id, licence } of packs) expect(licence, id).toBe('CC0-1.0')
})

const found: Array<{ name: string; rule: string; role: string; confidence: string }> = [
  { name: 'chat.deepseek.com', rule: 'deepseek-service', role: 'web chat', confidence: 'high' },
  { name: 'new.deepseek.com', rule: 'deepseek-service', role: 'all of web', confidence: 'high' },
  { name: 'x.chat.deepseek.com', rule: 'deepseek-service', role: 'all of web', confidence: 'high' },
  { name: 'files.deepseeksvc.com', rule: 'deepseek-service', role: 'attachments', confidence: 'high' },
  { name: 'api.deepseek.cn', rule: 'deepseek-service', role: 'has no address', confidence: 'low' },
  { name: 'public.deepseekcdn.com', rule: 'deepseek-service', role: 'not proven', confidence: 'low' },
  { name: 'd3bbv8sr76az5s.cloudfront.net', rule: 'deepseek-service', role: 'CloudFront', confidence: 'high' },
  { name: 'api.deepseek.com.eo.dnse1.com', rule: 'deepseek-service', role: 'EdgeOne', confidence: 'high' },
  { name: 'fe-static.deepseek.com.eo.dnse1.com', rule: 'deepseek-service', role: 'EdgeOne', confidence: 'high' },
  { name: 'chat.deepseek.com.0f3b.cdnhwctnm107.com', rule: 'deepseek-service', role: 'Huawei', confidence: 'medium' },
  { name: 'chat.deepseek.com.cdn.cloudflare.net', rule: 'deepseek-service', role: 'Cloudflare', confidence: 'medium' },
  { name: 'openrouter.ai', rule: 'deepseek-indirect', role: 'OpenRouter', confidence: 'low' },
  { name: 'www.high-flyer.cn', rule: 'deepseek-affiliate', role: 'company site', confidence: 'high' },
  { name: 'deepseek.ai', rule: 'deepseek-lookalike', role: 'not affiliated', confidence: 'high' },
  { name: 'www.deepseek.chat', rule: 'deepseek-lookalike', role: 'look-alike', confidence: 'low' },
]
for (const { name, rule, role, confidence } of found) {
  test(`rules: ${name} is found`, () => {
    expect(find(name)).toEqual([{ rule, role: expect.stringContaining(role), confidence }])
  })
}

const nothing = [
  'notdeepseek.com',
  'deepseek.com.attacker.example',
  'mydeepseek.com.example.org',
  'deepseek.com.eo.dnse1.com.evil.example',
  'deepseek.com.dnse1.com',
  'deepseek.com.cdnhwc1.com.evil.example',
  'deepseek.com.xcdnhwc1.com',
  'notdeepseek.com.eo.dnse1.com',
  'x.d3bbv8sr76az5s.cloudfront.net',
  'cloudfront.net',
  'eo.dnse1.com',
  'vip1.huaweicloudwaf.com',
  'edge.sdk.awswaf.com',
  'mobile-messenger.intercom.com',
  'nexus-websocket-a.intercom.io',
  'gator.volces.com',
  'ark.cn-beijing.volces.com',
  'fp-it-acc.portal101.cn',
  'huggingface.co',
  'registry.ollama.ai',
  'github.com',
]
for (const name of nothing) test(`rules: ${name} is nothing`, () => expect(find(name)).toEqual([]))

test('rules: one address is dedicated; all others are shared', () => {
  const networks = rules.flatMap((rule) => rule.indicators.filter((i) => i.kind === 'network'))
  expect(networks.filter(({ shared }) => !shared).map(({ value }) => value)).toEqual(['3.173.21.63/32'])
  expect(networks).toHaveLength(21)
})

test('rules: addresses that only serve telemetry are not listed', () => {
  const values = rules.flatMap((rule) => rule.indicators.map(({ value }) => value))
  expect(values.filter((value) => /^(43\.109|163\.181|138\.113|111\.48)\./.test(value))).toEqual([])
})

test('rules: hosting networks lie in the country of their rule', () => {
  for (const [id, country, count] of [
    ['hosting-cn', 'CN', 26],
    ['hosting-cn-carrier', 'CN', 19],
    ['hosting-ru', 'RU', 16],
    ['hosting-ru-carrier', 'RU', 6],
  ] as const) {
    const listed = rules.find((rule) => rule.id === id)!.indicators
    expect(new Set(listed.map((i) => (i.kind === 'hosting' ? i.country : i.kind)))).toEqual(new Set([country]))
    expect(listed).toHaveLength(count)
  }
})

test('rules: a name that must raise no alert of a category raises none', () => {
  const categories = new Map(rules.map(({ id, category }) => [id, category]))
  expect(set.never.length).toBeGreaterThan(60)
  for (const never of set.never) {
    for (const name of never.match === 'suffix' ? [never.value, `www.${never.value}`] : [never.value]) {
      const met = find(name).map(({ rule }) => categories.get(rule)!)
      expect(
        met.filter((category) => never.categories.includes(category)),
        name,
      ).toEqual([])
    }
  }
})

test('rules: every policy that a rule cites is there', () => {
  const known = set.policies.map(({ id }) => id)
  expect(known.length).toBeGreaterThan(15)
  for (const { id, policy } of rules) expect(known, id).toEqual(expect.arrayContaining(policy))
})

test('rules: the apps name themselves', () => {
  const by = (text: string) => matcher.byUserAgent(text).map(({ rule }) => rule.id)
  expect(by('DeepSeek/2.5.3 Android/28')).toEqual(['deepseek-service'])
  expect(by('deepseek-harness/0.0.1 (+https://github.com/deepseek-ai)')).toEqual(['deepseek-harness'])
  for (const text of ['DeepSeek', 'Mozilla/5.0 DeepSeek/1 Android/1', 'okhttp/4.12.0']) expect(by(text)).toEqual([])
})

test('rules: telemetry only strengthens', () => {
  const nearby = { rules: ['deepseek-service'], withinUs: 300e6 }
  for (const name of [
    'gator.volces.com',
    'toblog.volceapplog.com',
    'fp-it-acc.portal101.cn',
    'nexus-websocket-a.intercom.io',
  ])
    expect(
      matcher.byName(name).map(({ rule }) => [rule.id, rule.strengthens]),
      name,
    ).toEqual([['deepseek-telemetry', nearby]])
  expect(matcher.byName('ark.cn-beijing.volces.com')).toEqual([])
})
