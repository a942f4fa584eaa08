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
const HOUR_US = 3600e6

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

const HOURS = `
  SELECT * FROM coverage WHERE hour_us >= @from AND hour_us < @to
  ORDER BY hour_us DESC, sensor DESC, interface DESC LIMIT @max`

const SUMS = `
  SELECT ${COVERAGE_COUNTS.map((name) => `ifnull(sum(${name}), 0) AS ${name}`).join(', ')} FROM coverage
  WHERE hour_us >= @from AND hour_us < @to`

const NEWEST_HOUR = 'SELECT ifnull(max(hour_us), 0) FROM coverage WHERE interface = ?'

const END = `
  SELECT max(
    ifnull((SELECT max(hour_us) FROM coverage) + ${HOUR_US}, 0),
    ifnull((SELECT max(from_us) FROM gaps) + 1, 0)
  )`

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

  /** When the newest hour of an interface begins; 0 when there is none. */
  newest(device: string): number {
    return this.#db.prepare<[string], number>(NEWEST_HOUR).pluck().get(device)!
  }

  /** Where what is known ends: behind the newest hour, and behind the beginning of the newest gap; 0 without any. */
  end(): number {
    return this.#db.prepare<[], number>(END).pluck().get()!
  }

  /** Coverage and gaps of a span of time, microseconds, the end exclusive. */
  report(from: number, to: number): CoverageReport {
    const rows = this.#db.prepare<[object], HourRow>(HOURS).all({ from, to, max: HOURS_MAX }).reverse()
    const hours = rows.map(hourOf)
    const byKey = new Map(rows.map((row, i) => [keyOf(row), hours[i]!]))
    const reasons = this.#db
      .prepare<[object], { hour_us: number; sensor: string; interface: string; reason: string; packets: number }>(
        REASONS,
      )
      .all({ from: rows[0]?.hour_us ?? to, to })
    for (const row of reasons) {
      const hour = byKey.get(keyOf(row))
      if (hour) hour.not_decoded[row.reason] = row.packets
    }
    const gaps = this.#db.prepare<[object], GapRow>(GAPS).all({ from, to, max: GAPS_MAX }).map(gapOf)
    // of the whole span, also of hours that are too many to be listed
    const sums = this.#db.prepare<[object], CoverageCounts>(SUMS).get({ from, to })!
    return { sentence: coverageSentence(sums), hours, gaps }
  }
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
