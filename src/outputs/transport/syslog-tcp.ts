/** Syslog over TCP (RFC 6587). */

import { connect } from 'node:net'
import type { Deliver } from './delivery.ts'
import { deliverOverStream, type StreamOptions } from './syslog-stream.ts'

/** Delivers to a receiver at `host`, a name or an address, which is looked up anew each time. */
export function syslogOverTcp(host: string, port: number, options: StreamOptions): Deliver {
  return (messages, attempt) =>
    deliverOverStream({ socket: connect({ host, port }), readyEvent: 'connect' }, messages, attempt, options)
}
