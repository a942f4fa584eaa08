import { describe, expect, test } from 'vitest'
import { momentOf, periodOf } from '../../src/report/period-text.ts'
import { Zone } from '../../src/report/zone.ts'

const iso = (timeUs: number): string => (Number.isNaN(timeUs) ? 'none' : new Date(timeUs / 1000).toISOString())

describe('moments and periods as people write them', () => {
  test.each([
    ['a day in UTC', 'UTC', '2026-10-31', '2026-10-31T00:00:00.000Z'],
    ['a month', 'Europe/Prague', '2026-10', '2026-09-30T22:00:00.000Z'],
    ['a time', 'Europe/Prague', '2026-12-24 18:00', '2026-12-24T17:00:00.000Z'],
    ['a time with its own zone', 'Europe/Prague', '2026-12-24T18:00:00Z', '2026-12-24T18:00:00.000Z'],
    [
      'an hour that there is not, as clocks go forward',
      'Europe/Prague',
      '2026-03-29 02:30',
      '2026-03-29T01:00:00.000Z',
    ],
    ['an hour that there is twice: the first', 'Europe/Prague', '2026-10-25 02:30', '2026-10-25T00:30:00.000Z'],
    ['a day without a midnight', 'America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
    ['a zone of quarters', 'Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15:00.000Z'],
    ['a day that there is not', 'UTC', '2026-02-30', 'none'],
    ['a month that there is not', 'UTC', '2026-13', 'none'],
    ['an hour that no day has', 'UTC', '2026-02-03 25:00', 'none'],
    ['words', 'UTC', 'yesterday', 'none'],
  ])('%s', (_, zone, text, want) => expect(iso(momentOf(text, new Zone(zone)))).toBe(want))

  test.each([
    ['2026-12-31', '2026-12-30T23:00:00.000Z', '2026-12-31T23:00:00.000Z'],
    ['2026-03', '2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z'],
    ['2024-02', '2024-01-31T23:00:00.000Z', '2024-02-29T23:00:00.000Z'],
    ['2026-12', '2026-11-30T23:00:00.000Z', '2026-12-31T23:00:00.000Z'],
    ['2026-Q4', '2026-09-30T22:00:00.000Z', '2026-12-31T23:00:00.000Z'],
    ['2026', '2025-12-31T23:00:00.000Z', '2026-12-31T23:00:00.000Z'],
  ])('the period %s in Prague', (text, from, to) => {
    const period = periodOf(text, new Zone('Europe/Prague'))!
    expect([iso(period.fromUs), iso(period.toUs)]).toEqual([from, to])
  })

  test.each(['2026-00', '2026-02-29', '2026-Q5', '26', '2026-10-31T00:00:00Z', ''])('"%s" is no period', (text) =>
    expect(periodOf(text, new Zone('UTC'))).toBeNull(),
  )
})

test('every day begins where it says, and the moment before is of another one', () => {
  for (const name of ['UTC', 'Europe/Prague', 'America/St_Johns', 'Pacific/Apia', 'Africa/Cairo']) {
    const zone = new Zone(name)
    for (let day = 14_000; day < 20_800; day += 7) {
      const start = zone.startOf(day)
      expect(zone.dayOf(start - 1)).toBeLessThan(day)
      expect(zone.dayOf(start), name).toBe(day)
    }
  }
})

test('a zone that there is not', () => expect(() => new Zone('Europe/Prag')).toThrow(RangeError))
