/** From what parsers found to the observations that leave the sensor. */

import type { FlowObservation, HttpObservation, HttpResponse, Place } from '../events/observation.ts'
import { deviationNames } from '../protocol/http/deviations.ts'
import type { RequestHead } from '../protocol/http/request-head.ts'
import type { ResponseHead } from '../protocol/http/response-head.ts'
import { authorityOf, type HeaderList } from '../protocol/http2/header-list.ts'
import type { FlowInfo } from './flow-info.ts'
import { ALERTED, ANSWERED, ASKED, applicationOf, CLOSED } from './state.ts'

/** A request that waits for its response. */
export type HttpRequest = Omit<HttpObservation, 'response'>

type Requested = Pick<HttpObservation, 'timeUs' | 'flow' | 'file' | 'packet'>

/** A request of HTTP/1. */
export function httpRequest(at: Requested, head: RequestHead): HttpRequest {
  const { method, host, port, hostHeader, moreHosts, target, version, userAgent, referer } = head
  const { xForwardedFor, forwarded, upgrades } = head
  return {
    kind: 'http',
    ...at,
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
  }
}

/** A request of HTTP/2. */
export function httpRequest2(at: Requested, list: HeaderList, streamId: number): HttpRequest {
  const { host, port } = authorityOf(list)
  const { method, path, userAgent, referer, xForwardedFor, forwarded, protocol } = list
  return {
    kind: 'http',
    ...at,
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
    ...place,
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
