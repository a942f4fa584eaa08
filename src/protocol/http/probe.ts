/**
 * Is this HTTP/1? Cheap looks at the first bytes of a stream, before anything
 * is parsed or kept.
 *
 * Many old protocols begin with a word in capitals and a line of text (SMTP,
 * FTP, IRC, RTSP, SIP), so a word that is no known method counts only together
 * with a version at the end of its line.
 */

import { u8 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'
import { beginsKnownMethod, isKnownMethod } from './methods.ts'
import { CR, isBlank, isTokenByte, LF } from './syntax.ts'

const HTTP2_METHOD = 'PRI' // of the preface of HTTP/2, which is made so that servers of HTTP/1 refuse it
const METHOD_BYTES_MAX = 64
const EMPTY_BYTES_MAX = 8 // of line ends before the first line
const LINE_BYTES_MAX = 16_384

const RESPONSE = 'HTTP/'
/** The version and a blank behind it are among these. */
export const RESPONSE_BYTES_SURE = 12

/**
 * Could bytes[start, end) be the beginning of a request? Needs no more than what is there: one byte will do.
 * @returns false as soon as the bytes say no; true while they do not
 */
export function looksLikeHttp(bytes: Uint8Array, start: number, end: number): boolean {
  return judge(bytes, start, end) !== 'no'
}

/**
 * Does bytes[start, end) certainly begin a request? For places where one need not begin: after bytes that were
 * lost, after CONNECT, after an offer to switch to another protocol.
 */
export function beginsRequest(bytes: Uint8Array, start: number, end: number): boolean {
  return judge(bytes, start, end) === 'yes'
}

/** Does bytes[start, end) certainly begin a response? With RESPONSE_BYTES_SURE bytes, false means no. */
export function beginsResponse(bytes: Uint8Array, start: number, end: number): boolean {
  return /^HTTP\/\d(?:\.\d+)?[ \t]/.test(latin1(bytes, start, Math.min(end, start + RESPONSE_BYTES_SURE)))
}

/** Are bytes[start, end) too few to say, but all as in a response? */
export function mayBeginResponse(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start >= RESPONSE_BYTES_SURE) return false
  const text = latin1(bytes, start, end)
  return RESPONSE.startsWith(text) || text.startsWith(RESPONSE)
}

function judge(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'unknown' {
  let first = start
  while (first < end && first - start < EMPTY_BYTES_MAX && isLineEnd(u8(bytes, first))) first++
  if (first === end) return end > start ? 'unknown' : 'no'
  let at = first
  while (at < end && isTokenByte(u8(bytes, at))) at++
  if (at === first || at - first > METHOD_BYTES_MAX) return 'no'
  const word = latin1(bytes, first, at)
  if (at === end) return beginsKnownMethod(word) || /^[A-Za-z][A-Za-z_-]*$/.test(word) ? 'unknown' : 'no'
  if (!isBlank(u8(bytes, at)) || word === HTTP2_METHOD) return 'no'

  const isKnown = isKnownMethod(word)
  const limit = Math.min(end, first + LINE_BYTES_MAX)
  while (at < limit && u8(bytes, at) !== LF) at++
  if (at === limit) return isKnown ? 'yes' : limit < end ? 'no' : 'unknown'
  const tail = latin1(bytes, Math.max(first, at - 16), at)
  if (/[ \t]HTTP\/\d(?:\.\d+)?[ \t]*\r?$/i.test(tail)) return 'yes'
  return isKnown && !/[ \t](?:RTSP|SIP)\/\d\.\d\r?$/i.test(tail) ? 'yes' : 'no'
}

function isLineEnd(c: number): boolean {
  return c === CR || c === LF
}
