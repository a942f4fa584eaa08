/**
 * What a database holds of a span of time, for who answers for all of it:
 * contacts one by one in the order of clients, and sums of alerts, exemptions,
 * decisions, coverage and runs.
 *
 * A span has its end excluded. What touches it counts: an alert that was last
 * seen in it or first seen in it, an hour of which a part lies in it. A contact
 * counts with those of its alerts that touch the span, and not with what the
 * table `contacts` holds of all of them. So an alert that an exemption hides
 * adds nothing to the figures of one that none hides.
 */

import type { Database } from 'better-sqlite3'
import { microseconds } from '../bytes/time.ts'
import { type Category, CONFIDENCES, type Confidence, type TriageState, USES, type Use } from '../events/alert.ts'
import type { RunSummary } from '../events/batch.ts'
import { COVERAGE_COUNTS, type CoverageCounts, type GapKind } from '../events/coverage.ts'
import { addressKey } from './address-key.ts'
import * as sql from './period-queries.ts'

export const HOUR_US = 3600e6
/** Contacts that are read at once. */
const PORTION_ROWS = 1000
/** Names of a part of a contact. */
const NAMES_MAX = 5
/** Microseconds; what a date holds ends at 8.64e18. */
const BEFORE_ALL_TIMES = -9.2e18

/** Microseconds; the end is excluded. */
export interface Span {
  fromUs: number
  toUs: number
}

/** A contact, as far as it touches the span: what of it is of one category, and is exempt or is not. */
export interface ContactPart {
  contact: string
  client: string
  service: string
  category: Category
  isExempt: boolean
  alerts: number
  /** Of these, those without an answer of the service's own server: attempts and questions to DNS. */
  attempts: number
  confidence: Confidence
  /** Id of the most confident alert; of equals the smallest. */
  best: string
  role: 'host' | 'resolver' | 'proxy'
  /** The use that matters most. */
  use: Use | null
  bytesOut: number
  bytesIn: number
  firstUs: number
  lastUs: number
  /** Alerts by what people decided on them. */
  states: Record<TriageState, number>
  /** Alerts that were made while packets were being lost. */
  lossy: number
}

export interface NamedPart extends ContactPart {
  /** Distinct names and addresses, most alerts first, at most 5. */
  names: string[]
}

/** Alerts that come from the same place. */
export interface AlertSource {
  pack: string
  packVersion: string
  sensor: string
  /** Ids of policies. */
  policy: string[]
  alerts: number
}

export interface HiddenCount {
  exemption: string
  alerts: number
  clients: number
}

/** What somebody decided on alerts of the span: with the same note, within the same minute. */
export interface Decision {
  who: string
  via: string
  note: string
  state: TriageState
  /** Of the last of them, wall clock. */
  atUs: number
  alerts: number
}

/** An exemption that somebody ended before its time. */
export interface EarlyEnd {
  exemption: string
  who: string
  atUs: number
}

/** An hour of all interfaces together. */
export interface HourSum {
  hourUs: number
  packets: number
}

export interface InterfaceSum extends CoverageCounts {
  sensor: string
  interface: string
  /** Hours on record, and those of them with packets. */
  hours: number
  hoursWithPackets: number
}

export interface GapSpan {
  sensor: string
  interface: string
  kind: GapKind
  fromUs: number
  toUs: number | null
  reason: string
  alertsLost: number
}

export interface RunRow {
  id: string
  command: string
  /** Wall clock. */
  startedUs: number
  /** Null while it runs, or when it was cut off. */
  summary: RunSummary | null
}

interface PartRow {
  category: Category
  is_exempt: number
  alerts: number
  attempts: number
  best: string
  is_proxy: number
  is_resolver: number
  use: number
  bytes_out: number
  bytes_in: number
  first_us: number
  last_us: number
  new: number
  acknowledged: number
  escalated: number
  closed: number
  lossy: number
}

type ContactHead = Pick<sql.ContactPlace, 'id' | 'client' | 'service'>

export class PeriodReader {
  readonly #db: Database
  readonly #span: { from: number; to: number }
  readonly #hours: { from: number; to: number }

  constructor(db: Database, { fromUs, toUs }: Span) {
    this.#db = db
    this.#span = { from: fromUs, to: toUs }
    this.#hours = { from: Math.floor(fromUs / HOUR_US) * HOUR_US, to: toUs }
  }

