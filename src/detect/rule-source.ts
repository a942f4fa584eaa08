/**
 * Rules that can be read again while a sensor runs: on demand, and when a file
 * of their folders changes. Reading and compiling happen in a thread of their
 * own, so packets do not wait; what comes back is a whole new set, ready for
 * use, or the words that say why there is none, and then the old one stays.
 */

import { type FSWatcher, statSync, watch } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { PublishedRules } from '../events/rules.ts'
import type { CompiledRules } from './compile.ts'
import type { RuleChange, RuleList } from './rule-change.ts'

/** An editor writes a file in several steps, and a deployment several files. */
const QUIET_MS = 500
/** How often it is looked whether a folder was replaced: what watches the old one hears nothing of the new one. */
const LOOK_MS = 5000
/** A pack that takes more is nobody's: the sensor's own memory is not touched by it. */
const WORKER_MB = 2048

export interface RuleJob {
  folder: string
  site: string | undefined
  before: RuleList
  isPublished: boolean
}

/** A whole new set, and all that is made of it. */
export interface FreshRules {
  rules: CompiledRules
  change: RuleChange
  /** What the server shows of them; null unless it was asked for. */
  published: PublishedRules | null
}

export type RuleNews = (FreshRules & { warnings: string[] }) | { problem: string }

export interface RuleSourceOptions {
  folder: string
  /** Folder with what a site adds and changes. */
  site?: string | undefined
  /** The rules that are in use now. */
  current: CompiledRules
  /** Whether what the server shows of the rules is wanted, too. */
  isPublished?: boolean
  /** Takes the new set; from then on it is the one in use. */
  onRules: (fresh: FreshRules) => void
  /** The rules in use stay; `message` says why, line by line, safe for a terminal. */
  onProblem: (message: string) => void
  /** What does no harm, but is not what somebody meant. */
  onWarning: (message: string) => void
  /** For tests: another file to run in the thread, and other times. */
  worker?: URL
  quietMs?: number
  lookMs?: number
}

interface WatchedFolder {
  path: string
  /** Which folder is at `path`; empty when there is none. */
  identity: string
  watcher: FSWatcher | null
}

export class RuleSource {
  readonly #options: RuleSourceOptions
  #folders: WatchedFolder[] = []
  #current: CompiledRules
  #timer: NodeJS.Timeout | undefined
  #looking: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #isAskedAgain = false
  #isClosed = false

  constructor(options: RuleSourceOptions) {
    this.#options = options
    this.#current = options.current
  }

  /**
   * Reads the rules again. Never rejects. Only one reading runs at a time: who asks meanwhile waits for one more, which
   * sees everything that was there when he asked.
   */
  reload(): Promise<void> {
    if (this.#running) this.#isAskedAgain = true
    this.#running ??= this.#reloadAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** From now on reads again when something in the folders has changed, or they were replaced, and then was quiet. */
  watch(): void {
    const { folder, site, lookMs = LOOK_MS } = this.#options
    const paths = site === undefined ? [folder] : [folder, site]
    this.#folders = paths.map((path) => ({ path, identity: identityOf(path), watcher: null }))
    for (const watched of this.#folders) this.#watchFolder(watched)
    this.#looking = setInterval(() => this.#look(), lookMs).unref()
  }

  #watchFolder(watched: WatchedFolder): void {
    const { onWarning } = this.#options
    const { path } = watched
    try {
      const watcher = watch(path, { persistent: false }, () => this.#readSoon())
      watcher.on('error', (error) => onWarning(`changes of ${path} are not seen any more: ${error.message}`))
      watched.watcher = watcher
    } catch (error) {
      onWarning(`changes of ${path} are not seen: ${(error as Error).message}`)
    }
  }

  #readSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.reload(), this.#options.quietMs ?? QUIET_MS).unref()
  }

  /** Folders that were replaced, by a rename or where a link leads, are watched instead. */
  #look(): void {
    for (const watched of this.#folders) {
      const identity = identityOf(watched.path)
      if (identity === watched.identity) continue
      watched.identity = identity
      watched.watcher?.close()
      watched.watcher = null
      if (identity === '') continue // whoever takes it away most likely puts another one there
      this.#watchFolder(watched)
      this.#readSoon()
    }
  }

  /** Ends watching; what is being read is not handed over any more. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    clearInterval(this.#looking)
    for (const { watcher } of this.#folders) watcher?.close()
  }

  async #reloadAll(): Promise<void> {
    do {
      this.#isAskedAgain = false
      await this.#reloadOnce()
    } while (this.#isAskedAgain && !this.#isClosed)
  }

  async #reloadOnce(): Promise<void> {
    const { onRules, onProblem, onWarning } = this.#options
    let news: RuleNews
    try {
      news = await this.#read()
    } catch (error) {
      news = { problem: `the rules could not be read: ${error instanceof Error ? error.message : String(error)}` }
    }
    if (this.#isClosed) return
    if ('problem' in news) {
      onProblem(news.problem)
      return
    }
    const { warnings, ...fresh } = news
    for (const warning of warnings) onWarning(warning)
    this.#current = fresh.rules
    onRules(fresh)
  }

  #read(): Promise<RuleNews> {
    const { folder, site, isPublished = false, worker = WORKER } = this.#options
    const { heads, entries } = this.#current
    const workerData: RuleJob = { folder, site, before: { heads, entries }, isPublished }
    return new Promise((resolve, reject) => {
      const thread = new Worker(worker, { workerData, resourceLimits: { maxOldGenerationSizeMb: WORKER_MB } })
      thread.once('message', resolve)
      thread.once('error', reject)
      thread.once('exit', () => reject(new Error('the thread that reads them has ended')))
      thread.unref()
    })
  }
}

/** Which folder is at `path`: a number may be given again, a moment of birth is not. Empty when there is none. */
function identityOf(path: string): string {
  try {
    const { dev, ino, birthtimeMs } = statSync(path)
    return `${dev} ${ino} ${birthtimeMs}`
  } catch {
    return ''
  }
}

const WORKER = new URL('./rule-worker.js', import.meta.url)
