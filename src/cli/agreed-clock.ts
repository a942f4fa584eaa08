/** The wall clock, or the time that was agreed on in its place, so that what says when it was made can be made again. */

import { printable } from '../bytes/text.ts'
import { UsageError } from './usage-error.ts'

/** Microseconds: SOURCE_DATE_EPOCH where that is set, else now. Throws UsageError when that is no time. */
export function agreedNowUs(): number {
  const agreed = process.env['SOURCE_DATE_EPOCH']
  if (agreed === undefined) return Date.now() * 1000
  if (!/^\d{1,11}$/.test(agreed))
    throw new UsageError(`SOURCE_DATE_EPOCH: "${printable(agreed)}" is no count of seconds since 1970`)
  return Number(agreed) * 1e6
}
