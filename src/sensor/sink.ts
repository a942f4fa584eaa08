/**
 * What those who follow a connection's bytes (tcp-talk.ts, udp-talk.ts) tell
 * the sensor. They know bytes and protocols; the sensor knows flows, time and
 * what is to be done with a fact.
 */

import type { HttpResponse } from '../events/observation.ts'
import type { RequestHead } from '../protocol/http/request-head.ts'
import type { Http2Connection } from '../protocol/http2/connection.ts'
import type { ProxyHeader } from '../protocol/proxy/proxy-protocol.ts'
import type { QuicClient } from '../protocol/quic/client.ts'
import type { SocksRequest } from '../protocol/socks/socks.ts'
import type { SocksReply } from '../protocol/socks/socks-reply.ts'
import type { ClientHello } from '../protocol/tls/client-hello.ts'
import type { DtlsAnswer } from '../protocol/tls/dtls.ts'
import type { ServerFlight } from '../protocol/tls/server-flight.ts'
import type { Parser } from './coverage.ts'
import type { HttpRequest } from './records.ts'

export interface Sink {
  /** Counts how a parser ended. */
  count(parser: Parser, outcome: number): void
  /** A client said hello. @returns whether anybody wants to know what the server answers to it over TCP */
  hello(row: number, hello: ClientHello): boolean
  /** Does anybody want to know what the server answers to HTTP requests of this flow? */
  wantsResponses(row: number): boolean
  /** A server's flight was read, and nothing yet of its client: until the flow is over there may be. */
  flightRead(row: number): void
  /** What there was to see of a TLS connection has been seen; either part may be missing. */
  tlsDone(row: number, hello: ClientHello | undefined, flight: ServerFlight | undefined): void
  /** A hello was answered with HTTP in clear. */
  plainAnswer(row: number): void
  dtlsDone(row: number, hello: ClientHello, answer: DtlsAnswer): void
  quicHello(row: number, quic: QuicClient): void
  /** A request was made: gives what is to be kept until its response is there. */
  request(row: number, head: RequestHead): HttpRequest
  request2(row: number, connection: Http2Connection): HttpRequest
  /** A request is done with; without a response when none was seen that can be said to be its own. */
  httpDone(row: number, request: HttpRequest, response: HttpResponse | undefined): void
  socks(row: number, request: SocksRequest): void
  /** A SOCKS proxy answered; undefined when what it said could not be read. */
  socksDone(row: number, reply: SocksReply | undefined): void
  proxied(row: number, header: ProxyHeader): void
  /** A DNS message in a stream: bytes[start, end), good until the call returns. */
  dns(row: number, bytes: Uint8Array, start: number, end: number): void
  /** What was taken for the server said a client's hello: the two are the other way round. */
  flip(row: number): void
}
