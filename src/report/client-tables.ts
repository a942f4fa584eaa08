/** The lists of clients: who used the service, who tried, and apart from both whoever had to do with others. */

import { CATEGORIES, STATES } from '../events/alert.ts'
import { type Content, type Html, html, wire, written } from './html.ts'
import type { ClientRow, Listed, Report } from './report.ts'
import { type Column, lines, table } from './tables.ts'
import type { Texts } from './texts.ts'
import type { Words } from './words.ts'

/** Names of a row that are shown. */
const NAMES_MAX = 3
/** Of the id of an alert; more than are needed to tell a million apart. */
const ID_CHARACTERS = 12

export function clientTables({ sections, services }: Report, t: Texts, w: Words): Html {
  const { used, attempted } = sections.service
  const isMixed = services.length > 1
  return html`<h2 id="contacts">${t.headings.used}</h2>
<p>${t.usedNote}</p>
${clientTable(used, t, w, { name: t.headings.used, isMixed, hasUse: true })}
<h2 id="attempts">${t.headings.attempted}</h2>
<p>${t.attemptedNote}</p>
${clientTable(attempted, t, w, { name: t.headings.attempted, isMixed, hasUse: false })}
<h2 id="apart">${t.headings.apart}</h2>
<p>${t.apartNote}</p>
${CATEGORIES.filter((category) => category !== 'service').map((category) => {
  const { figures, used, attempted } = sections[category]
  const { title, note } = t.categories[category]
  const rows = [...used.listed, ...attempted.listed]
  const both = { listed: rows, left_out: used.left_out + attempted.left_out }
  return html`<h3>${title} <span class="soft small">${note}</span></h3>
${rows.length === 0 ? html`<p>${t.none}</p>` : html`<p>${t.clientsAndContacts(figures)}.</p>${clientTable(both, t, w, { name: title, isMixed: true, hasUse: false })}`}`
})}`
}

interface Shape {
  name: string
  /** Rows of several services, which have to be told apart. */
  isMixed: boolean
  hasUse: boolean
}

function clientTable(
  { listed, left_out }: Listed<ClientRow>,
  t: Texts,
  w: Words,
  { name, isMixed, hasUse }: Shape,
): Html {
  if (listed.length === 0) return html`<p>${t.none}</p>`
  const { labels } = t
  const columns: Column[] = [
    { title: labels.client, kind: 'names' },
    { title: labels.contacted, kind: 'names' },
    { title: labels.contacts },
    { title: labels.sent_received, kind: 'number' },
    { title: labels.confidence, kind: 'words' },
    ...(hasUse ? [{ title: labels.use, kind: 'words' as const }] : []),
    { title: labels.states },
  ]
  const rows = listed.map((row): Content[] => [
    lines([
      html`<strong>${wire(row.client)}</strong>`,
      ...row.names.map(wire),
      row.role === 'host' ? null : html`<span class="mark">${t.roles[row.role]}</span>`,
    ]),
    lines([
      isMixed ? html`<span lang="en">${written(row.service)}</span>` : null,
      ...row.contacted.slice(0, NAMES_MAX).map(wire),
      more(row.contacted.length),
    ]),
    lines([t.contactsOnDays(row.contacts, row.days), time(row.first_seen, w), time(row.last_seen, w)]),
    lines([w.bytes(row.bytes_out), w.bytes(row.bytes_in)]),
    lines([
      html`<strong>${t.confidences[row.confidence]}</strong>`,
      html`<span class="small">${row.evidence.map((kind) => t.evidence[kind]).join(', ')}</span>`,
      html`<span class="soft small">${t.surestAlert(row.alert.slice(0, ID_CHARACTERS))}</span>`,
    ]),
    ...(hasUse ? [row.use === null ? html`<span class="soft">${t.noUse}</span>` : t.uses[row.use]] : []),
    lines([...decided(row, t), row.lossy > 0 ? html`<span class="mark">${t.lossy(row.lossy)}</span>` : null]),
  ])
  return html`${table(columns, rows, name)}${left_out > 0 ? html`<p>${t.leftOut(left_out, t.csvHint)}</p>` : null}`
}

function more(count: number): string | null {
  return count > NAMES_MAX ? '…' : null
}

function decided({ states }: ClientRow, t: Texts): string[] {
  return STATES.flatMap((state) => {
    if (state === 'exempt' || states[state] === 0) return []
    return [t.stateCount(state, states[state])]
  })
}

/** A time that programs can read, too. */
export function time(iso: string, w: Words): Html {
  return html`<time class="nowrap" datetime="${iso}">${w.moment(iso)}</time>`
}
