/** Bytes of a client that come again with other bytes: the name in them counts, and those that are the same say nothing new. */

import { describe, expect, test, vi } from 'vitest'
import { FlowInfos } from '../../src/sensor/flow-infos.ts'
import { ACME } from '../support/acme.ts'
import { type Fed, feed } from '../support/feed.ts'
import { ACK, type End, PSH, SYN, tcpFrame, URG } from '../support/frames.ts'
import { cut, helloMessage, inRecords, openSslHello, prefixed } from '../support/hello.ts'
import { random } from '../support/random.ts'

const CLIENT: End = { ip: '192.0.2.10', port: 51_000 }
const SERVER: End = { ip: '198.51.100.7', port: 443 }
const WATCHED = await openSslHello('shop.acme.example')
const DECOY = await openSslHello('www.decoy.example.org')
const OTHER_DECOY = await openSslHello('www.other-decoy.example.org')
const NOTHING = Buffer.alloc(0)
const SETS = [['flow'], ['flow', 'tls', 'http']] as const

/** A segment of the client whose data begins `at` bytes behind its SYN. */
function out(at: number, payload: Uint8Array, flags = ACK | PSH): Buffer {
  const sequence = 1001 + at - (flags === SYN ? 1 : 0)
  return tcpFrame(CLIENT, SERVER, { sequence, acknowledgment: flags === SYN ? 0 : 7001, flags }, payload)
}

function back(sequence: number, acknowledgment: number, flags: number, payload: Uint8Array = NOTHING): Buffer {
  return tcpFrame(SERVER, CLIENT, { sequence, acknowledgment, flags }, payload)
}

const synAck = back(7000, 1001, SYN | ACK)
const OPEN = [out(0, NOTHING, SYN), synAck, out(0, NOTHING, ACK)]

function hear(frames: readonly Uint8Array[], events: (typeof SETS)[number] = SETS[1]): Fed {
  const timed = frames.map((bytes, i) => ({ at: i / 50, bytes }))
  return feed(timed, { packs: [ACME], events })
}

/** Hellos in parts, with decoys among them. The name is cut in two. */
function partsWithDecoys(): Array<[string, Buffer[]]> {
  const begin = WATCHED.indexOf('shop.acme')
  const borders = [0, begin + 2, begin + 5, begin + 9, WATCHED.length]
  const part = (of: Uint8Array, i: number): Buffer => out(borders[i]!, of.subarray(borders[i]!, borders[i + 1]))
  const halves = [0, begin + 5, WATCHED.length]
  const half = (of: Uint8Array, i: number): Buffer => out(halves[i]!, of.subarray(halves[i]!, halves[i + 1]))
  const decoy = DECOY.subarray(0, WATCHED.length)
  const rubbish = Buffer.alloc(WATCHED.length, 0x41)
  const [real0, real1] = [half(WATCHED, 0), half(WATCHED, 1)]
  return [decoy, rubbish].flatMap((other, k): Array<[string, Buffer[]]> => {
    const [fake0, fake1] = [half(other, 0), half(other, 1)]
    const what = k === 0 ? 'another hello' : 'rubbish'
    return [
      [`${what} before the second part`, [...OPEN, real0, fake1, real1]],
      [`${what} before and behind each part`, [...OPEN, fake0, real0, fake0, fake1, real1, fake1]],
      [`${what} twice before each part`, [...OPEN, fake0, fake0, real0, fake1, fake1, real1]],
      [`${what} before and behind each part, the last part first`, [...OPEN, fake1, real1, fake1, fake0, real0, fake0]],
      [
        `${what} before and behind each of four parts`,
        [...OPEN, ...[0, 1, 2, 3].flatMap((i) => [part(other, i), part(WATCHED, i), part(rubbish, i)])],
      ],
    ]
  })
}

