/**
 * TLS ClientHello, RFC 8446 section 4.1.2, as far as a sensor wants it.
 * The same message serves TLS 1.0 to 1.3, DTLS and, inside CRYPTO frames, QUIC.
 *
 *   type(1)=1  length(3)  legacy_version(2)  random(32)  session_id<1>
 *   [DTLS only: cookie<1>]  cipher_suites<2>  compression_methods<1>
 *   extensions<2>
 *
 * <n> is a part with its length in n bytes before it. Each extension is
 * type(2) data<2>, in any order. Numbers are big-endian; the bytes stay the
 * caller's and nothing of them is kept.
 *
 * A list that is broken inside an extension other than the name, the
 * protocols and the versions leaves its field empty and does no more: a server
 * that does not know the extension does not look into it either.
 */

import { Cursor } from '../../bytes/cursor.ts'
import { MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u16, u24 } from '../../bytes/read.ts'
import { type EchOffer, readEchOffer } from './ech.ts'
import { newestVersion, TLS_1_3 } from './version.ts'

export const CLIENT_HELLO = 1 // HandshakeType
export const HANDSHAKE_HEADER_BYTES = 4
/**
 * Longest hello that is followed: with lists and extensions as long as can be, which OpenSSL takes. Chromium's with a
 * post-quantum key share has about 1,800 bytes.
 */
export const HELLO_BYTES_MAX = 131_396
const RANDOM_BYTES = 32
const HOST_NAME = 0

// ExtensionType, the IANA registry of TLS extensions
export const SERVER_NAME = 0 // RFC 6066 section 3
const SUPPORTED_GROUPS = 10 // RFC 8422 section 5.1.1
const EC_POINT_FORMATS = 11 // RFC 8422 section 5.1.2
const SIGNATURE_ALGORITHMS = 13 // RFC 8446 section 4.2.3
export const ALPN = 16 // RFC 7301 section 3.1
const SESSION_TICKET = 35 // RFC 5077 section 3.2
export const PRE_SHARED_KEY = 41 // RFC 8446 section 4.2.11
const EARLY_DATA = 42 // RFC 8446 section 4.2.10
export const SUPPORTED_VERSIONS = 43 // RFC 8446 section 4.2.1
const ENCRYPTED_CLIENT_HELLO = 0xfe0d // RFC 9849 section 5
const ENCRYPTED_SERVER_NAME = 0xffce // draft-ietf-tls-esni-01 to 06, never an RFC

/** The extensions that `readExtension` reads: by number up to PRE_SHARED_KEY, and those above. */
const READ_LOW = new Uint8Array(PRE_SHARED_KEY + 1)
for (const type of [
  SERVER_NAME,
  SUPPORTED_GROUPS,
  EC_POINT_FORMATS,
  SIGNATURE_ALGORITHMS,
  ALPN,
  SESSION_TICKET,
  PRE_SHARED_KEY,
]) {
  READ_LOW[type] = 1
}
const READ_HIGH = new Set([EARLY_DATA, SUPPORTED_VERSIONS, ENCRYPTED_CLIENT_HELLO, ENCRYPTED_SERVER_NAME])

export interface ClientHello {
  /** As sent; empty when there is none. With `ech` of form `outer` it is the name that the client wants others to see. */
  serverName: string
  alpn: string[]
  cipherSuites: number[]
  /** Types in the order they were sent. */
  extensions: number[]
  /** Of supported_versions, or the one legacy version. */
  versions: number[]
  /** The version field of the message, which TLS 1.3 froze at 0x0303. */
  legacyVersion: number
  /** One character per byte. TLS 1.3 clients send random bytes here. */
  sessionId: string
  compressionMethods: number[]
  /** Supported groups, formerly elliptic curves. */
  groups: number[]
  pointFormats: number[]
  signatureAlgorithms: number[]
  /** Length of the session ticket; 0 for the empty extension, which only asks for one, and when there is none. */
  ticketBytes: number
  /** How many pre-shared keys are offered: TLS 1.3's way to resume. */
  pskCount: number
  hasEarlyData: boolean
  /** What encrypted_client_hello says in the clear; undefined when it is not there or makes no sense. */
  ech: EchOffer | undefined
  /** An encrypted server name of the drafts before ECH is there. */
  hasEsni: boolean
  /** The end of the message was missing: what is here was there in full, what is empty may have been sent. */
  isPartial: boolean
  /** A hello in the form of SSL 2.0, which has no extensions and thus no name. */
  isSsl2: boolean
  /** Least bytes worth another try; valid iff reading it from records said NEED_MORE. */
  wantedBytes: number
}

