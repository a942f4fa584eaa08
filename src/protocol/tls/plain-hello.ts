/**
 * The server name of a plain ClientHello, read where it lies.
 *
 * Nearly all hellos are plain: one whole record with one whole message and
 * nothing else in it, one host name, and nothing that says that the name is not
 * the real one. From those most readers want the name alone, and reading it so
 * takes a tenth of what readHelloRecords takes, which makes lists and texts of
 * all that is there.
 *
 * Each rule here is one of record.ts, probe.ts and client-hello.ts as well, and
 * never a looser one: what is plain here, they take, and give the same name. A
 * test with damaged hellos holds them together (plain-hello.test.ts).
 */

import { u8, u16, u24 } from '../../bytes/read.ts'
import { CLIENT_HELLO, HANDSHAKE_HEADER_BYTES } from './client-hello.ts'
import { HANDSHAKE, RECORD_HEADER_BYTES } from './record-head.ts'

const RANDOM_END = HANDSHAKE_HEADER_BYTES + 2 + 32
const SESSION_ID_BYTES_MAX = 32
const BODY_BYTES_MIN = 2 + 32 + 1 + 2 + 2 + 1
/** Hellos that begin like a DNS message of this length (16 03) would have to be longer. */
const RECORD_BYTES_MAX = 0x1600
const EXTENSION_HEADER_BYTES = 4
const NAME_BYTES_MAX = 255 // RFC 1035 section 2.3.4; a longer one is odd, and somebody may keep the names

// ExtensionType
const SERVER_NAME = 0
const ALPN = 16
const SUPPORTED_VERSIONS = 43
const ENCRYPTED_CLIENT_HELLO = 0xfe0d
const ENCRYPTED_SERVER_NAME = 0xffce

const DOT_OR_DOQ_BYTES = 3
const LETTER_D = 0x64

/** Where the name of a plain hello is; reused from call to call. */
export class PlainHello {
  /** The name is bytes[nameAt, nameEnd). */
  nameAt = 0
  nameEnd = 0
}

/** Do bytes[start, end) begin with a plain hello? Then `hello` says where its name is. */
export function isPlainHello(bytes: Uint8Array, start: number, end: number, hello: PlainHello): boolean {
  if (end - start < RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES + BODY_BYTES_MIN) return false
  if (u8(bytes, start) !== HANDSHAKE || u8(bytes, start + 1) !== 3) return false
  const message = start + RECORD_HEADER_BYTES
  const messageBytes = u16(bytes, start + 3)
  const messageEnd = message + messageBytes
  if (messageBytes > RECORD_BYTES_MAX || messageEnd > end) return false
  if (u8(bytes, message) !== CLIENT_HELLO) return false
  if (u24(bytes, message + 1) !== messageBytes - HANDSHAKE_HEADER_BYTES) return false

  let at = message + RANDOM_END
  const sessionIdBytes = u8(bytes, at)
  if (sessionIdBytes > SESSION_ID_BYTES_MAX) return false
  at += 1 + sessionIdBytes
  if (at + 2 > messageEnd) return false
  const suitesBytes = u16(bytes, at)
  at += 2 + suitesBytes
  if ((suitesBytes & 1) !== 0 || at >= messageEnd) return false
  at += 1 + u8(bytes, at) // compression methods
  if (at + 2 > messageEnd || at + 2 + u16(bytes, at) !== messageEnd) return false
  return readExtensions(bytes, at + 2, messageEnd, hello)
}

function readExtensions(bytes: Uint8Array, start: number, end: number, hello: PlainHello): boolean {
  hello.nameEnd = 0
  for (let at = start; at < end; ) {
    if (at + EXTENSION_HEADER_BYTES > end) return false
    const type = u16(bytes, at)
    const data = at + EXTENSION_HEADER_BYTES
    const next = data + u16(bytes, at + 2)
    if (next > end) return false
    if (!readExtension(bytes, type, data, next, hello)) return false
    at = next
  }
  return hello.nameEnd !== 0
}

function readExtension(bytes: Uint8Array, type: number, start: number, end: number, hello: PlainHello): boolean {
  switch (type) {
    case SERVER_NAME:
      return hello.nameEnd === 0 && readServerName(bytes, start, end, hello)
    case ALPN:
      return hasNoDns(bytes, start, end)
    case SUPPORTED_VERSIONS:
      return end - start > 1 && u8(bytes, start) === end - start - 1 && ((end - start) & 1) === 1
    case ENCRYPTED_CLIENT_HELLO:
    case ENCRYPTED_SERVER_NAME:
      return false
    default:
      return true
  }
}

/** One host name that fills the list, which fills the extension: list<2> of type(1)=0 name<2>. */
function readServerName(bytes: Uint8Array, start: number, end: number, hello: PlainHello): boolean {
  const nameBytes = end - start - 5
  if (nameBytes < 1 || nameBytes > NAME_BYTES_MAX || u16(bytes, start) !== nameBytes + 3) return false
  if (u8(bytes, start + 2) !== 0 || u16(bytes, start + 3) !== nameBytes) return false
  hello.nameAt = start + 5
  hello.nameEnd = end
  return true
}

/** A list<2> of protocols<1>, of which none may be DNS (`dot`, `doq`): that is for whoever counts encrypted DNS. */
function hasNoDns(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || u16(bytes, start) !== end - start - 2) return false
  let at = start + 2
  while (at < end) {
    const length = u8(bytes, at)
    if (length === DOT_OR_DOQ_BYTES && at + 1 < end && u8(bytes, at + 1) === LETTER_D) return false
    at += 1 + length
  }
  return at === end
}
