/**
 * May a server's first words lead to a certificate in clear? Read where they
 * lie, and nothing is made of them: nearly all servers choose TLS 1.3, which
 * hides it, and then the whole flight need not be read (server-flight.ts).
 *
 *   record       type = 22 | version 3.x | length(2)
 *   ServerHello  type = 2 | length(3) | version(2) | random(32) | session id<1> | cipher suite(2)
 */

import { u8 } from '../../bytes/read.ts'
import { HANDSHAKE_HEADER_BYTES } from './client-hello.ts'
import { ALERT, HANDSHAKE, RECORD_HEADER_BYTES } from './record-head.ts'
import { SERVER_HELLO } from './server-hello.ts'

const SESSION_ID_AT = RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES + 2 + 32
const HELLO_REQUEST = 0
const WARNING = 1
/** The first byte of all cipher suites that only TLS 1.3 has (RFC 8446 appendix B.4), and of no others. */
const TLS13_SUITES = 0x13

/**
 * False where bytes[start, end) are no server's hello, or one of TLS 1.3. True also where not enough of it is there, and
 * where something else may come before it: a warning (that the name is not known), a hello request.
 */
export function mayLeadToCertificate(bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start) return false
  const message = start + RECORD_HEADER_BYTES
  if (u8(bytes, start) === ALERT) return message >= end || u8(bytes, message) === WARNING
  if (u8(bytes, start) !== HANDSHAKE) return false
  if (message < end && u8(bytes, message) !== SERVER_HELLO) return u8(bytes, message) === HELLO_REQUEST
  if (start + SESSION_ID_AT >= end) return true
  const suiteAt = start + SESSION_ID_AT + 1 + u8(bytes, start + SESSION_ID_AT)
  return suiteAt >= end || u8(bytes, suiteAt) !== TLS13_SUITES
}
