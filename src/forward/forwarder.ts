/**
 * Forwards alerts to one destination. The database is the queue: a portion of
 * what is outstanding is read, sent, and when it has arrived the destination's
 * mark moves behind it. So nothing is lost however long a receiver is down, and
 * nothing waits in memory but one portion. A portion that may not have arrived
 * is sent again, so an alert may come twice; its id is the same.
 *
 * After a break portions are one alert until one has arrived: what comes twice
 * is little, and a receiver that is up but does not take all of it gets on.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { printable } from '../bytes/text.ts'
import type { Alert } from '../events/alert.ts'
import { alertFormat, type Product } from '../outputs/format/alert-formats.ts'
import { syslogMessage } from '../outputs/format/syslog.ts'
import { type Deliver, DeliveryError, type DeliveryFailure } from '../outputs/transport/delivery.ts'
import { StoreError } from '../store/errors.ts'
import type { OutgoingBook } from '../store/outgoing.ts'
import type { Destination } from './destination.ts'

export interface ForwardTimes {
  /** Between two looks for news. */
  lookMs: number
  /** Between two tries: doubled with each, up to the most. */
  pauseMsMin: number
  pauseMsMax: number
  /** A receiver that keeps a silent connection for so long, and closes it on a message, has read the message. */
  silenceMs: number
  /** For the delivery under way when it is told to end. */
  graceMs: number
}

export const FORWARD_TIMES: ForwardTimes = {
  lookMs: 500,
  pauseMsMin: 1000,
  pauseMsMax: 60_000,
  silenceMs: 5000,
  graceMs: 2000,
}

export interface ForwarderOptions {
  destination: Destination
  queue: Pick<OutgoingBook, 'mark' | 'portion' | 'arrived' | 'failed'>
  /** Changes when another process or thread has written to the database. */
  dataVersion: () => number
  deliver: Deliver
  product: Product
  /** Takes lines for people. */
  say: (level: 'info' | 'warn' | 'error', text: string) => void
  times?: ForwardTimes
}

/** Alerts and bytes that are sent together, and are in memory. */
const PORTION_MAX = 500
const PORTION_BYTES_MAX = 4 << 20
/** After a portion that arrived the next one is larger by this. */
const GROWTH = 4
/** So often a receiver has to close on the same message, each time after a silence, before the next one is sent. */
const CLOSES_ON_ONE = 2
/** `sendAll` gives up after so many tries, of which none got on; fewer when nothing could be sent. */
const TRIES_MAX = 6
const UNREACHABLE_MAX = 3

interface Portion {
  messages: Buffer[]
  /** Number of the last piece of news in it. */
  upTo: number
  /** Messages that the receiver closed on: they may not have arrived. */
  doubtful: number
}

export class Forwarder {
  readonly #options: ForwarderOptions
  readonly #times: ForwardTimes
  readonly #line: (alert: Alert) => string
  #portionMax = PORTION_MAX
  /** It has arrived, and the database does not know yet. */
  #unmarked: Portion | null = null
  /** Tries since something arrived, and how the last one failed. */
  #failures = 0
  #failure: DeliveryFailure | null = null
  #reason = ''
  /** So often the receiver closed on the one message that is sent now, after it had kept a silent connection. */
  #closes = 0
  /** It does so with each. */
  #isClosing = false
  #isShorteningSaid = false
  /** Messages that arrived. */
  sent = 0

  constructor(options: ForwarderOptions) {
    this.#options = options
    this.#times = options.times ?? FORWARD_TIMES
    const { write } = alertFormat(options.destination.format)
    this.#line = (alert) => write(alert, options.product)
  }

  /** Forwards what is there and what comes, until it is told to end. Rejects for failures of ours only. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const version = this.#options.dataVersion()
        const outcome = await this.#sendPortion(signal)
        if (outcome === 'failed') await this.#rest(signal)
        else if (outcome === 'nothing') await this.#news(version, signal)
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        this.#fail(error.message)
        await this.#rest(signal)
      }
    }
  }

  /** Forwards what is outstanding. Resolves to false when some of it could not be sent. Rejects with StoreError. */
  async sendAll(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const outcome = await this.#sendPortion(signal)
      if (outcome === 'nothing') return true
      if (outcome === 'sent') continue
      if (this.#failures >= (this.#failure === 'unreachable' ? UNREACHABLE_MAX : TRIES_MAX)) return false
      await this.#rest(signal)
    }
    return false
  }

