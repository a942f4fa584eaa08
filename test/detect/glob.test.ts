import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileGlob, meetsGlob } from '../../src/detect/glob.ts'
import { fuzz } from '../support/random.ts'

const stories: Array<{ pattern: string; text: string; want: boolean }> = [
  { pattern: 'abc', text: 'abc', want: true },
  { pattern: 'abc', text: 'abcd', want: false },
  { pattern: 'abc', text: 'ABC', want: false },
  { pattern: 'DeepSeek/* Android/*', text: 'DeepSeek/2.5.3 Android/28', want: true },
  { pattern: 'DeepSeek/* Android/*', text: 'DeepSeek/ Android/', want: true },
  { pattern: 'DeepSeek/* Android/*', text: 'x DeepSeek/2.5.3 Android/28', want: false },
  { pattern: 'DeepSeek/* Android/*', text: 'DeepSeek/2.5.3', want: false },
  { pattern: '*abc', text: 'abcabc', want: true },
  { pattern: '*abc*', text: 'xxabcxx', want: true },
  { pattern: '*abc*', text: 'xxabxcx', want: false },
  { pattern: 'a*a', text: 'a', want: false },
  { pattern: 'a*a', text: 'aa', want: true },
  { pattern: 'ab**cd', text: 'abcd', want: true },
  { pattern: 'a*bab*c', text: 'abababc', want: true },
  { pattern: 'a.c', text: 'abc', want: false },
  { pattern: 'a(b+)+c*', text: 'a(b+)+cx', want: true },
  { pattern: '*', text: '', want: true },
]
for (const { pattern, text, want } of stories)
  test(`glob: ${pattern} on ${text}`, () => expect(meetsGlob(text, compileGlob(pattern))).toBe(want))

test('glob: agrees with a regular expression', () => {
  let met = 0
  const letters = (most: number, alphabet: string[]) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength: most }).map((a) => a.join(''))
  fc.assert(
    fc.property(letters(7, ['a', 'b', '*']), letters(12, ['a', 'b']), (pattern, text) => {
      const want = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text)
      if (want) met++
      expect(meetsGlob(text, compileGlob(pattern))).toBe(want)
    }),
    fuzz(5000),
  )
  expect(met).toBeGreaterThan(300)
})

test('glob: what makes a search go back and back is read about twice', () => {
  const glob = compileGlob(`*${'a'.repeat(100)}b*${'a'.repeat(100)}c`)
  const text = 'a'.repeat(2000)
  let reads = 0
  const counted = {
    length: text.length,
    startsWith: () => true,
    endsWith: () => true,
    charCodeAt: (at: number) => {
      reads++
      return text.charCodeAt(at)
    },
  }
  // only what the search uses of a text
  expect(meetsGlob(counted as unknown as string, glob)).toBe(false)
  expect(reads).toBeGreaterThan(1000)
  expect(reads).toBeLessThanOrEqual(2 * text.length)
})
