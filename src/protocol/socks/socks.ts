/**
 * What a client of a SOCKS proxy sends before its tunnel begins: SOCKS 4, 4a,
 * and 5 (RFC 1928, RFC 1929). Network byte order.
 *
 *   4    4  command(1)  port(2)  address(4)  user NUL
 *   4a   the same with address 0.0.0.x (x not 0), and then  name NUL
 *
 *   5    5  count(1)  methods(count)                              greeting
 *        1  length(1) user(length)  length(1) password(length)    if the server chose method 2
 *        5  command(1)  0  address                                request
 *
 * The server speaks in between, but nothing of what it says is needed: after
 * the greeting comes a 5, or a 1 when a password was asked for. GSSAPI (method
 * 1) wraps what follows, and so do private methods: that cannot be read. The
 * password is stepped over. Names are a stranger's text, one character per byte.
 */

import { ipv4Text } from '../../bytes/address.ts'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../bytes/outcome.ts'
import { u8, u16, u32 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'
import { readSocksAddress, type SocksAddress } from './address.ts'

export const CONNECT = 1
export const BIND = 2
export const UDP_ASSOCIATE = 3
const TOR_RESOLVE = 0xf0 // Tor's socks-extensions: asks for a name's address
const TOR_RESOLVE_PTR = 0xf1

const VERSION_4 = 4
const VERSION_5 = 5
const PASSWORD_VERSION = 1

const NO_AUTHENTICATION = 0
const GSSAPI = 1
const PASSWORD = 2
const NO_METHOD = 0xff

const SOCKS4_BYTES = 8 // up to the user
const TEXT_BYTES_MAX = 255 // of a user or a name in SOCKS 4, which states no limit; as in SOCKS 5
const METHODS_LIKELY = 10 // methods that a real client offers; IANA has given out 8

export interface SocksRequest extends SocksAddress {
  /** 4 or 5; 0 while nothing was read. */
  version: number
  /** 1 CONNECT, 2 BIND, 3 UDP ASSOCIATE, 0xf0 and 0xf1 Tor's questions for names. */
  command: number
  /** Who the client says it is; empty when it does not. */
  user: string
  /** Least bytes from the beginning on that are worth another try; valid iff reading said NEED_MORE. */
  wantedBytes: number
}

/** A request with nothing in it. */
export function emptySocksRequest(): SocksRequest {
  return { version: 0, command: 0, user: '', host: '', isName: false, port: 0, wantedBytes: 0 }
}

/**
 * Could bytes[start, end) be the beginning of a SOCKS client's stream? Needs no more than what is there, and is
 * strict: one byte says little.
 * @returns false as soon as a byte says no
 */
export function looksLikeSocks(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false
  const version = u8(bytes, start)
  if (version === VERSION_4) return looksLikeSocks4(bytes, start, end)
  return version === VERSION_5 && looksLikeSocks5(bytes, start, end)
}

/**
 * Reads what a client sends from its first byte on, bytes[start, end), into `request`.
 * Returns the offset where the tunnel begins: what follows is the protocol of the tunnel (for BIND and UDP ASSOCIATE
 * nothing); NEED_MORE; UNSUPPORTED when the target is hidden by GSSAPI or a private method; or why it is no SOCKS.
 */
export function readSocks(bytes: Uint8Array, start: number, end: number, request: SocksRequest): number {
  request.wantedBytes = end - start + 1
  if (start === end) return NEED_MORE
  request.version = u8(bytes, start)
  if (request.version === VERSION_4) return readSocks4(bytes, start, end, request)
  return request.version === VERSION_5 ? readSocks5(bytes, start, end, request) : MALFORMED_VALUE
}

function readSocks4(bytes: Uint8Array, start: number, end: number, request: SocksRequest): number {
  if (end - start >= 2 && u8(bytes, start + 1) !== CONNECT && u8(bytes, start + 1) !== BIND) return MALFORMED_VALUE
  if (end - start < SOCKS4_BYTES + 1) return NEED_MORE
  const address = u32(bytes, start + 4)
  const userEnd = textEnd(bytes, start + SOCKS4_BYTES, end)
  if (userEnd < 0) return userEnd
  request.command = u8(bytes, start + 1)
  request.port = u16(bytes, start + 2)
  request.user = latin1(bytes, start + SOCKS4_BYTES, userEnd)
  request.isName = address > 0 && address < 256
  if (!request.isName) {
    request.host = ipv4Text(bytes, start + 4)
    return userEnd + 1
  }
  const nameEnd = textEnd(bytes, userEnd + 1, end)
  if (nameEnd < 0) return nameEnd
  if (nameEnd === userEnd + 1) return MALFORMED_LENGTH
  request.host = latin1(bytes, userEnd + 1, nameEnd)
  return nameEnd + 1
}

/** Where the NUL is that ends the text at `start`. */
function textEnd(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + TEXT_BYTES_MAX + 1)
  let at = start
  while (at < limit && u8(bytes, at) !== 0) at++
  if (at < limit) return at
  return limit < end || at - start > TEXT_BYTES_MAX ? LIMIT_REACHED : NEED_MORE
}

