/**
 * How the end of an HTTP/1 message is found, as its head states it: RFC 9112
 * section 6. Two readers that differ here see different messages in the same
 * bytes, so every doubt is a deviation.
 */

import { ODD_CODING, ODD_LENGTH, TWO_FRAMINGS } from './deviations.ts'

/** No Content-Length. */
export const NO_LENGTH = -1
/** A Content-Length that says nothing. */
export const UNKNOWN_LENGTH = -2

export class Framing {
  /** Content-Length in bytes, NO_LENGTH or UNKNOWN_LENGTH. */
  length = NO_LENGTH
  /** A Transfer-Encoding was sent, of whatever kind: the length does not count then. */
  hasCoding = false
  /** The body comes in chunks. */
  isChunked = false
  /** Bits of `deviations.ts`. */
  deviations = 0

  /** Takes the text of a Content-Length field. `5, 5` is 5 (RFC 9110 section 8.6). */
  takeLength(text: string): void {
    const parts = text.split(',').map((part) => part.trim())
    const isNumber = parts.every((part) => /^\d{1,15}$/.test(part) && Number(part) === Number(parts[0]))
    const length = isNumber ? Number(parts[0]) : UNKNOWN_LENGTH
    const isOther = this.length !== NO_LENGTH && this.length !== length
    if (isOther || !isNumber) this.deviations |= ODD_LENGTH
    if (this.hasCoding) this.deviations |= TWO_FRAMINGS
    this.length = isOther ? UNKNOWN_LENGTH : length
  }

  /** Takes the text of a Transfer-Encoding field. */
  takeCoding(text: string): void {
    this.hasCoding = true
    this.isChunked = /(?:^|[\s,])chunked[\s,]*$/i.test(text) // the last coding decides
    if (!this.isChunked) this.deviations |= ODD_CODING
    if (this.length !== NO_LENGTH) this.deviations |= TWO_FRAMINGS
  }
}
