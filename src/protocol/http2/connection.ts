/**
 * One direction of an HTTP/2 connection without TLS, RFC 9113 sections 3.4, 4
 * and 6: with prior knowledge, or after an upgrade of HTTP/1.1 to `h2c`.
 *
 *   preface   "PRI * HTTP/2.0" CRLF CRLF "SM" CRLF CRLF      (the client's direction only)
 *   frame     length(3)  type(1)  flags(1)  stream(4)  payload(length)
 *
 *   HEADERS        [ padLength(1) ] [ dependency(4) weight(1) ]  block  padding
 *   PUSH_PROMISE   [ padLength(1) ]  promised stream(4)          block  padding
 *   CONTINUATION   block
 *
 * The first frame is SETTINGS; that makes a strict probe. A block may be cut
 * over many frames, with no other frame in between; a flood of them, or of
 * bytes in them, ends the reading (CVE-2024-27316). All other frames are
 * skipped as they come and need not be kept, see `consumed`. What SETTINGS say
 * is not needed: a sender that changes the size of its table says so in a block.
 */

import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../bytes/outcome.ts'
import { u8, u24, u32 } from '../../bytes/read.ts'
import { HeaderList } from './header-list.ts'
import { decodeBlock, HpackTable } from './hpack.ts'

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
const FRAME_HEADER_BYTES = 9

const DATA = 0
const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const PUSH_PROMISE = 5
const CONTINUATION = 9

const ACK = 0x1
const END_STREAM = 0x1
const END_HEADERS = 0x4
const PADDED = 0x8
const PRIORITY = 0x20

const SETTING_BYTES = 6
const PRIORITY_BYTES = 5
const PROMISED_BYTES = 4

/** Longest block of fields that is followed, in bytes. */
export const BLOCK_BYTES_MAX = 65_536
/** Most frames of one block. */
export const BLOCK_FRAMES_MAX = 128
/** Longest body that is kept, and most bodies at once. */
export const BODY_BYTES_MAX = 65_536
const BODIES_MAX = 16

export class Http2Connection {
  /** The message that was read last. */
  list = new HeaderList()
  /** The body that was read last: then the answer was about it and not about a message. Only of streams to `follow`. */
  body: Uint8Array | undefined
  /** Its stream. */
  streamId = 0
  /** Bytes from `start` on that are done with: the next call begins after them. Valid iff the answer was negative. */
  consumed = 0
  /** Least bytes after those that are worth another try; valid iff the answer was NEED_MORE. */
  wantedBytes = 0
  /** @internal */
  readonly table = new HpackTable()
  /** @internal What comes next. */
  phase: 'preface' | 'settings' | 'frames'
  /** @internal Bytes of an unwanted frame that are still to come. */
  skip = 0
  /** @internal The pieces of a block that is not whole yet. */
  readonly block = new Block()

  /** @internal The bodies that are wanted, as far as they have come. */
  readonly bodies = new Map<number, Pieces>()
  /** @internal The message that was read last has no body. */
  endsStream = false

  /** Says that the body of the message that was read last is wanted: a DNS message, say. */
  follow(): void {
    if (!this.endsStream && this.bodies.size < BODIES_MAX) this.bodies.set(this.streamId, new Pieces(BODY_BYTES_MAX))
  }

  /** @param side whose bytes are read: only a client sends the preface */
  constructor(side: 'client' | 'server') {
    this.phase = side === 'client' ? 'preface' : 'settings'
  }
}

