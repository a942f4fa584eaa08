/** Contacts by day as bars, and below each in how many hours packets were seen: one drawing, with its words beside it. */

import { type Html, html } from './html.ts'
import type { DayRow } from './report.ts'
import type { Texts } from './texts.ts'
import type { Words } from './words.ts'

const WIDTH = 720
const LEFT = 34
const BARS = 90
const GAP = 6
const HOURS = 12
const HEIGHT = BARS + GAP + HOURS + 18
const HOURS_OF_DAY = 24
/** Days that are told in words. */
const TOLD_MAX = 40

/** Nothing where there are no days to show. */
export function chart(days: readonly DayRow[], t: Texts, w: Words): Html | null {
  if (days.length === 0) return null
  const hasHours = days.some(({ hours_with_packets }) => hours_with_packets > 0)
  const sum = ({ contacts, attempts }: DayRow): number => contacts + attempts
  const top = days.reduce((best, day) => (sum(day) > sum(best) ? day : best))
  const most = Math.max(1, sum(top))
  const step = (WIDTH - LEFT) / days.length
  const width = Math.max(0.5, Math.min(40, step * 0.85))
  const bars = days.map((day, i) => {
    const x = LEFT + i * step + (step - width) / 2
    const used = (BARS * day.contacts) / most
    const tried = (BARS * day.attempts) / most
    const hours = (HOURS * Math.min(HOURS_OF_DAY, day.hours_with_packets)) / HOURS_OF_DAY
    return [
      bar('bar-used', x, BARS - used, width, used),
      bar('bar-tried', x, BARS - used - tried, width, tried),
      bar('bar-hours', x, BARS + GAP + HOURS - hours, width, hours),
    ]
  })
  const drawing = html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${t.chart(most, w.day(top.day))}">
<text class="scale" x="${LEFT - 4}" y="9" text-anchor="end">${w.count(most)}</text><line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${BARS}" y2="${BARS}"/>
${bars}
<text class="scale" x="${LEFT}" y="${HEIGHT - 4}">${w.day(days[0]!.day)}</text><text class="scale" x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end">${w.day(days.at(-1)!.day)}</text></svg>`
  return html`<figure>${drawing}<figcaption class="small"><span class="key used"></span>${t.chartLegend.contacts}<span class="key tried"></span>${t.chartLegend.attempts}${hasHours ? html`<span class="key hours"></span>${t.chartLegend.hours}` : null}</figcaption></figure>
<p class="small">${inWords(days, t, w)}</p>`
}

function bar(kind: string, x: number, y: number, width: number, height: number): Html | null {
  if (height === 0) return null
  const two = (value: number): string => value.toFixed(2)
  return html`<rect class="${kind}" x="${two(x)}" y="${two(y)}" width="${two(width)}" height="${two(height)}"/>`
}

function inWords(days: readonly DayRow[], t: Texts, w: Words): string {
  const busy = days.filter(({ contacts, attempts }) => contacts + attempts > 0)
  if (busy.length === 0) return t.noDays
  const told = busy.slice(0, TOLD_MAX).map(({ day, contacts, attempts }) => t.dayTold(w.day(day), contacts, attempts))
  return t.daysTold(told, busy.length - told.length)
}
