/**
 * TLS records, RFC 8446 section 5.1, around a ClientHello.
 *
 *   type(1)=22  version(2)  length(2)  fragment(length)
 *
 * A handshake message may be cut over any number of records, and a record may
 * lie in any number of TCP segments. Almost always one record holds the whole
 * message, and it is read where it lies; otherwise the fragments are joined in
 * a scratch buffer first.
 */

import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u8, u16, u24 } from '../../bytes/read.ts'
import { type ClientHello, HANDSHAKE_HEADER_BYTES, readClientHello } from './client-hello.ts'

const HANDSHAKE = 22 // ContentType
const CLIENT_HELLO = 1
const RECORD_HEADER_BYTES = 5
const FRAGMENT_BYTES_MAX = 16_384 + 256 // RFC 8446 section 5.2

const RECORDS_MAX = 2048 // a hello of 2 KiB in records of one byte; more is an attack on whoever joins them

/** Longest hello that is followed. Chromium's with a post-quantum key share has about 1,800 bytes. */
export const HELLO_BYTES_MAX = 32_768

// written and read within one call; nothing is kept in it
const scratch = new Uint8Array(HELLO_BYTES_MAX)

/**
 * Could bytes[start, end) be the beginning of a TLS connection? Needs no more than what is there.
 * @returns false as soon as a byte says no
 */
export function looksLikeTls(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  return (
    length > 0 &&
    u8(bytes, start) === HANDSHAKE &&
    (length < 2 || u8(bytes, start + 1) === 3) &&
    (length < RECORD_HEADER_BYTES || fragmentIsPlausible(u16(bytes, start + 3))) &&
    (length < RECORD_HEADER_BYTES + 1 || u8(bytes, start + RECORD_HEADER_BYTES) === CLIENT_HELLO)
  )
}

/**
 * Reads the ClientHello that begins a client's stream bytes[start, end) into `hello`.
 * Returns the offset after its last record, NEED_MORE (then `hello.wantedBytes` says how many bytes from `start`
 * on are worth another try), or why it cannot be read.
 */
export function readHelloRecords(bytes: Uint8Array, start: number, end: number, hello: ClientHello): number {
  let at = start
  let joined = 0 // bytes in scratch
  for (let records = 0; records < RECORDS_MAX; records++) {
    hello.wantedBytes = at + RECORD_HEADER_BYTES - start
    if (end - at < RECORD_HEADER_BYTES) return NEED_MORE
    if (u8(bytes, at) !== HANDSHAKE || u8(bytes, at + 1) !== 3) return MALFORMED_VALUE
    const length = u16(bytes, at + 3)
    if (!fragmentIsPlausible(length)) return MALFORMED_LENGTH
    const fragment = at + RECORD_HEADER_BYTES
    const fragmentEnd = fragment + length
    hello.wantedBytes = fragmentEnd - start
    if (fragmentEnd > end) return NEED_MORE

    const isWhole = joined === 0 && length >= HANDSHAKE_HEADER_BYTES && messageBytes(bytes, fragment) <= length
    if (isWhole) {
      const outcome = readClientHello(bytes, fragment, fragmentEnd, hello)
      return outcome < 0 ? outcome : fragmentEnd
    }

    if (joined + length > HELLO_BYTES_MAX) return LIMIT_REACHED
    for (let i = 0; i < length; i++) scratch[joined + i] = u8(bytes, fragment + i)
    joined += length
    at = fragmentEnd
    if (joined >= HANDSHAKE_HEADER_BYTES && messageBytes(scratch, 0) <= joined) {
      const outcome = readClientHello(scratch, 0, joined, hello)
      return outcome < 0 ? outcome : fragmentEnd
    }
    if (u8(scratch, 0) !== CLIENT_HELLO) return MALFORMED_VALUE
    if (joined >= HANDSHAKE_HEADER_BYTES && messageBytes(scratch, 0) > HELLO_BYTES_MAX) return LIMIT_REACHED
  }
  return LIMIT_REACHED
}

function fragmentIsPlausible(length: number): boolean {
  return length > 0 && length <= FRAGMENT_BYTES_MAX
}

function messageBytes(bytes: Uint8Array, at: number): number {
  return HANDSHAKE_HEADER_BYTES + u24(bytes, at + 1)
}
