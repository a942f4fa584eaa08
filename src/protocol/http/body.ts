/**
 * The bytes between one HTTP/1 head and the next, skipped as they come:
 * RFC 9112 sections 6.3 and 7.1. Nothing of a body is kept or looked at.
 *
 *   chunked   size [ ";" extension ] CRLF  data(size) CRLF  ...  "0" CRLF  *( trailer CRLF )  CRLF
 *
 * Sizes are hexadecimal. Lines may end in a bare LF here as well.
 */

import { MALFORMED_VALUE } from '../../bytes/outcome.ts'
import { u8 } from '../../bytes/read.ts'
import { type Framing, NO_LENGTH, UNKNOWN_LENGTH } from './framing.ts'
import { CR, isBlank, LF } from './syntax.ts'

const SIZE_DIGITS_MAX = 13 // 2^52 bytes: still exact in a number
const SEMICOLON = 59

type Phase = 'over' | 'data' | 'to_close' | 'size' | 'size_line' | 'chunk' | 'chunk_end' | 'trailer'

export class Body {
  phase: Phase = 'over'
  /** Bytes left of the body or of the chunk. */
  left = 0
  /** Digits of a size, or bytes of a trailer line, so far. */
  seen = 0

  get isOver(): boolean {
    return this.phase === 'over'
  }
}

/** The body of a request with this framing; undefined when nobody can say where it ends. */
export function requestBody(framing: Framing): Body | undefined {
  if (framing.hasCoding) return framing.isChunked ? begin('size') : undefined
  if (framing.length === UNKNOWN_LENGTH) return undefined
  return framing.length === NO_LENGTH ? new Body() : begin('data', framing.length)
}

/** The body of a response with this status to a request with this method; some have none, whatever their head says. */
export function responseBody(framing: Framing, status: number, method: string): Body {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return new Body()
  if (framing.isChunked) return begin('size')
  if (framing.hasCoding || framing.length < 0) return begin('to_close')
  return begin('data', framing.length)
}

/**
 * Moves over what bytes[start, end) holds of `body`.
 * Returns the offset past it: where the body ends when `body.isOver`, otherwise `end`; or MALFORMED_VALUE when chunks
 * are not what they should be: the place of the next head is lost then.
 */
export function skipBody(bytes: Uint8Array, start: number, end: number, body: Body): number {
  let at = start
  while (at < end) {
    switch (body.phase) {
      case 'over':
        return at
      case 'to_close':
        return end
      case 'data':
      case 'chunk': {
        const step = Math.min(body.left, end - at)
        at += step
        body.left -= step
        if (body.left === 0) body.phase = body.phase === 'data' ? 'over' : 'chunk_end'
        break
      }
      case 'size': {
        const c = u8(bytes, at++)
        const digit = hexDigit(c)
        if (digit >= 0) {
          if (++body.seen > SIZE_DIGITS_MAX) return MALFORMED_VALUE
          body.left = body.left * 16 + digit
        } else if (body.seen === 0) {
          return MALFORMED_VALUE
        } else if (c === LF) {
          endSize(body)
        } else if (c === CR || c === SEMICOLON || isBlank(c)) {
          body.phase = 'size_line'
        } else {
          return MALFORMED_VALUE
        }
        break
      }
      case 'size_line':
        if (u8(bytes, at++) === LF) endSize(body)
        break
      case 'chunk_end': {
        const c = u8(bytes, at++)
        if (c === LF) beginSize(body)
        else if (c !== CR) return MALFORMED_VALUE
        break
      }
      case 'trailer': {
        const c = u8(bytes, at++)
        if (c !== LF) {
          if (c !== CR) body.seen = 1
        } else if (body.seen === 0) {
          body.phase = 'over'
        } else {
          body.seen = 0
        }
        break
      }
    }
  }
  return at
}

/**
 * Says that `count` bytes of the stream were never seen.
 * @returns false when the end of the body is lost with them
 */
export function loseBytes(body: Body, count: number): boolean {
  if (body.phase === 'to_close') return true
  if ((body.phase !== 'data' && body.phase !== 'chunk') || body.left <= count) return false
  body.left -= count
  return true
}

function begin(phase: Phase, left = 0): Body {
  const body = new Body()
  body.phase = phase
  body.left = left
  if (phase === 'data' && left === 0) body.phase = 'over'
  return body
}

function beginSize(body: Body): void {
  body.phase = 'size'
  body.left = 0
  body.seen = 0
}

function endSize(body: Body): void {
  body.phase = body.left === 0 ? 'trailer' : 'chunk'
  body.seen = 0
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48
  const letter = c | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
