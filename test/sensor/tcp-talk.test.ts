/** A TCP connection's bytes, cut and mixed up in every way a network or an attacker can: the same is heard. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StreamBudget } from '../../src/flow/stream-budget.ts'
import { TcpTalk } from '../../src/sensor/tcp-talk.ts'
import { A, dnsAnswer, dnsQuestion } from '../support/dns-message.ts'
import { u16, u32 } from '../support/frames.ts'
import {
  extensionOf,
  helloMessage,
  inRecords,
  openSslHello,
  prefixed,
  serverNames,
  shortHello,
} from '../support/hello.ts'
import { fuzz, random } from '../support/random.ts'
import { Heard } from './heard.ts'

const NAME = 'shop.acme.example'
const OPENSSL = await openSslHello(NAME)
const LIMIT = 65_536
const PROBES_MAX = 24

interface Segment {
  fromClient: boolean
  /** The sender has all bytes of the other side before this number. */
  acknowledges?: number
  /** Of its first byte. */
  sequence: number
  bytes: Uint8Array
}

interface Settings {
  /** Sequence numbers of the first bytes, where the SYNs were seen. */
  clientBegin?: number
  serverBegin?: number
  isDnsPort?: boolean
  mayFlip?: boolean
  limit?: number
  /** The connection goes on. */
  isOpen?: boolean
}

/** What is heard of these segments. Their bytes are wiped as soon as they were handed on. */
function listen(segments: readonly Segment[], settings: Settings = {}): { heard: Heard; talk: TcpTalk } {
  const { clientBegin, serverBegin, isDnsPort = false, mayFlip = false, limit = LIMIT, isOpen = false } = settings
  const heard = new Heard()
  const talk = new TcpTalk(heard, 1, limit, new StreamBudget(Number.POSITIVE_INFINITY), isDnsPort, mayFlip)
  let isFlipped = false
  heard.onFlip = () => {
    talk.flip()
    isFlipped = true
  }
  if (clientBegin !== undefined) talk.begin(true, clientBegin | 0)
  if (serverBegin !== undefined) talk.begin(false, serverBegin | 0)
  for (const { fromClient, sequence, bytes, acknowledges } of segments) {
    if (acknowledges !== undefined) talk.acknowledge(!fromClient !== isFlipped, acknowledges | 0)
    if (bytes.length === 0) continue
    const arena = Buffer.alloc(bytes.length + 32, 0x16)
    arena.set(bytes, 16)
    talk.add(fromClient !== isFlipped, sequence | 0, arena, 16, 16 + bytes.length, bytes.length)
    arena.fill(0xee)
  }
  if (!isOpen) talk.finish()
  return { heard, talk }
}

/** What both say in turn, one segment each: even ones are the client's. */
function inTurn(turns: readonly Uint8Array[], clientBegin = 1, serverBegin = 1): Segment[] {
  const next = [clientBegin, serverBegin]
  return turns.map((bytes, i) => {
    const side = i % 2
    const sequence = next[side]!
    next[side] = sequence + bytes.length
    return { fromClient: side === 0, sequence, bytes }
  })
}

/** How a stream is cut up on its way. */
interface Cuts {
  /** Where segments end, as shares of the stream. */
  at: number[]
  /** Beginning and length of pieces that come again, as shares. */
  again: Array<[number, number]>
  /** Seed of the order; 0 for the right one. */
  order: number
  begin: number
}

const share = fc.nat(9999)
const anyCuts: fc.Arbitrary<Cuts> = fc.record({
  at: fc.array(share, { maxLength: 12 }),
  again: fc.array(fc.tuple(share, share), { maxLength: 4 }),
  order: fc.nat(1e6),
  begin: fc.oneof(fc.constantFrom(0xffffffff, 0xffffff80, 0x7fffffff, 0x7fffffd0), fc.nat(0xffffffff)),
})

/** `stream` in segments; the first one begins at `begin`. */
function segmentsOf(stream: Uint8Array, { at, again, order, begin }: Cuts, fromClient = true): Segment[] {
  const place = (part: number): number => Math.floor((part * stream.length) / 10_000)
  const bounds = [...new Set([0, ...at.map(place), stream.length])].sort((a, b) => a - b)
  const ranges = bounds.slice(1).map((to, i) => [bounds[i]!, to] as const)
  for (const [from, length] of again) {
    const start = place(from)
    ranges.push([start, Math.min(start + 1 + place(length), stream.length)])
  }
  const next = random(order)
  const keys = ranges.map(() => (order === 0 ? 0 : next(1 << 20)))
  return ranges
    .map(([from, to], i) => ({
      key: keys[i]!,
      segment: { fromClient, sequence: begin + from, bytes: stream.subarray(from, to) },
    }))
    .sort((a, b) => a.key - b.key)
    .map(({ segment }) => segment)
}

const text = (words: string): Buffer => Buffer.from(words, 'latin1')
const socks5 = (name: string): Buffer =>
  Buffer.concat([Buffer.of(5, 1, 0, 5, 1, 0, 3), prefixed(1, text(name)), u16(443)])
const proxy2 = (authority: string): Buffer => {
  const rest = Buffer.concat([
    ...[Buffer.of(192, 0, 2, 1, 198, 51, 100, 1), u16(4242), u16(443)],
    ...[Buffer.of(2), prefixed(2, text(authority))],
  ])
  return Buffer.concat([Buffer.from('0d0a0d0a000d0a515549540a2111', 'hex'), prefixed(2, rest)])
}

