/**
 * From what parsers found to the observations that leave the sensor.
 *
 * Every member is written out: putting one object into another with `...`
 * costs a microsecond, and there is an observation for every message.
 */

import type {
  DnsObservation,
  DnsService,
  FlowObservation,
  FlowRef,
  HttpObservation,
  HttpResponse,
  Place,
  QuicObservation,
  TlsClient,
  TlsObservation,
  TlsServer,
} from '../events/observation.ts'
import { dnsFacts } from '../protocol/dns/facts.ts'
import type { DnsMessage } from '../protocol/dns/message.ts'
import { deviationNames } from '../protocol/http/deviations.ts'
import type { RequestHead } from '../protocol/http/request-head.ts'
import type { ResponseHead } from '../protocol/http/response-head.ts'
import { authorityOf, type HeaderList } from '../protocol/http2/header-list.ts'
import type { QuicClient } from '../protocol/quic/client.ts'
import { versionName } from '../protocol/quic/versions.ts'
import type { ClientHello } from '../protocol/tls/client-hello.ts'
import type { FlowInfo } from './flow-info.ts'
import type { Moment } from './moment.ts'
import { ALERTED, ANSWERED, ASKED, applicationOf, CLOSED } from './state.ts'

/** A request that waits for its response. */
export type HttpRequest = Omit<HttpObservation, 'response'>

/** A DNS message that was read; its bytes must still be there. */
export function dnsObservation(at: Moment, flow: FlowRef, message: DnsMessage, service: DnsService): DnsObservation {
  const { answer, id, flags, questions, answers, authorities, additionals } = dnsFacts(message, service)
  return {
    kind: 'dns',
    file: at.file,
    packet: at.packet,
    timeUs: at.nowUs,
    flow,
    service,
    answer,
    id,
    flags,
    questions,
    answers,
    authorities,
    additionals,
  }
}

/** A connection of TLS or DTLS. @param hello undefined when only the server was seen; `client` is made of it */
export function tlsObservation(
  at: Moment,
  flow: FlowRef,
  hello: ClientHello | undefined,
  client: TlsClient | undefined,
  server: TlsServer | undefined,
): TlsObservation {
  return {
    kind: 'tls',
    file: at.file,
    packet: at.packet,
    timeUs: at.nowUs,
    flow,
    serverName: hello ? hello.serverName : '',
    alpn: hello ? hello.alpn : [],
    versions: hello ? hello.versions : [],
    client,
    server,
  }
}

/** A hello over QUIC. @param client undefined for Google's own */
export function quicObservation(
  at: Moment,
  flow: FlowRef,
  { hello, userAgent, version }: QuicClient,
  client: TlsClient | undefined,
): QuicObservation {
  return {
    kind: 'quic',
    file: at.file,
    packet: at.packet,
    timeUs: at.nowUs,
    flow,
    version: versionName(version),
    serverName: hello.serverName,
    alpn: hello.alpn,
    userAgent,
    client,
  }
}

/** A request of HTTP/1. */
export function httpRequest(at: Moment, flow: FlowRef, head: RequestHead): HttpRequest {
  const { method, host, port, hostHeader, moreHosts, target, version, userAgent, referer } = head
  const { xForwardedFor, forwarded, upgrades } = head
  return {
    kind: 'http',
    file: at.file,
    packet: at.packet,
    timeUs: at.nowUs,
    flow,
    method,
    host,
    port,
    hostHeader,
    moreHosts,
    url: target,
    version,
    streamId: 0,
    userAgent,
    referer,
    xForwardedFor,
    forwarded,
    upgrades,
    deviations: deviationNames(head.deviations),
    isPartial: head.isPartial,
  }
}

/** A request of HTTP/2. */
export function httpRequest2(at: Moment, flow: FlowRef, list: HeaderList, streamId: number): HttpRequest {
  const { host, port } = authorityOf(list)
  const { method, path, userAgent, referer, xForwardedFor, forwarded, protocol } = list
  return {
    kind: 'http',
    file: at.file,
    packet: at.packet,
    timeUs: at.nowUs,
    flow,
    method,
    host,
    port,
    hostHeader: list.authority === '' ? list.host : list.authority,
    moreHosts: [],
    url: path,
    version: 20,
    streamId,
    userAgent,
    referer,
    xForwardedFor,
    forwarded,
    upgrades: protocol === '' ? [] : [protocol],
    deviations: [],
    isPartial: false,
  }
}

/** A response of HTTP/1. */
export function httpResponse({ status, contentType, framing, location, server }: ResponseHead): HttpResponse {
  return { status, contentType, length: Math.max(framing.length, -1), location, server }
}

/** A response of HTTP/2. */
export function httpResponse2({ status, contentType, contentLength, location, server }: HeaderList): HttpResponse {
  const length = /^\d{1,15}$/.test(contentLength) ? Number(contentLength) : -1
  return { status, contentType, length, location, server }
}

/** A flow that is over; `place` is that of its first packet. */
export function flowObservation(
  info: FlowInfo,
  place: Place,
  timeUs: number,
  state: number,
  tcpFlags: number,
  reason: FlowObservation['reason'],
): FlowObservation {
  return {
    kind: 'flow',
    file: place.file,
    packet: place.packet,
    timeUs,
    flow: info.ref,
    startUs: info.startUs,
    endUs: info.lastUs,
    packetsOut: info.packetsOut,
    packetsIn: info.packetsIn,
    bytesOut: info.bytesOut,
    bytesIn: info.bytesIn,
    answered: (state & ANSWERED) !== 0,
    state: flowState(state),
    reason,
    application: applicationOf(state),
    alerted: (state & ALERTED) !== 0,
    tcpFlagsOut: tcpFlags & 0xff,
    tcpFlagsIn: tcpFlags >> 8,
  }
}

function flowState(state: number): FlowObservation['state'] {
  if ((state & CLOSED) !== 0) return 'closed'
  return (state & (ANSWERED | ASKED)) === (ANSWERED | ASKED) ? 'established' : 'new'
}
