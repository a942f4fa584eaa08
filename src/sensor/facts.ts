/**
 * What becomes of a fact: an observation, if that kind is wanted; knowledge,
 * if DNS taught something; a question to detection. The middle between those
 * who read bytes and those who judge.
 */

import { ipText } from '../bytes/address.ts'
import { ADDRESS_WORDS } from '../bytes/address-words.ts'
import { UNSUPPORTED } from '../bytes/outcome.ts'
import { type Answer, httpAnswer, tunnelAnswer } from '../detect/answer.ts'
import type { Detector } from '../detect/detector.ts'
import type { Sight } from '../detect/flow-facts.ts'
import { Rhythm } from '../detect/rhythm.ts'
import type { AssetNames } from '../enrich/assets.ts'
import { type NameMemory, PAIR_WORDS } from '../enrich/names.ts'
import type { Roles } from '../enrich/roles.ts'
import type { EvidenceKind } from '../events/alert.ts'
import type { DnsService, FlowRef, HttpResponse, Observation } from '../events/observation.ts'
import type { FlowTable } from '../flow/table.ts'
import type { Packet } from '../packet/packet.ts'
import { readDhcp4 } from '../protocol/dhcp/dhcp4.ts'
import { readDhcp6 } from '../protocol/dhcp/dhcp6.ts'
import { emptyLease } from '../protocol/dhcp/lease.ts'
import { encryptedDns } from '../protocol/dns/encrypted.ts'
import { DnsMessage, isAnswer, readMessage } from '../protocol/dns/message.ts'
import { parseAuthority } from '../protocol/http/authority.ts'
import { firstClient } from '../protocol/http/forwarded.ts'
import type { RequestHead } from '../protocol/http/request-head.ts'
import type { Http2Connection } from '../protocol/http2/connection.ts'
import type { ProxyHeader } from '../protocol/proxy/proxy-protocol.ts'
import type { QuicClient } from '../protocol/quic/client.ts'
import type { SocksRequest } from '../protocol/socks/socks.ts'
import type { SocksReply } from '../protocol/socks/socks-reply.ts'
import { alertName } from '../protocol/tls/alert.ts'
import type { Certificate } from '../protocol/tls/certificate.ts'
import type { ClientHello } from '../protocol/tls/client-hello.ts'
import type { DtlsAnswer } from '../protocol/tls/dtls.ts'
import type { ServerFlight } from '../protocol/tls/server-flight.ts'
import { isAddress, withoutBrackets } from './address-name.ts'
import { learnLease, learnNeighbour } from './asset-lessons.ts'
import type { Coverage, Parser } from './coverage.ts'
import { DnsLessons } from './dns-lessons.ts'
import { dnsOfUrl } from './doh.ts'
import type { Stage } from './flow-info.ts'
import type { FlowInfos } from './flow-infos.ts'
import type { KnownNames } from './known-names.ts'
import { Moment } from './moment.ts'
import {
  dnsObservation,
  type HttpRequest,
  httpRequest,
  httpRequest2,
  quicObservation,
  tlsObservation,
} from './records.ts'
import type { Sink } from './sink.ts'
import {
  ALERTED,
  ANSWERED,
  DECIDED,
  IS_DTLS,
  IS_HTTP,
  IS_QUIC,
  IS_SOCKS,
  IS_TLS,
  IS_UDP,
  isOneWay,
  JUDGED,
  MAY_CERTIFY,
  NAMED,
  otherWayRound,
} from './state.ts'
import { dtlsServer, fingerprintsOf, tlsClient, tlsServer } from './tls-facts.ts'

const IPV4_BYTES = 4

// written and read within one call
const pair = new Int32Array(PAIR_WORDS)

export type EventKind = Observation['kind']

export class Facts implements Sink {
  readonly moment = new Moment()
  /** Collected until the sensor takes them. */
  observations: Observation[] = []
  readonly #table: FlowTable
  readonly #infos: FlowInfos
  readonly #events: ReadonlySet<EventKind>
  readonly #coverage: Coverage
  readonly #detector: Detector
  readonly #lessons: DnsLessons
  readonly #roles: Roles
  readonly #assets: AssetNames
  readonly #message = new DnsMessage()
  readonly #lease = emptyLease()

