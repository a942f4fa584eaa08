/**
 * One run over capture files: finds them and reads them in the order of their
 * first packets. Knows nothing of terminals and options.
 */

import { ReadAhead } from '../capture/ahead.ts'
import type { CaptureFault, Remark } from '../capture/block.ts'
import { type FoundCapture, findCaptures } from '../capture/folder.ts'
import { openCapture } from '../capture/open.ts'
import type { ReaderOptions } from '../capture/reader.ts'
import { stableId } from '../detect/identity.ts'
import type { Progress } from '../events/batch.ts'
import type { Pack } from '../packs/pack.ts'
import { finishReviews } from './reviewing.ts'
import { Run, type RunOptions, type RunResult } from './run.ts'

const PROGRESS_MS = 250
/** Less is decompressed before a thread has started. */
const THREADS_WORTH_BYTES = 4e6

export interface ReplayJob extends Omit<RunOptions, 'run' | 'command'> {
  /** Files, folders, `-`. */
  paths: readonly string[]
  /** What `rules` was made of, by which the run is known again. */
  packs: ReadonlyArray<Pick<Pack, 'id' | 'version'>>
  /** Compressed files that are decompressed at once, each by a thread; 1, or none, when that shall be done here. */
  jobs?: number
  onProgress: (progress: Progress) => void
  /** Called for each file that could not be read to its end, as soon as that is known. */
  onFault: (fault: CaptureFault) => void
  /** Called once, before any packet is read. @param passedOver other files of the folders */
  onRemarks?: (remarks: readonly Remark[], passedOver: number) => void
  signal: AbortSignal
  /** For tests: no result depends on it. */
  reader?: ReaderOptions
}

/** Runs the job to its end, or until its signal. Rejects when the store or EVE cannot be written. */
export async function replay(job: ReplayJob): Promise<RunResult> {
  const { captures, faults, remarks, passedOver } = await findCaptures(job.paths, job.signal)
  for (const fault of faults) job.onFault(fault)
  job.onRemarks?.(remarks, passedOver)
  const run = new Run({ ...job, run: runId(job, captures), command: 'replay' })

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
  const tell = (now: Pick<Progress, 'bytes_done'> & Partial<Progress>): void => {
    const { coverage, alerts } = run.sensor
    job.onProgress({ ...progress, packets: coverage.packets, alerts, ...now })
  }
  let failed = faults.length
  let bytesBefore = 0
  let toldMs = 0
  const reader = { ...job.reader, signal: job.signal }
  const ahead = readAhead(captures, job.jobs ?? 1)
  for (const { path, name } of captures) {
    if (job.signal.aborted) break
    const capture = await openCapture(path, reader, ahead && ((path, signal) => ahead.open(path, signal)))
    for (let block = await capture.next(); block && !job.signal.aborted; block = await capture.next()) {
      await run.push(capture, block)
      if (performance.now() - toldMs < PROGRESS_MS) continue
      toldMs = performance.now()
      tell({ file: name, bytes_done: bytesBefore + capture.bytesRead })
    }
    for (const fault of capture.faults) job.onFault(fault)
    faults.push(...capture.faults)
    if (capture.faults.length > 0) failed++
    bytesBefore += capture.bytesRead
    progress.files_done++
    await capture.close()
  }
  await ahead?.close()
  if (!job.signal.aborted) await finishReviews(job.store)
  const result = await run.finish({ files: captures.length, failed, faults, remarks, passedOver })
  tell({ bytes_done: bytesBefore, done: true })
  return result
}

function readAhead(captures: readonly FoundCapture[], jobs: number): ReadAhead | undefined {
  const packed = captures.filter(({ isPacked }) => isPacked)
  const bytes = packed.reduce((sum, capture) => sum + capture.bytes, 0)
  if (jobs < 2 || bytes < THREADS_WORTH_BYTES) return undefined
  return new ReadAhead(
    packed.map(({ path }) => path),
    jobs,
  )
}

/** The same files and the same rules are the same run. */
function runId({ sensor, packs }: ReplayJob, captures: readonly FoundCapture[]): string {
  const files = captures.map(({ name, bytes }) => `${name} ${bytes}`)
  return stableId('run', sensor, ...packs.map(({ id, version }) => `${id} ${version}`), ...files)
}
