/**
 * The arithmetic of the timeline: columns of alert counts by confidence, stacked
 * with the surest at the bottom, where bars are easiest to compare.
 * Times are whole seconds since 1970.
 */
import type { Timeline } from '../../src/events/api.ts'

/** With fewer buckets than this, the chart shows empty time around them; one bar as wide as the page says nothing. */
const BUCKETS_MIN = 30

/**
 * Columns as the chart draws them, one over the other: all, high and medium, high alone.
 * A column shorter than `time` counts as zeros from there on.
 */
export function stack(timeline: Timeline): [number[], number[], number[], number[]] {
  const { time, high, medium, low } = timeline
  const sure = time.map((_, i) => high[i] ?? 0)
  const likely = sure.map((value, i) => value + (medium[i] ?? 0))
  const all = likely.map((value, i) => value + (low[i] ?? 0))
  return [time, all, likely, sure]
}

/** Start and end of the time shown: what is asked for (null: open), else the buckets with room around few. */
export function span(timeline: Timeline, from: number | null, to: number | null): [number, number] {
  const step = Math.max(1, timeline.step)
  const first = timeline.time[0] ?? to ?? from ?? 0
  const start = from ?? first
  const end = to ?? (timeline.time.at(-1) ?? start) + step
  const missing = BUCKETS_MIN * step - (end - start)
  if (missing <= 0 || (from !== null && to !== null)) return [start, Math.max(end, start + 1)]
  if (from !== null) return [start, end + missing]
  if (to !== null) return [start - missing, end]
  return [start - missing / 2, end + missing / 2]
}

/** Number of the bucket that holds `seconds`, or -1. Buckets ascend and may have gaps between them. */
export function bucketAt(timeline: Timeline, seconds: number): number {
  return timeline.time.findLastIndex((start) => start <= seconds && seconds < start + timeline.step)
}

/** Alerts of each confidence in all buckets. */
export function totals(timeline: Timeline): { high: number; medium: number; low: number } {
  const sum = (column: number[]): number => column.reduce((total, value) => total + value, 0)
  return { high: sum(timeline.high), medium: sum(timeline.medium), low: sum(timeline.low) }
}
