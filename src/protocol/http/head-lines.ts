/**
 * The lines of an HTTP/1 head, RFC 9112 sections 2 and 5, read as they come.
 *
 *   start line CRLF  *( name ":" OWS value OWS CRLF )  CRLF
 *
 * A line may end in a bare LF, and a field may go on in lines that begin with a
 * blank. So a field is only known to be whole when the next line begins: until
 * then its text waits in `HeadLines`. All offsets that are kept from call to
 * call count from the head's first byte: the bytes may lie elsewhere next time,
 * and what was searched is not searched again, so that a client that sends one
 * byte at a time costs no more than any other. Bytes belong to the caller.
 */

import { LIMIT_REACHED, NEED_MORE } from '../../bytes/outcome.ts'
import { u8 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'
import {
  BARE_LF,
  CONTROL_BYTE,
  FOLDED_FIELD,
  NO_COLON,
  ODD_FIELD_NAME,
  SPACE_BEFORE_COLON,
  SPACE_BEFORE_LINE,
  TEXT_CUT,
} from './deviations.ts'
import { COLON, CR, isBlank, isToken, LF, SPACE, skipBlanks, TAB, trimBlanks } from './syntax.ts'

/** Longest head that is followed: what Apache takes at most in its usual setting is 100 fields of 8 KiB, most stop at 8 to 64 KiB. */
export const HEAD_BYTES_MAX = 65_536
/** Most lines of a head; Node's own server reads 2,000 fields. */
export const HEAD_LINES_MAX = 2048
/** Longest text of one field that is kept. */
export const TEXT_BYTES_MAX = 16_384

const NO_FIELD = -1

/** How far a head has been read. */
export class HeadLines {
  /** Bits of `deviations.ts`. */
  deviations = 0
  /** The last line taken is bytes[lineStart, lineEnd), without its end; valid until the next call. */
  lineStart = 0
  lineEnd = 0
  /** The field that the next line may still go on with: its place in the names, or -1. */
  field = NO_FIELD
  text = ''
  #lines = 0
  #fields = 0
  #taken = 0
  #searched = 0
  #controls = 0

  /** Least bytes from the head's start on that are worth another look. */
  get wantedBytes(): number {
    return this.#searched + 1
  }

  /**
   * Takes the next line of the head bytes[start, ...) as far as `end`.
   * Returns the offset past it, NEED_MORE, or LIMIT_REACHED when the head is longer than is followed.
   */
  take(bytes: Uint8Array, start: number, end: number): number {
    const limit = Math.min(end, start + HEAD_BYTES_MAX)
    let at = start + this.#searched
    for (; at < limit; at++) {
      const c = u8(bytes, at)
      if (c >= SPACE) continue
      if (c === LF) break
      if (c !== TAB) this.#controls++
    }
    this.#searched = at - start
    if (at === limit) return this.#searched === HEAD_BYTES_MAX ? LIMIT_REACHED : NEED_MORE
    if (++this.#lines > HEAD_LINES_MAX) return LIMIT_REACHED

    this.lineStart = start + this.#taken
    this.lineEnd = at
    // more than one CR is wrong, but who takes them sees an empty line in "\r\r\n"
    while (this.lineEnd > this.lineStart && u8(bytes, this.lineEnd - 1) === CR) this.lineEnd--
    if (this.lineEnd === at) this.deviations |= BARE_LF
    else this.#controls--
    if (this.#controls > 0) this.deviations |= CONTROL_BYTE
    this.#controls = 0
    this.#searched++
    this.#taken = this.#searched
    return start + this.#taken
  }

  /** Does the last line go on with the field before it? */
  isFold(bytes: Uint8Array): boolean {
    return this.#fields > 0 && this.lineEnd > this.lineStart && isBlank(u8(bytes, this.lineStart))
  }

  /** Adds the last line to the field before it (RFC 9112 section 5.2: as if it stood there after a space). */
  fold(bytes: Uint8Array): void {
    this.deviations |= FOLDED_FIELD
    if (this.field === NO_FIELD) return
    const more = this.#textOf(bytes, this.lineStart, this.lineEnd)
    if (this.text.length + 1 + more.length > TEXT_BYTES_MAX) this.deviations |= TEXT_CUT
    else if (more !== '') this.text = this.text === '' ? more : `${this.text} ${more}`
  }

  /** Reads the last line as a field; its text is kept when `names` has its name. */
  beginField(bytes: Uint8Array, names: FieldNames): void {
    this.#fields++
    this.field = NO_FIELD
    this.text = ''
    const start = skipBlanks(bytes, this.lineStart, this.lineEnd)
    if (start > this.lineStart) this.deviations |= SPACE_BEFORE_LINE
    let colon = start
    while (colon < this.lineEnd && u8(bytes, colon) !== COLON) colon++
    if (colon === this.lineEnd) {
      this.deviations |= NO_COLON
      return
    }
    const nameEnd = trimBlanks(bytes, start, colon)
    if (nameEnd < colon) this.deviations |= SPACE_BEFORE_COLON
    if (!isToken(bytes, start, nameEnd)) this.deviations |= ODD_FIELD_NAME
    this.field = names.find(bytes, start, nameEnd)
    if (this.field !== NO_FIELD) this.text = this.#textOf(bytes, colon + 1, this.lineEnd)
  }

  #textOf(bytes: Uint8Array, start: number, end: number): string {
    const first = skipBlanks(bytes, start, end)
    let last = trimBlanks(bytes, first, end)
    if (last - first > TEXT_BYTES_MAX) {
      this.deviations |= TEXT_CUT
      last = first + TEXT_BYTES_MAX
    }
    return latin1(bytes, first, last)
  }
}

/** Names of fields that are wanted, found without making text of each name that passes by. */
export class FieldNames {
  readonly #byLength: Array<Array<{ name: string; field: number }> | undefined> = []

  /** @param names in lower case; a name's place is its number */
  constructor(names: readonly string[]) {
    names.forEach((name, field) => {
      const same = this.#byLength[name.length] ?? []
      same.push({ name, field })
      this.#byLength[name.length] = same
    })
  }

  /** The number of the name bytes[start, end), whatever its case; -1 when it is not wanted. */
  find(bytes: Uint8Array, start: number, end: number): number {
    for (const { name, field } of this.#byLength[end - start] ?? []) {
      let i = 0
      while (i < name.length && lower(u8(bytes, start + i)) === name.charCodeAt(i)) i++
      if (i === name.length) return field
    }
    return NO_FIELD
  }
}

function lower(c: number): number {
  return c >= 65 && c <= 90 ? c | 32 : c
}
