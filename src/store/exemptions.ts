/**
 * Exemptions on record, and what a change of them does to alerts that are
 * stored already: adding one covers the new alerts inside its time, ending one
 * frees those that it should not have hidden (reviews.ts). Freed alerts are
 * marked, to be forwarded once.
 */

import { randomBytes } from 'node:crypto'
import type { Database, Statement } from 'better-sqlite3'
import { microseconds, rfc3339 } from '../bytes/time.ts'
import type { ExemptionView, Preview } from '../events/api.ts'
import type { CoverTestMaker, Exemption, ExemptionDraft, ExemptionScope, ExemptionStatus } from '../events/exemption.ts'
import type { AuditLog, Author } from './audit.ts'
import { QueryError } from './errors.ts'
import * as sql from './queries.ts'
import { fromRow } from './record.ts'
import { alertsInside, newInside, Reviews } from './reviews.ts'
import type { AlertStates } from './states.ts'

/** All of them are asked about each alert. */
const EXEMPTIONS_MAX = 10_000
/** A preview looks at this many alerts, newest first, and shows some of those that it finds. */
const PREVIEW_LOOKED_AT_MAX = 20_000
const PREVIEW_SHOWN_MAX = 1000

const SCOPE_KEYS = ['client', 'mac', 'name', 'everyone', 'rule', 'category', 'indicator', 'network'] as const

interface ExemptionRow {
  id: string
  kind: string
  reason: string
  owner: string
  ticket: string | null
  start_us: number
  end_us: number
  scope: string
  created_by: string
  created_us: number
}

export class ExemptionBook {
  readonly #db: Database
  readonly #audit: AuditLog
  readonly #reviews: Reviews
  readonly #all: Statement<[], ExemptionRow>
  readonly #byId: Statement<[string], ExemptionRow>

  constructor(db: Database, audit: AuditLog, states: AlertStates) {
    this.#db = db
    this.#audit = audit
    this.#reviews = new Reviews(db, states)
    this.#all = db.prepare(sql.ALL_EXEMPTIONS)
    this.#byId = db.prepare(sql.EXEMPTION_BY_ID)
  }

  /** The one made first comes first. */
  all(): Exemption[] {
    return this.#all.all().map(exemptionOf)
  }

  /** All of them as of `nowUs` (wall clock), with how many alerts each hides. */
  views(nowUs: number): ExemptionView[] {
    const counts = this.#db.prepare<[], { exemption: string; alerts: number }>(sql.ALERTS_BY_EXEMPTION).all()
    const alerts = new Map(counts.map((row) => [row.exemption, row.alerts]))
    return this.all().map((one) => ({ ...one, status: statusOf(one, nowUs), alerts: alerts.get(one.id) ?? 0 }))
  }

  /** The one with this id, or null. */
  get(id: string): Exemption | null {
    const row = this.#byId.get(id)
    return row === undefined ? null : exemptionOf(row)
  }