describe('the name is found behind a decoy', () => {
  const cases: Array<[string, Buffer[]]> = [
    ['nothing, in the SYN, which the server does not take', [out(0, Buffer.alloc(16), SYN), synAck, out(0, WATCHED)]],
    ['a hello, in the SYN', [out(0, DECOY, SYN), synAck, out(0, WATCHED)]],
    ['a hello', [...OPEN, out(0, DECOY), out(0, WATCHED)]],
    ['two hellos', [...OPEN, out(0, DECOY), out(0, OTHER_DECOY), out(0, DECOY), out(0, WATCHED)]],
    ['the beginning of a hello', [...OPEN, out(0, DECOY.subarray(0, 99)), out(0, WATCHED)]],
    ['four bytes of nothing', [...OPEN, out(0, Buffer.alloc(4)), out(0, WATCHED)]],
    [
      'a hello, and then it comes in two parts',
      [...OPEN, out(0, DECOY), out(0, WATCHED.subarray(0, 90)), out(90, WATCHED.subarray(90))],
    ],
    [
      'a hello, and then its parts come the other way round',
      [...OPEN, out(0, DECOY), out(90, WATCHED.subarray(90)), out(0, WATCHED.subarray(0, 90))],
    ],
    ['a hello, and then its end is missing', [...OPEN, out(0, DECOY), out(0, WATCHED.subarray(0, WATCHED.length - 5))]],
    ...partsWithDecoys(),
    [
      'a request',
      [
        ...OPEN,
        out(0, Buffer.from('GET / HTTP/1.1\r\nHost: decoy.example\r\n\r\n')),
        out(0, Buffer.from('GET / HTTP/1.1\r\nHost: shop.acme.example\r\n\r\n')),
      ],
    ],
  ]
  for (const [name, frames] of cases) {
    for (const events of SETS) {
      test(`${name} (${events.length} kinds of event)`, () => {
        const fed = hear(frames, events)
        expect(fed.alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
        expect(fed.flows).toHaveLength(1)
        expect(fed.sensor.crashes).toEqual([])
      })
    }
  }
})

describe('the name is found around a byte that is marked as urgent', () => {
  const request = Buffer.from('GET / HTTP/1.1\r\nHost: shop.acme.example\r\n\r\n')
  const inside = (bytes: Uint8Array, text: string): Buffer => {
    const at = Buffer.from(bytes).indexOf('acme') + 2
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at)])
  }
  const urgent = (at: number, payload: Uint8Array, pointer: number): Buffer => {
    const frame = out(at, payload, ACK | PSH | URG)
    frame.writeUInt16BE(pointer, 14 + 20 + 18)
    return frame
  }
  for (const [name, message] of [
    ['hello', WATCHED],
    ['request', request],
  ] as const) {
    const one = inside(message, '!')
    const end = one.indexOf('!', one.indexOf('shop')) + 1
    const two = inside(message, '!?')
    test.each([
      ['in one segment', [urgent(0, one, end)]],
      ['in the segment before that with the byte', [urgent(0, one.subarray(0, 9), end), out(9, one.subarray(9))]],
      ['in a segment of its own', [out(0, one.subarray(0, end - 1)), urgent(end - 1, one.subarray(end - 1), 1)]],
      ['in two segments', [urgent(0, two.subarray(0, end), end), urgent(end, two.subarray(end), 1)]],
    ])(`of a ${name}, ${'%s'}`, (_, frames) => {
      for (const events of SETS) {
        const { alerts, sensor } = hear([...OPEN, ...frames], events)
        expect(alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
        expect(sensor.crashes).toEqual([])
      }
    })
  }

  test('and one that is part of it, of a server that asks for them in their place', () => {
    const { alerts } = hear([...OPEN, urgent(0, WATCHED, 9)])
    expect(alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
  })
})

