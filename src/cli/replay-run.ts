/**
 * One run over capture files: finds them, reads them in the order of their
 * first packets, drives the sensor, and hands what comes out to the store and
 * to EVE. Knows nothing of terminals and options.
 */

import { randomBytes } from 'node:crypto'
import type { CaptureFault } from '../capture/block.ts'
import { type FoundCapture, findCaptures } from '../capture/folder.ts'
import { openCapture } from '../capture/open.ts'
import type { ReaderOptions } from '../capture/reader.ts'
import type { Limits } from '../config/limits.ts'
import { stableId } from '../detect/identity.ts'
import type { Networks } from '../enrich/networks.ts'
import type { Alert } from '../events/alert.ts'
import type { AlertUpdate, Batch, Progress, RunSummary } from '../events/batch.ts'
import { eveAlertLine, eveLine } from '../outputs/format/eve.ts'
import type { LineWriter } from '../outputs/transport/lines.ts'
import type { Pack } from '../packs/pack.ts'
import { type Crash, type EventKind, Sensor } from '../sensor/sensor.ts'
import type { Store } from '../store/store.ts'

const PROGRESS_MS = 250

export interface ReplayJob {
  /** Files, folders, `-`. */
  paths: readonly string[]
  packs: readonly Pack[]
  networks: Networks
  limits: Limits
  sensor: string
  store: Store
  eve: Pick<LineWriter, 'write' | 'flush'> | null
  /** What goes to EVE. */
  events: ReadonlySet<EventKind | 'alert'>
  onProgress: (progress: Progress) => void
  /** Alerts that are new in the store or changed there. */
  onAlerts: (alerts: Alert[]) => void
  /** Called for each file that could not be read to its end, as soon as that is known. */
  onFault: (fault: CaptureFault) => void
  signal: AbortSignal
  /** For tests: no result depends on it. */
  reader?: ReaderOptions
}

export interface ReplayResult {
  summary: RunSummary
  /** Failures of ours: each is a bug. */
  crashes: readonly Crash[]
}

/** Runs the job to its end, or until its signal. Rejects when the store or EVE cannot be written. */
export async function replay(job: ReplayJob): Promise<ReplayResult> {
  const began = performance.now()
  const { captures, faults } = await findCaptures(job.paths)
  for (const fault of faults) job.onFault(fault)
  const run = runId(job, captures)
  job.store.startRun({ id: run, command: 'replay' })
  const outlet = new Outlet(job)
  const sensor = new Sensor({
    packs: job.packs,
    networks: job.networks,
    limits: job.limits,
    sensor: job.sensor,
    run,
    events: new Set([...job.events].filter((kind) => kind !== 'alert')),
    seed: randomBytes(4).readInt32LE(),
    emit: (batch) => outlet.take(batch),
  })

  const progress: Progress = {
    file: '',
    files_done: 0,
    files: captures.length,
    bytes_done: 0,
    bytes: captures.reduce((sum, capture) => sum + capture.bytes, 0),
    packets: 0,
    alerts: 0,
    done: false,
  }
  let failed = faults.length
  let bytesBefore = 0
  let toldMs = 0
  for (const { path, name } of captures) {
    if (job.signal.aborted) break
    const capture = await openCapture(path, job.reader)
    for (let block = await capture.next(); block && !job.signal.aborted; block = await capture.next()) {
      sensor.push(capture, block)
      await outlet.flush()
      if (performance.now() - toldMs < PROGRESS_MS) continue
      toldMs = performance.now()
      const { packets } = sensor.coverage
      job.onProgress({
        ...progress,
        file: name,
        bytes_done: bytesBefore + capture.bytesRead,
        packets,
        alerts: sensor.alerts,
      })
    }
    for (const fault of capture.faults) job.onFault(fault)
    faults.push(...capture.faults)
    if (capture.faults.length > 0) failed++
    bytesBefore += capture.bytesRead
    progress.files_done++
    await capture.close()
  }
  sensor.finish()
  await outlet.flush()

  const { packets, bytes, flows } = sensor.coverage
  job.onProgress({ ...progress, bytes_done: bytesBefore, packets, alerts: sensor.alerts, done: true })
  const summary: RunSummary = {
    files: captures.length,
    files_failed: failed,
    packets,
    bytes,
    flows,
    alerts: sensor.alerts,
    alerts_new: outlet.added,
    contacts: outlet.contacts.size,
    seconds: Math.round(performance.now() - began) / 1000,
    not_decoded: sensor.coverage.notDecodedByName(),
    faults,
  }
  job.store.finishRun(run, summary)
  return { summary, crashes: sensor.crashes }
}

/** Carries batches to the store and to EVE. */
class Outlet {
  readonly #job: ReplayJob
  #alerts: AlertUpdate[] = []
  added = 0
  readonly contacts = new Set<string>()

  constructor(job: ReplayJob) {
    this.#job = job
  }

  take({ observations, alerts }: Batch): void {
    const { eve, events, sensor } = this.#job
    if (eve) {
      for (const observation of observations) eve.write(eveLine(observation, sensor))
      // in a replay nobody waits: an alert is written once, when all of it is known
      if (events.has('alert')) for (const { alert, final } of alerts) if (final) eve.write(eveAlertLine(alert))
    }
    for (const update of alerts) {
      this.#alerts.push(update)
      this.contacts.add(update.alert.contact)
    }
  }

  /** Stores what has come, in one transaction. */
  async flush(): Promise<void> {
    if (this.#alerts.length > 0) {
      const { added, changed } = this.#job.store.write({ observations: [], alerts: this.#alerts })
      this.#alerts = []
      this.added += added.length
      if (added.length + changed.length > 0) this.#job.onAlerts([...added, ...changed])
    }
    await this.#job.eve?.flush()
  }
}

/** The same files and the same rules are the same run. */
function runId({ sensor, packs }: ReplayJob, captures: readonly FoundCapture[]): string {
  const files = captures.map(({ name, bytes }) => `${name} ${bytes}`)
  return stableId('run', sensor, ...packs.map(({ id, version }) => `${id} ${version}`), ...files)
}
