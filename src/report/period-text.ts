/** What people write for the times of a report: moments, days, months and years, in the report's time zone. */

import { microseconds } from '../bytes/time.ts'
import type { Zone } from './zone.ts'

/** For messages. */
export const TIME_EXAMPLES = '2026-10-31, 2026-10, "2026-10-31 18:00" or 2026-10-31T18:00:00Z'
export const PERIOD_EXAMPLES = '2026-10-31, 2026-10, 2026-Q4 or 2026'

const CALENDAR = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?|-?[Qq]([1-4]))?$/
const CLOCK = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d))?$/

/** The first moment of what `text` names, microseconds; NaN when it names none. */
export function momentOf(text: string, zone: Zone): number {
  const period = periodOf(text, zone)
  if (period !== null) return period.fromUs
  const clock = CLOCK.exec(text)
  if (clock === null) return microseconds(text)
  const [, day, minute, second = '00'] = clock
  // as if it were in UTC, which knows what days and hours there are
  const clockUs = microseconds(`${day}T${minute}:${second}Z`)
  return Number.isNaN(clockUs) ? clockUs : zone.moment(clockUs / 1000)
}

/** The day, month, quarter or year that `text` names, the end excluded; null when it names none. */
export function periodOf(text: string, zone: Zone): { fromUs: number; toUs: number } | null {
  const parts = CALENDAR.exec(text)
  if (parts === null) return null
  const [, year, month, day, quarter] = parts
  const first = quarter === undefined ? Number(month ?? 1) : 3 * Number(quarter) - 2
  const of = (month: number, day: number): number => zone.moment(utc(Number(year), month, day))
  if (day !== undefined) {
    if (Number.isNaN(microseconds(text))) return null
    return { fromUs: of(first, Number(day)), toUs: of(first, Number(day) + 1) }
  }
  if (first < 1 || first > 12) return null
  const months = month !== undefined ? 1 : quarter !== undefined ? 3 : 12
  return { fromUs: of(first, 1), toUs: of(first + months, 1) }
}

/** Also of the first hundred years, which Date.UTC takes for those of the last century. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day)
}
