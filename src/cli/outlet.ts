/**
 * Where a run's batches go: the store, EVE, and whoever wants to know which
 * alerts are new. It collects while packets are read and writes when told to,
 * in one transaction.
 *
 * Alerts that an exemption of the store covers stay here: they are stored as
 * exempt and never forwarded. What was hidden once and is so no more is.
 */

import { coverTest } from '../detect/exemption.ts'
import type { Alert } from '../events/alert.ts'
import type { AlertUpdate, Batch } from '../events/batch.ts'
import { eveAlertLine, eveLine } from '../outputs/format/eve.ts'
import type { LineWriter } from '../outputs/transport/lines.ts'
import type { EventKind } from '../sensor/sensor.ts'
import { ExemptionList } from '../store/exemption-list.ts'
import type { Store } from '../store/store.ts'

/** Freed alerts that are read at once. */
const FREED_ROWS = 1000

export interface OutletOptions {
  store: Store
  /** Name of the sensor, for EVE. */
  sensor: string
  eve: Pick<LineWriter, 'write' | 'flush'> | null
  /** What goes to EVE. */
  events: ReadonlySet<EventKind | 'alert'>
  /** Alerts that are new in the store or changed there. */
  onAlerts: (alerts: Alert[]) => void
}

export class Outlet {
  readonly #options: OutletOptions
  readonly #exemptions: ExemptionList
  #alerts: AlertUpdate[] = []
  /** Ids of the alerts that were forwarded since the last flush. */
  #forwarded = new Set<string>()
  /** Alerts that were new in the store. */
  added = 0
  /** Alerts that an exemption covered. */
  exempt = 0
  /** Ids of the contacts that alerts were told of. */
  readonly contacts = new Set<string>()

  constructor(options: OutletOptions) {
    this.#options = options
    this.#exemptions = new ExemptionList(options.store, coverTest)
  }

  /** Takes what the sensor emits. */
  take({ observations, alerts }: Batch): void {
    const { eve, sensor } = this.#options
    if (eve) {
      for (const observation of observations) eve.write(eveLine(observation, sensor))
    }
    for (const update of alerts) {
      this.#alerts.push(update)
      this.contacts.add(update.alert.contact)
      // in a replay nobody waits: an alert is written once, when all of it is known
      if (!update.final) continue
      if (this.#exemptions.covering(update.alert) !== null) this.exempt++
      else this.#forward(update.alert)
    }
  }

  /** Stores what has come. Rejects when the store or EVE cannot be written. */
  async flush(): Promise<void> {
    const { store, eve, onAlerts } = this.#options
    if (this.#alerts.length > 0) {
      const { added, changed } = store.write({ observations: [], alerts: this.#alerts }, this.#exemptions.covering)
      this.#alerts = []
      this.added += added.length
      if (added.length + changed.length > 0) onAlerts([...added, ...changed])
    }
    await eve?.flush()
    if (this.#forwarded.size === 0) return
    // seen again by this run, and so forwarded already
    const twice = store.freedAlerts(FREED_ROWS).filter(({ id }) => this.#forwarded.has(id))
    if (twice.length > 0) store.setForwarded(twice.map(({ id }) => id))
    this.#forwarded.clear()
  }

  /**
   * Forwards the stored alerts that were exempt and are so no more, each once, whichever run stored them. Call it
   * after `flush`. Rejects when the store or EVE cannot be written.
   */
  async forwardFreed(): Promise<void> {
    const { store, eve, events } = this.#options
    if (eve === null || !events.has('alert')) return
    for (;;) {
      const freed = store.freedAlerts(FREED_ROWS)
      if (freed.length === 0) return
      for (const alert of freed) eve.write(eveAlertLine(alert))
      await eve.flush()
      store.setForwarded(freed.map(({ id }) => id))
    }
  }

  #forward(alert: Alert): void {
    const { eve, events } = this.#options
    if (eve === null || !events.has('alert')) return
    eve.write(eveAlertLine(alert))
    this.#forwarded.add(alert.id)
  }
}