/** What may stand before a hello in the client's stream, and what is heard of it. */
const BEFORE: Array<{ name: string; bytes: Buffer; hears: Partial<Heard> }> = [
  { name: 'nothing', bytes: Buffer.alloc(0), hears: {} },
  {
    name: 'CONNECT',
    bytes: text('CONNECT tunnel.example:443 HTTP/1.1\r\nHost: tunnel.example:443\r\n\r\n'),
    hears: { requests: ['CONNECT tunnel.example tunnel.example:443'] },
  },
  { name: 'SOCKS 5', bytes: socks5('tunnel.example'), hears: { targets: ['tunnel.example'] } },
  {
    name: 'SOCKS 4a',
    bytes: Buffer.concat([Buffer.of(4, 1, 1, 0xbb, 0, 0, 0, 1), text('me\0tunnel.example\0')]),
    hears: { targets: ['tunnel.example'] },
  },
  {
    name: 'PROXY 1',
    bytes: text('PROXY TCP4 192.0.2.1 198.51.100.1 4242 443\r\n'),
    hears: { authorities: [''] },
  },
  { name: 'PROXY 2', bytes: proxy2('front.example'), hears: { authorities: ['front.example'] } },
  {
    name: 'PROXY 1 and CONNECT',
    bytes: text('PROXY UNKNOWN\r\nCONNECT tunnel.example:443 HTTP/1.1\r\nHost: tunnel.example:443\r\n\r\n'),
    hears: { authorities: [''], requests: ['CONNECT tunnel.example tunnel.example:443'] },
  },
]

describe('a hello', () => {
  for (const { name, bytes, hears } of BEFORE) {
    test(`behind ${name}, over records and segments, permuted, doubled and overlapped, at any sequence number`, () => {
      fc.assert(
        fc.property(anyCuts, fc.integer({ min: 1, max: 600 }), (cuts, fragmentBytes) => {
          const stream = Buffer.concat([bytes, inRecords(OPENSSL.subarray(5), fragmentBytes)])
          const { heard, talk } = listen(segmentsOf(stream, cuts), { clientBegin: cuts.begin })
          expect(heard).toMatchObject({ names: [NAME], flips: 0, ...hears })
          expect(talk.clientIsOver).toBe(true)
        }),
        fuzz(250),
      )
    })

    test(`behind ${name}, without a SYN, in order`, () => {
      fc.assert(
        fc.property(anyCuts, (cuts) => {
          const stream = Buffer.concat([bytes, OPENSSL])
          const { heard } = listen(segmentsOf(stream, { ...cuts, again: [], order: 0 }))
          expect(heard).toMatchObject({ names: [NAME], ...hears })
        }),
        fuzz(150),
      )
    })
  }

  const line = fc.oneof(
    fc.constantFrom('EHLO me.example\r\n', 'STARTTLS\r\n', 'a1 CAPABILITY\r\n', '\0\0\0\b\x04\xd2\x16\x2f', '<stream>'),
    fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(...'abcXYZ 019+<>\r\n') }).map((one) => `~${one}\n`),
  )

  test('after plain talk in both directions (STARTTLS), then cut and mixed up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, line), { minLength: 1, maxLength: PROBES_MAX - 1 }),
        anyCuts,
        (lines, cuts) => {
          const turns = inTurn(lines.flat().map(text), cuts.begin, 7)
          const said = lines.reduce((sum, [one]) => sum + one.length, 0)
          const hello = segmentsOf(OPENSSL, { ...cuts, begin: cuts.begin + said })
          const { heard } = listen([...turns, ...hello], { clientBegin: cuts.begin, serverBegin: 7 })
          expect(heard.names).toEqual([NAME])
          expect(
            listen([...turns, ...segmentsOf(OPENSSL, { at: [], again: [], order: 0, begin: cuts.begin + said })]).heard
              .names,
          ).toEqual([NAME])
        },
      ),
      fuzz(300),
    )
  })

  test.each(['STARTTLS\r\n', '\r\n', 'A', 'a1 STARTTLS\r\n', 'EHLO me.example\r\nSTARTTLS\r\n'])(
    'after %j, cut anywhere, also a byte at a time',
    (words) => {
      const hear = (pieces: Uint8Array[]) => {
        let sequence = 1
        const segments = [...pieces, OPENSSL].map((bytes) => {
          sequence += bytes.length
          return { fromClient: true, sequence: sequence - bytes.length, bytes }
        })
        return listen(segments, { clientBegin: 1 }).heard.names
      }
      const before = text(words)
      expect(hear([before])).toEqual([NAME])
      for (let cut = 1; cut < before.length; cut++)
        expect(hear([before.subarray(0, cut), before.subarray(cut)]), `after ${cut} bytes`).toEqual([NAME])
      expect(hear([...before].map((byte) => Uint8Array.of(byte)))).toEqual([NAME])
    },
  )

  test('one byte old, sent again while a piece is missing, does not give that up', () => {
    const { heard } = listen(
      [
        { fromClient: true, sequence: 100, bytes: text('EHLO me\r\n') },
        { fromClient: true, sequence: 209, bytes: OPENSSL.subarray(100) },
        { fromClient: true, sequence: 108, bytes: text('\n') },
        { fromClient: true, sequence: 109, bytes: OPENSSL.subarray(0, 100) },
      ],
      { clientBegin: 100 },
    )
    expect(heard.names).toEqual([NAME])
  })

  test('of two that disagree about a byte the first one counts', () => {
    const forged = shortHello('evil.acme.exampl')
    const real = shortHello('real.acme.exampl')
    const { heard } = listen(
      [
        { fromClient: true, sequence: 21, bytes: real.subarray(20) },
        { fromClient: true, sequence: 21, bytes: forged.subarray(20) },
        { fromClient: true, sequence: 1, bytes: real.subarray(0, 20) },
      ],
      { clientBegin: 1 },
    )
    expect(heard.names).toEqual(['real.acme.exampl'])
  })

  test('whose end is missing gives its name, marked as partial', () => {
    const message = helloMessage({ extensions: [serverNames(NAME), extensionOf(21, Buffer.alloc(500))] })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 480 }), fc.integer({ min: 150, max: 600 }), (missing, fragmentBytes) => {
        const stream = inRecords(message, fragmentBytes)
        const { heard } = listen([{ fromClient: true, sequence: 1, bytes: stream.subarray(0, -missing) }])
        expect(heard.names).toEqual([`${NAME} (partial)`])
      }),
      fuzz(150),
    )
  })

  test('longer than what is kept gives its name at once, and the connection is given up', () => {
    const stream = inRecords(helloMessage({ extensions: [serverNames(NAME), extensionOf(21, Buffer.alloc(5000))] }))
    const cuts: Cuts = { at: [2000, 4000, 6000, 8000], again: [], order: 0, begin: 1 }
    const { heard, talk } = listen(segmentsOf(stream, cuts), { limit: 2500, isOpen: true })
    expect(heard.names).toEqual([`${NAME} (partial)`])
    expect(talk.clientIsOver).toBe(true)
  })
})

