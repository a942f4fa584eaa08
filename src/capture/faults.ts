/**
 * What went wrong with one capture, for people: at most 16 faults are kept,
 * the rest is counted in the text of the last one. A fault that comes again
 * and again (packets of an interface that was never announced) is kept once,
 * with its count, so that a hostile file cannot fill memory or a terminal.
 */

import { systemCode, systemReason } from '../bytes/system-error.ts'
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
  const advice = ADVICE[systemCode(error)]
  if (advice !== undefined) return { reason: systemReason(error), advice }
  return { reason: `it cannot be read: ${systemReason(error)}`, advice: 'See whether another program can read it.' }
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'Check the path; a name with spaces or a wildcard needs quotes.',
  ENOTDIR: 'Check the path.',
  EACCES: 'Run as a user who may read it, or give that user the right to read.',
  EPERM: 'Run as a user who may read it, or give that user the right to read.',
  EISDIR: 'Give the folder to a command that takes folders, or name the files in it.',
  ELOOP: 'Name the file that is meant.',
  ENXIO: 'Name a capture file.',
  EIO: 'Copy the file to a sound disk and read the copy.',
  ESTALE: 'Mount the drive again.',
  EMFILE: 'Raise the limit of open files (ulimit -n).',
}
