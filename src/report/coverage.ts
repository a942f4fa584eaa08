/** What of the period could be seen: hours and gaps of sensors that watched, and the captures that were read. */

import { microseconds, rfc3339 } from '../bytes/time.ts'
import type { RunSummary } from '../events/batch.ts'
import { COVERAGE_COUNTS, type CoverageCount, type GapKind, type GapRecord } from '../events/coverage.ts'
import { type GapSpan, HOUR_US, noCounts, type PeriodReader, type Span } from '../store/period.ts'
import type { InterfaceRow, Listed, Replayed, RunRow, Seen, Watched } from './report.ts'
import type { Zone } from './zone.ts'

const INTERFACES_MAX = 50
const GAPS_MAX = 50
const RUNS_MAX = 20
/** Kinds of gap in which nothing was captured. */
const BLIND: ReadonlySet<GapKind> = new Set(['capture', 'killed', 'off'])

/** What was seen on a day of the report's zone. */
export interface DaySeen {
  hours: number
  packets: number
}

/** @param days gets the days that have hours on record with packets */
export function watchedOf(
  period: PeriodReader,
  span: Span,
  nowUs: number,
  zone: Zone,
  days: Map<number, DaySeen>,
): Watched {
  const hours = { withPackets: 0, silent: 0, last: Number.NEGATIVE_INFINITY }
  for (const { hourUs, packets } of period.hours()) {
    hours.last = hourUs
    if (packets === 0) hours.silent++
    else hours.withPackets++
    if (packets > 0) addDay(days, zone.dayOf(Math.max(hourUs, span.fromUs)), packets)
  }
  // a sensor's clock may be ahead of ours
  const endUs = Math.max(span.fromUs, Math.min(span.toUs, Math.max(nowUs, hours.last + HOUR_US)))
  const hoursOf = (toUs: number): number =>
    toUs <= span.fromUs ? 0 : Math.ceil(toUs / HOUR_US) - Math.floor(span.fromUs / HOUR_US)
  const rows = period.interfaces()
  const seen: Seen = { ...noCounts(), not_decoded: {} }
  for (const row of rows) for (const name of COVERAGE_COUNTS) seen[name] += row[name]
  for (const { reason, packets } of period.notDecoded()) seen.not_decoded[reason] = packets
  return {
    hours: hoursOf(endUs),
    hours_to_come: hoursOf(span.toUs) - hoursOf(endUs),
    hours_with_packets: hours.withPackets,
    hours_silent: hours.silent,
    hours_unwatched: hoursOf(endUs) - hours.withPackets - hours.silent,
    days: endUs <= span.fromUs ? 0 : zone.dayOf(endUs - 1) - zone.dayOf(span.fromUs) + 1,
    days_with_packets: days.size,
    seen,
    interfaces: first(
      rows.map(({ hoursWithPackets, ...row }): InterfaceRow => ({ ...row, hours_with_packets: hoursWithPackets })),
      INTERFACES_MAX,
    ),
    ...gapsOf(period.gaps(), { fromUs: span.fromUs, toUs: endUs }),
  }
}

function addDay(days: Map<number, DaySeen>, day: number, packets: number): void {
  const known = days.get(day)
  days.set(day, { hours: (known?.hours ?? 0) + 1, packets: (known?.packets ?? 0) + packets })
}

function gapsOf(
  gaps: Iterable<GapSpan>,
  span: Span,
): Pick<Watched, 'gaps' | 'gap_counts' | 'gap_seconds' | 'alerts_lost'> {
  const newest: GapRecord[] = []
  const counts: Record<GapKind, number> = { capture: 0, clock: 0, store: 0, killed: 0, off: 0 }
  let total = 0
  let blindUs = 0
  let coveredUs = span.fromUs
  let alertsLost = 0
  for (const gap of gaps) {
    total++
    counts[gap.kind]++
    alertsLost += gap.alertsLost
    newest.push(gapRow(gap))
    if (newest.length > GAPS_MAX) newest.shift()
    if (!BLIND.has(gap.kind)) continue
    // they come in the order of their beginnings: what counted already is not counted again
    const endUs = Math.min(gap.toUs ?? span.toUs, span.toUs)
    blindUs += Math.max(0, endUs - Math.max(gap.fromUs, coveredUs))
    coveredUs = Math.max(coveredUs, endUs)
  }
  return {
    gaps: { listed: newest.reverse(), left_out: total - newest.length },
    gap_counts: counts,
    gap_seconds: Math.round(blindUs / 1e6),
    alerts_lost: alertsLost,
  }
}