describe('bytes that were lost', () => {
  test('before a hello are stepped over when the connection is over, not sooner', () => {
    const segments = inTurn(['EHLO me\r\n', '250 ok\r\n', 'STARTTLS\r\n', '220 go\r\n'].map(text))
    const lossy = [...segments.slice(0, 2), { fromClient: true, sequence: 20, bytes: OPENSSL }]
    expect(listen(lossy, { clientBegin: 1, isOpen: true }).heard.names).toEqual([])
    expect(listen(lossy, { clientBegin: 1 }).heard.names).toEqual([NAME])
  })

  test('at the beginning are stepped over as soon as more waits than is kept', () => {
    const segments: Segment[] = [{ fromClient: true, sequence: 1000, bytes: OPENSSL }]
    for (let i = 0; i < 3; i++) {
      segments.push({ fromClient: true, sequence: 1000 + OPENSSL.length + i * 1000, bytes: Buffer.alloc(1000, 0x17) })
    }
    const { heard } = listen(segments, { clientBegin: 1, limit: 3000, isOpen: true })
    expect(heard.names).toEqual([NAME])
  })

  const HOLE = 100
  const hello: Segment = { fromClient: true, sequence: 1 + HOLE, bytes: OPENSSL }
  const filler: Segment = { fromClient: true, sequence: 1, bytes: Buffer.alloc(HOLE, 0x7e) }
  const far = (at: number, length: number): Segment => ({
    fromClient: true,
    sequence: at,
    bytes: Buffer.alloc(length, 0x7e),
  })
  const ack = (acknowledges: number): Segment => ({
    ...{ fromClient: false, sequence: 1, bytes: Buffer.alloc(0) },
    acknowledges,
  })
  const later = 1 + HOLE + OPENSSL.length
  const LIMIT_SMALL = 3000

  const waits: Array<{ name: string; segments: Segment[] }> = [
    { name: 'nothing else comes', segments: [] },
    { name: 'a segment far away', segments: [far(50_000, 10)] },
    {
      name: 'many segments far away, here and there',
      segments: Array.from({ length: 99 }, (_, i) => far(9000 + i * 100, 90)),
    },
    { name: 'one segment far away again and again', segments: Array.from({ length: 99 }, () => far(9000, 90)) },
    { name: 'one byte less far away than is kept', segments: [far(9000, LIMIT_SMALL - 1)] },
    {
      name: 'more pieces than are followed',
      segments: Array.from({ length: 40 }, (_, i) => far(later + 10 + 20 * i, 1)),
    },
    { name: 'what the receiver has, while nothing later comes', segments: [ack(later)] },
    { name: 'something later, of which the receiver has nothing', segments: [far(later, 10)] },
    { name: 'what the receiver has before the hole', segments: [ack(1), far(later, 10)] },
    { name: 'something older than what the receiver has', segments: [far(later, 10), ack(later + 10), far(later, 5)] },
    { name: 'a second acknowledgment that takes the first one back', segments: [ack(1), ack(-5), far(later, 5)] },
  ]
  test.each(waits)('are not given up because of $name', ({ segments }) => {
    const before = [hello, ...segments]
    const settings = { clientBegin: 1, limit: LIMIT_SMALL, isOpen: true }
    const { heard, talk } = listen(before, settings)
    expect([heard.names, talk.holes]).toEqual([[], 0])
    expect(listen([...before, filler], settings).heard.names, 'it was only late').toEqual([NAME])
    expect(listen(before, { ...settings, isOpen: false }).heard.names, 'at the end').toEqual([NAME])
  })

  const proofs: Array<{ name: string; segments: Segment[] }> = [
    { name: 'the receiver has them and something later comes', segments: [hello, ack(later), far(later, 10)] },
    { name: 'the same, in one segment', segments: [hello, { ...ack(later), bytes: text('ok') }, far(later, 10)] },
    { name: 'the hello itself is later', segments: [ack(1 + HOLE), hello] },
    { name: 'nothing waits, and 100 KB are missing', segments: [ack(100_001), { ...hello, sequence: 100_001 }] },
    {
      name: 'as much as is kept lies too far away',
      segments: [far(90_000, 1500), far(91_500, 1500), { ...hello, sequence: 93_000 }],
    },
    {
      name: 'the same, and something between is read',
      segments: [hello, far(90_000, LIMIT_SMALL)],
    },
    {
      name: 'half of the limit waits and the next has no room, which it has then',
      segments: [far(101, 1400), far(1501, 1400), { ...hello, sequence: 2901 }],
    },
    { name: 'the receiver has two holes', segments: [far(41, 10), hello, ack(later), far(later, 10)] },
  ]
  test.each(proofs)('are given up at once when $name', ({ segments }) => {
    const { heard, talk } = listen(segments, { clientBegin: 1, limit: LIMIT_SMALL, isOpen: true })
    expect(heard.names).toEqual([NAME])
    expect(talk.holes).toBeGreaterThan(0)
  })

  test('of the server, that were the answer to a request before the hello, do not make that request unheard', () => {
    const connect = text('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n')
    const after = 1 + connect.length
    const flight = Buffer.from('15030300020228', 'hex') // an alert: the server is done
    const { heard, talk } = listen(
      [
        { fromClient: true, sequence: 1, bytes: connect },
        { fromClient: true, sequence: after, bytes: OPENSSL, acknowledges: 40 },
        { fromClient: false, sequence: 40, bytes: flight },
      ],
      { clientBegin: 1, serverBegin: 1, isOpen: true },
    )
    expect(talk.isOver).toBe(true)
    expect(heard).toMatchObject({ names: [NAME], exchanges: ['a.example:443 -'] })
  })

  test('in the middle of a hello give the name that stands before them', () => {
    const message = helloMessage({ extensions: [serverNames(NAME), extensionOf(21, Buffer.alloc(1000))] })
    const stream = inRecords(message, 5000)
    const segments = segmentsOf(stream, { at: [4000, 6000], again: [], order: 0, begin: 1 }).filter((_, i) => i !== 1)
    const end = 1 + stream.length
    const { heard } = listen([...segments, ack(end), far(end, 9)], { clientBegin: 1, isOpen: true })
    expect(heard.names).toEqual([`${NAME} (partial)`])
  })

  test('and late ones: whatever stranger’s segments lie between, an honest receiver never makes a hello unheard', () => {
    const junk = fc.array(fc.tuple(fc.integer({ min: 70_000, max: 2 ** 31 - 1e6 }), fc.nat(900), fc.nat(20)), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(anyCuts, junk, (cuts, strangers) => {
        const stream = Buffer.concat([text('STARTTLS\r\n'), Buffer.alloc(300, 0x7e), OPENSSL])
        const border = Math.ceil((310 * 10_000) / stream.length) // a hello begins where a segment begins
        const real = segmentsOf(stream, { ...cuts, at: [...cuts.at, border], again: [] })
        const segments: Segment[] = []
        const there = new Uint8Array(stream.length + 1)
        for (const segment of real) {
          segments.push(segment)
          there.fill(1, segment.sequence - cuts.begin, segment.sequence - cuts.begin + segment.bytes.length)
          segments.push(ack(cuts.begin + there.indexOf(0)))
        }
        for (const [at, length, place] of strangers) segments.splice(place, 0, far(cuts.begin + at, length + 1))
        const { heard } = listen(segments, { clientBegin: cuts.begin, isOpen: true })
        expect(heard.names).toEqual([NAME])
      }),
      fuzz(300),
    )
  })

  test('before a hello, any of them: it is heard as soon as something follows that the receiver asked for', () => {
    let lost = 0
    fc.assert(
      fc.property(anyCuts, fc.nat(0xffff), (cuts, kept) => {
        const before = Buffer.alloc(1000, 0x7e)
        const all = segmentsOf(before, { ...cuts, again: [] })
        const segments = all.filter((_, i) => ((kept >> i) & 1) === 1)
        if (segments.length < all.length) lost++
        const at = cuts.begin + before.length
        const end = at + OPENSSL.length
        const { heard } = listen(
          [...segments, { fromClient: true, sequence: at, bytes: OPENSSL }, ack(end), far(end, 1)],
          { clientBegin: cuts.begin, isOpen: true },
        )
        expect(heard.names).toEqual([NAME])
      }),
      fuzz(300),
    )
    expect(lost).toBeGreaterThan(100)
  })

  const cookies = `Cookie: ${'c'.repeat(500)}\r\n\r\n`
  const begun = text(`GET /a HTTP/1.1\r\nHost: a.example\r\n${cookies}`)
  const tunnel = text(`CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n${cookies}`)
  const seen = (head: Uint8Array): Segment => ({ fromClient: true, sequence: 1, bytes: head.subarray(0, 200) })
  const behind = (head: Uint8Array, bytes: Uint8Array): Segment => ({
    ...{ fromClient: true, sequence: 1 + head.length, bytes },
    acknowledges: 1,
  })

  test('at the end of a request’s head leave what stands before them', () => {
    const { heard } = listen([seen(begun)], { clientBegin: 1 })
    expect(heard.requests).toEqual(['GET a.example /a (partial)'])
    expect(heard.exchanges).toEqual(['/a -'])
  })

  test('at the end of one head take nothing from the next, nor its response', () => {
    const next = text('GET /b HTTP/1.1\r\nHost: b.example\r\n\r\n')
    const answers = ['/a', '/b'].map((path) => text(`HTTP/1.1 200 ok\r\nServer: ${path}\r\nContent-Length: 0\r\n\r\n`))
    const { heard } = listen(
      [
        seen(begun),
        { fromClient: false, sequence: 1, bytes: answers[0]!, acknowledges: 1 + begun.length },
        behind(begun, next),
        { fromClient: false, sequence: 1 + answers[0]!.length, bytes: answers[1]! },
      ],
      { clientBegin: 1, serverBegin: 1 },
    )
    expect(heard.requests).toEqual(['GET a.example /a (partial)', 'GET b.example /b'])
    expect(heard.exchanges).toEqual(['/a -', '/b 200'])
  })

  test('of a head before its first line is whole leave nothing', () => {
    const { heard } = listen([{ fromClient: true, sequence: 1, bytes: text('GET /a HTTP/1.') }], { clientBegin: 1 })
    expect(heard.requests).toEqual([])
  })

  test('behind words that name no version make no request of them', () => {
    const { heard } = listen([{ fromClient: true, sequence: 1, bytes: text('NOTIFY a\r\n') }], { clientBegin: 1 })
    expect(heard.requests).toEqual([])
  })

  test('at the end of the request for a tunnel do not hide the hello in it', () => {
    const granted = text('HTTP/1.1 200 ok\r\n\r\n')
    const { heard } = listen(
      [
        seen(tunnel),
        { fromClient: false, sequence: 1, bytes: granted, acknowledges: 1 + tunnel.length },
        behind(tunnel, OPENSSL),
      ],
      { clientBegin: 1, serverBegin: 1 },
    )
    expect(heard.requests).toEqual(['CONNECT a.example a.example:443 (partial)'])
    expect(heard.names).toEqual([NAME])
  })

  test('in a tunnel do not hide the hello behind them', () => {
    const { heard } = listen(
      [
        { fromClient: true, sequence: 1, bytes: tunnel },
        { fromClient: true, sequence: 1 + tunnel.length + 40, bytes: OPENSSL },
      ],
      { clientBegin: 1, serverBegin: 1 },
    )
    expect(heard.names).toEqual([NAME])
  })

  test('inside a body do no harm to the requests behind it', () => {
    const head = text('POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\n')
    const { heard } = listen([
      { fromClient: true, sequence: 1, bytes: head },
      { fromClient: true, sequence: 1 + head.length + 100, bytes: text('GET /b HTTP/1.1\r\nHost: b.example\r\n\r\n') },
    ])
    expect(heard.requests).toEqual(['POST a.example /a', 'GET b.example /b'])
  })
})

