/**
 * A run over a folder into which a recorder writes capture files: each file is
 * read once and only once, and followed while it grows.
 *
 * Twice a second the folder is looked through. Files that are new are opened
 * and looked at; the one whose first packet is the oldest is read next, as far
 * as it goes. A file of which everything was read stays open for a while, so
 * that what is added is read from there; one that is silent for long is closed
 * and looked at again when its size or time changes. What was read of a file
 * is known by its id, so a file that is packed, moved or met again after a
 * restart goes on behind the packets that were read.
 *
 * How far files are read is stored together with what was counted in them, and
 * after their alerts. A new run does not know the flows that were open then, so
 * it reads the last half hour of what was read once more: that brings back its
 * state and tells nobody anything, because alerts have ids and nothing is
 * counted. The end is that of a run that was never interrupted, also after
 * kill -9 at any moment. (Flows that are longer than that half hour
 * go on as flows whose beginning was not seen.)
 */

import { opendir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { systemReason } from '../bytes/system-error.ts'
import { printable } from '../bytes/text.ts'
import type { Block, CaptureFault } from '../capture/block.ts'
import { causeOf } from '../capture/faults.ts'
import { FollowedFile } from '../capture/follow.ts'
import { stableId } from '../detect/identity.ts'
import type { Vitals } from '../events/vitals.ts'
import { CoverageMeter } from '../sensor/coverage-meter.ts'
import { StoreError } from '../store/errors.ts'
import type { WatchedFile } from '../store/watched.ts'
import { KeptRecord } from './kept-record.ts'
import type { Patience } from './outlet.ts'
import { Run, type RunOptions, type RunResult } from './run.ts'

const LOOK_MS = 500
/** Most files that are open at once. */
const OPEN_MAX = 32
/** A file that does not grow for this long will not, as far as we know now. */
const SILENT_MS = 60_000
const DEPTH_MAX = 20
const FILES_MAX = 100_000
const FAULTS_MAX = 1000
/** Names that recorders give captures; others in the folder may be anything and are passed over. */
const CAPTURE_NAME = /\.(pcap|pcapng|cap|dmp|ntar)\d*(\.(gz|zst))?$/i
/** The same, packed in a way that is not read here. */
const PACKED_NAME = /\.(pcap|pcapng|cap|dmp|ntar)\d*\.(xz|bz2|lz4|lzo|lzma|br|zip|7z|rar|Z)$/i

export interface WatchJob extends Omit<RunOptions, 'run' | 'command' | 'patience'> {
  folder: string
  log: Logger
  signal: AbortSignal
  /** EVE lines that were given up. */
  eveDropped: () => number
  /** How long a file may be silent before it is closed; for tests. */
  silentMs?: number
}

/** So much of what was read before is read again at the start: flows end, and contacts rest, within it. Microseconds. */
const AGAIN_US = 30 * 60e6
/** While one file is read for long. */
const KEEP_MS = 1000

/** How far a file is read; shared by all that have its id. */
interface Progress {
  /** Packets that were counted, by this run or one before. */
  packets: number
  /** Packets that this run handed to the sensor, or need not. */
  pushed: number
}

/** A file as the folder has it. */
interface Entry {
  path: string
  /** Size and time of the last look: when they are the same, nothing was added. */
  mark: string
  size: number
  changedMs: number
  file: FollowedFile | null
  progress: Progress
  /** Everything that is there was read. */
  isIdle: boolean
  isClosed: boolean
}

export class WatchRun {
  readonly #job: WatchJob
  readonly #run: Run
  readonly #meter: CoverageMeter
  readonly #record: KeptRecord
  readonly #entries = new Map<string, Entry>()
  /** By id: what is packed after its rotation has two names for a while. */
  readonly #progress = new Map<string, Progress>()
  readonly #faults: CaptureFault[] = []
  /** Files whose progress is not stored yet, by id. */
  #unkept = new Map<string, WatchedFile>()
  /** All that was read is in the outlet, and the outlet's alerts are in the store. */
  #isSettled = false
  #keptMs = 0
  /** Files came since the last look. */
  #hasNew = false
  /** What was read before and is not older than this is read again; from the first rest on nothing is. */
  #againFromUs: number
  /** What was read again and was counted before. */
  readonly #again = { packets: 0, bytes: 0, flows: 0, alerts: 0 }
  #files = 0
  #failed = 0
  #lastUs = 0
  #folderTrouble = ''
  #hasToldPacked = false

  /** Throws StoreError. */
  constructor(job: WatchJob) {
    this.#job = job
    const patience: Patience = {
      onTrouble: (reason) => {
        job.log.error(`alerts wait: ${reason}`)
        this.#record.openStoreGap(reason)
      },
      onRecovery: (lost) => {
        job.log.warn({ lost }, `the database takes alerts again; ${lost} had to be given up`)
        this.#record.closeStoreGap(lost)
      },
    }
    const run = stableId('watch', job.sensor, job.folder, String(Date.now()), String(process.pid))
    this.#run = new Run({ ...job, run, command: 'watch', patience })
    this.#meter = new CoverageMeter(this.#run.sensor.coverage)
    this.#record = new KeptRecord(job.store, job.sensor, this.#meter, job.log, {
      changed: () => (this.#isSettled ? [...this.#unkept.values()] : null),
      stored: () => this.#unkept.clear(),
    })
    this.#againFromUs = job.store.lastCoverage(job.folder) - AGAIN_US
  }

  get vitals(): Vitals {
    const { sensor, outlet } = this.#run
    const packets = sensor.coverage.packets - this.#again.packets
    const bytes = sensor.coverage.bytes - this.#again.bytes
    const capturing = this.#folderTrouble === ''
    const lost = { lost_kernel: 0, lost_interface: 0 }
    return {
      trouble: [this.#folderTrouble, this.#record.trouble].filter((text) => text !== '').join('; '),
      interfaces: [{ name: this.#job.folder, adapter: 'watch', packets, bytes, ...lost, capturing }],
      counters: sensor.counters(),
      alerts: sensor.alerts - this.#again.alerts,
      alerts_waiting: outlet.waiting,
      alerts_lost: outlet.lost,
      eve_dropped: this.#job.eveDropped(),
      gaps: this.#record.gaps,
      record_lost: this.#record.lost,
    }
  }

  /** Watches until the signal. */
  async watch(): Promise<RunResult> {
    const { signal } = this.#job
    while (!signal.aborted) {
      await this.#look()
      let isResting = true
      while (!signal.aborted && (await this.#readNext())) isResting = false // one file after the other, the oldest first
      if (isResting && !signal.aborted) this.#againFromUs = Number.POSITIVE_INFINITY
      await this.#keep()
      await this.#forwardFreed()
      await pause(LOOK_MS, signal)
    }
    for (const entry of this.#entries.values()) await entry.file?.close()
    // before the flows are ended by force: a later run goes on with them, and counts them when they end
    await this.#keep()
    const result = await this.#run.finish({ files: this.#files, failed: this.#failed, faults: this.#faults })
    const { summary } = result
    for (const count of ['packets', 'bytes', 'flows', 'alerts'] as const) summary[count] -= this.#again[count]
    return result
  }

  /** Stores what was found, then how far the files are read with what was counted in them. */
  async #keep(): Promise<void> {
    const { sensor, outlet } = this.#run
    sensor.flush()
    await outlet.flush()
    this.#isSettled = outlet.waiting === 0
    this.#record.keep()
    this.#isSettled = false
    this.#keptMs = performance.now()
  }

  /** Looks through the folder: what is new, what has grown, what is gone. */
  async #look(): Promise<void> {
    const found = new Set<string>()
    try {
      await this.#lookInto(this.#job.folder, 0, found)
      if (this.#folderTrouble !== '') this.#job.log.warn(`${this.#job.folder}: can be read again`)
      this.#folderTrouble = ''
    } catch (error) {
      const text = systemReason(error)
      if (this.#folderTrouble !== text) this.#job.log.error(`${printable(this.#job.folder)}: ${text}`)
      this.#folderTrouble = text
      return
    }
    // a recorder ends a file before it begins the next: what was looked at before the next one was there may have grown
    if (this.#hasNew)
      for (const { path, file } of [...this.#entries.values()]) if (file !== null) await this.#lookAt(path)
    this.#hasNew = false
    const nowMs = performance.now()
    const silentMs = this.#job.silentMs ?? SILENT_MS
    for (const [path, entry] of this.#entries) {
      const isGone = !found.has(path)
      if (entry.file !== null && (isGone || (entry.isIdle && nowMs - entry.changedMs > silentMs))) {
        entry.file.end()
        entry.isIdle = false
      }
      if (isGone && entry.file === null) this.#entries.delete(path)
    }
    await this.#openNew()
  }

  async #lookInto(folder: string, depth: number, found: Set<string>): Promise<void> {
    for await (const item of await opendir(folder)) {
      if (item.name.startsWith('.')) continue // programs that copy write there until they are done
      const path = join(folder, item.name)
      if (item.isDirectory()) {
        if (depth < DEPTH_MAX) await this.#lookInto(path, depth + 1, found).catch(() => {})
      } else if (CAPTURE_NAME.test(item.name) && found.size < FILES_MAX) {
        found.add(path)
        if (!item.isSymbolicLink() || (await this.#leadsOut(path))) await this.#lookAt(path)
      } else if (PACKED_NAME.test(item.name)) this.#passOverPacked(path)
    }
  }

  /** Says once that there are such files: a recorder may pack each file when we have read it, and then nothing is missed. */
  #passOverPacked(path: string): void {
    if (this.#hasToldPacked) return
    this.#hasToldPacked = true
    this.#job.log.warn(
      `${printable(path)} and others like it are passed over: of packed files, gzip (.gz) and zstd (.zst) are read; nothing is missed if they were read here before they were packed`,
    )
  }

  /** Whether a symbolic link leads out of the folder: what it leads to inside is read there, and not twice. */
  async #leadsOut(path: string): Promise<boolean> {
    try {
      const [to, home] = await Promise.all([realpath(path), realpath(this.#job.folder)])
      return !`${to}/`.startsWith(`${home}/`)
    } catch {
      return false
    }
  }

  async #lookAt(path: string): Promise<void> {
    const status = await stat(path).catch(() => null)
    if (status === null || !status.isFile()) return
    // with the time of the last change of rights: what could not be read may be readable now
    const mark = `${status.dev} ${status.ino} ${status.size} ${status.mtimeMs} ${status.ctimeMs}`
    const known = this.#entries.get(path)
    if (known?.mark === mark) return
    const nowMs = performance.now()
    if (known !== undefined && known.file !== null && status.size >= known.size && sameFile(known.mark, mark)) {
      known.mark = mark
      known.size = status.size
      known.changedMs = nowMs
      known.isIdle = false
      known.file.grow()
      return
    }
    // new, or another file has its name now: what was open is read to its end
    if (known?.file != null) await this.#readToEnd(known)
    this.#hasNew = true
    this.#entries.set(path, {
      path,
      mark,
      size: status.size,
      changedMs: nowMs,
      file: null,
      progress: { packets: 0, pushed: 0 },
      isIdle: false,
      isClosed: false,
    })
  }

  /** Opens files that nobody has looked at, the oldest first, as many as may be open. */
  async #openNew(): Promise<void> {
    let open = [...this.#entries.values()].filter(({ file }) => file !== null).length
    const unopened = [...this.#entries.values()].filter(
      (entry) => entry.file === null && !entry.isClosed && entry.size > 0,
    )
    for (const entry of unopened.sort((a, b) => compare(a.path, b.path))) {
      if (open >= OPEN_MAX && !this.#closeOne()) return
      open++
      try {
        entry.file = await FollowedFile.open(entry.path)
      } catch (error) {
        entry.isClosed = true
        this.#setAside(entry, { file: entry.path, offset: 0, ...causeOf(error) })
        continue
      }
      this.#files++
      const step = await entry.file.step()
      entry.isIdle = step === 'idle'
      if (step === 'over') await this.#close(entry)
      else if (step === 'more') this.#resume(entry)
    }
  }

  /** Goes on behind the packets that were read of this file before. */
  #resume(entry: Entry): void {
    const { id } = entry.file!
    entry.progress = this.#progress.get(id) ?? { packets: this.#known(id), pushed: 0 }
    const [oldest] = this.#progress.keys()
    if (this.#progress.size === FILES_MAX) this.#progress.delete(oldest!)
    this.#progress.set(id, entry.progress)
  }

  #known(id: string): number {
    try {
      return this.#job.store.watchedFile(id)?.packets ?? 0
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      return 0 // what is read twice has the same ids
    }
  }

  /** Reads the file with the oldest packet as far as it goes; false when there is nothing to read. */
  async #readNext(): Promise<boolean> {
    let next: Entry | null = null
    for (const entry of this.#entries.values()) {
      if (!(await this.#hasBlock(entry))) continue
      if (next === null || firstUs(entry) < firstUs(next)) next = entry
    }
    if (next === null) return false
    await this.#read(next)
    return true
  }

  async #read(entry: Entry): Promise<void> {
    while (!this.#job.signal.aborted && (await this.#hasBlock(entry))) {
      const { block } = entry.file!
      entry.file!.block = null
      await this.#push(entry, block!)
    }
  }

  /** Has the file packets to hand on? Reads the next block of it, if none is there. */
  async #hasBlock(entry: Entry): Promise<boolean> {
    const { file } = entry
    while (file !== null && !entry.isIdle && file.block === null) {
      const isFirst = file.id === ''
      const step = await file.step()
      if (step === 'idle') {
        entry.isIdle = true
        this.#remember(entry, '')
      } else if (step === 'over') {
        await this.#close(entry)
        return false
      } else if (isFirst) this.#resume(entry)
    }
    return file !== null && file.block !== null
  }

  async #push(entry: Entry, block: Block): Promise<void> {
    const { progress } = entry
    const from = block.firstPacket
    if (from <= progress.packets) {
      const count = Math.min(progress.packets - from + 1, block.count)
      if (from + count - 1 > progress.pushed) await this.#pushAgain(entry, block, count)
      dropFirst(block, count)
    }
    if (block.count === 0) return
    const lastUs = block.timeUs[block.count - 1]!
    this.#meter.turnTo(this.#job.folder, lastUs)
    this.#run.sensor.push(entry.file!, block)
    this.#lastUs = Math.max(this.#lastUs, lastUs)
    progress.packets = block.firstPacket + block.count - 1
    progress.pushed = progress.packets
    this.#remember(entry, '')
    await this.#run.outlet.flush()
    if (performance.now() - this.#keptMs > KEEP_MS) await this.#keep()
  }

  /** Hands the first `count` frames of a block, which were counted before, to the sensor once more where they matter. */
  async #pushAgain(entry: Entry, block: Block, count: number): Promise<void> {
    const { sensor, outlet } = this.#run
    entry.progress.pushed = block.firstPacket + count - 1
    const lastUs = block.timeUs[count - 1]!
    if (lastUs < this.#againFromUs) return
    const { coverage } = sensor
    const before = { packets: coverage.packets, bytes: coverage.bytes, flows: coverage.flows, alerts: sensor.alerts }
    const all = block.count
    sensor.flush()
    this.#meter.turnAway()
    outlet.isAgain = true
    block.count = count
    sensor.push(entry.file!, block)
    sensor.flush()
    block.count = all
    outlet.isAgain = false
    this.#lastUs = Math.max(this.#lastUs, lastUs)
    for (const name of ['packets', 'bytes', 'flows'] as const) this.#again[name] += coverage[name] - before[name]
    this.#again.alerts += sensor.alerts - before.alerts
    await outlet.flush()
  }

  async #readToEnd(entry: Entry): Promise<void> {
    entry.file!.end()
    entry.isIdle = false
    await this.#read(entry)
  }

  async #close(entry: Entry): Promise<void> {
    const file = entry.file!
    const [fault] = file.faults
    this.#remember(entry, fault?.reason ?? '')
    if (fault !== undefined) this.#setAside(entry, fault)
    await file.close()
    entry.file = null
    entry.isClosed = true
  }

  /** Makes room: closes the file that was silent longest. */
  #closeOne(): boolean {
    const idle = [...this.#entries.values()].filter(({ file, isIdle }) => file !== null && isIdle)
    const [oldest] = idle.sort((a, b) => a.changedMs - b.changedMs)
    if (oldest === undefined) return false
    this.#remember(oldest, '')
    void oldest.file!.close()
    oldest.file = null
    oldest.isClosed = true
    return true
  }

  #setAside(entry: Entry, fault: CaptureFault): void {
    this.#failed++
    if (this.#faults.length < FAULTS_MAX) this.#faults.push(fault)
    const place = fault.offset === 0 ? '' : ` at byte ${fault.offset}`
    this.#job.log.warn(`${printable(entry.path)}: set aside${place}: ${printable(fault.reason)}. ${fault.advice}`)
  }

  /** Notes how far a file is read, to be stored with the next coverage. */
  #remember({ file, path, progress: { packets } }: Entry, fault: string): void {
    const { id } = file!
    if (id !== '') this.#unkept.set(id, { id, path, packets, fault })
  }

  async #forwardFreed(): Promise<void> {
    try {
      await this.#run.outlet.forwardFreed()
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
    }
  }
}

/** Device and inode are the first two words. */
function sameFile(a: string, b: string): boolean {
  return a.split(' ', 2).join() === b.split(' ', 2).join()
}

function firstUs({ file }: Entry): number {
  return file!.block!.timeUs[0]!
}

/** Takes the first `count` frames out of a block. */
function dropFirst(block: Block, count: number): void {
  for (const column of [block.start, block.end, block.originalLength, block.timeUs, block.link])
    column.copyWithin(0, count)
  block.count -= count
  block.firstPacket += count
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
