import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Stream } from '../../src/flow/stream.ts'
import { StreamBudget } from '../../src/flow/stream-budget.ts'
import { fuzz, random } from '../support/random.ts'

const LIMIT = 4096

interface Segment {
  sequence: number
  bytes: Uint8Array
}

/** Adds a segment from the middle of an arena that is overwritten afterwards, as the sensor's is. */
function add(stream: Stream, { sequence, bytes }: Segment): boolean {
  const arena = Buffer.concat([Buffer.alloc(7, 0xee), bytes, Buffer.alloc(7, 0xee)])
  const kept = stream.add(sequence | 0, arena, 7, 7 + bytes.length)
  arena.fill(0xdd)
  return kept
}

function textOf(stream: Stream): string {
  return Buffer.from(stream.buffer.subarray(0, stream.contiguous)).toString('latin1')
}

type Step = { begin: number } | { at: number; text: string; kept?: boolean }

/** `at` is a sequence number; the text is what is there without a hole afterwards. */
const stories: Array<{ name: string; steps: Step[]; want: string }> = [
  { name: 'in order', steps: [{ begin: 100 }, { at: 100, text: 'abc' }, { at: 103, text: 'def' }], want: 'abcdef' },
  {
    name: 'the other way round',
    steps: [{ begin: 100 }, { at: 103, text: 'def' }, { at: 100, text: 'abc' }],
    want: 'abcdef',
  },
  { name: 'a hole', steps: [{ begin: 100 }, { at: 100, text: 'ab' }, { at: 103, text: 'def' }], want: 'ab' },
  { name: 'the first byte is missing', steps: [{ begin: 100 }, { at: 101, text: 'bc' }], want: '' },
  { name: 'twice', steps: [{ begin: 100 }, { at: 100, text: 'abc' }, { at: 100, text: 'abc' }], want: 'abc' },
  {
    name: 'what came first stays',
    steps: [{ begin: 100 }, { at: 100, text: 'abc' }, { at: 101, text: 'XYZ' }],
    want: 'abcZ',
  },
  {
    name: 'what came first stays, in a hole, too',
    steps: [{ begin: 100 }, { at: 102, text: 'cd' }, { at: 100, text: 'abXYef' }],
    want: 'abcdef',
  },
  {
    name: 'a retransmission that reaches back before the beginning: the rest of it counts',
    steps: [{ begin: 100 }, { at: 98, text: '??abc' }],
    want: 'abc',
  },
  { name: 'all of it before the beginning', steps: [{ begin: 100 }, { at: 90, text: 'abc' }], want: '' },
  { name: 'without a SYN the first segment is the beginning', steps: [{ at: 100, text: 'abc' }], want: 'abc' },
  {
    name: 'without a SYN, until an earlier one comes',
    steps: [
      { at: 103, text: 'def' },
      { at: 100, text: 'abc' },
    ],
    want: 'abcdef',
  },
  {
    name: 'without a SYN, an earlier one that overlaps',
    steps: [
      { at: 103, text: 'def' },
      { at: 100, text: 'abcDE' },
    ],
    want: 'abcdef',
  },
  {
    name: 'a SYN that comes late',
    steps: [{ at: 103, text: 'def' }, { begin: 100 }, { at: 100, text: 'abc' }],
    want: 'abcdef',
  },
  {
    name: 'a SYN that comes late shows that the beginning is missing',
    steps: [{ at: 103, text: 'def' }, { begin: 100 }],
    want: '',
  },
  {
    name: 'a SYN that comes last',
    steps: [{ at: 103, text: 'def' }, { at: 100, text: 'abc' }, { begin: 100 }],
    want: 'abcdef',
  },
  { name: 'a second SYN says nothing', steps: [{ begin: 100 }, { begin: 50 }, { at: 100, text: 'abc' }], want: 'abc' },
  { name: 'a late SYN from far away is not believed', steps: [{ at: 5000, text: 'def' }, { begin: 100 }], want: 'def' },
  {
    name: 'a late SYN that begins behind the data is not believed',
    steps: [{ at: 100, text: 'abc' }, { begin: 102 }],
    want: 'abc',
  },
  {
    name: 'numbers wrap around',
    steps: [{ begin: -3 }, { at: -3, text: 'abc' }, { at: 0, text: 'def' }],
    want: 'abcdef',
  },
  {
    name: 'numbers wrap around, the other way',
    steps: [
      { at: 0, text: 'def' },
      { at: -3, text: 'abc' },
    ],
    want: 'abcdef',
  },
  {
    name: 'numbers wrap around in the middle of a segment',
    steps: [{ begin: 2 ** 32 - 2 }, { at: 2 ** 32 - 2, text: 'abcd' }, { at: 2, text: 'ef' }],
    want: 'abcdef',
  },
  {
    name: 'signed and unsigned numbers are the same',
    steps: [{ begin: 0x7ffffffe }, { at: 0x7ffffffe, text: 'abc' }, { at: 0x80000001, text: 'def' }],
    want: 'abcdef',
  },
  {
    name: 'a keep-alive of one old byte',
    steps: [{ begin: 100 }, { at: 100, text: 'abc' }, { at: 99, text: '?' }],
    want: 'abc',
  },
]

