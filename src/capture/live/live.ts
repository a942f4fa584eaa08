/**
 * Live capture: a child for each interface and worker, their packets in the
 * order of time, what was lost, and the gaps in which nothing was captured.
 *
 * This is the only place of the analysis that looks at a clock: four times a
 * second it says what time it is, so that on a silent line flows and contacts
 * still end. It says a time that no packet can still come before.
 */

import { readFileSync } from 'node:fs'
import type { Block, Capture, Link } from '../block.ts'
import type { Adapter, AdapterName } from './adapter.ts'
import { cap } from './cap.ts'
import type { Lost } from './child.ts'
import { dumpcap } from './dumpcap.ts'
import { Feed } from './feed.ts'
import { Merge } from './merge.ts'
import { splitFilter } from './split.ts'
import { tcpdump } from './tcpdump.ts'

const TICK_MS = 250
/** Every so many ticks the children are asked for their figures. */
const TICKS_PER_LOOK = 4
/** No packet is on its way for longer than this after its time. */
const ON_THE_WAY_US = 2e6
/** A packet this much older than the newest one: the clock was set back. */
const BACK_US = 5e6
/** A system clock this much off what the steady clock expects was set. */
const JUMP_MS = 2000

/** In the order in which `auto` tries them; decision 0010 says why. */
const ADAPTERS: readonly Adapter[] = [tcpdump, dumpcap, cap]

export interface LiveOptions {
  devices: readonly string[]
  adapter: AdapterName | 'auto'
  /** Children per interface. */
  workers: number
  /** pcap-filter(7); empty for everything. */
  filter: string
  /** Size of the kernel's ring in MiB, per child. */
  ringMiB: number
}

/** A time in which packets were not captured, or could not be dated. */
export interface Gap {
  device: string
  kind: 'capture' | 'clock'
  fromUs: number
  /** Null while it goes on. */
  toUs: number | null
  reason: string
}

export interface LiveListener {
  /** Frames in the order of time; the block is good until this returns. */
  onFrames(capture: Capture, block: Block): void
  /** After frames: the next ones are read when this is done. */
  afterFrames(): Promise<void>
  /** It is `nowUs`, and no earlier packet will come. */
  onTick(nowUs: number): void
  /** More packets were lost on `device`. */
  onLost(device: string, more: Lost): void
  /** A gap began, or (the same object again) ended. */
  onGap(gap: Gap): void
}

/** Why an adapter was not taken. */
export interface Refusal {
  adapter: AdapterName
  reason: string
}

/** One interface with all its children. */
class Device {
  readonly name: string
  /** Frames handed on: they are numbered through, whatever child they came from. */
  packets = 0
  lost: Lost = { kernel: 0, device: 0 }
  readonly feedsDown = new Set<Feed>()
  isLinkDown = false
  /** How often the link has gone down, as the system counts; and when that was looked at. */
  downs = 0
  lookedUs = 0
  gap: Gap | null = null

  constructor(name: string) {
    this.name = name
  }
}

/** A feed as the sensor sees it. */
class FeedCapture implements Capture {
  readonly name: string
  readonly faults = []
  readonly bytesRead = 0
  clock: object
  readonly #feed: Feed

  constructor(feed: Feed, clock: object) {
    this.name = feed.device
    this.#feed = feed
    this.clock = clock
  }

  get links(): readonly Link[] {
    return this.#feed.links
  }

