/**
 * The data of LOC records, RFC 1876 section 2.
 *
 *   version(1)=0  size(1)  horizontal(1) vertical precision(1)
 *   latitude(4)  longitude(4)  altitude(4)
 *
 * Angles are in thousandths of an arc second, 2^31 is the equator or the prime
 * meridian. Lengths are centimetres; the three of one byte are a digit and a
 * power of ten. The altitude counts from 100 km below sea level.
 */

import type { Cursor } from '../../bytes/cursor.ts'

const ZERO_ANGLE = 2 ** 31
const ZERO_ALTITUDE_CM = 10_000_000
const SECOND = 1000
const MINUTE = 60 * SECOND
const DEGREE = 60 * MINUTE

/** `52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m`. Fails the cursor on any version but 0. */
export function locationText(data: Cursor): string {
  if (data.u8() !== 0) data.ok = false
  const [size, horizontal, vertical] = [data.u8(), data.u8(), data.u8()].map(lengthText)
  const latitude = angleText(data.u32(), 'N', 'S')
  const longitude = angleText(data.u32(), 'E', 'W')
  const altitude = metres(data.u32() - ZERO_ALTITUDE_CM)
  return `${latitude} ${longitude} ${altitude} ${size} ${horizontal} ${vertical}`
}

function angleText(angle: number, positive: string, negative: string): string {
  const size = Math.abs(angle - ZERO_ANGLE)
  const minutes = Math.floor((size % DEGREE) / MINUTE)
  const seconds = ((size % MINUTE) / SECOND).toFixed(3)
  return `${Math.floor(size / DEGREE)} ${minutes} ${seconds} ${angle < ZERO_ANGLE ? negative : positive}`
}

function lengthText(byte: number): string {
  return metres((byte >> 4) * 10 ** (byte & 0x0f))
}

function metres(centimetres: number): string {
  return `${(centimetres / 100).toFixed(2)}m`
}