  /** At the end of `follow`: what came last, unless the receiver takes nothing anyway. */
  async finish(signal: AbortSignal): Promise<void> {
    if (this.#failures > 0) return
    try {
      await this.sendAll(signal)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error // it stays outstanding
    }
  }

  /** Throws StoreError. */
  async #sendPortion(signal: AbortSignal): Promise<'sent' | 'failed' | 'nothing'> {
    if (this.#unmarked !== null) this.#mark(this.#unmarked)
    const portion = this.#portion()
    if (portion === null) return 'nothing'
    const isAlone = portion.messages.length === 1
    const silenceMs = isAlone && (this.#isClosing || this.#failure === 'answered') ? this.#times.silenceMs : 0
    const late = laterThan(signal, this.#times.graceMs)
    try {
      await this.#options.deliver(portion.messages, { signal: late.signal, silenceMs })
      this.#isClosing = false
      this.#portionMax = Math.min(GROWTH * this.#portionMax, PORTION_MAX)
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error
      if (signal.aborted) return 'failed'
      this.#failure = error.kind
      if (error.kind !== 'unreachable') this.#portionMax = 1
      this.#closes = silenceMs > 0 && error.kind === 'answered' ? this.#closes + 1 : 0
      if (this.#closes < (this.#isClosing ? 1 : CLOSES_ON_ONE)) {
        this.#fail(error.message)
        return 'failed'
      }
      this.#sayClosing(error.message)
      portion.doubtful = 1
    } finally {
      late.release()
    }
    this.#mark(portion)
    return 'sent'
  }

  /** The next messages; null when nothing is outstanding. */
  #portion(): Portion | null {
    const { queue, destination } = this.#options
    const portion: Portion = { messages: [], upTo: 0, doubtful: 0 }
    let bytes = 0
    for (const { number, alert } of queue.portion(queue.mark(destination.name), this.#portionMax)) {
      const message = syslogMessage(alert, this.#line, destination.style)
      bytes += message.bytes.length
      if (bytes > PORTION_BYTES_MAX && portion.messages.length > 0) break
      if (message.isShortened) this.#sayShortened(alert)
      portion.messages.push(message.bytes)
      portion.upTo = number
    }
    return portion.messages.length === 0 ? null : portion
  }

  #mark(portion: Portion): void {
    const { queue, destination } = this.#options
    this.#unmarked = portion
    queue.arrived(destination.name, portion.upTo, portion.messages.length, portion.doubtful)
    this.#unmarked = null
    this.sent += portion.messages.length
    if (this.#failures > 0) this.#say('info', 'takes alerts again')
    this.#failures = 0
    this.#reason = ''
    this.#failure = null
    this.#closes = 0
  }

  #fail(reason: string): void {
    this.#failures++
    if (reason === this.#reason) return
    this.#reason = reason
    this.#say('error', `alerts wait: ${reason}; it is tried again`)
    try {
      this.#options.queue.failed(this.#options.destination.name, reason)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error // it was said, and is only for who looks into the database
    }
  }

  #sayClosing(reason: string): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#say(
      'warn',
      `${reason} on a message, each time; it is taken to have read it, and the next one is sent. Alerts go one by one, and slowly, until it keeps connections`,
    )
  }

  #sayShortened({ id }: Alert): void {
    if (this.#isShorteningSaid) return
    this.#isShorteningSaid = true
    const { bytesMax } = this.#options.destination.style
    this.#say(
      'warn',
      `alert ${printable(id)} does not fit into ${bytesMax} bytes, so some of its evidence was left out; where the receiver takes more, set max-bytes. Others like it are not told`,
    )
  }

  #say(level: 'info' | 'warn' | 'error', text: string): void {
    this.#options.say(level, `${this.#options.destination.name}: ${text}`)
  }

  /** Longer after each failure. */
  #rest(signal: AbortSignal): Promise<void> {
    const { pauseMsMin, pauseMsMax } = this.#times
    return wait(Math.min(pauseMsMin * 2 ** Math.min(this.#failures - 1, 20), pauseMsMax), signal)
  }

  /** Waits until somebody has written to the database since `version`. Throws StoreError. */
  async #news(version: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#options.dataVersion() === version) await wait(this.#times.lookMs, signal)
  }
}

/** Aborts `ms` after `signal` does, unless it is released. */
function laterThan(signal: AbortSignal, ms: number): { signal: AbortSignal; release: () => void } {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => {
    timer = setTimeout(() => late.abort(), ms)
  }
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin)
  const release = (): void => {
    signal.removeEventListener('abort', begin)
    clearTimeout(timer)
  }
  return { signal: late.signal, release }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {
    // it was told to end
  })
}
