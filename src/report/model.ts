/**
 * Makes the report of a period from the store. Every figure is counted from
 * the alerts, hours and runs themselves, all of one moment, and what is held
 * is bounded however many there are.
 */

import { microseconds, rfc3339 } from '../bytes/time.ts'
import { CATEGORIES, type Category, CONFIDENCES } from '../events/alert.ts'
import type { Policy } from '../events/rules.ts'
import type { PeriodReader, Span } from '../store/period.ts'
import type { Store } from '../store/store.ts'
import { ClientBook, type ClientSum, type SectionSums, type TopList } from './clients.ts'
import { type DaySeen, replayedOf, watchedOf } from './coverage.ts'
import type {
  ClientRow,
  DayRow,
  DecisionRow,
  ExemptionRow,
  Finding,
  Listed,
  PackRow,
  PolicyRow,
  Report,
  Section,
} from './report.ts'
import type { Zone } from './zone.ts'

const DAYS_MAX = 366
const DECISIONS_MAX = 50
const EXEMPTIONS_MAX = 200
const OWN_NAMES_MAX = 3
const CONTACTED_MAX = 5

/** The rules that are in place when the report is made. */
export interface RulesInPlace {
  packs: PackRow[]
  /** What rules of the category `service` call theirs. */
  services: string[]
  /** Ids of policies that rules cite. */
  cited: ReadonlySet<string>
  policies: readonly Policy[]
}

export interface ReportOptions {
  /** Null for all that the database knows. */
  fromUs: number | null
  /** Excluded. */
  toUs: number | null
  zone: Zone
  title: string
  seekwatch: string
  /** The wall clock. */
  madeUs: number
  rules: RulesInPlace
  /** Most rows of a list of clients. */
  rowsMax: number
}

/** The report of a period. Throws StoreError when the database cannot be read. */
export function makeReport(store: Store, options: ReportOptions): Report {
  const { fromUs, toUs, zone, madeUs, rules } = options
  const known = store.knownSpan()
  const span = spanOf(options, known)
  return store.inPeriod(span, (period): Report => {
    const days = { firstDay: zone.dayOf(span.fromUs), lastDay: zone.dayOf(Math.max(span.fromUs, span.toUs - 1)) }
    const book = new ClientBook(zone, days, options.rowsMax)
    for (const part of period.contactsByClient()) book.add(part)
    book.finish()
    const sections = Object.fromEntries(
      CATEGORIES.map((category) => [category, sectionOf(store, period, book.section(category))]),
    ) as Record<Category, Section>
    const seenByDay = new Map<number, DaySeen>()
    const watched = watchedOf(period, span, madeUs, zone, seenByDay)
    const replayed = replayedOf(period, span)
    const sources = period.sources()
    const { decisions, total } = period.decisions(DECISIONS_MAX)
    const policies = policiesOf(sources, rules)
    const hasLooked = watched.seen.packets > 0 || replayed.seen.packets > 0
    return {
      report: 1,
      seekwatch: options.seekwatch,
      made: rfc3339(madeUs),
      title: options.title,
      database: store.path,
      timezone: zone.name,
      period: {
        from: known === null && fromUs === null ? null : rfc3339(span.fromUs),
        to: known === null && toUs === null ? null : rfc3339(span.toUs),
        is_whole_database: fromUs === null && toUs === null,
      },
      finding: findingOf(sections.service, hasLooked),
      services: [...new Set([...rules.services, ...book.services('service')])].sort(),
      sections,
      days: span.fromUs === span.toUs ? [] : daysOf(days, book.section('service'), seenByDay),
      states: book.states,
      decisions: {
        listed: decisions.map(({ atUs, ...rest }): DecisionRow => ({ at: rfc3339(atUs), ...rest })),
        left_out: total - decisions.length,
      },
      exemptions: exemptionsOf(store, period, span),
      is_reviewing: store.isReviewing(),
      exempt_alerts: CATEGORIES.reduce((sum, category) => sum + sections[category].figures.exempt_alerts, 0),
      watched,
      replayed,
      ...policies,
      sensors: distinct([
        ...sources.map(({ sensor }) => sensor),
        ...watched.interfaces.listed.map((row) => row.sensor),
      ]),
      packs_of_alerts: packsOf(sources.map(({ pack, packVersion }) => ({ pack, version: packVersion }))),
      packs: rules.packs,
    }
  })
}

/** What is not asked for is as far as anything is known. */
export function spanOf({ fromUs, toUs }: Pick<ReportOptions, 'fromUs' | 'toUs'>, known: Span | null): Span {
  const from = fromUs ?? known?.fromUs ?? toUs ?? 0
  const to = toUs ?? known?.toUs ?? from
  return { fromUs: from, toUs: Math.max(from, to) }
}

