/**
 * A log file of a sensor that stays up: lines are added at the end, whole,
 * and reach the file with every flush. When the disk is full they wait, within
 * a bound, and are tried again after growing pauses; what is beyond the bound
 * is counted and dropped. `reopen` is for log rotation: the file is moved away
 * and the next line begins a new one.
 *
 * What a full disk took of a line is taken back from the file at once, so the
 * file may be moved, emptied or left there at any moment. A run that was killed
 * just then leaves a cut line, which the next one takes away and counts.
 */

import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { systemReason } from '../../bytes/system-error.ts'
import { LineBuffer } from './line-buffer.ts'
import { refuseOthers, unwritable } from './lines.ts'

const WAITING_BYTES_MAX = 16 << 20
/** Room for the events of a moment. */
const BYTES_AT_FIRST = 1 << 14
const PAUSE_MS_MIN = 250
const PAUSE_MS_MAX = 30_000
const LINE_END = 0x0a
/** A file is searched for the end of its last line in pieces of this size. */
const PIECE_BYTES = 1 << 16

export class LogFile {
  /** Lines that were given up, or left cut by an earlier run. */
  dropped = 0
  readonly #path: string
  #fd: number | null
  readonly #lines = new LineBuffer(BYTES_AT_FIRST)
  /** Lines that could not be written yet: they come first. Only on standard output and in what is no file may they begin inside a line. */
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
      this.#fd = this.#open()
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
      this.#fd ??= this.#open()
      if (this.#rest.length === 0 && this.#lines.length > 0) this.#rest = this.#lines.take()
      this.#writeRest(this.#fd)
      this.#trouble = ''
      this.#pauseMs = PAUSE_MS_MIN
      if (this.#lines.length > 0) this.#writeOut()
    } catch (error) {
      this.#trouble = systemReason(error)
      this.#notBeforeMs = performance.now() + this.#pauseMs
      this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX)
    }
  }

  /** Throws when not all of it can be written; then the file ends with the last line that could. */
  #writeRest(fd: number): void {
    const lines = this.#rest
    let written = 0
    try {
      while (written < lines.length) written += writeSync(fd, lines, written)
    } catch (error) {
      const whole = lines.subarray(0, written).lastIndexOf(LINE_END) + 1
      if (written > whole && this.#path !== '-' && shorten(fd, written - whole)) written = whole
      throw error
    } finally {
      this.#rest = lines.subarray(written)
    }
  }

  #open(): number {
    if (this.#path === '-') return 1
    const fd = openSync(this.#path, 'a')
    const cut = cutLineBytes(this.#path)
    if (cut > 0 && shorten(fd, cut)) this.dropped++
    return fd
  }

  #closeFile(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
  }
}

/** Takes the last `bytes` of a file, open for appending, away; false when it is a pipe or a device. */
function shorten(fd: number, bytes: number): boolean {
  try {
    const status = fstatSync(fd)
    if (!status.isFile()) return false
    ftruncateSync(fd, status.size - bytes)
    return true
  } catch {
    return false
  }
}

/** How many bytes come after the last end of a line; 0 for what is no file, or cannot be read. */
function cutLineBytes(path: string): number {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const { size } = fstatSync(fd)
      const piece = Buffer.alloc(PIECE_BYTES)
      for (let end = size; end > 0; ) {
        const start = Math.max(0, end - PIECE_BYTES)
        const at = piece.subarray(0, readSync(fd, piece, 0, end - start, start)).lastIndexOf(LINE_END)
        if (at !== -1) return size - (start + at + 1)
        end = start
      }
      return size
    } finally {
      closeSync(fd)
    }
  } catch {
    return 0
  }
}