describe('who is the client', () => {
  const nobody: Cuts = { at: [], again: [], order: 0, begin: 1 }

  test('turns out to be the other one when it says a hello, and no SYN was seen', () => {
    fc.assert(
      fc.property(anyCuts, fc.boolean(), (cuts, isHttp) => {
        const stream = isHttp ? text('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n') : OPENSSL
        const at = cuts.at.filter((part) => Math.floor((part * stream.length) / 10_000) >= 20)
        const segments = segmentsOf(stream, { ...cuts, at, again: [], order: 0 }, false)
        const { heard } = listen(segments, { mayFlip: true })
        expect(heard).toMatchObject(isHttp ? { requests: ['GET a.example /a'], flips: 1 } : { names: [NAME], flips: 1 })
      }),
      fuzz(150),
    )
  })

  test('turns out so, too, when the hello waited for something before it', () => {
    const at = (sequence: number, bytes: Uint8Array): Segment => ({ fromClient: false, sequence, bytes })
    const [filler, half] = [text('~~~~~~~~~~'), 250]
    const waiting = [at(21, OPENSSL.subarray(0, half)), at(21 + half, OPENSSL.subarray(half))]
    const { heard } = listen([at(1, filler), ...waiting, at(11, filler)], { mayFlip: true, isOpen: true })
    expect(heard).toMatchObject({ names: [NAME], flips: 1 })
  })

  test('is known from the SYN, whatever the server says', () => {
    const { heard } = listen(segmentsOf(OPENSSL, nobody, false), { mayFlip: false })
    expect(heard).toMatchObject({ names: [], flips: 0 })
  })

  test('is asked once only: two that both say hello do not turn for ever', () => {
    const both = [...segmentsOf(OPENSSL, nobody, false), ...segmentsOf(OPENSSL, nobody, true)]
    for (const segments of [both, [...both].reverse(), [...both, ...both]]) {
      const { heard } = listen(segments, { mayFlip: true })
      expect(heard.flips).toBeLessThanOrEqual(1)
      expect(heard.names).toEqual([NAME])
    }
  })
})