function gapRow({ sensor, interface: device, kind, fromUs, toUs, reason, alertsLost }: GapSpan): GapRecord {
  return {
    sensor,
    interface: device,
    kind,
    from: rfc3339(fromUs),
    to: toUs === null ? null : rfc3339(toUs),
    reason,
    alerts_lost: alertsLost,
  }
}

/** The counters of a run by the names of coverage. */
const COUNTERS: Readonly<Record<Exclude<CoverageCount, 'packets' | 'bytes' | 'flows'>, string>> = {
  lost_kernel: 'capture.lost_kernel',
  lost_interface: 'capture.lost_interface',
  cut: 'capture.cut_frames',
  copies: 'decode.copies',
  flow_table_full: 'flow.table_full',
  midstream: 'flow.midstream',
  tls_flows: 'tls.flows',
  tls_named: 'tls.named',
  ech: 'tls.ech',
  encrypted_dns: 'dns.encrypted_flows',
}

/** The replays whose packets touch the period, and those of which that is not known. */
export function replayedOf(period: PeriodReader, span: Span): Replayed {
  const seen: Seen = { ...noCounts(), not_decoded: {} }
  const replayed: Replayed = {
    runs: 0,
    unfinished: 0,
    undated: 0,
    files: 0,
    files_failed: 0,
    first_packet: null,
    last_packet: null,
    seen,
    listed: [],
    left_out: 0,
  }
  for (const { id, command, startedUs, summary } of period.runs()) {
    if (command !== 'replay' || (summary !== null && !touches(summary, span))) continue
    replayed.runs++
    if (summary === null) replayed.unfinished++
    else addSummary(replayed, summary)
    const row: RunRow = {
      id,
      started: rfc3339(startedUs),
      files: summary?.files ?? 0,
      files_failed: summary?.files_failed ?? 0,
      packets: summary?.packets ?? 0,
      first_packet: summary?.first_packet ?? null,
      last_packet: summary?.last_packet ?? null,
      finished: summary !== null,
    }
    if (replayed.listed.length < RUNS_MAX) replayed.listed.push(row)
    else replayed.left_out++
  }
  return replayed
}

/** A run of an older version does not say when its packets were, nor a file that could not be read: both may touch any span. */
function touches({ packets, files_failed, first_packet, last_packet }: RunSummary, { fromUs, toUs }: Span): boolean {
  if (first_packet === undefined || last_packet === undefined) return packets + files_failed > 0
  return microseconds(last_packet) >= fromUs && microseconds(first_packet) < toUs
}

function addSummary(replayed: Replayed, summary: RunSummary): void {
  const { seen } = replayed
  const { first_packet, last_packet, counters } = summary
  if (first_packet === undefined || last_packet === undefined) replayed.undated += summary.packets > 0 ? 1 : 0
  else {
    replayed.first_packet = earlier(replayed.first_packet, first_packet)
    replayed.last_packet = later(replayed.last_packet, last_packet)
  }
  replayed.files += summary.files
  replayed.files_failed += summary.files_failed
  seen.packets += summary.packets
  seen.bytes += summary.bytes
  seen.flows += summary.flows
  for (const [name, counter] of Object.entries(COUNTERS) as Array<[keyof typeof COUNTERS, string]>)
    seen[name] += counters[counter] ?? 0
  for (const [reason, packets] of Object.entries(summary.not_decoded))
    seen.not_decoded[reason] = (seen.not_decoded[reason] ?? 0) + packets
}

function earlier(a: string | null, b: string): string {
  return a === null || microseconds(b) < microseconds(a) ? b : a
}

function later(a: string | null, b: string): string {
  return a === null || microseconds(b) > microseconds(a) ? b : a
}

function first<T>(rows: T[], max: number): Listed<T> {
  return { listed: rows.slice(0, max), left_out: Math.max(0, rows.length - max) }
}
