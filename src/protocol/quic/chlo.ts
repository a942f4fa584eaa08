/**
 * Google's own hello (CHLO), before QUIC took TLS: a message of tags and values
 * (QUIC Crypto by Langley and Chang, revision 2016, section "Handshake
 * messages"; Chromium, quic/core/crypto/crypto_framer.cc). Little-endian.
 *
 *   'CHLO'  count(2)  0(2)  count * { tag(4) valueEnd(4) }  values
 *
 * `valueEnd` counts from the first value; each value begins where the one
 * before it ends.
 */

import { Cursor } from '../../bytes/cursor.ts'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u32 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'

const CHLO = 0x43484c4f // 'CHLO' read as a big-endian number, like the tags below
const SERVER_NAME = 0x534e4900 // 'SNI\0'
const USER_AGENT = 0x55414944 // 'UAID'

const HEAD_BYTES = 8
const ENTRY_BYTES = 8
const ENTRIES_MAX = 128 // Chromium's kMaxEntries
const VALUES_BYTES_MAX = 16_384

export interface GoogleHello {
  /** As sent; empty when there is none. */
  serverName: string
  /** The program that asks, as sent; empty when it does not say. */
  userAgent: string
}

/**
 * Reads the message that begins at `start` into `hello`, which is only changed when all of it is there.
 * Returns the offset after it, NEED_MORE, or why it cannot be read.
 */
export function readGoogleHello(bytes: Uint8Array, start: number, end: number, hello: GoogleHello): number {
  if (end - start < HEAD_BYTES) return NEED_MORE
  if (u32(bytes, start) !== CHLO) return MALFORMED_VALUE
  const count = u16le(bytes, start + 4)
  if (count > ENTRIES_MAX) return LIMIT_REACHED
  const values = start + HEAD_BYTES + count * ENTRY_BYTES
  if (values > end) return NEED_MORE

  const entries = new Cursor(bytes, start + HEAD_BYTES, values)
  let serverName = ''
  let userAgent = ''
  let valueStart = values
  while (!entries.isEmpty) {
    const tag = entries.u32()
    const valueBytes = u32le(bytes, entries.skip(4))
    if (valueBytes > VALUES_BYTES_MAX) return LIMIT_REACHED
    const valueEnd = values + valueBytes
    if (valueEnd < valueStart) return MALFORMED_LENGTH
    if (valueEnd > end) return NEED_MORE
    if (tag === SERVER_NAME) serverName = latin1(bytes, valueStart, valueEnd)
    if (tag === USER_AGENT) userAgent = latin1(bytes, valueStart, valueEnd)
    valueStart = valueEnd
  }
  hello.serverName = serverName
  hello.userAgent = userAgent
  return valueStart
}

function u16le(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

function u32le(bytes: Uint8Array, at: number): number {
  return (u16le(bytes, at) | (u16le(bytes, at + 2) << 16)) >>> 0
}