describe('DNS over TCP', () => {
  const framed = (message: Uint8Array): Buffer => prefixed(2, message)
  const asked = Array.from({ length: 5 }, (_, i) => `n${i}.example`)
  const questions = Buffer.concat(asked.map((name) => framed(dnsQuestion(name))))
  const answers = Buffer.concat(asked.map((name) => framed(dnsAnswer(name, [{ name, type: A, data: '192.0.2.1' }]))))

  test('cut anywhere and mixed up gives the same messages', () => {
    fc.assert(
      fc.property(anyCuts, anyCuts, fc.boolean(), (cuts, others, client) => {
        const { heard } = listen(
          [...segmentsOf(questions, cuts), ...segmentsOf(answers, { ...others, begin: cuts.begin }, false)].sort(
            (a, b) => (client ? 1 : -1) * (Number(b.fromClient) - Number(a.fromClient)),
          ),
          { isDnsPort: true, clientBegin: cuts.begin, serverBegin: cuts.begin },
        )
        expect([...heard.messages].sort()).toEqual(
          [...asked.map((name) => `answer ${name}`), ...asked.map((name) => `question ${name}`)].sort(),
        )
      }),
      fuzz(250),
    )
  })

  /** Each message in a segment of its own, but the second of each side in two. */
  function segments(): Segment[] {
    return [questions, answers].flatMap((stream, side) => {
      const cuts = [0]
      while (cuts.at(-1)! < stream.length) cuts.push(cuts.at(-1)! + 2 + stream.readUInt16BE(cuts.at(-1)!))
      cuts.splice(2, 0, cuts[1]! + 20)
      return cuts.slice(1).map((end, i): Segment => {
        const begin = cuts[i]!
        return { fromClient: side === 0, sequence: 1 + begin, bytes: stream.subarray(begin, end) }
      })
    })
  }

  test.each<[what: string, lost: number[], isDnsPort: boolean]>([
    ['first half', [1, 7], true],
    ['second half', [2, 8], true],
    ['all', [1, 2, 7, 8], true],
    ['first half, on another port', [1, 7], false],
    ['second half, on another port', [2, 8], false],
  ])('goes on where a segment begins with a message, behind a loss of one: %s', (_, lost, isDnsPort) => {
    const came = segments().filter((_, i) => !lost.includes(i))
    const { heard } = listen(came, { isDnsPort, clientBegin: 1, serverBegin: 1 })
    const rest = ['n0.example', 'n2.example', 'n3.example', 'n4.example']
    expect([...heard.messages].sort()).toEqual(
      ['answer', 'question'].flatMap((kind) => rest.map((n) => `${kind} ${n}`)),
    )
  })

  test('goes on where a segment begins with a message, behind a loss of the beginning', () => {
    const came = segments().filter((_, i) => ![0, 1, 6, 7].includes(i))
    const { heard } = listen(came, { isDnsPort: true, clientBegin: 1, serverBegin: 1 })
    const rest = ['n2.example', 'n3.example', 'n4.example']
    expect([...heard.messages].sort()).toEqual(
      ['answer', 'question'].flatMap((kind) => rest.map((n) => `${kind} ${n}`)),
    )
  })

  test('goes on where a segment begins with a message that ends in another, behind a loss', () => {
    const came = segments().filter((_, i) => ![0, 6].includes(i))
    for (const isLate of [false, true]) {
      const order = isLate ? [...came].reverse() : came
      const { heard } = listen(order, { isDnsPort: true, clientBegin: 1, serverBegin: 1 })
      expect([...heard.messages].sort()).toEqual(
        ['answer', 'question'].flatMap((kind) => asked.slice(1).map((n) => `${kind} ${n}`)),
      )
    }
  })

  test('behind a loss what only looks like the header of a message hides none of those that follow', () => {
    const header = Buffer.concat([Buffer.of(0, 90), questions.subarray(2, 14), Buffer.alloc(20, 0xff)])
    const rest = [
      header,
      ...segments()
        .slice(3, 6)
        .map(({ bytes }) => bytes as Buffer),
    ]
    let sequence = 1000
    const came = rest.map((bytes): Segment => {
      sequence += bytes.length
      return { fromClient: true, sequence: sequence - bytes.length, bytes }
    })
    const { heard } = listen(came, { isDnsPort: true, clientBegin: 1 })
    expect(heard.messages).toEqual(asked.slice(2).map((name) => `question ${name}`))
  })

  test.each([
    ['the middle of messages', questions.subarray(3, 30)],
    ['what would begin SOCKS', Buffer.of(5, 1, 0)],
  ])('behind a loss is given up where nothing begins with a message: %s', (_, bytes) => {
    const begin: Segment = { fromClient: true, sequence: 1, bytes: questions.subarray(0, 30) }
    for (const count of [PROBES_MAX - 1, PROBES_MAX]) {
      const rest = Array.from({ length: count }, (_, i) => ({ ...begin, sequence: 1000 + i * bytes.length, bytes }))
      const { talk } = listen([begin, ...rest], { isDnsPort: true, clientBegin: 1 })
      expect(talk.clientIsOver).toBe(count === PROBES_MAX)
    }
  })

  test('on another port is recognised by its first message', () => {
    const { heard } = listen(inTurn([questions, answers]), { clientBegin: 1, serverBegin: 1 })
    expect(heard.messages.length).toBe(10)
  })
})

