/** What runs could not see. */
import { expect, test } from 'vitest'
import { reasons, unjudged } from '../../dashboard/src/runs.ts'
import type { RunSummary } from '../../src/events/batch.ts'

const summary: RunSummary = {
  files: 1,
  files_failed: 0,
  packets: 100,
  bytes: 1,
  flows: 1,
  alerts: 0,
  alerts_new: 0,
  alerts_exempt: 0,
  contacts: 0,
  seconds: 1,
  not_decoded: { 'decode.a': 3, 'decode.never': 0, 'decode.b': 40 },
  counters: {},
  faults: [],
}

test('all reasons count, and the most frequent comes first', () => {
  expect(unjudged(summary)).toBe(43)
  expect(reasons(summary)).toEqual([
    ['decode.b', 40],
    ['decode.a', 3],
  ])
})

test('a run that saw everything', () => {
  expect(unjudged({ ...summary, not_decoded: {} })).toBe(0)
  expect(reasons({ ...summary, not_decoded: {} })).toEqual([])
})
