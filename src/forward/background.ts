/** Forwards beside a sensor, in a thread of its own, until it is stopped. */

import { Worker } from 'node:worker_threads'
import type { Product } from '../outputs/format/alert-formats.ts'
import type { Destination } from './destination.ts'

/** What the thread is given. */
export interface ForwardJob {
  /** The database. */
  path: string
  destinations: readonly Destination[]
  product: Product
}

/** What the thread says. */
export interface ForwardSaying {
  level: 'info' | 'warn' | 'error'
  text: string
}

export interface BackgroundOptions extends ForwardJob {
  say: (level: ForwardSaying['level'], text: string) => void
  /** For tests: another file to run in the thread. */
  worker?: URL
}

/** A portion, and what is made of it, takes a tenth of this. */
const WORKER_MB = 256
/** A thread that ended by itself is started again after this time. */
const RESTART_MS = 10_000
/** One that does not end is ended: what it has sent and not marked is sent again by the next. */
const STOP_MS = 3000
const WORKER = new URL('./forward-worker.js', import.meta.url)

export class BackgroundForwarding {
  readonly #options: BackgroundOptions
  #thread: Worker | null = null
  #restart: NodeJS.Timeout | undefined
  #isStopping = false

  constructor(options: BackgroundOptions) {
    this.#options = options
    this.#start()
  }

  /** Lets it send what was stored last, unless that takes long, and ends it. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#restart)
    const thread = this.#thread
    if (thread === null) return
    const ended = new Promise((resolve) => thread.once('exit', resolve))
    thread.postMessage('stop')
    const late = setTimeout(() => void thread.terminate(), STOP_MS)
    await ended
    clearTimeout(late)
  }

  #start(): void {
    const { say, worker = WORKER, path, destinations, product } = this.#options
    const workerData: ForwardJob = { path, destinations, product }
    const thread = new Worker(worker, { workerData, resourceLimits: { maxOldGenerationSizeMb: WORKER_MB } })
    this.#thread = thread
    thread.on('message', ({ level, text }: ForwardSaying) => say(level, text))
    thread.on('error', (error) => {
      const isOurs = error.name !== 'StoreError'
      say(
        'error',
        `nothing is forwarded: ${isOurs ? `a failure of ours, please report it: ${error.stack}` : error.message}`,
      )
    })
    thread.once('exit', () => {
      this.#thread = null
      if (!this.#isStopping) this.#restart = setTimeout(() => this.#start(), RESTART_MS)
    })
  }
}
