/**
 * The store: alerts, contacts and runs in one SQLite file.
 *
 * One connection, used from one thread. A batch is one transaction; a reader
 * in another process sees whole batches and never waits for the writer (WAL).
 */

import type { Database } from 'better-sqlite3'
import { rfc3339 } from '../bytes/time.ts'
import {
  type Alert,
  CATEGORIES,
  CONFIDENCES,
  type Contact,
  SEVERITIES,
  type TriageState,
  USES,
} from '../events/alert.ts'
import type {
  AlertPage,
  AlertQuery,
  AuditPage,
  AuditQuery,
  ContactPage,
  ExemptionView,
  Overview,
  Preview,
  RunRecord,
  Timeline,
} from '../events/api.ts'
import type { Batch, RunSummary } from '../events/batch.ts'
import type { CoverageReport } from '../events/coverage.ts'
import type { CoverTest, CoverTestMaker, Exemption, ExemptionDraft } from '../events/exemption.ts'
import { AuditLog, type Author } from './audit.ts'
import type { ContactRow } from './contacts.ts'
import { CoverageBook, type CoverageMore, type Gap, type LastWatch } from './coverage.ts'
import { explained } from './errors.ts'
import { ExemptionBook } from './exemptions.ts'
import { filterOf } from './filter.ts'
import { openDatabase } from './open.ts'
import { OutgoingBook } from './outgoing.ts'
import { knownSpan, type NamedPart, PeriodReader, type Span } from './period.ts'
import * as sql from './queries.ts'
import { fromRow, type StoredAlertRow } from './record.ts'
import { AlertStates } from './states.ts'
import { type TimelineQuery, TimelineReader } from './timeline.ts'
import { type WatchedFile, WatchedFiles } from './watched.ts'
import { Writer, type Written } from './writer.ts'

/** Rows of a page when the question does not say. */
const PAGE_ROWS = 200
/** Alerts that are read at once where all are asked for. */
const PORTION_ROWS = 1000
/** Microseconds; what a date holds ends at 8.64e18. */
const BEFORE_ALL_TIMES = -9.2e18

/**
 * The database at `path`, made when it is missing; `:memory:` keeps it in memory.
 * With `readonly` it must exist. `busyMs`: how long a write waits for another process's; 5 seconds when absent.
 * Throws StoreError when it cannot be used.
 */
export function openStore(path: string, options: { readonly?: boolean; busyMs?: number } = {}): Store {
  const readonly = options.readonly ?? false
  const db = openDatabase(path, readonly, options.busyMs)
  try {
    return explained(path, () => new Store(path, db, readonly))
  } catch (error) {
    db.close()
    throw error
  }
}

interface RunRow {
  id: string
  command: string
  summary: string | null
  started_us: number
  finished_us: number | null
}

/** The overview, but for what only the server knows. */
type Figures = Omit<Overview, 'version' | 'writable'>

export class Store {
  /** The file, as the caller named it. */
  readonly path: string
  /** What other systems are to be told, and how far each of them is. */
  readonly outgoing: OutgoingBook
  readonly #db: Database
  readonly #writer: Writer | null
  readonly #timeline: TimelineReader
  readonly #audit: AuditLog
  readonly #states: AlertStates
  readonly #exemptions: ExemptionBook
  readonly #coverage: CoverageBook
  readonly #watched: WatchedFiles

  /** Use `openStore`. */
  constructor(path: string, db: Database, readonly: boolean) {
    this.path = path
    this.#db = db
    this.#audit = new AuditLog(db)
    this.#states = new AlertStates(db, this.#audit)
    this.#exemptions = new ExemptionBook(db, this.#audit, this.#states)
    this.#writer = readonly ? null : new Writer(db, this.#audit)
    this.#timeline = new TimelineReader(db)
    this.#coverage = new CoverageBook(db)
    this.#watched = new WatchedFiles(db)
    this.outgoing = new OutgoingBook(db, path)
  }

  /**
   * Stores the alerts of a batch, all or none; observations are not kept. Telling again what is known changes nothing.
   * @param covers makes alerts exempt that an exemption covers (`ExemptionList.covering`); without it none does
   * Throws StoreError when the disk is full or another process holds the database for long.
   */
  write(batch: Batch, covers: CoverTest | null = null): Written {
    const writer = this.#writer
    if (writer === null) throw new Error(`${this.path} was opened to read only`)
    if (batch.alerts.length === 0) return { added: [], changed: [] }
    return explained(this.path, () => writer.write(batch, covers))
  }

