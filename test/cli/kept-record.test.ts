/** What a sensor keeps on record while the database cannot be written: it waits, within a bound, and nothing is lost unsaid. */

import type { Logger } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Gap } from '../../src/capture/live/live.ts'
import { KeptRecord } from '../../src/cli/kept-record.ts'
import { Coverage } from '../../src/sensor/coverage.ts'
import { CoverageMeter } from '../../src/sensor/coverage-meter.ts'
import { StoreError } from '../../src/store/errors.ts'
import { openStore } from '../../src/store/store.ts'

const HOUR_US = 3600e6

function trial() {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  const said: string[] = []
  const note = (...parts: unknown[]): void => void said.push(String(parts.at(-1)))
  const log = { info: note, warn: note, error: note } as unknown as Logger
  const meter = new CoverageMeter(new Coverage())
  const record = new KeptRecord(store, 's', meter, log)
  const { addCoverage } = store
  const full = (isFull: boolean): void => {
    store.addCoverage = isFull
      ? () => {
          throw new StoreError('w.db: the disk is full')
        }
      : addCoverage
  }
  const gap = (fromUs: number): void => {
    const one: Gap = { device: 'eth0', kind: 'capture', fromUs, toUs: null, reason: 'the link is down' }
    record.gap(one)
    one.toUs = fromUs + 1
    record.gap(one)
  }
  return { store, said, meter, record, full, gap }
}

describe('while the database cannot be written', () => {
  test('gaps and hours of coverage wait', () => {
    const { store, said, meter, record, full, gap } = trial()
    full(true)
    for (let i = 0; i < 400; i++) {
      meter.turnTo('eth0', i * HOUR_US)
      gap(i)
    }
    expect(record.trouble).toContain('the disk is full')
    full(false)
    record.keep()
    expect(store.coverage(0, Number.MAX_SAFE_INTEGER).hours.length).toBe(400)
    expect([record.trouble, record.lost]).toEqual(['', 0])
    expect(said).toEqual(['coverage waits: w.db: the disk is full', 'coverage is kept again'])
  })

  test('what is beyond the bound is given up, counted, and told once', () => {
    const { store, said, meter, record, full, gap } = trial()
    full(true)
    for (let i = 0; i < 1003; i++) meter.turnTo('eth0', i * HOUR_US)
    for (let i = 0; i < 1002; i++) gap(i)
    expect(record.lost).toBe(3 + 2)
    full(false)
    record.keep()
    record.keep()
    const { hours } = store.coverage(0, Number.MAX_SAFE_INTEGER)
    expect([hours.length, hours[0]!.hour]).toEqual([1000, '1970-01-01T03:00:00.000000Z'])
    expect(said.slice(2)).toEqual([
      '2 gaps and coverage of 3 hours of an interface had to be given up: the database took nothing while more than 1000 of them waited',
    ])
  })
})