  /** By client, then service, then time, one by one. */
  *contactsByClient(): IterableIterator<ContactPart> {
    const parts = this.#db.prepare<[object], PartRow & ContactHead>(sql.PARTS_BY_CLIENT)
    for (const row of parts.iterate(this.#span)) yield partOf(row, row)
  }

  /**
   * By the time at which they were last seen, read in portions: while whoever takes them takes his time, nothing is held
   * for which the database's log would grow.
   */
  *contactsByTime(): IterableIterator<NamedPart> {
    const portion = this.#db.prepare<[object], sql.ContactPlace>(sql.CONTACTS_BY_TIME)
    const parts = this.#db.prepare<[object], PartRow>(sql.PARTS_OF_CONTACT)
    const names = this.#db.prepare<[object], string>(sql.NAMES_OF_PART).pluck()
    const namesOf = (contact: number, { category, is_exempt: isExempt }: PartRow): string[] =>
      names.all({ ...this.#span, contact, category, isExempt, limit: NAMES_MAX })
    let after: Omit<sql.ContactPlace, 'client' | 'service'> = { last_seen: BEFORE_ALL_TIMES, id: '', key: 0 }
    for (;;) {
      const rows = portion.all({ ...after, ...this.#span, limit: PORTION_ROWS })
      for (const row of rows)
        for (const part of parts.all({ ...this.#span, contact: row.key }))
          yield { ...partOf(row, part), names: namesOf(row.key, part) }
      const last = rows.at(-1)
      if (last === undefined || rows.length < PORTION_ROWS) return
      after = last
    }
  }

  /** Distinct names and addresses that a client showed of a service in alerts that are not exempt, most alerts first. */
  names(client: string, service: string, limit: number): string[] {
    const values = { ...this.#span, client: addressKey(client), service, limit }
    return this.#db.prepare<[object], string>(sql.NAMES_OF_CLIENT).pluck().all(values)
  }

  /** Names that a client was known by, at most `limit`, in the order of letters. */
  clientNames(client: string, limit: number): string[] {
    return this.#db
      .prepare<[object], string>(sql.OWN_NAMES)
      .pluck()
      .all({ ...this.#span, client: addressKey(client), limit })
  }

  /** Alerts that are not exempt, by where they come from. */
  sources(): AlertSource[] {
    const rows = this.#db
      .prepare<[object], { pack: string; pack_version: string; sensor: string; policy: string; alerts: number }>(
        sql.ALERTS_BY_SOURCE,
      )
      .all(this.#span)
    return rows.map(({ pack, pack_version, sensor, policy, alerts }) => ({
      pack,
      packVersion: pack_version,
      sensor,
      policy: JSON.parse(policy),
      alerts,
    }))
  }

  /** How many alerts, of how many clients, each exemption hides. */
  hidden(): HiddenCount[] {
    return this.#db.prepare<[object], HiddenCount>(sql.ALERTS_BY_EXEMPTION).all(this.#span)
  }

  /** Exemptions that somebody ended before their time; of one that was ended twice the last comes last. */
  earlyEnds(): EarlyEnd[] {
    return this.#db.prepare<[], EarlyEnd>(sql.EARLY_ENDS).all()
  }

  /** The newest decisions on alerts of the span, at most `limit`, and how many there are. */
  decisions(limit: number): { decisions: Decision[]; total: number } {
    const rows = this.#db.prepare<[object], Decision & { total: number }>(sql.DECISIONS).all({ ...this.#span, limit })
    return { decisions: rows.map(({ total: _, ...decision }) => decision), total: rows[0]?.total ?? 0 }
  }

  /** Hours on record of all interfaces together, the oldest first, one by one. */
  hours(): IterableIterator<HourSum> {
    return this.#db.prepare<[object], HourSum>(sql.HOURS).iterate(this.#hours)
  }

  interfaces(): InterfaceSum[] {
    return this.#db.prepare<[object], InterfaceSum>(sql.INTERFACES).all(this.#hours)
  }

  /** Frames that could not be decoded, by reason, most first. */
  notDecoded(): Array<{ reason: string; packets: number }> {
    return this.#db.prepare<[object], { reason: string; packets: number }>(sql.NOT_DECODED).all(this.#hours)
  }

  /** Gaps that touch the span, the oldest first, one by one. */
  gaps(): IterableIterator<GapSpan> {
    return this.#db.prepare<[object], GapSpan>(sql.GAPS).iterate(this.#span)
  }

  /** All runs of the database, the newest first, one by one. */
  *runs(): IterableIterator<RunRow> {
    const rows = this.#db.prepare<[], { id: string; command: string; startedUs: number; summary: string | null }>(
      sql.RUNS,
    )
    for (const { summary, ...run } of rows.iterate())
      yield { ...run, summary: summary === null ? null : (JSON.parse(summary) as RunSummary) }
  }
}

/** From the first to behind the last alert, hour of coverage, gap and packet of a run; null when there is none of them. */
export function knownSpan(db: Database): Span | null {
  const ends = db.prepare<[], { first: number | null; last: number | null }>(sql.KNOWN_ENDS).all()
  const firsts = ends.flatMap(({ first }) => first ?? [])
  const lasts = ends.flatMap(({ last }) => last ?? [])
  for (const summary of db.prepare<[], string>(sql.SUMMARIES).pluck().iterate()) {
    const { first_packet, last_packet } = JSON.parse(summary) as RunSummary
    if (first_packet === undefined || last_packet === undefined) continue
    firsts.push(microseconds(first_packet))
    lasts.push(microseconds(last_packet))
  }
  if (firsts.length === 0) return null
  return { fromUs: firsts.reduce((a, b) => Math.min(a, b)), toUs: lasts.reduce((a, b) => Math.max(a, b)) + 1 }
}

/** All sums of coverage, zero. */
export function noCounts(): CoverageCounts {
  return Object.fromEntries(COVERAGE_COUNTS.map((name) => [name, 0])) as CoverageCounts
}

function partOf({ id, client, service }: ContactHead, part: PartRow): ContactPart {
  return {
    contact: id,
    client,
    service,
    category: part.category,
    isExempt: part.is_exempt === 1,
    alerts: part.alerts,
    attempts: part.attempts,
    confidence: CONFIDENCES[CONFIDENCES.length - 1 - Number(part.best[0])]!,
    best: part.best.slice(1),
    role: part.is_proxy === 1 ? 'proxy' : part.is_resolver === 1 ? 'resolver' : 'host',
    use: USES[part.use] ?? null,
    bytesOut: part.bytes_out,
    bytesIn: part.bytes_in,
    firstUs: part.first_us,
    lastUs: part.last_us,
    states: { new: part.new, acknowledged: part.acknowledged, escalated: part.escalated, closed: part.closed },
    lossy: part.lossy,
  }
}