  /** Remembers that a run began; the same id again begins it anew. */
  startRun(run: { id: string; command: string }): void {
    explained(this.path, () => this.#db.prepare(sql.START_RUN).run({ ...run, now: Date.now() * 1000 }))
  }

  /**
   * Adds what a sensor counted since the last time, that it lived at `aliveUs`, and how far it has read the files of a
   * watched folder: all or none, so that no packet is counted twice or not at all. Throws StoreError.
   */
  addCoverage(
    sensor: string,
    more: readonly CoverageMore[],
    aliveUs: number,
    files: readonly WatchedFile[] = [],
  ): void {
    this.#change(() => {
      this.#coverage.add(sensor, more, aliveUs)
      for (const file of files) this.#watched.put(file, aliveUs)
    })
  }

  /** Puts a gap on record; returns the number by which it can be ended. Throws StoreError. */
  addGap(sensor: string, gap: Gap): number {
    return explained(this.path, () => this.#coverage.gap(sensor, gap))
  }

  endGap(key: number, toUs: number, alertsLost = 0): void {
    explained(this.path, () => this.#coverage.endGap(key, toUs, alertsLost))
  }

  /** A sensor begins to watch a line; returns how it ended before, null when it never ran. */
  beginWatch(sensor: string, run: string, aliveUs: number): LastWatch | null {
    return explained(this.path, () => this.#coverage.beginWatch(sensor, run, aliveUs))
  }

  /** A sensor ends in order. */
  endWatch(sensor: string, aliveUs: number): void {
    explained(this.path, () => this.#coverage.endWatch(sensor, aliveUs))
  }

  /** What could be judged between two times (microseconds, the end exclusive), and the gaps. */
  coverage(fromUs: number, toUs: number): CoverageReport {
    return explained(this.path, () => this.#coverage.report(fromUs, toUs))
  }

  /** What is known of a capture file of a watched folder; null when it is new. */
  watchedFile(id: string): WatchedFile | null {
    return explained(this.path, () => this.#watched.find(id))
  }

  /** When the newest hour of an interface's coverage begins, microseconds; 0 when there is none. */
  lastCoverage(device: string): number {
    return explained(this.path, () => this.#coverage.newest(device))
  }

  /** Where the newest hour of coverage ends, or right behind the begin of the newest gap if that is later; 0 without any. */
  coverageEnd(): number {
    return explained(this.path, () => this.#coverage.end())
  }

  /** Adds how a run ended. */
  finishRun(id: string, summary: RunSummary): void {
    const values = { id, summary: JSON.stringify(summary), now: Date.now() * 1000 }
    explained(this.path, () => this.#db.prepare(sql.FINISH_RUN).run(values))
  }

  /** The run with this id and when it was, by the wall clock; null when it is not on record. */
  run(id: string): (RunRecord & { started: string; finished: string | null }) | null {
    return explained(this.path, () => {
      const row = this.#db.prepare<[string], RunRow>(sql.RUN_BY_ID).get(id)
      if (row === undefined) return null
      const { started_us, finished_us } = row
      return {
        ...runOf(row),
        started: rfc3339(started_us),
        finished: finished_us === null ? null : rfc3339(finished_us),
      }
    })
  }

  /** The alert with this id, or null. */
  alert(id: string): Alert | null {
    return explained(this.path, () => {
      const row = this.#db.prepare<[string], StoredAlertRow>(sql.ALERT_BY_ID).get(id)
      return row === undefined ? null : fromRow(row)
    })
  }

  /** The alerts whose id begins with `start`, in the order of ids, at most `limit`: one that is `start` comes first. */
  alertsById(start: string, limit: number): Alert[] {
    const values = { start, end: `${start}\u{10ffff}`, limit }
    return explained(this.path, () =>
      this.#db.prepare<[object], StoredAlertRow>(sql.ALERTS_BY_ID).all(values).map(fromRow),
    )
  }

  /** A page of alerts, newest first. Throws QueryError for a filter that cannot be read. */
  alerts(query: AlertQuery): AlertPage {
    const { from, where, values } = filterOf(query)
    return explained(this.path, () => {
      const total = this.#count(`${sql.COUNT_ALERTS} ${from} ${where}`, values)
      const rows = this.#db
        .prepare<[object], StoredAlertRow>(sql.alertPage(from, where))
        .all({ ...values, ...pageOf(query) })
      return { alerts: rows.map(fromRow), total }
    })
  }

  /**
   * The alerts of a question one by one, oldest first, from `offset` on, at most `limit`. They are read in portions: while
   * whoever takes them takes his time, as a pager does, nothing is held for which the database's log would grow.
   */
  *eachAlert(query: AlertQuery): IterableIterator<Alert> {
    const { from, where, values } = filterOf(query)
    const portion = explained(this.path, () =>
      this.#db.prepare<[object], StoredAlertRow>(sql.alertsOldestFirst(from, where)),
    )
    let { limit: left = Number.MAX_SAFE_INTEGER, offset = 0 } = query
    let place = { seen: BEFORE_ALL_TIMES, after: '' }
    while (left > 0) {
      const limit = Math.min(left, PORTION_ROWS)
      const rows = explained(this.path, () => portion.all({ ...values, ...place, limit, offset }))
      for (const row of rows) yield explained(this.path, () => fromRow(row))
      const last = rows.at(-1)
      if (last === undefined || rows.length < limit) return
      place = { seen: last.first_seen, after: last.id }
      left -= rows.length
      offset = 0
    }
  }

  /** A page of the contacts that have an alert which passes all filters, the last active first. */
  contacts(query: AlertQuery): ContactPage {
    const { from, where: whereAlert, values } = filterOf(query)
    const where = whereAlert && `WHERE contacts.key IN (SELECT alerts.contact FROM ${from} ${whereAlert})`
    return explained(this.path, () => {
      const total = this.#count(`${sql.COUNT_CONTACTS} ${where}`, values)
      const rows = this.#db
        .prepare<[object], ContactRow & { reasons: string; use_reason: string }>(sql.contactPage(where))
        .all({ ...values, ...pageOf(query) })
      const names = this.#db.prepare<[number], string>(sql.NAMES_OF_CONTACT).pluck()
      return { contacts: rows.map((row) => contactOf(row, names.all(row.key))), total }
    })
  }

  /** Alerts over time, at most 500 buckets; by confidence. Throws QueryError. */
  timeline(query: TimelineQuery): Timeline {
    return explained(this.path, () => this.#timeline.read(query))
  }

  /** The figures above the list. */
  overview(): Figures {
    return explained(this.path, () => {
      const kinds = this.#db
        .prepare<[], { category: keyof Overview['by_category']; confidence: number; state: string; alerts: number }>(
          sql.ALERTS_BY_KIND,
        )
        .all()
      const figures = this.#db
        .prepare<[], { contacts: number; clients: number; first: number | null; last: number | null }>(
          sql.CONTACT_FIGURES,
        )
        .get()!
      const overview: Figures = {
        alerts: 0,
        exempt: 0,
        contacts: figures.contacts,
        clients: figures.clients,
        by_category: {},
        by_confidence: {},
        first_seen: figures.first === null ? null : rfc3339(figures.first),
        last_seen: figures.last === null ? null : rfc3339(figures.last),
        runs: this.#runs(),
      }
      for (const { category, confidence, state, alerts } of kinds) {
        if (state === 'exempt') {
          overview.exempt += alerts
          continue
        }
        const word = CONFIDENCES[confidence]!
        overview.alerts += alerts
        overview.by_category[category] = (overview.by_category[category] ?? 0) + alerts
        overview.by_confidence[word] = (overview.by_confidence[word] ?? 0) + alerts
      }
      return overview
    })
  }

  /** Changes when another connection writes; says nothing of our own writes. */
  dataVersion(): number {
    return explained(this.path, () => this.#db.pragma('data_version', { simple: true }) as number)
  }

  /** How many alerts have ever arrived: what `arrivals` counts from. */
  lastArrival(): number {
    return explained(this.path, () => this.#db.prepare<[], number>(sql.LAST_ARRIVAL).pluck().get()!)
  }

  /** The first `limit` alerts that arrived after the mark `after`, and the mark of the last of them. */
  arrivals(after: number, limit: number): { alerts: Alert[]; mark: number } {
    return explained(this.path, () => {
      const rows = this.#db.prepare<[number, number], StoredAlertRow>(sql.ALERTS_AFTER_ARRIVAL).all(after, limit)
      return { alerts: rows.map(fromRow), mark: rows.at(-1)?.arrival ?? after }
    })
  }

  /** All exemptions on record, the one made first first. */
  exemptions(): Exemption[] {
    return explained(this.path, () => this.#exemptions.all())
  }

  /** The exemption with this id, or null. */
  exemption(id: string): Exemption | null {
    return explained(this.path, () => this.#exemptions.get(id))
  }

  /** As `exemptions`, each with its status now and how many alerts it hides. */
  exemptionViews(): ExemptionView[] {
    return explained(this.path, () => this.#exemptions.views(Date.now() * 1000))
  }

  /**
   * Puts exemptions on record, all or none; new alerts inside their time become exempt: as many as a portion holds at
   * once, the others by `goOnReviewing`.
   * @returns how many alerts did
   * Throws QueryError when an id is taken.
   */
  addExemptions(added: readonly Exemption[], author: Author, make: CoverTestMaker): number {
    return this.#change(() => this.#exemptions.put(added, author, make))
  }

  /**
   * Ends an exemption at `endUs`, not later than it ends now. Alerts that are not covered any more are new again, in the
   * same portions, and wait to be forwarded. Throws QueryError for an id that is none and a time that is outside of the exemption.
   */
  endExemption(
    id: string,
    endUs: number,
    author: Author,
    make: CoverTestMaker,
  ): { exemption: Exemption; freed: number } {
    return this.#change(() => this.#exemptions.end(id, endUs, author, make))
  }

  /** Whether exemptions were added or ended that are not done with all stored alerts. */
  isReviewing(): boolean {
    return explained(this.path, () => this.#exemptions.isPending)
  }

  /** Goes on with them: one portion, in one transaction. Returns how many alerts became exempt or new. */
  goOnReviewing(make: CoverTestMaker): number {
    return this.#change(() => this.#exemptions.goOn(make))
  }

  /** What a draft would do, of the alerts first seen at or after `sinceUs`. Changes nothing. */
  previewExemption(draft: ExemptionDraft, sinceUs: number, make: CoverTestMaker, lookedAtMax?: number): Preview {
    return explained(this.path, () => this.#exemptions.preview(draft, sinceUs, make, lookedAtMax))
  }

  /** Sets the state of alerts, all or none. Throws QueryError for an id that is none and for an exempt alert. */
  triage(ids: readonly string[], state: TriageState, author: Author, { wholeContacts = false } = {}): number {
    return this.#change(() => this.#states.triage(ids, state, author, wholeContacts))
  }

  /** From the first to behind the last of what is known; null when nothing is. */
  knownSpan(): Span | null {
    return explained(this.path, () => knownSpan(this.#db))
  }

  /** Answers about a span of time, all of one moment: what is written meanwhile is in none of them. Good until `work` returns. */
  inPeriod<T>(span: Span, work: (period: PeriodReader) => T): T {
    return explained(this.path, () => this.#db.transaction(() => work(new PeriodReader(this.#db, span)))())
  }

  /** The contacts of a span of time one by one, for a list of whatever length. */
  *eachContact(span: Span): IterableIterator<NamedPart> {
    const contacts = explained(this.path, () => new PeriodReader(this.#db, span).contactsByTime())
    for (;;) {
      const { value, done } = explained(this.path, () => contacts.next())
      if (done) return
      yield value
    }
  }

  /** The services that there are alerts of, by name. */
  services(): string[] {
    return explained(this.path, () => this.#db.prepare<[], string>(sql.SERVICES).pluck().all())
  }

  /** A page of the log of changes, newest first. */
  auditEntries(query: AuditQuery): AuditPage {
    return explained(this.path, () => this.#audit.entries(query))
  }

  /** Number of the last entry of the log: another one where an exemption or a state was changed. */
  auditMark(): number {
    return explained(this.path, () => this.#audit.mark)
  }

  /** Alerts that were hidden, are so no more, and have not been forwarded since; at most `limit`. */
  freedAlerts(limit: number): Alert[] {
    return explained(this.path, () =>
      this.#db.prepare<[number], StoredAlertRow>(sql.FREED_ALERTS).all(limit).map(fromRow),
    )
  }

  /** Says that these alerts have been forwarded. */
  setForwarded(ids: readonly string[]): void {
    this.#change(() => {
      const forwarded = this.#db.prepare<[string]>(sql.SET_FORWARDED)
      for (const id of ids) forwarded.run(id)
    })
  }

  close(): void {
    this.#db.close()
  }

  /** Runs `work` in one transaction. */
  #change<T>(work: () => T): T {
    return explained(this.path, () => this.#db.transaction(work).immediate())
  }

  #count(text: string, values: object): number {
    return this.#db.prepare<[object], number>(text).pluck().get(values)!
  }

  #runs(): RunRecord[] {
    return this.#db.prepare<[], RunRow>(sql.NEWEST_RUNS).all().map(runOf)
  }
}

function pageOf({ limit = PAGE_ROWS, offset = 0 }: AlertQuery): { limit: number; offset: number } {
  return { limit, offset }
}

function runOf({ id, command, summary }: RunRow): RunRecord {
  return { id, command, summary: summary === null ? null : JSON.parse(summary) }
}

function contactOf(row: ContactRow & { reasons: string; use_reason: string }, names: string[]): Contact {
  return {
    id: row.id,
    client: row.client,
    service: row.service,
    category: CATEGORIES[row.category]!,
    severity: SEVERITIES[row.severity]!,
    confidence: CONFIDENCES[row.confidence]!,
    attempt: row.attempt === 1,
    alerts: row.alerts,
    exempt: row.exempt,
    names,
    reasons: JSON.parse(row.reasons),
    use: USES[row.use] ?? null,
    use_reason: row.use_reason,
    bytes_out: row.bytes_out,
    bytes_in: row.bytes_in,
    first_seen: rfc3339(row.first_seen),
    last_seen: rfc3339(row.last_seen),
  }
}
