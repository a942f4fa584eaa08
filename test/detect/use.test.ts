import { describe, expect, test } from 'vitest'
import { Rhythm } from '../../src/detect/rhythm.ts'
import { type UseFacts, useOf } from '../../src/detect/use.ts'
import { USES, type Use } from '../../src/events/alert.ts'

const NONE: ReadonlySet<Use> = new Set()

function facts(hint: Use | null, changes: Partial<UseFacts> = {}): UseFacts {
  return {
    hint,
    role: 'x',
    isUsed: true,
    bytesOut: 3000,
    bytesIn: 9000,
    turns: 1,
    streamed: 0,
    together: NONE,
    ...changes,
  }
}

const stories: Array<{ name: string; facts: UseFacts; want: Use | null }> = [
  { name: 'a streamed answer is a chat', facts: facts('chat', { streamed: 1 }), want: 'chat' },
  {
    name: 'several turns with something in them are a chat',
    facts: facts('chat', { turns: 3, bytesOut: 4000 }),
    want: 'chat',
  },
  {
    name: 'several turns with nothing in them are a page',
    facts: facts('chat', { turns: 9, bytesOut: 3999 }),
    want: 'page',
  },
  { name: 'two turns are a page', facts: facts('chat', { turns: 2, bytesOut: 50_000 }), want: 'page' },
  { name: 'turns that were not counted are a page', facts: facts('chat', { turns: 0 }), want: 'page' },
  {
    name: "beside the app's start it is that",
    facts: facts('chat', { together: new Set(['app_start']) }),
    want: 'app_start',
  },
  {
    name: 'a conversation after the start is a chat',
    facts: facts('chat', { streamed: 2, together: new Set(['app_start']) }),
    want: 'chat',
  },
  {
    name: 'far more out than in is an upload',
    facts: facts('chat', { bytesOut: 256_000, bytesIn: 255_999, streamed: 3 }),
    want: 'file_transfer',
  },
  {
    name: 'much out, and as much in, is none',
    facts: facts('chat', { bytesOut: 300_000, bytesIn: 300_000 }),
    want: 'page',
  },
  { name: 'an API is an API', facts: facts('api'), want: 'api' },
  { name: 'with long prompts, too', facts: facts('api', { bytesOut: 9e6, bytesIn: 1 }), want: 'api' },
  { name: 'telemetry is telemetry, however much', facts: facts('telemetry', { bytesOut: 9e6 }), want: 'telemetry' },
  { name: 'the start is the start', facts: facts('app_start'), want: 'app_start' },
  {
    name: 'a name for files, and hardly a byte: nothing can be said',
    facts: facts('file_transfer', { bytesIn: 15_999 }),
    want: null,
  },
  { name: 'a name for files, and a file', facts: facts('file_transfer', { bytesIn: 16_000 }), want: 'file_transfer' },
  { name: 'a page', facts: facts('page', { bytesIn: 900_000 }), want: 'page' },
  {
    name: 'a page of a megabyte, tenfold: a download',
    facts: facts('page', { bytesIn: 1e6, bytesOut: 1e5 }),
    want: 'file_transfer',
  },
  { name: 'a megabyte both ways is a page', facts: facts('page', { bytesIn: 1e6, bytesOut: 1e6 }), want: 'page' },
  { name: 'a pack that says nothing, and little traffic', facts: facts(null, { turns: 9, streamed: 9 }), want: null },
  { name: 'a pack that says nothing, and an upload', facts: facts(null, { bytesOut: 300_000 }), want: 'file_transfer' },
]

describe('use', () => {
  test.each(stories)('$name', ({ facts, want }) => {
    const { use, why } = useOf(facts)
    expect(use).toBe(want)
    expect(why === '').toBe(want === null)
  })

  test('an attempt, and a question to DNS, are none', () => {
    for (const hint of [...USES, null]) {
      expect(useOf(facts(hint, { isUsed: false, bytesOut: 9e9, streamed: 5 }))).toEqual({ use: null, why: '' })
    }
  })

  test('is said with the reason and the bytes that left', () => {
    expect(
      useOf(facts('chat', { role: 'web chat', streamed: 1, turns: 2, bytesOut: 12_345, bytesIn: 1_234_567 })).why,
    ).toBe(
      'Looks like a chat: web chat; the client spoke 2 times, 1 answered piece by piece over seconds; 12 kB left, 1.2 MB came.',
    )
  })

  test('only grows in weight as a flow goes on: what was told of a chat is not taken back', () => {
    for (const hint of ['chat', 'api', 'telemetry', 'app_start'] as const) {
      let rank: number = USES.length
      for (let step = 0; step < 40; step++) {
        const { use } = useOf(
          facts(hint, { turns: step, streamed: step >> 3, bytesOut: step * 2000, bytesIn: step * 3000 }),
        )
        const next = use === null ? USES.length : USES.indexOf(use)
        expect(next).toBeLessThanOrEqual(rank)
        rank = next
      }
    }
  })
})

