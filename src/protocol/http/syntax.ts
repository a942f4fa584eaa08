/**
 * Classes of bytes that HTTP/1 heads are made of, RFC 9110 section 5.6.2 and
 * RFC 9112 section 2.2. Offsets in, answers out; nothing is kept.
 */

import { u8 } from '../../bytes/read.ts'

export const TAB = 9
export const LF = 10
export const CR = 13
export const SPACE = 32
export const COLON = 58

const IS_TOKEN = new Uint8Array(256)
for (const c of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  IS_TOKEN[c.charCodeAt(0)] = 1
}

/** May the byte `c` stand in a method or in the name of a field? */
export function isTokenByte(c: number): boolean {
  return IS_TOKEN[c] === 1
}

/** Is bytes[start, end) a token: one such byte or more and nothing else? */
export function isToken(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (IS_TOKEN[u8(bytes, at)] === 0) return false
  return end > start
}

/** Is `c` a space or a tab? */
export function isBlank(c: number): boolean {
  return c === SPACE || c === TAB
}

/** The first offset in [start, end) that holds no blank, or `end`. */
export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isBlank(u8(bytes, at))) at++
  return at
}

/** The offset past the last byte of [start, end) that is no blank, or `start`. */
export function trimBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = end
  while (at > start && isBlank(u8(bytes, at - 1))) at--
  return at
}
