/**
 * One run of the sensor, whatever its blocks come from: capture files, a
 * folder that is watched, a network interface. Whoever reads the blocks pushes
 * them; the run drives the sensor and carries its batches to the outlet.
 */

import { randomBytes } from 'node:crypto'
import { rfc3339 } from '../bytes/time.ts'
import type { Block, Capture, CaptureFault, Remark } from '../capture/block.ts'
import type { Limits } from '../config/limits.ts'
import type { CompiledRules } from '../detect/compile.ts'
import type { Networks } from '../enrich/networks.ts'
import type { RunSummary } from '../events/batch.ts'
import { type Crash, Sensor } from '../sensor/sensor.ts'
import { Outlet, type OutletOptions } from './outlet.ts'

export interface RunOptions extends OutletOptions {
  /** Id of the run. */
  run: string
  command: 'replay' | 'live' | 'watch'
  rules: CompiledRules
  /** Given the sensor before its first packet: it takes other rules between two blocks. */
  onSensor?: (sensor: Pick<Sensor, 'useRules'>) => void
  networks: Networks
  limits: Limits
}

/** What a run read, as far as it has files. */
export interface RunInput {
  files: number
  failed: number
  faults: readonly CaptureFault[]
  remarks?: readonly Remark[]
  passedOver?: number
}

export interface RunResult {
  summary: RunSummary
  /** Failures of ours: each is a bug. */
  crashes: readonly Crash[]
}

export class Run {
  readonly sensor: Sensor
  readonly outlet: Outlet
  readonly #options: RunOptions
  readonly #began = performance.now()
  #firstPacketUs = Number.POSITIVE_INFINITY
  #lastPacketUs = Number.NEGATIVE_INFINITY

  /** Begins the run in the store. Throws StoreError. */
  constructor(options: RunOptions) {
    this.#options = options
    options.store.startRun({ id: options.run, command: options.command })
    this.outlet = new Outlet(options)
    this.sensor = new Sensor({
      rules: options.rules,
      networks: options.networks,
      limits: options.limits,
      sensor: options.sensor,
      run: options.run,
      events: new Set([...options.events].filter((kind) => kind !== 'alert')),
      seed: randomBytes(4).readInt32LE(),
      emit: (batch) => this.outlet.take(batch),
    })
    options.onSensor?.(this.sensor)
  }

  /** How far the run is, as its end would tell it. */
  result(input: RunInput): RunResult {
    const { sensor, outlet } = this
    const { packets, bytes, flows } = sensor.coverage
    const summary: RunSummary = {
      files: input.files,
      files_failed: input.failed,
      ...(input.passedOver ? { files_passed_over: input.passedOver } : {}),
      packets,
      ...(packets > 0 ? { first_packet: rfc3339(this.#firstPacketUs), last_packet: rfc3339(this.#lastPacketUs) } : {}),
      bytes,
      flows,
      alerts: sensor.alerts,
      alerts_new: outlet.added,
      alerts_exempt: outlet.exempt,
      contacts: outlet.contacts,
      seconds: Math.round(performance.now() - this.#began) / 1000,
      not_decoded: sensor.coverage.notDecodedByName(),
      counters: Object.fromEntries(Object.entries(sensor.counters()).filter(([, count]) => count !== 0)),
      faults: [...input.faults],
      ...(input.remarks && input.remarks.length > 0 ? { remarks: [...input.remarks] } : {}),
    }
    return { summary, crashes: sensor.crashes }
  }

  /** Takes a block, which may be reused afterwards. Rejects when what came out of it cannot be written. */
  async push(capture: Capture, block: Block): Promise<void> {
    for (let i = 0; i < block.count; i++) {
      const timeUs = block.timeUs[i]!
      if (timeUs < this.#firstPacketUs) this.#firstPacketUs = timeUs
      if (timeUs > this.#lastPacketUs) this.#lastPacketUs = timeUs
    }
    this.sensor.push(capture, block)
    await this.outlet.flush()
    // in a replay the freed alerts may yet come by themselves
    if (this.#options.command !== 'replay') await this.outlet.forwardFreed()
  }

  /** Ends every flow, writes what is left, and says in the store how the run ended. */
  async finish(input: RunInput): Promise<RunResult> {
    const { sensor, outlet } = this
    sensor.finish()
    await outlet.flush(true)
    await outlet.forwardFreed()
    const result = this.result(input)
    this.#options.store.finishRun(this.#options.run, result.summary)
    return result
  }
}