const SECOND = 1e6

/** `c500@0`: 500 bytes of the client at second 0. */
function rhythmOf(packets: string): Rhythm {
  const rhythm = new Rhythm()
  for (const packet of packets.split(' ')) {
    const [, side, bytes, at] = /^([cs])(\d+)@([\d.]+)$/.exec(packet)!
    rhythm.add(side === 'c', Number(bytes), Number(at) * SECOND)
  }
  return rhythm
}

const slow = (from: number, count: number, gap: number, bytes: number): string =>
  Array.from({ length: count }, (_, i) => `s${bytes}@${(from + i * gap).toFixed(3)}`).join(' ')

describe('rhythm', () => {
  const cases: Array<{ name: string; packets: string; turns: number; streamed: number }> = [
    { name: 'one request', packets: 'c500@0 s900@0.1', turns: 1, streamed: 0 },
    { name: 'a request in pieces is one turn', packets: 'c500@0 c500@0.9 c500@1.8', turns: 1, streamed: 0 },
    { name: 'after a second of silence it is another', packets: 'c500@0 s900@0.1 c500@1', turns: 2, streamed: 0 },
    { name: 'what is shorter than a request is none', packets: 'c99@0 c99@5 c39@10', turns: 0, streamed: 0 },
    { name: 'words about what was read do not make turns', packets: 'c500@0 c39@2 c39@4', turns: 1, streamed: 0 },
    { name: 'small pieces over seconds', packets: `c500@0 ${slow(0.5, 20, 0.1, 400)}`, turns: 1, streamed: 1 },
    { name: 'once a turn, however long', packets: `c500@0 ${slow(0.5, 200, 0.1, 400)}`, turns: 1, streamed: 1 },
    {
      name: 'in each turn',
      packets: `c500@0 ${slow(0.5, 20, 0.1, 400)} c500@5 ${slow(5.5, 20, 0.1, 400)}`,
      turns: 2,
      streamed: 2,
    },
    { name: 'a few pieces are no stream', packets: `c500@0 ${slow(0.5, 11, 0.5, 400)}`, turns: 1, streamed: 0 },
    { name: 'at once is no stream', packets: `c500@0 ${slow(0.5, 50, 0.01, 400)}`, turns: 1, streamed: 0 },
    { name: 'a download is no stream', packets: `c500@0 ${slow(0.5, 200, 0.01, 1400)}`, turns: 1, streamed: 0 },
    { name: 'a server that speaks first is no turn', packets: slow(0, 50, 0.1, 400), turns: 0, streamed: 0 },
  ]
  test.each(cases)('$name', ({ packets, turns, streamed }) => {
    expect(rhythmOf(packets)).toMatchObject({ turns, streamed })
  })

  test('segments that come again are nobody’s turn, and no pieces of an answer', () => {
    const rhythm = new Rhythm()
    const begin = 0x7fffff00 // numbers wrap
    for (const at of [0, 1, 3, 7]) rhythm.addSegment(true, begin | 0, 500, at * SECOND)
    expect(rhythm.turns).toBe(1)
    for (let i = 0; i < 40; i++) rhythm.addSegment(false, 7000 + (i % 4) * 400, 400, (8 + i / 10) * SECOND)
    expect(rhythm.streamed).toBe(0)
    rhythm.addSegment(true, (begin + 450) | 0, 120, 20 * SECOND) // 70 bytes of it are new: too few for a request
    expect(rhythm.turns).toBe(1)
    rhythm.addSegment(true, (begin + 570) | 0, 100, 30 * SECOND)
    expect(rhythm.turns).toBe(2)
  })

  test.each([2 ** 30, -(2 ** 30), 2 ** 31 - 500])(
    'one stray number does not keep a side from its turns: %i',
    (stray) => {
      const rhythm = new Rhythm()
      rhythm.addSegment(true, 1000, 500, 0)
      rhythm.addSegment(true, (1500 + stray) | 0, 500, 0.1 * SECOND)
      for (let i = 0; i < 3; i++) rhythm.addSegment(true, 1500 + i * 500, 500, (2 + 2 * i) * SECOND)
      expect(rhythm.turns).toBe(4)
    },
  )
})
