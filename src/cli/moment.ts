/**
 * Times as people write them on the command line and in files, and as they are
 * told: in the time zone of this machine, which is always said with them.
 */

import { microseconds } from '../bytes/time.ts'

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/
const WITHOUT_ZONE = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?$/

/** For messages. */
export const MOMENT_EXAMPLES = '2026-12-24 or 2026-12-24T18:00:00Z'

/**
 * Microseconds of RFC 3339 text, of `2026-12-24 18:00` (here), or of a day (here): its first moment as a `start`, the
 * first moment of the next day as an `end`, because who says "until the 24th" means all of it. NaN when it is none.
 */
export function localMoment(text: string, edge: 'start' | 'end'): number {
  const day = DAY.exec(text)
  if (day !== null) return isDay(text) ? here(day, edge === 'end' ? 1 : 0) : Number.NaN
  const local = WITHOUT_ZONE.exec(text)
  if (local === null) return microseconds(text)
  // the same words in UTC are checked, which knows what days and hours there are
  const [, year, month, date, hour, minute, second = '00'] = local
  const isTime = !Number.isNaN(microseconds(`${year}-${month}-${date}T${hour}:${minute}:${second}Z`))
  return isTime ? here(local, 0) : Number.NaN
}

/** `2026-12-25 00:00:00 +01:00`, in the time zone of this machine. */
export function localText(timeUs: number): string {
  const at = new Date(timeUs / 1000)
  const minutes = -at.getTimezoneOffset()
  const two = (count: number): string => String(count).padStart(2, '0')
  const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${zone}`
}

/** `Europe/Prague`. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

function isDay(text: string): boolean {
  return !Number.isNaN(microseconds(text))
}

function here(parts: RegExpExecArray, daysLater: number): number {
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return new Date(year!, month! - 1, day! + daysLater, hour, minute, second).getTime() * 1000
}
