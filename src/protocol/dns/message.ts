/**
 * DNS messages, RFC 1035 section 4.
 *
 *   id(2)  flags(2)  question, answer, authority, additional counts(2 each)
 *   questions    name type(2) class(2)
 *   records      name type(2) class(2) ttl(4) length(2) data(length)
 *
 * Counts are the sender's claim: records are read until the bytes run out, and
 * whatever was read before a broken one is kept. Only the answer section is
 * looked at.
 */

import { ipv4Text, ipv6Text } from '../../bytes/address.ts'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE } from '../../bytes/outcome.ts'
import { u16, u32 } from '../../bytes/read.ts'
import type { DnsQuestion, DnsRecord } from '../../events/observation.ts'
import { NameBuffer, readName } from './name.ts'

const HEADER_BYTES = 12
const QUESTION_BYTES = 4
const RECORD_BYTES = 10
const RECORDS_MAX = 512 // a message of 64 KiB could claim thousands of empty ones

export const A = 1
export const CNAME = 5
export const AAAA = 28

const RESPONSE = 0x8000
const OPCODES_KNOWN = new Set([0, 1, 2, 4, 5, 6])

export interface DnsMessage {
  id: number
  flags: number
  questions: DnsQuestion[]
  answers: DnsRecord[]
}

/** Is the message with these flags an answer? */
export function isAnswer(flags: number): boolean {
  return (flags & RESPONSE) !== 0
}

const name = new NameBuffer()

/**
 * Reads the message bytes[start, end) into `message`.
 * Returns where the last record that could be read ends, or why nothing could be read.
 */
export function readMessage(bytes: Uint8Array, start: number, end: number, message: DnsMessage): number {
  if (end - start < HEADER_BYTES) return MALFORMED_LENGTH
  message.id = u16(bytes, start)
  message.flags = u16(bytes, start + 2)
  const questionCount = u16(bytes, start + 4)
  const answerCount = u16(bytes, start + 6)
  if (!OPCODES_KNOWN.has((message.flags >> 11) & 0x0f)) return MALFORMED_VALUE

  let at = start + HEADER_BYTES
  for (let i = 0; i < questionCount; i++) {
    const next = readName(bytes, start, end, at, name)
    if (next < 0 || next + QUESTION_BYTES > end) return i === 0 ? MALFORMED_LENGTH : at
    if (i === RECORDS_MAX) return LIMIT_REACHED
    message.questions.push({ name: name.toString(), type: u16(bytes, next) })
    at = next + QUESTION_BYTES
  }
  for (let i = 0; i < answerCount && i < RECORDS_MAX; i++) {
    const next = readRecord(bytes, start, end, at, message.answers)
    if (next < 0) break
    at = next
  }
  return at
}

function readRecord(bytes: Uint8Array, start: number, end: number, at: number, records: DnsRecord[]): number {
  const fields = readName(bytes, start, end, at, name)
  if (fields < 0) return fields
  if (fields + RECORD_BYTES > end) return MALFORMED_LENGTH
  const owner = name.toString()
  const type = u16(bytes, fields)
  const ttl = u32(bytes, fields + 4)
  const dataBytes = u16(bytes, fields + 8)
  const data = fields + RECORD_BYTES
  if (data + dataBytes > end) return MALFORMED_LENGTH
  records.push({ name: owner, type, ttl, data: dataText(bytes, start, end, type, data, dataBytes), dataBytes })
  return data + dataBytes
}

function dataText(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: number,
  data: number,
  dataBytes: number,
): string {
  if (type === A && dataBytes === 4) return ipv4Text(bytes, data)
  if (type === AAAA && dataBytes === 16) return ipv6Text(bytes, data)
  if (type === CNAME && readName(bytes, start, end, data, name) >= 0) return name.toString()
  return ''
}
