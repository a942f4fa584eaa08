/**
 * What became of a flow: did the server answer, and if not, how is that known?
 * It tells an attempt from a use.
 *
 * Payload of the server is an answer, but for the ways in which a server, a
 * proxy or somebody in between says no: then it is an attempt that was refused.
 */

import { isPrivateAddress } from '../bytes/private-address.ts'

/** How an answer looked; from the one that says least of the server's will to the one that says most. */
const KINDS = [
  /** Nothing of the server was seen. */
  'none',
  /** It took the connection and said nothing. */
  'silent',
  /** RST and nothing else. */
  'reset',
  /** A TLS alert where its hello should be. */
  'tls_alert',
  /** A SOCKS proxy said no. */
  'socks_refused',
  /** An HTTP proxy said no, or could not. */
  'proxy_refused',
  /** HTTP as block pages answer. */
  'blocked',
  'answered',
] as const
type AnswerKind = (typeof KINDS)[number]

export interface Answer {
  kind: AnswerKind
  /** A TLS alert's name, a SOCKS code, an HTTP status; may be empty. */
  detail: string
}

export const NO_ANSWER: Answer = { kind: 'none', detail: '' }
export const ANSWERED: Answer = { kind: 'answered', detail: '' }

/** The one of two that says more: an alert of several flows is answered when one of them is. */
export function betterAnswer(a: Answer, b: Answer): Answer {
  return KINDS.indexOf(b.kind) > KINDS.indexOf(a.kind) ? b : a
}

/** The answer as a sentence for people. */
export function answerWords({ kind, detail }: Answer): string {
  switch (kind) {
    case 'none':
      return 'No answer of the server was seen: an attempt.'
    case 'silent':
      return 'The server took the connection and sent nothing: an attempt.'
    case 'reset':
      return 'The connection was refused (RST): an attempt.'
    case 'tls_alert':
      return `The server refused the TLS handshake (${detail}): an attempt.`
    case 'socks_refused':
      return `The SOCKS proxy refused${detail === '' ? '' : ` (code ${detail})`}: an attempt.`
    case 'proxy_refused':
      return `The proxy answered HTTP ${detail}, ${proxyMeaning(detail)}: an attempt.`
    case 'blocked':
      return `The answer was ${detail}: an attempt.`
    case 'answered':
      return 'The server answered.'
  }
}

function proxyMeaning(status: string): string {
  if (status === '407') return 'it wants to know who asks'
  if (status === '403' || status === '451') return 'it forbids this target'
  return status.startsWith('5') ? 'it did not reach the target' : 'it opened no tunnel'
}

/** HTTP as far as it tells a block page. */
interface Response {
  status: number
  /** Where it sends the client; empty when nowhere. */
  location: string
}

/**
 * What an answer to CONNECT says of the tunnel.
 * @param status of HTTP, 100 to 999
 */
export function tunnelAnswer(status: number): Answer {
  return status >= 200 && status < 300 ? ANSWERED : { kind: 'proxy_refused', detail: String(status) }
}

/**
 * What an answer to another request says of it: the server's own, or a block page's? A page that is forbidden (403, 451)
 * is taken for one; so is one that sends the client to a private address or to a name that says what it is for.
 * @param isProxied whether a proxy was asked: then errors of a gateway are its own
 * @param isOurs whether a host name is one that the rule watches: a service may send its clients on to itself
 */
export function httpAnswer(
  { status, location }: Response,
  isProxied: boolean,
  isOurs: (host: string) => boolean,
): Answer {
  if (status === 407 || (isProxied && status >= 502 && status <= 504))
    return { kind: 'proxy_refused', detail: String(status) }
  if (status === 403 || status === 451)
    return { kind: 'blocked', detail: `HTTP ${status}, as gateways that block give it` }
  if (status >= 300 && status < 400) {
    const host = hostOf(location)
    if (host !== '' && !isOurs(host) && (isPrivateAddress(host) || namesBlocking(host)))
      return { kind: 'blocked', detail: `HTTP ${status} that leads to a block page` }
  }
  return ANSWERED
}

/** The host of an absolute http or https address; empty for anything else. */
function hostOf(location: string): string {
  const match = /^https?:\/\/(?:[^/?#@]*@)?(?:\[([0-9a-f:.]{1,45})\]|([^/?#:]{1,255}))/i.exec(location.slice(0, 1024))
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase()
}

const BLOCKING_WORDS =
  /^(?:block|blocked|blocker|blocking|blockpage|denied|deny|filtered|forbidden|rpz|sinkhole|sinkholed|walledgarden)\d*$/

/** Does a name say that it stands for a block page: has one of its labels such a word (`blockpage.example`)? */
export function namesBlocking(name: string): boolean {
  return name
    .toLowerCase()
    .split(/[.\-_]/, 64)
    .some((word) => BLOCKING_WORDS.test(word))
}
