/**
 * The client's bytes of a TCP connection: what protocol they are, and what
 * names they hold.
 *
 *   probe ──> tls | http | http2 | socks | proxy | dns
 *     ^                 │              │       │
 *     └─────────────────┴──────────────┴───────┘   CONNECT, upgrade, SOCKS and PROXY lead to another protocol
 *
 * One mechanism stands for a dozen: a hello may begin where a segment begins,
 * at the start of the connection or after talk that we do not know (STARTTLS in
 * whatever protocol, the requests of databases, RDP, a tunnel that was asked
 * for). Bytes that are nothing we know are passed over up to the end of their
 * segment, and the next one is probed again, PROBES_MAX times.
 */

import { LIMIT_REACHED, NEED_MORE, UNSUPPORTED } from '../bytes/outcome.ts'
import { looksLikeTcpDns, tcpDnsBytes } from '../protocol/dns/probe.ts'
import { LENGTH_BYTES, readTcpMessage, tcpMessageBytes } from '../protocol/dns/stream.ts'
import { looksLikeHttp } from '../protocol/http/probe.ts'
import type { RequestHead } from '../protocol/http/request-head.ts'
import { endHead, loseRequestBytes, RequestStream, readNextRequest } from '../protocol/http/request-stream.ts'
import { Http2Connection, looksLikeHttp2, readHttp2 } from '../protocol/http2/connection.ts'
import { emptyProxyHeader, looksLikeProxyProtocol, readProxyHeader } from '../protocol/proxy/proxy-protocol.ts'
import { emptySocksRequest, looksLikeSocks, readSocks } from '../protocol/socks/socks.ts'
import { type ClientHello, emptyHello } from '../protocol/tls/client-hello.ts'
import { helloMayBegin } from '../protocol/tls/probe.ts'
import { readHelloRecords, readPartialHello } from '../protocol/tls/record.ts'
import { DNS_MESSAGE } from './doh.ts'
import { clientSpeaks } from './first-words.ts'
import type { ServerSide } from './server-side.ts'
import { PROBES_MAX, Side } from './side.ts'
import type { Sink } from './sink.ts'

// PRI (HTTP/2), PROXY, POST, PUT, PATCH: the third letter tells
const CAPITAL_P = 0x50
const P_BYTES_SURE = 4

type Phase = 'probe' | 'tls' | 'http' | 'http2' | 'socks' | 'proxy' | 'dns' | 'done'

export class ClientSide extends Side<Phase> {
  readonly #sink: Sink
  readonly #row: number
  readonly #isDnsPort: boolean
  readonly #server: ServerSide
  #isBegin = true // nothing but proxies' headers came before
  #isDnsLost = false // some of it did not come: what begins a segment is DNS again when it looks like it
  #requests: RequestStream | undefined
  #requestsSeen = 0
  #http2: Http2Connection | undefined

  constructor(sink: Sink, row: number, isDnsPort: boolean, server: ServerSide) {
    super()
    this.#sink = sink
    this.#row = row
    this.#isDnsPort = isDnsPort
    this.#server = server
  }

  lose(count: number): void {
    if (this.phase === 'http' && this.#requests) loseRequestBytes(this.#requests, count)
    else if (this.phase === 'http2') this.phase = 'done'
    else {
      if (this.phase === 'dns' || this.#isDnsPort) {
        this.#isDnsLost = true
        this.#isBegin = false
      }
      this.phase = 'probe'
    }
    this.wantedBytes = 1
  }

  /** A hello, or the head of a request, says something before it is whole. */
  override readPartial(bytes: Uint8Array, start: number, end: number): void {
    if (this.phase === 'http' && this.#requests) this.#onPartialHead(endHead(this.#requests))
    if (this.phase !== 'tls') return
    const hello = emptyHello()
    if (readPartialHello(bytes, start, end, hello) >= 0) this.#onHello(hello)
    else this.#sink.count('tls', NEED_MORE)
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
      case 'proxy':
        return this.#proxy(bytes, at, end)
      case 'dns':
        return this.#dns(bytes, at, end)
      case 'done':
        return end
    }
  }

  #probe(bytes: Uint8Array, at: number, end: number): number {
    if (bytes[at] === CAPITAL_P && end - at < P_BYTES_SURE) {
      this.wantedBytes = P_BYTES_SURE
      return at
    }
    const phase = this.#recognise(bytes, at, end)
    if (phase === 'probe') {
      const dnsBytes = this.#isDnsLost ? tcpDnsBytes(bytes, at, end) : 0
      if (dnsBytes === 0) return this.passOver(end)
      this.wantedBytes = dnsBytes
      return at
    }
    this.phase = phase
    if (phase === 'http2') this.#server.expectHttp2Settings()
    if (phase === 'socks') this.#server.expectSocks(bytes[at]!)
    return at
  }

