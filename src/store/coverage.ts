/** The tables of coverage and gaps: hour by hour what could be judged, and when nothing was seen. */

import type { Database, Statement } from 'better-sqlite3'
import { rfc3339 } from '../bytes/time.ts'
import {
  COVERAGE_COUNTS,
  type CoverageCounts,
  type CoverageHour,
  type CoverageReport,
  type GapKind,
  type GapRecord,
} from '../events/coverage.ts'
import { coverageSentence } from './coverage-sentence.ts'

const GAPS_MAX = 100
const HOURS_MAX = 24 * 366

/** What was counted since the last time. */
export interface CoverageMore {
  interface: string
  hourUs: number
  counts: CoverageCounts
  notDecoded: Record<string, number>
}

export interface Gap {
  interface: string
  kind: GapKind
  fromUs: number
  /** Null while it goes on. */
  toUs: number | null
  reason: string
  alertsLost: number
}

/** How a sensor ended that watched before. */
export interface LastWatch {
  run: string
  /** Until when it is known to have run, microseconds of system time. */
  aliveUs: number
  /** Whether it ended in order. */
  ended: boolean
}

type HourRow = CoverageCounts & { sensor: string; interface: string; hour_us: number }
interface GapRow {
  sensor: string
  interface: string
  kind: GapKind
  from_us: number
  to_us: number | null
  reason: string
  alerts_lost: number
}

const COLUMNS = COVERAGE_COUNTS.join(', ')

const ADD_HOUR = `
  INSERT INTO coverage (sensor, interface, hour_us, ${COLUMNS})
  VALUES (@sensor, @interface, @hourUs, ${COVERAGE_COUNTS.map((name) => `@${name}`).join(', ')})
  ON CONFLICT (sensor, interface, hour_us) DO UPDATE SET
    ${COVERAGE_COUNTS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`

const ADD_REASON = `
  INSERT INTO coverage_reasons (sensor, interface, hour_us, reason, packets)
  VALUES (@sensor, @interface, @hourUs, @reason, @packets)
  ON CONFLICT (sensor, interface, hour_us, reason) DO UPDATE SET packets = packets + excluded.packets`

const HOURS =
  'SELECT * FROM coverage WHERE hour_us >= @from AND hour_us < @to ORDER BY hour_us, sensor, interface LIMIT @max'

const NEWEST_HOUR = 'SELECT ifnull(max(hour_us), 0) FROM coverage WHERE @interface IS NULL OR interface = @interface'

const REASONS = `
  SELECT hour_us, sensor, interface, reason, packets FROM coverage_reasons
  WHERE hour_us >= @from AND hour_us < @to ORDER BY hour_us, sensor, interface, reason`

const INSERT_GAP = `
  INSERT INTO gaps (sensor, interface, kind, from_us, to_us, reason, alerts_lost)
  VALUES (@sensor, @interface, @kind, @fromUs, @toUs, @reason, @alertsLost)`

const END_GAP = 'UPDATE gaps SET to_us = @toUs, alerts_lost = @alertsLost WHERE key = @key'

const END_OPEN_GAPS = 'UPDATE gaps SET to_us = @toUs WHERE sensor = @sensor AND to_us IS NULL'

const GAPS = `
  SELECT * FROM gaps WHERE from_us < @to AND (to_us IS NULL OR to_us >= @from)
  ORDER BY from_us DESC, key DESC LIMIT @max`

const LAST_WATCH = 'SELECT run, alive_us AS aliveUs, ended FROM watches WHERE sensor = ?'

const BEGIN_WATCH = `
  INSERT INTO watches (sensor, run, alive_us, ended) VALUES (@sensor, @run, @aliveUs, 0)
  ON CONFLICT (sensor) DO UPDATE SET run = excluded.run, alive_us = excluded.alive_us, ended = 0`

const STILL_ALIVE = 'UPDATE watches SET alive_us = @aliveUs, ended = @ended WHERE sensor = @sensor'

export class CoverageBook {
  readonly #db: Database
  readonly #insertGap: Statement<[object]>
  readonly #endGap: Statement<[object]>
  readonly #add: { immediate(sensor: string, more: readonly CoverageMore[], aliveUs: number): void }

