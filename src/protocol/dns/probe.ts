/**
 * Is it DNS? For UDP payloads on ports that do not say so.
 *
 * The questions clients ask and the answers they get look alike everywhere, so
 * all is asked for that they have in common (RFC 1035 section 4.1, RFC 6895
 * section 2): one question of class IN, for a name of host characters and a
 * type that is in use; no bits that have no meaning; every record whole, and
 * the last one ends where the payload ends. Rare but legal messages fail it:
 * missing one of those is better than mistaking a game's packets for DNS. Among
 * random bytes fewer than one in 2^60 would pass.
 *
 * Most payloads that are not DNS are refused at the flags or the counts.
 */

import { NEED_MORE } from '../../bytes/outcome.ts'
import { u8, u16 } from '../../bytes/read.ts'
import { skipName } from './name.ts'
import { LENGTH_BYTES, readTcpMessage, tcpMessageBytes } from './stream.ts'
import * as types from './types.ts'

const HEADER_BYTES = 12
const QUESTION_BYTES = 4
const RECORD_BYTES = 10
const RECORDS_MAX = 128
const IN = 1

const RESPONSE = 0x8000
const QUESTION_FLAGS = 0x0130 // recursion desired, authentic data, checking disabled
const ANSWER_FLAGS = 0x87bf // all but the operation, which is 0, and the reserved bit
const RCODE = 0x000f
const RCODE_MAX = 5

/** Types that clients ask for, the obsolete ones left out. */
const ASKED = new Set<number>([
  ...[types.A, types.NS, types.CNAME, types.SOA, types.PTR, types.MX, types.TXT, types.AAAA, types.SRV, types.NAPTR],
  ...[types.DNAME, types.DS, types.SSHFP, types.RRSIG, types.NSEC, types.DNSKEY, types.NSEC3, types.TLSA],
  ...[types.SVCB, types.HTTPS, types.SPF, types.ANY, types.URI, types.CAA],
])

/** Is the UDP payload bytes[start, end) a question to a resolver or the answer to one? */
export function looksLikeDns(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < HEADER_BYTES + 1 + QUESTION_BYTES) return false
  const records = recordsAnnounced(bytes, start)
  if (records < 0) return false

  let at = hostName(bytes, end, start + HEADER_BYTES)
  if (at < 0 || at + QUESTION_BYTES > end) return false
  if (!ASKED.has(u16(bytes, at)) || u16(bytes, at + 2) !== IN) return false
  at += QUESTION_BYTES
  for (let i = 0; i < records; i++) {
    at = record(bytes, end, at)
    if (at < 0) return false
  }
  return at === end
}

/** How many records come behind the question by the header at `start`, or -1 when it is none of the usual ones. */
function recordsAnnounced(bytes: Uint8Array, start: number): number {
  const flags = u16(bytes, start + 2)
  const isAnswer = (flags & RESPONSE) !== 0
  if ((flags & ~(isAnswer ? ANSWER_FLAGS : QUESTION_FLAGS)) !== 0 || (flags & RCODE) > RCODE_MAX) return -1
  if (u16(bytes, start + 4) !== 1) return -1
  const others = u16(bytes, start + 6) + u16(bytes, start + 8)
  const additionals = u16(bytes, start + 10)
  if (isAnswer ? others + additionals > RECORDS_MAX : others !== 0 || additionals > 1) return -1
  return others + additionals
}

/** Where an uncompressed name of at least one label of letters, digits, hyphens and underscores ends, or -1. */
function hostName(bytes: Uint8Array, end: number, at: number): number {
  const first = at
  while (at < end) {
    const length = u8(bytes, at)
    if (length === 0) return at > first ? at + 1 : -1
    if (length > 63 || at + 1 + length > end) return -1
    for (let i = 1; i <= length; i++) if (!isHostCharacter(u8(bytes, at + i))) return -1
    at += 1 + length
  }
  return -1
}

function isHostCharacter(c: number): boolean {
  const lower = c | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || (c >= 0x30 && c <= 0x39) || c === 0x2d || c === 0x5f
}

/** Where a record ends that is of class IN or an OPT, and of the right length if it is an address, or -1. May lie past `end`. */
function record(bytes: Uint8Array, end: number, at: number): number {
  const fields = skipName(bytes, end, at)
  if (fields < 0 || fields + RECORD_BYTES > end) return -1
  const type = u16(bytes, fields)
  const dataBytes = u16(bytes, fields + 8)
  if (type !== types.OPT && u16(bytes, fields + 2) !== IN) return -1
  if (type === types.A && dataBytes !== 4) return -1
  if (type === types.AAAA && dataBytes !== 16) return -1
  return fields + RECORD_BYTES + dataBytes
}

/**
 * As `looksLikeDns`, for the beginning of a TCP stream, or of a segment behind a loss: a whole message with its length
 * in front must be there.
 */
export function looksLikeTcpDns(bytes: Uint8Array, start: number, end: number): boolean {
  const messageEnd = readTcpMessage(bytes, start, end)
  return messageEnd > 0 && looksLikeDns(bytes, start + LENGTH_BYTES, messageEnd)
}

/**
 * Of a message that may begin at `start` with its length, and of which the header and not the end is there: how many
 * bytes are needed to say whether it does. 0 where none begins.
 */
export function tcpDnsBytes(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < LENGTH_BYTES + HEADER_BYTES || readTcpMessage(bytes, start, end) !== NEED_MORE) return 0
  return recordsAnnounced(bytes, start + LENGTH_BYTES) < 0 ? 0 : tcpMessageBytes(bytes, start, end)
}