  #recognise(bytes: Uint8Array, at: number, end: number): Phase {
    if ((this.#isBegin || this.#isDnsLost) && looksLikeTcpDns(bytes, at, end)) return 'dns'
    if (this.#isDnsPort && !this.#isDnsLost && !clientSpeaks(bytes, at, end)) return 'dns'
    if (helloMayBegin(bytes, at, end)) return 'tls'
    if (looksLikeHttp2(bytes, at, end)) return 'http2'
    if (this.#isBegin && looksLikeProxyProtocol(bytes, at, end)) return 'proxy'
    if (looksLikeHttp(bytes, at, end)) return 'http'
    if (this.#isBegin && looksLikeSocks(bytes, at, end)) return 'socks'
    return 'probe'
  }

  protected passOver(end: number): number {
    this.#isBegin = false
    this.wantedBytes = 1
    const behind = this.behindSegment(end)
    this.phase = this.probes < PROBES_MAX ? 'probe' : 'done'
    return behind
  }

  #tls(bytes: Uint8Array, at: number, end: number): number {
    const hello = emptyHello()
    const outcome = readHelloRecords(bytes, at, end, hello)
    if (outcome === NEED_MORE) {
      this.wantedBytes = hello.wantedBytes
      return at
    }
    this.#sink.count('tls', outcome)
    if (outcome < 0) return this.passOver(end)
    this.#onHello(hello)
    return outcome
  }

  #onHello(hello: ClientHello): void {
    this.phase = 'done'
    if (this.#sink.hello(this.#row, hello)) this.#server.expectTls(hello)
    else this.#server.stop()
  }

  #http(bytes: Uint8Array, at: number, end: number): number {
    this.#requests ??= new RequestStream()
    const stream = this.#requests
    const outcome = readNextRequest(bytes, at, end, stream)
    this.wantedBytes = stream.wantedBytes
    if (outcome === NEED_MORE) return at + stream.consumed
    if (outcome >= 0) {
      this.#requestsSeen++
      this.#sink.count('http', outcome)
      const { head } = stream
      const request = this.#sink.request(this.#row, head)
      if (this.#sink.wantsResponses(this.#row)) this.#server.expectHttp(head.method, request)
      return outcome
    }
    if (outcome !== UNSUPPORTED) this.#sink.count('http', outcome)
    if (outcome === LIMIT_REACHED && stream.head.version >= 10) this.#onPartialHead(stream.head)
    if (outcome !== UNSUPPORTED && this.#requestsSeen > 0) return at + stream.consumed
    // another protocol follows, or it was never HTTP
    this.#requests = undefined
    if (outcome !== UNSUPPORTED) return this.passOver(end)
    this.phase = 'probe'
    this.#isBegin = true
    return at + stream.consumed
  }

  /** Which response is its own cannot be said: the server may have answered before it was clear that more was lost. */
  #onPartialHead(head: RequestHead | undefined): void {
    if (!head) return
    this.#requestsSeen++
    this.#sink.httpDone(this.#row, this.#sink.request(this.#row, head), undefined)
  }

  #readHttp2(bytes: Uint8Array, at: number, end: number): number {
    this.#http2 ??= new Http2Connection('client')
    const connection = this.#http2
    const outcome = readHttp2(bytes, at, end, connection)
    this.wantedBytes = connection.wantedBytes
    if (outcome === NEED_MORE) return at + connection.consumed
    this.#sink.count('http', outcome)
    if (outcome < 0) return this.#giveUp(end)
    const { body, list, streamId } = connection
    if (body) this.#sink.dns(this.#row, body, 0, body.length)
    else {
      if (list.contentType === DNS_MESSAGE) connection.follow()
      this.#server.expectHttp2(streamId, this.#sink.request2(this.#row, connection))
    }
    return outcome
  }

  #socks(bytes: Uint8Array, at: number, end: number): number {
    const request = emptySocksRequest()
    const outcome = readSocks(bytes, at, end, request)
    this.wantedBytes = request.wantedBytes
    if (outcome === NEED_MORE) return at
    this.#sink.count('socks', outcome)
    if (outcome < 0) return this.passOver(end)
    this.#sink.socks(this.#row, request)
    this.phase = 'probe'
    return outcome
  }

  #proxy(bytes: Uint8Array, at: number, end: number): number {
    const header = emptyProxyHeader()
    const outcome = readProxyHeader(bytes, at, end, header)
    this.wantedBytes = header.wantedBytes
    if (outcome === NEED_MORE) return at
    if (outcome < 0) return this.passOver(end)
    this.#sink.proxied(this.#row, header)
    this.phase = 'probe'
    return outcome
  }

  #dns(bytes: Uint8Array, at: number, end: number): number {
    const outcome = readTcpMessage(bytes, at, end)
    if (outcome === NEED_MORE) {
      this.wantedBytes = tcpMessageBytes(bytes, at, end)
      return at
    }
    if (outcome < 0) {
      this.#sink.count('dns', outcome)
      return this.#giveUp(end)
    }
    this.#sink.dns(this.#row, bytes, at + LENGTH_BYTES, outcome)
    this.wantedBytes = LENGTH_BYTES
    return outcome
  }

  #giveUp(end: number): number {
    this.phase = 'done'
    return end
  }
}
