/**
 * A UDP flow while its datagrams may still tell something: hellos of QUIC and
 * DTLS on any port, and requests of SSDP. DNS and DHCP are read before, in
 * udp-packets.ts.
 */

import { NEED_MORE, UNSUPPORTED } from '../bytes/outcome.ts'
import { looksLikeHttp } from '../protocol/http/probe.ts'
import { endRequestHead, RequestHead, readRequestHead } from '../protocol/http/request-head.ts'
import { QuicClient } from '../protocol/quic/client.ts'
import { looksLikeQuic } from '../protocol/quic/probe.ts'
import { type ClientHello, emptyHello } from '../protocol/tls/client-hello.ts'
import { DtlsClient, DtlsServer, dtlsHelloMayBegin } from '../protocol/tls/dtls.ts'
import type { Sink } from './sink.ts'

/** Datagrams of a client that are nothing we know before the flow is given up. */
const PROBES_MAX = 4
/** Datagrams with pieces of a DTLS hello: with a post-quantum key share and the smallest packets there are a dozen. */
const PIECES_MAX = 64

export class UdpTalk {
  /** Nothing more can be learned. */
  isOver = false
  /** What it was recognised as. */
  kind: 'quic' | 'dtls' | '' = ''
  readonly #sink: Sink
  readonly #row: number
  #probes = 0
  #pieces = 0
  #quic: QuicClient | undefined
  #dtls: DtlsClient | undefined
  #dtlsServer: DtlsServer | undefined
  #hello: ClientHello | undefined

  constructor(sink: Sink, row: number) {
    this.#sink = sink
    this.#row = row
  }

  /** Decryptions so far. */
  get work(): number {
    return this.#quic?.work ?? 0
  }

  /** A connection of QUIC begins in it, as far as that could be opened. */
  get hasBegun(): boolean {
    return this.#quic?.hasBegun === true
  }

  /** Reads a datagram bytes[start, end). */
  add(fromClient: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (this.#quic) this.#onQuic(this.#quic, fromClient, bytes, start, end)
    else if (this.#dtls) this.#onDtls(this.#dtls, fromClient, bytes, start, end)
    else if (!fromClient) this.#pass()
    else if (looksLikeQuic(bytes, start, end)) {
      this.kind = 'quic'
      this.#quic = new QuicClient()
      this.#onQuic(this.#quic, true, bytes, start, end)
    } else if (dtlsHelloMayBegin(bytes, start, end)) {
      this.kind = 'dtls'
      this.#dtls = new DtlsClient()
      this.#dtlsServer = new DtlsServer()
      this.#onDtls(this.#dtls, true, bytes, start, end)
    } else if (looksLikeHttp(bytes, start, end)) this.#onSsdp(bytes, start, end)
    else this.#pass()
  }

  /** Says that no more will come. */
  finish(): void {
    if (this.isOver) return
    this.isOver = true
    if (this.#quic?.readPartial()) this.#sink.quicHello(this.#row, this.#quic)
    if (this.#hello) this.#dtlsDone(this.#hello)
    else if (this.#dtls) {
      const hello = emptyHello()
      if (this.#dtls.readPartial(hello) < 0) return
      this.#sink.hello(this.#row, hello)
      this.#dtlsDone(hello)
    }
  }

  #pass(): void {
    if (++this.#probes >= PROBES_MAX) this.isOver = true
  }

  /** SSDP (UPnP) speaks HTTP in datagrams. */
  #onSsdp(bytes: Uint8Array, start: number, end: number): void {
    const head = new RequestHead()
    const outcome = readRequestHead(bytes, start, end, head)
    if (outcome === NEED_MORE) endRequestHead(head)
    if (head.method === '') this.#pass()
    else this.#sink.httpDone(this.#row, this.#sink.request(this.#row, head), undefined)
  }

  #onQuic(quic: QuicClient, fromClient: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (!fromClient) {
      quic.serverDatagram(bytes, start, end)
      return
    }
    const outcome = quic.datagram(bytes, start, end)
    if (quic.hasHello) {
      this.#sink.count('quic', outcome)
      this.#sink.quicHello(this.#row, quic)
    } else if (quic.isOver) {
      this.#sink.count('quic', outcome)
      if (quic.readPartial()) this.#sink.quicHello(this.#row, quic)
    } else if (outcome === UNSUPPORTED && quic.work === 0) this.#pass()
    this.isOver ||= quic.isOver
  }

  #onDtls(dtls: DtlsClient, fromClient: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (!fromClient) {
      const outcome = this.#dtlsServer!.read(bytes, start, end)
      if (this.#hello && outcome >= 0) this.#dtlsDone(this.#hello)
      return
    }
    if (this.#hello) return
    const hello = emptyHello()
    const outcome = dtls.read(bytes, start, end, hello)
    if (outcome >= 0) {
      this.#hello = hello
      this.#sink.count('tls', outcome)
      this.#sink.hello(this.#row, hello)
    } else if (outcome !== NEED_MORE) this.#pass()
    else if (++this.#pieces >= PIECES_MAX) this.finish()
  }

  #dtlsDone(hello: ClientHello): void {
    this.isOver = true
    this.#sink.dtlsDone(this.#row, hello, this.#dtlsServer!.answer)
  }
}
