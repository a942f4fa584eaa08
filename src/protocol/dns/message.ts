/**
 * DNS messages, RFC 1035 section 4. Big-endian.
 *
 *   id(2)  flags(2)  question, answer, authority, additional counts(2 each)
 *   questions    name type(2) class(2)
 *   records      name type(2) class(2) ttl(4) length(2) data(length)
 *
 * Reading a message notes where its parts are and makes no text: facts.ts does
 * that for messages somebody wants to see. Counts are the sender's claim:
 * entries are read until the bytes run out, and whatever was read before a
 * broken one is kept. A question whose name cannot be read is an entry like
 * any other as long as its end can be found; where it cannot, `brokenQuestionAt`
 * says that somebody asked for something.
 *
 * The bytes stay the caller's; a message is good for as long as they are.
 */

import { MALFORMED_LENGTH } from '../../bytes/outcome.ts'
import { u16, u32 } from '../../bytes/read.ts'
import { skipName } from './name.ts'

const HEADER_BYTES = 12
const COUNTS = 4
const QUESTION_BYTES = 4
const RECORD_BYTES = 10
const ENTRIES_MAX = 512 // a message of 64 KiB could claim thousands, and each may show up to 1,000 characters of name

/** Sections of a message, in the order of the wire. */
export const QUESTION = 0
export const ANSWER = 1
export const AUTHORITY = 2
export const ADDITIONAL = 3

const RESPONSE = 0x8000

/** A message that has been read: one row per question and record, in the order of the wire. Reused from call to call. */
export class DnsMessage {
  /** The message is bytes[start, end). */
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  id = 0
  /** The 16 bits of the header's second word. */
  flags = 0
  /** Questions and records that could be read. */
  count = 0
  /** All was there that the header claims. */
  isWhole = false
  /** Offset of the question after which nothing could be found any more; -1 when there is none. */
  brokenQuestionAt = -1

  readonly section = new Uint8Array(ENTRIES_MAX)
  /** Offset of the entry's name, whose end is known; it may still be one that cannot be read. */
  readonly nameAt = new Int32Array(ENTRIES_MAX)
  readonly type = new Uint16Array(ENTRIES_MAX)
  readonly class = new Uint16Array(ENTRIES_MAX)
  /** Seconds; 0 for questions, as are the next two. */
  readonly ttl = new Uint32Array(ENTRIES_MAX)
  /** The record's data is bytes[dataAt, dataAt + dataBytes). */
  readonly dataAt = new Int32Array(ENTRIES_MAX)
  readonly dataBytes = new Uint16Array(ENTRIES_MAX)
}

/** Is the message with these flags an answer? */
export function isAnswer(flags: number): boolean {
  return (flags & RESPONSE) !== 0
}

/** Does the message that was read hold a question, be it one whose name cannot be read? */
export function isAsking({ count, section }: DnsMessage): boolean {
  return count > 0 && section[0] === QUESTION
}

/**
 * Reads the message bytes[start, end) into `message`.
 * Returns where the last entry that could be read ends, or why there was none: the header or the first entry is broken.
 */
export function readMessage(bytes: Uint8Array, start: number, end: number, message: DnsMessage): number {
  message.bytes = bytes
  message.start = start
  message.end = end
  message.count = 0
  message.isWhole = false
  message.brokenQuestionAt = -1
  if (end - start < HEADER_BYTES) return MALFORMED_LENGTH
  message.id = u16(bytes, start)
  message.flags = u16(bytes, start + 2)

  let at = start + HEADER_BYTES
  for (let section = QUESTION; section <= ADDITIONAL; section++) {
    const claimed = u16(bytes, start + COUNTS + 2 * section)
    for (let i = 0; i < claimed; i++) {
      if (message.count === ENTRIES_MAX) return at
      const next = section === QUESTION ? readQuestion(message, at) : readRecord(message, section, at)
      if (next < 0) {
        if (section === QUESTION) message.brokenQuestionAt = at
        return message.count === 0 ? next : at
      }
      at = next
    }
  }
  message.isWhole = true
  return at
}

function readQuestion(message: DnsMessage, at: number): number {
  const { bytes, end, count } = message
  const fields = skipName(bytes, end, at)
  if (fields < 0) return fields
  if (fields + QUESTION_BYTES > end) return MALFORMED_LENGTH
  message.section[count] = QUESTION
  message.nameAt[count] = at
  message.type[count] = u16(bytes, fields)
  message.class[count] = u16(bytes, fields + 2)
  message.ttl[count] = 0
  message.dataAt[count] = fields + QUESTION_BYTES
  message.dataBytes[count] = 0
  message.count = count + 1
  return fields + QUESTION_BYTES
}

function readRecord(message: DnsMessage, section: number, at: number): number {
  const { bytes, end, count } = message
  const fields = skipName(bytes, end, at)
  if (fields < 0) return fields
  if (fields + RECORD_BYTES > end) return MALFORMED_LENGTH
  const dataBytes = u16(bytes, fields + 8)
  const dataAt = fields + RECORD_BYTES
  if (dataAt + dataBytes > end) return MALFORMED_LENGTH
  message.section[count] = section
  message.nameAt[count] = at
  message.type[count] = u16(bytes, fields)
  message.class[count] = u16(bytes, fields + 2)
  message.ttl[count] = u32(bytes, fields + 4)
  message.dataAt[count] = dataAt
  message.dataBytes[count] = dataBytes
  message.count = count + 1
  return dataAt + dataBytes
}
