/**
 * TLS records, RFC 8446 section 5.1, around a ClientHello.
 *
 *   type(1)=22  version(2)  length(2)  fragment(length)
 *
 * A handshake message may be cut over any number of records, and a record may
 * lie in any number of TCP segments. Almost always one record holds the whole
 * message, and it is read where it lies; otherwise the fragments are joined in
 * a scratch buffer first.
 *
 * Records without content, warning alerts and ChangeCipherSpec may stand
 * before and between: servers take a few of them, so whoever wants to hide a
 * name may send them.
 */

import { LIMIT_REACHED, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u8, u24 } from '../../bytes/read.ts'
import {
  CLIENT_HELLO,
  type ClientHello,
  HANDSHAKE_HEADER_BYTES,
  HELLO_BYTES_MAX,
  readClientHello,
  readPartialClientHello,
} from './client-hello.ts'
import {
  HANDSHAKE,
  maySkip,
  RECORD_HEADER_BYTES,
  RecordHead,
  readRecordHead,
  SKIPPED_RECORDS_MAX,
} from './record-head.ts'
import { readSsl2Hello } from './ssl2-hello.ts'

// the name by which the beginning of a stream asks; the rule is the same at any place
export { helloMayBegin as looksLikeTls } from './probe.ts'
export { HELLO_BYTES_MAX }

const RECORDS_MAX = 2048 // a hello of 2 KiB in records of one byte; more is an attack on whoever joins them

// written and read within one call; nothing is kept in them
const scratch = new Uint8Array(HELLO_BYTES_MAX)
const head = new RecordHead()

/**
 * Reads the ClientHello that begins a client's stream bytes[start, end) into `hello`, an empty one.
 * Returns the offset after its last record, NEED_MORE (then `hello.wantedBytes` says how many bytes from `start`
 * on are worth another try), or why it cannot be read.
 */
export function readHelloRecords(bytes: Uint8Array, start: number, end: number, hello: ClientHello): number {
  return readRecords(bytes, start, end, hello, false)
}

/**
 * The same for a stream of which no more will come: a hello whose end is missing gives what was there in full,
 * and `hello.isPartial` is true.
 * @returns the offset after what could be used, NEED_MORE when there was too little of it, or why it cannot be read
 */
export function readPartialHello(bytes: Uint8Array, start: number, end: number, hello: ClientHello): number {
  return readRecords(bytes, start, end, hello, true)
}

function readRecords(bytes: Uint8Array, start: number, end: number, hello: ClientHello, isLast: boolean): number {
  if (end > start && u8(bytes, start) >= 0x80) return readSsl2Hello(bytes, start, end, hello)
  let at = start
  let joined = 0 // bytes in scratch
  let skipped = 0
  for (let records = 0; records < RECORDS_MAX; records++) {
    // a whole message more, and not the next record, or a hello in records of one byte costs its square to join
    hello.wantedBytes = at - start + RECORD_HEADER_BYTES + missingBytes(joined)
    const outcome = readRecordHead(bytes, at, end, head)
    if (outcome === NEED_MORE && isLast) return readPartialClientHello(scratch, 0, joined, hello) < 0 ? NEED_MORE : at
    if (outcome < 0) return outcome
    const { fragment, end: fragmentEnd } = head
    const length = fragmentEnd - fragment

    if (head.type !== HANDSHAKE || length === 0) {
      if (!maySkip(bytes, end, head) || ++skipped > SKIPPED_RECORDS_MAX) return MALFORMED_VALUE
      hello.wantedBytes = fragmentEnd - start
      if (fragmentEnd > end) return NEED_MORE
      at = fragmentEnd
      continue
    }

    if (joined === 0 && end > fragment && u8(bytes, fragment) !== CLIENT_HELLO) return MALFORMED_VALUE
    if (fragmentEnd > end) {
      hello.wantedBytes = fragmentEnd - start + bytesBehind(bytes, fragment, end, length, joined)
      return isLast ? readPartialJoined(bytes, fragment, end, joined, hello) : NEED_MORE
    }
    if (joined === 0 && length >= HANDSHAKE_HEADER_BYTES && messageBytes(bytes, fragment) <= length) {
      const done = readClientHello(bytes, fragment, fragmentEnd, hello)
      return done < 0 ? done : fragmentEnd
    }

    if (joined + length > HELLO_BYTES_MAX) return LIMIT_REACHED
    for (let i = 0; i < length; i++) scratch[joined + i] = u8(bytes, fragment + i)
    joined += length
    at = fragmentEnd
    if (joined < HANDSHAKE_HEADER_BYTES) continue
    if (messageBytes(scratch, 0) > HELLO_BYTES_MAX) return LIMIT_REACHED
    if (missingBytes(joined) === 0) {
      const done = readClientHello(scratch, 0, joined, hello)
      return done < 0 ? done : fragmentEnd
    }
  }
  return LIMIT_REACHED
}

/** The record at `fragment` ends behind `end`: what is there of it follows the `joined` bytes. */
function readPartialJoined(
  bytes: Uint8Array,
  fragment: number,
  end: number,
  joined: number,
  hello: ClientHello,
): number {
  if (joined === 0) return readPartialClientHello(bytes, fragment, end, hello)
  const length = Math.min(end - fragment, HELLO_BYTES_MAX - joined)
  for (let i = 0; i < length; i++) scratch[joined + i] = u8(bytes, fragment + i)
  const outcome = readPartialClientHello(scratch, 0, joined + length, hello)
  return outcome < 0 ? outcome : end
}

/** How many bytes must follow the record at `fragment`, of which [fragment, end) is there; 0 when that is not known. */
function bytesBehind(bytes: Uint8Array, fragment: number, end: number, length: number, joined: number): number {
  let missing = missingBytes(joined)
  if (joined === 0 && end - fragment >= HANDSHAKE_HEADER_BYTES) missing = messageBytes(bytes, fragment)
  return missing > length ? RECORD_HEADER_BYTES + missing - length : 0
}

/** How many bytes of the message are not among the `joined` ones; 0 also while its length is not known. */
function missingBytes(joined: number): number {
  return joined < HANDSHAKE_HEADER_BYTES ? 0 : Math.max(messageBytes(scratch, 0) - joined, 0)
}

function messageBytes(bytes: Uint8Array, at: number): number {
  return HANDSHAKE_HEADER_BYTES + u24(bytes, at + 1)
}
