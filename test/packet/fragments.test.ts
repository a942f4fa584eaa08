import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodePacket } from '../../src/packet/decode.ts'
import { FragmentTable } from '../../src/packet/fragments.ts'
import { Packet } from '../../src/packet/packet.ts'
import { IP_FRAGMENT } from '../../src/packet/reason.ts'
import { reassemble } from '../../src/packet/reassemble.ts'
import { fuzz, random } from '../support/random.ts'
import { ether, fragment6, type Ipv4Options, ipv4, ipv6, join, tcp, u16be, udp, vlan } from './build.ts'
import { ETHERNET, tell } from './decoded.ts'

const LIMITS = { datagrams: 100, bytes: 1e6 }
const SECOND_US = 1e6

// 40 bytes: 8 of header, 32 of data
const DATAGRAM = udp(
  5000,
  53,
  join('AAAAAAAAaaaaaaaaBBBBBBBBbbbbbbbb'.replace(/./g, (c) => c.charCodeAt(0).toString(16))),
)
const WHOLE = 'udp 192.0.2.1:5000 > 198.51.100.2:53 "AAAAAAAAaaaaaaaaBBBBBBBBbbbbbbbb"'
const WHOLE_6 = WHOLE.replace('192.0.2.1', '2001:db8::1').replace('198.51.100.2', '2001:db8::2')
const HELD = 'ip_fragment'
const REFUSED = 'fragment_refused'

/** Feeds frames one second apart from time 0, and says what came of each. */
class Feeder {
  readonly table: FragmentTable
  readonly packet = new Packet()
  nowUs = 0

  constructor(limits = LIMITS) {
    this.table = new FragmentTable(limits)
  }

  feed(frame: Uint8Array, originalLength = frame.length): string {
    const bytes = Uint8Array.from(frame) // the reader's arena, which is overwritten afterwards
    let outcome = decodePacket(bytes, 0, bytes.length, originalLength, ETHERNET, this.packet)
    if (outcome === IP_FRAGMENT) outcome = reassemble(this.table, this.packet, this.nowUs)
    this.nowUs += SECOND_US
    const text = outcome === IP_FRAGMENT ? HELD : tell(this.packet, outcome, 0)
    bytes.fill(0xee)
    return text
  }

  feedAll(frames: Uint8Array[]): string[] {
    return frames.map((frame) => this.feed(frame))
  }

  get counts(): string {
    const { completed, refused, overlapping, timedOut, pushedOut, size } = this.table
    return `completed ${completed} refused ${refused} overlapping ${overlapping} timed out ${timedOut} pushed out ${pushedOut} left ${size}`
  }
}

/** Bytes [start, end) of the datagram as a piece; the last one if it ends the datagram. */
function piece(start: number, end: number, options: Ipv4Options = {}, of = DATAGRAM): Uint8Array {
  return ether(0x0800, piece4(start, end, options, of))
}

function piece4(start: number, end: number, options: Ipv4Options = {}, of = DATAGRAM): Uint8Array {
  return ipv4(17, of.subarray(start, end), { offset: start, more: end < of.length, ...options })
}

function piece6(start: number, end: number, next = 17, id = 77): Uint8Array {
  const more = end < DATAGRAM.length
  return ether(0x86dd, ipv6(44, fragment6(next, id, start, more, DATAGRAM.subarray(start, end))))
}

const mac = (text: string): string => `${text} mac 0`

describe('pieces in any order', () => {
  test.each([
    { name: 'in order', order: [0, 1, 2] },
    { name: 'backwards', order: [2, 1, 0] },
    { name: 'the last one first', order: [2, 0, 1] },
    { name: 'the last one in the middle', order: [1, 2, 0] },
  ])('$name', ({ order }) => {
    const bounds = [0, 16, 24, 40]
    const feeder = new Feeder()
    const four = feeder.feedAll(order.map((i) => piece(bounds[i]!, bounds[i + 1]!)))
    expect(four).toEqual([HELD, HELD, mac(WHOLE)])
    const six = feeder.feedAll(order.map((i) => piece6(bounds[i]!, bounds[i + 1]!)))
    expect(six).toEqual([HELD, HELD, mac(WHOLE_6)])
    expect(feeder.counts).toBe('completed 2 refused 0 overlapping 0 timed out 0 pushed out 0 left 0')
    expect(feeder.table.bytes).toBe(0)
  })
})

