/**
 * The states of stored alerts. People set new, acknowledged, escalated and
 * closed; exemptions turn new into exempt, and back. What one of the two set,
 * the other never overwrites: an alert that somebody triaged stays as it was
 * left, and an exempt one is freed by ending its exemption.
 */

import type { Database, Statement } from 'better-sqlite3'
import type { Alert, State, TriageState } from '../events/alert.ts'
import type { CoverTest } from '../events/exemption.ts'
import type { AuditLog, Author } from './audit.ts'
import { QueryError } from './errors.ts'
import * as sql from './queries.ts'
import type { StoredAlertRow } from './record.ts'

/** What an alert is, in the words of the audit log. */
export interface Standing {
  state: State
  exemption: string | null
}

/** The row of an alert as far as its state goes. */
export type StandingRow = Pick<StoredAlertRow, 'id' | 'contact' | 'state' | 'exemption'>

/** Most alerts that one change may name. */
export const ALERTS_PER_CHANGE = 1000
/** Most alerts of contacts that one change may set: they are written in one transaction. */
const ALERTS_OF_CONTACTS_MAX = 100_000

export class AlertStates {
  readonly #audit: AuditLog
  readonly #byId: Statement<[string], StandingRow>
  readonly #ofContact: Statement<[{ contact: number; limit: number }], StandingRow>
  readonly #set: Statement<[object]>
  readonly #shift: Statement<[{ contact: number; shown: number }]>

  constructor(db: Database, audit: AuditLog) {
    this.#audit = audit
    this.#byId = db.prepare(sql.STANDING_BY_ID)
    this.#ofContact = db.prepare(sql.STANDINGS_OF_CONTACT)
    this.#set = db.prepare(sql.SET_STANDING)
    this.#shift = db.prepare(sql.SHIFT_CONTACT)
  }

  /** Gives an alert another standing and writes it down; a change of nothing is no change. Inside a transaction. */
  change(row: StandingRow, to: Standing, author: Author): boolean {
    const from: Standing = { state: row.state as State, exemption: row.exemption }
    if (from.state === to.state && from.exemption === to.exemption) return false
    const shown = Number(from.state === 'exempt') - Number(to.state === 'exempt')
    this.#set.run({ id: row.id, ...to, released: Number(shown > 0) })
    if (shown !== 0) this.#shift.run({ contact: row.contact, shown })
    this.#audit.add({ action: 'alert.state', subject: row.id, before: from, after: to }, author)
    return true
  }

  /**
   * Sets the state of alerts, all or none; a note alone, without a change, is written down too. Inside a transaction.
   * Throws QueryError for an id that is none, and for an exempt alert.
   * @param wholeContacts also the others of their contacts that are not exempt; of these, what somebody has escalated
   *   or closed is not put back to acknowledged
   * @returns how many alerts that is
   */
  triage(ids: readonly string[], state: TriageState, author: Author, wholeContacts: boolean): number {
    const named = new Set(ids)
    const contacts = new Set<number>()
    for (const id of named) {
      const row = this.#byId.get(id)
      if (row === undefined)
        throw new QueryError(`ids: there is no alert ${JSON.stringify(id)}; "seekwatch alerts" lists them`)
      if (row.state === 'exempt')
        throw new QueryError(
          `ids: alert ${id} is exempt (${row.exemption}); to see it as new again end that exemption, with a time before the alert if need be`,
        )
      contacts.add(row.contact)
      const standing: Standing = { state, exemption: null }
      const isChanged = this.change(row, standing, author)
      if (!isChanged && author.note !== '')
        this.#audit.add({ action: 'alert.state', subject: id, before: standing, after: standing }, author)
    }
    return named.size + (wholeContacts ? this.#triageOthers(contacts, named, state, author) : 0)
  }

  #triageOthers(contacts: Set<number>, named: Set<string>, state: TriageState, author: Author): number {
    const others: StandingRow[] = []
    for (const contact of contacts) {
      const rows = this.#ofContact.all({ contact, limit: ALERTS_OF_CONTACTS_MAX + 1 })
      for (const row of rows)
        if (!named.has(row.id) && (state !== 'acknowledged' || row.state === 'new')) others.push(row)
      if (others.length > ALERTS_OF_CONTACTS_MAX)
        throw new QueryError(`ids: these contacts have more than ${ALERTS_OF_CONTACTS_MAX} alerts; name fewer`)
    }
    for (const row of others) this.change(row, { state, exemption: null }, author)
    return others.length
  }
}

/** `alert` as exemptions have it: exempt where one covers it, new where none does. A state that people set stays. */
export function asCovered(alert: Alert, covers: CoverTest): Alert {
  if (alert.state !== 'new' && alert.state !== 'exempt') return alert
  const exemption = covers(alert)?.id
  if (exemption === alert.exemption && (exemption !== undefined) === (alert.state === 'exempt')) return alert
  const { exemption: _before, ...rest } = alert
  return exemption === undefined ? { ...rest, state: 'new' } : { ...rest, state: 'exempt', exemption }
}
