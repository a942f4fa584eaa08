/**
 * Where a run's batches go: the store, EVE, and whoever wants to know which
 * alerts are new. It collects while packets are read and writes when told to,
 * in one transaction.
 */

import type { Alert } from '../events/alert.ts'
import type { AlertUpdate, Batch } from '../events/batch.ts'
import { eveAlertLine, eveLine } from '../outputs/format/eve.ts'
import type { LineWriter } from '../outputs/transport/lines.ts'
import type { EventKind } from '../sensor/sensor.ts'
import type { Store } from '../store/store.ts'

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
  #alerts: AlertUpdate[] = []
  /** Alerts that were new in the store. */
  added = 0
  /** Ids of the contacts that alerts were told of. */
  readonly contacts = new Set<string>()

  constructor(options: OutletOptions) {
    this.#options = options
  }

  /** Takes what the sensor emits. */
  take({ observations, alerts }: Batch): void {
    const { eve, events, sensor } = this.#options
    if (eve) {
      for (const observation of observations) eve.write(eveLine(observation, sensor))
      // in a replay nobody waits: an alert is written once, when all of it is known
      if (events.has('alert')) for (const { alert, final } of alerts) if (final) eve.write(eveAlertLine(alert))
    }
    for (const update of alerts) {
      this.#alerts.push(update)
      this.contacts.add(update.alert.contact)
    }
  }

  /** Stores what has come. Rejects when the store or EVE cannot be written. */
  async flush(): Promise<void> {
    const { store, eve, onAlerts } = this.#options
    if (this.#alerts.length > 0) {
      const { added, changed } = store.write({ observations: [], alerts: this.#alerts })
      this.#alerts = []
      this.added += added.length
      if (added.length + changed.length > 0) onAlerts([...added, ...changed])
    }
    await eve?.flush()
  }
}
