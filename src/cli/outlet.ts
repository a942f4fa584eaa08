/**
 * Where a run's batches go: the store, EVE, and whoever wants to know which
 * alerts are new. It collects while packets are read and writes when told to,
 * in one transaction.
 *
 * Alerts that an exemption of the store covers stay here: they are stored as
 * exempt and never forwarded. What was hidden once and is so no more is.
 *
 * A sensor that stays up must not end because the disk is full or another
 * process holds the database: with `patience` a failed write is tried again
 * after growing pauses, and what came meanwhile waits, within a bound.
 */

import { JsonWriter } from '../bytes/json-writer.ts'
import { coverTest } from '../detect/exemption.ts'
import type { Alert } from '../events/alert.ts'
import type { AlertUpdate, Batch } from '../events/batch.ts'
import { eveAlertLine, writeEve } from '../outputs/format/eve.ts'
import type { LineWriter } from '../outputs/transport/lines.ts'
import type { EventKind } from '../sensor/sensor.ts'
import { StoreError } from '../store/errors.ts'
import { ExemptionList } from '../store/exemption-list.ts'
import type { Store } from '../store/store.ts'

/** Freed alerts that are read at once. */
const FREED_ROWS = 1000
/** Most alerts that wait for the store; as many as can be open at once. */
const WAITING_MAX = 50_000
/** So many are written in one transaction after a pause. */
const PORTION = 2000
/** Contacts that are known to have been counted; more than can be open at once. */
const CONTACTS_MAX = 100_000
const PAUSE_MS_MIN = 250
const PAUSE_MS_MAX = 10_000

/** What a run that stays up wants to hear. */
export interface Patience {
  /** The store cannot be written. Told once, until it can be again. */
  onTrouble(reason: string): void
  /** The store was written again. @param lost alerts that were given up meanwhile */
  onRecovery(lost: number): void
}

export interface OutletOptions {
  store: Store
  /** Name of the sensor, for EVE. */
  sensor: string
  eve: Pick<LineWriter, 'write' | 'flush'> | null
  /** What goes to EVE. */
  events: ReadonlySet<EventKind | 'alert'>
  /** Alerts that are new in the store or changed there. */
  onAlerts: (alerts: Alert[]) => void
  /** When absent a store that cannot be written ends the run, and an alert goes to EVE once all of it is known. */
  patience?: Patience
}

export class Outlet {
  readonly #options: OutletOptions
  readonly #exemptions: ExemptionList
  readonly #json = new JsonWriter()
  #alerts: AlertUpdate[] = []
  /** Ids of the alerts that were forwarded since the last flush. */
  #forwarded = new Set<string>()
  #isForwarding = false
  /**
   * What comes was read before, by a run that was ended: its alerts are stored and were forwarded, unless that run did
   * not come to it.
   */
  isAgain = false
  /** Ids of alerts that came while `isAgain`, until it is known whether they are stored. */
  readonly #again = new Set<string>()
  /** Alerts that were new in the store. */
  added = 0
  /** Alerts that an exemption covered. */
  exempt = 0
  /** Contacts that alerts were told of. */
  contacts = 0
  /** Ids of the contacts of late, the latest last: one of them that goes on is no new one. */
  readonly #contactsOfLate = new Set<string>()
  /** Alerts that the store could not take and that did not fit in memory. */
  lost = 0
  #lostInTrouble = 0
  #isInTrouble = false
  #pauseMs = PAUSE_MS_MIN
  #notBeforeMs = 0
  /** What EVE was told of alerts that may still change: how sure, and whether the server answered. */
  readonly #told = new Map<string, string>()

  constructor(options: OutletOptions) {
    this.#options = options
    this.#exemptions = new ExemptionList(options.store, coverTest)
  }

