/**
 * Hellos of DTLS 1.0, 1.2 and 1.3 (RFC 6347 section 4, RFC 9147 sections 4 and
 * 5): TLS over UDP. One datagram holds one or more records.
 *
 *   record:    type(1)  version(2)  epoch(2)  sequence(6)  length(2)
 *   handshake: type(1)  length(3)  message_seq(2)  fragment_offset(3)  fragment_length(3)
 *
 * Only epoch 0 is in the clear. A message is cut into fragments, which may
 * come in any order, twice, and overlapping; where two disagree the first one
 * wins. A server answers the first hello with HelloVerifyRequest, and the
 * client says hello again with a cookie and the next message_seq; both have
 * the name, so the first one that is whole is enough.
 */

import { Assembler } from '../../bytes/assembler.ts'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u8, u16, u24 } from '../../bytes/read.ts'
import type { TlsAlert } from './alert.ts'
import { CLIENT_HELLO, type ClientHello, readHelloBody } from './client-hello.ts'
import { ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE } from './record-head.ts'
import { readServerHello, SERVER_HELLO, type ServerHello } from './server-hello.ts'

const HELLO_VERIFY_REQUEST = 3 // HandshakeType
const LAST_CONTENT_TYPE = 26 // ACK, RFC 9147 section 7

const VERSION = 1
const EPOCH = 3
const LENGTH = 11
const RECORD_HEADER_BYTES = 13

const MESSAGE_LENGTH = 1
const MESSAGE_SEQ = 4
const FRAGMENT_OFFSET = 6
const FRAGMENT_LENGTH = 9
const HANDSHAKE_HEADER_BYTES = 12

const HELLO_BODY_BYTES_MIN = 2 + 32 + 1 + 1 + 2 + 2 + 1
const MESSAGE_BYTES_MAX = 16_384
const RECORDS_MAX = 64 // in one datagram
const NOTHING = new Uint8Array(0)
const MESSAGE_SEQ_MAX = 3 // a client says hello once, again for the cookie, and again for another group

/** One handshake fragment's header, reused from call to call. */
class Fragment {
  type = 0
  messageBytes = 0
  sequence = 0
  offset = 0
  /** Offsets of its bytes. */
  start = 0
  end = 0
}

const fragment = new Fragment()

/** Puts one side's first message together, a ClientHello or a ServerHello, from the datagrams of that side. */
class DtlsMessage {
  /** The message without its header; where nothing came yet there are zeros. */
  body = NOTHING
  readonly #type: number
  #sequence = -1
  #pieces = new Assembler()

  constructor(type: number) {
    this.#type = type
  }

  /** How many bytes from the beginning are there without a hole. */
  get contiguous(): number {
    return this.#pieces.contiguous
  }

  /**
   * Takes the fragment in `bytes` that `fragment` describes. A newer message takes the place of an unfinished one.
   * @returns the length of the message when it is whole, NEED_MORE, or why the fragment is refused
   */
  add(bytes: Uint8Array): number {
    const { sequence, messageBytes, offset, start, end } = fragment
    if (fragment.type !== this.#type || sequence < this.#sequence || sequence > MESSAGE_SEQ_MAX) return NEED_MORE
    if (messageBytes > MESSAGE_BYTES_MAX) return LIMIT_REACHED
    if (sequence > this.#sequence) {
      this.#sequence = sequence
      this.body = new Uint8Array(messageBytes)
      this.#pieces = new Assembler()
    } else if (messageBytes !== this.body.length) return MALFORMED_LENGTH
    const { body } = this
    const delta = start - offset
    const isKept = this.#pieces.add(offset, offset + end - start, (from, to) => {
      for (let i = from; i < to; i++) body[i] = u8(bytes, i + delta)
    })
    if (!isKept) return LIMIT_REACHED
    return this.contiguous === body.length ? body.length : NEED_MORE
  }
}

/** The hello of one DTLS client. Its buffers live as long as it does: drop it when the flow is decided. */
export class DtlsClient {
  readonly #message = new DtlsMessage(CLIENT_HELLO)

  /**
   * Takes a datagram of the client, bytes[start, end), and reads the hello into `hello`, an empty one, when it is whole.
   * @returns the offset after the record that completed it, NEED_MORE, or why this datagram cannot be read
   */
  read(bytes: Uint8Array, start: number, end: number, hello: ClientHello): number {
    let at = start
    for (let records = 0; records < RECORDS_MAX; records++) {
      const recordEnd = readRecord(bytes, at, end)
      if (recordEnd < 0) return recordEnd
      const outcome = isClear(bytes, at, HANDSHAKE) ? this.#readFragments(bytes, at, recordEnd, hello) : NEED_MORE
      if (outcome >= 0) return recordEnd
      if (outcome !== NEED_MORE || recordEnd === end) return outcome
      at = recordEnd
    }
    return LIMIT_REACHED
  }

  /** What can be read when no more datagrams will come; see `readPartialClientHello`. */
  readPartial(hello: ClientHello): number {
    const { body, contiguous } = this.#message
    if (contiguous === 0) return NEED_MORE
    return readHelloBody(body, 0, body.length, contiguous, hello, true)
  }

