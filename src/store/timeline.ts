/** Alerts over time, as columns for a chart: by the moment each was first seen, split by confidence. */

import type { Database, Statement } from 'better-sqlite3'
import { CONFIDENCES } from '../events/alert.ts'
import type { Timeline } from '../events/api.ts'
import { QueryError } from './errors.ts'
import { timeOf } from './filter.ts'
import * as sql from './queries.ts'

export interface TimelineQuery {
  /** RFC 3339; from the first alert when absent. */
  from?: string
  /** RFC 3339, exclusive; to the last alert when absent. */
  to?: string
  /** Length of a bucket in seconds; a round one that fits when absent. */
  step?: number
}

/** More columns than a screen has room for help nobody. */
const BUCKETS_MAX = 500

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ROUND_STEPS = [1, 5, 10, 30, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR]
const ROUND_DAYS = [DAY, 7 * DAY, 30 * DAY, 365 * DAY]

interface BucketRow {
  bucket: number
  confidence: number
  alerts: number
}

export class TimelineReader {
  readonly #range: Statement<[], { first: number | null; last: number | null }>
  readonly #buckets: Statement<[{ origin: number; step: number; from: number; to: number }], BucketRow>

  constructor(db: Database) {
    this.#range = db.prepare(sql.FIRST_SEEN_RANGE)
    this.#buckets = db.prepare(sql.BUCKETS)
  }

  /** Empty buckets are there as zeros. Throws QueryError for a bad time, or a step that makes too many buckets. */
  read(query: TimelineQuery): Timeline {
    const range = this.#range.get()!
    const from = query.from === undefined ? range.first : timeOf('from', query.from)
    const to = query.to === undefined ? behind(range.last) : timeOf('to', query.to)
    if (from === null || to === null || from >= to) return columns(query.step ?? MINUTE, 0, 0)
    const step = stepFor(query.step, from, to)
    const first = Math.floor(from / 1e6 / step)
    const timeline = columns(step, first, bucketCount(step, from, to))
    const stepUs = step * 1e6
    for (const { bucket, confidence, alerts } of this.#buckets.all({ origin: first * stepUs, step: stepUs, from, to }))
      timeline[CONFIDENCES[confidence]!][bucket] = alerts
    return timeline
  }
}

/** The next time that is not that one: a microsecond later, or what a number can tell apart in years far away. */
function behind(timeUs: number | null): number | null {
  return timeUs === null ? null : timeUs + Math.max(1, Math.abs(timeUs) * Number.EPSILON)
}

function columns(step: number, first: number, count: number): Timeline {
  const zeros = (): number[] => new Array(count).fill(0)
  return { step, time: zeros().map((_, i) => (first + i) * step), high: zeros(), medium: zeros(), low: zeros() }
}

function stepFor(asked: number | undefined, from: number, to: number): number {
  const round = [...ROUND_STEPS, ...ROUND_DAYS].find((step) => bucketCount(step, from, to) <= BUCKETS_MAX)
  // Five centuries of years: reached only by times that no capture holds.
  const fits = round ?? Math.ceil((to - from) / 1e6 / (BUCKETS_MAX - 1))
  if (asked !== undefined && bucketCount(asked, from, to) > BUCKETS_MAX)
    throw new QueryError(`step: ${asked} s makes more than ${BUCKETS_MAX} buckets of this time; write ${fits}`)
  return asked ?? fits
}

function bucketCount(step: number, from: number, to: number): number {
  return Math.floor((to - 1) / 1e6 / step) - Math.floor(from / 1e6 / step) + 1
}
