/**
 * What an exemption that was added or ended does to alerts that are stored. It
 * may be all of a million, which takes a minute or two: it is done in portions,
 * each in a transaction of its own, and how far it has come is in the database.
 * So a sensor writes between two of them, and whoever is next goes on with what
 * a process left that was ended.
 *
 * What arrives meanwhile is judged as it comes, by the exemptions on record.
 */

import type { Database, Statement } from 'better-sqlite3'
import { microseconds } from '../bytes/time.ts'
import type { CoverTest, Exemption, ExemptionDraft } from '../events/exemption.ts'
import { addressRange } from './address-key.ts'
import type { Author } from './audit.ts'
import * as sql from './queries.ts'
import { fromRow, type StoredAlertRow } from './record.ts'
import type { AlertStates } from './states.ts'

/** Most alerts that a portion changes: they keep the database for a tenth of a second. */
const CHANGES_MAX = 500
/** Most alerts that it looks at, each a row that is read whole. */
const LOOKED_AT_MAX = 5000
/** Microseconds; what a date holds ends at 8.64e18. */
const BEHIND_ALL_TIMES = 9.2e18
const NO_ID = ''

interface ReviewRow {
  number: number
  exemption: string
  ended: number
  at: number
  at_id: string
  who: string
  via: string
  note: string
}

export class Reviews {
  readonly #db: Database
  readonly #states: AlertStates
  readonly #next: Statement<[], ReviewRow>
  readonly #hidden: Statement<[object], StoredAlertRow>
  readonly #goOn: Statement<[object]>
  readonly #finish: Statement<[number]>

  constructor(db: Database, states: AlertStates) {
    this.#db = db
    this.#states = states
    this.#next = db.prepare(sql.NEXT_REVIEW)
    this.#hidden = db.prepare(sql.ALERTS_OF_EXEMPTION)
    this.#goOn = db.prepare(sql.GO_ON_REVIEW)
    this.#finish = db.prepare(sql.FINISH_REVIEW)
  }

  /** Alerts of this exemption are to be judged: those that it hid where it was ended, else new ones inside its time. */
  begin(exemption: Exemption, isEnded: boolean, { who, via, note }: Author): void {
    const at = isEnded ? 0 : BEHIND_ALL_TIMES
    const row = { exemption: exemption.id, ended: Number(isEnded), at, at_id: NO_ID, who, via, note }
    this.#db.prepare<[object]>(sql.BEGIN_REVIEW).run(row)
  }

  /** Whether there is anything to go on with. */
  get isPending(): boolean {
    return this.#next.get() !== undefined
  }

  /**
   * Judges the next alerts, inside a transaction. Returns how many changed.
   * @param get the exemption with an id
   * @param covers of all exemptions on record
   */
  goOn(get: (id: string) => Exemption, covers: CoverTest): number {
    const room = { changes: CHANGES_MAX, looks: LOOKED_AT_MAX }
    for (let review = this.#next.get(); review && room.changes > 0 && room.looks > 0; review = this.#next.get())
      this.#portion(review, get(review.exemption), covers, room)
    return CHANGES_MAX - room.changes
  }

  #portion(review: ReviewRow, exemption: Exemption, covers: CoverTest, room: { changes: number; looks: number }): void {
    const { number, ended, at, at_id, who, via, note } = review
    const rows =
      ended === 1
        ? this.#hidden.iterate({ id: exemption.id, at })
        : alertsInside(this.#db, exemption, 'new', { at, at_id })
    const judged: Array<{ row: StoredAlertRow; exemption: string | null }> = []
    let last: StoredAlertRow | null = null
    // One after the other: SQLite does not write while it reads.
    for (const row of rows) {
      last = row
      const covering = covers(fromRow(row))?.id ?? null
      if (covering !== row.exemption) judged.push({ row, exemption: covering })
      if (--room.looks === 0 || judged.length === room.changes) break
    }
    const author = { who, via, note }
    for (const { row, exemption } of judged)
      this.#states.change(row, { state: exemption === null ? 'new' : 'exempt', exemption }, author)
    room.changes -= judged.length
    if (last === null || (room.looks > 0 && room.changes > 0)) this.#finish.run(number)
    else if (ended === 1) this.#goOn.run({ number, at: last.arrival, at_id })
    else this.#goOn.run({ number, at: last.first_seen, at_id: last.id })
  }
}

/**
 * Alerts inside the time, newest first, narrowed as far as an index can.
 * @param before where to go on
 */
export function alertsInside(
  db: Database,
  { start, end, scope }: ExemptionDraft,
  state: 'new' | 'any',
  before?: { at: number; at_id: string },
): IterableIterator<StoredAlertRow> {
  const { conditions, values } = insideOf({ start, end, scope }, state)
  if (before !== undefined) {
    conditions.push('(alerts.first_seen, alerts.id) < (@at, @at_id)')
    Object.assign(values, before)
  }
  const newestFirst = 'ORDER BY alerts.first_seen DESC, alerts.id DESC'
  return db
    .prepare<[object], StoredAlertRow>(
      `${sql.selectAlerts(sql.LISTED_ALERTS)} WHERE ${conditions.join(' AND ')} ${newestFirst}`,
    )
    .iterate(values)
}

/** How many of these alerts are new, where the index alone can tell; null where each has to be looked at. */
export function newInside(db: Database, draft: ExemptionDraft): number | null {
  const { client, category, everyone, ...others } = draft.scope
  const isClient = client === undefined ? everyone === true : addressRange(client) !== null
  if (!isClient || Object.keys(others).length > 0) return null
  const { conditions, values } = insideOf(draft, 'new')
  const text = `${sql.COUNT_ALERTS} ${sql.LISTED_ALERTS} WHERE ${conditions.join(' AND ')}`
  return db.prepare<[object], number>(text).pluck().get(values)!
}

function insideOf(
  { start, end, scope }: Pick<ExemptionDraft, 'start' | 'end' | 'scope'>,
  state: 'new' | 'any',
): { conditions: string[]; values: Record<string, string | number | Buffer> } {
  const conditions = ['alerts.first_seen >= @start', 'alerts.last_seen < @end']
  const values: Record<string, string | number | Buffer> = { start: microseconds(start), end: microseconds(end) }
  const range = scope.client === undefined ? null : addressRange(scope.client)
  if (range !== null) {
    conditions.push('alerts.client_key BETWEEN @low AND @high')
    Object.assign(values, range)
  }
  if (scope.rule !== undefined) {
    conditions.push('alerts.rule = @rule')
    values['rule'] = scope.rule
  }
  if (scope.category !== undefined) {
    conditions.push('alerts.category = @category')
    values['category'] = scope.category
  }
  if (state === 'new') conditions.push("alerts.state = 'new'")
  return { conditions, values }
}
