/**
 * The frames that a client's Initial packet may hold, RFC 9000 sections 12.4
 * and 19: PADDING, PING, ACK, CRYPTO and CONNECTION_CLOSE. Reading ends at any
 * other one, as a server ends the connection there.
 *
 *   CRYPTO            6   offset(v)  data<v>
 *   ACK               2   largest(v) delay(v) count(v) first(v)  count * { gap(v) length(v) }
 *   ACK with ECN      3   the same, and three counters(v)
 *   CONNECTION_CLOSE 1c   error(v)  frame type(v)  reason<v>
 *
 * v is a variable-length integer, and so is the type. Google's versions Q050,
 * T050 and T051 have other numbers: PADDING 0, PING 7, CRYPTO 8 (Chromium,
 * quic/core/quic_types.h), and their acknowledgements are not read.
 */

import { Cursor } from '../../bytes/cursor.ts'
import { MALFORMED_LENGTH, UNSUPPORTED } from '../../bytes/outcome.ts'
import { readVarint } from './varint.ts'

const PADDING = 0
const PING = 1
const ACK = 2
const ACK_ECN = 3
const CRYPTO = 6
const CONNECTION_CLOSE = 0x1c

const GOOGLE_PING = 7
const GOOGLE_CRYPTO = 8

/** What is done with a CRYPTO frame: bytes[start, end) lie at `offset` of the stream, 0 to 2^62 - 1. */
export type OnCrypto = (offset: number, start: number, end: number) => void

/**
 * Reads the frames bytes[start, end) and calls `onCrypto` for each CRYPTO frame that is whole.
 * Returns `end`, UNSUPPORTED at a frame that does not belong here, or MALFORMED_LENGTH.
 */
export function readFrames(bytes: Uint8Array, start: number, end: number, onCrypto: OnCrypto): number {
  const cursor = new Cursor(bytes, start, end)
  while (!cursor.isEmpty) {
    const type = readVarint(cursor)
    if (type === PADDING) skipZeros(cursor)
    else if (type === CRYPTO) readCrypto(cursor, onCrypto)
    else if (type === ACK || type === ACK_ECN) skipAck(cursor, type)
    else if (type === CONNECTION_CLOSE) skipClose(cursor)
    else if (type !== PING) return UNSUPPORTED
    if (!cursor.ok) return MALFORMED_LENGTH
  }
  return end
}

/** The same for the frames of Google's own numbering. */
export function readGoogleFrames(bytes: Uint8Array, start: number, end: number, onCrypto: OnCrypto): number {
  const cursor = new Cursor(bytes, start, end)
  while (!cursor.isEmpty) {
    const type = cursor.u8()
    if (type === PADDING) skipZeros(cursor)
    else if (type === GOOGLE_CRYPTO) readCrypto(cursor, onCrypto)
    else if (type !== GOOGLE_PING) return UNSUPPORTED
    if (!cursor.ok) return MALFORMED_LENGTH
  }
  return end
}

function skipZeros(cursor: Cursor): void {
  const { bytes, end } = cursor
  let { at } = cursor
  while (at < end && bytes[at] === PADDING) at++
  cursor.at = at
}

function readCrypto(cursor: Cursor, onCrypto: OnCrypto): void {
  const offset = readVarint(cursor)
  const data = cursor.block(readVarint(cursor))
  if (data.ok) onCrypto(offset, data.at, data.end)
}

function skipAck(cursor: Cursor, type: number): void {
  readVarint(cursor) // largest acknowledged
  readVarint(cursor) // delay
  const count = readVarint(cursor)
  readVarint(cursor) // first range
  for (let i = 0; i < 2 * count && cursor.ok; i++) readVarint(cursor)
  for (let i = 0; i < 3 && type === ACK_ECN; i++) readVarint(cursor)
}

function skipClose(cursor: Cursor): void {
  readVarint(cursor) // error
  readVarint(cursor) // type of the frame that caused it
  cursor.block(readVarint(cursor)) // reason
}
