/** What could not be seen, each with what it means for the answer; then the hours, gaps and captures it was counted from. */

import { time } from './client-tables.ts'
import { type Content, type Html, html, wire } from './html.ts'
import type { Replayed, Report, Seen, Watched } from './report.ts'
import { type Column, lines, table } from './tables.ts'
import { REASONS, type Reason, type Texts, UNSEEN, type UnseenKey } from './texts.ts'
import type { Words } from './words.ts'

/** A count, and of how many in all; null where all is not known, or the count is no part of it. */
interface Figure {
  count: number
  all: number | null
}

export function unseenTables(report: Report, t: Texts, w: Words): Html {
  const { watched, replayed } = report
  const wasWatched = watched.interfaces.listed.length > 0 || watched.gaps.listed.length > 0
  return html`<h2 id="unseen">${t.headings.unseen}</h2>
<p>${t.unseenNote}</p>
${wasWatched ? null : html`<p>${t.notWatched}</p>`}
${watched.hours_to_come > 0 && wasWatched ? html`<p>${t.toCome(watched.hours_to_come)}</p>` : null}
${mainTable(report, wasWatched, t, w)}
${reasonTable(watched, replayed, t, w)}
${interfaceTable(watched, t, w)}
${gapTable(watched, t, w)}
${runTable(replayed, t, w)}`
}

function mainTable({ watched, replayed }: Report, wasWatched: boolean, t: Texts, w: Words): Html {
  const sensors = wasWatched ? watchedFigures(watched) : null
  const captures = replayed.runs > 0 ? replayedFigures(replayed) : null
  const columns: Column[] = [
    { title: t.labels.what },
    ...(sensors === null ? [] : [{ title: t.labels.by_sensors, kind: 'number' as const }]),
    ...(captures === null ? [] : [{ title: t.labels.in_captures, kind: 'number' as const }]),
    { title: t.labels.means },
  ]
  const rows = UNSEEN.filter((key) => sensors?.[key] !== undefined || captures?.[key] !== undefined).map((key) => [
    t.unseen[key].what,
    ...(sensors === null ? [] : [figure(key, sensors[key], t, w)]),
    ...(captures === null ? [] : [figure(key, captures[key], t, w)]),
    t.unseen[key].means,
  ])
  return rows.length === 0 ? html`<p>${t.nothingLooked}</p>` : table(columns, rows, t.headings.unseen)
}

function figure(key: UnseenKey, value: Figure | undefined, t: Texts, w: Words): Content {
  if (value === undefined) return '–'
  const { count, all } = value
  if (key === 'blind') return count === 0 ? '0' : html`<strong>${w.duration(count)}</strong>`
  if (count === 0) return '0'
  if (all === null) return html`<strong>${w.count(count)}</strong>`
  return lines([
    html`<strong>${w.count(count)}</strong>`,
    html`<span class="small">${t.of(w.count(all), w.share(count, all))}</span>`,
  ])
}

type Figures = Partial<Record<UnseenKey, Figure>>

function watchedFigures(watched: Watched): Figures {
  const { seen, hours } = watched
  return {
    hours_unwatched: { count: watched.hours_unwatched, all: hours },
    hours_silent: { count: watched.hours_silent, all: hours },
    blind: { count: watched.gap_seconds, all: null },
    ...seenFigures(seen),
    alerts_lost: { count: watched.alerts_lost, all: null },
  }
}

function replayedFigures(replayed: Replayed): Figures {
  return {
    ...seenFigures(replayed.seen),
    files_failed: { count: replayed.files_failed, all: replayed.files },
    runs_unfinished: { count: replayed.unfinished, all: replayed.runs },
  }
}

function seenFigures(seen: Seen): Figures {
  const { packets, lost_kernel, lost_interface, flows, tls_flows, tls_named } = seen
  const sent = packets + lost_kernel + lost_interface
  return {
    lost_kernel: { count: lost_kernel, all: sent },
    lost_interface: { count: lost_interface, all: sent },
    cut: { count: seen.cut, all: packets },
    not_decoded: { count: sum(Object.values(seen.not_decoded)), all: packets },
    unnamed: { count: tls_flows - tls_named, all: tls_flows },
    // a hello is counted when it comes, a connection when it is over
    ech: { count: seen.ech, all: null },
    encrypted_dns: { count: seen.encrypted_dns, all: null },
    midstream: { count: seen.midstream, all: flows },
    flow_table_full: { count: seen.flow_table_full, all: packets },
  }
}

