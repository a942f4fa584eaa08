/**
 * One stream of packets that goes on: a child that captures, and the next one
 * when it ends. The pauses between tries grow, and go back to the shortest
 * after a child that ran well.
 *
 * A feed knows two states: capturing, and in a gap. It tells when a gap begins
 * and when the next child is ready, so that the time between is on record.
 */

import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import type { Block, Link } from '../block.ts'
import type { Adapter, ChildOptions } from './adapter.ts'
import { CaptureChild, type Lost } from './child.ts'

const PAUSE_MS_MIN = 250
const PAUSE_MS_MAX = 30_000
/** A child that ran this long ran well. */
const RAN_WELL_MS = 10_000
/** How long a child may live after its output has ended: dumpcap says its losses after that, and takes seconds. */
const GRACE_MS = 10_000
/** Of the time to stop so much, in parts of 1, may pass until the ring is read. */
const CATCH_UP_SHARE = 0.6
const CATCH_UP_LOOK_MS = 20
/** How long a child may take to open the interface. */
const READY_MS = 10_000

export interface FeedListener {
  /** Frames of `feed`; the next ones are read when the promise is done. The block is good until then. */
  onBlock(feed: Feed, block: Block): Promise<void>
  /** Nothing is captured from now on, and why. */
  onGap(feed: Feed, reason: string): void
  /** Capturing again. */
  onReady(feed: Feed): void
}

export class Feed {
  readonly device: string
  readonly adapter: Adapter
  readonly #options: ChildOptions
  readonly #listener: FeedListener
  /** A child that is ready and not read yet. */
  #first: CaptureChild | null = null
  #child: CaptureChild | null = null
  #links: readonly Link[] = []
  /** Lost by children that are over. */
  readonly #lostBefore: Lost = { kernel: 0, device: 0 }
  #isStopping = false
  /** Time of the newest packet that was read, by the packet's clock and by ours. */
  #newestUs = 0
  #cameMs = 0
  #behindUs = 0
  #isUnread = false
  #wake: () => void = () => {}
  #over: Promise<void> = Promise.resolve()

  constructor(adapter: Adapter, options: ChildOptions, listener: FeedListener) {
    this.adapter = adapter
    this.device = options.device
    this.#options = options
    this.#listener = listener
  }

  /** The interfaces that the newest child announced. */
  get links(): readonly Link[] {
    return this.#links
  }

  /** Packets lost, in all. */
  get lost(): Lost {
    const { kernel, device } = this.#child?.lost ?? { kernel: 0, device: 0 }
    return { kernel: this.#lostBefore.kernel + kernel, device: this.#lostBefore.device + device }
  }

  /** How far the packets that were read last were behind the clock, in microseconds. */
  get behindUs(): number {
    return this.#behindUs
  }

  /** It was ended with packets in the ring that nobody counted: those of the last `behindUs`. */
  get isUnread(): boolean {
    return this.#isUnread
  }

  get isCapturing(): boolean {
    return this.#child !== null
  }

  /** Starts the first child. Resolves to null when it captures, to the reason when it cannot. */
  async start(): Promise<string | null> {
    const child = new CaptureChild(this.adapter, this.#options)
    const reason = await ready(child)
    if (reason !== null) return reason
    this.#first = child
    return null
  }

  /** Begins to read. */
  begin(): void {
    if (this.#first !== null) this.#over = this.#goOn(this.#first)
    this.#first = null
  }

  /** Asks the child for its figures. */
  ask(): void {
    this.#child?.ask()
  }

  /** Ends the child and waits until all that it had read is read here; after `ms` it is ended at once. */
  async stop(ms: number): Promise<void> {
    const endMs = performance.now() + ms
    this.#isStopping = true
    this.#wake()
    const child = this.#child ?? this.#first
    this.begin()
    if (child !== null && ms > 0 && !this.adapter.tellsUnread) await this.#catchUp(child, ms * CATCH_UP_SHARE)
    child?.stop()
    const late = setTimeout(() => child?.kill(), Math.max(endMs - performance.now(), 0))
    await this.#over
    clearTimeout(late)
  }

  /** Ends the child at once. */
  kill(): void {
    this.#isStopping = true
    this.#wake()
    this.#child?.kill()
  }

  async #goOn(first: CaptureChild): Promise<void> {
    let pauseMs = PAUSE_MS_MIN
    for (let child: CaptureChild | null = first; child !== null; ) {
      const beganMs = performance.now()
      this.#child = child
      const { reader } = child
      this.#links = reader.links
      for (let block = await reader.next(); block !== null; block = await reader.next()) {
        this.#newestUs = block.timeUs[block.count - 1]!
        this.#cameMs = performance.now()
        this.#behindUs = Math.max(Date.now() * 1000 - this.#newestUs, 0)
        await this.#listener.onBlock(this, block)
      }
      const [fault] = reader.faults
      // its output is over and it will be, too; unless what it writes cannot be read
      const late = setTimeout(() => child?.kill(), GRACE_MS)
      const reason = await child.ended
      clearTimeout(late)
      this.#child = null
      this.#lostBefore.kernel += child.lost.kernel
      this.#lostBefore.device += child.lost.device
      await reader.close()
      if (this.#isStopping) return
      this.#listener.onGap(this, fault === undefined ? reason : `${reason}; ${fault.reason}`)
      if (performance.now() - beganMs > RAN_WELL_MS) pauseMs = PAUSE_MS_MIN
      do {
        await this.#pause(pauseMs)
        pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)
        child = await this.#again()
      } while (child === null && !this.#isStopping)
      if (child !== null && !this.#isStopping) this.#listener.onReady(this)
    }
  }

  /** Waits until everything was read that came before now, or nothing comes any more; for `ms` at most. */
  async #catchUp(child: CaptureChild, ms: number): Promise<void> {
    const beganMs = performance.now()
    const beganUs = Date.now() * 1000
    const isRead = (): boolean => {
      const silentMs = performance.now() - Math.max(this.#cameMs, beganMs)
      return child.isOver || this.#newestUs >= beganUs || silentMs > this.adapter.delayMs
    }
    while (!isRead() && performance.now() - beganMs < ms) await setTimeoutPromise(CATCH_UP_LOOK_MS)
    this.#isUnread = !isRead()
  }

  async #again(): Promise<CaptureChild | null> {
    if (this.#isStopping) return null
    const child = new CaptureChild(this.adapter, this.#options)
    if ((await ready(child)) !== null) return null
    if (this.#isStopping) child.stop()
    return child
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopping) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** Waits until the child captures: until the head of its capture has come. Null then, else the reason why it will not. */
async function ready(child: CaptureChild): Promise<string | null> {
  const late = setTimeout(() => child.kill(), READY_MS)
  await child.reader.begin()
  clearTimeout(late)
  const { format } = child.reader
  if (format === 'pcap' || format === 'pcapng') return null
  if (!child.isOver) child.kill()
  const reason = await child.ended
  await child.reader.close()
  return reason
}
