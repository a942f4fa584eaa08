/**
 * Compressed captures are decompressed by threads, some files ahead of the one
 * that is read: what the files give, and in which order, stays the same.
 *
 *   thread   source ──▶ pieces of 1 MiB ──▶ port ──▶ AheadSource   this thread
 *                 ◀── the same pieces, used up: leave to fill them again
 *
 * A piece is lent: it goes over without a copy, and comes back to be filled
 * again. A file has AHEAD_PIECES of them, and no more files are begun than one
 * for each thread beside the one that is read, so what waits has a bound.
 */

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { type Cause, SourceError } from './faults.ts'
import { type ByteSource, openSource } from './source.ts'

export const AHEAD_PIECES = 32
export const PIECE_BYTES = 1024 * 1024

/** A file for a thread. */
export interface AheadJob {
  path: string
  port: MessagePort
}

/** What comes from the thread, in order: pieces, then one of the others. */
export type AheadMessage =
  | { kind: 'piece'; bytes: Uint8Array; length: number; bytesRead: number }
  | { kind: 'end'; bytesRead: number }
  | { kind: 'failure'; cause: Cause; bytesRead: number }

const WORKER = new URL('./ahead-worker.js', import.meta.url)

export class ReadAhead {
  readonly #worker: URL
  readonly #threads: number
  /** Files that no thread has begun, in the order of reading. */
  readonly #waiting: string[]
  readonly #begun = new Map<string, AheadSource>()
  /** Each thread, and the file it is at. */
  readonly #workers = new Map<Worker, AheadSource | null>()
  #isClosed = false

  /**
   * @param paths compressed files, in the order in which they will be opened
   * @param threads at least 1
   * @param worker for tests, which run from the source
   */
  constructor(paths: readonly string[], threads: number, worker = WORKER) {
    this.#waiting = [...paths]
    this.#threads = threads
    this.#worker = worker
    this.#beginMore()
  }

  /** Opens the file at `path`: from its thread, or by itself if it is none of the files. Rejects as `openSource` does. */
  open(path: string, signal?: AbortSignal): Promise<ByteSource> {
    const source = this.#begun.get(path)
    return source ? Promise.resolve(source) : openSource(path, signal)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#workers.keys()].map((worker) => worker.terminate()))
  }

  #beginMore(): void {
    while (!this.#isClosed && this.#waiting.length > 0 && this.#begun.size <= this.#threads) {
      const worker = this.#idle()
      if (worker === undefined) return
      this.#begin(this.#waiting.shift()!, worker)
    }
  }

  /** A thread that has nothing to do; undefined when all are busy. */
  #idle(): Worker | undefined {
    for (const [worker, source] of this.#workers) if (source === null) return worker
    if (this.#workers.size === this.#threads) return undefined
    const worker = new Worker(this.#worker)
    this.#workers.set(worker, null)
    worker.on('error', (error) => {
      const source = this.#workers.get(worker)
      this.#workers.delete(worker)
      source?.fail(error)
      this.#beginMore()
    })
    return worker
  }

  #begin(path: string, worker: Worker): void {
    const { port1, port2 } = new MessageChannel()
    const source = new AheadSource(port1, {
      onRead: () => {
        if (this.#workers.has(worker)) this.#workers.set(worker, null)
        this.#beginMore()
      },
      onClosed: () => {
        this.#begun.delete(path)
        this.#beginMore()
      },
    })
    this.#begun.set(path, source)
    this.#workers.set(worker, source)
    const job: AheadJob = { path, port: port2 }
    worker.postMessage(job, [port2])
  }
}

interface AheadEvents {
  /** The thread is done with the file. */
  onRead(): void
  /** The reader is done with it. */
  onClosed(): void
}

class AheadSource implements ByteSource {
  bytesRead = 0
  readonly #port: MessagePort
  readonly #events: AheadEvents
  readonly #messages: AheadMessage[] = []
  #at = 0
  #isRead = false
  #isClosed = false
  #wake: () => void = () => {}

  constructor(port: MessagePort, events: AheadEvents) {
    this.#port = port
    this.#events = events
    port.on('message', (message: AheadMessage) => this.#take(message))
  }

  async read(into: Uint8Array, at: number, end: number): Promise<number> {
    while (this.#messages.length === 0) {
      if (this.#isClosed) return 0
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const message = this.#messages[0]!
    this.bytesRead = message.bytesRead
    if (message.kind === 'failure') throw new SourceError(message.cause.reason, message.cause.advice)
    if (message.kind === 'end') return 0
    const { bytes, length } = message
    const count = Math.min(length - this.#at, end - at)
    into.set(bytes.subarray(this.#at, this.#at + count), at)
    this.#at += count
    if (this.#at === length) {
      this.#at = 0
      this.#messages.shift()
      this.#port.postMessage(bytes, [bytes.buffer as ArrayBuffer])
    }
    return count
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#port.close() // the thread sees it, and leaves the file
    this.#read()
    this.#events.onClosed()
    this.#wake()
  }

  /** The thread has died. */
  fail(error: Error): void {
    const cause: Cause = {
      reason: `the thread that decompresses it has ended: ${error.message}`,
      advice: 'Try it with --jobs 1; if that works, please report it.',
    }
    if (!this.#isRead) this.#take({ kind: 'failure', cause, bytesRead: this.bytesRead })
  }

  #take(message: AheadMessage): void {
    this.#messages.push(message)
    if (message.kind !== 'piece') this.#read()
    this.#wake()
  }

  #read(): void {
    if (this.#isRead) return
    this.#isRead = true
    this.#events.onRead()
  }
}