  constructor(parts: {
    table: FlowTable
    infos: FlowInfos
    events: ReadonlySet<EventKind>
    coverage: Coverage
    detector: Detector
    names: NameMemory
    roles: Roles
    known: KnownNames
    assets: AssetNames
  }) {
    this.#table = parts.table
    this.#infos = parts.infos
    this.#events = parts.events
    this.#coverage = parts.coverage
    this.#detector = parts.detector
    this.#roles = parts.roles
    this.#assets = parts.assets
    this.#lessons = new DnsLessons({ ...parts, moment: this.moment })
  }

  /** Says which packet the facts that follow are from. */
  setPlace(file: string, packet: number, timeUs: number): void {
    this.moment.file = file
    this.moment.packet = packet
    this.moment.placeUs = timeUs
  }

  /** The first payload of one side. @param bit ASKED or ANSWERED */
  firstBytes(row: number, bit: number): void {
    this.#mark(row, bit)
    if (bit === ANSWERED) this.#answerChanged(row)
  }

  /** Payload of a flow that has alerts. */
  payload(row: number, fromClient: boolean, bytes: number): void {
    this.#infos.of(row).rhythm?.add(fromClient, bytes, this.moment.nowUs)
  }

  /** The same of TCP, where bytes may come again. */
  segment(row: number, fromClient: boolean, sequence: number, bytes: number): void {
    this.#infos.of(row).rhythm?.addSegment(fromClient, sequence, bytes, this.moment.nowUs)
  }

  /** All that the flow's bytes can tell has been told. */
  endTalk(row: number): void {
    this.#mark(row, DECIDED)
    this.#infos.endTalk(row)
    this.#answerChanged(row)
    this.letGo(row)
  }

  /** A flow without alerts that was judged has told all that it will: its columns say the rest, should it be asked for. */
  letGo(row: number): void {
    const info = this.#infos.at(row)
    if (!info || info.tcp || info.udp || info.again || info.quicAgain || info.versions) return
    const state = this.#table.state(row)
    if ((state & ALERTED) === 0 && (state & (NAMED | JUDGED)) !== 0) this.#infos.forget(row)
  }

  count(parser: Parser, outcome: number): void {
    this.#coverage.count(parser, outcome)
  }

