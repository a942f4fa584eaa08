/** The arithmetic of the timeline, for no bucket, one, and many. */
import { describe, expect, test } from 'vitest'
import { bucketAt, span, stack, totals } from '../../dashboard/src/columns.ts'
import type { Timeline } from '../../src/events/api.ts'

const empty: Timeline = { step: 60, time: [], high: [], medium: [], low: [] }
const one: Timeline = { step: 60, time: [6000], high: [1], medium: [2], low: [3] }
/** With a gap between the second and the third bucket. */
const three: Timeline = { step: 10, time: [100, 110, 500], high: [1, 0, 5], medium: [0, 0, 1], low: [2, 0, 0] }

describe('stack', () => {
  test('the surest stand at the bottom, each layer includes the ones below', () => {
    expect(stack(three)).toEqual([
      [100, 110, 500],
      [3, 0, 6],
      [1, 0, 6],
      [1, 0, 5],
    ])
  })
  test('no buckets', () => {
    expect(stack(empty)).toEqual([[], [], [], []])
  })
  test('a column that is too short', () => {
    expect(stack({ ...three, high: [4] })).toEqual([
      [100, 110, 500],
      [6, 0, 1],
      [4, 0, 1],
      [4, 0, 0],
    ])
  })
})

describe('span', () => {
  const stories: Array<
    [story: string, timeline: Timeline, from: number | null, to: number | null, shown: [number, number]]
  > = [
    ['one bucket stands in the middle', one, null, null, [6000 - 870, 6060 + 870]],
    ['enough time is shown as it is', three, null, null, [100, 510]],
    ['a range is shown as asked, however short', three, 100, 101, [100, 101]],
    ['a range that ends as it begins still has a width', three, 100, 100, [100, 101]],
    ['an open end grows to the right', one, 6000, null, [6000, 7800]],
    ['an open begin grows to the left', one, null, 6060, [4260, 6060]],
    ['nothing, without a range', empty, null, null, [-870, 930]],
    ['nothing in a range', empty, 50, 80, [50, 80]],
    ['nothing before a time', empty, null, 5000, [3200, 5000]],
  ]
  test.each(stories)('%s', (_story, timeline, from, to, shown) => {
    expect(span(timeline, from, to)).toEqual(shown)
  })
  test('500 buckets', () => {
    const time = Array.from({ length: 500 }, (_, i) => i * 60)
    expect(span({ ...empty, time }, null, null)).toEqual([0, 30_000])
  })
})

describe('bucketAt', () => {
  const stories: Array<[story: string, seconds: number, bucket: number]> = [
    ['before all', 99.9, -1],
    ['the first second', 100, 0],
    ['the last moment of a bucket', 109.99, 0],
    ['the border belongs to the next', 110, 1],
    ['the gap', 300, -1],
    ['the last', 505, 2],
    ['after all', 510, -1],
  ]
  test.each(stories)('%s', (_story, seconds, bucket) => {
    expect(bucketAt(three, seconds)).toBe(bucket)
  })
})

test('totals', () => {
  expect(totals(three)).toEqual({ high: 6, medium: 1, low: 2 })
  expect(totals(empty)).toEqual({ high: 0, medium: 0, low: 0 })
})
