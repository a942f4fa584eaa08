/**
 * The object `http` of an EVE event, with the keys of Suricata 8, for HTTP/1
 * and HTTP/2, and beside it what Suricata has no key for.
 *
 * Suricata writes one event per request and response. `length` is the length of
 * the response as its head states it; the body is not counted. Keys without a
 * value are left out, `status` among them when no response was seen. Texts are
 * a stranger's; making them safe is the business of whoever writes the line.
 */

import { isIPv6 } from 'node:net'
import type { HttpObservation } from '../../events/observation.ts'

/** The object `http`. */
export function eveHttp(http: HttpObservation): object {
  const { response } = http
  const isHttp2 = http.streamId > 0
  return {
    ...text('hostname', bracketed(http.host)),
    ...(http.port === 0 ? {} : { http_port: http.port }),
    ...text('url', http.url),
    ...text('http_user_agent', http.userAgent),
    ...text('xff', http.xForwardedFor),
    ...text('http_content_type', (response?.contentType ?? '').replace(/;.*/s, '')),
    ...text('http_refer', http.referer),
    ...text('http_method', http.method),
    ...(isHttp2 ? { version: '2' } : text('protocol', protocolName(http.version))),
    ...(response ? { status: response.status } : {}),
    ...text('redirect', response?.location ?? ''),
    ...(response && response.length >= 0 ? { length: response.length } : {}),
    ...(isHttp2 ? { http2: { stream_id: http.streamId, request: {}, response: {} } } : {}),
  }
}

/** What goes under `seekwatch`: the host as it was sent where that says more than `hostname`, and what is odd. */
export function eveHttpMore(http: HttpObservation): object {
  const host = http.port === 0 ? bracketed(http.host) : `${bracketed(http.host)}:${http.port}`
  return {
    ...text('http_host_header', http.hostHeader === host ? '' : http.hostHeader),
    ...list('http_more_hosts', http.moreHosts),
    ...text('http_forwarded', http.forwarded),
    ...list('http_upgrade', http.upgrades),
    ...list('http_deviations', http.deviations),
    ...text('http_server', http.response?.server ?? ''),
  }
}

/** An IPv6 address stands in brackets, as in a URL. */
function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}

function protocolName(version: number): string {
  return version < 10 ? '' : `HTTP/${Math.floor(version / 10)}.${version % 10}`
}

function text(key: string, value: string): object {
  return value === '' ? {} : { [key]: value }
}

function list(key: string, values: string[]): object {
  return values.length === 0 ? {} : { [key]: values }
}
