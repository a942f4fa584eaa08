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
import type { JsonWriter } from '../../bytes/json-writer.ts'
import type { HttpObservation } from '../../events/observation.ts'

/** Writes what the object `http` holds. */
export function writeHttp(json: JsonWriter, http: HttpObservation): void {
  const { response } = http
  const isHttp2 = http.streamId > 0
  json.someText('hostname', bracketed(http.host))
  if (http.port !== 0) json.number('http_port', http.port)
  json.someText('url', http.url)
  json.someText('http_user_agent', http.userAgent)
  json.someText('xff', http.xForwardedFor)
  json.someText('http_content_type', response?.contentType.replace(/;.*/s, ''))
  json.someText('http_refer', http.referer)
  json.someText('http_method', http.method)
  if (isHttp2) json.text('version', '2')
  else json.someText('protocol', protocolName(http.version))
  if (response) json.number('status', response.status)
  json.someText('redirect', response?.location)
  if (response && response.length >= 0) json.number('length', response.length)
  if (isHttp2) json.value('http2', { stream_id: http.streamId, request: {}, response: {} })
}

/** Writes what goes under `seekwatch`: the host as it was sent where that says more than `hostname`, and what is odd. */
export function writeHttpMore(json: JsonWriter, http: HttpObservation): void {
  const host = http.port === 0 ? bracketed(http.host) : `${bracketed(http.host)}:${http.port}`
  if (http.hostHeader !== host) json.someText('http_host_header', http.hostHeader)
  json.someTexts('http_more_hosts', http.moreHosts)
  json.someText('http_forwarded', http.forwarded)
  json.someTexts('http_upgrade', http.upgrades)
  json.someTexts('http_deviations', http.deviations)
  if (http.isPartial) json.flag('http_head_partial')
  json.someText('http_server', http.response?.server)
}

/** An IPv6 address stands in brackets, as in a URL. */
function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}

function protocolName(version: number): string {
  return version < 10 ? '' : `HTTP/${Math.floor(version / 10)}.${version % 10}`
}
