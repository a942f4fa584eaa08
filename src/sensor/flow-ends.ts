/** When a flow is over that nobody ends: it was silent for too long, or there is no room for it. */

import type { Limits } from '../config/limits.ts'
import { ACK, SYN } from '../packet/packet.ts'
import { ALERTED, ANSWERED, ASKED, CLOSED, IS_DNS, IS_UDP, NAMED } from './state.ts'

/** How quiet a flow must be to give way: a client that hears nothing sends its SYN again after as long (RFC 6298 section 2.1). */
export const GIVES_WAY_US = 1e6

/** How long a flow in this state may be silent before it is over, microseconds. */
export function idleLimit(state: number, idleUs: Limits['idleUs']): number {
  if ((state & IS_DNS) !== 0) return idleUs.dns
  if ((state & IS_UDP) !== 0) return idleUs.udp
  if ((state & CLOSED) !== 0) return idleUs.tcpClosed
  return (state & (ANSWERED | ASKED)) === (ANSWERED | ASKED) ? idleUs.tcpEstablished : idleUs.tcpNew
}

/**
 * Has a flow that is quiet nothing more to tell? A connection that is over, or whose client never completed its opening;
 * DNS, where each message stands for itself; datagrams to which nobody said anything. What raised alerts is waited for.
 */
export function givesWay(state: number, tcpFlags: number): boolean {
  if ((state & ALERTED) !== 0) return false
  if ((state & CLOSED) !== 0) return true
  if ((state & IS_UDP) !== 0) return (state & IS_DNS) !== 0 || (state & (ANSWERED | NAMED)) === 0
  return (state & (ASKED | ANSWERED)) === 0 && (tcpFlags & (SYN | ACK)) !== (SYN | ACK)
}
