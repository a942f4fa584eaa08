/** The log of what people changed: who, when (wall clock), what, before and after. Entries are only ever added. */

import type { Database, Statement } from 'better-sqlite3'
import { rfc3339 } from '../bytes/time.ts'
import type { AuditPage, AuditQuery } from '../events/api.ts'
import type { AuditAction, AuditEntry } from '../events/exemption.ts'
import * as sql from './queries.ts'

/** Entries of a page when the question does not say. */
const PAGE_ROWS = 200

/** Who changes something. */
export interface Author {
  /** As they named themselves, or the name of their account. */
  who: string
  /** From where: `command line`, `page at 127.0.0.1`, `sensor`. */
  via: string
  note: string
}

/** Packets change something: an alert outgrows its exemption. */
export const SENSOR: Author = { who: 'sensor', via: 'sensor', note: '' }

export interface Change {
  action: AuditAction
  subject: string
  before: unknown
  after: unknown
}

interface AuditRow {
  number: number
  at_us: number
  who: string
  via: string
  action: string
  subject: string
  note: string
  before: string
  after: string
}

export class AuditLog {
  readonly #db: Database
  readonly #insert: Statement<[Omit<AuditRow, 'number'>]>
  readonly #last: Statement<[], number>

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.prepare(sql.INSERT_AUDIT)
    this.#last = db.prepare<[], number>(sql.LAST_AUDIT).pluck()
  }

  /** The number of the last entry: whoever remembers it knows whether an exemption was changed since. */
  get mark(): number {
    return this.#last.get()!
  }

  /** Adds an entry, inside the transaction of the change. */
  add({ action, subject, before, after }: Change, { who, via, note }: Author): void {
    const values = { before: JSON.stringify(before), after: JSON.stringify(after) }
    this.#insert.run({ at_us: Date.now() * 1000, who, via, action, subject, note, ...values })
  }

  /** A page of entries, newest first; of one exemption or alert where `subject` names it. */
  entries({ subject, limit = PAGE_ROWS, offset = 0 }: AuditQuery): AuditPage {
    const where = subject === undefined ? '' : 'WHERE subject = @subject'
    const values = { subject, limit, offset }
    const total = this.#db.prepare<[object], number>(`${sql.COUNT_AUDIT} ${where}`).pluck().get(values)!
    const rows = this.#db.prepare<[object], AuditRow>(`${sql.SELECT_AUDIT} ${where} ${sql.AUDIT_NEWEST_FIRST}`)
    return { entries: rows.all(values).map(entryOf), total }
  }
}

function entryOf({ at_us, before, after, action, ...row }: AuditRow): AuditEntry {
  const { number, who, via, subject, note } = row
  return {
    number,
    at: rfc3339(at_us),
    who,
    via,
    action: action as AuditAction,
    subject,
    note,
    before: JSON.parse(before),
    after: JSON.parse(after),
  }
}
