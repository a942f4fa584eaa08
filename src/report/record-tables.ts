/** What is on record of people: decisions on alerts, and exemptions. */

import type { Category } from '../events/alert.ts'
import type { ExemptionScope } from '../events/exemption.ts'
import { time } from './client-tables.ts'
import { type Content, type Html, html, written } from './html.ts'
import type { Report } from './report.ts'
import { type Column, lines, table } from './tables.ts'
import type { Texts } from './texts.ts'
import type { Words } from './words.ts'

export function decisionTable({ decisions, states }: Report, t: Texts, w: Words): Html {
  const { labels } = t
  const columns: Column[] = [
    { title: labels.time },
    { title: labels.who },
    { title: labels.via },
    { title: labels.decision },
    { title: labels.alerts, kind: 'number' },
    { title: labels.note },
  ]
  const rows = decisions.listed.map(({ at, who, via, state, alerts, note }): Content[] => [
    time(at, w),
    written(who),
    written(via),
    t.states[state],
    w.count(alerts),
    written(note),
  ])
  return html`<h2 id="decisions">${t.headings.decisions}</h2>
<p>${t.statesTold(states)}</p>
${rows.length === 0 ? html`<p>${t.noDecisions}</p>` : table(columns, rows, t.headings.decisions)}
${decisions.left_out > 0 ? html`<p>${t.leftOut(decisions.left_out, t.allElsewhere)}</p>` : null}`
}

export function exemptionTable({ exemptions, exempt_alerts, is_reviewing }: Report, t: Texts, w: Words): Html {
  const { labels } = t
  const columns: Column[] = [
    { title: labels.exemption },
    { title: labels.covers },
    { title: labels.why },
    { title: labels.until },
    { title: labels.hidden },
  ]
  const rows = exemptions.listed.map((one): Content[] => [
    lines([one.id, t.kinds[one.kind]]),
    scopeWords(one.scope, t),
    lines([
      written(one.reason),
      written(one.ticket === undefined ? one.owner : `${one.owner} (${one.ticket})`),
      html`<span class="small">${t.madeBy}: ${written(one.created_by)}, ${time(one.created_at, w)}</span>`,
    ]),
    lines([
      time(one.start, w),
      time(one.end, w),
      one.ended_early === null
        ? null
        : html`<span class="small">${t.endedEarly}: ${written(one.ended_early.who)}, ${time(one.ended_early.at, w)}</span>`,
    ]),
    t.hiddenOf(one.alerts, one.clients),
  ])
  return html`<h2 id="exemptions">${t.headings.exemptions}</h2>
${is_reviewing ? html`<p class="alarm">${t.stillReviewing}</p>` : null}
${rows.length === 0 ? html`<p>${t.none}</p>` : html`<p>${t.exemptionsNote(exempt_alerts)}</p>${table(columns, rows, t.headings.exemptions)}`}
${exemptions.left_out > 0 ? html`<p>${t.leftOut(exemptions.left_out, t.allElsewhere)}</p>` : null}`
}

function scopeWords(scope: ExemptionScope, t: Texts): Content[] {
  const { everyone, ...parts } = scope
  const named = Object.entries(parts) as Array<[keyof typeof parts, string]>
  return lines([
    everyone === true ? t.everyone : null,
    ...named.map(([key, value]) => html`${t.scope[key]} ${scopeValue(key, value, t)}`),
  ])
}

function scopeValue(key: keyof ExemptionScope, value: string, t: Texts): Content {
  return key === 'category' ? t.categories[value as Category].title : written(value)
}