describe('HTTP requests', () => {
  const request = fc.record({
    path: fc.stringMatching(/^\/[a-z0-9]{0,12}$/),
    host: fc.constantFrom('a.example', 'b.example', 'shop.acme.example'),
    body: fc.oneof(
      fc.constant(''),
      fc.string({ maxLength: 80 }).map((body) => {
        const bytes = Buffer.from(body)
        return `Content-Length: ${bytes.length}\r\n\r\n${bytes.toString('latin1')}`
      }),
      fc.array(fc.stringMatching(/^[ -~]{1,20}$/), { maxLength: 4 }).map((chunks) => {
        const parts = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
        return `Transfer-Encoding: chunked\r\n\r\n${parts}0\r\n\r\n`
      }),
    ),
  })

  test('pipelined, with bodies, cut anywhere and mixed up: the same requests, each with its response', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 6 }), anyCuts, anyCuts, (requests, cuts, others) => {
        const said = requests.map(
          ({ path, host, body }) =>
            `${body === '' ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nHost: ${host}\r\n${body === '' ? '\r\n' : body}`,
        )
        const replies = requests.map((_, i) => `HTTP/1.1 ${400 + i} X\r\nContent-Length: ${i}\r\n\r\n${'x'.repeat(i)}`)
        const segments = [
          ...segmentsOf(text(said.join('')), cuts),
          ...segmentsOf(text(replies.join('')), others, false),
        ]
        const { heard } = listen(segments, { clientBegin: cuts.begin, serverBegin: others.begin })
        expect(heard.requests).toEqual(
          requests.map(({ path, host, body }) => `${body === '' ? 'GET' : 'POST'} ${host} ${path}`),
        )
        expect(heard.exchanges).toEqual(requests.map(({ path }, i) => `${path} ${400 + i}`))
      }),
      fuzz(300),
    )
  })
})

