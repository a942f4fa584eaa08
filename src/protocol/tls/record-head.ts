/**
 * The header of a TLS record, RFC 8446 section 5.1.
 *
 *   type(1)  version(2)  length(2)  fragment(length)
 *
 * Any 3.x passes as version: servers do not look at the second number of the
 * first record, so a sensor must not either.
 */

import { MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u8, u16 } from '../../bytes/read.ts'

// ContentType
export const CHANGE_CIPHER_SPEC = 20
export const ALERT = 21
export const HANDSHAKE = 22
export const APPLICATION_DATA = 23

export const RECORD_HEADER_BYTES = 5
const WARNING = 1 // AlertLevel
/** OpenSSL gives up after 32 empty records and after 5 warnings; a hello behind more of them reaches nobody. */
export const SKIPPED_RECORDS_MAX = 32
const FRAGMENT_BYTES_MAX = 16_384 + 256 // RFC 8446 section 5.2

/** One record's header, reused from call to call. */
export class RecordHead {
  type = 0
  fragment = 0
  end = 0
}

/**
 * Reads the header at `at` into `head`, whose `fragment` and `end` are offsets; `end` may lie behind the last byte.
 * @returns `head.fragment`, NEED_MORE if the header is not all there, or why it is none
 */
export function readRecordHead(bytes: Uint8Array, at: number, end: number, head: RecordHead): number {
  if (end - at < RECORD_HEADER_BYTES) return NEED_MORE
  head.type = u8(bytes, at)
  if (head.type < CHANGE_CIPHER_SPEC || head.type > APPLICATION_DATA || u8(bytes, at + 1) !== 3) return MALFORMED_VALUE
  const length = u16(bytes, at + 3)
  if (length > FRAGMENT_BYTES_MAX) return MALFORMED_LENGTH
  head.fragment = at + RECORD_HEADER_BYTES
  head.end = head.fragment + length
  return head.fragment
}

/**
 * May the record in `head` stand before a hello, and be stepped over? Empty ones, ChangeCipherSpec, alerts that are
 * warnings; a fatal one ends the connection. Only bytes before `end` are looked at.
 */
export function maySkip(bytes: Uint8Array, end: number, { type, fragment, end: recordEnd }: RecordHead): boolean {
  const length = recordEnd - fragment
  switch (type) {
    case HANDSHAKE:
      return length === 0
    case CHANGE_CIPHER_SPEC:
      return length === 1
    case ALERT:
      return length === 2 && (fragment >= end || u8(bytes, fragment) === WARNING)
    default:
      return false
  }
}
