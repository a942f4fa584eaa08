import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { Assembler } from '../../src/bytes/assembler.ts'
import { random } from '../support/random.ts'

/** Adds the ranges; gives what was called new each time, and the contiguous length at the end. */
function add(...ranges: Array<[number, number]>): { news: string[]; contiguous: number } {
  const assembler = new Assembler()
  const news = ranges.map(([start, end]) => {
    const parts: string[] = []
    assembler.add(start, end, (a, b) => parts.push(`${a}-${b}`))
    return parts.join(' ')
  })
  return { news, contiguous: assembler.contiguous }
}

const stories: Array<{ name: string; ranges: Array<[number, number]>; news: string[]; contiguous: number }> = [
  { name: 'nothing', ranges: [], news: [], contiguous: 0 },
  { name: 'an empty range', ranges: [[5, 5]], news: [''], contiguous: 0 },
  { name: 'a range that ends before it begins', ranges: [[5, 3]], news: [''], contiguous: 0 },
  { name: 'from the beginning', ranges: [[0, 5]], news: ['0-5'], contiguous: 5 },
  { name: 'a hole in front', ranges: [[1, 5]], news: ['1-5'], contiguous: 0 },
  {
    name: 'the hole is closed',
    ranges: [
      [5, 9],
      [0, 5],
    ],
    news: ['5-9', '0-5'],
    contiguous: 9,
  },
  {
    name: 'touching behind',
    ranges: [
      [0, 5],
      [5, 9],
    ],
    news: ['0-5', '5-9'],
    contiguous: 9,
  },
  {
    name: 'the same twice',
    ranges: [
      [0, 5],
      [0, 5],
    ],
    news: ['0-5', ''],
    contiguous: 5,
  },
  {
    name: 'inside another',
    ranges: [
      [0, 9],
      [3, 5],
    ],
    news: ['0-9', ''],
    contiguous: 9,
  },
  {
    name: 'around another',
    ranges: [
      [3, 5],
      [0, 9],
    ],
    news: ['3-5', '0-3 5-9'],
    contiguous: 9,
  },
  {
    name: 'around two',
    ranges: [
      [3, 5],
      [7, 8],
      [0, 9],
    ],
    news: ['3-5', '7-8', '0-3 5-7 8-9'],
    contiguous: 9,
  },
  {
    name: 'overlapping in front',
    ranges: [
      [3, 9],
      [0, 5],
    ],
    news: ['3-9', '0-3'],
    contiguous: 9,
  },
  {
    name: 'overlapping behind',
    ranges: [
      [0, 5],
      [3, 9],
    ],
    news: ['0-5', '5-9'],
    contiguous: 9,
  },
  {
    name: 'between two, touching both',
    ranges: [
      [0, 3],
      [6, 9],
      [3, 6],
    ],
    news: ['0-3', '6-9', '3-6'],
    contiguous: 9,
  },
  {
    name: 'between two, touching none',
    ranges: [
      [0, 2],
      [8, 9],
      [4, 5],
    ],
    news: ['0-2', '8-9', '4-5'],
    contiguous: 2,
  },
  {
    name: 'past the last of three',
    ranges: [
      [0, 1],
      [2, 3],
      [4, 5],
      [2, 9],
    ],
    news: ['0-1', '2-3', '4-5', '3-4 5-9'],
    contiguous: 1,
  },
]

for (const { name, ranges, news, contiguous } of stories) {
  test(`assembler: ${name}`, () => expect(add(...ranges)).toEqual({ news, contiguous }))
}

test('assembler: 32 pieces are followed, and one more is refused until a hole is closed', () => {
  const assembler = new Assembler()
  for (let i = 0; i < 32; i++) expect(assembler.add(10 * i, 10 * i + 1, () => {})).toBe(true)
  const refuse = (): never => assert.fail('nothing of a refused piece is new')
  expect(assembler.add(1000, 1001, refuse)).toBe(false)
  expect(assembler.add(15, 16, refuse)).toBe(false)
  expect(
    assembler.add(311, 320, () => {}),
    'one that touches needs no room',
  ).toBe(true)
  expect(
    assembler.add(1, 10, () => {}),
    'one that joins two makes room',
  ).toBe(true)
  expect(assembler.add(1000, 1001, () => {})).toBe(true)
  expect(assembler.contiguous).toBe(11)
})

for (const seed of [1, 2, 3]) {
  test(`assembler: agrees with a bitmap (seed ${seed})`, () => {
    const next = random(seed)
    let refused = 0
    let partly = 0
    for (let round = 0; round < 400; round++) {
      const assembler = new Assembler()
      const there = new Uint8Array(400)
      for (let step = 0; step < 60; step++) {
        const start = next(320)
        const end = start + next(round % 8 === 0 ? 3 : 40)
        const isNew = new Uint8Array(400)
        const kept = assembler.add(start, end, (a, b) => {
          assert.ok(a < b && !isNew.subarray(a, b).includes(1), 'new parts do not overlap')
          isNew.fill(1, a, b)
        })
        const want = new Uint8Array(400)
        if (kept) for (let i = start; i < end; i++) want[i] = there[i]! ^ 1
        assert.deepEqual(isNew, want)
        for (let i = 0; i < 400; i++) there[i]! |= isNew[i]!
        const ranges = there.reduce((sum, one, i) => sum + (one === 1 && there[i - 1] !== 1 ? 1 : 0), 0)
        if (kept) partly += want.includes(1) && end - start > want.reduce((a, b) => a + b, 0) ? 1 : 0
        else refused++
        assert.ok(kept || ranges === 32, `refused with ${ranges} ranges`)
        const hole = there.indexOf(0)
        assert.equal(assembler.contiguous, hole)
        assert.equal(assembler.isEmpty, !there.includes(1))
      }
    }
    expect(refused).toBeGreaterThan(20)
    expect(partly).toBeGreaterThan(500)
  })
}

test('assembler: what is missing, what is there, and room for something nearer', () => {
  const assembler = new Assembler(3)
  const add = (start: number, end: number) => assembler.add(start, end, () => {})
  expect([assembler.hole, assembler.size, assembler.forgetLast(0)]).toEqual([0, 0, false])
  add(10, 12)
  expect([assembler.contiguous, assembler.hole, assembler.size]).toEqual([0, 10, 2])
  add(0, 4)
  expect([assembler.contiguous, assembler.hole, assembler.size]).toEqual([4, 6, 6])
  add(20, 30)
  expect(add(6, 7)).toBe(false)
  expect(assembler.forgetLast(21), 'it begins before that').toBe(false)
  expect(assembler.forgetLast(20)).toBe(true)
  expect(add(6, 7)).toBe(true)
  expect([assembler.contiguous, assembler.hole, assembler.size, assembler.end]).toEqual([4, 2, 7, 12])
  add(4, 12)
  expect([assembler.contiguous, assembler.hole, assembler.size]).toEqual([12, 0, 12])
})

test('assembler: a shift moves everything up', () => {
  const assembler = new Assembler()
  assembler.add(0, 5, () => {})
  assembler.add(9, 12, () => {})
  assembler.shift(3)
  expect(assembler.contiguous).toBe(0)
  const news: string[] = []
  assembler.add(0, 20, (a, b) => news.push(`${a}-${b}`))
  expect(news).toEqual(['0-3', '8-12', '15-20'])
  expect(assembler.contiguous).toBe(20)
})