describe('what belongs together', () => {
  const others = [
    { name: 'another identification', first: piece(0, 16, { id: 8 }) },
    { name: 'another source', first: piece(0, 16, { source: '192.0.2.9' }) },
    { name: 'another target', first: piece(0, 16, { target: '192.0.2.9' }) },
    { name: 'the other direction', first: piece(0, 16, { source: '198.51.100.2', target: '192.0.2.1' }) },
    { name: 'another protocol', first: ether(0x0800, ipv4(6, DATAGRAM.subarray(0, 16), { more: true })) },
    { name: 'the other family', first: piece6(0, 16, 17, 0x1234) },
  ]
  test.each(others)('not with $name', ({ first }) => {
    const feeder = new Feeder()
    expect(feeder.feedAll([first, piece(16, 40), piece(0, 16)])).toEqual([HELD, HELD, mac(WHOLE)])
    expect(feeder.table.size).toBe(1)
  })

  test('by whatever road: VLAN, TTL and options do not matter', () => {
    const feeder = new Feeder()
    feeder.feed(ether(0x8100, vlan(7, 0x0800, piece4(0, 16, { ttl: 3 }))))
    expect(feeder.feed(piece(16, 40, { options: '94040000' }))).toBe(mac(WHOLE))
  })

  test('in IPv6 the protocol of the first piece counts, whatever the others say', () => {
    const feeder = new Feeder()
    expect(feeder.feedAll([piece6(16, 40, 6), piece6(0, 16, 17)])).toEqual([HELD, mac(WHOLE_6)])
    expect(feeder.feedAll([piece6(0, 16, 17), piece6(16, 40, 6)])).toEqual([HELD, mac(WHOLE_6)])
  })

  test('the MAC addresses and tags are those of the last piece to come', () => {
    const feeder = new Feeder()
    feeder.feed(piece(0, 16))
    const last = ether(0x8100, vlan(9, 0x0800, piece4(16, 40)))
    last[5] = 0x77
    expect(feeder.feed(last)).toBe(`${WHOLE} vlan 9 mac 0`)
    expect(feeder.packet.bytes[5]).toBe(0x77)
  })

  test('extension headers before the fragment header are left out', () => {
    const feeder = new Feeder()
    const first = fragment6(17, 5, 0, true, DATAGRAM.subarray(0, 16))
    feeder.feed(ether(0x86dd, ipv6(0, join('2c000104 00000000', first))))
    expect(feeder.feed(piece6(16, 40, 17, 5))).toBe(mac(WHOLE_6))
  })

  test('extension headers behind it are kept', () => {
    const datagram = join('11000104 00000000', DATAGRAM)
    const feeder = new Feeder()
    feeder.feed(ether(0x86dd, ipv6(44, fragment6(60, 5, 0, true, datagram.subarray(0, 8)))))
    expect(feeder.feed(ether(0x86dd, ipv6(44, fragment6(60, 5, 8, false, datagram.subarray(8)))))).toBe(mac(WHOLE_6))
  })
})