describe('the name is found in a hello that the server asked for once more', () => {
  const random = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')
  const rest = Buffer.concat([prefixed(1, Buffer.alloc(32, 0xcd)), Buffer.of(0x13, 1, 0), prefixed(2)])
  const retry = (of: Uint8Array): Buffer =>
    inRecords(Buffer.concat([Buffer.of(2), prefixed(3, Buffer.of(3, 3), of, rest)]))
  const RETRY = retry(random)
  const CCS = Buffer.from('140303000101', 'hex')
  const nameless = inRecords(helloMessage())
  const stories: Array<[string, Uint8Array[], Uint8Array[], Uint8Array[]]> = [
    ['for another name', [DECOY], [RETRY], [WATCHED]],
    ['for no name', [nameless], [RETRY], [WATCHED]],
    ['in two segments', [DECOY.subarray(0, 99), DECOY.subarray(99)], [RETRY], [WATCHED]],
    [
      'and the second in two, behind a record of its own',
      [DECOY],
      [RETRY],
      [CCS, WATCHED.subarray(0, 99), WATCHED.subarray(99)],
    ],
    ['and the second behind a record', [DECOY], [Buffer.concat([RETRY, CCS])], [Buffer.concat([CCS, WATCHED])]],
    ['in words of a few bytes', [DECOY], [RETRY.subarray(0, 9), RETRY.subarray(9)], [WATCHED]],
  ]
  const frames = (...[first, answer, second]: Uint8Array[][]): Buffer[] => {
    let [outAt, backAt] = [0, 7001]
    const send = (piece: Uint8Array): Buffer => {
      outAt += piece.length
      return out(outAt - piece.length, piece)
    }
    const reply = (piece: Uint8Array): Buffer => {
      backAt += piece.length
      return back(backAt - piece.length, 1001 + outAt, ACK, piece)
    }
    return [...OPEN, ...first!.map(send), ...answer!.map(reply), ...second!.map(send)]
  }
  test.each(stories)('the first %s', (_, first, answer, second) => {
    for (const events of SETS) {
      const { alerts, sensor } = hear(frames(first, answer, second), events)
      expect(alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
      expect(sensor.crashes).toEqual([])
    }
  })

  test('and not in what follows another answer', () => {
    for (const events of SETS)
      expect(hear(frames([DECOY], [retry(random.map((byte) => byte ^ 1))], [WATCHED]), events).alerts).toEqual([])
  })
})

test('decoys around each of many parts that differ in their time to live are told from the parts', () => {
  const frames = cut(WATCHED, 20).flatMap((part, i) => {
    const [before, behind] = [1, 2].map((ttl) => {
      const decoy = out(20 * i, Buffer.alloc(part.length, 0x40 + ttl))
      decoy[14 + 8] = ttl
      return decoy
    })
    return [before!, out(20 * i, part), behind!]
  })
  const { alerts, sensor } = hear([...OPEN, ...frames])
  expect(alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
  expect(sensor.coverage.segmentsNotKept).toBeGreaterThan(0) // not all ways were tried
})

test('and so are those that differ in their checksum', () => {
  const frames = cut(WATCHED, 20).flatMap((part, i) => {
    const [before, behind] = [1, 2].map((byte) => out(20 * i, Buffer.alloc(part.length, byte)))
    return [before!, summed(out(20 * i, part)), behind!]
  })
  expect(hear([...OPEN, ...frames]).alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
})

/** The same frame with the checksum of its segment. */
function summed(frame: Buffer): Buffer {
  const segment = frame.subarray(34)
  const words = Buffer.concat([frame.subarray(26, 34), Buffer.of(0, 6), Buffer.alloc(2), segment, Buffer.alloc(1)])
  words.writeUInt16BE(segment.length, 10)
  let sum = 0
  for (let at = 0; at + 1 < words.length; at += 2) sum += words.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  segment.writeUInt16BE(~sum & 0xffff, 16)
  return frame
}

test('the end of a request that comes again is no request of its own', () => {
  const name = 'shop.acme.example'
  const request = Buffer.from(`CONNECT ${name}:443 HTTP/1.1\r\nHost: ${name}:443\r\n\r\n`)
  const end = out(4, request.subarray(4))
  const { alerts } = hear([...OPEN, out(0, request.subarray(0, 4)), end, end])
  expect(alerts[0]!.evidence.map(({ kind }) => kind)).toEqual(['http_connect'])
})

test('what comes again as it was changes nothing', () => {
  const requests = ['shop.acme.example', 'www.other.example']
    .map((host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    .join('')
  const records = Buffer.concat([Buffer.from([0x17, 3, 3, 0x1f, 0x40]), Buffer.alloc(8000, 7)])
  for (const stream of [Buffer.concat([WATCHED, records]), Buffer.concat([DECOY, records]), Buffer.from(requests)]) {
    for (let seed = 1; seed <= 60; seed++) {
      const next = random(seed)
      const step = 20 + next(1400)
      const segments: Buffer[] = []
      const again: Buffer[] = []
      for (let at = 0; at < stream.length; at += step) {
        segments.push(out(at, stream.subarray(at, at + step)))
        const from = next(at + 1)
        if (next(3) === 0) again.push(out(from, stream.subarray(from, at + step)))
        else again.push(NOTHING)
      }
      const both = segments.flatMap((segment, i) => (again[i]!.length > 0 ? [segment, again[i]!] : [segment]))
      const answer = back(7001, 1001 + stream.length, ACK, Buffer.from('answer'))
      const kinds = (fed: Fed) => fed.observations.filter(({ kind }) => kind === 'tls' || kind === 'http').length
      const once = hear([...OPEN, ...segments, answer])
      const twice = hear([...OPEN, ...both, answer])
      expect(kinds(twice)).toBe(kinds(once))
      const told = (fed: Fed) =>
        fed.alerts.map(({ id, reasons, evidence, count, attempt }) => ({
          id,
          reasons,
          count,
          attempt,
          seen: evidence.map(({ value }) => value),
        }))
      expect(told(twice)).toEqual(told(once))
    }
  }
})

describe('what comes again in part, and waits for the rest', () => {
  const tail = (port: number): Buffer[] => {
    const client = { ...CLIENT, port }
    const of = (sequence: number, flags: number, payload: Uint8Array = NOTHING): Buffer =>
      tcpFrame(client, SERVER, { sequence, acknowledgment: 7001, flags }, payload)
    return [of(1000, SYN), of(1001, ACK, DECOY), of(1101, ACK, DECOY.subarray(100))]
  }

  test('takes no room from what comes first', () => {
    const crowd = Array.from({ length: 40 }, (_, i) => tail(40_000 + i)).flat()
    const frames = [...crowd, ...OPEN, out(0, WATCHED.subarray(0, 90)), out(90, WATCHED.subarray(90))]
    const fed = feed(
      frames.map((bytes, i) => ({ at: i / 50, bytes })),
      { packs: [ACME], limits: { streamBytesAll: 65_536 } },
    )
    expect(fed.alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
    expect(fed.sensor.coverage.segmentsNotKept).toBe(40 - 65_536 / 8 / 4096 + 2)
  })

  test('is nothing where the server is not seen, and the client goes on', () => {
    const data = Array.from({ length: 40 }, (_, i) => out(DECOY.length + 300 * i, Buffer.alloc(300, i)))
    const frames = [out(0, NOTHING, SYN), out(0, DECOY), ...data]
    const fed = feed(
      frames.map((bytes, i) => ({ at: i / 50, bytes })),
      { packs: [ACME], limits: { streamBytesAll: 8192 }, events: ['flow'] },
    )
    expect(fed.sensor.coverage.segmentsNotKept).toBe(0)
  })

  test('is let go when the server answers, and with it all that was kept of the flow', () => {
    const frames = [
      ...OPEN,
      out(0, DECOY.subarray(0, 100)),
      out(100, DECOY.subarray(100)),
      back(7001, 1500, ACK, Buffer.alloc(50, 1)),
    ]
    const forget = vi.spyOn(FlowInfos.prototype, 'forget')
    let before = 0
    feed(
      [...frames, out(600, NOTHING)].map((bytes, i) => ({ at: i / 50, bytes })),
      { packs: [ACME], events: ['stats'], framesPerBlock: 1, beforeBlock: () => (before = forget.mock.calls.length) },
    )
    forget.mockRestore()
    expect(before).toBe(1)
  })

  test('is let go when the client is past it', () => {
    const past = Array.from({ length: 40 }, (_, i) => [
      ...tail(40_000 + i),
      tcpFrame({ ...CLIENT, port: 40_000 + i }, SERVER, { sequence: 1001 + 20_000, flags: ACK }, DECOY),
    ]).flat()
    const fed = feed(
      past.map((bytes, i) => ({ at: i / 50, bytes })),
      { packs: [ACME], limits: { streamBytesAll: 65_536 }, events: ['flow'] },
    )
    expect(fed.sensor.coverage.segmentsNotKept).toBe(0)
  })
})
