/** Bits of a flow's `state` column. */

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

/** What a flow with this state was recognised as; empty when it was not. */
export function applicationOf(state: number): string {
  return (state & IS_TLS) !== 0 ? 'tls' : (state & IS_DNS) !== 0 ? 'dns' : ''
}
