/**
 * What a sensor that stays up keeps on record every second: coverage, gaps and
 * that it is alive. While the database cannot be written it all waits, within
 * a bound, and is written when it can be. What is beyond the bound is counted
 * and told.
 */

import type { Logger } from 'pino'
import type { Gap as CaptureGap } from '../capture/live/live.ts'
import type { CoverageMeter } from '../sensor/coverage-meter.ts'
import type { Gap } from '../store/coverage.ts'
import { StoreError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import type { WatchedFile } from '../store/watched.ts'
import { counted } from './counted.ts'

/** Most gaps that wait for the database; beyond it the newest are given up. */
const WAITING_MAX = 1000
/** A sensor that was away for less than this was restarted, and missed next to nothing. */
const AWAY_US_MIN = 2e6

interface Entry {
  gap: Gap
  /** Its number in the store; null while it is not stored. */
  key: number | null
  /** Whether the store has what `gap` says. */
  isKept: boolean
}

/** How far the files of a folder are read, which is kept together with what was counted in them. */
export interface Progress {
  /** What changed since it was stored; null while alerts of what was read are not: then nothing is kept. */
  changed(): readonly WatchedFile[] | null
  /** It was stored. */
  stored(): void
}

const NO_FILES: Progress = { changed: () => [], stored: () => {} }

export class KeptRecord {
  /** Gaps since the start. */
  gaps = 0
  readonly #store: Store
  readonly #sensor: string
  readonly #meter: CoverageMeter
  readonly #log: Logger
  readonly #progress: Progress
  readonly #byGap = new Map<CaptureGap, Entry>()
  #entries: Entry[] = []
  #storeGap: Entry | null = null
  #trouble = ''
  #gapsLost = 0
  /** What was given up and has been said. */
  #said = { gaps: 0, hours: 0 }

  /** @param progress how far files are read; an interface has none */
  constructor(store: Store, sensor: string, meter: CoverageMeter, log: Logger, progress: Progress = NO_FILES) {
    this.#progress = progress
    this.#store = store
    this.#sensor = sensor
    this.#meter = meter
    this.#log = log
  }

  /** Why the database cannot be written; empty when it can. */
  get trouble(): string {
    return this.#storeGap?.gap.reason ?? this.#trouble
  }

  /** Gaps, and hours of interfaces, that were given up. */
  get lost(): number {
    return this.#gapsLost + this.#meter.lost
  }

  /** The run `id` begins: says how the one before ended, and puts the time between on record. Throws StoreError. */
  begin(id: string): void {
    const nowUs = Date.now() * 1000
    const last = this.#store.beginWatch(this.#sensor, id, nowUs)
    if (last === null || nowUs - last.aliveUs < AWAY_US_MIN) return
    const since = new Date(last.aliveUs / 1000).toISOString()
    const gap = { interface: '', fromUs: last.aliveUs, toUs: nowUs, alertsLost: 0 }
    if (last.ended) {
      this.#add({ ...gap, kind: 'off', reason: 'the sensor was not running' })
      this.#log.info(`nothing was watched from ${since} until now: the sensor was not running`)
    } else {
      this.#add({ ...gap, kind: 'killed', reason: 'the sensor was cut off' })
      this.#log.warn(
        `the sensor was cut off at ${since} or in the second after; from then until now nothing was watched`,
      )
    }
    this.keep()
  }

  /** A gap of live capture began or ended. */
  gap(gap: CaptureGap): void {
    const known = this.#byGap.get(gap)
    if (known === undefined) {
      const { device, kind, fromUs, toUs, reason } = gap
      const entry = this.#add({ interface: device, kind, fromUs, toUs, reason, alertsLost: 0 })
      if (toUs === null) this.#byGap.set(gap, entry)
    } else {
      known.gap.toUs = gap.toUs
      known.isKept = false
      this.#byGap.delete(gap)
    }
    this.keep()
  }

  openStoreGap(reason: string): void {
    const fromUs = Date.now() * 1000
    this.#storeGap ??= this.#add({ interface: '', kind: 'store', fromUs, toUs: null, reason, alertsLost: 0 })
  }

  closeStoreGap(alertsLost: number): void {
    if (this.#storeGap === null) return
    this.#storeGap.gap.toUs = Date.now() * 1000
    this.#storeGap.gap.alertsLost = alertsLost
    this.#storeGap.isKept = false
    this.#storeGap = null
    this.keep()
  }

  /** Writes what has collected. Never throws for the database's sake: it is tried again in a second. */
  keep(): void {
    try {
      const files = this.#progress.changed()
      if (files !== null) {
        this.#store.addCoverage(this.#sensor, this.#meter.waiting, Date.now() * 1000, files)
        this.#meter.forget()
        this.#progress.stored()
      }
      for (const entry of this.#entries) this.#keepEntry(entry)
      this.#entries = this.#entries.filter(({ gap, isKept }) => !isKept || gap.toUs === null)
      if (this.#trouble !== '') this.#log.warn('coverage is kept again')
      this.#trouble = ''
      if (files !== null) this.#sayLost()
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      if (this.#trouble === '') this.#log.error(`coverage waits: ${error.message}`)
      this.#trouble = error.message
    }
  }

  #sayLost(): void {
    const now = { gaps: this.#gapsLost, hours: this.#meter.lost }
    const gaps = now.gaps - this.#said.gaps
    const hours = now.hours - this.#said.hours
    if (gaps === 0 && hours === 0) return
    this.#said = now
    this.#log.warn(
      { gaps, hours },
      `${counted(gaps, 'gap')} and coverage of ${counted(hours, 'hour')} of an interface had to be given up: ` +
        `the database took nothing while more than ${WAITING_MAX} of them waited`,
    )
  }

  #keepEntry(entry: Entry): void {
    if (entry.isKept) return
    const { gap } = entry
    if (entry.key === null) entry.key = this.#store.addGap(this.#sensor, gap)
    else if (gap.toUs !== null) this.#store.endGap(entry.key, gap.toUs, gap.alertsLost)
    entry.isKept = true
  }

  #add(gap: Gap): Entry {
    this.gaps++
    const entry: Entry = { gap, key: null, isKept: false }
    if (this.#entries.length < WAITING_MAX) this.#entries.push(entry)
    else this.#gapsLost++
    return entry
  }
}
