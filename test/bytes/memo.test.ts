import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memo } from '../../src/bytes/memo.ts'

test('memo: always what making it anew gives, whatever was forgotten', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12 })), fc.integer({ min: 1, max: 8 }), (keys, most) => {
      const text = memo((key: number) => `made of ${key}`, most)
      for (const key of keys) expect(text(key)).toBe(`made of ${key}`)
    }),
    { seed: 13 },
  )
})

test('memo: makes a text once, and begins anew when it is full', () => {
  const made: string[] = []
  const text = memo((key: string) => {
    made.push(key)
    return key.toUpperCase()
  }, 2)
  for (const key of ['a', 'b', 'a', 'b', 'c', 'a', 'c']) text(key)
  expect(made).toEqual(['a', 'b', 'c', 'a'])
})
