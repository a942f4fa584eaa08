/**
 * TLS ServerHello, RFC 8446 section 4.1.3 and RFC 5246 section 7.4.1.3, and
 * HelloRetryRequest, which is the same message with a known `random`.
 *
 *   type(1)=2  length(3)  legacy_version(2)  random(32)  session_id<1>
 *   cipher_suite(2)  compression_method(1)  extensions<2>
 *
 * The drafts of TLS 1.3 before 22 left out session id and compression method;
 * they are known by a version field that TLS 1.3 itself never writes there.
 */

import { Cursor } from '../../bytes/cursor.ts'
import { MALFORMED_LENGTH } from '../../bytes/outcome.ts'
import { u8 } from '../../bytes/read.ts'
import { ALPN, HANDSHAKE_HEADER_BYTES, PRE_SHARED_KEY, SUPPORTED_VERSIONS } from './client-hello.ts'
import { HANDSHAKE, RECORD_HEADER_BYTES } from './record-head.ts'
import { TLS_1_3 } from './version.ts'

export const SERVER_HELLO = 2 // HandshakeType
const KEY_SHARE = 51
const OLD_DRAFT_MAJOR = 0x7f

// SHA-256 of "HelloRetryRequest", RFC 8446 section 4.1.3
const RETRY_RANDOM = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')

/** No random begins with so many of them by chance. */
const RETRY_BYTES_SURE = 8
const VERSION_BYTES = 2

export interface ServerHello {
  /** The version that the connection uses: of supported_versions, or the legacy field. */
  version: number
  cipherSuite: number
  /** One character per byte. Before TLS 1.3 it is the client's when an earlier session goes on. */
  sessionId: string
  /** Types in the order they were sent. */
  extensions: number[]
  /** The protocol chosen; empty when it is not said here (in TLS 1.3 it is encrypted). */
  alpn: string
  /** The group of the key share; 0 when there is none. */
  group: number
  /** A pre-shared key of the client was taken: in TLS 1.3 an earlier session goes on. */
  hasPsk: boolean
  /** HelloRetryRequest: the client has to say hello again, with another key share. */
  isRetry: boolean
}

/**
 * Reads the message behind its header, bytes[start, end).
 * @returns the message, or why it cannot be read
 */
export function readServerHello(bytes: Uint8Array, start: number, end: number): ServerHello | number {
  const message = new Cursor(bytes, start, end)
  const legacyVersion = message.u16()
  const random = message.skip(RETRY_RANDOM.length)
  const isOldDraft = legacyVersion >> 8 === OLD_DRAFT_MAJOR || legacyVersion === TLS_1_3
  const sessionId = isOldDraft ? '' : message.block8().text()
  const cipherSuite = message.u16()
  if (!isOldDraft) message.skip(1) // compression_method
  if (!message.ok) return MALFORMED_LENGTH
  const hello: ServerHello = {
    version: legacyVersion,
    cipherSuite,
    sessionId,
    extensions: [],
    alpn: '',
    group: 0,
    hasPsk: false,
    isRetry: isRetryRandom(bytes, random),
  }

  const extensions = message.isEmpty ? message : message.block16()
  while (!extensions.isEmpty) {
    const type = extensions.u16()
    const data = extensions.block16()
    if (!extensions.ok) return MALFORMED_LENGTH
    hello.extensions.push(type)
    readExtension(type, data, hello)
  }
  return message.ok ? hello : MALFORMED_LENGTH
}

function readExtension(type: number, data: Cursor, hello: ServerHello): void {
  if (type === SUPPORTED_VERSIONS) hello.version = data.u16() || hello.version
  else if (type === KEY_SHARE) hello.group = data.u16()
  else if (type === PRE_SHARED_KEY) hello.hasPsk = true
  else if (type === ALPN) {
    const protocol = data.block16().block8()
    if (protocol.ok) hello.alpn = protocol.text()
  }
}

function isRetryRandom(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < RETRY_RANDOM.length; i++) if (u8(bytes, at + i) !== RETRY_RANDOM[i]) return false
  return true
}

/**
 * Do the first bytes of a server, [start, end), begin a HelloRetryRequest? True also when the first record does, and too
 * little of it is there to say.
 */
export function mayBeRetryRequest(bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start || u8(bytes, start) !== HANDSHAKE) return false
  const random = start + RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES + VERSION_BYTES
  for (let at = random; at < Math.min(random + RETRY_BYTES_SURE, end); at++) {
    if (u8(bytes, at) !== RETRY_RANDOM[at - random]) return false
  }
  return true
}
