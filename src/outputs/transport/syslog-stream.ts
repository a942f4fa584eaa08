/**
 * Messages of syslog over a connection, plain or TLS: framed by their length
 * (RFC 6587, section 3.4.1, and RFC 5425) or by a line feed, written as fast as
 * the receiver takes them; then the connection is ended. What its end says is
 * told in delivery.ts.
 */

import type { Socket } from 'node:net'
import { type Attempt, DeliveryError, type DeliveryFailure, type DeliveryTimes, networkReason } from './delivery.ts'

export const FRAMINGS = ['octets', 'lf'] as const
export type Framing = (typeof FRAMINGS)[number]

/** What is taken for arrived: what the receiver has read to its end, or what was written and not answered by a reset. */
export const CONFIRMATIONS = ['close', 'written'] as const
export type Confirmation = (typeof CONFIRMATIONS)[number]

export interface StreamOptions {
  framing: Framing
  confirm: Confirmation
  times: DeliveryTimes
}

/** A connection that begins, and the event with which messages may be written. */
export interface Opening {
  socket: Socket
  readyEvent: 'connect' | 'secureConnect'
}

const CLOSED = 'the receiver closed the connection'

/** Delivers over a new connection and ends it. Rejects with DeliveryError. */
export async function deliverOverStream(
  { socket, readyEvent }: Opening,
  messages: readonly Buffer[],
  { signal, silenceMs }: Attempt,
  { framing, confirm, times }: StreamOptions,
): Promise<void> {
  const end = endOf(socket, signal)
  try {
    await step(happens(socket, readyEvent), end, times.connectMs, 'unreachable', 'no connection')
    await stays(end, Math.max(silenceMs, times.settleMs), 'unreachable')
    for (const message of messages)
      await step(written(socket, framed(message, framing)), end, times.idleMs, 'broken', 'the receiver takes nothing')
    await stays(end, times.settleMs, 'answered')
    socket.end()
    if (confirm === 'written') return
    const late = `the receiver does not close the connection after us: it may hang; if it never does, set confirm to "written"`
    const how = await within(times.closeMs, end)
    if (how !== CLOSED) throw how === null ? tooLate('broken', late, times.closeMs) : new DeliveryError('answered', how)
  } finally {
    socket.destroy()
  }
}

/** `message` with what says where it ends. */
export function framed(message: Buffer, framing: Framing): Buffer {
  const parts = framing === 'octets' ? [Buffer.from(`${message.length} `), message] : [message, LF]
  return Buffer.concat(parts)
}

const LF = Buffer.of(0x0a)

/** Resolves to how the connection ends, in words: CLOSED when the receiver ended its side, and else why it broke. */
function endOf(socket: Socket, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const stop = (): void => resolve('it was told to end')
    socket
      .on('error', (error) => resolve(networkReason(error)))
      .once('end', () => resolve(CLOSED))
      .once('close', () => {
        signal.removeEventListener('abort', stop)
        resolve('the connection was closed')
      })
      .resume() // what the receiver says is of no use, and unread it would hide the end
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
}

function happens(socket: Socket, event: string): Promise<null> {
  return new Promise((resolve) => socket.once(event, () => resolve(null)))
}

/** Resolves when our system has taken the bytes. */
function written(socket: Socket, bytes: Buffer): Promise<null> {
  return new Promise((resolve) => {
    socket.write(bytes, (error) => {
      if (!error) resolve(null)
    })
  })
}

/** Waits for `work`. Throws DeliveryError when the connection ends first, or `ms` have passed. */
async function step(
  work: Promise<null>,
  end: Promise<string>,
  ms: number,
  kind: DeliveryFailure,
  late: string,
): Promise<void> {
  const how = await within(ms, Promise.race([end, work.then(() => DONE)]))
  if (how === null) throw tooLate(kind, late, ms)
  if (how !== DONE) throw new DeliveryError(kind, how)
}

const DONE = ''

/** Waits for `ms`, in which the connection must not end. Throws DeliveryError. */
async function stays(end: Promise<string>, ms: number, kind: DeliveryFailure): Promise<void> {
  const how = await within(ms, end)
  if (how !== null) throw new DeliveryError(kind, how)
}

/** What `work` resolves to; null when `ms` have passed before. */
async function within(ms: number, work: Promise<string>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function tooLate(kind: DeliveryFailure, what: string, ms: number): DeliveryError {
  return new DeliveryError(kind, `${what} (waited ${ms / 1000} s)`)
}