  /** Takes what the sensor emits. */
  take({ observations, alerts }: Batch): void {
    const { eve, sensor } = this.#options
    if (eve && !this.isAgain) {
      for (const observation of observations) {
        this.#json.clear()
        writeEve(this.#json, observation, sensor)
        eve.write(this.#json.bytes)
      }
    }
    for (const update of alerts) {
      this.#alerts.push(update)
      this.#countContact(update.alert.contact)
      if (!this.#isNews(update)) continue
      if (this.isAgain) this.#again.add(update.alert.id)
      else if (this.#isCovered(update.alert)) this.exempt++
      else this.#forward(update.alert)
    }
  }

  /** Alerts that wait to be stored. */
  get waiting(): number {
    return this.#alerts.length
  }

  /**
   * Stores what has come. Rejects when the store or EVE cannot be written, unless there is patience: then it does
   * nothing while a pause lasts, except at the end.
   */
  async flush(atEnd = false): Promise<void> {
    if (atEnd) this.#notBeforeMs = 0
    if (performance.now() >= this.#notBeforeMs) this.#tryStore(() => this.#storeAll())
    await this.#options.eve?.flush()
    if (performance.now() >= this.#notBeforeMs) this.#tryStore(() => this.#markForwarded())
  }

  /**
   * Forwards the stored alerts that were exempt and are so no more, each once, whichever run stored them. Call it
   * after `flush`. Rejects when the store or EVE cannot be written.
   */
  async forwardFreed(): Promise<void> {
    const { store, eve, events } = this.#options
    if (eve === null || !events.has('alert') || this.#isForwarding) return
    // while EVE takes its time the next call must not find the same ones
    this.#isForwarding = true
    try {
      for (let freed = store.freedAlerts(FREED_ROWS); freed.length > 0; freed = store.freedAlerts(FREED_ROWS)) {
        for (const alert of freed) eve.write(eveAlertLine(alert))
        await eve.flush()
        store.setForwarded(freed.map(({ id }) => id))
      }
    } finally {
      this.#isForwarding = false
    }
  }

  #countContact(id: string): void {
    if (!this.#contactsOfLate.delete(id)) this.contacts++
    this.#contactsOfLate.add(id)
    if (this.#contactsOfLate.size > CONTACTS_MAX) this.#contactsOfLate.delete(this.#contactsOfLate.keys().next().value!)
  }

  #storeAll(): void {
    const { store, patience, onAlerts } = this.#options
    while (this.#alerts.length > 0) {
      const portion = patience ? this.#alerts.slice(0, PORTION) : this.#alerts
      const { added, changed } = store.write({ observations: [], alerts: portion }, this.#exemptions.covering)
      this.#alerts = this.#alerts.slice(portion.length)
      this.added += added.length
      for (const alert of added) if (this.#again.has(alert.id) && alert.state !== 'exempt') this.#forward(alert)
      if (added.length + changed.length > 0) onAlerts([...added, ...changed])
      this.#recover()
    }
    this.#again.clear()
  }

  /** What this run forwarded need not be forwarded again when it is freed. */
  #markForwarded(): void {
    if (this.#forwarded.size === 0) return
    const { store } = this.#options
    // seen again by this run, and so forwarded already
    const twice = store.freedAlerts(FREED_ROWS).filter(({ id }) => this.#forwarded.has(id))
    if (twice.length > 0) store.setForwarded(twice.map(({ id }) => id))
    this.#forwarded.clear()
  }

  #tryStore(work: () => void): void {
    try {
      work()
    } catch (error) {
      const { patience } = this.#options
      if (!(error instanceof StoreError) || !patience) throw error
      this.#wait(error.message, patience)
    }
  }

  #wait(reason: string, patience: Patience): void {
    this.#notBeforeMs = performance.now() + this.#pauseMs
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX)
    // an alert is told as it is now: the newest word on it is all that counts
    const newest = new Map(this.#alerts.map((update) => [update.alert.id, update]))
    this.#alerts = [...newest.values()].slice(0, WAITING_MAX)
    this.#lostInTrouble += newest.size - this.#alerts.length
    if (!this.#isInTrouble) patience.onTrouble(reason)
    this.#isInTrouble = true
  }

  #recover(): void {
    this.#pauseMs = PAUSE_MS_MIN
    if (!this.#isInTrouble) return
    this.#isInTrouble = false
    this.lost += this.#lostInTrouble
    this.#options.patience?.onRecovery(this.#lostInTrouble)
    this.#lostInTrouble = 0
  }

  /**
   * In a replay nobody waits: an alert is forwarded once, when all of it is known. Live it is forwarded at once, and
   * once more at its end if by then we are surer or less sure of it.
   */
  #isNews({ alert, final }: AlertUpdate): boolean {
    if (!this.#options.patience) return final
    const told = this.#told.get(alert.id)
    const words = `${alert.confidence} ${alert.attempt}`
    if (final) this.#told.delete(alert.id)
    else if (told === undefined) this.#told.set(alert.id, words)
    return told === undefined || (final && told !== words)
  }

  #isCovered(alert: Alert): boolean {
    try {
      return this.#exemptions.covering(alert) !== null
    } catch (error) {
      if (!(error instanceof StoreError) || !this.#options.patience) throw error
      return false // rather told in vain than not told
    }
  }

  #forward(alert: Alert): void {
    const { eve, events } = this.#options
    if (eve === null || !events.has('alert')) return
    eve.write(eveAlertLine(alert))
    this.#forwarded.add(alert.id)
  }
}
