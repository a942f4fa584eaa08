/**
 * A log file of a sensor that stays up: lines are added at the end, whole,
 * and reach the file with every flush. When the disk is full they wait, within
 * a bound, and are tried again after growing pauses; what is beyond the bound
 * is counted and dropped. `reopen` is for log rotation: the file is moved away
 * and the next line begins a new one.
 */

import { closeSync, openSync, writeSync } from 'node:fs'
import { systemReason } from '../../bytes/system-error.ts'
import { LineBuffer } from './line-buffer.ts'
import { refuseOthers, unwritable } from './lines.ts'

const WAITING_BYTES_MAX = 16 << 20
/** Room for the events of a moment. */
const BYTES_AT_FIRST = 1 << 14
const PAUSE_MS_MIN = 250
const PAUSE_MS_MAX = 30_000
const LINE_END = 0x0a

export class LogFile {
  /** Lines that were given up. */
  dropped = 0
  readonly #path: string
  #fd: number | null
  readonly #lines = new LineBuffer(BYTES_AT_FIRST)
  /** What is left of a line that was written in part: it comes first. */
  #rest: Buffer = Buffer.alloc(0)
  #pauseMs = PAUSE_MS_MIN
  #notBeforeMs = 0
  /** Why the last try failed; empty when it did not. */
  #trouble = ''

  /**
   * @param path a file, made when it is missing; `-` is standard output
   * Throws OutputError when it cannot be opened, or holds something else.
   */
  constructor(path: string) {
    refuseOthers(path)
    this.#path = path
    try {
      this.#fd = open(path)
    } catch (error) {
      throw unwritable(path, error)
    }
  }

  /** Why lines wait; empty when they do not. */
  get trouble(): string {
    return this.#trouble
  }

  /** Takes a line without its end. @param line ASCII; bytes are copied */
  write(line: string | Uint8Array): void {
    if (this.#lines.length + line.length > WAITING_BYTES_MAX) this.dropped++
    else this.#lines.add(line)
  }

  /** Writes out what has come, unless it failed just now. Never rejects. */
  async flush(): Promise<void> {
    if (this.#lines.length + this.#rest.length > 0 && performance.now() >= this.#notBeforeMs) this.#writeOut()
  }

  /** Closes the file and opens the one that has its name now. */
  reopen(): void {
    if (this.#path === '-') return
    this.#writeOut()
    this.#closeFile()
  }

  /** Writes out what it can. What then still waits is given up, and counted. */
  close(): void {
    this.#writeOut()
    for (const left of [this.#rest, this.#lines.take()]) for (const byte of left) if (byte === LINE_END) this.dropped++
    this.#rest = Buffer.alloc(0)
    if (this.#path !== '-') this.#closeFile()
  }

  #writeOut(): void {
    try {
      this.#fd ??= open(this.#path)
      if (this.#rest.length === 0 && this.#lines.length > 0) this.#rest = this.#lines.take()
      while (this.#rest.length > 0) this.#rest = this.#rest.subarray(writeSync(this.#fd, this.#rest))
      this.#trouble = ''
      this.#pauseMs = PAUSE_MS_MIN
      if (this.#lines.length > 0) this.#writeOut()
    } catch (error) {
      this.#trouble = systemReason(error)
      this.#notBeforeMs = performance.now() + this.#pauseMs
      this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX)
    }
  }

  #closeFile(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
  }
}

function open(path: string): number {
  return path === '-' ? 1 : openSync(path, 'a')
}
