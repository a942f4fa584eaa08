/** Writes a batch of alerts in one transaction, and says what that changed. */

import type { Database, Statement } from 'better-sqlite3'
import type { Alert } from '../events/alert.ts'
import type { AlertUpdate, Batch } from '../events/batch.ts'
import { ContactBook } from './contacts.ts'
import { mergeAlerts } from './merge.ts'
import * as sql from './queries.ts'
import { type AlertRow, fromRow, type StoredAlertRow, toRow } from './record.ts'

/** Alerts as they are stored now, each once, in the order of the batch. */
export interface Written {
  added: Alert[]
  /** Known before, with other content now. An alert of another batch whose contact was merged is not among them. */
  changed: Alert[]
}

export class Writer {
  readonly #byId: Statement<[string], StoredAlertRow>
  readonly #insert: Statement<[AlertRow]>
  readonly #update: Statement<[AlertRow]>
  readonly #contacts: ContactBook
  readonly #transaction: { immediate(batch: Batch): Written }

  constructor(db: Database) {
    this.#byId = db.prepare(sql.ALERT_BY_ID)
    this.#insert = db.prepare(sql.INSERT_ALERT)
    this.#update = db.prepare(sql.UPDATE_ALERT)
    this.#contacts = new ContactBook(db)
    this.#transaction = db.transaction((batch: Batch) => this.#write(batch))
  }

  /** All of the batch, or none of it when this throws. */
  write(batch: Batch): Written {
    return this.#transaction.immediate(batch)
  }

  #write(batch: Batch): Written {
    const before = new Map<string, Alert | null>()
    for (const update of batch.alerts) {
      const stored = this.#stored(update.alert.id)
      if (!before.has(update.alert.id)) before.set(update.alert.id, stored?.alert ?? null)
      if (stored === null) this.#add(update)
      else this.#tellAgain(stored, update)
    }
    const written: Written = { added: [], changed: [] }
    for (const [id, old] of before) {
      const { alert } = this.#stored(id)!
      if (old === null) written.added.push(alert)
      else if (JSON.stringify(old) !== JSON.stringify(alert)) written.changed.push(alert)
    }
    return written
  }

  #add({ alert, final }: AlertUpdate): void {
    const row = toRow(alert, final, 0) // refuses a broken alert before its contact exists
    row.contact = this.#contacts.place(alert, null, alert)
    this.#insert.run(row)
  }

  #tellAgain(stored: AlertUpdate, arrived: AlertUpdate): void {
    const merged = mergeAlerts(stored, arrived)
    // A replay of known traffic ends here; it writes nothing.
    const isNews = merged.final !== stored.final || JSON.stringify(merged.alert) !== JSON.stringify(stored.alert)
    if (!isNews && arrived.alert.contact === stored.alert.contact) return
    const contact = this.#contacts.place(arrived.alert, stored.alert, merged.alert)
    if (isNews) this.#update.run(toRow(merged.alert, merged.final, contact))
  }

  #stored(id: string): AlertUpdate | null {
    const row = this.#byId.get(id)
    return row === undefined ? null : { alert: fromRow(row), final: row.final === 1 }
  }
}
