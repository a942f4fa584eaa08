/**
 * The head of an HTTP/1 request, RFC 9112: the request line and those fields
 * that a sensor wants.
 *
 * Read like tolerant servers do, for a client that talks to one of those has
 * talked to it; each departure from the RFC is a bit of `deviations`. The host
 * is the one of an absolute target or of CONNECT, and otherwise the one of the
 * Host field (section 3.2.2). Texts are a stranger's, one character per byte.
 */

import { NEED_MORE } from '../../bytes/outcome.ts'
import { type Authority, parseAuthority } from './authority.ts'
import {
  EMPTY_LINES_BEFORE,
  HOST_CONFLICT,
  NO_HOST,
  ODD_HOST,
  SEVERAL_HOSTS,
  TEXT_CUT,
  USER_IN_HOST,
} from './deviations.ts'
import { Framing } from './framing.ts'
import { FieldNames, HeadLines, TEXT_BYTES_MAX } from './head-lines.ts'
import { readRequestLine, type TargetForm } from './request-line.ts'
import { UPGRADES_MAX, upgradesIn } from './upgrade.ts'

const FIELDS = [
  'host',
  'user-agent',
  'referer',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'x-forwarded-for',
  'forwarded',
] as const

const names = new FieldNames(FIELDS)

const HOSTS_MAX = 4

export class RequestHead {
  /** As sent: GET, or any other token; empty while the first line is not there. */
  method = ''
  /** As sent. */
  target = ''
  targetForm: TargetForm = 'origin'
  targetAuthority: Authority | undefined = undefined
  /** Ten times the version: 11 for HTTP/1.1; 9 when none was sent. */
  version = 0
  /** The Host field as sent; empty when there is none. */
  hostHeader = ''
  /** Further Host fields with other values: which one counts is the server's secret. */
  moreHosts: string[] = []
  /** What is asked for: lower case, without port, brackets and the dot of the root; empty when nothing says it. */
  host = ''
  /** 1 to 65535; 0 when none is stated. */
  port = 0
  userAgent = ''
  referer = ''
  /** Protocols offered in Upgrade, in lower case: `websocket`, `h2c`. */
  upgrades: string[] = []
  /** SETTINGS of HTTP/2 in base64url (RFC 7540 section 3.2.1); empty when there are none. */
  http2Settings = ''
  /** As sent, several fields joined by `, `. */
  xForwardedFor = ''
  forwarded = ''
  /** Bits of `deviations.ts`. */
  deviations = 0
  /** Its end is missing: what whole lines said is there. */
  isPartial = false
  /** Where the body ends. */
  readonly framing = new Framing()
  readonly lines = new HeadLines()

  /** What follows need not be HTTP/1: a tunnel or another protocol, if the server agrees. */
  get maySwitch(): boolean {
    return this.method === 'CONNECT' || this.upgrades.length > 0
  }

  /** Least bytes from the head's start on that are worth another try; valid iff reading said NEED_MORE. */
  get wantedBytes(): number {
    return this.lines.wantedBytes
  }
}

/**
 * Reads the head that begins at `start` into `head`. With the same head and more bytes it goes on where it was.
 * Returns the offset past the empty line; NEED_MORE; or why it cannot be read: LIMIT_REACHED past HEAD_BYTES_MAX or
 * HEAD_LINES_MAX, and what `readRequestLine` says. What whole lines said is in `head` whatever the answer;
 * `endRequestHead` adds the last of them when no more bytes will come.
 */
export function readRequestHead(bytes: Uint8Array, start: number, end: number, head: RequestHead): number {
  const { lines } = head
  for (;;) {
    const next = lines.take(bytes, start, end)
    if (next === NEED_MORE) return next
    if (next < 0) {
      endRequestHead(head)
      return next
    }
    if (head.method === '') {
      if (lines.lineStart === lines.lineEnd) {
        head.deviations |= EMPTY_LINES_BEFORE
        continue
      }
      const outcome = readRequestLine(bytes, lines.lineStart, lines.lineEnd, head)
      if (outcome < 0) return outcome
      chooseHost(head)
    } else if (lines.isFold(bytes)) {
      lines.fold(bytes)
    } else {
      settle(head)
      if (lines.lineStart === lines.lineEnd) {
        if (head.hostHeader === '' && head.version >= 11) head.deviations |= NO_HOST
        return next
      }
      lines.beginField(bytes, names)
    }
  }
}

/** Says that no more of the head will be read, though its end was not there. */
export function endRequestHead(head: RequestHead): void {
  settle(head)
  head.isPartial = true
}

/** Takes over the last whole field, for which a next line was awaited. */
function settle(head: RequestHead): void {
  const { lines } = head
  if (lines.field >= 0) takeField(head, FIELDS[lines.field]!, lines.text)
  lines.field = -1
  head.deviations |= lines.deviations | head.framing.deviations
}

function takeField(head: RequestHead, name: (typeof FIELDS)[number], text: string): void {
  switch (name) {
    case 'host':
      takeHost(head, text)
      break
    case 'user-agent':
      head.userAgent = text
      break
    case 'referer':
      head.referer = text
      break
    case 'content-length':
      head.framing.takeLength(text)
      break
    case 'transfer-encoding':
      head.framing.takeCoding(text)
      break
    case 'upgrade':
      head.upgrades.push(...upgradesIn(text))
      head.upgrades.length = Math.min(head.upgrades.length, UPGRADES_MAX)
      break
    case 'http2-settings':
      head.http2Settings = text
      break
    case 'x-forwarded-for':
      head.xForwardedFor = joined(head, head.xForwardedFor, text)
      break
    case 'forwarded':
      head.forwarded = joined(head, head.forwarded, text)
      break
  }
}

function takeHost(head: RequestHead, text: string): void {
  if (head.hostHeader === '') {
    head.hostHeader = text
    chooseHost(head)
  } else if (text !== head.hostHeader) {
    head.deviations |= SEVERAL_HOSTS
    if (head.moreHosts.length < HOSTS_MAX && !head.moreHosts.includes(text)) head.moreHosts.push(text)
  }
}

function chooseHost(head: RequestHead): void {
  const inField = head.hostHeader === '' ? undefined : parseAuthority(head.hostHeader)
  const chosen = head.targetAuthority?.host ? head.targetAuthority : inField
  if (!chosen) return
  head.host = chosen.host
  head.port = chosen.port
  for (const seen of [head.targetAuthority, inField]) {
    if (seen?.odd) head.deviations |= ODD_HOST
    if (seen?.hasUser) head.deviations |= USER_IN_HOST
  }
  if (inField && inField.host !== chosen.host) head.deviations |= HOST_CONFLICT
}

function joined(head: RequestHead, before: string, text: string): string {
  if (before === '') return text
  if (before.length + 2 + text.length > TEXT_BYTES_MAX) {
    head.deviations |= TEXT_CUT
    return before
  }
  return `${before}, ${text}`
}
