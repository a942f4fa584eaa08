/**
 * TLS ClientHello, RFC 8446 section 4.1.2, as far as a sensor wants it.
 * The same message serves TLS 1.0 to 1.3 and, inside CRYPTO frames, QUIC.
 *
 *   type(1)=1  length(3)  legacy_version(2)  random(32)  session_id<1>
 *   cipher_suites<2>  compression_methods<1>  extensions<2>
 *
 * <n> is a part with its length in n bytes before it. Each extension is
 * type(2) data<2>, in any order.
 */

import { Cursor } from '../../bytes/cursor.ts'
import { MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u24 } from '../../bytes/read.ts'

const CLIENT_HELLO = 1 // HandshakeType
export const HANDSHAKE_HEADER_BYTES = 4

const SERVER_NAME = 0 // RFC 6066 section 3
const ALPN = 16 // RFC 7301 section 3.1
const SUPPORTED_VERSIONS = 43 // RFC 8446 section 4.2.1
const HOST_NAME = 0

export interface ClientHello {
  /** As sent; empty when there is none. */
  serverName: string
  alpn: string[]
  cipherSuites: number[]
  /** Types in the order they were sent. */
  extensions: number[]
  /** Of supported_versions, or the one legacy version. */
  versions: number[]
  /** Least bytes worth another try; valid iff reading it from records said NEED_MORE. */
  wantedBytes: number
}

/** A hello with nothing in it. */
export function emptyHello(): ClientHello {
  return { serverName: '', alpn: [], cipherSuites: [], extensions: [], versions: [], wantedBytes: 0 }
}

/**
 * Reads the handshake message that begins at `start` into `hello`.
 * Returns the offset after it, NEED_MORE if it is not all there yet, or why it cannot be read.
 */
export function readClientHello(bytes: Uint8Array, start: number, end: number, hello: ClientHello): number {
  if (end - start < HANDSHAKE_HEADER_BYTES) return NEED_MORE
  if (bytes[start] !== CLIENT_HELLO) return MALFORMED_VALUE
  const messageEnd = start + HANDSHAKE_HEADER_BYTES + u24(bytes, start + 1)
  if (messageEnd > end) return NEED_MORE
  const message = new Cursor(bytes, start + HANDSHAKE_HEADER_BYTES, messageEnd)

  const legacyVersion = message.u16()
  message.skip(32) // random
  message.block8() // legacy_session_id
  const cipherSuites = message.block16()
  message.block8() // legacy_compression_methods
  const extensions = message.isEmpty ? message : message.block16() // TLS 1.0 clients may send none
  if (!message.ok) return MALFORMED_LENGTH

  while (!cipherSuites.isEmpty) hello.cipherSuites.push(cipherSuites.u16())
  while (!extensions.isEmpty) {
    const type = extensions.u16()
    const data = extensions.block16()
    if (!extensions.ok) return MALFORMED_LENGTH
    hello.extensions.push(type)
    if (!readExtension(type, data, hello)) return MALFORMED_LENGTH
  }
  if (hello.versions.length === 0) hello.versions.push(legacyVersion)
  return cipherSuites.ok ? messageEnd : MALFORMED_LENGTH
}

function readExtension(type: number, data: Cursor, hello: ClientHello): boolean {
  switch (type) {
    case SERVER_NAME: {
      if (data.isEmpty) return true
      const names = data.block16()
      while (!names.isEmpty) {
        const nameType = names.u8()
        const name = names.block16()
        if (names.ok && nameType === HOST_NAME && hello.serverName === '') hello.serverName = name.text()
      }
      return names.ok
    }
    case ALPN: {
      const protocols = data.block16()
      while (!protocols.isEmpty) hello.alpn.push(protocols.block8().text())
      return protocols.ok
    }
    case SUPPORTED_VERSIONS: {
      const versions = data.block8()
      while (!versions.isEmpty) hello.versions.push(versions.u16())
      return versions.ok
    }
    default:
      return true // unknown extensions are facts, not faults
  }
}
