/**
 * The head of an HTTP/1 response, RFC 9112 section 4: the status, and the few
 * fields that tell an answer of the service from the block page of a proxy.
 *
 *   HTTP-version SP status-code SP [ reason ] CRLF  fields  CRLF
 */

import { MALFORMED_VALUE } from '../../bytes/outcome.ts'
import { latin1 } from '../../bytes/text.ts'
import { EMPTY_LINES_BEFORE } from './deviations.ts'
import { Framing } from './framing.ts'
import { FieldNames, HeadLines } from './head-lines.ts'
import { upgradesIn } from './upgrade.ts'

const FIELDS = ['server', 'location', 'content-type', 'content-length', 'transfer-encoding', 'upgrade'] as const

const names = new FieldNames(FIELDS)

const STATUS_LINE_BYTES_MAX = 64 // of it, the reason does not matter

export class ResponseHead {
  /** 100 to 999; 0 while the first line is not there. */
  status = 0
  server = ''
  location = ''
  contentType = ''
  upgrades: string[] = []
  /** Bits of `deviations.ts`. */
  deviations = 0
  /** Where the body ends, if this response may have one. */
  readonly framing = new Framing()
  readonly lines = new HeadLines()

  /** Another response to the same request follows (RFC 9110 section 15.2). */
  get isInterim(): boolean {
    return this.status >= 100 && this.status < 200 && this.status !== 101
  }

  /** Least bytes from the head's start on that are worth another try; valid iff reading said NEED_MORE. */
  get wantedBytes(): number {
    return this.lines.wantedBytes
  }
}

/**
 * Reads the head that begins at `start` into `head`. With the same head and more bytes it goes on where it was.
 * Returns the offset past the empty line; NEED_MORE (`head.status` may be known already); MALFORMED_VALUE when it
 * does not begin with a status line; LIMIT_REACHED when it is longer than HEAD_BYTES_MAX or HEAD_LINES_MAX.
 */
export function readResponseHead(bytes: Uint8Array, start: number, end: number, head: ResponseHead): number {
  const { lines } = head
  for (;;) {
    const next = lines.take(bytes, start, end)
    if (next < 0) return next
    if (head.status === 0) {
      if (lines.lineStart === lines.lineEnd) {
        head.deviations |= EMPTY_LINES_BEFORE
        continue
      }
      head.status = statusOf(
        latin1(bytes, lines.lineStart, Math.min(lines.lineEnd, lines.lineStart + STATUS_LINE_BYTES_MAX)),
      )
      if (head.status === 0) return MALFORMED_VALUE
    } else if (lines.isFold(bytes)) {
      lines.fold(bytes)
    } else {
      if (lines.field >= 0) takeField(head, FIELDS[lines.field]!, lines.text)
      lines.field = -1
      head.deviations |= lines.deviations | head.framing.deviations
      if (lines.lineStart === lines.lineEnd) return next
      lines.beginField(bytes, names)
    }
  }
}

/** The status of a line like `HTTP/1.1 200 OK`, or of SHOUTcast's `ICY 200 OK`; 0 when it is no such line. */
function statusOf(line: string): number {
  const match = /^(?:HTTP\/\d(?:\.\d+)?|ICY)[ \t]+([1-9]\d\d)(?!\d)/i.exec(line)
  return match ? Number(match[1]) : 0
}

function takeField(head: ResponseHead, name: (typeof FIELDS)[number], text: string): void {
  switch (name) {
    case 'server':
      head.server = text
      break
    case 'location':
      head.location = text
      break
    case 'content-type':
      head.contentType = text
      break
    case 'content-length':
      head.framing.takeLength(text)
      break
    case 'transfer-encoding':
      head.framing.takeCoding(text)
      break
    case 'upgrade':
      head.upgrades = upgradesIn(text)
      break
  }
}
