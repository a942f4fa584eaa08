/**
 * What is said to people, on standard error: messages, and on a terminal a
 * progress bar with rate and time left.
 */

import { createRequire } from 'node:module'
import type { SingleBar } from 'cli-progress'
import type { Progress } from '../events/batch.ts'

const MB = 1e6

export class Console {
  readonly #quiet: boolean
  #bar: SingleBar | undefined
  #lastMs = 0
  #lastPackets = 0

  /** @param quiet only errors are said */
  constructor(options: { quiet: boolean }) {
    this.#quiet = options.quiet
  }

  /** Says something that is not an error. */
  say(text: string): void {
    if (!this.#quiet) process.stderr.write(`${text}\n`)
  }

  /** Says an error; the progress bar makes room for it. */
  error(text: string): void {
    if (this.#bar) process.stderr.write('\r\x1b[K')
    process.stderr.write(`seekwatch: ${text}\n`)
  }

  /** Moves the bar; does nothing where nobody looks at a terminal. */
  progress({ bytes_done, bytes, packets, files_done, files, done }: Progress): void {
    if (this.#quiet || !process.stderr.isTTY || bytes === 0) return
    this.#bar ??= startBar(bytes)
    const nowMs = performance.now()
    const rate = (packets - this.#lastPackets) / Math.max(nowMs - this.#lastMs, 1) / 1000
    this.#lastMs = nowMs
    this.#lastPackets = packets
    this.#bar.update(Math.min(bytes_done, bytes) / MB, {
      rate: rate.toFixed(2),
      file: Math.min(files_done + 1, files),
      files,
    })
    if (done) this.endProgress()
  }

  /** Takes the bar away. */
  endProgress(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

function startBar(bytes: number): SingleBar {
  // loaded here, because most runs have no terminal and start a tenth sooner without it
  const progress: typeof import('cli-progress') = createRequire(import.meta.url)('cli-progress')
  const bar = new progress.SingleBar({
    format: '{bar} {percentage} %  {value}/{total} MB  file {file}/{files}  {rate} M packets/s  {eta_formatted} left',
    clearOnComplete: true,
    hideCursor: true,
    formatValue: (value, _options, kind) => (kind === 'value' || kind === 'total' ? value.toFixed(0) : String(value)),
  })
  bar.start(bytes / MB, 0, { rate: '0.00', file: 1, files: 1 })
  return bar
}
