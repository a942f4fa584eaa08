/**
 * What a client sends for bytes that were read before, read for itself: of two
 * different copies only the server, or somebody on the way, knows which one
 * counts. Only names are told of it, to those who judge: all else is the first
 * reading's.
 */

import { isKnownMethod } from '../protocol/http/methods.ts'
import type { RequestHead } from '../protocol/http/request-head.ts'
import type { Http2Connection } from '../protocol/http2/connection.ts'
import type { QuicClient } from '../protocol/quic/client.ts'
import type { ClientHello } from '../protocol/tls/client-hello.ts'
import type { Facts } from './facts.ts'
import type { Moment } from './moment.ts'
import { type HttpRequest, httpRequest, httpRequest2 } from './records.ts'
import type { Sink } from './sink.ts'

export class SecondReading implements Sink {
  readonly #facts: Facts
  readonly #moment: Moment

  constructor(facts: Facts) {
    this.#facts = facts
    this.#moment = facts.moment
  }

  hello(row: number, { serverName }: ClientHello): boolean {
    this.#facts.watchedName(row, 'tls_sni', serverName)
    return false
  }

  quicHello(row: number, { hello }: QuicClient): void {
    this.#facts.watchedName(row, 'quic_sni', hello.serverName)
  }

  request(row: number, head: RequestHead): HttpRequest {
    return this.#named(row, httpRequest(this.#moment, this.#facts.ref(row), head))
  }

  request2(row: number, { list, streamId }: Http2Connection): HttpRequest {
    return this.#named(row, httpRequest2(this.#moment, this.#facts.ref(row), list, streamId))
  }

  #named(row: number, request: HttpRequest): HttpRequest {
    const { method, host } = request
    // what comes again may begin amid a request: its method is then the end of one
    if (isKnownMethod(method)) this.#facts.watchedName(row, method === 'CONNECT' ? 'http_connect' : 'http_host', host)
    return request
  }

  wantsResponses(): boolean {
    return false
  }
  count(): void {}
  flightRead(): void {}
  tlsDone(): void {}
  plainAnswer(): void {}
  dtlsDone(): void {}
  httpDone(): void {}
  socks(): void {}
  socksDone(): void {}
  proxied(): void {}
  dns(): void {}
  flip(): void {}
}
