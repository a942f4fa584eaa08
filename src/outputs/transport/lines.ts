/**
 * Lines of text to a file or to standard output, with back-pressure: lines are
 * collected, and `flush` waits until the other side has taken them.
 *
 * A reader of standard output that goes away (`| head`) is not an error: the
 * rest is dropped in silence, and the work goes on for its other outputs.
 */

import { closeSync, createWriteStream, openSync, readSync, statSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { systemReason } from '../../bytes/system-error.ts'
import { LineBuffer } from './line-buffer.ts'

/** A file cannot be written; the message says which, why, and what to do. */
export class OutputError extends Error {
  override name = 'OutputError'
}

const CHUNK_BYTES = 1 << 18
/** What every event begins with (format/eve.ts). */
const EVENT_BEGIN = '{"timestamp":'

export class LineWriter {
  readonly #path: string
  readonly #stream: Writable
  readonly #isStdout: boolean
  readonly #pending = new LineBuffer(CHUNK_BYTES)
  /** The chunk before this one, on its way. */
  #writing: Promise<void> = Promise.resolve()
  #gone = false
  #failure: Error | undefined

  /**
   * @param path a file, made, or overwritten where it holds events; `-` is standard output
   * Throws OutputError when it cannot be opened, or holds something else.
   */
  constructor(path: string) {
    refuseOthers(path)
    this.#isStdout = path === '-'
    this.#stream = this.#isStdout ? process.stdout : createWriteStream(path, { fd: openFile(path) })
    this.#path = path
    this.#stream.on('error', (error) => this.#fail(error))
  }

  /** Takes a line without its end. @param line ASCII; bytes are copied */
  write(line: string | Uint8Array): void {
    if (!this.#gone) this.#pending.add(line)
  }

  /** Writes out what has collected, if it is enough to be worth it. Rejects with OutputError when the file cannot be written. */
  async flush(): Promise<void> {
    if (this.#pending.length >= CHUNK_BYTES >> 1) await this.#writeOut()
  }

  /** Writes out all that is left and closes the file. Rejects with OutputError when it cannot be written. */
  async close(): Promise<void> {
    await this.#writeOut()
    await this.#written()
    if (this.#isStdout || this.#gone) return
    this.#stream.end()
    await finished(this.#stream).catch((error) => this.#fail(error))
    if (this.#failure) throw this.#failure
  }

  /** Waits for the chunk before, so that no more than two are ever held, and begins to write this one. */
  async #writeOut(): Promise<void> {
    const chunk = this.#pending.take()
    await this.#written()
    if (chunk.length === 0 || this.#gone) return
    this.#writing = new Promise((resolve) => {
      this.#stream.write(chunk, (error) => {
        if (error) this.#fail(error)
        resolve()
      })
    })
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#gone = true
    if (error.code === 'EPIPE') return
    this.#failure ??= new OutputError(
      `${this.#path}: writing failed: ${systemReason(error)}; mend that or name another place, and run it again`,
    )
  }

  async #written(): Promise<void> {
    await this.#writing
    if (this.#failure) throw this.#failure
  }
}

/**
 * Throws OutputError when the file at `path` begins with anything but an event: who gives the capture's name in the place
 * of the output's shall not lose the capture. What cannot be looked at is told when it is opened.
 */
export function refuseOthers(path: string): void {
  // a shorter file may hold the first bytes of one: a full disk, or a kill, ends a file anywhere
  if (path === '-' || EVENT_BEGIN.startsWith(beginning(path, EVENT_BEGIN.length))) return
  throw new OutputError(
    `${path}: is left as it is, because it holds something else than events; name another file for them, or remove it`,
  )
}

/** The first bytes of a file, as text. Empty where there is none, as in a file that is yet to be made, or none to be seen. */
export function beginning(path: string, bytes: number): string {
  try {
    if (!statSync(path).isFile()) return ''
    const fd = openSync(path, 'r')
    try {
      const head = Buffer.alloc(bytes)
      return head.toString('latin1', 0, readSync(fd, head))
    } finally {
      closeSync(fd)
    }
  } catch {
    return ''
  }
}

/** The failure to open `path` for writing. */
export function unwritable(path: string, error: unknown): OutputError {
  const reason = systemReason(error)
  return new OutputError(`${path}: cannot be written: ${reason}; name a file in a folder that exists and is yours`)
}

function openFile(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (error) {
    throw unwritable(path, error)
  }
}