  hello(row: number, hello: ClientHello): boolean {
    const isDtls = (this.#table.state(row) & IS_UDP) !== 0
    if (!isDtls) this.#infos.of(row).awaitsCertificate = true
    this.#mark(row, isDtls ? IS_DTLS : IS_TLS)
    this.#onHello(row, hello, 'tls_sni')
    return !isDtls && this.#followFlight(row)
  }

  wantsResponses(row: number): boolean {
    const isAlerted = (this.#table.state(row) & ALERTED) !== 0
    return this.#events.has('http') || isAlerted || this.#infos.at(row)?.isAskedAsProxy === true
  }

  flightRead(row: number): void {
    const { place, placeUs } = this.moment
    this.#infos.of(row).flight = { place, placeUs }
  }

  tlsDone(row: number, hello: ClientHello | undefined, flight: ServerFlight | undefined): void {
    const info = this.#infos.of(row)
    const server = flight?.hello || flight?.alert ? tlsServer(flight, hello?.sessionId ?? '') : undefined
    const certificate = server?.certificate
    info.awaitsCertificate = false
    if (certificate) {
      const names = hostNames(certificate)
      const isNamed = (this.#table.state(row) & NAMED) !== 0
      const sight = { ...this.#sight(row), ...info.flight }
      if (this.#detector.onCertificate(sight, names, certificate.namesLeftOut, isNamed)) {
        this.#mark(row, NAMED)
        this.#alerted(row)
      }
      if (names.length > 0) this.#mark(row, JUDGED) // by what its names say
    }
    this.nameless(row)
    const refusal = flight?.alert && !flight.hello ? alertName(flight.alert.description) : ''
    this.#tellTls(row, refusal)
    if (!this.#events.has('tls') || !(hello || server)) return
    this.observations.push(tlsObservation(this.moment, info.ref, hello, hello && tlsClient(hello, 't'), server))
  }

  plainAnswer(row: number): void {
    this.#tell(row, 'target', { kind: 'blocked', detail: 'HTTP in clear to a hello of TLS, as gateways give it' })
  }

  dtlsDone(row: number, hello: ClientHello, answer: DtlsAnswer): void {
    const { hello: serverHello, alert, helloVerifyRequest } = answer
    this.#tellTls(row, alert && !serverHello ? alertName(alert.description) : '')
    if (!this.#events.has('tls')) return
    const server = serverHello || alert ? dtlsServer(serverHello, alert, helloVerifyRequest) : undefined
    this.observations.push(tlsObservation(this.moment, this.ref(row), hello, tlsClient(hello, 'd'), server))
  }

  quicHello(row: number, quic: QuicClient): void {
    const { hello, userAgent } = quic
    this.#mark(row, IS_QUIC)
    if (this.#events.has('quic')) {
      const client = hello.cipherSuites.length > 0 ? tlsClient(hello, 'q') : undefined
      this.observations.push(quicObservation(this.moment, this.ref(row), quic, client))
    }
    this.#onHello(row, hello, 'quic_sni')
    if (userAgent !== '' && this.#detector.onUserAgent(this.#sight(row), userAgent)) this.#alerted(row)
  }

  request(row: number, head: RequestHead): HttpRequest {
    if (head.moreHosts.length > 0) this.#onOtherHosts(row, head)
    return this.#onRequest(row, httpRequest(this.moment, this.ref(row), head))
  }

  request2(row: number, connection: Http2Connection): HttpRequest {
    const { list, streamId } = connection
    return this.#onRequest(row, httpRequest2(this.moment, this.ref(row), list, streamId))
  }

  httpDone(row: number, request: HttpRequest, response: HttpResponse | undefined): void {
    if (response && isServedAsProxy(request, response)) this.#roles.standsForOthers(request.flow.serverIp, 'proxy')
    // of a proxy's also before there is an alert: whom it was asked to reach may be judged later, for want of a name
    if ((this.#table.state(row) & ALERTED) !== 0 || this.#infos.at(row)?.isAskedAsProxy === true)
      this.#onResponse(row, request, response)
    if (this.#events.has('http')) this.observations.push({ ...request, response })
  }

  socks(row: number, request: SocksRequest): void {
    this.#mark(row, IS_SOCKS)
    const { version, command, host, port, user } = request
    if (this.#events.has('socks')) {
      this.observations.push({
        kind: 'socks',
        ...this.moment.place,
        timeUs: this.moment.nowUs,
        flow: this.ref(row),
        version,
        command,
        host,
        port,
        user,
      })
    }
    if (isAddress(host)) this.#infos.of(row).askedFor(withoutBrackets(host))
    else this.#onName(row, 'socks_target', host)
    if ((this.#table.state(row) & ALERTED) !== 0) this.#infos.of(row).awaitAnswer('proxy')
  }

  socksDone(row: number, reply: SocksReply | undefined): void {
    if (reply?.granted) this.#roles.standsForOthers(this.#infos.of(row).ref.serverIp, 'proxy')
    if (!reply) this.#tell(row, 'proxy', undefined)
    else if (reply.granted) this.#tell(row, 'proxy', { kind: 'answered', detail: '' })
    else this.#tell(row, 'proxy', { kind: 'socks_refused', detail: reply.code < 0 ? '' : String(reply.code) })
  }

  proxied(row: number, { authority, sourceIp }: ProxyHeader): void {
    if (sourceIp !== '') this.#onForwarded(row, sourceIp)
    if (authority !== '') this.#onName(row, 'tls_sni', authority)
  }

  dns(row: number, bytes: Uint8Array, start: number, end: number): void {
    // as over UDP: whoever asks a resolver names what he wants
    if (this.dnsMessage(row, bytes, start, end, 'dns')) this.#mark(row, NAMED)
  }

  flip(row: number): void {
    this.#table.flip(row)
    this.#table.setState(row, otherWayRound(this.#table.state(row)))
    this.#infos.at(row)?.flipped()
    this.#infos.at(row)?.tcp?.flip()
  }

  /** Reads a datagram as a message of DHCP. @returns false when it is none */
  dhcpMessage(row: number, packet: Packet): boolean {
    const { bytes, payloadStart, payloadEnd, sourceStart, addressBytes } = packet
    const lease = this.#lease
    const read = addressBytes === IPV4_BYTES ? readDhcp4 : readDhcp6
    const outcome = read(bytes, payloadStart, payloadEnd, lease)
    if (outcome === UNSUPPORTED) return false
    this.count('dhcp', outcome)
    this.#mark(row, NAMED | DECIDED)
    learnLease(this.#assets, lease, ipText(bytes, sourceStart, addressBytes), this.moment.nowUs)
    return true
  }

  /** Reads bytes[start, end) as one message of `service`. @returns false when it is none */
  dnsMessage(row: number, bytes: Uint8Array, start: number, end: number, service: DnsService): boolean {
    const message = this.#message
    const outcome = readMessage(bytes, start, end, message)
    this.count('dns', outcome)
    if (outcome < 0 && message.brokenQuestionAt < 0) return false
    if (this.#events.has('dns')) {
      this.observations.push(dnsObservation(this.moment, this.ref(row), message, service))
    }
    if (service === 'dns' && outcome >= 0) this.#lessons.take(row, message)
    if (service !== 'dns' && outcome >= 0) {
      learnNeighbour(this.#assets, message, service, this.ref(row), this.moment.nowUs)
    }
    if (isAnswer(message.flags)) this.letGo(row)
    return outcome >= 0
  }

  /** The flow showed no name and will show none: what else is known of the server must do. */
  nameless(row: number): void {
    const state = this.#table.state(row)
    if ((state & (NAMED | JUDGED)) !== 0) return
    // somebody's answer to nobody, as scans and floods leave them behind; or the client has yet to come
    if (this.#table.packetsOut(row) === 0) {
      if (!isOneWay(state)) return
      this.#mark(row, JUDGED)
      if (this.#detector.onUnseenClient(this.#sight(row))) this.#alerted(row)
      return
    }
    this.#mark(row, JUDGED)
    if (this.#infos.at(row) === undefined && !this.#mayMatter(row)) return
    const mayBeNamed = this.#infos.at(row)?.awaitsCertificate === true
    if (this.#detector.onNameless(this.#sight(row), mayBeNamed)) this.#alerted(row)
    else if (mayBeNamed) this.#table.setState(row, this.#table.state(row) & ~JUDGED)
  }

  /** Who talks to whom. */
  ref(row: number): FlowRef {
    return this.#infos.of(row).ref
  }

  /** A name beside that of the connection: in bytes that came again, in a second host. Told if somebody watches it. */
  watchedName(row: number, kind: EvidenceKind, name: string): void {
    if (name !== '' && !isAddress(name) && this.#detector.watches(name)) this.#onName(row, kind, name)
  }

  #mayMatter(row: number): boolean {
    const table = this.#table
    table.putClient(row, pair, 0)
    table.putServer(row, pair, ADDRESS_WORDS)
    return this.#detector.mayMatterNameless(pair, table.isIpv4(row))
  }

  #onHello(row: number, hello: ClientHello, kind: EvidenceKind): void {
    const { ref } = this.#infos.of(row)
    if (hello.ech || hello.hasEsni) this.#coverage.ech++
    const { protocol, serverPort } = ref
    if (encryptedDns({ protocol, serverPort, serverName: hello.serverName, alpn: hello.alpn }) !== '') {
      this.#coverage.encryptedDns++
    }
    if (hello.serverName === '' || isAddress(hello.serverName)) this.nameless(row)
    else if (!this.#onName(row, kind, hello.serverName) && (hello.ech?.form === 'outer' || hello.hasEsni)) {
      if (this.#detector.onHiddenName(this.#sight(row), hello.serverName)) this.#alerted(row)
    }
    if (this.#detector.wantsFingerprints && !hello.isPartial && !hello.isSsl2) {
      const { ja3, ja4 } = fingerprintsOf(hello, kind === 'quic_sni' ? 'q' : protocol === 'UDP' ? 'd' : 't')
      if (this.#detector.onFingerprints(this.#sight(row), ja3, ja4)) this.#alerted(row)
    }
  }

  /** Decides what of the server's flight is followed: all of it, or no more than a certificate in clear. @returns true for all */
  #followFlight(row: number): boolean {
    const state = this.#table.state(row)
    if ((state & ALERTED) !== 0) this.#infos.of(row).awaitAnswer('target')
    if (this.#events.has('tls') || (state & NAMED) === 0 || (state & ALERTED) !== 0) return true
    this.#mark(row, MAY_CERTIFY)
    return false
  }

  #onRequest(row: number, request: HttpRequest): HttpRequest {
    this.#mark(row, IS_HTTP)
    const isConnect = request.method === 'CONNECT'
    const isProxied = isConnect || isAbsolute(request)
    if (isProxied) this.#infos.of(row).isAskedAsProxy = true
    if (request.xForwardedFor !== '' || request.forwarded !== '') {
      this.#onForwarded(row, firstClient(request.xForwardedFor, request.forwarded))
    }
    const dns = dnsOfUrl(request.url)
    if (dns) this.dns(row, dns, 0, dns.length)
    const { host } = request
    if (!isAddress(host)) {
      if (host !== '') this.#onName(row, isConnect ? 'http_connect' : 'http_host', host)
    } else if (isProxied) this.#infos.of(row).askedFor(withoutBrackets(host))
    if (request.userAgent !== '' && this.#detector.onUserAgent(this.#sight(row), request.userAgent)) this.#alerted(row)
    if ((this.#table.state(row) & ALERTED) !== 0) this.#infos.of(row).awaitAnswer(isConnect ? 'proxy' : 'target')
    return request
  }

  /** A request has several Host fields, of which the server takes one: which, depends on its program. */
  #onOtherHosts(row: number, { moreHosts, targetAuthority }: RequestHead): void {
    if (targetAuthority) return // then none counts (RFC 9112 section 3.2.2)
    for (const text of moreHosts) this.watchedName(row, 'http_host', parseAuthority(text).host)
  }

  #onResponse(row: number, request: HttpRequest, response: HttpResponse | undefined): void {
    const { method, host } = request
    if (method === 'CONNECT') this.#tell(row, 'proxy', response && tunnelAnswer(response.status))
    else {
      this.#tell(
        row,
        'target',
        response && httpAnswer(response, isAbsolute(request), (name) => this.#isSameSite(host, name)),
      )
    }
  }

  /** Is a client sent on to a name of the same kind: watched as the first one is, or not as it is not? */
  #isSameSite(host: string, name: string): boolean {
    return name === host || this.#detector.watches(name)
  }

  /** Somebody says that it asks for `address`. */
  #onForwarded(row: number, address: string): void {
    if (address === '') return
    const info = this.#infos.of(row)
    info.addForwarded(address)
    this.#roles.standsForOthers(info.ref.clientIp, 'proxy')
  }

  #tellTls(row: number, refusal: string): void {
    this.#tell(row, 'target', refusal === '' ? undefined : { kind: 'tls_alert', detail: refusal })
  }

  #tell(row: number, stage: Stage, answer: Answer | undefined): void {
    if (this.#infos.of(row).tellAnswer(stage, answer)) this.#answerChanged(row)
  }

  #answerChanged(row: number): void {
    if ((this.#table.state(row) & ALERTED) !== 0) this.#detector.book.flowChanged(this.#infos.of(row))
  }

  /** @returns true when alerts were made of the name */
  #onName(row: number, kind: EvidenceKind, name: string): boolean {
    const info = this.#infos.of(row)
    this.#mark(row, NAMED)
    const seen = `${kind} ${name}`
    if (info.lastName === seen) return info.isLastNameWatched
    info.lastName = seen
    info.isLastNameWatched = this.#detector.onName(this.#sight(row), kind, name)
    if (info.isLastNameWatched) this.#alerted(row)
    return info.isLastNameWatched
  }

  #alerted(row: number): void {
    this.#mark(row, ALERTED)
    this.#infos.of(row).rhythm ??= new Rhythm()
  }

  #sight(row: number): Sight {
    const { place, placeUs } = this.moment
    return { flow: this.#infos.of(row), place, placeUs, timeUs: this.#table.lastSeenUs(row) }
  }

  #mark(row: number, bits: number): void {
    this.#table.setState(row, this.#table.state(row) | bits)
  }
}

/** The hosts that a certificate names, each once; the common name may be that of an organisation. */
function hostNames({ commonName, dnsNames }: Certificate): string[] {
  const isHost = dnsNames.length === 0 || /^(?:[\w*-]+\.)+[\w-]+$/.test(commonName)
  const names = isHost ? [commonName, ...dnsNames] : dnsNames
  return [...new Set(names.filter((name) => name !== ''))]
}

/** Did the server do what a proxy does? Asked to, anybody can be, and refuse. */
function isServedAsProxy(request: HttpRequest, { status }: HttpResponse): boolean {
  if (request.method === 'CONNECT') return status >= 200 && status < 300
  return isAbsolute(request) && status >= 200 && status < 400
}

/** Is this a request to a proxy: with a whole address as its target (RFC 9112 section 3.2.2)? */
function isAbsolute({ url, version }: HttpRequest): boolean {
  return version <= 11 && /^https?:\/\//i.test(url)
}
