/**
 * The server's bytes of a TCP connection, as far as they say more about what
 * the client asked for: the version and certificate of TLS, the status of HTTP,
 * the answers of DNS. What they are is known from the client's side, so they
 * wait until that has spoken.
 */

import { NEED_MORE, UNSUPPORTED } from '../bytes/outcome.ts'
import { u8 } from '../bytes/read.ts'
import { looksLikeTcpDns, tcpDnsBytes } from '../protocol/dns/probe.ts'
import { LENGTH_BYTES, readTcpMessage, tcpMessageBytes } from '../protocol/dns/stream.ts'
import { beginsResponse, mayBeginResponse, RESPONSE_BYTES_SURE } from '../protocol/http/probe.ts'
import { loseResponseBytes, ResponseStream, readNextResponse } from '../protocol/http/response-stream.ts'
import { Http2Connection, readHttp2 } from '../protocol/http2/connection.ts'
import { readSocksReply } from '../protocol/socks/socks-reply.ts'
import type { ClientHello } from '../protocol/tls/client-hello.ts'
import { ALERT, HANDSHAKE } from '../protocol/tls/record-head.ts'
import { emptyFlight, readServerFlight, type ServerFlight } from '../protocol/tls/server-flight.ts'
import { DNS_MESSAGE } from './doh.ts'
import { beginsServerHello, clientSpeaks, HELLO_BYTES_SURE, mayBeginHello } from './first-words.ts'
import { type HttpRequest, httpResponse, httpResponse2 } from './records.ts'
import { PROBES_MAX, Side } from './side.ts'
import type { Sink } from './sink.ts'

type Phase = 'probe' | 'tls' | 'http' | 'http2' | 'socks' | 'dns' | 'done'

const STREAMS_MAX = 64

export class ServerSide extends Side<Phase> {
  readonly #sink: Sink
  readonly #row: number
  readonly #isDnsPort: boolean
  #mayFlip: boolean
  #isDnsLost = false // as in client-side.ts
  #hello: ClientHello | undefined
  #flight: ServerFlight | undefined
  #isTlsDone = false
  #responses: ResponseStream<HttpRequest> | undefined
  #http2: Http2Connection | undefined
  #socksVersion = 0
  readonly #streams = new Map<number, HttpRequest>()

  /** @param mayFlip nobody's SYN was seen, so the server may be the client */
  constructor(sink: Sink, row: number, isDnsPort: boolean, mayFlip: boolean) {
    super()
    this.#sink = sink
    this.#row = row
    this.#isDnsPort = isDnsPort
    this.#mayFlip = mayFlip
  }

