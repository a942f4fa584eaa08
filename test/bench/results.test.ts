/** The table of a bench run. */

import { describe, expect, test } from 'vitest'
import { compared } from './goals.ts'
import { median, type Results, resultsText } from './results.ts'

describe('median', () => {
  test.each([
    { name: 'odd number, unsorted', values: [9, 1, 5], want: 5 },
    { name: 'even number: the mean of the middle two', values: [4, 1, 3, 2], want: 2.5 },
    { name: 'numbers, not text', values: [10, 9, 100], want: 10 },
    { name: 'one', values: [7], want: 7 },
    { name: 'none', values: [], want: Number.NaN },
  ])('$name', ({ values, want }) => expect(median(values)).toBe(want))
})

test('an entry names date, commit, machine, each program, and what was missing', () => {
  const results: Results = {
    date: '2026-01-15T08:09:10.000Z',
    commit: 'commit abc1234',
    node: '20.20.2',
    kernel: '6.1.0',
    cpu: '2 × Some Processor',
    load: 0.25,
    traffic: { packets: 1_000_000, fileBytes: 1e9, flows: 5, hellos: 3, dnsMessages: 4, seed: 1 },
    rows: [
      {
        name: 'tcpdump',
        work: 'copies',
        version: '4.99.3',
        rounds: 5,
        seconds: 0.5,
        packetsPerSecond: 2_000_000,
        bytesPerSecond: 2e9,
        cpuSeconds: 0.4,
        memoryBytes: 10 * 2 ** 20,
        ratio: 0.25,
      },
    ],
    goals: [
      compared('a start', 0.25, 0.3, 'at most', 's'),
      compared('beside nobody', undefined, 1, 'at least', 'times'),
    ],
    allocated: { heap: 12.34, external: 0, packets: 900_000 },
    missing: [{ name: 'suricata', advice: 'Debian package suricata' }],
  }
  const text = resultsText(results)
  expect(text).toMatch(/^## 2026-01-15 08:09 UTC, commit abc1234\n/)
  expect(text).toContain('Node 20.20.2, Linux 6.1.0, 2 × Some Processor, load 0.3 before the first round.')
  expect(text).toContain('| tcpdump 4.99.3 | copies | 5 | 0.50 | 2,000,000 | 2,000 | 0.40 | 10 | × 0.25 |')
  expect(text).toContain('| a start | at most 0.3 s | 0.25 | met |')
  expect(text).toContain('| beside nobody | at least 1 times |  | not measured |')
  expect(text).toContain('12.3 bytes of heap a packet')
  expect(text).toContain('suricata is not installed (Debian package suricata)')
})

describe('a goal', () => {
  test.each([
    { name: 'at least, reached exactly', found: 2, direction: 'at least' as const, state: 'met' },
    { name: 'at least, missed', found: 1.99, direction: 'at least' as const, state: 'missed' },
    { name: 'at most, reached exactly', found: 2, direction: 'at most' as const, state: 'met' },
    { name: 'at most, missed', found: 2.01, direction: 'at most' as const, state: 'missed' },
    { name: 'not measured', found: undefined, direction: 'at most' as const, state: 'not measured' },
  ])('$name', ({ found, direction, state }) => {
    expect(compared('x', found, 2, direction, 's').state).toBe(state)
  })
})
