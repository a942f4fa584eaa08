/**
 * The first line of an HTTP/1 request, RFC 9112 section 3.
 *
 *   method SP request-target SP HTTP-version
 *
 *   GET /index.html HTTP/1.1                  origin form
 *   GET http://example.org/ HTTP/1.1          absolute form, to a proxy
 *   CONNECT example.org:443 HTTP/1.1          authority form, to a proxy
 *   OPTIONS * HTTP/1.1                        asterisk form
 *
 * Read as tolerant servers do: any run of blanks separates, the last word is
 * the version, and what stands between is the target, blanks included.
 */

import { LIMIT_REACHED, MALFORMED_VALUE, UNSUPPORTED } from '../../bytes/outcome.ts'
import { u8 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'
import { type Authority, parseAuthority } from './authority.ts'
import {
  NO_VERSION,
  ODD_SPACING,
  ODD_TARGET,
  ODD_VERSION,
  SPACE_BEFORE_LINE,
  SPACE_IN_TARGET,
  TEXT_CUT,
} from './deviations.ts'
import { TEXT_BYTES_MAX } from './head-lines.ts'
import { isKnownMethod } from './methods.ts'
import { isBlank, isToken, SPACE, skipBlanks, trimBlanks } from './syntax.ts'

const METHOD_BYTES_MAX = 64

export type TargetForm = 'origin' | 'absolute' | 'authority' | 'asterisk'

export interface RequestLine {
  /** As sent. */
  method: string
  /** As sent. */
  target: string
  targetForm: TargetForm
  /** Of an absolute target or of CONNECT. */
  targetAuthority: Authority | undefined
  /** Ten times the version: 11 for HTTP/1.1; 9 when none was sent. */
  version: number
  /** Bits of `deviations.ts`. */
  deviations: number
}

/**
 * Reads the line bytes[start, end), without its end, into `line`.
 * Returns `end`; UNSUPPORTED for another protocol that is written in the same way (RTSP, SIP) and for HTTP/2's
 * preface; MALFORMED_VALUE when it is no request line; LIMIT_REACHED when the method is too long to be one.
 */
export function readRequestLine(bytes: Uint8Array, start: number, end: number, line: RequestLine): number {
  const methodStart = skipBlanks(bytes, start, end)
  const last = trimBlanks(bytes, methodStart, end)
  let methodEnd = methodStart
  while (methodEnd < last && !isBlank(u8(bytes, methodEnd))) methodEnd++
  if (!isToken(bytes, methodStart, methodEnd)) return MALFORMED_VALUE
  if (methodEnd - methodStart > METHOD_BYTES_MAX) return LIMIT_REACHED
  const targetStart = skipBlanks(bytes, methodEnd, last)
  if (targetStart === last) return MALFORMED_VALUE
  let versionStart = last
  while (versionStart > targetStart && !isBlank(u8(bytes, versionStart - 1))) versionStart--

  line.method = latin1(bytes, methodStart, methodEnd)
  const word = versionStart > targetStart ? latin1(bytes, versionStart, Math.min(last, versionStart + 16)) : ''
  const version = versionOf(word)
  if (version < 0) return version
  if (version === 0 && !isKnownMethod(line.method)) return MALFORMED_VALUE
  const targetEnd = version === 0 ? last : trimBlanks(bytes, targetStart, versionStart)
  if (version === 20 && line.method === 'PRI') return UNSUPPORTED

  line.version = version === 0 ? 9 : version
  if (version === 0) line.deviations |= NO_VERSION
  else if (word !== 'HTTP/1.1' && word !== 'HTTP/1.0') line.deviations |= ODD_VERSION
  if (methodStart > start) line.deviations |= SPACE_BEFORE_LINE
  const isWellSpaced =
    isOneSpace(bytes, methodEnd, targetStart) && (version === 0 || isOneSpace(bytes, targetEnd, versionStart))
  if (!isWellSpaced || last < end) line.deviations |= ODD_SPACING
  for (let at = targetStart; at < targetEnd; at++) {
    if (isBlank(u8(bytes, at))) line.deviations |= SPACE_IN_TARGET
  }
  if (targetEnd - targetStart > TEXT_BYTES_MAX) line.deviations |= TEXT_CUT
  line.target = latin1(bytes, targetStart, Math.min(targetEnd, targetStart + TEXT_BYTES_MAX))
  readTarget(line)
  return end
}

function isOneSpace(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && u8(bytes, start) === SPACE
}

/** Ten times the version that `word` states; 0 when it states none; UNSUPPORTED for another protocol's. */
function versionOf(word: string): number {
  const match = /^([a-z]+)\/(\d)(?:\.(\d{0,3}))?$/i.exec(word)
  if (!match) return 0
  if (match[1]!.toUpperCase() !== 'HTTP') return UNSUPPORTED
  return Number(match[2]) * 10 + Math.min(Number(match[3] ?? ''), 9)
}

function readTarget(line: RequestLine): void {
  const { target } = line
  if (line.method === 'CONNECT') {
    line.targetForm = 'authority'
    line.targetAuthority = parseAuthority(authorityOf(target))
    return
  }
  if (target.startsWith('/')) {
    line.targetForm = 'origin'
  } else if (target === '*') {
    line.targetForm = 'asterisk'
  } else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    line.targetForm = 'absolute'
    line.targetAuthority = parseAuthority(authorityOf(target))
  } else {
    line.targetForm = 'origin'
    line.deviations |= ODD_TARGET
  }
}

/** Of `http://host:80/path` the part `host:80`. Clients have sent CONNECT with a whole URI, and with a path. */
function authorityOf(target: string): string {
  return target.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[/?#\s].*$/s, '')
}