function reasonTable(watched: Watched, replayed: Replayed, t: Texts, w: Words): Html | null {
  const counts = new Map<string, number>()
  for (const { not_decoded } of [watched.seen, replayed.seen])
    for (const [reason, count] of Object.entries(not_decoded)) counts.set(reason, (counts.get(reason) ?? 0) + count)
  const rows = [...counts]
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([reason, count]): Content[] => [reasonWords(reason, t), w.count(count)])
  if (rows.length === 0) return null
  const columns: Column[] = [{ title: t.labels.reason }, { title: t.labels.frames, kind: 'number' }]
  return html`<h3>${t.headings.not_decoded}</h3>${table(columns, rows, t.headings.not_decoded)}`
}

/** Names of links that are not read stand behind `link_type_`. */
function reasonWords(reason: string, t: Texts): Content {
  if ((REASONS as readonly string[]).includes(reason)) return t.reasons[reason as Reason]
  return html`${t.reasons.unsupported_link}: ${wire(reason.replace(/^link_type_/, ''))}`
}

function interfaceTable({ interfaces, hours }: Watched, t: Texts, w: Words): Html | null {
  if (interfaces.listed.length === 0) return null
  const { labels } = t
  const columns: Column[] = [
    { title: labels.interface },
    { title: labels.sensor },
    { title: labels.hours, kind: 'number' },
    { title: labels.packets, kind: 'number' },
    { title: labels.lost, kind: 'number' },
    { title: labels.named, kind: 'number' },
  ]
  const rows = interfaces.listed.map((row): Content[] => {
    const lost = row.lost_kernel + row.lost_interface
    return [
      wire(row.interface),
      wire(row.sensor),
      t.of(w.count(hours), w.count(row.hours_with_packets)),
      w.count(row.packets),
      lost === 0 ? '0' : w.share(lost, lost + row.packets),
      row.tls_flows === 0 ? '–' : w.share(row.tls_named, row.tls_flows),
    ]
  })
  return html`<h3>${t.headings.interfaces}</h3>${table(columns, rows, t.headings.interfaces)}
${interfaces.left_out > 0 ? html`<p>${t.leftOut(interfaces.left_out, t.allElsewhere)}</p>` : null}`
}

function gapTable({ gaps }: Watched, t: Texts, w: Words): Html | null {
  if (gaps.listed.length === 0) return null
  const { labels } = t
  const columns: Column[] = [
    { title: labels.from },
    { title: labels.to },
    { title: labels.interface },
    { title: labels.gap },
  ]
  const rows = gaps.listed.map((gap): Content[] => [
    time(gap.from, w),
    gap.to === null ? t.goesOn : time(gap.to, w),
    gap.interface === '' ? t.allInterfaces : wire(gap.interface),
    lines([
      t.gapKinds[gap.kind],
      gap.reason === '' ? null : html`<span class="soft small" lang="en">${wire(gap.reason)}</span>`,
      gap.alerts_lost > 0
        ? html`<span class="mark">${t.unseen.alerts_lost.what}: ${w.count(gap.alerts_lost)}</span>`
        : null,
    ]),
  ])
  return html`<h3>${t.headings.gaps}</h3>${table(columns, rows, t.headings.gaps)}
${gaps.left_out > 0 ? html`<p>${t.leftOut(gaps.left_out, t.allElsewhere)}</p>` : null}`
}

function runTable(replayed: Replayed, t: Texts, w: Words): Html | null {
  if (replayed.listed.length === 0) return null
  const { labels } = t
  const columns: Column[] = [
    { title: labels.run },
    { title: labels.files, kind: 'number' },
    { title: labels.packets, kind: 'number' },
    { title: labels.from },
    { title: labels.to },
  ]
  const rows = replayed.listed.map((run): Content[] => [
    time(run.started, w),
    run.finished ? w.count(run.files) : t.unfinished,
    run.finished ? w.count(run.packets) : '–',
    run.first_packet === null ? '–' : time(run.first_packet, w),
    run.last_packet === null ? '–' : time(run.last_packet, w),
  ])
  return html`<h3>${t.headings.replays}</h3>
${replayed.undated > 0 ? html`<p>${t.undated(replayed.undated)}</p>` : null}
${table(columns, rows, t.headings.replays)}
${replayed.left_out > 0 ? html`<p>${t.leftOut(replayed.left_out, t.allElsewhere)}</p>` : null}`
}

function sum(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0)
}