/** A hello with nothing in it. */
export function emptyHello(): ClientHello {
  return {
    serverName: '',
    alpn: [],
    cipherSuites: [],
    extensions: [],
    versions: [],
    legacyVersion: 0,
    sessionId: '',
    compressionMethods: [],
    groups: [],
    pointFormats: [],
    signatureAlgorithms: [],
    ticketBytes: 0,
    pskCount: 0,
    hasEarlyData: false,
    ech: undefined,
    hasEsni: false,
    isPartial: false,
    isSsl2: false,
    wantedBytes: 0,
  }
}

/**
 * Reads the handshake message that begins at `start` into `hello`, an empty one.
 * Returns the offset after it, NEED_MORE if it is not all there yet, or why it cannot be read.
 */
export function readClientHello(bytes: Uint8Array, start: number, end: number, hello: ClientHello): number {
  if (end - start < HANDSHAKE_HEADER_BYTES) return NEED_MORE
  if (bytes[start] !== CLIENT_HELLO) return MALFORMED_VALUE
  const messageEnd = start + HANDSHAKE_HEADER_BYTES + u24(bytes, start + 1)
  if (messageEnd > end) return NEED_MORE
  return readHelloBody(bytes, start + HANDSHAKE_HEADER_BYTES, messageEnd, end, hello)
}

/**
 * Reads as much of the handshake message at `start` into `hello`, an empty one, as bytes[start, end) hold, for when
 * the rest will never come (a lost segment, a capture cut short). Only parts that are there in full are taken: half a
 * name is no name. Sets `hello.isPartial` when the end was missing.
 * @returns the offset after what could be used, NEED_MORE when not even the lists of ciphers are there, or why not
 */
export function readPartialClientHello(bytes: Uint8Array, start: number, end: number, hello: ClientHello): number {
  if (end - start < HANDSHAKE_HEADER_BYTES + 2) return NEED_MORE
  if (bytes[start] !== CLIENT_HELLO || bytes[start + HANDSHAKE_HEADER_BYTES] !== 3) return MALFORMED_VALUE
  const bodyStart = start + HANDSHAKE_HEADER_BYTES
  return readHelloBody(bytes, bodyStart, bodyStart + u24(bytes, start + 1), end, hello)
}

/**
 * Reads the message behind its header, bytes[start, messageEnd), of which only the part up to `end` is there.
 * @param isDatagram the cookie of DTLS stands between session id and cipher suites
 * @returns the offset after what was there, NEED_MORE when that is less than the fixed part, or why it cannot be read
 */
export function readHelloBody(
  bytes: Uint8Array,
  start: number,
  messageEnd: number,
  end: number,
  hello: ClientHello,
  isDatagram = false,
): number {
  const isCut = end < messageEnd
  const here = isCut ? end : messageEnd
  const message = new Cursor(bytes, start, here)
  hello.isPartial = isCut

  const legacyVersion = message.u16()
  message.skip(RANDOM_BYTES)
  const sessionId = message.block8()
  if (isDatagram) message.block8()
  const cipherSuites = message.block16()
  const compressionMethods = message.block8()
  if (!message.ok) return isCut ? NEED_MORE : MALFORMED_LENGTH
  if ((cipherSuites.left & 1) !== 0) return MALFORMED_LENGTH
  hello.legacyVersion = legacyVersion
  hello.sessionId = sessionId.text()
  hello.cipherSuites = numbers16(cipherSuites)
  hello.compressionMethods = numbers8(compressionMethods)

  const outcome = message.isEmpty ? here : readExtensions(message, messageEnd, hello)
  if (outcome >= 0 && !isCut && hello.versions.length === 0) hello.versions.push(legacyVersion)
  return outcome < 0 ? outcome : here
}