for (const { name, steps, want } of stories) {
  test(`stream: ${name}`, () => {
    const stream = new Stream(LIMIT)
    for (const step of steps) {
      if ('begin' in step) stream.begin(step.begin | 0)
      else {
        const kept = add(stream, { sequence: step.at, bytes: Buffer.from(step.text) })
        if (step.kept !== undefined) expect(kept).toBe(step.kept)
      }
    }
    expect(textOf(stream)).toBe(want)
  })
}

test('stream: any cut, in any order, with copies and overlaps, at any number, with any SYN, gives the same bytes', () => {
  const bytes = Buffer.from(Array.from({ length: 1800 }, (_, i) => (i * 7 + (i >> 8)) & 0xff))
  const met = { wrapped: 0, synLate: 0, synNever: 0, backwards: 0, overlapped: 0 }
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(0, 1, 0xfffffc00, 0x7ffffc00, 0x80000000), fc.nat(0xffffffff)),
      fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 10 }),
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(700)), { maxLength: 6 }),
      fc.integer(),
      fc.constantFrom('first', 'late', 'never'),
      (begin, borders, copies, order, syn) => {
        const ends = [0, ...borders.sort((a, b) => a - b), bytes.length]
        const ranges = ends.slice(1).map((end, i) => [ends[i]!, end] as const)
        const all = [...ranges, ...copies.map(([at, length]) => [at, Math.min(at + length, bytes.length)] as const)]
        shuffle(all, order)
        const stream = new Stream(LIMIT)
        if (syn === 'first') stream.begin(begin | 0)
        all.forEach(([from, to], i) => {
          add(stream, { sequence: (begin + from) % 2 ** 32, bytes: bytes.subarray(from, to) })
          if (syn === 'late' && i === Math.abs(order) % all.length) stream.begin(begin | 0)
        })
        assert.equal(stream.contiguous, bytes.length)
        assert.ok(bytes.equals(stream.buffer.subarray(0, bytes.length)))
        if (begin + bytes.length > 2 ** 32) met.wrapped++
        if (syn === 'late') met.synLate++
        if (syn === 'never') met.synNever++
        if (all[0]![0] > 0) met.backwards++
        if (copies.length > 0) met.overlapped++
      },
    ),
    fuzz(2000),
  )
  for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(100)
})

test('stream: hostile segments never get more than the limit, whatever they claim', () => {
  const next = random(5)
  let refused = 0
  let movedBack = 0
  for (let round = 0; round < 300; round++) {
    const limit = [64, 1000, 5000][round % 3]!
    const stream = new Stream(limit)
    let sequence = next(2 ** 32)
    for (let step = 0; step < 60; step++) {
      if (next(10) === 0) stream.begin((sequence - next(limit)) | 0)
      const jump = [() => -1 - next(3), () => next(40), () => next(2 ** 32), () => -next(2 * limit)][next(4)]!()
      sequence = (sequence + jump) >>> 0
      if (jump === -1) movedBack++
      if (!add(stream, { sequence, bytes: Buffer.alloc(next(300), step) })) refused++
      assert.ok(stream.contiguous <= limit, `${stream.contiguous} bytes of at most ${limit} in order`)
      assert.ok(stream.buffer.length <= Math.max(8192, 2 * limit), `${stream.buffer.length} bytes for at most ${limit}`)
    }
  }
  expect(refused).toBeGreaterThan(1000)
  expect(movedBack).toBeGreaterThan(100)
})

test('stream: segments that come one byte earlier each do not make it grow', () => {
  const stream = new Stream(65_536)
  for (let sequence = 40_000; sequence > 39_000; sequence--)
    add(stream, { sequence, bytes: Buffer.of(sequence & 0xff) })
  expect(stream.buffer.length).toBeLessThanOrEqual(8192)
  expect(stream.contiguous).toBe(1000)
})

