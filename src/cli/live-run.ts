/**
 * A run over network interfaces, until it is told to end. It carries packets
 * from live capture to the sensor, keeps coverage and gaps on record every
 * second, and goes on whatever fails: the capturing children, the store, EVE.
 */

import type { Logger } from 'pino'
import type { Block, Capture } from '../capture/block.ts'
import type { Lost } from '../capture/live/child.ts'
import { type Gap, LiveCapture, type LiveOptions, type Refusal } from '../capture/live/live.ts'
import { stableId } from '../detect/identity.ts'
import type { InterfaceVitals, Vitals } from '../events/vitals.ts'
import { CoverageMeter } from '../sensor/coverage-meter.ts'
import { StoreError } from '../store/errors.ts'
import { KeptRecord } from './kept-record.ts'
import { Run, type RunOptions, type RunResult } from './run.ts'

/** After a loss alerts are called lossy for this long: what was lost may have been the answer. */
const LOSSY_MS = 10_000
/** Children that do not end in this time are ended. The whole end takes less than 5 seconds. */
const STOP_MS = 2500
const SECOND_MS = 1000
/** What the sensor found is handed on after this time at the latest, so that an alert is shown at once, and in portions. */
const HAND_ON_MS = 50
/** Losses are said in the log once in this time. */
const SAY_LOSS_MS = 60_000

export interface LiveJob extends Omit<RunOptions, 'run' | 'command' | 'patience'> {
  capture: LiveOptions
  log: Logger
  /** EVE lines that were given up. */
  eveDropped: () => number
}

export interface LiveResult extends RunResult {
  packetsLost: number
  /** Alerts that the database did not take. */
  unstored: number
}

export class LiveRun {
  readonly #job: LiveJob
  readonly #capture: LiveCapture
  readonly #record: KeptRecord
  readonly #interfaces = new Map<string, InterfaceVitals>()
  readonly #run: Run
  readonly #meter: CoverageMeter
  #lossyUntilMs = 0
  #keptMs = 0
  #handedOnMs = 0
  #handOnTimer: NodeJS.Timeout | undefined
  #lossSaidMs = Number.NEGATIVE_INFINITY
  #lossUnsaid = 0
  #isEnding = false

  private constructor(job: LiveJob, capture: LiveCapture, run: Run) {
    this.#job = job
    this.#capture = capture
    this.#run = run
    this.#meter = new CoverageMeter(run.sensor.coverage)
    this.#record = new KeptRecord(job.store, job.sensor, this.#meter, job.log)
  }

  /**
   * Starts capturing. Resolves to the run, or to the reasons why no adapter works.
   * Throws StoreError when the database cannot be written at the start.
   */
  static async start(job: LiveJob): Promise<{ live: LiveRun | null; refusals: Refusal[] }> {
    const id = stableId('live', job.sensor, String(Date.now()), String(process.pid))
    let live: LiveRun | null = null
    const capture = new LiveCapture(job.capture, {
      onFrames: (from, block) => live!.#onFrames(from, block),
      afterFrames: () => live!.#run.outlet.flush(),
      onTick: (nowUs) => live!.#onTick(nowUs),
      onLost: (device, more) => live!.#onLost(device, more),
      onGap: (gap) => live!.#onGap(gap),
    })
    const { works, refusals } = await capture.start()
    if (!works) return { live, refusals }
    const patience = {
      onTrouble: (reason: string) => live!.#onStoreTrouble(reason),
      onRecovery: (lost: number) => live!.#onStoreRecovery(lost),
    }
    live = new LiveRun(job, capture, new Run({ ...job, run: id, command: 'live', patience }))
    live.#begin(id)
    return { live, refusals }
  }

  get adapter(): LiveCapture['adapter'] {
    return this.#capture.adapter
  }

