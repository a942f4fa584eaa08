/**
 * All requests of one HTTP/1 connection, from the client's bytes alone:
 * pipelined ones, those of a connection that is kept, and what follows a
 * CONNECT or an offer to upgrade.
 *
 *   head ── body ──> head ...
 *    │
 *    ├─ CONNECT, Upgrade ──> switch: a request again (the server said no), or another protocol
 *    └─ no end of the body known, bytes lost, a head that cannot be read ──> lost
 *
 * A head of which the end was lost says what stands before that: `endHead`.
 * While it is lost it looks for a request where a segment begins, for that is
 * where clients begin them. Bytes are the caller's; those of bodies need not be
 * kept, see `consumed`.
 */

import { NEED_MORE, UNSUPPORTED } from '../../bytes/outcome.ts'
import { Body, loseBytes, requestBody, skipBody } from './body.ts'
import { beginsRequest, looksLikeHttp } from './probe.ts'
import { endRequestHead, RequestHead, readRequestHead } from './request-head.ts'

export class RequestStream {
  phase: 'head' | 'body' | 'switch' | 'lost' = 'head'
  /** The head that was read last, or that is being read. */
  head = new RequestHead()
  body = new Body()
  /** Bytes from `start` on that are done with: the next call begins after them. Valid iff the answer was negative. */
  consumed = 0
  /** Least bytes after those that are worth another try; valid iff the answer was NEED_MORE. */
  wantedBytes = 0
}

/**
 * Reads on in the client's bytes[start, end), which begin where the last call ended.
 * Returns the offset past the next head, which is then in `stream.head`; NEED_MORE; UNSUPPORTED when, after CONNECT or
 * Upgrade, something else than HTTP/1 follows: `consumed` says where, and this reader is done; or why a head cannot
 * be read. After such a reason it can go on with what comes later.
 */
export function readNextRequest(bytes: Uint8Array, start: number, end: number, stream: RequestStream): number {
  let at = start
  for (;;) {
    stream.consumed = at - start
    stream.wantedBytes = 1
    switch (stream.phase) {
      case 'body': {
        const next = skipBody(bytes, at, end, stream.body)
        if (next < 0) {
          stream.phase = 'lost'
          break
        }
        at = next
        if (!stream.body.isOver) {
          stream.consumed = at - start
          return NEED_MORE
        }
        stream.phase = stream.head.maySwitch ? 'switch' : 'head'
        stream.head = new RequestHead()
        break
      }
      case 'switch':
        if (at === end) return NEED_MORE
        if (beginsRequest(bytes, at, end)) {
          stream.phase = 'head'
          break
        }
        if (!looksLikeHttp(bytes, at, end)) return UNSUPPORTED
        stream.wantedBytes = end - at + 1
        return NEED_MORE
      case 'lost':
        if (at === end) return NEED_MORE
        if (!beginsRequest(bytes, at, end)) {
          stream.consumed = end - start
          return NEED_MORE
        }
        stream.phase = 'head'
        stream.head = new RequestHead()
        break
      case 'head': {
        if (at === end) return NEED_MORE
        const next = readRequestHead(bytes, at, end, stream.head)
        if (next === NEED_MORE) {
          stream.wantedBytes = stream.head.wantedBytes
          return NEED_MORE
        }
        if (next === UNSUPPORTED) return next
        if (next < 0) {
          stream.phase = 'lost'
          stream.consumed = end - start
          return next
        }
        beginBody(stream)
        return next
      }
    }
  }
}

/**
 * Says that the head that is being read will not go on. Gives it, as far as it came, when it is certainly one of HTTP.
 * What follows is looked at as behind a whole one.
 */
export function endHead(stream: RequestStream): RequestHead | undefined {
  const { head } = stream
  if (stream.phase !== 'head' || head.version < 10) return undefined
  endRequestHead(head)
  stream.head = new RequestHead()
  stream.phase = head.maySwitch ? 'switch' : 'lost'
  return head
}

/** Says that the next `count` bytes of the client were never seen; ask `endHead` first. */
export function loseRequestBytes(stream: RequestStream, count: number): void {
  if (stream.phase === 'body' && loseBytes(stream.body, count)) return
  // in a tunnel another protocol may still begin
  const maySwitch = stream.phase === 'switch' || (stream.phase === 'body' && stream.head.maySwitch)
  stream.phase = maySwitch ? 'switch' : 'lost'
  stream.head = new RequestHead()
}

function beginBody(stream: RequestStream): void {
  // the method CONNECT has no body (RFC 9110 section 9.3.6), whatever a length says
  const body = stream.head.method === 'CONNECT' ? new Body() : requestBody(stream.head.framing)
  stream.phase = body ? 'body' : 'lost'
  if (body) stream.body = body
}
