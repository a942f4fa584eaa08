/**
 * What a server says first on a TLS connection, as far as it can be read:
 *
 *   TLS 1.3:  [HelloRetryRequest]  ServerHello            then all is encrypted
 *   before:   ServerHello  Certificate  ...               a new session
 *             ServerHello  [NewSessionTicket] ChangeCipherSpec  an earlier one goes on
 *   or:       Alert                                       it does not want to
 *
 * Handshake messages are cut over records as they like; they are joined in a
 * scratch buffer and read there. Each call reads from the beginning and
 * fills the same object anew, so a caller only keeps the bytes.
 */

import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u8, u24 } from '../../bytes/read.ts'
import type { TlsAlert } from './alert.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { HANDSHAKE_HEADER_BYTES } from './client-hello.ts'
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  maySkip,
  RECORD_HEADER_BYTES,
  RecordHead,
  readRecordHead,
} from './record-head.ts'
import { readServerHello, SERVER_HELLO, type ServerHello } from './server-hello.ts'
import { isTls13 } from './version.ts'

// HandshakeType
const HELLO_REQUEST = 0
const CERTIFICATE = 11

const RECORDS_MAX = 1024
/** Most bytes of handshake that are followed; chains with every root in them have about 20 KiB. */
export const SERVER_FLIGHT_BYTES_MAX = 65_536
const CERTIFICATE_LENGTH_BYTES = 3
const FINISHED = -100 // of readMessages alone, no outcome of a parser: all is known that can be

// written and read within one call; nothing is kept in them
const scratch = new Uint8Array(SERVER_FLIGHT_BYTES_MAX)
const head = new RecordHead()

export interface ServerFlight {
  /** The ServerHello, or the HelloRetryRequest while no other has come. */
  hello: ServerHello | undefined
  /** A HelloRetryRequest came first. */
  wasRetried: boolean
  /** The first alert in the clear. */
  alert: TlsAlert | undefined
  /** The server's own certificate; it may be there while the chain is not yet. */
  certificate: Certificate | undefined
  /** How many certificates the server sent; 0 while that is not known. */
  chainLength: number
  /** ChangeCipherSpec came without a certificate before TLS 1.3: an earlier session goes on. */
  isAbbreviated: boolean
  /** Least bytes worth another try; valid iff reading said NEED_MORE. */
  wantedBytes: number
}

/** A flight with nothing in it. */
export function emptyFlight(): ServerFlight {
  return {
    hello: undefined,
    wasRetried: false,
    alert: undefined,
    certificate: undefined,
    chainLength: 0,
    isAbbreviated: false,
    wantedBytes: 0,
  }
}

/**
 * Reads the beginning of a server's stream bytes[start, end) into `flight`, whatever was in it before.
 * Returns the offset after the record with the last thing that can be learned, NEED_MORE (then `flight.wantedBytes`
 * says how many bytes from `start` on are worth another try), or why it cannot be read. What was found until then
 * is in `flight` in any case.
 */
export function readServerFlight(bytes: Uint8Array, start: number, end: number, flight: ServerFlight): number {
  Object.assign(flight, emptyFlight())
  let at = start
  let joined = 0 // bytes in scratch
  let done = 0 // how many of them have been read
  for (let records = 0; records < RECORDS_MAX; records++) {
    flight.wantedBytes = at - start + RECORD_HEADER_BYTES + missingBytes(done, joined)
    const outcome = readRecordHead(bytes, at, end, head)
    if (outcome < 0) return outcome
    const { type, fragment, end: fragmentEnd } = head
    const available = Math.min(fragmentEnd, end)

    if (type === HANDSHAKE) {
      // a record that is not all there may still hold the whole hello, or the whole certificate
      if (joined + available - fragment > SERVER_FLIGHT_BYTES_MAX) return LIMIT_REACHED
      for (let i = fragment; i < available; i++) scratch[joined + i - fragment] = u8(bytes, i)
      joined += available - fragment
      done = readMessages(done, joined, flight)
      if (done < 0) return done === FINISHED ? available : done
    }
    if (fragmentEnd > end) {
      flight.wantedBytes = fragmentEnd - start
      return NEED_MORE
    }
    if (type === ALERT && fragmentEnd - fragment === 2) {
      flight.alert ??= { isFatal: u8(bytes, fragment) === 2, description: u8(bytes, fragment + 1) }
      if (u8(bytes, fragment) === 2) return fragmentEnd
    } else if (type === CHANGE_CIPHER_SPEC && flight.hello && !flight.hello.isRetry) {
      flight.isAbbreviated = true
      return fragmentEnd
    } else if (type === APPLICATION_DATA && flight.hello) {
      return fragmentEnd
    } else if (type !== HANDSHAKE && !maySkip(bytes, end, head)) {
      return MALFORMED_VALUE
    }
    at = fragmentEnd
  }
  return LIMIT_REACHED
}