  /**
   * Puts exemptions on record and begins to cover what is stored. Inside a transaction.
   * @returns how many stored alerts it covered already; `goOn` covers the others
   * Throws QueryError when an id is taken, or there are too many.
   */
  put(added: readonly Exemption[], author: Author, make: CoverTestMaker): number {
    const insert = this.#db.prepare<[ExemptionRow]>(sql.INSERT_EXEMPTION)
    for (const exemption of added) {
      if (this.#byId.get(exemption.id) !== undefined)
        throw new QueryError(`id: there is an exemption ${exemption.id} already; leave the id out to get a new one`)
      insert.run(rowOf(exemption))
      this.#audit.add({ action: 'exemption.add', subject: exemption.id, before: null, after: exemption }, author)
    }
    const all = this.all()
    if (all.length > EXEMPTIONS_MAX)
      throw new QueryError(`there would be ${all.length} exemptions; ${EXEMPTIONS_MAX} are the most a database holds`)
    for (const exemption of added)
      this.#reviews.begin(exemption, false, { ...author, note: `covered by the new exemption ${exemption.id}` })
    return this.goOn(make)
  }

  /** Whether there are stored alerts that are still to be covered or freed. */
  get isPending(): boolean {
    return this.#reviews.isPending
  }

  /** Covers or frees the next of them, inside a transaction. Returns how many. */
  goOn(make: CoverTestMaker): number {
    return this.#reviews.goOn((id) => this.get(id)!, make(this.all()))
  }

  /**
   * Moves the end of an exemption to `endUs`, which may be in the past, and begins to free what is not covered any more.
   * Inside a transaction. Throws QueryError when there is none, or when that would make it longer.
   */
  end(
    id: string,
    endUs: number,
    author: Author,
    make: CoverTestMaker,
  ): { exemption: Exemption; freed: number; before: Exemption } {
    const row = this.#byId.get(id)
    if (row === undefined)
      throw new QueryError(`id: there is no exemption ${JSON.stringify(id)}; "seekwatch exempt list" lists them`)
    const before = exemptionOf(row)
    if (endUs > row.end_us)
      throw new QueryError(
        `at: the exemption ends at ${before.end} already; to go on longer is to be asked for anew: add another exemption`,
      )
    if (endUs < row.start_us)
      throw new QueryError(`at: is before its start; write ${before.start}, and it will have covered nothing`)
    const exemption: Exemption = { ...before, end: rfc3339(endUs) }
    if (endUs === row.end_us) return { exemption, freed: 0, before }
    this.#db.prepare(sql.END_EXEMPTION).run({ id, end_us: endUs })
    this.#audit.add({ action: 'exemption.end', subject: id, before, after: exemption }, author)
    this.#reviews.begin(exemption, true, { ...author, note: `freed by the end of exemption ${id}` })
    return { exemption, freed: this.goOn(make), before }
  }

  /** Which of the alerts first seen at or after `sinceUs` the draft's scope fits, whenever it starts and ends. */
  preview(
    draft: ExemptionDraft,
    sinceUs: number,
    make: CoverTestMaker,
    lookedAtMax: number = PREVIEW_LOOKED_AT_MAX,
  ): Preview {
    const unborn = { ...draft, id: '', created_by: '', created_at: draft.start }
    const always = { ...unborn, start: rfc3339(sinceUs), end: rfc3339(Number.MAX_SAFE_INTEGER) }
    const fits = make([always])
    const covers = make([unborn])
    const preview: Preview = { total: 0, clients: 0, now: 0, looked_at: 0, has_older: false, alerts: [] }
    const clients = new Set<string>()
    for (const row of alertsInside(this.#db, always, 'any')) {
      if (preview.looked_at === lookedAtMax) {
        preview.has_older = true
        break
      }
      preview.looked_at++
      const alert = fromRow(row)
      if (fits(alert) === null) continue
      preview.total++
      clients.add(alert.client.ip)
      if (preview.alerts.length < PREVIEW_SHOWN_MAX) preview.alerts.push(alert)
    }
    preview.clients = clients.size
    // its time may have begun long before the one that is asked about
    const counted = newInside(this.#db, draft)
    if (counted !== null) return { ...preview, now: counted }
    let looked = 0
    for (const row of alertsInside(this.#db, draft, 'new')) {
      if (looked++ === lookedAtMax) return { ...preview, has_older: true }
      if (covers(fromRow(row)) !== null) preview.now++
    }
    return preview
  }
}

/** A new exemption from a draft: `ex-` and 8 hex digits, short enough to be said on the telephone. */
export function newExemption(draft: ExemptionDraft, author: Author): Exemption {
  return {
    ...draft,
    id: `ex-${randomBytes(4).toString('hex')}`,
    created_by: author.who,
    created_at: rfc3339(Date.now() * 1000),
  }
}

function statusOf({ start, end }: Exemption, nowUs: number): ExemptionStatus {
  if (microseconds(end) <= nowUs) return 'ended'
  return microseconds(start) > nowUs ? 'planned' : 'active'
}

function rowOf(exemption: Exemption): ExemptionRow {
  const { id, kind, reason, owner, ticket, start, end, scope, created_by, created_at } = exemption
  return {
    id,
    kind,
    reason,
    owner,
    ticket: ticket ?? null,
    start_us: microseconds(start),
    end_us: microseconds(end),
    scope: JSON.stringify(scope, [...SCOPE_KEYS]),
    created_by,
    created_us: microseconds(created_at),
  }
}

function exemptionOf(row: ExemptionRow): Exemption {
  return {
    id: row.id,
    kind: row.kind as Exemption['kind'],
    reason: row.reason,
    owner: row.owner,
    ...(row.ticket === null ? {} : { ticket: row.ticket }),
    start: rfc3339(row.start_us),
    end: rfc3339(row.end_us),
    scope: JSON.parse(row.scope) as ExemptionScope,
    created_by: row.created_by,
    created_at: rfc3339(row.created_us),
  }
}
