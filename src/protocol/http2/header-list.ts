/**
 * What a sensor wants of the fields of one HTTP/2 message, RFC 9113 section
 * 8.3. All others are decoded, because HPACK cannot be read otherwise, and
 * forgotten.
 */

import { type Authority, parseAuthority } from '../http/authority.ts'

export class HeaderList {
  /** `:method`; empty in responses and trailers. */
  method = ''
  /** `:authority`, as sent. */
  authority = ''
  /** `:path` */
  path = ''
  /** `:protocol` of an extended CONNECT (RFC 8441), `websocket` for one. */
  protocol = ''
  /** `:status`; 0 in requests and trailers. */
  status = 0
  host = ''
  userAgent = ''
  referer = ''
  contentType = ''
  /** As sent. */
  contentLength = ''
  xForwardedFor = ''
  forwarded = ''
  location = ''
  server = ''
}

type TextField = Exclude<keyof HeaderList, 'status'>

const TEXTS: ReadonlyMap<string, TextField> = new Map([
  [':method', 'method'],
  [':authority', 'authority'],
  [':path', 'path'],
  [':protocol', 'protocol'],
  ['host', 'host'],
  ['user-agent', 'userAgent'],
  ['referer', 'referer'],
  ['content-type', 'contentType'],
  ['content-length', 'contentLength'],
  ['x-forwarded-for', 'xForwardedFor'],
  ['forwarded', 'forwarded'],
  ['location', 'location'],
  ['server', 'server'],
])

/** Is the value of this field wanted? */
export function isWanted(name: string): boolean {
  return name === ':status' || TEXTS.has(name)
}

/** Takes a field over into `list`; the first of a name counts. */
export function takeHeader(list: HeaderList, name: string, value: string): void {
  if (name === ':status') {
    if (/^[1-9]\d\d$/.test(value)) list.status = Number(value)
    return
  }
  const text = TEXTS.get(name)
  if (text !== undefined && list[text] === '') list[text] = value
}

/** Who is asked: `:authority`, or the field `host` where a proxy left that out (RFC 9113 section 8.3.1). */
export function authorityOf(list: HeaderList): Authority {
  return parseAuthority(list.authority === '' ? list.host : list.authority)
}
