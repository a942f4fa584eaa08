/**
 * Domain names in DNS messages, RFC 1035 sections 3.1 and 4.1.4.
 *
 * A name is a run of length-prefixed labels that ends in a zero byte or in a
 * pointer (two bytes whose top bits are 11) to another place in the message.
 *
 * Pointers may lead anywhere in the message. The RFC says backwards, but public
 * resolvers follow forward ones and answer, so a sensor that refused them would
 * be blind to a question that works. What rules out loops is the count: every
 * pointer costs one of POINTERS_MAX.
 *
 * As text a name is lower case and printable ASCII, without the final dot, and
 * every dot in it is a border between labels: a dot or a backslash inside a
 * label, and every byte that is not printable ASCII, becomes `\DDD` with three
 * decimal digits (RFC 1035 section 5.1). That section also allows `\.` for the
 * dot, but then whoever looks for dots takes `a\.deepseek.com` for a name below
 * `deepseek.com`; with `a\046deepseek.com` nobody can.
 */

import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE } from '../../bytes/outcome.ts'
import { u8, u16 } from '../../bytes/read.ts'
import type { NameFault } from '../../events/observation.ts'

const NAME_BYTES_MAX = 255 // RFC 1035 section 2.3.4, counted on the wire
const POINTERS_MAX = 128 // a name of 255 bytes has at most 127 labels, so no honest message needs more
const PLACES_MAX = 256 // labels and pointers of a name that is within the two limits above
const ESCAPE_CHARACTERS = 4 // \DDD
const NAME_CHARACTERS_MAX = NAME_BYTES_MAX * ESCAPE_CHARACTERS

const DOT = 0x2e
const BACKSLASH = 0x5c
const ZERO = 0x30

/** What each byte of a label looks like in text; 0 where it must be escaped. */
const TEXT = Uint8Array.from({ length: 256 }, (_, c) => {
  if (c < 0x20 || c > 0x7e || c === DOT || c === BACKSLASH) return 0
  return c >= 0x41 && c <= 0x5a ? c | 0x20 : c
})

/** A name's text, reused from call to call. `text[0, length)` is as the header of this file says, in ASCII. */
export class NameBuffer {
  readonly text = Buffer.alloc(NAME_CHARACTERS_MAX)
  length = 0

  toString(): string {
    return this.text.toString('latin1', 0, this.length)
  }
}

/**
 * Reads the name at `at` in the message bytes[start, end) into `out`.
 * Returns the offset just past the name (past its first pointer, if it has one), or why it cannot be read.
 */
export function readName(bytes: Uint8Array, start: number, end: number, at: number, out: NameBuffer): number {
  let next = -1 // where the caller goes on: set by the first pointer
  let pointers = 0
  let wireBytes = 1 // the root label
  out.length = 0

  for (;;) {
    if (at >= end) return MALFORMED_LENGTH
    const head = u8(bytes, at)

    if (head === 0) return next === -1 ? at + 1 : next

    if (head < 64) {
      if (at + 1 + head > end) return MALFORMED_LENGTH
      wireBytes += 1 + head
      if (wireBytes > NAME_BYTES_MAX) return LIMIT_REACHED
      appendLabel(bytes, at + 1, head, out)
      at += 1 + head
    } else if (head >= 192) {
      if (at + 2 > end) return MALFORMED_LENGTH
      if (++pointers > POINTERS_MAX) return LIMIT_REACHED
      if (next === -1) next = at + 2
      at = start + (u16(bytes, at) & 0x3fff)
    } else {
      return MALFORMED_VALUE // 01 and 10 are reserved
    }
  }
}

/**
 * Where the name at `at` ends in place, without following its pointer: enough to get at what comes after it.
 * `end` is the end of the message. Returns the offset just past the name, or why it has no end.
 */
export function skipName(bytes: Uint8Array, end: number, at: number): number {
  for (;;) {
    if (at >= end) return MALFORMED_LENGTH
    const head = u8(bytes, at)
    if (head === 0) return at + 1
    if (head >= 192) return at + 2 <= end ? at + 2 : MALFORMED_LENGTH
    if (head >= 64) return MALFORMED_VALUE
    at += 1 + head
  }
}

/** Why the name at `at` in the message bytes[start, end), which `readName` refused, cannot be read. */
export function nameFault(bytes: Uint8Array, start: number, end: number, at: number): NameFault {
  const seen = new Set<number>()
  while (seen.size <= PLACES_MAX) {
    if (seen.has(at)) return 'loop'
    seen.add(at)
    if (at >= end) return 'cut'
    const head = u8(bytes, at)
    if (head === 0) return 'long'
    if (head < 64) at += 1 + head
    else if (head < 192) return 'label'
    else if (at + 2 > end) return 'cut'
    else at = start + (u16(bytes, at) & 0x3fff)
  }
  return 'long'
}

function appendLabel(bytes: Uint8Array, at: number, length: number, out: NameBuffer): void {
  const { text } = out
  let to = out.length
  if (to > 0) text[to++] = DOT
  for (let i = 0; i < length; i++) {
    const c = u8(bytes, at + i)
    const shown = TEXT[c]!
    if (shown !== 0) {
      text[to++] = shown
    } else {
      text[to++] = BACKSLASH
      text[to++] = ZERO + Math.trunc(c / 100)
      text[to++] = ZERO + (Math.trunc(c / 10) % 10)
      text[to++] = ZERO + (c % 10)
    }
  }
  out.length = to
}
