/**
 * Times as text and back: whole microseconds since 1970 (exact in a number up
 * to the year 2255), and RFC 3339 in UTC.
 */

// what a Date can hold; a broken capture may claim more
const TIME_US_MAX = 8.64e18

// RFC 3339 section 5.6. A day alone is its midnight in UTC, as people write it in a filter; years of six digits
// are what a capture with a broken clock leads to (ISO 8601, expanded).
const TIME = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d))?$/

/** The second that was written last, and its text: packets of one second come together. */
let lastSeconds = 0
let lastText = '1970-01-01T00:00:00'

/** RFC 3339 in UTC with microseconds: `2026-11-22T09:14:03.120456Z`. @param zone how UTC is written */
export function rfc3339(timeUs: number, zone = 'Z'): string {
  const kept = Math.min(Math.max(timeUs, -TIME_US_MAX), TIME_US_MAX)
  const seconds = Math.floor(kept / 1e6)
  const micros = Math.floor(kept - seconds * 1e6)
  if (seconds !== lastSeconds) {
    lastText = new Date(seconds * 1000).toISOString().slice(0, -5)
    lastSeconds = seconds
  }
  return `${lastText}.${String(micros).padStart(6, '0')}${zone}`
}

/** Microseconds since 1970 of RFC 3339 text (finer digits are cut off) or of a day alone; NaN when it is neither. */
export function microseconds(text: string): number {
  const match = TIME.exec(text)
  if (match === null) return Number.NaN
  const [, day, clock = '00:00:00', fraction = '', zone = 'Z'] = match
  // JavaScript rolls 30 February over to March, which would silently move a filter.
  if (Number(day!.slice(-2)) > 28 && isRolledOver(day!)) return Number.NaN
  return Date.parse(`${day}T${clock}${zone.toUpperCase()}`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

function isRolledOver(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && !midnight.toISOString().startsWith(day)
}
