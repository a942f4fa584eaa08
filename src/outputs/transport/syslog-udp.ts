/**
 * Syslog over UDP (RFC 5426): a message is a datagram. Nobody says whether it
 * arrived; only a machine that is up and on which nobody listens refuses it, and
 * that is heard when it is waited for.
 *
 * Datagrams go in small groups with pauses, so that the receiver's buffer, which
 * on Linux has room for some hundred of them, does not run over when much is
 * outstanding.
 */

import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { type Deliver, DeliveryError, networkReason } from './delivery.ts'

/** 2,000 datagrams a second. */
const GROUP = 10
const GROUP_PAUSE_MS = 5

export interface UdpTimes {
  connectMs: number
  /** After the last datagram: a refusal comes in this time. */
  settleMs: number
}

/** Delivers to a receiver at `host`, a name or an address, which is looked up anew each time. */
export function syslogOverUdp(host: string, port: number, { connectMs, settleMs }: UdpTimes): Deliver {
  return async (messages, { signal }) => {
    const { address, family } = await resolved(host, connectMs)
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    let refusal: Error | null = null
    socket.on('error', (error) => {
      refusal ??= error
    })
    const fail = (error: unknown): never => {
      throw new DeliveryError('broken', networkReason(error))
    }
    try {
      await connected(socket, port, address).catch((error) => {
        throw new DeliveryError('unreachable', networkReason(error))
      })
      for (const [index, message] of messages.entries()) {
        await sent(socket, message).catch(fail)
        if (refusal !== null || signal.aborted) break
        if (index % GROUP === GROUP - 1) await pause(GROUP_PAUSE_MS)
      }
      if (refusal === null) await pause(settleMs)
      if (refusal !== null) fail(refusal)
      if (signal.aborted) throw new DeliveryError('broken', 'it was told to end')
    } finally {
      socket.close()
    }
  }
}

async function resolved(host: string, ms: number): Promise<{ address: string; family: number }> {
  const late = pause(ms, null, { ref: false })
  const found = await Promise.race([lookup(host), late]).catch((error) => {
    throw new DeliveryError('unreachable', networkReason(error))
  })
  if (found === null) throw new DeliveryError('unreachable', `the name servers do not answer (waited ${ms / 1000} s)`)
  return found
}

/** Connected, a socket hears of refusals. */
function connected(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.connect(port, address, () => {
      socket.removeListener('error', reject)
      resolve()
    })
  })
}

function sent(socket: Socket, message: Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.send(message, (error) => (error ? reject(error) : resolve())))
}
