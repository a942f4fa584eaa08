import { expect, test } from 'vitest'
import { transferList } from '../../src/detect/compile.ts'
import { NO_WISHES } from '../../src/packs/export/entry.ts'
import { exportRules } from '../../src/packs/export/export.ts'
import { feedOf, publish } from '../../src/packs/publish.ts'
import { ACME, domain, network, rule } from '../support/acme.ts'

const indicators = [domain('example.com'), network('192.0.2.0/24')]
const SET = { packs: [{ ...ACME, rules: [rule('a', { indicators })] }], policies: [], never: [] }

test('publish: the lists are those of the export, with their count', () => {
  const { feeds } = publish(SET)
  const files = exportRules(SET, 'edl', NO_WISHES).files
  expect(feeds.map(({ name, text }) => ({ name, text: new TextDecoder().decode(text) }))).toEqual(files)
  expect(feeds.find(({ name }) => name === 'service-domains.txt')).toMatchObject({ entries: 1 })
  expect(feeds.find(({ name }) => name === 'service-wildcard-domains.txt')).toMatchObject({ entries: 2 })
  expect(feeds.find(({ name }) => name === 'service-ipv6.txt')).toMatchObject({ entries: 0 })
})

test('publish: the same text has the same tag, and another one another', () => {
  const tag = (text: string) => feedOf('x.txt', text).tag
  expect(tag('a.example\n')).toBe(tag('a.example\n'))
  expect(new Set(['', 'a.example\n', 'a.example\nb.example\n', '\n'].map(tag)).size).toBe(4)
})

test('publish: what is handed to another thread holds nothing else', () => {
  const { feeds } = publish(SET)
  for (const { text } of feeds) expect(text.buffer.byteLength).toBe(text.byteLength)
  expect(transferList({ feeds })).toHaveLength(feeds.length)
})
