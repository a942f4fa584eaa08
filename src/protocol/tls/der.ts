/**
 * DER, ITU-T X.690 section 10, as far as certificates use it: a tag byte, a
 * length (one byte, or 0x81 to 0x83 and as many bytes), and the contents.
 *
 * Nested elements become nested cursors, which cannot leave their parent, so a
 * length that lies makes its own element fail and nothing else. Long tags and
 * lengths that are not known in advance do not occur in DER and fail as well.
 */

import type { Cursor } from '../../bytes/cursor.ts'

export const BOOLEAN = 0x01
export const INTEGER = 0x02
export const OCTET_STRING = 0x04
export const OBJECT_IDENTIFIER = 0x06
export const UTF8_STRING = 0x0c
export const UTC_TIME = 0x17
export const GENERALIZED_TIME = 0x18
export const UNIVERSAL_STRING = 0x1c
export const BMP_STRING = 0x1e
export const SEQUENCE = 0x30
export const SET = 0x31

const LONG_TAG = 0x1f
const OID_ARCS_MAX = 32

export interface Element {
  tag: number
  contents: Cursor
}

/** The next element of `parent`; its `contents.ok` is false when there is none, or not all of it. */
export function readElement(parent: Cursor): Element {
  const tag = parent.u8()
  if ((tag & LONG_TAG) === LONG_TAG) parent.skip(parent.left + 1)
  return { tag, contents: parent.block(readLength(parent)) }
}

/** The contents of the next element, which must have this tag; a cursor that has failed when it has not. */
export function readTagged(parent: Cursor, tag: number): Cursor {
  const element = readElement(parent)
  if (element.tag !== tag) element.contents.skip(element.contents.left + 1)
  return element.contents
}

/** The next element's tag without moving; -1 at the end. */
export function peekTag(parent: Cursor): number {
  return parent.isEmpty ? -1 : parent.bytes[parent.at]!
}

/** The contents of an object identifier as dotted decimal; empty when it is broken or absurdly long. */
export function oidText(contents: Cursor): string {
  const arcs: number[] = []
  let value = 0
  while (!contents.isEmpty) {
    const byte = contents.u8()
    value = value * 128 + (byte & 0x7f)
    if (value > Number.MAX_SAFE_INTEGER || arcs.length > OID_ARCS_MAX) return ''
    if ((byte & 0x80) !== 0) continue
    // the first two arcs share a number
    if (arcs.length === 0)
      arcs.push(Math.min(Math.floor(value / 40), 2), value - 40 * Math.min(Math.floor(value / 40), 2))
    else arcs.push(value)
    value = 0
  }
  return contents.ok ? arcs.join('.') : ''
}

function readLength(cursor: Cursor): number {
  const first = cursor.u8()
  switch (first) {
    case 0x81:
      return cursor.u8()
    case 0x82:
      return cursor.u16()
    case 0x83:
      return cursor.u24()
    default:
      // 0x80 is the indefinite form, 0x84 and more could not fit anything that is read here
      return first < 0x80 ? first : Number.MAX_SAFE_INTEGER
  }
}