describe('pieces that break the rules', () => {
  const evil = Uint8Array.from(DATAGRAM, (byte, i) => (i < 8 ? byte : 0x78))

  test('a copy of a piece is nothing', () => {
    const feeder = new Feeder()
    const frames = [piece(0, 16), piece(0, 16), piece(8, 16), piece(24, 40), piece(24, 40), piece(16, 24)]
    expect(feeder.feedAll(frames).at(-1)).toBe(mac(WHOLE))
    expect(feeder.counts).toBe('completed 1 refused 0 overlapping 0 timed out 0 pushed out 0 left 0')
  })

  test.each([
    { name: 'the same range', start: 8, end: 24 },
    { name: 'within', start: 16, end: 24 },
    { name: 'from before', start: 0, end: 24 },
    { name: 'to behind', start: 16, end: 32 },
    { name: 'around', start: 0, end: 32 },
  ])('rewriting, $name: the first copy wins', ({ start, end }) => {
    const feeder = new Feeder()
    feeder.feed(piece(8, 24))
    feeder.feed(piece(start, end, { more: true }, evil))
    feeder.feed(piece(0, 8))
    const last = feeder.feed(piece(24, 40))
    const want = [...WHOLE.slice(-33, -1)].map((c, i) => (i + 8 >= 24 && i + 8 < end ? 'x' : c)).join('')
    expect(last).toBe(mac(`${WHOLE.slice(0, -33)}${want}"`))
    expect(feeder.table.overlapping).toBe(end > 24 ? 2 : 1)
  })

  test('two ends: the first one is right', () => {
    const feeder = new Feeder()
    feeder.feed(piece(24, 40))
    expect(feeder.feed(piece(24, 32, { more: false }))).toBe(REFUSED)
    expect(feeder.feed(piece(32, 48, { more: false }, join(DATAGRAM, '7878787878787878')))).toBe(REFUSED)
    expect(feeder.feed(piece(0, 24))).toBe(mac(WHOLE))
  })

  test('an end before bytes that are there is refused', () => {
    const feeder = new Feeder()
    feeder.feed(piece(16, 32))
    expect(feeder.feed(piece(8, 24, { more: false }))).toBe(REFUSED)
    expect(feeder.feedAll([piece(0, 16), piece(32, 40)])).toEqual([HELD, mac(WHOLE)])
  })

  test('what lies behind the end is cut off', () => {
    const feeder = new Feeder()
    feeder.feed(piece(24, 40))
    expect(feeder.feed(piece(0, 48, { more: true }, join(DATAGRAM, '7878787878787878')))).toBe(mac(WHOLE))
    expect(feeder.table.overlapping).toBe(1)
  })

  test('a length that is no multiple of 8 is cut down', () => {
    const feeder = new Feeder()
    expect(feeder.feedAll([piece(0, 21), piece(16, 40)])).toEqual([HELD, mac(WHOLE)])
    expect(feeder.table.overlapping).toBe(0)
  })

  test.each([
    { name: 'no length', frame: piece(16, 16) },
    { name: 'no length, the last one', frame: piece(40, 40, { more: false }) },
    { name: 'seven bytes that are not the last ones', frame: piece(0, 7) },
    { name: 'behind 65,535 bytes', frame: piece(0, 40, { offset: 65_528 }) },
    { name: 'behind 65,535 bytes with the header', frame: piece(0, 8, { offset: 65_512 }) },
    {
      name: 'behind 65,535 bytes, IPv6',
      frame: ether(0x86dd, ipv6(44, fragment6(17, 1, 65_528, false, DATAGRAM.subarray(0, 8)))),
    },
  ])('refused: $name', ({ frame }) => {
    const feeder = new Feeder()
    expect(feeder.feed(frame)).toBe(REFUSED)
    expect(feeder.counts).toBe('completed 0 refused 1 overlapping 0 timed out 0 pushed out 0 left 0')
  })

  test('the longest datagrams there are', () => {
    const feeder = new Feeder()
    for (const [total, family] of [
      [65_515, 4],
      [65_535, 6],
    ] as const) {
      const datagram = udp(1, 2, new Uint8Array(total - 8), total)
      const pieceOf = (start: number, end: number): Uint8Array =>
        family === 4
          ? piece(start, end, {}, datagram)
          : ether(0x86dd, ipv6(44, fragment6(17, 1, start, end < total, datagram.subarray(start, end))))
      feeder.feed(pieceOf(0, 32_000))
      feeder.feed(pieceOf(32_000, 64_000))
      feeder.feed(pieceOf(64_000, total))
      expect(feeder.packet.payloadLength).toBe(total - 8)
    }
    expect(feeder.table.completed).toBe(2)
  })

  test('a piece of a frame that was cut is not kept', () => {
    const feeder = new Feeder()
    const frame = piece(0, 16)
    expect(feeder.feed(frame.subarray(0, frame.length - 1), frame.length)).toBe('cut_by_snap_length')
    expect(feeder.table.size).toBe(0)
  })

  test('too many pieces', () => {
    const datagram = udp(1, 2, new Uint8Array(8 * 600))
    const feeder = new Feeder()
    const outcomes = new Set<string>()
    feeder.nowUs = 0
    for (let at = 0; at < 600; at += 2) {
      outcomes.add(feeder.feed(piece(8 * at, 8 * at + 8, {}, datagram)))
      feeder.nowUs = 0
    }
    expect(outcomes).toEqual(new Set([HELD, REFUSED]))
    expect(feeder.table.refused).toBe(300 - 256)
  })

  test('a header split over two pieces hides nothing, and a broken one has its reason', () => {
    const feeder = new Feeder()
    const segment = tcp(1, 2, join('616263'))
    const pieceOf = (start: number, end: number, of: Uint8Array): Uint8Array =>
      ether(0x0800, ipv4(6, of.subarray(start, end), { offset: start, more: end < of.length }))
    expect(feeder.feedAll([pieceOf(0, 8, segment), pieceOf(8, 23, segment)])).toEqual([
      HELD,
      'tcp 192.0.2.1:1 > 198.51.100.2:2 "abc" mac 0',
    ])
    const broken = segment.subarray(0, 16)
    expect(feeder.feedAll([pieceOf(0, 8, broken), pieceOf(8, 16, broken)])).toEqual([HELD, 'malformed_tcp'])
  })
})