  next(): Promise<null> {
    return Promise.resolve(null) // frames come by themselves
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

export class LiveCapture {
  readonly #options: LiveOptions
  readonly #listener: LiveListener
  readonly #devices: Map<string, Device>
  #adapter: Adapter = tcpdump
  #captures = new Map<Feed, FeedCapture>()
  #merge: Merge<Feed> | null = null
  #clock: object = {}
  #newestUs = 0
  /** How far packets lie behind the system's clock. */
  #behindUs = 0
  #ticks = 0
  #timer: NodeJS.Timeout | undefined
  #driftMs = Date.now() - performance.now()

  constructor(options: LiveOptions, listener: LiveListener) {
    this.#options = options
    this.#listener = listener
    this.#devices = new Map(options.devices.map((name) => [name, new Device(name)]))
  }

  /** The adapter that captures. */
  get adapter(): Adapter {
    return this.#adapter
  }

  /** The gaps that go on. */
  get gaps(): Gap[] {
    return [...this.#devices.values()].flatMap(({ gap }) => (gap === null ? [] : [gap]))
  }

  /**
   * Starts capturing with the adapter asked for, or the first that works. Nothing is handed on before `begin`.
   * @returns the adapters that were refused; `adapter` is the one that works, if there are fewer refusals than choices
   */
  async start(): Promise<{ refusals: Refusal[]; works: boolean }> {
    const { adapter: wanted } = this.#options
    const refusals: Refusal[] = []
    for (const adapter of ADAPTERS) {
      if (wanted !== 'auto' && wanted !== adapter.name) continue
      const reason = await this.#startWith(adapter)
      if (reason === null) return { refusals, works: true }
      refusals.push({ adapter: adapter.name, reason })
    }
    return { refusals, works: false }
  }

  /** Begins to hand on what is captured. */
  begin(): void {
    for (const feed of this.#captures.keys()) feed.begin()
    for (const device of this.#devices.values()) this.#lookAtLink(device)
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  /** Ends the children and hands on all that they had read; what is not read after `ms` is given up. */
  async stop(ms: number): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([...this.#captures.keys()].map((feed) => feed.stop(ms)))
    this.#merge?.drain(Number.POSITIVE_INFINITY)
    this.#countLost()
    const nowUs = Date.now() * 1000
    for (const device of this.#devices.values()) this.#closeGap(device, nowUs)
    for (const { device, adapter, isUnread, behindUs } of this.#captures.keys()) {
      if (!isUnread) continue
      const reason = `${adapter.name} was ended before it had read all, and does not count what is left`
      this.#listener.onGap({ device, kind: 'capture', fromUs: nowUs - behindUs, toUs: nowUs, reason })
    }
    await this.#listener.afterFrames()
  }

  /** Ends the children at once. */
  kill(): void {
    for (const feed of this.#captures.keys()) feed.kill()
  }

  async #startWith(adapter: Adapter): Promise<string | null> {
    const { workers, filter, ringMiB } = this.#options
    const feeds: Feed[] = []
    for (const device of this.#devices.keys()) {
      for (let worker = 0; worker < workers; worker++) {
        const options = { device, filter: splitFilter(filter, worker, workers), ringMiB }
        feeds.push(new Feed(adapter, options, this.#feedListener))
      }
    }
    this.#adapter = adapter
    this.#captures = new Map(feeds.map((feed) => [feed, new FeedCapture(feed, this.#clock)]))
    this.#merge =
      feeds.length === 1 ? null : new Merge(feeds, adapter.delayMs, (feed, block) => this.#handOn(feed, block))
    const reasons = await Promise.all(feeds.map((feed) => feed.start()))
    const failed = reasons.findIndex((reason) => reason !== null)
    if (failed < 0) return null
    await Promise.all(feeds.map((feed) => feed.stop(0)))
    return reasons[failed]!
  }

  readonly #feedListener = {
    onBlock: async (feed: Feed, block: Block): Promise<void> => {
      if (this.#merge === null) this.#handOn(feed, block)
      else this.#merge.add(feed, block, performance.now())
      await this.#listener.afterFrames()
    },
    onGap: (feed: Feed, reason: string): void => {
      const device = this.#devices.get(feed.device)!
      device.feedsDown.add(feed)
      // what lay in the ring is gone, too
      this.#openGap(device, reason, feed.behindUs)
    },
    onReady: (feed: Feed): void => {
      const device = this.#devices.get(feed.device)!
      device.feedsDown.delete(feed)
      this.#closeGap(device, Date.now() * 1000)
    },
  }

  #handOn(feed: Feed, block: Block): void {
    const device = this.#devices.get(feed.device)!
    const capture = this.#captures.get(feed)!
    const firstUs = block.timeUs[0]!
    const lastUs = block.timeUs[block.count - 1]!
    if (firstUs < this.#newestUs - BACK_US) {
      this.#clock = {} // time begins anew, or all packets until then would have the same one
      this.#newestUs = firstUs
    }
    capture.clock = this.#clock
    this.#newestUs = Math.max(this.#newestUs, lastUs)
    this.#behindUs = Date.now() * 1000 - lastUs
    block.firstPacket = device.packets + 1
    device.packets += block.count
    this.#listener.onFrames(capture, block)
  }

  #tick(): void {
    this.#merge?.drain(performance.now())
    this.#listener.onTick(Date.now() * 1000 - Math.max(this.#behindUs, 0) - ON_THE_WAY_US)
    if (++this.#ticks % TICKS_PER_LOOK !== 0) return
    for (const feed of this.#captures.keys()) feed.ask()
    this.#countLost()
    this.#lookAtClock()
    for (const device of this.#devices.values()) this.#lookAtLink(device)
  }

  #countLost(): void {
    for (const device of this.#devices.values()) {
      const lost: Lost = { kernel: 0, device: 0 }
      for (const feed of this.#captures.keys()) {
        if (feed.device !== device.name) continue
        lost.kernel += feed.lost.kernel
        // every child says what the interface lost in all
        lost.device = Math.max(lost.device, feed.lost.device)
      }
      const more = {
        kernel: Math.max(lost.kernel - device.lost.kernel, 0),
        device: Math.max(lost.device - device.lost.device, 0),
      }
      device.lost = lost
      if (more.kernel + more.device > 0) this.#listener.onLost(device.name, more)
    }
  }

  #lookAtClock(): void {
    const driftMs = Date.now() - performance.now()
    const byMs = Math.round(driftMs - this.#driftMs)
    this.#driftMs = driftMs
    if (Math.abs(byMs) < JUMP_MS) return
    const nowUs = Date.now() * 1000
    const way = byMs > 0 ? 'forward' : 'back'
    const reason = `the system clock was set ${way} by ${(Math.abs(byMs) / 1000).toFixed(1)} s`
    const [fromUs, toUs] = byMs > 0 ? [nowUs - byMs * 1000, nowUs] : [nowUs, nowUs - byMs * 1000]
    this.#listener.onGap({ device: '', kind: 'clock', fromUs, toUs, reason })
  }

  #lookAtLink(device: Device): void {
    const state = linkState(device.name)
    if (state === 'unknown') return
    const nowUs = Date.now() * 1000
    const downs = linkDowns(device.name)
    const wasDown = device.lookedUs !== 0 && downs > device.downs && !device.isLinkDown && state === 'up'
    const fromUs = device.lookedUs
    device.downs = downs
    device.lookedUs = nowUs
    device.isLinkDown = state === 'down'
    if (device.isLinkDown) this.#openGap(device, 'the interface is down')
    else if (wasDown && device.gap === null) {
      const reason = 'the interface was down for a moment'
      this.#listener.onGap({ device: device.name, kind: 'capture', fromUs, toUs: nowUs, reason })
    } else this.#closeGap(device, nowUs)
  }

  /** @param behindUs how far what was read last was behind the clock */
  #openGap(device: Device, reason: string, behindUs = 0): void {
    if (device.gap !== null) return
    const fromUs = Date.now() * 1000 - behindUs
    device.gap = { device: device.name, kind: 'capture', fromUs, toUs: null, reason }
    this.#listener.onGap(device.gap)
  }

  /** Ends the gap of a device, if every child captures and the link is up. */
  #closeGap(device: Device, nowUs: number): void {
    const { gap } = device
    if (gap === null || device.isLinkDown || device.feedsDown.size > 0) return
    gap.toUs = nowUs
    device.gap = null
    this.#listener.onGap(gap)
  }
}

/** How often the link went down since the system knows it: nobody looks all the time. */
function linkDowns(device: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${device}/carrier_down_count`, 'latin1'))
  } catch {
    return 0
  }
}

/** Whether the interface is up, as far as the system tells: `any` and the like are not there. */
function linkState(device: string): 'up' | 'down' | 'unknown' {
  if (device.includes('/')) return 'unknown'
  try {
    const state = readFileSync(`/sys/class/net/${device}/operstate`, 'latin1').trim()
    return state === 'down' || state === 'lowerlayerdown' ? 'down' : 'up'
  } catch {
    return 'unknown'
  }
}
