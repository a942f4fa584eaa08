/** From what parsers found to the observations that leave the sensor. */

import type { DnsObservation, FlowObservation, FlowRef, Place, TlsObservation } from '../events/observation.ts'
import { type DnsMessage, isAnswer } from '../protocol/dns/message.ts'
import type { ClientHello } from '../protocol/tls/client-hello.ts'
import type { FlowInfo } from './flow-info.ts'
import { ALERTED, ANSWERED, ASKED, applicationOf, CLOSED } from './state.ts'

/** A hello, seen at `place`. */
export function tlsObservation(flow: FlowRef, place: Place, timeUs: number, hello: ClientHello): TlsObservation {
  const { serverName, alpn, versions } = hello
  return { kind: 'tls', ...place, timeUs, flow, serverName, alpn, versions }
}

/** A DNS message, seen at `place`. */
export function dnsObservation(flow: FlowRef, place: Place, timeUs: number, message: DnsMessage): DnsObservation {
  const { id, flags, questions, answers } = message
  return { kind: 'dns', ...place, timeUs, flow, answer: isAnswer(flags), id, flags, questions, answers }
}

/** A flow that is over; `place` is where its first packet was read. */
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
    answered: info.answered,
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
