/**
 * Text of the small parts that record data is made of, in the form of zone
 * files: RFC 1035 section 5.1, RFC 3597 section 5. Everything made here is
 * printable ASCII, whatever the bytes were.
 */

import type { Cursor } from '../../bytes/cursor.ts'
import type { DnsMessage } from './message.ts'
import { NameBuffer, readName } from './name.ts'

const name = new NameBuffer()

/**
 * The name at the cursor, which lies in `message` and moves past it. Empty for the root. Fails the cursor when the
 * name cannot be read or is longer than the data it stands in.
 */
export function takeName(message: DnsMessage, data: Cursor): string {
  const next = data.ok ? readName(message.bytes, message.start, message.end, data.at, name) : -1
  if (next < 0 || next > data.end) {
    data.ok = false
    return ''
  }
  data.at = next
  return name.toString()
}

/** A name among other fields: the root is a dot there, because nothing at all could be overlooked. */
export function shownName(text: string): string {
  return text === '' ? '.' : text
}

/** A character string: its length in one byte, then its bytes. One character per byte; fails the cursor if it is cut. */
export function takeString(data: Cursor): string {
  const block = data.block8()
  return block.ok ? block.text() : ''
}

/** Text of one character per byte in quotes, made safe by `escaped`. */
export function quoted(text: string): string {
  return `"${escaped(text)}"`
}

/** Text of one character per byte with `\"`, `\\` and `\DDD` for what is not printable ASCII. */
export function escaped(text: string): string {
  return text.replace(/["\\]|[^ -~]/g, (c) =>
    c === '"' || c === '\\' ? `\\${c}` : `\\${String(c.charCodeAt(0)).padStart(3, '0')}`,
  )
}

/** The unread rest as hexadecimal digits. */
export function takeHex(data: Cursor): string {
  return rest(data).toString('hex')
}

/** The unread rest in base64. */
export function takeBase64(data: Cursor): string {
  return rest(data).toString('base64')
}

/** The unread rest as RFC 3597 writes data of unknown form: `\# 3 0a0b0c`. */
export function takeUnknown(data: Cursor): string {
  const { left } = data
  return left === 0 ? '\\# 0' : `\\# ${left} ${takeHex(data)}`
}

function rest(data: Cursor): Buffer {
  const { left } = data
  return Buffer.from(data.bytes.buffer, data.bytes.byteOffset + data.skip(left), left)
}