  #readFragments(bytes: Uint8Array, record: number, recordEnd: number, hello: ClientHello): number {
    for (let at = record + RECORD_HEADER_BYTES; at < recordEnd; at = fragment.end) {
      const outcome = readFragment(bytes, at, recordEnd)
      if (outcome < 0) return outcome
      if (fragment.type !== CLIENT_HELLO) continue
      const { start, messageBytes } = fragment
      if (fragment.end - start === messageBytes)
        return readHelloBody(bytes, start, fragment.end, fragment.end, hello, true)
      const length = this.#message.add(bytes)
      if (length >= 0) return readHelloBody(this.#message.body, 0, length, length, hello, true)
      if (length !== NEED_MORE) return length
    }
    return NEED_MORE
  }
}

/** What a DTLS server answered first. */
export interface DtlsAnswer {
  /** It asked for a cookie: the client will say hello again. */
  helloVerifyRequest: boolean
  hello: ServerHello | undefined
  alert: TlsAlert | undefined
}

/** The answer of one DTLS server. */
export class DtlsServer {
  readonly answer: DtlsAnswer = { helloVerifyRequest: false, hello: undefined, alert: undefined }
  readonly #message = new DtlsMessage(SERVER_HELLO)

  /**
   * Takes a datagram of the server, bytes[start, end), into `answer`.
   * @returns the offset after the record with the ServerHello or a fatal alert, NEED_MORE, or why it cannot be read
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    for (let records = 0; records < RECORDS_MAX; records++) {
      const recordEnd = readRecord(bytes, at, end)
      if (recordEnd < 0) return recordEnd
      const outcome = this.#readRecord(bytes, at, recordEnd)
      if (outcome >= 0) return recordEnd
      if (outcome !== NEED_MORE || recordEnd === end) return outcome
      at = recordEnd
    }
    return LIMIT_REACHED
  }

  #readRecord(bytes: Uint8Array, record: number, recordEnd: number): number {
    const body = record + RECORD_HEADER_BYTES
    if (isClear(bytes, record, ALERT) && recordEnd - body === 2) {
      this.answer.alert ??= { isFatal: u8(bytes, body) === 2, description: u8(bytes, body + 1) }
      return u8(bytes, body) === 2 ? recordEnd : NEED_MORE
    }
    if (!isClear(bytes, record, HANDSHAKE)) return NEED_MORE
    for (let at = body; at < recordEnd; at = fragment.end) {
      const outcome = readFragment(bytes, at, recordEnd)
      if (outcome < 0) return outcome
      if (fragment.type === HELLO_VERIFY_REQUEST) this.answer.helloVerifyRequest = true
      if (fragment.type !== SERVER_HELLO) continue
      const length = this.#message.add(bytes)
      if (length < 0 && length !== NEED_MORE) return length
      if (length < 0) continue
      const hello = readServerHello(this.#message.body, 0, length)
      if (typeof hello === 'number') return hello
      this.answer.hello = hello
      if (!hello.isRetry) return recordEnd
    }
    return NEED_MORE
  }
}

/**
 * Is the datagram bytes[start, end) the beginning of a DTLS hello, or a fragment of one? The whole first record must
 * fit: a datagram is all there or it is cut off, there is nothing to wait for.
 */
export function dtlsHelloMayBegin(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    readRecord(bytes, start, end) > 0 &&
    isClear(bytes, start, HANDSHAKE) &&
    readFragment(bytes, start + RECORD_HEADER_BYTES, start + RECORD_HEADER_BYTES + u16(bytes, start + LENGTH)) >= 0 &&
    fragment.type === CLIENT_HELLO &&
    fragment.messageBytes >= HELLO_BODY_BYTES_MIN &&
    fragment.messageBytes <= MESSAGE_BYTES_MAX &&
    fragment.sequence <= MESSAGE_SEQ_MAX
  )
}

/** Checks the header at `at`; returns where its record ends, or why it is none. */
function readRecord(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < RECORD_HEADER_BYTES) return MALFORMED_LENGTH
  const type = u8(bytes, at)
  if (type < CHANGE_CIPHER_SPEC || type > LAST_CONTENT_TYPE || !isVersion(u16(bytes, at + VERSION)))
    return MALFORMED_VALUE
  const recordEnd = at + RECORD_HEADER_BYTES + u16(bytes, at + LENGTH)
  return recordEnd > end ? MALFORMED_LENGTH : recordEnd
}

/** DTLS 1.0, 1.2, and 0x0100 of OpenSSL before 0.9.8f, which some VPNs of Cisco still speak. */
function isVersion(version: number): boolean {
  return version === 0xfeff || version === 0xfefd || version === 0x0100
}

/** True when the record at `at` has this type and is not encrypted. */
function isClear(bytes: Uint8Array, at: number, type: number): boolean {
  return u8(bytes, at) === type && u16(bytes, at + EPOCH) === 0
}

/** Reads the header at `at` into `fragment`; returns where its bytes begin, or why it is none. */
function readFragment(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < HANDSHAKE_HEADER_BYTES) return MALFORMED_LENGTH
  const length = u24(bytes, at + FRAGMENT_LENGTH)
  fragment.type = u8(bytes, at)
  fragment.messageBytes = u24(bytes, at + MESSAGE_LENGTH)
  fragment.sequence = u16(bytes, at + MESSAGE_SEQ)
  fragment.offset = u24(bytes, at + FRAGMENT_OFFSET)
  fragment.start = at + HANDSHAKE_HEADER_BYTES
  fragment.end = fragment.start + length
  if (fragment.end > end || fragment.offset + length > fragment.messageBytes) return MALFORMED_LENGTH
  return fragment.start
}