test.each([
  ['a response', 'HTTP/1.1 200 ok\r\nContent-Length: 0\r\n\r\n', '/ 200'],
  ['what is no response', 'HTTP is not spoken here', '/ -'],
])('%s, cut anywhere, also a byte at a time', (_, answer, exchange) => {
  const request = text('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
  const bytes = text(answer)
  for (let cut = 1; cut < 20; cut++) {
    const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)].map((piece, i) => ({
      fromClient: false,
      sequence: 1 + i * cut,
      bytes: piece,
    }))
    expect(listen([...inTurn([request]), ...pieces]).heard.exchanges, `after ${cut} bytes`).toEqual([exchange])
  }
  const single = [...bytes].map((byte, i) => ({ fromClient: false, sequence: 1 + i, bytes: Uint8Array.of(byte) }))
  expect(listen([...inTurn([request]), ...single]).heard.exchanges).toEqual([exchange])
})

describe('a response of which the beginning was read', () => {
  const begin = text('HTTP/1.1 200 Connection esta')
  const other = text('HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n')

  test('and could not be kept is not read on in other bytes', () => {
    const heard = new Heard()
    const talk = new TcpTalk(heard, 1, LIMIT, new StreamBudget(0), false, false)
    const add = (fromClient: boolean, sequence: number, bytes: Uint8Array) => {
      const arena = Buffer.concat([bytes, text('  of another packet\r\n\r\n')])
      talk.add(fromClient, sequence, arena, 0, bytes.length, bytes.length)
    }
    add(true, 1, text('GET /page HTTP/1.1\r\nHost: a.example\r\n\r\n'))
    add(false, 1, begin)
    add(false, 5000, other.subarray(0, 12))
    talk.finish()
    expect(heard.exchanges).toEqual(['/page -'])
    expect(talk.notKept).toBe(2)
  })

  test('and was no response after all is no part of the next one', () => {
    const connect = text('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n')
    const request = text('GET /page HTTP/1.1\r\nHost: a.example\r\n\r\n')
    const answer = text('HTTP/1.1 304 no\r\n\r\n')
    const last = text('HTTP/1.1 200 ok\r\n\r\n')
    const turns = [connect, begin, socks5('b.example'), other, request, answer, request, last]
    const { heard } = listen(inTurn(turns))
    expect(heard).toMatchObject({ targets: ['b.example'] })
    expect(heard.exchanges).toEqual(['a.example:443 404', '/page 304', '/page 200'])
  })
})

test('a hello of which there is no room to keep the beginning gives its name, marked as partial', () => {
  const heard = new Heard()
  const talk = new TcpTalk(heard, 1, LIMIT, new StreamBudget(0), false, false)
  const bytes = inRecords(helloMessage({ extensions: [serverNames(NAME), extensionOf(21, Buffer.alloc(2000))] }), 5000)
  talk.add(true, 1, bytes, 0, 1000, 1000)
  expect(heard.names).toEqual([`${NAME} (partial)`])
  expect(talk.notKept).toBe(1)
})

test('a request whose head is longer than what is read says what stands before that', () => {
  const head = text(`GET /a HTTP/1.1\r\nHost: a.example\r\nCookie: ${'c'.repeat(70_000)}\r\n\r\n`)
  const { heard } = listen([{ fromClient: true, sequence: 1, bytes: head }], { clientBegin: 1, limit: 147_456 })
  expect(heard.requests).toEqual(['GET a.example /a (partial)'])
})

test('HTTP inside a tunnel that was granted does not keep the reader busy for ever', () => {
  const connect = text('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n')
  const granted = text('HTTP/1.1 200 ok\r\n\r\n')
  const { heard } = listen(inTurn([connect, Buffer.concat([granted, granted])]))
  expect(heard.exchanges).toEqual(['a.example:443 200'])
})