test('stream: what lies past the limit is not kept, and it says so', () => {
  const stream = new Stream(10)
  stream.begin(0)
  expect(add(stream, { sequence: 0, bytes: Buffer.from('01234') })).toBe(true)
  expect(add(stream, { sequence: 5, bytes: Buffer.from('56789abc') }), 'some of it').toBe(false)
  expect(textOf(stream)).toBe('0123456789')
  expect(add(stream, { sequence: 10, bytes: Buffer.from('a') }), 'all of it').toBe(false)
  expect(add(stream, { sequence: 2 ** 31 - 1, bytes: Buffer.from('a') }), 'very far').toBe(false)
  expect(textOf(stream)).toBe('0123456789')
})

test('stream: a segment is parsed where it lies only when it is the first and nothing is kept', () => {
  const stream = new Stream(100)
  expect(stream.isFirst(5), 'nothing is known').toBe(true)
  stream.begin(7)
  expect([stream.isFirst(7), stream.isFirst(8), stream.isFirst(6)]).toEqual([true, false, false])
  add(stream, { sequence: 9, bytes: Buffer.from('x') })
  expect(stream.isFirst(7), 'something is kept').toBe(false)
})

describe('stream: a hole', () => {
  /** A stream of at most 100 bytes that begins at 0, with [0, 5) and [10, 15) there. */
  function holed(): Stream {
    const stream = new Stream(100)
    stream.begin(0)
    add(stream, { sequence: 0, bytes: Buffer.from('01234') })
    add(stream, { sequence: 10, bytes: Buffer.from('abcde') })
    return stream
  }

  const proofs: Array<{ name: string; acknowledged: number[]; sequence: number; lost: number }> = [
    { name: 'nothing is acknowledged', acknowledged: [], sequence: 15, lost: 0 },
    { name: 'all of it is', acknowledged: [15], sequence: 15, lost: 5 },
    { name: 'some of it is', acknowledged: [7], sequence: 15, lost: 2 },
    { name: 'only what is there is', acknowledged: [5], sequence: 15, lost: 0 },
    { name: 'the segment was sent before', acknowledged: [15], sequence: 14, lost: 0 },
    { name: 'the segment is far behind', acknowledged: [15], sequence: 1e6, lost: 5 },
    { name: 'more than ever was sent is', acknowledged: [1e6], sequence: 15, lost: 0 },
    { name: 'an older number comes later', acknowledged: [15, 3], sequence: 15, lost: 5 },
  ]
  test.each(proofs)('is lost or late, when $name', ({ acknowledged, sequence, lost }) => {
    const stream = holed()
    for (const number of acknowledged) stream.acknowledge(number)
    expect(stream.lostBefore(sequence)).toBe(lost)
    expect([stream.contiguous, stream.hole]).toEqual([5, 5])
  })

  test('with nothing behind it is known by the acknowledgment alone', () => {
    const stream = new Stream(100)
    stream.acknowledge(50)
    expect(stream.lostBefore(50), 'nobody knows where it begins').toBe(0)
    stream.begin(0)
    expect(stream.lostBefore(50)).toBe(50)
    expect(stream.lostBefore(49)).toBe(0)
  })

  test('numbers that wrap around make no difference', () => {
    const stream = new Stream(100)
    stream.begin(-5)
    stream.acknowledge(10)
    expect([stream.lostBefore(10), stream.lostBefore(-2)]).toEqual([15, 0])
  })

  test('is hopeless when half of the limit waits behind it, not when it lies before it', () => {
    const stream = holed()
    expect(stream.isHopeless).toBe(false)
    add(stream, { sequence: 20, bytes: Buffer.alloc(44) })
    expect(stream.isHopeless, '49 bytes').toBe(false)
    add(stream, { sequence: 64, bytes: Buffer.alloc(1) })
    expect(stream.isHopeless, '50 bytes').toBe(true)
    const full = new Stream(100)
    full.begin(0)
    add(full, { sequence: 0, bytes: Buffer.alloc(90) })
    add(full, { sequence: 95, bytes: Buffer.alloc(5) })
    expect(full.isHopeless).toBe(false)
  })

  test('is given up for as many bytes far away as are kept, one after the other', () => {
    const far = (...segments: Array<[at: number, length: number]>): number | undefined => {
      const stream = holed()
      for (const [at, length] of segments) add(stream, { sequence: at, bytes: Buffer.alloc(length) })
      return stream.farEnd
    }
    expect(far([500, 99])).toBe(undefined)
    expect(far([500, 100])).toBe(600)
    expect(far([500, 60], [560, 40])).toBe(600)
    expect(far([500, 60], [561, 40])).toBe(undefined)
    expect(far([500, 60], [500, 60])).toBe(undefined)
    expect(far([500, 60], [5, 5], [560, 40]), 'what is near does not matter').toBe(600)
    const stream = holed()
    add(stream, { sequence: 500, bytes: Buffer.alloc(100) })
    expect(stream.missingBefore(600)).toBe(595)
    stream.consume(5)
    expect(stream.farEnd, 'the stream goes on').toBe(undefined)
  })

  test('of too many pieces the nearest stay', () => {
    const stream = new Stream(1000)
    stream.begin(0)
    for (let i = 32; i > 0; i--) expect(add(stream, { sequence: i * 10, bytes: Buffer.of(i) })).toBe(true)
    expect(add(stream, { sequence: 400, bytes: Buffer.of(40) }), 'farther than all').toBe(false)
    expect(add(stream, { sequence: 5, bytes: Buffer.of(5) }), 'the farthest was forgotten for it').toBe(false)
    for (let i = 0; i < 400; i++) add(stream, { sequence: i, bytes: Buffer.of(0) })
    const there = [...stream.buffer.subarray(0, 330)].map((value, at) => (value > 0 ? at : 0)).filter((at) => at > 0)
    // the first byte took the place of one more
    expect(there).toEqual([5, ...Array.from({ length: 30 }, (_, i) => 10 * (i + 1))])
  })
})

