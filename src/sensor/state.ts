/** Bits of a flow's `state` column, and what they say together. */

import { CLIENT_IS_HIGHER } from '../flow/table.ts'

export { CLIENT_IS_HIGHER }

/** The client's SYN was seen: the beginning of the stream is known. */
export const SYN_SEEN = 1 << 1
/** The server sent payload. */
export const ANSWERED = 1 << 2
/** The client sent payload. */
export const ASKED = 1 << 3
/** Nothing more is to be learned from its bytes: only count. */
export const DECIDED = 1 << 4
/** Alerts were made of it. */
export const ALERTED = 1 << 5
export const FIN_OUT = 1 << 6
export const FIN_IN = 1 << 7
/** FIN both ways, or RST. */
export const CLOSED = 1 << 8
export const IS_UDP = 1 << 9
export const IS_TLS = 1 << 10
export const IS_DNS = 1 << 11
export const IS_QUIC = 1 << 12
export const IS_DTLS = 1 << 13
export const IS_HTTP = 1 << 14
export const IS_SOCKS = 1 << 15
/** A name was visible in it. */
export const NAMED = 1 << 16
/** It was judged by what DNS told and by its addresses, for want of a name. */
export const JUDGED = 1 << 17
/** The server's SYN was seen. */
export const SERVER_SYN_SEEN = 1 << 18
/** Its server may yet show a certificate in clear: nothing else of it is wanted. */
export const MAY_CERTIFY = 1 << 19
/** Bytes of the client that came again are being read. */
export const READ_AGAIN = 1 << 20

/** Does a packet come from the client? @param fromHigher as `FlowKey` has it */
export function isFromClient(state: number, fromHigher: boolean): boolean {
  return ((state & CLIENT_IS_HIGHER) !== 0) === fromHigher
}

const APPLICATIONS: ReadonlyArray<readonly [number, string]> = [
  [IS_TLS, 'tls'],
  [IS_QUIC, 'quic'],
  [IS_DNS, 'dns'],
  [IS_DTLS, 'dtls'],
  [IS_HTTP, 'http'],
  [IS_SOCKS, 'socks'],
]

/** What a flow with this state was recognised as, the innermost protocol; empty when it was not. */
export function applicationOf(state: number): string {
  return APPLICATIONS.find(([bit]) => (state & bit) !== 0)?.[1] ?? ''
}

/** The state of a flow of which client and server were taken for each other: who said what changes sides. */
export function otherWayRound(state: number): number {
  const sides = ASKED | ANSWERED | FIN_OUT | FIN_IN
  let other = state & ~sides
  if ((state & ASKED) !== 0) other |= ANSWERED
  if ((state & ANSWERED) !== 0) other |= ASKED
  if ((state & FIN_OUT) !== 0) other |= FIN_IN
  if ((state & FIN_IN) !== 0) other |= FIN_OUT
  return other
}

/**
 * Did a server take a connection and go on to speak? It does so to a client alone that has confirmed the connection: in
 * a capture of one direction.
 */
export function isOneWay(state: number): boolean {
  const both = SERVER_SYN_SEEN | ANSWERED
  return (state & both) === both
}
