/**
 * What other systems are still to be told: the table `news` is the queue of all
 * of them, and each has a mark in it. SQL puts alerts there (schema/0007), in
 * the transaction that changes them, whoever does.
 */

import type { Database } from 'better-sqlite3'
import type { Alert } from '../events/alert.ts'
import type { ForwardState } from '../events/forward.ts'
import { explained, StoreError } from './errors.ts'
import * as sql from './queries.ts'
import { fromRow, type StoredAlertRow } from './record.ts'

export interface News {
  /** Where it stands in the queue; grows. */
  number: number
  alert: Alert
}

interface DestinationRow {
  name: string
  url: string
  mark: number
  sent: number
  doubtful: number
  since_us: number
  sent_us: number | null
  failing_us: number | null
  reason: string
}

export class OutgoingBook {
  readonly #path: string
  readonly #db: Database

  constructor(db: Database, path: string) {
    this.#db = db
    this.#path = path
  }

  /**
   * A destination goes on where it was. One that is not known yet begins with what comes from now on, or with all that
   * there is. Throws StoreError, as all of these do.
   * @returns how many alerts a new one is not told; null when it is known
   */
  begin(destination: { name: string; url: string }, fromStart: boolean): number | null {
    return this.#change(() => {
      const { name, url } = destination
      if (this.#row(name) !== undefined) {
        this.#db.prepare(sql.MOVE_DESTINATION).run({ name, url })
        return null
      }
      const mark = fromStart ? 0 : this.#number(sql.LAST_NEWS)
      this.#db.prepare(sql.INSERT_DESTINATION).run({ name, url, mark, now: Date.now() * 1000 })
      return fromStart ? 0 : this.#number(sql.COUNT_NEWS, 0)
    })
  }

  /** Up to which number a destination was told. Throws for one that is not on record: it would be told everything, again and again. */
  mark(name: string): number {
    const mark = explained(this.#path, () => this.#row(name)?.mark)
    if (mark === undefined)
      throw new StoreError(`${this.#path}: it holds no longer how far ${name} is: start again what forwards there`)
    return mark
  }

  /** The first `limit` pieces of news behind the mark `after`. */
  portion(after: number, limit: number): News[] {
    return explained(this.#path, () => {
      const rows = this.#db.prepare<[number, number], StoredAlertRow & { number: number }>(sql.NEWS_AFTER)
      return rows.all(after, limit).map((row) => ({ number: row.number, alert: fromRow(row) }))
    })
  }

  /** Up to `upTo` all has arrived, in `count` messages. */
  arrived(name: string, upTo: number, count: number, doubtful: number): void {
    this.#change(() => {
      this.#db.prepare(sql.ADVANCE_DESTINATION).run({ name, upTo, count, doubtful, now: Date.now() * 1000 })
    })
  }

  /** A destination takes nothing. */
  failed(name: string, reason: string): void {
    this.#change(() => {
      this.#db.prepare(sql.FAIL_DESTINATION).run({ name, reason, now: Date.now() * 1000 })
    })
  }

  /** Forgets a destination; false when it is not known. */
  forget(name: string): boolean {
    return this.#change(() => this.#db.prepare(sql.DELETE_DESTINATION).run(name).changes > 0)
  }

  /** All destinations, by name. */
  states(): ForwardState[] {
    return explained(this.#path, () =>
      this.#db
        .prepare<[], DestinationRow>(sql.DESTINATIONS)
        .all()
        .map(({ name, url, mark, ...figures }) => ({
          name,
          url,
          outstanding: this.#number(sql.COUNT_NEWS, mark),
          ...figures,
        })),
    )
  }

  #row(name: string): DestinationRow | undefined {
    return this.#db.prepare<[string], DestinationRow>(sql.DESTINATION_BY_NAME).get(name)
  }

  #number(text: string, ...values: number[]): number {
    return this.#db
      .prepare<number[], number>(text)
      .pluck()
      .get(...values)!
  }

  #change<T>(work: () => T): T {
    return explained(this.#path, () => this.#db.transaction(work).immediate())
  }
}
