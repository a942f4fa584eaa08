/**
 * Finds the captures that a command line names: files as given, folders with
 * all that is in them, in the order of their first packets, because the sensor
 * wants packets in the order of time. Only the head of each file is read.
 */

import { createHash } from 'node:crypto'
import { opendir, realpath, stat } from 'node:fs/promises'
import type { Block, CaptureFault, Remark } from './block.ts'
import { withoutCopies } from './copies.ts'
import { type Cause, causeOf } from './faults.ts'
import { openReader } from './open.ts'
import { mayHoldPackets } from './unknown.ts'

/** Most files that are taken from one command line. */
const FILES_MAX = 100_000
/** Depth of folders; links that lead in a circle are noticed anyhow. */
const DEPTH_MAX = 100
/** Faults that are kept; the last one tells how many there were. */
const FAULTS_MAX = 1000
/** Remarks that are kept, in the same way. */
const REMARKS_MAX = 1000

/** Enough for the first packet of nearly every file; where it is not, more is read. */
const HEAD_BYTES = 16 * 1024

/** Names that recorders give captures. Such a file in a folder is never passed over in silence. */
const CAPTURE_NAME = /\.(pcap|pcapng|cap|dmp|ntar|snoop|erf)\d*(\.(gz|zst|xz|lzma|bz2|lz4|z|zip|7z|rar|tar|tgz))*$/i
/** Their first bytes say nothing. */
const ARCHIVE_NAME = /\.(tar(\.\w+)?|tgz|tbz2?|txz)$/i

export interface FoundCapture {
  /** What `openCapture` takes; `-` is standard input. */
  path: string
  /** The path as given, plus the way inside the folder: what stands in evidence. */
  name: string
  /** Size on disk, 0 where that says nothing (standard input, pipes). */
  bytes: number
  /** It is in gzip or zstd. False where nobody has looked (standard input, pipes). */
  isPacked: boolean
}

export interface FoundCaptures {
  captures: FoundCapture[]
  /** What could not be opened or was empty of captures. */
  faults: CaptureFault[]
  /** Files that are not among the captures, and why, or that may count twice. */
  remarks: Remark[]
  /** Other files in the folders, which are no captures. */
  passedOver: number
}

/** A file that was found, with what its place in the order depends on. */
interface Candidate extends FoundCapture {
  /** Time of its first packet; infinite when there is none. */
  timeUs: number
  /** Its first packet with its time, as a hash; empty when there is none. */
  beginning: string
}

const UNSEEN = { bytes: 0, isPacked: false, timeUs: Number.POSITIVE_INFINITY, beginning: '' }

/**
 * The captures that `paths` (files, folders, `-`) stand for, by the time of
 * their first packet; those without one last, and by name. A file that is
 * reached twice is taken once, and so is one that lies there twice. Never rejects.
 */
export async function findCaptures(paths: readonly string[], signal?: AbortSignal): Promise<FoundCaptures> {
  const search = new Search()
  for (const path of paths) await search.add(path)
  const found = search.found.sort((a, b) => compare(a.timeUs, b.timeUs) || compare(a.name, b.name))
  const { originals, remarks: copies } = await withoutCopies(found, signal)
  const remarks = atMost(REMARKS_MAX, [...search.remarks, ...copies])
  const captures = originals.map(({ timeUs: _, beginning: __, ...capture }) => capture)
  return { captures, faults: search.faults, remarks, passedOver: search.passedOver }
}

/** The last one tells how many there were. */
function atMost(count: number, remarks: Remark[]): Remark[] {
  if (remarks.length <= count) return remarks
  const { file, remark } = remarks[count - 1]!
  return [
    ...remarks.slice(0, count - 1),
    { file, remark: `${remark} (${remarks.length} remarks in all, not all listed)` },
  ]
}

class Search {
  readonly found: Candidate[] = []
  readonly faults: CaptureFault[] = []
  readonly remarks: Remark[] = []
  passedOver = 0
  /** Real paths of files and folders that were met, so that links lead to nothing twice. */
  readonly #met = new Set<string>()
  /** Files that are captures, those met before counted too: whether a folder was empty of them. */
  #hits = 0
  #faultCount = 0
  #full = false