test('stream: the borders of segments stay known, in whatever order they came', () => {
  const stream = new Stream(1000)
  const borders = (): number[] => {
    const found: number[] = []
    for (let at = 1; at <= stream.contiguous; at = found.at(-1)! + 1) found.push(stream.border(at))
    return found
  }
  add(stream, { sequence: 20, bytes: Buffer.alloc(5) })
  add(stream, { sequence: 10, bytes: Buffer.alloc(10) })
  expect(borders()).toEqual([10, 15])
  stream.begin(0)
  expect(borders(), 'nothing is there from the beginning on').toEqual([])
  add(stream, { sequence: 0, bytes: Buffer.alloc(12) })
  expect(borders()).toEqual([10, 12, 20, 25])
  stream.consume(11)
  expect(borders()).toEqual([1, 9, 14])
  for (let at = 900; at > 100; at -= 5) add(stream, { sequence: 25 + at, bytes: Buffer.alloc(5) })
  add(stream, { sequence: 25, bytes: Buffer.alloc(105) })
  expect(borders()).toHaveLength(65) // and the end of all
})

function shuffle<T>(list: T[], seed: number): void {
  const next = random(seed)
  for (let i = list.length - 1; i > 0; i--) {
    const j = next(i + 1)
    ;[list[i], list[j]] = [list[j]!, list[i]!]
  }
}

test('all streams together keep no more than their budget, and give it back', () => {
  const budget = new StreamBudget(10_000)
  const streams = Array.from({ length: 4 }, () => new Stream(65_536, budget))
  const kept = streams.map((stream) => stream.add(1, new Uint8Array(100), 0, 100))
  expect(kept).toEqual([true, true, false, false])
  expect(budget.used).toBeLessThanOrEqual(10_000)
  expect(streams[0]!.add(101, new Uint8Array(5000), 0, 5000), 'growing counts as well').toBe(false)
  streams[1]!.release()
  expect(streams[2]!.add(1, new Uint8Array(100), 0, 100)).toBe(true)
  for (const stream of streams) stream.release()
  expect(budget.used).toBe(0)
})

test('the buffer of a stream that is over is another one’s, whose bytes are its own', () => {
  const budget = new StreamBudget(8192)
  const first = new Stream(65_536, budget)
  first.add(1, Buffer.from('secret'), 0, 6)
  const { buffer } = first
  first.release()
  const second = new Stream(65_536, budget)
  second.begin(1)
  second.add(4, Buffer.from('def'), 0, 3)
  expect(second.buffer).toBe(buffer)
  expect([second.contiguous, second.hole]).toEqual([0, 3])
  second.add(1, Buffer.from('abc'), 0, 3)
  expect(Buffer.from(second.buffer.subarray(0, second.contiguous)).toString()).toBe('abcdef')
  second.add(7, new Uint8Array(5000), 0, 5000) // needs a larger one: the small one is free again
  const third = new Stream(65_536, budget)
  expect(third.add(1, Buffer.from('x'), 0, 1), 'no room for both').toBe(false)
  second.release()
  expect(third.add(1, Buffer.from('x'), 0, 1)).toBe(true)
  expect(third.buffer).toBe(buffer)
})
