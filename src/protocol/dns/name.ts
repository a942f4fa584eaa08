/**
 * Domain names in DNS messages, RFC 1035 sections 3.1 and 4.1.4.
 *
 * A name is a run of length-prefixed labels that ends in a zero byte or in a
 * pointer (two bytes whose top bits are 11) to an earlier place in the message.
 * Each pointer must lead backwards, which is what rules out loops.
 */

import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE } from '../../bytes/outcome.ts'
import { u8, u16 } from '../../bytes/read.ts'

const NAME_BYTES_MAX = 255 // RFC 1035 section 2.3.4, counted on the wire
const POINTERS_MAX = 128 // a name of 255 bytes has at most 127 labels, so no honest message needs more

/** A name's text, reused from call to call. `text[0, length)` is lower case in ASCII, with dots, without the final one. */
export class NameBuffer {
  readonly text = Buffer.alloc(NAME_BYTES_MAX)
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
  let limit = at // pointers must lead before here
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
      const target = start + (u16(bytes, at) & 0x3fff)
      if (target >= limit) return MALFORMED_VALUE
      if (++pointers > POINTERS_MAX) return LIMIT_REACHED
      if (next === -1) next = at + 2
      limit = target
      at = target
    } else {
      return MALFORMED_VALUE // 01 and 10 are reserved
    }
  }
}

function appendLabel(bytes: Uint8Array, at: number, length: number, out: NameBuffer): void {
  const { text } = out
  let to = out.length
  if (to > 0) text[to++] = 46 /* '.' */
  for (let i = 0; i < length; i++) {
    const c = u8(bytes, at + i)
    text[to++] = c >= 65 && c <= 90 ? c | 32 : c
  }
  out.length = to
}