  constructor(db: Database) {
    this.#db = db
    this.#insertGap = db.prepare(INSERT_GAP)
    this.#endGap = db.prepare(END_GAP)
    const addHour = db.prepare(ADD_HOUR)
    const addReason = db.prepare(ADD_REASON)
    const stillAlive = db.prepare(STILL_ALIVE)
    this.#add = db.transaction((sensor: string, more: readonly CoverageMore[], aliveUs: number) => {
      for (const { interface: device, hourUs, counts, notDecoded } of more) {
        const key = { sensor, interface: device, hourUs }
        addHour.run({ ...key, ...counts })
        for (const [reason, packets] of Object.entries(notDecoded)) addReason.run({ ...key, reason, packets })
      }
      stillAlive.run({ sensor, aliveUs, ended: 0 })
    })
  }

  /** Adds what was counted, and notes that the sensor lived at `aliveUs`. */
  add(sensor: string, more: readonly CoverageMore[], aliveUs: number): void {
    this.#add.immediate(sensor, more, aliveUs)
  }

  /** Puts a gap on record; returns the number by which it can be ended. */
  gap(sensor: string, { interface: device, kind, fromUs, toUs, reason, alertsLost }: Gap): number {
    const row = { sensor, interface: device, kind, fromUs, toUs, reason, alertsLost }
    return Number(this.#insertGap.run(row).lastInsertRowid)
  }

  endGap(key: number, toUs: number, alertsLost: number): void {
    this.#endGap.run({ key, toUs, alertsLost })
  }

  /** The sensor begins to watch; gives how it ended before. Gaps that were left open end when it was last alive. */
  beginWatch(sensor: string, run: string, aliveUs: number): LastWatch | null {
    return this.#db
      .transaction(() => {
        const row = this.#db.prepare<[string], { run: string; aliveUs: number; ended: number }>(LAST_WATCH).get(sensor)
        if (row !== undefined) this.#db.prepare(END_OPEN_GAPS).run({ sensor, toUs: row.aliveUs })
        this.#db.prepare(BEGIN_WATCH).run({ sensor, run, aliveUs })
        return row === undefined ? null : { ...row, ended: row.ended === 1 }
      })
      .immediate()
  }

  /** The sensor ends in order. */
  endWatch(sensor: string, aliveUs: number): void {
    this.#db.prepare(STILL_ALIVE).run({ sensor, aliveUs, ended: 1 })
  }

  newest(device: string | null): number {
    return this.#db.prepare<[object], number>(NEWEST_HOUR).pluck().get({ interface: device })!
  }

  /** Coverage and gaps of a span of time, microseconds, the end exclusive. */
  report(from: number, to: number): CoverageReport {
    const rows = this.#db.prepare<[object], HourRow>(HOURS).all({ from, to, max: HOURS_MAX })
    const hours = rows.map(hourOf)
    const byKey = new Map(rows.map((row, i) => [keyOf(row), hours[i]!]))
    const reasons = this.#db
      .prepare<[object], { hour_us: number; sensor: string; interface: string; reason: string; packets: number }>(
        REASONS,
      )
      .all({ from, to })
    for (const row of reasons) {
      const hour = byKey.get(keyOf(row))
      if (hour) hour.not_decoded[row.reason] = row.packets
    }
    const gaps = this.#db.prepare<[object], GapRow>(GAPS).all({ from, to, max: GAPS_MAX }).map(gapOf)
    return { sentence: coverageSentence(sumOf(hours)), hours, gaps }
  }
}

/** The sum of all counts. */
export function sumOf(hours: readonly CoverageCounts[]): CoverageCounts {
  const sum = Object.fromEntries(COVERAGE_COUNTS.map((name) => [name, 0])) as CoverageCounts
  for (const hour of hours) for (const name of COVERAGE_COUNTS) sum[name] += hour[name]
  return sum
}

function keyOf(row: { hour_us: number; sensor: string; interface: string }): string {
  return JSON.stringify([row.hour_us, row.sensor, row.interface])
}

function hourOf({ hour_us, ...row }: HourRow): CoverageHour {
  return { ...row, hour: rfc3339(hour_us), not_decoded: {} }
}

function gapOf(row: GapRow): GapRecord {
  return {
    sensor: row.sensor,
    interface: row.interface,
    kind: row.kind,
    from: rfc3339(row.from_us),
    to: row.to_us === null ? null : rfc3339(row.to_us),
    reason: row.reason,
    alerts_lost: row.alerts_lost,
  }
}
