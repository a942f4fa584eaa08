import { expect, test } from 'vitest'
import { stableId } from '../../src/detect/identity.ts'

test('identity: the same parts give the same id, on every machine', () => {
  // printf 'flow\0rule\000443' | sha256sum
  expect(stableId('flow', 'rule', 443)).toBe('5ef5c1a06e2d7f523c98d776')
})

test('identity: other parts give another one, and so does another border between them', () => {
  const ids = [
    stableId('ab', 'c'),
    stableId('a', 'bc'),
    stableId('abc'),
    stableId('', 'abc'),
    stableId('abc', ''),
    stableId('c', 'ab'),
    stableId('ab', 'C'),
  ]
  expect(new Set(ids).size).toBe(ids.length)
})

test('identity: an id is 24 hexadecimal digits', () => {
  for (let i = 0; i < 500; i++) expect(stableId(i)).toMatch(/^[0-9a-f]{24}$/)
})