function readSocks5(bytes: Uint8Array, start: number, end: number, request: SocksRequest): number {
  if (end - start < 2) return NEED_MORE
  const methods = start + 2
  const methodsEnd = methods + u8(bytes, start + 1)
  if (methodsEnd === methods) return MALFORMED_LENGTH
  if (methodsEnd >= end) return NEED_MORE
  let at = methodsEnd
  if (u8(bytes, at) === PASSWORD_VERSION) {
    if (!offers(bytes, methods, methodsEnd, PASSWORD)) {
      return offers(bytes, methods, methodsEnd, GSSAPI) ? UNSUPPORTED : MALFORMED_VALUE
    }
    const user = at + 2
    if (user > end) return NEED_MORE
    const userEnd = user + u8(bytes, at + 1)
    if (userEnd >= end) return NEED_MORE
    const passwordEnd = userEnd + 1 + u8(bytes, userEnd)
    if (passwordEnd >= end) return NEED_MORE
    request.user = latin1(bytes, user, userEnd)
    at = passwordEnd
  }
  if (u8(bytes, at) !== VERSION_5) return offersOther(bytes, methods, methodsEnd) ? UNSUPPORTED : MALFORMED_VALUE
  if (end - at < 3) return NEED_MORE
  request.command = u8(bytes, at + 1)
  if (!isCommand(request.command) || u8(bytes, at + 2) !== 0) return MALFORMED_VALUE
  return readSocksAddress(bytes, at + 3, end, request)
}

function isCommand(command: number): boolean {
  return (command >= CONNECT && command <= UDP_ASSOCIATE) || command === TOR_RESOLVE || command === TOR_RESOLVE_PTR
}

function offers(bytes: Uint8Array, start: number, end: number, method: number): boolean {
  for (let at = start; at < end; at++) if (u8(bytes, at) === method) return true
  return false
}

/** Does it offer a method after which anything may follow? */
function offersOther(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++)
    if (u8(bytes, at) !== NO_AUTHENTICATION && u8(bytes, at) !== PASSWORD) return true
  return false
}

function looksLikeSocks4(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length >= 2 && u8(bytes, start + 1) !== CONNECT && u8(bytes, start + 1) !== BIND) return false
  if (length >= 4 && u16(bytes, start + 2) === 0) return false
  // a user is readable text
  for (let at = start + SOCKS4_BYTES; at < end && u8(bytes, at) !== 0; at++) {
    if (u8(bytes, at) < 0x20 || u8(bytes, at) === 0x7f) return false
  }
  return true
}

function looksLikeSocks5(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2) return true
  const count = u8(bytes, start + 1)
  if (count === 0 || count > METHODS_LIKELY) return false
  const methodsEnd = start + 2 + count
  for (let at = start + 2; at < Math.min(methodsEnd, end); at++) {
    if (u8(bytes, at) === NO_METHOD || offers(bytes, start + 2, at, u8(bytes, at))) return false // none twice
  }
  if (methodsEnd >= end) return true
  const next = u8(bytes, methodsEnd)
  return next === VERSION_5 || next === PASSWORD_VERSION || offersOther(bytes, start + 2, methodsEnd)
}