  /** Says that the client said this hello, so that the server's flight is next. */
  expectTls(hello: ClientHello): void {
    this.#hello = hello
    if (this.phase !== 'done') return
    if (this.#flight) this.#tlsDone()
    else this.phase = 'probe'
  }

  /** Says that nobody wants to know more of the server. */
  stop(): void {
    this.phase = 'done'
  }

  /** Says that the client began to speak SOCKS of this version: the proxy's answers are next, the tunnel behind them. */
  expectSocks(version: number): void {
    this.#socksVersion = version
    this.phase = 'socks'
  }

  /** Says that the client made a request. */
  expectHttp(method: string, request: HttpRequest): void {
    this.#responses ??= new ResponseStream()
    if (!this.#responses.expect(method, request)) this.#sink.httpDone(this.#row, request, undefined)
    if (this.phase === 'done') this.phase = 'probe'
  }

  /** Says that the client began to speak HTTP/2: the server's settings are next. */
  expectHttp2Settings(): void {
    this.#http2 = new Http2Connection('server')
    this.phase = 'http2'
  }

  /** Says that the client made a request of HTTP/2. */
  expectHttp2(streamId: number, request: HttpRequest): void {
    if (this.#streams.size >= STREAMS_MAX || this.phase !== 'http2') {
      this.#sink.httpDone(this.#row, request, undefined)
      return
    }
    this.#streams.set(streamId, request)
  }

  lose(count: number): void {
    if (this.phase === 'http' && this.#responses) {
      loseResponseBytes(this.#responses, count)
      this.#unanswered(this.#responses.giveUp())
    } else if (this.phase === 'tls') this.#flightDone()
    else if (this.phase === 'dns' || (this.phase === 'probe' && this.#isDnsPort)) {
      this.#isDnsLost = true
      this.phase = 'probe'
    } else if (this.phase !== 'probe') this.#end()
    this.wantedBytes = 1
  }

  /** Says that no more will come. */
  finish(): void {
    if (this.phase === 'socks') this.#sink.socksDone(this.#row, undefined)
    if (this.#hello || this.#flight) this.#tlsDone()
    this.#end()
  }

  /** What the server says is not followed any more: requests that wait are told without their responses. */
  #end(): void {
    this.phase = 'done'
    if (this.#responses) this.#unanswered(this.#responses.giveUp())
    this.#unanswered(this.#streams.values())
    this.#streams.clear()
  }

  /** Tells of requests whose responses will not be seen. */
  #unanswered(requests: Iterable<HttpRequest>): void {
    for (const request of requests) this.#sink.httpDone(this.#row, request, undefined)
  }

  protected step(bytes: Uint8Array, at: number, end: number): number {
    switch (this.phase) {
      case 'probe':
        return this.#probe(bytes, at, end)
      case 'tls':
        return this.#tls(bytes, at, end)
      case 'http':
        return this.#http(bytes, at, end)
      case 'http2':
        return this.#readHttp2(bytes, at, end)
      case 'socks':
        return this.#socks(bytes, at, end)
      case 'dns':
        return this.#dns(bytes, at, end)
      case 'done':
        return end
    }
  }

  #probe(bytes: Uint8Array, at: number, end: number): number {
    const first = u8(bytes, at)
    if (this.#isDns(bytes, at, end)) this.phase = 'dns'
    else if (this.#hello && (first === HANDSHAKE || first === ALERT)) this.phase = 'tls'
    else if (beginsServerHello(bytes, at, end))
      this.phase = 'tls' // its client was not seen
    else if (this.#responses && beginsResponse(bytes, at, end)) {
      this.#responses.begin()
      this.phase = 'http'
    } else if (this.#hello && beginsResponse(bytes, at, end)) return this.#plainAnswer(end)
    else if (this.#mayFlip && clientSpeaks(bytes, at, end)) this.#flip()
    else if (mayBeginHello(bytes, at, end)) this.wantedBytes = HELLO_BYTES_SURE
    else if (this.#isAsked && mayBeginResponse(bytes, at, end)) this.wantedBytes = RESPONSE_BYTES_SURE
    else if (this.#isDnsLost && tcpDnsBytes(bytes, at, end) > 0) this.wantedBytes = tcpDnsBytes(bytes, at, end)
    else return this.passOver(end)
    return at
  }

  /** Has the client said a hello or a request? */
  get #isAsked(): boolean {
    return this.#hello !== undefined || this.#responses !== undefined
  }

  #isDns(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.#isDnsLost) return looksLikeTcpDns(bytes, at, end)
    if (this.#isDnsPort) return !this.#isAsked
    return this.probes === 0 && looksLikeTcpDns(bytes, at, end)
  }

  /** A gateway answers a hello of TLS with HTTP in clear: no handshake will be. */
  #plainAnswer(end: number): number {
    this.#sink.plainAnswer(this.#row)
    this.#tlsDone()
    return end
  }

  #flip(): void {
    this.#mayFlip = false
    this.#sink.flip(this.#row)
  }

  protected passOver(end: number): number {
    this.wantedBytes = 1
    this.phase = 'probe'
    const behind = this.behindSegment(end)
    if (this.probes >= PROBES_MAX) {
      if (this.#hello) this.#tlsDone()
      this.#end()
    }
    return behind
  }

  #tls(bytes: Uint8Array, at: number, end: number): number {
    const flight = emptyFlight()
    const outcome = readServerFlight(bytes, at, end, flight)
    this.#flight = flight
    if (outcome === NEED_MORE) {
      this.wantedBytes = flight.wantedBytes
      return at
    }
    this.#flightDone()
    return end
  }

  /** The server's flight is read. Where no hello came before it, the client may yet be seen, up to the end of the flow. */
  #flightDone(): void {
    if (this.#hello) this.#tlsDone()
    else {
      this.phase = 'done'
      this.#sink.flightRead(this.#row)
    }
  }

  #tlsDone(): void {
    if (this.#isTlsDone) return
    this.#isTlsDone = true
    this.#sink.tlsDone(this.#row, this.#hello, this.#flight)
    this.#end()
  }

  #http(bytes: Uint8Array, at: number, end: number): number {
    const stream = this.#responses!
    const outcome = readNextResponse(bytes, at, end, stream)
    this.wantedBytes = stream.wantedBytes
    if (outcome === NEED_MORE) return at + stream.consumed
    if (outcome < 0) {
      this.#unanswered(stream.giveUp())
      if (outcome === UNSUPPORTED) {
        // this reader is done: asked again about a tunnel that holds HTTP, it would say the same for ever
        this.#responses = undefined
        this.phase = 'probe'
      }
      return at + stream.consumed
    }
    if (stream.request && !stream.head.isInterim) {
      this.#sink.httpDone(this.#row, stream.request, httpResponse(stream.head))
    }
    return outcome
  }

  #readHttp2(bytes: Uint8Array, at: number, end: number): number {
    const connection = this.#http2!
    const outcome = readHttp2(bytes, at, end, connection)
    this.wantedBytes = connection.wantedBytes
    if (outcome === NEED_MORE) return at + connection.consumed
    if (outcome < 0) {
      this.#end()
      return end
    }
    if (connection.body) {
      this.#sink.dns(this.#row, connection.body, 0, connection.body.length)
      return outcome
    }
    if (connection.list.contentType === DNS_MESSAGE) connection.follow()
    const request = this.#streams.get(connection.streamId)
    if (request && connection.list.status >= 200) {
      this.#streams.delete(connection.streamId)
      this.#sink.httpDone(this.#row, request, httpResponse2(connection.list))
    }
    return outcome
  }

  #socks(bytes: Uint8Array, at: number, end: number): number {
    const reply = { granted: false, code: -1 }
    const outcome = readSocksReply(bytes, at, end, this.#socksVersion, reply)
    if (outcome === NEED_MORE) {
      this.wantedBytes = end - at + 1
      return at
    }
    this.phase = 'probe'
    this.wantedBytes = 1
    this.#sink.socksDone(this.#row, outcome < 0 ? undefined : reply)
    return outcome < 0 ? this.passOver(end) : outcome
  }

  #dns(bytes: Uint8Array, at: number, end: number): number {
    const outcome = readTcpMessage(bytes, at, end)
    if (outcome === NEED_MORE) {
      this.wantedBytes = tcpMessageBytes(bytes, at, end)
      return at
    }
    if (outcome < 0) {
      this.phase = 'done'
      return end
    }
    this.#sink.dns(this.#row, bytes, at + LENGTH_BYTES, outcome)
    this.wantedBytes = LENGTH_BYTES
    return outcome
  }
}