describe("a server's hello and nothing of its client", () => {
  const serverHello = inRecords(
    Buffer.concat([
      Buffer.of(2),
      prefixed(3, u16(0x0303), Buffer.alloc(32, 7), Buffer.of(0), u16(0xc02b), Buffer.of(0)),
      Buffer.of(14, 0, 0, 0),
    ]),
  )
  const server: Segment = { fromClient: false, sequence: 1, bytes: serverHello }
  const client: Segment = { fromClient: true, sequence: 1, bytes: OPENSSL }
  const done = (segments: Segment[]): string[] => {
    const ends: string[] = []
    const heard = new Heard()
    heard.tlsDone = (_, hello, flight) => ends.push(`${hello?.serverName ?? '-'} ${flight?.hello ? 'answered' : '-'}`)
    const talk = new TcpTalk(heard, 1, LIMIT, new StreamBudget(LIMIT), false, false)
    for (const { fromClient, sequence, bytes } of segments)
      talk.add(fromClient, sequence, bytes, 0, bytes.length, bytes.length)
    ends.push('end')
    talk.finish()
    return ends
  }
  test('is told at the end', () => expect(done([server])).toEqual(['end', '- answered']))
  test('is told at the end, cut anywhere', () => {
    for (let cut = 1; cut < serverHello.length; cut++) {
      const first = { ...server, bytes: serverHello.subarray(0, cut) }
      const rest = { ...server, sequence: 1 + cut, bytes: serverHello.subarray(cut) }
      expect(done([first, rest]), `after ${cut} bytes`).toEqual(['end', '- answered'])
    }
  })
  test('is told at the end, behind plain words', () => {
    const plain = text('220 ready')
    expect(
      done([
        { ...server, bytes: plain },
        { ...server, sequence: 10 },
      ]),
    ).toEqual(['end', '- answered'])
  })
  test('is joined by a client that comes later', () => {
    expect(done([server, client])).toEqual([`${NAME} answered`, 'end'])
    const first = { ...server, bytes: serverHello.subarray(0, 30) }
    const rest = { ...server, sequence: 31, bytes: serverHello.subarray(30) }
    expect(done([first, client, rest])).toEqual([`${NAME} answered`, 'end'])
  })
  test('is told once where the client came first', () => {
    expect(done([client, server])).toEqual([`${NAME} answered`, 'end'])
  })
  test('is none where it begins with something else', () => {
    expect(done([{ ...server, bytes: serverHello.subarray(0, 8) }])).toEqual(['end'])
    expect(done([{ ...server, bytes: OPENSSL }])).toEqual(['end'])
    expect(done([{ ...server, bytes: Buffer.concat([text('220 ready'), serverHello]) }])).toEqual(['end'])
  })
})

test('on the port of DNS, TLS and HTTP are read, and DNS all the same', () => {
  const settings = { isDnsPort: true, clientBegin: 1, serverBegin: 1 }
  const answer = text('HTTP/1.1 200 ok\r\nContent-Length: 0\r\n\r\n')
  expect(listen(inTurn([OPENSSL]), settings).heard.names).toEqual([NAME])
  const request = text('GET /page HTTP/1.1\r\nHost: a.example\r\n\r\n')
  expect(listen(inTurn([request, answer]), settings).heard.exchanges).toEqual(['/page 200'])
  const question = prefixed(2, dnsQuestion('a.example'))
  // of so little nobody can say by its looks what it is
  const pieces = [question.subarray(0, 2), question.subarray(2)]
  const inPieces = pieces.map((bytes, i) => ({ fromClient: true, sequence: 1 + i * 2, bytes }))
  expect(listen(inPieces, settings).heard.messages).toEqual(['question a.example'])
  expect(listen(inPieces, { ...settings, isDnsPort: false }).heard.messages).toEqual([])
})

describe('what is nothing we know', () => {
  test(`is given up after ${PROBES_MAX} segments of each side, and not before`, () => {
    const unknown = (count: number) =>
      Array.from({ length: count }, (_, i): Segment[] => [
        { fromClient: true, sequence: 1 + i * 4, bytes: u32(0x01020304) },
        { fromClient: false, sequence: 1 + i * 4, bytes: u32(0x01020304) },
      ]).flat()
    expect(listen(unknown(PROBES_MAX - 1), { isOpen: true }).talk).toMatchObject({ clientIsOver: false, isOver: false })
    expect(listen(unknown(PROBES_MAX), { isOpen: true }).talk).toMatchObject({ clientIsOver: true, isOver: true })
  })

  // each may be the beginning of a request until the next one comes
  test.each([
    ['lines whose end comes by itself', ['LOOK', '\r\n']],
    ['lines that come in three pieces', ['LOOK', ' here', '\n']],
    ['lines that come a byte at a time', [...'who am i\r\n']],
  ])('is given up all the same where it comes as %s', (_, pieces) => {
    let sequence = 1
    const segments = Array.from({ length: 20 * PROBES_MAX }, (_, i): Segment => {
      const bytes = text(pieces[i % pieces.length]!)
      sequence += bytes.length
      return { fromClient: true, sequence: sequence - bytes.length, bytes }
    })
    expect(listen(segments, { clientBegin: 1, isOpen: true }).talk.clientIsOver).toBe(true)
  })

  test('any bytes, in any order, at any number: nothing breaks, and the end is the end', () => {
    const known = [
      OPENSSL,
      ...BEFORE.map(({ bytes }) => bytes),
      text('HTTP/1.1 200 ok\r\n\r\n'),
      text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    ]
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 0, maxLength: 300 }),
      fc.tuple(fc.constantFrom(...known), fc.nat(600), fc.nat(255)).map(([from, at, value]) => {
        const changed = Buffer.from(from)
        if (changed.length > 0) changed[at % changed.length] = value
        return changed
      }),
    )
    const segment = fc.record({ fromClient: fc.boolean(), sequence: fc.nat(3000), bytes })
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 40 }), fc.boolean(), fc.boolean(), (segments, mayFlip, isDnsPort) => {
        const { heard } = listen(segments, { mayFlip, isDnsPort, limit: 1500 })
        expect(heard.flips).toBeLessThanOrEqual(1)
        expect(heard.names.length).toBeLessThanOrEqual(1)
      }),
      fuzz(1000),
    )
  })
})
