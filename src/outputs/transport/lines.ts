/**
 * Lines of text to a file or to standard output, with back-pressure: lines are
 * collected, and `flush` waits until the other side has taken them.
 *
 * A reader of standard output that goes away (`| head`) is not an error: the
 * rest is dropped in silence, and the work goes on for its other outputs.
 */

import { once } from 'node:events'
import { createWriteStream, openSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

/** A file cannot be written; the message says which, why, and what to do. */
export class OutputError extends Error {
  override name = 'OutputError'
}

const CHUNK_CHARS = 1 << 18

export class LineWriter {
  readonly #stream: Writable
  readonly #isStdout: boolean
  #pending = ''
  #gone = false
  #failure: Error | undefined

  /**
   * @param path a file, made or overwritten; `-` is standard output
   * Throws OutputError when it cannot be opened.
   */
  constructor(path: string) {
    this.#isStdout = path === '-'
    this.#stream = this.#isStdout ? process.stdout : createWriteStream(path, { fd: openFile(path) })
    this.#stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#gone = true
      if (error.code !== 'EPIPE') this.#failure ??= new OutputError(`${path}: writing failed: ${error.message}`)
    })
  }

  /** Takes a line without its end. */
  write(line: string): void {
    if (!this.#gone) this.#pending += `${line}\n`
  }

  /** Writes out what has collected, if it is enough to be worth it. Rejects with OutputError when the file cannot be written. */
  async flush(): Promise<void> {
    if (this.#pending.length >= CHUNK_CHARS) await this.#writeOut()
  }

  /** Writes out all that is left and closes the file. Rejects with OutputError when it cannot be written. */
  async close(): Promise<void> {
    await this.#writeOut()
    if (this.#isStdout || this.#gone) return
    this.#stream.end()
    await finished(this.#stream)
  }

  async #writeOut(): Promise<void> {
    if (this.#failure) throw this.#failure
    const text = this.#pending
    this.#pending = ''
    if (text === '' || this.#gone) return
    if (!this.#stream.write(text)) await Promise.race([once(this.#stream, 'drain'), once(this.#stream, 'close')])
    if (this.#failure) throw this.#failure
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw new OutputError(`${path}: cannot be written: ${cause}; name a file in a folder that exists and is yours`)
  }
}
