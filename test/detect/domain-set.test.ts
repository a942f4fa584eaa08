import { expect, test } from 'vitest'
import { type DomainEntry, DomainSet } from '../../src/detect/domain-set.ts'
import { random } from '../support/random.ts'

const ENTRIES: DomainEntry[] = [
  { value: 'deepseek.com', match: 'suffix' },
  { value: 'chat.deepseek.com', match: 'exact' },
  { value: 'api.deepseek.com', match: 'suffix' },
  { value: 'api.deepseek.com', match: 'exact' },
  { value: 'only.example.net', match: 'exact' },
  { value: 'a.b.c.d.example.org', match: 'suffix' },
  { value: 'deepseek.com', match: 'suffix' },
]
const SUFFIX = 0
const CHAT = 1
const API_BELOW = 2
const API = 3
const ONLY = 4
const DEEP = 5
const set = new DomainSet(ENTRIES)

const stories: Array<{ name: string; asked: string; want: number }> = [
  { name: 'the domain itself; of two entries that are the same the first counts', asked: 'deepseek.com', want: SUFFIX },
  { name: 'a host below it', asked: 'www.deepseek.com', want: SUFFIX },
  { name: 'many labels below it', asked: 'a.b.c.d.e.f.deepseek.com', want: SUFFIX },
  { name: 'an exact entry is more specific than the suffix', asked: 'chat.deepseek.com', want: CHAT },
  { name: 'below an exact entry the suffix counts', asked: 'x.chat.deepseek.com', want: SUFFIX },
  { name: 'exact beats suffix on the same name', asked: 'api.deepseek.com', want: API },
  { name: 'the longer suffix wins', asked: 'v1.api.deepseek.com', want: API_BELOW },
  { name: 'an exact entry alone', asked: 'only.example.net', want: ONLY },
  { name: 'nothing below an exact entry', asked: 'x.only.example.net', want: -1 },
  { name: 'a suffix of many labels', asked: 'x.a.b.c.d.example.org', want: DEEP },
  { name: 'a parent of a suffix', asked: 'b.c.d.example.org', want: -1 },
  { name: 'capitals', asked: 'CHAT.DeepSeek.COM', want: CHAT },
  { name: 'a final dot', asked: 'chat.deepseek.com.', want: CHAT },
  { name: 'two final dots are an empty label', asked: 'chat.deepseek.com..', want: -1 },
  { name: 'no label border in front', asked: 'notdeepseek.com', want: -1 },
  { name: 'a hyphen is no border', asked: 'not-deepseek.com', want: -1 },
  { name: 'the name as a prefix', asked: 'deepseek.com.attacker.example', want: -1 },
  { name: 'the name in the middle', asked: 'mydeepseek.com.example.org', want: -1 },
  { name: 'the top-level domain', asked: 'com', want: -1 },
  { name: 'a name without dots', asked: 'deepseek', want: -1 },
  { name: 'nothing', asked: '', want: -1 },
  { name: 'a dot', asked: '.', want: -1 },
  { name: 'dots only', asked: '....', want: -1 },
  { name: 'an empty label in front', asked: '.deepseek.com', want: SUFFIX },
  { name: 'empty labels on the way', asked: 'x...deepseek.com', want: SUFFIX },
  { name: 'an empty label inside the domain', asked: 'deepseek..com', want: -1 },
  { name: 'NUL behind the name', asked: 'deepseek.com\0', want: -1 },
  { name: 'NUL and another name behind it', asked: 'deepseek.com\0.evil.example', want: -1 },
  { name: 'NUL in a label below', asked: 'evil\0.deepseek.com', want: SUFFIX },
  { name: 'a space behind the name', asked: 'deepseek.com ', want: -1 },
  { name: 'the Kelvin sign, which lower case makes a k', asked: 'deepsee\u212a.com', want: -1 },
  { name: 'bytes above 127', asked: 'd\xe9\xff.deepseek.com', want: SUFFIX },
  { name: 'a word that every object has', asked: 'constructor', want: -1 },
  { name: 'the longest name DNS allows', asked: `${'x'.repeat(240)}.deepseek.com`, want: SUFFIX },
  {
    name: 'the longest name written with every byte as \\\\046',
    asked: `${'x'.repeat(1007)}.deepseek.com`,
    want: SUFFIX,
  },
  { name: 'a character more', asked: `${'x'.repeat(1008)}.deepseek.com`, want: -1 },
  { name: 'a megabyte', asked: `${'x.'.repeat(500_000)}deepseek.com`, want: -1 },
]

for (const { name, asked, want } of stories) test(`domain set: ${name}`, () => expect(set.find(asked)).toBe(want))

test('domain set: an empty one holds nothing', () => {
  const empty = new DomainSet([])
  for (const name of ['', '.', 'com', 'deepseek.com']) expect(empty.find(name)).toBe(-1)
})

test('domain set: a name of 120 labels costs about what another does', () => {
  const entries = Array.from(
    { length: 1000 },
    (_, i): DomainEntry => ({ value: `host${i}.example.com`, match: 'suffix' }),
  )
  const large = new DomainSet(entries)
  const time = (name: string): number => {
    let best = Number.POSITIVE_INFINITY
    for (let run = 0; run < 20; run++) {
      const began = performance.now()
      for (let i = 0; i < 500; i++) large.find(name)
      best = Math.min(best, performance.now() - began)
    }
    return best
  }
  // A walk over all parents takes some forty times as long.
  expect(time('a.'.repeat(120))).toBeLessThan(10 * time('www.host.example.org') + 1)
})

/** The obvious answer: the longest entry that the name ends in, on a border of labels. */
function model(entries: readonly DomainEntry[], asked: string): number {
  const name = asked.toLowerCase().replace(/\.$/, '')
  let best = -1
  let score = -1
  entries.forEach(({ value, match }, index) => {
    const meets = name === value || (match === 'suffix' && name.endsWith(`.${value}`))
    const now = value.length * 2 + (match === 'exact' ? 1 : 0)
    if (meets && now > score) {
      best = index
      score = now
    }
  })
  return best
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`domain set: agrees with the model (seed ${seed})`, () => {
    const next = random(seed)
    const labels = ['a', 'b', 'ab', 'c', 'd']
    const name = (most: number): string =>
      Array.from({ length: 2 + next(most) }, () => labels[next(labels.length)]!).join('.')
    const entries = Array.from(
      { length: 40 },
      (): DomainEntry => ({ value: name(3), match: next(2) === 0 ? 'exact' : 'suffix' }),
    )
    const tested = new DomainSet(entries)
    let found = 0
    let missed = 0
    for (let i = 0; i < 3000; i++) {
      let asked = name(5)
      if (next(4) === 0) asked += '.'
      if (next(4) === 0) asked = asked.toUpperCase()
      if (next(8) === 0) asked = asked.replace('.', '..')
      if (next(8) === 0) asked = `.${asked}`
      const want = model(entries, asked)
      if (want === -1) missed++
      else found++
      expect(tested.find(asked), asked).toBe(want)
    }
    expect(Math.min(found, missed), `${found} found, ${missed} missed`).toBeGreaterThan(100)
  })
}
