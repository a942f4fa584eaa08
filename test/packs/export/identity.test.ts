import { describe, expect, test } from 'vitest'
import {
  commonSerial,
  firstSeen,
  SID_FIRST,
  SID_LAST,
  SIDS_PER_ENTRY,
  SidBook,
  serialOf,
  timeOf,
  uuidOf,
} from '../../../src/packs/export/identity.ts'

describe('ids', () => {
  test('a UUID of version 5 that never changes', () => {
    // Written down once: tools that were given these entries know them by it.
    expect(uuidOf('indicator', 'deepseek-service', 'domain', 'suffix', 'deepseek.com')).toBe(
      'e6a2eaad-a8d7-50a5-9aba-a988eabafeac',
    )
    expect(uuidOf('a', 'b')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uuidOf('a', 'b')).not.toBe(uuidOf('ab'))
  })

  test('numbers of rules: in their range, apart, and the same in whatever company', () => {
    const keys = Array.from({ length: 5000 }, (_, i) => ['rule', `name-${i}.example`])
    const book = new SidBook()
    const sids = keys.map((key) => book.first(key))
    expect(new Set(sids).size).toBe(keys.length)
    for (const sid of sids) {
      expect(sid).toBeGreaterThanOrEqual(SID_FIRST)
      expect(sid + SIDS_PER_ENTRY - 1).toBeLessThanOrEqual(SID_LAST)
      expect(sid % SIDS_PER_ENTRY).toBe(SID_FIRST % SIDS_PER_ENTRY)
    }
    expect(new SidBook().first(['rule', 'name-4999.example'])).toBe(sids[4999])
    expect(new SidBook().first(['deepseek-service', 'domain', 'suffix', 'deepseek.com'])).toBe(1_700_845_792)
  })

  test('the same key twice gets two numbers', () => {
    const book = new SidBook()
    expect(book.first(['a'])).not.toBe(book.first(['a']))
  })
})

describe('versions', () => {
  test.each([
    ['2026.11.22', 2026112200],
    ['2026.11.22.1', 2026112201],
    ['2026.11.22.400', 2026112299],
    ['9999.12.31', 0x7fffffff],
    ['', 0],
  ])('the serial of %s', (version, serial) => expect(serialOf(version)).toBe(serial))

  test('the serial of several rises with each of them', () => {
    const steps = [
      ['2026.11.20', '2026.11.21'],
      ['2026.11.22', '2026.11.21'],
      ['2026.11.22', '2026.11.22'],
      ['2026.11.22', '2026.11.22.1'],
      ['2026.11.22.2', '2026.11.22.1'],
      ['2026.11.22.2', '2026.11.23'],
    ].map(commonSerial)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(new Set(steps).size).toBe(steps.length)
    expect(commonSerial([])).toBe(0)
  })

  test.each([
    ['2026.11.22', '2026-11-22T00:00:00.000Z'],
    ['2026.11.22.3', '2026-11-22T00:00:03.000Z'],
    ['9999.99.99', '9999-12-31T00:00:00.000Z'],
    ['nonsense', '1970-01-01T00:00:00.000Z'],
  ])('the time of %s', (version, time) => expect(new Date(timeOf(version)).toISOString()).toBe(time))

  test.each([
    ['2023/2026-08-21', '2023-01-01T00:00:00.000Z'],
    ['2026-05', '2026-05-01T00:00:00.000Z'],
    ['2026-05-21/2026-09-24', '2026-05-21T00:00:00.000Z'],
  ])('first seen: %s', (seen, time) => expect(new Date(firstSeen(seen)!).toISOString()).toBe(time))

  test('never seen', () => expect(firstSeen('')).toBeNull())
})
