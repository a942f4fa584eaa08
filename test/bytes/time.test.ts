import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { microseconds, rfc3339 } from '../../src/bytes/time.ts'
import { fuzz } from '../support/random.ts'

describe('microseconds', () => {
  test.each([
    ['the epoch', '1970-01-01T00:00:00Z', 0],
    ['microseconds', '1970-01-01T00:00:01.000002Z', 1_000_002],
    ['one digit of a fraction', '1970-01-01T00:00:00.5Z', 500_000],
    ['nanoseconds are cut off', '1970-01-01T00:00:00.000001999Z', 1],
    ['an offset', '1970-01-01T02:00:00+02:00', 0],
    ['lower case and a space', '1970-01-01 00:00:01z', 1_000_000],
    ['a day alone', '1970-01-02', 86_400e6],
    ['a leap day', '2024-02-29', Date.UTC(2024, 1, 29) * 1000],
    ['the clock of a broken capture', '+010000-01-01T00:00:00.000000Z', Date.UTC(10000, 0, 1) * 1000],
  ])('%s', (_, text, expected) => expect(microseconds(text)).toBe(expected))

  test.each([
    ['nothing', ''],
    ['a word', 'yesterday'],
    ['30 February', '2025-02-30T00:00:00Z'],
    ['31 April alone', '2025-04-31'],
    ['a leap day in another year', '2025-02-29'],
    ['month 13', '2025-13-01T00:00:00Z'],
    ['minute 60', '2025-01-01T00:60:00Z'],
    ['no zone', '2025-01-01T00:00:00'],
    ['no seconds', '2025-01-01T00:00Z'],
    ['ten digits of a fraction', '2025-01-01T00:00:00.1234567890Z'],
    ['a line break behind it', '2025-01-01\n'],
    ['seconds since 1970', '1735689600'],
    ['digits of another script', '٢٠٢٥-01-01'],
  ])('is not a time: %s', (_, text) => expect(microseconds(text)).toBeNaN())

  test.each([1e19, -1e19, Number.MAX_VALUE])('a time that no calendar has is text all the same: %d', (timeUs) => {
    expect(rfc3339(timeUs)).toMatch(/^[+-]\d{6}-/)
  })

  test('reads back what rfc3339 writes', () => {
    const timeUs = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(timeUs, (us) => {
        expect(microseconds(rfc3339(us))).toBe(us)
      }),
      fuzz(500),
    )
  })
})