function findingOf({ figures }: Section, hasLooked: boolean): Finding {
  if (figures.contacts > 0) return 'contact'
  if (figures.attempts > 0) return 'attempt'
  if (figures.exempt_alerts > 0) return 'exempt'
  return hasLooked ? 'none' : 'unknown'
}

function sectionOf(store: Store, period: PeriodReader, { figures, used, attempted }: SectionSums): Section {
  return { figures, used: rowsOf(store, period, used), attempted: rowsOf(store, period, attempted) }
}

function rowsOf(store: Store, period: PeriodReader, { rows, leftOut }: TopList): Listed<ClientRow> {
  return { listed: rows.map((sum) => rowOf(store, period, sum)), left_out: leftOut }
}

function rowOf(store: Store, period: PeriodReader, sum: ClientSum): ClientRow {
  const best = store.alert(sum.best)!
  return {
    client: sum.client,
    names: period.clientNames(sum.client, OWN_NAMES_MAX),
    role: sum.role,
    service: sum.service,
    contacts: sum.contacts,
    alerts: sum.alerts,
    days: sum.days,
    first_seen: rfc3339(sum.firstUs),
    last_seen: rfc3339(sum.lastUs),
    bytes_out: sum.bytesOut,
    bytes_in: sum.bytesIn,
    confidence: CONFIDENCES[sum.confidence]!,
    evidence: [...new Set(best.evidence.map(({ kind }) => kind))],
    reasons: best.reasons,
    alert: sum.best,
    use: sum.use,
    contacted: period.names(sum.client, sum.service, CONTACTED_MAX),
    states: sum.states,
    lossy: sum.lossy,
  }
}

function daysOf(
  { firstDay, lastDay }: { firstDay: number; lastDay: number },
  { contactsByDay, attemptsByDay }: SectionSums,
  seen: ReadonlyMap<number, DaySeen>,
): DayRow[] {
  if (lastDay - firstDay >= DAYS_MAX) return []
  return Array.from({ length: lastDay - firstDay + 1 }, (_, i) => {
    const day = firstDay + i
    return {
      day: new Date(day * 86_400_000).toISOString().slice(0, 10),
      contacts: contactsByDay.get(day) ?? 0,
      attempts: attemptsByDay.get(day) ?? 0,
      hours_with_packets: seen.get(day)?.hours ?? 0,
      packets: seen.get(day)?.packets ?? 0,
    }
  })
}

/** Those that are in force at some time of the period; one that ended where it starts covers nothing, and is told too. */
function exemptionsOf(store: Store, period: PeriodReader, { fromUs, toUs }: Span): Listed<ExemptionRow> {
  const hidden = new Map(period.hidden().map((row) => [row.exemption, row]))
  const ends = new Map(period.earlyEnds().map((end) => [end.exemption, end]))
  const rows = store.exemptions().filter(({ start, end }) => {
    const startUs = microseconds(start)
    return startUs < toUs && Math.max(microseconds(end), startUs + 1) > fromUs
  })
  return {
    listed: rows.slice(-EXEMPTIONS_MAX).map((exemption): ExemptionRow => {
      const ended = ends.get(exemption.id)
      return {
        ...exemption,
        alerts: hidden.get(exemption.id)?.alerts ?? 0,
        clients: hidden.get(exemption.id)?.clients ?? 0,
        ended_early: ended === undefined ? null : { who: ended.who, at: rfc3339(ended.atUs) },
      }
    }),
    left_out: Math.max(0, rows.length - EXEMPTIONS_MAX),
  }
}

function policiesOf(
  sources: ReturnType<PeriodReader['sources']>,
  { policies, cited }: RulesInPlace,
): { policies: PolicyRow[]; unknown_policies: string[] } {
  const alerts = new Map<string, number>()
  for (const source of sources) for (const id of source.policy) alerts.set(id, (alerts.get(id) ?? 0) + source.alerts)
  const known = new Set(policies.map(({ id }) => id))
  return {
    policies: policies
      .filter(({ id }) => cited.has(id) || alerts.has(id))
      .map((policy) => ({ ...policy, alerts: alerts.get(policy.id) ?? 0 })),
    unknown_policies: [...alerts.keys()].filter((id) => !known.has(id)).sort(),
  }
}

function packsOf(rows: readonly PackRow[]): PackRow[] {
  return [...new Map(rows.map((row) => [`${row.pack} ${row.version}`, row])).values()]
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort()
}