/**
 * Does an earlier session go on? Before TLS 1.3 the server then repeats the session id that the client sent, or
 * sends no certificate; in TLS 1.3 it names a pre-shared key.
 * @param clientSessionId of the client's hello; empty when it is not known
 */
export function isResumed(flight: ServerFlight, clientSessionId: string): boolean {
  const { hello } = flight
  if (!hello || hello.isRetry) return false
  if (isTls13(hello.version)) return hello.hasPsk
  if (flight.certificate || flight.chainLength > 0) return false
  return flight.isAbbreviated || (hello.sessionId !== '' && hello.sessionId === clientSessionId)
}

/** Reads the whole messages in scratch[done, joined); returns how far it came, FINISHED, or why they cannot be read. */
function readMessages(done: number, joined: number, flight: ServerFlight): number {
  let at = done
  while (joined - at >= HANDSHAKE_HEADER_BYTES) {
    const type = scratch[at]!
    const body = at + HANDSHAKE_HEADER_BYTES
    const bodyEnd = body + u24(scratch, at + 1)
    if (type === CERTIFICATE && flight.hello) readLeaf(body, Math.min(bodyEnd, joined), bodyEnd, flight)
    if (bodyEnd > SERVER_FLIGHT_BYTES_MAX && (type !== CERTIFICATE || flight.certificate)) return LIMIT_REACHED
    if (bodyEnd > joined) return at
    at = bodyEnd

    if (type === SERVER_HELLO && (!flight.hello || flight.hello.isRetry)) {
      const hello = readServerHello(scratch, body, bodyEnd)
      if (typeof hello === 'number') return hello
      flight.hello = hello
      if (hello.isRetry) flight.wasRetried = true
      else if (isTls13(hello.version)) return FINISHED
    } else if (type === CERTIFICATE && flight.hello) {
      const count = countCertificates(body, bodyEnd)
      if (count < 0) return MALFORMED_LENGTH
      flight.chainLength = count
      return FINISHED
    } else if (type !== HELLO_REQUEST) {
      return flight.hello ? FINISHED : MALFORMED_VALUE // NewSessionTicket, ServerKeyExchange: no certificate will come
    }
  }
  return at
}

/** certificate_list<3> of certificate<3>, RFC 5246 section 7.4.2: the first one, as soon as it is there in full. */
function readLeaf(start: number, end: number, bodyEnd: number, flight: ServerFlight): void {
  const leaf = start + 2 * CERTIFICATE_LENGTH_BYTES
  if (leaf > end) return
  const leafEnd = leaf + u24(scratch, start + CERTIFICATE_LENGTH_BYTES)
  if (leafEnd > end || leafEnd > bodyEnd || leafEnd === leaf) return
  const certificate = readCertificate(scratch, leaf, leafEnd)
  if (typeof certificate !== 'number') flight.certificate = certificate
}

/** How many certificates the list in scratch[start, end) has; -1 when its lengths do not fit. */
function countCertificates(start: number, end: number): number {
  if (end - start < CERTIFICATE_LENGTH_BYTES || u24(scratch, start) !== end - start - CERTIFICATE_LENGTH_BYTES)
    return -1
  let count = 0
  let at = start + CERTIFICATE_LENGTH_BYTES
  while (at < end) {
    if (end - at < CERTIFICATE_LENGTH_BYTES) return -1
    at += CERTIFICATE_LENGTH_BYTES + u24(scratch, at)
    count++
  }
  return at === end ? count : -1
}

/** How many bytes of the message in progress are missing; 0 when its length is not known, or more than will be kept. */
function missingBytes(done: number, joined: number): number {
  if (joined - done < HANDSHAKE_HEADER_BYTES) return 0
  const messageEnd = done + HANDSHAKE_HEADER_BYTES + u24(scratch, done + 1)
  return messageEnd > SERVER_FLIGHT_BYTES_MAX ? 0 : Math.max(messageEnd - joined, 0)
}