/** Pieces that come one after the other, joined. */
class Pieces {
  bytes = new Uint8Array(0)
  length = 0
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** Adds a piece; false when it is more than `max` bytes. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    const length = this.length + end - start
    if (length > this.#max) return false
    if (length > this.bytes.length) {
      const larger = new Uint8Array(Math.min(this.#max, 2 * length))
      larger.set(this.bytes.subarray(0, this.length))
      this.bytes = larger
    }
    for (let at = start; at < end; at++) this.bytes[this.length++] = u8(bytes, at)
    return true
  }

  clear(): void {
    this.bytes = new Uint8Array(0)
    this.length = 0
  }
}

/** A block that is cut over several frames. */
class Block extends Pieces {
  frames = 0
  streamId = 0
  /** Of a PUSH_PROMISE: it is decoded for the table's sake only. */
  isPromise = false

  constructor() {
    super(BLOCK_BYTES_MAX)
  }

  get isOpen(): boolean {
    return this.frames > 0
  }

  /** Adds a piece; false when it is one too many. */
  override add(bytes: Uint8Array, start: number, end: number): boolean {
    return ++this.frames <= BLOCK_FRAMES_MAX && super.add(bytes, start, end)
  }

  override clear(): void {
    super.clear()
    this.frames = 0
  }
}

/**
 * Could bytes[start, end) be the beginning of a client's HTTP/2 connection? Needs no more than what is there.
 * @returns false as soon as a byte says no
 */
export function looksLikeHttp2(bytes: Uint8Array, start: number, end: number): boolean {
  const length = Math.min(end - start, PREFACE.length)
  for (let i = 0; i < length; i++) if (u8(bytes, start + i) !== PREFACE[i]) return false
  return length > 0
}

/**
 * Reads on in bytes[start, end), which begin where the last call ended.
 * Returns the offset past the next message's fields (requests and responses, not trailers): they are in
 * `connection.list`; or past the end of a body that is followed: it is in `connection.body`; NEED_MORE; or why the connection cannot be read any further.
 */
export function readHttp2(bytes: Uint8Array, start: number, end: number, connection: Http2Connection): number {
  let at = start
  connection.body = undefined
  for (;;) {
    const step = Math.min(connection.skip, end - at)
    connection.skip -= step
    at += step
    connection.consumed = at - start
    connection.wantedBytes = connection.phase === 'preface' ? PREFACE.length : FRAME_HEADER_BYTES
    if (connection.phase === 'preface' && at < end && !looksLikeHttp2(bytes, at, end)) return MALFORMED_VALUE
    if (connection.skip > 0 || end - at < connection.wantedBytes) return NEED_MORE
    if (connection.phase === 'preface') {
      at += PREFACE.length
      connection.phase = 'settings'
      continue
    }

    const length = u24(bytes, at)
    const type = u8(bytes, at + 3)
    const flags = u8(bytes, at + 4)
    const { block } = connection
    if (connection.phase === 'settings') {
      if (type !== SETTINGS || (flags & ACK) !== 0 || u32(bytes, at + 5) !== 0) return MALFORMED_VALUE
      if (length % SETTING_BYTES !== 0) return MALFORMED_LENGTH
      connection.phase = 'frames'
    }
    if (block.isOpen !== (type === CONTINUATION)) return MALFORMED_VALUE
    const streamId = u32(bytes, at + 5) & 0x7fffffff
    if (type === DATA && length <= BODY_BYTES_MAX && connection.bodies.has(streamId)) {
      connection.wantedBytes = FRAME_HEADER_BYTES + length
      if (end - at < connection.wantedBytes) return NEED_MORE
      readData(bytes, at, connection)
      at += connection.wantedBytes
      if (connection.body) return at
      continue
    }
    // too long, reset, or ended by trailers: its body is not waited for
    if (type === DATA || type === RST_STREAM || type === HEADERS) connection.bodies.delete(streamId)
    if (type !== HEADERS && type !== PUSH_PROMISE && type !== CONTINUATION) {
      connection.skip = FRAME_HEADER_BYTES + length
      continue
    }

    if (length > BLOCK_BYTES_MAX) return LIMIT_REACHED
    connection.wantedBytes = FRAME_HEADER_BYTES + length
    if (end - at < connection.wantedBytes) return NEED_MORE
    const outcome = readPiece(bytes, at, connection)
    if (outcome < 0) return outcome
    at = outcome
    if (connection.list.method !== '' || connection.list.status !== 0) {
      if (!block.isOpen && !block.isPromise) return at
    }
  }
}

/** Keeps the whole DATA frame at `at`; `connection.body` is the body when it is the last piece. */
function readData(bytes: Uint8Array, at: number, connection: Http2Connection): void {
  const { bodies } = connection
  const length = u24(bytes, at)
  const flags = u8(bytes, at + 4)
  const streamId = u32(bytes, at + 5) & 0x7fffffff
  const padding = (flags & PADDED) !== 0 && length > 0 ? 1 + u8(bytes, at + FRAME_HEADER_BYTES) : 0
  const start = at + FRAME_HEADER_BYTES + Math.min(padding, 1)
  const end = Math.max(start, at + FRAME_HEADER_BYTES + length - Math.max(padding - 1, 0))
  const body = bodies.get(streamId)!
  const isLast = (flags & END_STREAM) !== 0
  const isKept = body.add(bytes, start, end)
  if (isLast || !isKept) bodies.delete(streamId)
  if (!isLast || !isKept) return
  connection.streamId = streamId
  connection.body = body.bytes.subarray(0, body.length)
}

/** Reads the whole frame at `at`, a piece of a block, and decodes the block when it is the last piece. */
function readPiece(bytes: Uint8Array, at: number, connection: Http2Connection): number {
  const length = u24(bytes, at)
  const type = u8(bytes, at + 3)
  const flags = u8(bytes, at + 4)
  const streamId = u32(bytes, at + 5) & 0x7fffffff
  const end = at + FRAME_HEADER_BYTES + length
  let start = at + FRAME_HEADER_BYTES
  let padding = 0
  if (type !== CONTINUATION) {
    if ((flags & PADDED) !== 0 && start < end) padding = u8(bytes, start)
    start += (flags & PADDED) !== 0 ? 1 : 0
    start += type === PUSH_PROMISE ? PROMISED_BYTES : (flags & PRIORITY) !== 0 ? PRIORITY_BYTES : 0
    if (start + padding > end) return MALFORMED_LENGTH
  }

  const { block, table } = connection
  if (block.isOpen ? block.streamId !== streamId : streamId === 0) return MALFORMED_VALUE
  if (!block.isOpen) {
    block.streamId = streamId
    block.isPromise = type === PUSH_PROMISE
    connection.endsStream = type === HEADERS && (flags & END_STREAM) !== 0
    connection.list = new HeaderList()
    connection.streamId = streamId
    if ((flags & END_HEADERS) !== 0) {
      const outcome = decodeBlock(bytes, start, end - padding, table, connection.list)
      return outcome < 0 ? outcome : end
    }
  }
  if (!block.add(bytes, start, end - padding)) return LIMIT_REACHED
  if ((flags & END_HEADERS) === 0) return end
  const outcome = decodeBlock(block.bytes, 0, block.length, table, connection.list)
  block.clear()
  return outcome < 0 ? outcome : end
}
