/** Stands where the sensor stands: writes down what those who follow a connection's bytes tell. */

import type { HttpResponse } from '../../src/events/observation.ts'
import { questionsOf } from '../../src/protocol/dns/facts.ts'
import { DnsMessage, isAnswer, readMessage } from '../../src/protocol/dns/message.ts'
import type { RequestHead } from '../../src/protocol/http/request-head.ts'
import type { Http2Connection } from '../../src/protocol/http2/connection.ts'
import type { ProxyHeader } from '../../src/protocol/proxy/proxy-protocol.ts'
import type { QuicClient } from '../../src/protocol/quic/client.ts'
import type { SocksRequest } from '../../src/protocol/socks/socks.ts'
import type { ClientHello } from '../../src/protocol/tls/client-hello.ts'
import type { DtlsAnswer } from '../../src/protocol/tls/dtls.ts'
import type { ServerFlight } from '../../src/protocol/tls/server-flight.ts'
import { Moment } from '../../src/sensor/moment.ts'
import { type HttpRequest, httpRequest, httpRequest2 } from '../../src/sensor/records.ts'
import type { Sink } from '../../src/sensor/sink.ts'

const AT = new Moment()
const FLOW = {
  id: 1,
  protocol: 'TCP' as const,
  clientIp: '192.0.2.10',
  clientPort: 51_000,
  serverIp: '198.51.100.7',
  serverPort: 443,
  communityId: '',
  vlans: [],
  clientMac: '',
  serverMac: '',
}

export class Heard implements Sink {
  /** Server names, with ` (partial)` behind those of a hello whose end is missing. */
  readonly names: string[] = []
  /** `POST http.example /path`, with ` (partial)` behind those of which the end of the head is missing. */
  readonly requests: string[] = []
  /** `/path 200`, or `/path -` without a response. */
  readonly exchanges: string[] = []
  /** `question a.example` */
  readonly messages: string[] = []
  /** Targets of SOCKS. */
  readonly targets: string[] = []
  /** Names in PROXY headers. */
  readonly authorities: string[] = []
  /** How often the two were the other way round. */
  flips = 0
  onFlip: () => void = () => {}

  hello(_row: number, { serverName, isPartial }: ClientHello): boolean {
    this.names.push(isPartial ? `${serverName} (partial)` : serverName)
    return true
  }

  quicHello(row: number, { hello }: QuicClient): void {
    this.hello(row, hello)
  }

  count(): void {}
  wantsResponses(): boolean {
    return true
  }
  flightRead(): void {}
  tlsDone(_row: number, _hello: ClientHello | undefined, _flight: ServerFlight | undefined): void {}
  plainAnswer(): void {}
  dtlsDone(_row: number, { serverName }: ClientHello, { hello }: DtlsAnswer): void {
    this.exchanges.push(`${serverName} ${hello ? 'answered' : '-'}`)
  }

  request(_row: number, head: RequestHead): HttpRequest {
    return this.#note(httpRequest(AT, FLOW, head))
  }

  request2(_row: number, { list, streamId }: Http2Connection): HttpRequest {
    return this.#note(httpRequest2(AT, FLOW, list, streamId))
  }

  httpDone(_row: number, { url }: HttpRequest, response: HttpResponse | undefined): void {
    this.exchanges.push(`${url} ${response ? response.status : '-'}`)
  }

  socksDone(): void {}

  socks(_row: number, { host }: SocksRequest): void {
    this.targets.push(host)
  }

  proxied(_row: number, { authority }: ProxyHeader): void {
    this.authorities.push(authority)
  }

  dns(_row: number, bytes: Uint8Array, start: number, end: number): void {
    const message = new DnsMessage()
    const outcome = readMessage(bytes, start, end, message)
    const words = outcome < 0 ? [`reason ${outcome}`] : questionsOf(message, 'dns').map(({ name }) => name)
    this.messages.push(`${isAnswer(message.flags) ? 'answer' : 'question'} ${words.join(' ')}`)
  }

  flip(): void {
    this.flips++
    this.onFlip()
  }

  #note(request: HttpRequest): HttpRequest {
    const { method, host, url, isPartial } = request
    this.requests.push(`${method} ${host} ${url}${isPartial ? ' (partial)' : ''}`)
    return request
  }
}
