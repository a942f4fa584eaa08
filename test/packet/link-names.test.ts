import { expect, test } from 'vitest'
import { linkTypeName } from '../../src/packet/link-names.ts'
import { LINKS } from './samples.ts'

test.each([
  [1, 'ETHERNET (1)'],
  [107, 'FRELAY (107)'],
  [147, 'USER0 (147)'],
  [65_535, 'link type 65535'],
])('%i is called %s', (linkType, name) => {
  expect(linkTypeName(linkType)).toBe(name)
})

test('every link type that we read has a name', () => {
  for (const { linkType = 1 } of LINKS) expect(linkTypeName(linkType)).toMatch(/^[A-Z0-9_]+ \(\d+\)$/)
})
