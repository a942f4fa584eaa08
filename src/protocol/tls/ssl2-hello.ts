/**
 * The ClientHello in the form of SSL 2.0, RFC 5246 appendix E.2: what clients
 * of before 2010 sent to servers of unknown age. It has no extensions, so no
 * name; it is read so that such a flow counts as TLS without a name.
 *
 *   0x8000 | length(2)  type(1)=1  version(2)  cipher_specs length(2)
 *   session_id length(2)  challenge length(2)  cipher_specs  session_id  challenge
 *
 * `length` counts from the type on. A cipher spec has three bytes; those with
 * a zero in front are cipher suites of TLS.
 */

import { Cursor } from '../../bytes/cursor.ts'
import { MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u8, u16 } from '../../bytes/read.ts'
import { CLIENT_HELLO, type ClientHello } from './client-hello.ts'

const LENGTH_BYTES = 2
const TYPE = 2
const VERSION = 3
const CIPHER_LENGTH = 5
const SESSION_LENGTH = 7
const CHALLENGE_LENGTH = 9
const CIPHERS = 11
const FIXED_BYTES = CIPHERS - LENGTH_BYTES
const MESSAGE_BYTES_MAX = 4095
const SSL_2_0 = 0x0002

/**
 * Reads the message at `start` into `hello`, an empty one.
 * Returns the offset after it, NEED_MORE (with `hello.wantedBytes`), or why it is none.
 */
export function readSsl2Hello(bytes: Uint8Array, start: number, end: number, hello: ClientHello): number {
  hello.wantedBytes = CIPHERS
  if (!ssl2MayBegin(bytes, start, end)) return MALFORMED_VALUE
  if (end - start < CIPHERS) return NEED_MORE
  const messageEnd = start + LENGTH_BYTES + (u16(bytes, start) & 0x7fff)
  hello.wantedBytes = messageEnd - start
  if (messageEnd > end) return NEED_MORE

  const version = u16(bytes, start + VERSION)
  const message = new Cursor(bytes, start + CIPHERS, messageEnd)
  const ciphers = message.block(u16(bytes, start + CIPHER_LENGTH))
  const sessionId = message.block(u16(bytes, start + SESSION_LENGTH))
  if (!message.ok) return MALFORMED_LENGTH
  while (ciphers.left >= 3) {
    const isTls = ciphers.u8() === 0
    const suite = ciphers.u16()
    if (isTls) hello.cipherSuites.push(suite)
  }
  hello.sessionId = sessionId.text()
  hello.legacyVersion = version
  hello.versions.push(version)
  hello.isSsl2 = true
  return messageEnd
}

/** Could such a message begin at `start`? Needs no more than what is there. */
export function ssl2MayBegin(bytes: Uint8Array, start: number, end: number): boolean {
  const left = end - start
  if (left < 1 || u8(bytes, start) >> 4 !== 8) return false
  if (left < LENGTH_BYTES) return true
  const length = u16(bytes, start) & 0x7fff
  if (length < FIXED_BYTES || length > MESSAGE_BYTES_MAX) return false
  if (left > TYPE && u8(bytes, start + TYPE) !== CLIENT_HELLO) return false
  if (left < CIPHER_LENGTH) return left < VERSION + 1 || isVersionBegin(u8(bytes, start + VERSION))
  const version = u16(bytes, start + VERSION)
  if (version !== SSL_2_0 && version >> 8 !== 3) return false
  if (left < CIPHERS) return true
  const cipherBytes = u16(bytes, start + CIPHER_LENGTH)
  const sessionBytes = u16(bytes, start + SESSION_LENGTH)
  const challengeBytes = u16(bytes, start + CHALLENGE_LENGTH)
  return (
    cipherBytes > 0 &&
    cipherBytes % 3 === 0 &&
    (sessionBytes === 0 || sessionBytes === 16) &&
    challengeBytes >= 16 &&
    challengeBytes <= 32 &&
    length === FIXED_BYTES + cipherBytes + sessionBytes + challengeBytes
  )
}

function isVersionBegin(major: number): boolean {
  return major === SSL_2_0 >> 8 || major === 3
}
