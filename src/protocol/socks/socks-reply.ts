/**
 * What a SOCKS proxy says to its client before the tunnel begins: did it let
 * the client through to the target? RFC 1928 section 6, RFC 1929 section 2.
 *
 *   4    0  result(1)  port(2)  address(4)           result 90: granted
 *
 *   5    5  method(1)                                choice; 255: none of those offered
 *        1  status(1)                                of a password; 0: right
 *        5  reply(1)  0  address                     reply 0: granted
 */

import { MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../bytes/outcome.ts'
import { u8 } from '../../bytes/read.ts'
import { readSocksAddress, type SocksAddress } from './address.ts'

const SOCKS4_BYTES = 8
const SOCKS4_GRANTED = 90
const SOCKS4_RESULT_MAX = 93
const PASSWORD = 2
const NO_METHOD = 0xff
const GRANTED = 0

export interface SocksReply {
  granted: boolean
  /** The proxy's own code: 90 to 93 in version 4, 0 to 8 in version 5; -1 when it refused before the request. */
  code: number
}

const bound: SocksAddress = { host: '', isName: false, port: 0 }

/**
 * Reads what the proxy sent from its first byte on, bytes[start, end), to a client of SOCKS `version` (4 or 5).
 * Returns the offset where the tunnel begins; NEED_MORE; UNSUPPORTED when it chose a method that hides the rest; or
 * MALFORMED_VALUE when it is no such reply. After a refusal nothing follows.
 */
export function readSocksReply(
  bytes: Uint8Array,
  start: number,
  end: number,
  version: number,
  out: SocksReply,
): number {
  out.granted = false
  out.code = -1
  if (end - start < 2) return NEED_MORE
  return version === 4 ? readReply4(bytes, start, end, out) : readReply5(bytes, start, end, out)
}

function readReply4(bytes: Uint8Array, start: number, end: number, out: SocksReply): number {
  const code = u8(bytes, start + 1)
  if (u8(bytes, start) !== 0 || code < SOCKS4_GRANTED || code > SOCKS4_RESULT_MAX) return MALFORMED_VALUE
  if (end - start < SOCKS4_BYTES) return NEED_MORE
  out.code = code
  out.granted = code === SOCKS4_GRANTED
  return start + SOCKS4_BYTES
}

function readReply5(bytes: Uint8Array, start: number, end: number, out: SocksReply): number {
  if (u8(bytes, start) !== 5) return MALFORMED_VALUE
  const method = u8(bytes, start + 1)
  let at = start + 2
  if (method === NO_METHOD) return at
  if (method === PASSWORD) {
    if (end - at < 2) return NEED_MORE
    if (u8(bytes, at) !== 1) return MALFORMED_VALUE
    at += 2
    if (u8(bytes, at - 1) !== 0) return at
  } else if (method !== 0) {
    return UNSUPPORTED
  }
  if (end - at < 3) return NEED_MORE
  if (u8(bytes, at) !== 5 || u8(bytes, at + 2) !== 0) return MALFORMED_VALUE
  const next = readSocksAddress(bytes, at + 3, end, bound)
  if (next < 0) return next
  out.code = u8(bytes, at + 1)
  out.granted = out.code === GRANTED
  return next
}
