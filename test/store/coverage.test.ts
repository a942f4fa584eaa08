import { describe, expect, onTestFinished, test } from 'vitest'
import { rfc3339 } from '../../src/bytes/time.ts'
import { COVERAGE_COUNTS, type CoverageCounts } from '../../src/events/coverage.ts'
import type { CoverageMore, Gap } from '../../src/store/coverage.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { NINE_O_CLOCK } from '../support/alerts.ts'

const HOUR_US = 3600e6
const DAY_US = 24 * HOUR_US

function emptyStore(): Store {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  return store
}

function hour(hourUs: number, changes: Partial<CoverageCounts> = {}, device = 'eth0'): CoverageMore {
  const zeros = Object.fromEntries(COVERAGE_COUNTS.map((name) => [name, 0])) as CoverageCounts
  return { interface: device, hourUs, counts: { ...zeros, ...changes }, notDecoded: {} }
}

const gap = (fromUs: number): Gap => ({
  interface: 'eth0',
  kind: 'capture',
  fromUs,
  toUs: null,
  reason: 'the interface is down',
  alertsLost: 0,
})

describe('where what is known ends', () => {
  test('with nothing, at 0', () => {
    expect(emptyStore().coverageEnd()).toBe(0)
  })

  test('with the newest hour of any interface', () => {
    const store = emptyStore()
    store.addCoverage('s', [hour(NINE_O_CLOCK), hour(NINE_O_CLOCK - HOUR_US, {}, 'eth1')], NINE_O_CLOCK)
    expect(store.coverageEnd()).toBe(NINE_O_CLOCK + HOUR_US)
    expect(store.lastCoverage('eth1')).toBe(NINE_O_CLOCK - HOUR_US)
    expect(store.lastCoverage('eth2')).toBe(0)
  })

  test.each([
    ['without any hour', []],
    ['a while after the newest hour', [hour(NINE_O_CLOCK - 3 * HOUR_US)]],
  ])('a gap that goes on is of the newest day, %s', (_, hours) => {
    const store = emptyStore()
    store.addCoverage('s', hours, NINE_O_CLOCK)
    store.addGap('s', gap(NINE_O_CLOCK))
    const end = store.coverageEnd()
    const report = store.coverage(end - DAY_US, end)
    expect(report.gaps.map(({ from }) => from)).toEqual([rfc3339(NINE_O_CLOCK)])
    expect(report.hours).toHaveLength(hours.length)
  })
})

test('more hours than are listed: the newest, oldest first, and the sentence is about all', () => {
  const store = emptyStore()
  const all = 366 * 24
  const hours = Array.from({ length: all + 2 }, (_, i) => hour(i * HOUR_US, { packets: 1, tls_flows: 1 }))
  hours[0]!.counts.tls_named = all + 2
  for (const at of [1, 2]) hours[at]!.notDecoded = { 'cut short': at }
  store.addCoverage('s', hours, 0)
  const report = store.coverage(0, (all + 2) * HOUR_US)
  expect(report.hours).toHaveLength(all)
  expect(report.hours[0]).toMatchObject({ hour: rfc3339(2 * HOUR_US), not_decoded: { 'cut short': 2 } })
  expect(report.hours.at(-1)!.hour).toBe(rfc3339((all + 1) * HOUR_US))
  expect(report.sentence).toBe('of 8786 packets none were lost; 100 % of TLS flows showed a name; 0 % used ECH')
})