describe('fragments and tunnels', () => {
  const inner = ether(0x0800, ipv4(17, DATAGRAM))
  const vxlan = (frame: Uint8Array): Uint8Array => udp(40000, 4789, join('0800000000000700', frame))
  const OUTER = 'depth 1 in 10.0.0.1 > 10.0.0.2'
  const ends = { source: '10.0.0.1', target: '10.0.0.2' }

  test('a tunnel in fragments', () => {
    const feeder = new Feeder()
    const outer = vxlan(inner)
    expect(feeder.feedAll([piece(0, 32, ends, outer), piece(32, outer.length, ends, outer)])).toEqual([
      HELD,
      `${WHOLE} ${OUTER} (17) mac 48`,
    ])
  })

  test('fragments in a tunnel', () => {
    const feeder = new Feeder()
    const through = (part: Uint8Array): Uint8Array => ether(0x0800, ipv4(17, vxlan(part), ends))
    expect(feeder.feedAll([through(piece(0, 16)), through(piece(16, 40))])).toEqual([
      HELD,
      `${WHOLE} ${OUTER} (17) mac 0`,
    ])
  })

  test('one piece through a tunnel, the other beside it', () => {
    const feeder = new Feeder()
    expect(feeder.feed(ether(0x0800, ipv4(47, join('0000 0800', piece4(0, 16)), ends)))).toBe(HELD)
    expect(feeder.feed(piece(16, 40))).toBe(mac(WHOLE))
  })

  test('fragments in a tunnel in fragments', () => {
    const feeder = new Feeder()
    const parts = [piece4(0, 16), piece4(16, 40)].map((part) => join('0000 0800', part))
    const frames = parts.flatMap((gre, i) => [
      ether(0x0800, ipv4(47, gre.subarray(0, 24), { ...ends, id: i, more: true })),
      ether(0x0800, ipv4(47, gre.subarray(24), { ...ends, id: i, offset: 24 })),
    ])
    expect(feeder.feedAll(frames)).toEqual([HELD, HELD, HELD, `${WHOLE} ${OUTER} (47)`])
  })

  test('a tunnel in fragments, ten times over, ends', () => {
    let packet = ipv4(17, DATAGRAM)
    const feeder = new Feeder()
    const outcomes: string[] = []
    for (let i = 0; i < 10; i++) packet = ipv4(4, packet, { id: i })
    for (let part = packet; outcomes.at(-1) !== 'too_deep' && outcomes.length < 40; ) {
      outcomes.push(feeder.feed(ether(0x0800, ipv4(4, part.subarray(0, 24), { id: 99, more: true }))))
      outcomes.push(feeder.feed(ether(0x0800, ipv4(4, part.subarray(24), { id: 99, offset: 24 }))))
      part = join(packet)
    }
    expect(outcomes).toEqual([HELD, 'too_deep'])
  })
})