  get vitals(): Vitals {
    const { sensor, outlet } = this.#run
    const down = this.#capture.gaps.map(({ device, reason }) => `${device}: ${reason}`)
    const trouble = [...down, ...(this.#record.trouble === '' ? [] : [this.#record.trouble])].join('; ')
    const off = new Set(this.#capture.gaps.map(({ device }) => device))
    return {
      trouble,
      interfaces: [...this.#interfaces.values()].map((one) => ({ ...one, capturing: !off.has(one.name) })),
      counters: sensor.counters(),
      alerts: sensor.alerts,
      alerts_waiting: outlet.waiting,
      alerts_lost: outlet.lost,
      eve_dropped: this.#job.eveDropped(),
      gaps: this.#record.gaps,
      record_lost: this.#record.lost,
    }
  }

  /** Ends capturing, hands on what was read, writes what is left. */
  async stop(): Promise<LiveResult> {
    this.#isEnding = true
    await this.#capture.stop(STOP_MS)
    clearTimeout(this.#handOnTimer)
    const { store, log } = this.#job
    let result: RunResult
    try {
      this.#meter.turnTo(this.#anyDevice, Date.now() * 1000)
      result = await this.#run.finish({ files: 0, failed: 0, faults: [] })
      this.#record.keep()
      store.endWatch(this.#job.sensor, Date.now() * 1000)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      log.error(`the end of the run could not be stored: ${error.message}`)
      result = this.#run.result({ files: 0, failed: 0, faults: [] })
    }
    const { lostKernel, lostInterface } = this.#run.sensor.coverage
    return { ...result, packetsLost: lostKernel + lostInterface, unstored: this.#run.outlet.waiting }
  }

  /** Ends the children; nothing else is done. */
  kill(): void {
    this.#capture.kill()
  }

  #onFrames(capture: Capture, block: Block): void {
    this.#meter.turnTo(capture.name, block.timeUs[block.count - 1]!)
    this.#run.sensor.push(capture, block)
    const one = this.#interfaces.get(capture.name)!
    one.packets += block.count
    for (let i = 0; i < block.count; i++) one.bytes += block.originalLength[i]!
    const waitMs = this.#handedOnMs + HAND_ON_MS - performance.now()
    if (waitMs <= 0)
      this.#handOn() // it is written when the frames are done
    else
      this.#handOnTimer ??= setTimeout(() => {
        this.#handOn()
        this.#write()
      }, waitMs)
  }

  #handOn(): void {
    clearTimeout(this.#handOnTimer)
    this.#handOnTimer = undefined
    this.#handedOnMs = performance.now()
    this.#run.sensor.flush()
  }

  #write(): void {
    void this.#run.outlet.flush().catch((error: unknown) => this.#fail(error))
  }

  #onTick(nowUs: number): void {
    const { sensor, outlet } = this.#run
    const nowMs = performance.now()
    sensor.lossy = nowMs < this.#lossyUntilMs
    this.#meter.turnTo(this.#anyDevice, nowUs)
    sensor.tick(nowUs)
    this.#write()
    if (nowMs - this.#keptMs < SECOND_MS) return
    this.#keptMs = nowMs
    this.#record.keep()
    this.#sayLoss(nowMs)
    void outlet.forwardFreed().catch((error: unknown) => this.#fail(error))
  }

  #onLost(device: string, { kernel, device: byDevice }: Lost): void {
    this.#meter.turnTo(device, Date.now() * 1000)
    const { coverage } = this.#run.sensor
    coverage.lostKernel += kernel
    coverage.lostInterface += byDevice
    const one = this.#interfaces.get(device)!
    one.lost_kernel += kernel
    one.lost_interface += byDevice
    this.#lossUnsaid += kernel + byDevice
    // what lay in the ring when we ended was lost by our own end, and there is nothing left to call lossy
    if (this.#isEnding) return
    this.#lossyUntilMs = performance.now() + LOSSY_MS
    this.#run.sensor.lossy = true
  }

  #onGap(gap: Gap): void {
    const where = gap.device === '' ? '' : `${gap.device}: `
    if (gap.toUs === null) this.#job.log.error({ interface: gap.device }, `${where}not capturing: ${gap.reason}`)
    else if (gap.kind === 'clock') this.#job.log.warn(gap.reason)
    else if (!this.#isEnding) {
      const seconds = ((gap.toUs - gap.fromUs) / 1e6).toFixed(1)
      this.#job.log.warn({ interface: gap.device }, `${where}capturing again after ${seconds} s`)
    }
    this.#record.gap(gap)
  }

  #onStoreTrouble(reason: string): void {
    this.#job.log.error(`alerts wait: ${reason}`)
    this.#record.openStoreGap(reason)
  }

  #onStoreRecovery(lost: number): void {
    this.#job.log.warn({ lost }, `the database takes alerts again; ${lost} had to be given up`)
    this.#record.closeStoreGap(lost)
  }

  #begin(id: string): void {
    const { adapter } = this.#capture
    for (const name of this.#job.capture.devices) {
      const zero = { packets: 0, bytes: 0, lost_kernel: 0, lost_interface: 0, capturing: true }
      this.#interfaces.set(name, { name, adapter: adapter.name, ...zero })
    }
    this.#record.begin(id)
    this.#capture.begin()
  }

  /** For what belongs to no packet: flows that end when time passes. */
  get #anyDevice(): string {
    return this.#job.capture.devices[0]!
  }

  #sayLoss(nowMs: number): void {
    if (this.#lossUnsaid === 0 || nowMs - this.#lossSaidMs < SAY_LOSS_MS) return
    const { packets, lostKernel, lostInterface } = this.#run.sensor.coverage
    const share = (100 * (lostKernel + lostInterface)) / (packets + lostKernel + lostInterface)
    this.#job.log.warn(
      { lost: this.#lossUnsaid },
      `${this.#lossUnsaid} packets were lost; ${share.toPrecision(2)} % since the start`,
    )
    this.#lossSaidMs = nowMs
    this.#lossUnsaid = 0
  }

  #fail(error: unknown): void {
    if (!(error instanceof StoreError)) this.#job.log.error(error, 'a failure of ours, please report it')
  }
}
