import { expect, test } from 'vitest'
import { compileRules } from '../../src/detect/compile.ts'
import { Matcher } from '../../src/detect/match.ts'
import { ACME, domain, rule } from '../support/acme.ts'
import { parseTwice } from '../support/arena.ts'
import { random } from '../support/random.ts'

interface DomainEntry {
  value: string
  match: 'suffix' | 'exact'
}

/** Names of one rule, asked for as text and as bytes among others. */
class Names {
  readonly #entries: readonly DomainEntry[]
  readonly #matcher: Matcher

  constructor(entries: readonly DomainEntry[]) {
    this.#entries = entries
    const indicators = entries.map(({ value, match }) => domain(value, { match }))
    this.#matcher = new Matcher(compileRules({ packs: [{ ...ACME, rules: [rule('names', { indicators })] }] }))
  }

  watchesBytes(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#matcher.watchesBytes(bytes, start, end)
  }

  /** The index of the entry that the name meets, or -1. */
  find(name: string): number {
    const met = this.#matcher.byName(name)[0]?.indicator as DomainEntry | undefined
    if (Buffer.from(name, 'latin1').toString('latin1') === name) {
      const isWatched = parseTwice(Buffer.from(name, 'latin1'), (bytes, start, end) =>
        this.#matcher.watchesBytes(bytes, start, end),
      )
      expect(isWatched, 'as bytes').toBe(met !== undefined)
    }
    return met ? this.#entries.findIndex(({ value, match }) => value === met.value && match === met.match) : -1
  }
}

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
const set = new Names(ENTRIES)

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

for (const { name, asked, want } of stories) test(`names: ${name}`, () => expect(set.find(asked)).toBe(want))

test('names: an empty one holds nothing', () => {
  const empty = new Names([])
  for (const name of ['', '.', 'com', 'deepseek.com']) expect(empty.find(name)).toBe(-1)
})

test('names: a name of 120 labels is looked at as far as the longest entry', () => {
  // the labels beyond are a megabyte: reading them would be seen
  const large = new Names([{ value: 'a.example.com', match: 'suffix' }])
  let reads = 0
  const bytes = new Proxy(Buffer.from(`${'a.'.repeat(400)}example.com`), {
    get(target, key) {
      if (typeof key === 'string' && /^[0-9]+$/.test(key)) reads++
      return Reflect.get(target, key, target)
    },
  })
  expect(large.watchesBytes(bytes, 0, bytes.length)).toBe(true)
  expect(reads).toBeLessThan(100)
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
  test(`names: agrees with the model (seed ${seed})`, () => {
    const next = random(seed)
    const labels = ['a', 'b', 'ab', 'c', 'd']
    const name = (most: number): string =>
      Array.from({ length: 2 + next(most) }, () => labels[next(labels.length)]!).join('.')
    const entries = Array.from(
      { length: 40 },
      (): DomainEntry => ({ value: name(3), match: next(2) === 0 ? 'exact' : 'suffix' }),
    )
    const tested = new Names(entries)
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
