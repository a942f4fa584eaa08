/**
 * What went wrong with one capture, for people: at most 16 faults are kept,
 * the rest is counted in the text of the last one. A fault that comes again
 * and again (packets of an interface that was never announced) is kept once,
 * with its count, so that a hostile file cannot fill memory or a terminal.
 */

import type { CaptureFault } from './block.ts'

const FAULTS_MAX = 16

/** What happened and what to do about it. */
export interface Cause {
  reason: string
  advice: string
}

export class FaultList {
  readonly #file: string
  readonly #kept: Array<CaptureFault & { kind: string; count: number }> = []
  #more = 0

  /** @param file name of the capture, as it shall stand in every fault */
  constructor(file: string) {
    this.#file = file
  }

  /**
   * Adds a fault at `offset` (in the uncompressed capture).
   * @param kind a later fault of the same kind only raises the count of the first; empty: each stands alone
   */
  add(offset: number, cause: Cause, kind = ''): void {
    const same = kind === '' ? undefined : this.#kept.find((fault) => fault.kind === kind)
    if (same !== undefined) same.count++
    else if (this.#kept.length < FAULTS_MAX) this.#kept.push({ file: this.#file, offset, ...cause, kind, count: 1 })
    else this.#more++
  }

  /** The faults in the order in which they were met. */
  list(): CaptureFault[] {
    return this.#kept.map(({ file, offset, reason, advice, count }, i) => {
      const again = count > 1 ? ` (${count} times; this is the first)` : ''
      const more = this.#more > 0 && i === FAULTS_MAX - 1 ? `; ${this.#more} more faults are not listed` : ''
      return { file, offset, reason: reason + again + more, advice }
    })
  }
}

/** A failure of a byte source that already knows what to tell people. */
export class SourceError extends Error {
  readonly advice: string

  constructor(reason: string, advice: string) {
    super(reason)
    this.advice = advice
  }
}

/** The cause of a failed open or read, in words. */
export function causeOf(error: unknown): Cause {
  if (error instanceof SourceError) return { reason: error.message, advice: error.advice }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known = SYSTEM_CAUSES[code]
  if (known !== undefined) return { reason: `${known[0]} (${code})`, advice: known[1] }
  const text = error instanceof Error ? error.message : String(error)
  return { reason: `it cannot be read: ${text}`, advice: 'See whether another program can read it.' }
}

const SYSTEM_CAUSES: Readonly<Record<string, readonly [reason: string, advice: string]>> = {
  ENOENT: ['there is no such file or folder', 'Check the path; a name with spaces or a wildcard needs quotes.'],
  ENOTDIR: ['a part of the path is a file and not a folder', 'Check the path.'],
  EACCES: ['reading is not permitted', 'Run as a user who may read it, or give that user the right to read.'],
  EPERM: ['reading is not permitted', 'Run as a user who may read it, or give that user the right to read.'],
  EISDIR: [
    'it is a folder and not a file',
    'Give the folder to a command that takes folders, or name the files in it.',
  ],
  ELOOP: ['its symbolic links lead in a circle', 'Name the file that is meant.'],
  ENXIO: ['it is a socket or device that nothing can be read from', 'Name a capture file.'],
  EIO: ['the disk or network drive reported a read error', 'Copy the file to a sound disk and read the copy.'],
  ESTALE: ['the network drive has lost the file', 'Mount the drive again.'],
  EMFILE: ['too many files are open', 'Raise the limit of open files (ulimit -n).'],
}