/** Does the client offer to go on with an earlier session? Then the server may show no certificate. */
export function offersResumption(hello: ClientHello): boolean {
  if (hello.pskCount > 0 || hello.ticketBytes > 0) return true
  return hello.sessionId !== '' && !hello.isPartial && newestVersion(hello.versions) < TLS_1_3
}

/** TLS 1.0 clients may send none; a cut message ends in the middle of any of them. */
function readExtensions(message: Cursor, messageEnd: number, hello: ClientHello): number {
  const { isPartial: isCut } = hello
  const length = message.u16()
  if (!message.ok) return isCut ? message.end : MALFORMED_LENGTH
  const extensionsEnd = message.at + length
  if (extensionsEnd > messageEnd) return MALFORMED_LENGTH
  const extensions = new Cursor(message.bytes, message.at, Math.min(extensionsEnd, message.end))
  while (!extensions.isEmpty) {
    const type = extensions.u16()
    const dataBytes = extensions.u16()
    const dataAt = extensions.skip(dataBytes)
    if (!extensions.ok) return isCut ? message.end : MALFORMED_LENGTH
    hello.extensions.push(type)
    // half of the extensions are of no interest, and a cursor for each would cost as much as the rest
    if (!isRead(type)) continue
    if (!readExtension(type, new Cursor(message.bytes, dataAt, extensions.at), hello)) return MALFORMED_LENGTH
  }
  return extensions.at
}

function isRead(type: number): boolean {
  return type <= PRE_SHARED_KEY ? READ_LOW[type] === 1 : READ_HIGH.has(type)
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
      while (!protocols.isEmpty) {
        const protocol = protocols.block8()
        if (protocols.ok) hello.alpn.push(protocol.text())
      }
      return protocols.ok
    }
    case SUPPORTED_VERSIONS: {
      const versions = data.block8()
      while (!versions.isEmpty) hello.versions.push(versions.u16())
      return versions.ok
    }
    case SUPPORTED_GROUPS:
      hello.groups = numbers16(data.block16())
      return true
    case EC_POINT_FORMATS:
      hello.pointFormats = numbers8(data.block8())
      return true
    case SIGNATURE_ALGORITHMS:
      hello.signatureAlgorithms = numbers16(data.block16())
      return true
    case SESSION_TICKET:
      hello.ticketBytes = data.left
      return true
    case PRE_SHARED_KEY:
      hello.pskCount = countIdentities(data.block16())
      return true
    case EARLY_DATA:
      hello.hasEarlyData = true
      return true
    case ENCRYPTED_CLIENT_HELLO:
      hello.ech = readEchOffer(data)
      return true
    case ENCRYPTED_SERVER_NAME:
      hello.hasEsni = true
      return true
    default:
      return true // unknown extensions are facts, not faults
  }
}

/** PskIdentity is identity<2> obfuscated_ticket_age(4). */
function countIdentities(identities: Cursor): number {
  let count = 0
  while (!identities.isEmpty) {
    identities.block16()
    identities.skip(4)
    if (identities.ok) count++
  }
  return identities.ok ? count : 0
}

/** The rest of `list` as 16-bit numbers; none when it has an odd length. */
function numbers16(list: Cursor): number[] {
  const values: number[] = []
  if (!list.ok || (list.left & 1) !== 0) return values
  for (let at = list.at; at < list.end; at += 2) values.push(u16(list.bytes, at))
  return values
}

function numbers8(list: Cursor): number[] {
  const values: number[] = []
  while (!list.isEmpty) values.push(list.u8())
  return values
}