  /** Adds what a path of the command line stands for. */
  async add(path: string): Promise<void> {
    if (path === '-') {
      this.found.push({ path, name: path, ...UNSEEN })
      return
    }
    const hits = this.#hits
    const isFolder = await this.#visit(path, true, 0)
    if (isFolder && hits === this.#hits)
      this.#fault(path, {
        reason: 'there are no captures in this folder',
        advice: 'Name a folder with pcap or pcapng files, or name a file itself to have it opened whatever it is.',
      })
  }

  /** Visits a file or a folder; returns whether it is a folder. */
  async #visit(path: string, explicit: boolean, depth: number): Promise<boolean> {
    try {
      const status = await stat(path)
      if (status.isDirectory()) {
        if (await this.#isNew(path)) await this.#visitFolder(path, depth)
        else this.#hits++ // what there was to say about it was said
        return true
      }
      if (status.isFile()) await this.#visitFile(path, explicit, status.size)
      // a pipe that somebody names is meant; its head cannot be looked at without taking it away from the reading
      else if (explicit) this.found.push({ path, name: path, ...UNSEEN })
    } catch (error) {
      this.#fault(path, causeOf(error))
    }
    return false
  }

  async #visitFolder(folder: string, depth: number): Promise<void> {
    if (depth > DEPTH_MAX) {
      this.#fault(folder, TOO_DEEP)
      return
    }
    const names: string[] = []
    for await (const entry of await opendir(folder)) {
      if (names.length === FILES_MAX) this.#refuseMore(folder)
      else names.push(entry.name)
    }
    const prefix = folder.endsWith('/') ? folder : `${folder}/`
    for (const name of names.sort(compare)) await this.#visit(prefix + name, false, depth + 1)
  }

  async #visitFile(path: string, explicit: boolean, bytes: number): Promise<void> {
    const reader = await openReader(path, { framesPerBlock: 1, chunkBytes: HEAD_BYTES })
    try {
      if (reader.format === 'unreadable') {
        for (const fault of reader.faults) this.#fault(path, fault)
        this.#hits++ // it may be one: the fault says enough
        return
      }
      if (reader.format === 'unknown' && !explicit && !CAPTURE_NAME.test(path)) {
        this.#passOver(path, reader.faults[0])
        return
      }
      this.#hits++
      if (!(await this.#isNew(path))) return
      if (this.found.length === FILES_MAX) {
        this.#refuseMore(path)
        return
      }
      const found = { path, name: path, bytes, isPacked: reader.isPacked }
      const block = await reader.next()
      this.found.push(block === null ? { ...UNSEEN, ...found } : { ...found, ...beginningOf(block) })
    } finally {
      await reader.close()
    }
  }

  /** Whoever has a folder read is told of what he may have meant: another program packed it, or wrote it. */
  #passOver(file: string, cause: Cause | undefined): void {
    if (cause && mayHoldPackets(cause))
      this.remarks.push({ file, remark: `was passed over: ${cause.reason}. ${cause.advice}` })
    else if (ARCHIVE_NAME.test(file))
      this.remarks.push({ file, remark: 'was passed over: an archive by its name. Unpack it first.' })
    else this.passedOver++
  }

  async #isNew(path: string): Promise<boolean> {
    const real = await realpath(path)
    if (this.#met.has(real)) return false
    this.#met.add(real)
    return true
  }

  #refuseMore(path: string): void {
    if (!this.#full) this.#fault(path, TOO_MANY)
    this.#full = true
  }

  #fault(file: string, { reason, advice }: Cause): void {
    this.#faultCount++
    if (this.faults.length < FAULTS_MAX) this.faults.push({ file, offset: 0, reason, advice })
    else
      this.faults[FAULTS_MAX - 1] = {
        file,
        offset: 0,
        reason: `${reason} (${this.#faultCount} faults in all, not all listed)`,
        advice,
      }
  }
}

function beginningOf({ timeUs, originalLength, bytes, start, end }: Block): Pick<Candidate, 'timeUs' | 'beginning'> {
  const hash = createHash('sha256').update(`${timeUs[0]} ${originalLength[0]} `)
  return { timeUs: timeUs[0]!, beginning: hash.update(bytes.subarray(start[0], end[0])).digest('base64') }
}

const TOO_DEEP: Cause = { reason: `the folders are more than ${DEPTH_MAX} deep`, advice: 'Name the inner folder.' }
const TOO_MANY: Cause = {
  reason: `there are more than ${FILES_MAX} files; this one and those after it are left out`,
  advice: 'Name fewer files or folders at once.',
}

/** By size or by code units, the same on every machine. */
function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}
