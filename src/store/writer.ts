/** Writes a batch of alerts in one transaction, and says what that changed. */

import type { Database, Statement } from 'better-sqlite3'
import type { Alert } from '../events/alert.ts'
import type { AlertUpdate, Batch } from '../events/batch.ts'
import type { CoverTest } from '../events/exemption.ts'
import { type AuditLog, SENSOR } from './audit.ts'
import { ContactBook } from './contacts.ts'
import { mergeAlerts } from './merge.ts'
import * as sql from './queries.ts'
import { type AlertRow, fromRow, type StoredAlertRow, toRow } from './record.ts'
import { asCovered } from './states.ts'

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
  readonly #audit: AuditLog
  readonly #transaction: { immediate(batch: Batch, covers: CoverTest | null): Written }

  constructor(db: Database, audit: AuditLog) {
    this.#audit = audit
    this.#byId = db.prepare(sql.ALERT_BY_ID)
    this.#insert = db.prepare(sql.INSERT_ALERT)
    this.#update = db.prepare(sql.UPDATE_ALERT)
    this.#contacts = new ContactBook(db)
    this.#transaction = db.transaction((batch: Batch, covers: CoverTest | null) => this.#write(batch, covers))
  }

  /**
   * All of the batch, or none of it when this throws.
   * @param covers is asked inside the transaction, so an exemption counts from the moment it is on record; without it
   * states stay as they are
   */
  write(batch: Batch, covers: CoverTest | null): Written {
    return this.#transaction.immediate(batch, covers)
  }

  #write(batch: Batch, covers: CoverTest | null): Written {
    const before = new Map<string, Alert | null>()
    for (const update of batch.alerts) {
      const stored = this.#stored(update.alert.id)
      if (!before.has(update.alert.id)) before.set(update.alert.id, stored?.alert ?? null)
      if (stored === null) this.#add(update, covers)
      else this.#tellAgain(stored, update, covers)
    }
    const written: Written = { added: [], changed: [] }
    for (const [id, old] of before) {
      const { alert } = this.#stored(id)!
      if (old === null) written.added.push(alert)
      else if (JSON.stringify(old) !== JSON.stringify(alert)) written.changed.push(alert)
    }
    return written
  }

  #add({ alert: arrived, final }: AlertUpdate, covers: CoverTest | null): void {
    const alert = covers === null ? arrived : asCovered(arrived, covers)
    const row = toRow(alert, final, 0) // refuses a broken alert before its contact exists
    row.contact = this.#contacts.place(arrived, null, alert)
    this.#insert.run(row)
  }

  #tellAgain(stored: AlertUpdate, arrived: AlertUpdate, covers: CoverTest | null): void {
    const merged = mergeAlerts(stored, arrived)
    if (covers !== null) merged.alert = judgedAnew(stored.alert, merged.alert, covers)
    // A replay of known traffic ends here; it writes nothing.
    const isNews = merged.final !== stored.final || JSON.stringify(merged.alert) !== JSON.stringify(stored.alert)
    if (!isNews && arrived.alert.contact === stored.alert.contact) return
    const contact = this.#contacts.place(arrived.alert, stored.alert, merged.alert)
    if (!isNews) return
    this.#update.run(toRow(merged.alert, merged.final, contact))
    if (stored.alert.state === 'exempt' && merged.alert.state !== 'exempt') this.#noteOutgrown(stored.alert)
  }

  #noteOutgrown({ id, exemption }: Alert): void {
    const before = { state: 'exempt', exemption }
    const after = { state: 'new', exemption: null }
    const note = `goes beyond exemption ${exemption}`
    this.#audit.add({ action: 'alert.state', subject: id, before, after }, { ...SENSOR, note })
  }

  #stored(id: string): AlertUpdate | null {
    const row = this.#byId.get(id)
    return row === undefined ? null : { alert: fromRow(row), final: row.final === 1 }
  }
}

/**
 * What is known more may make an exemption fit (a name is learned) or end its fitting (it goes on after the end). An
 * alert that is new although it was covered before, too, was reopened by somebody: it stays so.
 */
function judgedAnew(stored: Alert, merged: Alert, covers: CoverTest): Alert {
  return stored.state === 'new' && covers(stored) !== null ? merged : asCovered(merged, covers)
}
