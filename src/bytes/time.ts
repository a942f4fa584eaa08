/**
 * Packet time as text. The only arithmetic on it is in microseconds since 1970
 * as a number (exact up to the year 2255).
 */

/** RFC 3339 in UTC with microseconds: `2026-11-22T09:14:03.120456Z`. */
export function rfc3339(timeUs: number): string {
  const seconds = Math.floor(timeUs / 1e6)
  const micros = Math.floor(timeUs - seconds * 1e6)
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}.${String(micros).padStart(6, '0')}Z`
}
