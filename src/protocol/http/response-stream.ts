/**
 * All responses of one HTTP/1 connection, from the server's bytes, and which
 * request each of them answers: the oldest that has no answer yet (RFC 9112
 * section 9.3.2), interim responses apart. How a body ends depends on the
 * request's method, so the two cannot be separated.
 *
 * When bytes are lost, or the client's requests were not all seen, nobody can
 * say any more which is whose: the requests that wait are given back without an
 * answer, and pairing begins anew with what is asked from then on.
 */

import { NEED_MORE, UNSUPPORTED } from '../../bytes/outcome.ts'
import { Body, loseBytes, responseBody, skipBody } from './body.ts'
import { beginsResponse } from './probe.ts'
import { ResponseHead, readResponseHead } from './response-head.ts'

/** Most requests of one connection that wait for their answer; browsers never pipeline, command line tools a few. */
export const WAITING_MAX = 64

export class ResponseStream<Request> {
  phase: 'head' | 'body' | 'switch' | 'lost' = 'head'
  /** The head that was read last, or that is being read. */
  head = new ResponseHead()
  /** The request that `head` answers; undefined when it was not seen. */
  request: Request | undefined = undefined
  body = new Body()
  /** Bytes from `start` on that are done with: the next call begins after them. Valid iff the answer was negative. */
  consumed = 0
  /** Least bytes after those that are worth another try; valid iff the answer was NEED_MORE. */
  wantedBytes = 0
  #waiting: Array<{ method: string; request: Request }> = []
  #unpaired = 0 // requests behind those: they wait as well, but only their number is known

  /**
   * Says that `request` was made with `method`.
   * @returns false when too many wait: it takes its turn, but its response will be paired with nothing
   */
  expect(method: string, request: Request): boolean {
    if (this.#unpaired > 0 || this.#waiting.length === WAITING_MAX) {
      this.#unpaired++
      return false
    }
    this.#waiting.push({ method, request })
    return true
  }

  /** The requests that no response will be paired with any more; at the end, all that are left. */
  giveUp(): Request[] {
    const left = this.#waiting.map(({ request }) => request)
    this.#waiting = []
    this.#unpaired = 0
    return left
  }

  /** Says that a response begins with the next byte, whatever was read before. */
  begin(): void {
    this.phase = 'head'
    this.head = new ResponseHead()
  }

  /** @internal Takes the request that waits longest and gives its method; it waits on only for an interim response. */
  answer(isInterim: boolean): string {
    const oldest = isInterim ? this.#waiting[0] : this.#waiting.shift()
    if (!oldest && !isInterim && this.#unpaired > 0) this.#unpaired--
    this.request = oldest?.request
    return oldest?.method ?? 'GET'
  }
}

/**
 * Reads on in the server's bytes[start, end), which begin where the last call ended.
 * Returns the offset past the next head: it is then in `stream.head`, and what it answers in `stream.request`;
 * NEED_MORE; UNSUPPORTED when something else than HTTP/1 follows, as agreed by CONNECT or Upgrade; or why a head cannot
 * be read. After such a reason it can go on with what comes later; `giveUp` says which requests are affected.
 */
export function readNextResponse<Request>(
  bytes: Uint8Array,
  start: number,
  end: number,
  stream: ResponseStream<Request>,
): number {
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
        stream.phase = 'head'
        stream.head = new ResponseHead()
        break
      }
      case 'switch':
        return UNSUPPORTED
      case 'lost':
        if (at === end) return NEED_MORE
        if (!beginsResponse(bytes, at, end)) {
          stream.consumed = end - start
          return NEED_MORE
        }
        stream.phase = 'head'
        stream.head = new ResponseHead()
        break
      case 'head': {
        if (at === end) return NEED_MORE
        const next = readResponseHead(bytes, at, end, stream.head)
        if (next === NEED_MORE) {
          stream.wantedBytes = stream.head.wantedBytes
          return NEED_MORE
        }
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

/** Says that the next `count` bytes of the server were never seen. */
export function loseResponseBytes<Request>(stream: ResponseStream<Request>, count: number): void {
  if (stream.phase !== 'body' || !loseBytes(stream.body, count)) stream.phase = 'lost'
}

function beginBody<Request>(stream: ResponseStream<Request>): void {
  const { head } = stream
  const method = stream.answer(head.isInterim)
  const isTunnel = method === 'CONNECT' && head.status >= 200 && head.status < 300
  stream.phase = isTunnel || head.status === 101 ? 'switch' : 'body'
  stream.body = responseBody(head.framing, head.status, method)
}
