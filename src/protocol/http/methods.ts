/** Methods by which a first line is known as HTTP even without its version. */

const KNOWN = [
  'GET', // RFC 9110
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH', // RFC 5789
  'PROPFIND', // WebDAV, RFC 4918
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT', // RFC 3253
  'SEARCH', // RFC 5323
  'QUERY', // draft-ietf-httpbis-safe-method-w-body
  'PURGE', // caches
  'M-SEARCH', // UPnP, also over UDP
  'NOTIFY',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'RPC_IN_DATA', // Microsoft: RPC over HTTP, remote desktop gateway
  'RPC_OUT_DATA',
  'RDG_IN_DATA',
  'RDG_OUT_DATA',
  'BITS_POST',
  'CCM_POST',
  'SSTP_DUPLEX_POST',
]

const methods = new Set(KNOWN)
const prefixes = new Set(KNOWN.flatMap((method) => Array.from(method, (_, i) => method.slice(0, i + 1))))

/** Is `method` a method in wide use? Methods are written in upper case (RFC 9110 section 9.1). */
export function isKnownMethod(method: string): boolean {
  return methods.has(method)
}

/** Could `text` grow into a known method? */
export function beginsKnownMethod(text: string): boolean {
  return prefixes.has(text)
}
