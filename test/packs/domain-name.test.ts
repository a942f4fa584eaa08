import { expect, test } from 'vitest'
import { canonicalName, nameProblem } from '../../src/packs/domain-name.ts'

const names = [
  'deepseek.com',
  'DeepSeek.COM',
  'deepseek.com.',
  'a0fea896111e.edge.captcha-sdk.awswaf.com',
  '_dmarc.example.com',
  'xn--hky-ela4t.cz',
  '1.example.com',
  `${'x'.repeat(63)}.com`,
  `${'x.'.repeat(125)}com`,
]
for (const name of names) test(`domain name: ${name.slice(0, 60)}`, () => expect(nameProblem(name)).toBe(''))

const refused: Array<{ name: string; says: string }> = [
  { name: '', says: 'an empty label' },
  { name: '.', says: 'an empty label' },
  { name: 'exa mple.com', says: 'a space in a label' },
  { name: ' example.com', says: 'a space in a label' },
  { name: 'example.com\n', says: 'a space in a label' },
  { name: 'example..com', says: 'an empty label' },
  { name: '.example.com', says: 'an empty label' },
  { name: 'example.com..', says: 'an empty label' },
  { name: '-example.com', says: 'a hyphen at the edge' },
  { name: 'example-.com', says: 'a hyphen at the edge' },
  { name: 'exa\0mple.com', says: 'letters, digits' },
  { name: 'exa\u001b[31mmple.com', says: 'letters, digits' },
  { name: 'exa$mple.com', says: 'letters, digits' },
  { name: '*.example.com', says: 'write example.com with match: suffix' },
  { name: 'https://example.com/', says: 'write only the host name' },
  { name: 'example.com:443', says: 'write only the host name' },
  { name: 'user@example.com', says: 'write only the host name' },
  { name: 'com', says: 'whole top-level domain' },
  { name: '192.0.2.1', says: 'write addresses under networks' },
  { name: '2001:db8::1', says: 'host name' },
  { name: 'háčky.cz', says: 'write xn--hky-ela4t.cz' },
  { name: 'deepsee\u212a.com', says: 'write deepseek.com' },
  { name: 'deep\u202eseek.com', says: 'write it with xn-- labels' },
  { name: `${'x'.repeat(64)}.com`, says: 'a label of 64 characters' },
  { name: `${'x.'.repeat(126)}com`, says: '255 characters' },
]
for (const { name, says } of refused)
  test(`domain name: refused: ${JSON.stringify(name.slice(0, 60))}`, () => expect(nameProblem(name)).toContain(says))

test('domain name: kept in lower case without the final dot', () => {
  expect(canonicalName('WWW.Example.COM.')).toBe('www.example.com')
})
