/** Exemptions as the page shows and asks for them: their standing by the reader's clock, and drafts from alerts. */

import type { Alert } from '../../src/events/alert.ts'
import type { ExemptionView } from '../../src/events/api.ts'
import type { ExemptionDraft, ExemptionKind, ExemptionScope } from '../../src/events/exemption.ts'

export const STANDINGS = ['ending soon', 'active', 'planned', 'ended'] as const
export type Standing = (typeof STANDINGS)[number]

/** How long before its end somebody should think about it. */
const SOON_MS = 7 * 86_400_000

/** Where an exemption stands at `nowMs`; the page may be open for days. */
export function standingOf({ start, end }: Pick<ExemptionView, 'start' | 'end'>, nowMs: number): Standing {
  const endMs = Date.parse(end)
  if (endMs <= nowMs) return 'ended'
  if (Date.parse(start) > nowMs) return 'planned'
  return endMs - nowMs <= SOON_MS ? 'ending soon' : 'active'
}

/** By standing, what ends first first; what has ended last, the last ended first. Standings without any are left out. */
export function grouped(views: readonly ExemptionView[], nowMs: number): Array<[Standing, ExemptionView[]]> {
  return STANDINGS.map((standing): [Standing, ExemptionView[]] => {
    const list = views.filter((view) => standingOf(view, nowMs) === standing)
    list.sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0))
    return [standing, standing === 'ended' ? list.reverse() : list]
  }).filter(([, list]) => list.length > 0)
}

/** The fields of the dialog. Empty text and `false` mean: not said. */
export interface ExemptionForm {
  client: string
  mac: string
  name: string
  everyone: boolean
  rule: string
  category: string
  indicator: string
  network: string
  kind: ExemptionKind | ''
  reason: string
  owner: string
  ticket: string
  /** As `<input type="datetime-local">` gives it, in the reader's zone; empty for now. */
  start: string
  end: string
}

export const EMPTY_FORM: ExemptionForm = {
  client: '',
  mac: '',
  name: '',
  everyone: false,
  rule: '',
  category: '',
  indicator: '',
  network: '',
  kind: '',
  reason: '',
  owner: '',
  ticket: '',
  start: '',
  end: '',
}

/** The form for the client of an alert, from when it was first seen, so that this alert is covered, too. */
export function formFor(alert: Alert): ExemptionForm {
  return { ...EMPTY_FORM, client: alert.client.ip, start: localInput(alert.first_seen) }
}

/** What the form asks for. The server checks it and says what is wrong. */
export function draftOf(form: ExemptionForm): Partial<ExemptionDraft> {
  const { client, mac, name, everyone, rule, category, indicator, network, kind, reason, owner, ticket } = form
  const scope = said({ client, mac, name, everyone, rule, category, indicator, network }) as ExemptionScope
  const times = { start: instant(form.start), end: instant(form.end) }
  return { ...said({ kind, reason, owner, ticket, ...times }), scope } as Partial<ExemptionDraft>
}

/** The scope in words. */
export function scopeWords({ everyone, ...parts }: ExemptionScope): string {
  const named = Object.entries(parts).map(([key, value]) => `${key} ${value}`)
  return [...(everyone === true ? ['everyone'] : []), ...named].join(', ')
}

/** `2026-11-22T10:14` in the reader's zone, rounded down, for `<input type="datetime-local">`. */
export function localInput(iso: string): string {
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** RFC 3339 of what such an input holds; empty when it holds nothing. */
export function instant(local: string): string {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString()
}

function said(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== false))
}