describe('bounds', () => {
  test('30 seconds of packet time', () => {
    const feeder = new Feeder()
    feeder.feed(piece(0, 16))
    feeder.nowUs = 30 * SECOND_US
    expect(feeder.feed(piece(16, 24))).toBe(HELD)
    feeder.nowUs = 30 * SECOND_US + 1
    expect(feeder.feed(piece(24, 40))).toBe(HELD)
    expect(feeder.counts).toBe('completed 0 refused 0 overlapping 0 timed out 1 pushed out 0 left 1')
    feeder.table.expire(99 * SECOND_US)
    expect(feeder.counts).toBe('completed 0 refused 0 overlapping 0 timed out 2 pushed out 0 left 0')
    expect(feeder.table.bytes).toBe(0)
  })

  test('a capture of another time expires what is there', () => {
    const feeder = new Feeder()
    feeder.nowUs = 1e12
    feeder.feed(piece(0, 16))
    feeder.nowUs = 5e11
    expect(feeder.feed(piece(16, 40))).toBe(HELD)
    expect(feeder.table.timedOut).toBe(1)
  })

  test('datagrams: the oldest goes, and an honest one gets through the flood', () => {
    const feeder = new Feeder({ datagrams: 10, bytes: 1e6 })
    for (let id = 0; id < 1000; id++) {
      feeder.nowUs = 0
      feeder.feed(piece(0, 16, { id, source: '203.0.113.1' }))
      expect(feeder.table.size).toBeLessThanOrEqual(10)
    }
    feeder.feed(piece(0, 16))
    for (let id = 0; id < 5; id++) feeder.feed(piece(0, 16, { id, source: '203.0.113.2' }))
    expect(feeder.feed(piece(16, 40))).toBe(mac(WHOLE))
    expect(feeder.table.pushedOut).toBe(996)
  })

  test('bytes', () => {
    const datagram = udp(1, 2, new Uint8Array(3000))
    const feeder = new Feeder({ datagrams: 1000, bytes: 20_000 })
    for (let id = 0; id < 300; id++) {
      feeder.nowUs = 0
      feeder.feed(piece(0, 1480, { id }, datagram))
      expect(feeder.table.bytes).toBeLessThanOrEqual(20_000)
    }
    expect(feeder.table.size).toBe(11) // 1480 and 256 each
    expect(feeder.table.pushedOut).toBe(289)
  })

  test('a piece far behind costs no more than its bytes', () => {
    const feeder = new Feeder()
    feeder.feed(piece(0, 8, { offset: 60_000 }, udp(1, 2, new Uint8Array(100))))
    expect(feeder.table.bytes).toBeLessThan(300)
  })
})

/** The obvious table: a byte map of each datagram. First copy wins; the first end is right. */
test('agrees with a byte map', () => {
  let completed = 0
  let refused = 0
  fc.assert(
    fc.property(fc.nat(1e9), (seed) => {
      const next = random(seed)
      const length = 8 * (2 + next(3)) + next(8)
      const feeder = new Feeder()
      let bytes = new Map<number, number>()
      let total = -1
      for (let step = 0; step < 60; step++) {
        feeder.nowUs = 0
        const more = next(4) !== 0
        const isWild = next(15) === 0
        const start = 8 * (next(isWild ? 12 : length >> 3) + (more ? 0 : 1)) // at 0 and with none behind it is no piece
        const end = !more && !isWild ? Math.max(start, length) : start + 8 * next(3) + next(3)
        const data = Uint8Array.from({ length: end - start }, () => next(256))
        const frame = ether(0x0800, ipv4(99, data, { offset: start, more }))
        const packet = new Packet()
        expect(decodePacket(frame, 0, frame.length, frame.length, ETHERNET, packet)).toBe(IP_FRAGMENT)
        const got = feeder.table.add(packet, 0)

        const keptEnd = more ? end - ((end - start) % 8) : end
        const highest = Math.max(0, ...[...bytes.keys()].map((at) => at + 1))
        if (keptEnd === start || (!more && (total < 0 ? keptEnd < highest : keptEnd !== total))) {
          expect(got).not.toBeInstanceOf(Uint8Array)
          expect(got).not.toBe(IP_FRAGMENT)
          refused++
          continue
        }
        if (!more) total = keptEnd
        for (let at = start; at < keptEnd && (total < 0 || at < total); at++) {
          if (!bytes.has(at)) bytes.set(at, data[at - start]!)
        }
        if (bytes.size !== total) {
          expect(got).toBe(IP_FRAGMENT)
          continue
        }
        const payload = Array.from({ length: total }, (_, at) => bytes.get(at)!)
        const header = join('4500', u16be(20 + total), u16be(0x1234), '0000 40 63 0000', 'c0000201 c6336402')
        expect(Buffer.from((got as Uint8Array).subarray(12))).toEqual(Buffer.from([...header, ...payload]))
        completed++
        bytes = new Map()
        total = -1
      }
    }),
    fuzz(200),
  )
  expect(completed).toBeGreaterThan(300)
  expect(refused).toBeGreaterThan(300)
})
