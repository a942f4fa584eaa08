/**
 * Can a TLS ClientHello begin here? For the first bytes of a stream, and for
 * later places where one side has asked for TLS in a protocol of its own:
 * STARTTLS, the SSLRequest of PostgreSQL and MySQL, RDP behind X.224, a
 * PROXY header, a CONNECT or SOCKS that was granted.
 *
 *   16 03 xx LL LL 01 00 MM MM vv vv random(32) SS ...
 *   |  |     |     |  |        |                session id length, at most 32
 *   |  |     |     |  message length; the record ends where the message ends, or before
 *   |  |     |     ClientHello
 *   |  |     record length
 *   |  any 3.x
 *   handshake
 *
 * Every byte that is there must fit and nothing is asked of bytes that are
 * not, so a hello is recognised however it is cut, and most other data is
 * refused by its first byte, all but one in many millions by the ninth.
 */

import { u8, u24 } from '../../bytes/read.ts'
import { CLIENT_HELLO, HANDSHAKE_HEADER_BYTES, HELLO_BYTES_MAX } from './client-hello.ts'
import {
  ALERT,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  maySkip,
  RECORD_HEADER_BYTES,
  RecordHead,
  readRecordHead,
  SKIPPED_RECORDS_MAX,
} from './record-head.ts'
import { ssl2MayBegin } from './ssl2-hello.ts'

const HELLO_BODY_BYTES_MIN = 2 + 32 + 1 + 2 + 2 + 1 // version, random, no session id, one cipher suite, compression methods
const SESSION_ID = HANDSHAKE_HEADER_BYTES + 2 + 32
const SESSION_ID_BYTES_MAX = 32

const head = new RecordHead()

/**
 * Could bytes[start, end) be the beginning of a TLS hello? Ask again when more bytes are there: yes may become no.
 * @returns false when there are none, and as soon as a byte says no
 */
export function helloMayBegin(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false
  if (u8(bytes, start) >= 0x80) return ssl2MayBegin(bytes, start, end)
  let at = start
  for (let skipped = 0; skipped <= SKIPPED_RECORDS_MAX; skipped++) {
    if (end - at < RECORD_HEADER_BYTES) return headMayBegin(bytes, at, end)
    if (readRecordHead(bytes, at, end, head) < 0) return false
    const length = head.end - head.fragment
    if (head.type === HANDSHAKE && length > 0)
      return messageMayBegin(bytes, head.fragment, Math.min(head.end, end), length)
    if (!maySkip(bytes, end, head)) return false
    if (head.end >= end) return true
    at = head.end
  }
  return false
}

/** Less than a record header is there. */
function headMayBegin(bytes: Uint8Array, at: number, end: number): boolean {
  const left = end - at
  if (left < 1) return true
  const type = u8(bytes, at)
  if (type !== HANDSHAKE && type !== CHANGE_CIPHER_SPEC && type !== ALERT) return false
  return left < 2 || u8(bytes, at + 1) === 3
}

/** The first fragment of the message, of which [at, end) is there. */
function messageMayBegin(bytes: Uint8Array, at: number, end: number, fragmentBytes: number): boolean {
  const left = end - at
  if (left > 0 && u8(bytes, at) !== CLIENT_HELLO) return false
  if (left > 1 && u8(bytes, at + 1) > HELLO_BYTES_MAX >>> 16) return false
  if (left < HANDSHAKE_HEADER_BYTES) return true
  const bodyBytes = u24(bytes, at + 1)
  return (
    bodyBytes >= HELLO_BODY_BYTES_MIN &&
    bodyBytes <= HELLO_BYTES_MAX &&
    fragmentBytes <= HANDSHAKE_HEADER_BYTES + bodyBytes &&
    (left <= SESSION_ID || u8(bytes, at + SESSION_ID) <= SESSION_ID_BYTES_MAX)
  )
}
