/**
 * The report as one page of HTML that needs nothing else: no script, no
 * request, its style inside and named by its hash in the policy of the page.
 */

import { createHash } from 'node:crypto'
import { CATEGORIES } from '../events/alert.ts'
import { chart } from './chart.ts'
import { clientTables, time } from './client-tables.ts'
import { type Content, type Html, html, trusted, wire, written } from './html.ts'
import { decisionTable, exemptionTable } from './record-tables.ts'
import type { PackRow, PolicyRow, Report } from './report.ts'
import { STYLE } from './style.ts'
import { lines } from './tables.ts'
import type { Texts } from './texts.ts'
import { unseenTables } from './unseen-tables.ts'
import type { Words } from './words.ts'

/** @param t texts of the language of `w` */
export function page(report: Report, t: Texts, w: Words): string {
  const title = report.title === '' ? t.title : report.title
  const policy = `default-src 'none'; style-src 'sha256-${hashOf(STYLE)}'; base-uri 'none'; form-action 'none'`
  const whole = html`<!doctype html>
<html lang="${w.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Seekwatch ${report.seekwatch}">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<h1>${written(title)}</h1>
<p class="soft">${periodWords(report, t, w)}</p>
${answer(report, t)}
${figures(report, t, w)}
<h2 id="days">${t.headings.days}</h2>
${chart(report.days, t, w) ?? html`<p>${t.tooManyDays}</p>`}
${clientTables(report, t, w)}
${decisionTable(report, t, w)}
${exemptionTable(report, t, w)}
${unseenTables(report, t, w)}
${policies(report, t, w)}
<h2 id="method">${t.headings.method}</h2>
<ul>${t.method.map((sentence) => html`<li>${sentence}</li>\n`)}</ul>
${about(report, t, w)}
</main>
</body>
</html>
`
  return whole.text
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

function periodWords({ period, timezone }: Report, t: Texts, w: Words): Content {
  const { from, to, is_whole_database } = period
  if (from === null || to === null) return t.noPeriod
  const span = t.period(w.moment(from), w.moment(to), timezone)
  return is_whole_database ? `${t.wholeDatabase}: ${span}` : span
}

function answer(report: Report, t: Texts): Html {
  return html`<section class="answer ${report.finding}" aria-label="${t.headings.answer}">
<p class="first">${t.answer(report)}</p>
<p>${report.finding === 'unknown' ? null : html`${t.basis(report.watched, report.replayed)} `}<a href="#unseen">${t.seeUnseen}</a></p>
${report.is_reviewing ? html`<p class="alarm">${t.stillReviewing}</p>` : null}
</section>`
}

/** Where nothing was looked at, a nought would say too much. */
function figures({ sections, exempt_alerts, finding }: Report, t: Texts, w: Words): Html {
  const { figures } = sections.service
  const others = CATEGORIES.filter((category) => category !== 'service')
  const apart = others.reduce((sum, category) => sum + sections[category].figures.alerts, 0)
  const shown: Array<[keyof Texts['figures'], string]> = [
    ['clients', w.count(figures.clients)],
    ['standing', w.count(figures.clients_standing_for_others)],
    ['attemptOnly', w.count(figures.clients_attempt_only)],
    ['contacts', w.count(figures.contacts)],
    ['days', w.count(figures.days)],
    ['bytes', w.bytes(figures.bytes_out)],
    ['exempt', w.count(exempt_alerts)],
    ['apart', w.count(apart)],
  ]
  return html`<dl class="figures">${shown.map(
    ([key, value]) =>
      html`<div><dt>${t.figures[key].label}</dt><dd><span class="value">${finding === 'unknown' ? '–' : value}</span><br><span class="soft small">${t.figures[key].note}</span></dd></div>\n`,
  )}</dl>`
}

function policies({ policies, unknown_policies }: Report, t: Texts, w: Words): Html {
  return html`<h2 id="policies">${t.headings.policies}</h2>
<p>${t.policyNote}</p>
${policies.length === 0 ? html`<p>${t.none}</p>` : html`<ul>${policies.map((one) => policyItem(one, t, w))}</ul>`}
${unknown_policies.length > 0 ? html`<p>${t.unknownPolicies} ${lines(unknown_policies.map(wire))}</p>` : null}`
}

function policyItem(policy: PolicyRow, t: Texts, w: Words): Html {
  return html`<li><strong lang="en">${written(policy.title)}</strong>: <span lang="en">${written(policy.authority)}</span> (${policy.country}), ${w.day(policy.date)}; ${t.policyCited(policy.alerts)}.
<br><span lang="en">${written(policy.scope)} ${written(policy.reference)}.</span>
<br><span class="small">${t.sources}: ${policy.sources.map((source, i) => html`${i > 0 ? '; ' : ''}${sourceLink(source)}`)}</span></li>
`
}

/** An address of the web is a link; the words behind it stay words, and so does everything else. */
function sourceLink(source: string): Html {
  const [, address, rest] = /^(https?:\/\/\S+)(.*)$/s.exec(source) ?? []
  if (address === undefined || !URL.canParse(address)) return written(source)
  return html`<a href="${new URL(address).href}" rel="noreferrer">${written(address)}</a>${written(rest ?? '')}`
}

function about(report: Report, t: Texts, w: Words): Html {
  const { labels } = t
  const packs = (rows: readonly PackRow[]): Content =>
    rows.length === 0
      ? '–'
      : rows.map(({ pack, version }, i) => html`${i > 0 ? ', ' : ''}${written(`${pack} ${version}`)}`)
  const facts: Array<[string, Content]> = [
    [labels.made, html`${time(report.made, w)}`],
    [labels.program, `Seekwatch ${report.seekwatch}`],
    [labels.database, wire(report.database)],
    [labels.timezone, report.timezone],
    [labels.sensors, report.sensors.length === 0 ? '–' : lines(report.sensors.map(wire))],
    [labels.packs, packs(report.packs)],
    [labels.packs_of_alerts, packs(report.packs_of_alerts)],
  ]
  return html`<h2 id="about">${t.headings.about}</h2>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`
}
