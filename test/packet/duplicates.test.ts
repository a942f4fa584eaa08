import { describe, expect, test } from 'vitest'
import { decodePacket } from '../../src/packet/decode.ts'
import { Duplicates } from '../../src/packet/duplicates.ts'
import { Packet } from '../../src/packet/packet.ts'
import { random } from '../support/random.ts'
import { ether, fragment6, ipv4, ipv6, join, tcp, udp, vlan } from './build.ts'
import { ETHERNET } from './decoded.ts'

const DATA = join('616263646566')
const packet = new Packet()

function isCopy(duplicates: Duplicates, frame: Uint8Array, nowUs: number): boolean {
  const outcome = decodePacket(frame, 0, frame.length, frame.length, ETHERNET, packet)
  return duplicates.isCopy(packet, outcome, nowUs)
}

/** Whether `second` is taken for a copy of `first`, so much later; the same for several seeds. */
function copied(first: Uint8Array, second: Uint8Array, laterUs: number): boolean {
  const answers = [1, 2, 3].map((seed) => {
    const duplicates = new Duplicates(16, seed)
    expect(isCopy(duplicates, first, 1e15)).toBe(false)
    const copy = isCopy(duplicates, second, 1e15 + laterUs)
    expect(duplicates.copies).toBe(copy ? 1 : 0)
    return copy
  })
  expect(new Set(answers).size).toBe(1)
  return answers[0]!
}

const segment = tcp(1, 2, DATA)
const question = udp(5000, 53, DATA)
const quic = udp(5000, 443, join('45', new Uint8Array(1199)))
const initial = udp(5000, 443, join('c5', new Uint8Array(1199)))
const TCP = ether(0x0800, ipv4(6, segment))
const TCP_ID_0 = ether(0x0800, ipv4(6, segment, { id: 0 }))
const TCP_6 = ether(0x86dd, ipv6(6, segment))
const ACK_ID_0 = ether(0x0800, ipv4(6, tcp(1, 2, join('')), { id: 0 }))
const ACK_6 = ether(0x86dd, ipv6(6, tcp(1, 2, join(''))))

function changed(frame: Uint8Array, at: number): Uint8Array {
  const other = Uint8Array.from(frame)
  other[at]! ^= 0x80
  return other
}

describe('a copy', () => {
  const stories = [
    { name: 'of TCP', first: TCP, second: TCP, us: 300 },
    { name: 'at the same time', first: TCP, second: TCP, us: 0 },
    { name: '10 ms later', first: TCP, second: TCP, us: 10_000 },
    { name: 'with another TTL', first: TCP, second: ether(0x0800, ipv4(6, segment, { ttl: 63 })), us: 300 },
    { name: 'with another header checksum', first: TCP, second: changed(TCP, 24), us: 300 },
    { name: 'with another type of service', first: TCP, second: changed(TCP, 15), us: 300 },
    { name: 'with another VLAN', first: TCP, second: ether(0x8100, vlan(7, 0x0800, ipv4(6, segment))), us: 300 },
    { name: 'with another MAC address', first: TCP, second: changed(TCP, 3), us: 300 },
    { name: 'with padding', first: TCP, second: join(TCP, '0000'), us: 300 },
    {
      name: 'with options of IP',
      first: ether(0x0800, ipv4(6, segment, { options: '94040000' })),
      second: ether(0x0800, ipv4(6, segment, { options: '94040000', ttl: 1 })),
      us: 300,
    },
    {
      name: 'from a tunnel',
      first: TCP,
      second: ether(0x0800, ipv4(47, join('0000 0800', ipv4(6, segment)))),
      us: 300,
    },
    {
      name: 'of an acknowledgment',
      first: ether(0x0800, ipv4(6, tcp(1, 2, join('')))),
      second: ether(0x0800, ipv4(6, tcp(1, 2, join('')))),
      us: 300,
    },
    { name: 'without identification, within 1 ms', first: TCP_ID_0, second: TCP_ID_0, us: 1_000 },
    { name: 'of IPv6, within 1 ms', first: TCP_6, second: TCP_6, us: 1_000 },
    {
      name: 'of IPv6 with another hop limit',
      first: TCP_6,
      second: ether(0x86dd, ipv6(6, segment, { hops: 63 })),
      us: 300,
    },
    { name: 'of UDP', first: ether(0x0800, ipv4(17, question)), second: ether(0x0800, ipv4(17, question)), us: 300 },
    {
      name: 'of UDP in IPv6',
      first: ether(0x86dd, ipv6(17, question)),
      second: ether(0x86dd, ipv6(17, question)),
      us: 300,
    },
    {
      name: 'of QUIC, where only the end differs, which nobody reads',
      first: ether(0x0800, ipv4(17, quic)),
      second: changed(ether(0x0800, ipv4(17, quic)), 1200),
      us: 300,
    },
    {
      name: 'of a piece',
      first: ether(0x0800, ipv4(17, segment, { offset: 800 })),
      second: ether(0x0800, ipv4(17, segment, { offset: 800 })),
      us: 300,
    },
    {
      name: 'of a piece in IPv6',
      first: ether(0x86dd, ipv6(44, fragment6(17, 1, 8, true, segment))),
      second: ether(0x86dd, ipv6(44, fragment6(17, 1, 8, true, segment))),
      us: 300,
    },
  ]
  test.each(stories)('$name', ({ first, second, us }) => {
    expect(copied(first, second, us)).toBe(true)
  })
})

test('a packet of another capture is no copy, and what its capture repeats is', () => {
  const duplicates = new Duplicates(16, 1)
  const seen = (nowUs: number): boolean => isCopy(duplicates, TCP, nowUs)
  expect([seen(1000), seen(1100)]).toEqual([false, true])
  duplicates.begin()
  expect([seen(1000), seen(1100)]).toEqual([false, true])
})

describe('no copy', () => {
  const stories = [
    { name: 'more than 10 ms later', first: TCP, second: TCP, us: 10_001 },
    { name: 'before it: another capture', first: TCP, second: TCP, us: -1 },
    {
      name: 'repeated by the sender, with another identification',
      first: TCP,
      second: ether(0x0800, ipv4(6, segment, { id: 0x1235 })),
      us: 300,
    },
    { name: 'without identification, more than 1 ms later', first: TCP_ID_0, second: TCP_ID_0, us: 1_001 },
    { name: 'of IPv6, more than 1 ms later', first: TCP_6, second: TCP_6, us: 1_001 },
    { name: 'an acknowledgment without identification', first: ACK_ID_0, second: ACK_ID_0, us: 5 },
    { name: 'an acknowledgment in IPv6', first: ACK_6, second: ACK_6, us: 5 },
    {
      name: 'a RST without identification',
      first: ether(0x0800, ipv4(6, tcp(1, 2, join(''), { flags: 4 }), { id: 0 })),
      second: ether(0x0800, ipv4(6, tcp(1, 2, join(''), { flags: 4 }), { id: 0 })),
      us: 5,
    },
    {
      name: 'another sequence number',
      first: TCP,
      second: ether(0x0800, ipv4(6, tcp(1, 2, DATA, { sequence: 1001 }))),
      us: 5,
    },
    {
      name: 'another acknowledgment',
      first: TCP_6,
      second: ether(0x86dd, ipv6(6, tcp(1, 2, DATA, { acknowledgment: 2001 }))),
      us: 5,
    },
    { name: 'other flags', first: TCP, second: ether(0x0800, ipv4(6, tcp(1, 2, DATA, { flags: 0x19 }))), us: 5 },
    { name: 'another checksum', first: TCP_6, second: ether(0x86dd, ipv6(6, tcp(1, 2, DATA, { checksum: 1 }))), us: 5 },
    { name: 'another length', first: TCP, second: ether(0x0800, ipv4(6, tcp(1, 2, join(DATA, '67')))), us: 5 },
    { name: 'another port', first: TCP, second: ether(0x0800, ipv4(6, tcp(1, 3, DATA))), us: 5 },
    { name: 'another source', first: TCP, second: ether(0x0800, ipv4(6, segment, { source: '192.0.2.3' })), us: 5 },
    { name: 'another target', first: TCP, second: ether(0x0800, ipv4(6, segment, { target: '192.0.2.3' })), us: 5 },
    { name: 'another source, IPv6', first: TCP_6, second: ether(0x86dd, ipv6(6, segment, { source: 9 })), us: 5 },
    { name: 'another flow label', first: TCP_6, second: ether(0x86dd, ipv6(6, segment, { flowLabel: 5 })), us: 5 },
    {
      name: 'other data in UDP',
      first: ether(0x0800, ipv4(17, question)),
      second: changed(ether(0x0800, ipv4(17, question)), 47),
      us: 5,
    },
    {
      name: 'a QUIC Initial with another end: a decoy',
      first: ether(0x0800, ipv4(17, initial)),
      second: changed(ether(0x0800, ipv4(17, initial)), 1241),
      us: 5,
    },
    {
      name: 'another piece',
      first: ether(0x0800, ipv4(17, segment, { offset: 800 })),
      second: ether(0x0800, ipv4(17, segment, { offset: 808 })),
      us: 5,
    },
    {
      name: 'the last piece and one that is not',
      first: ether(0x0800, ipv4(17, segment, { offset: 800 })),
      second: ether(0x0800, ipv4(17, segment, { offset: 800, more: true })),
      us: 5,
    },
    {
      name: 'a piece of another datagram of IPv6',
      first: ether(0x86dd, ipv6(44, fragment6(17, 1, 8, true, segment))),
      second: ether(0x86dd, ipv6(44, fragment6(17, 2, 8, true, segment))),
      us: 5,
    },
  ]
  test.each(stories)('$name', ({ first, second, us }) => {
    expect(copied(first, second, us)).toBe(false)
  })

  test('of packets that differ in two bits, wherever they are', () => {
    const first = ether(0x0800, ipv4(17, udp(5000, 443, join('c5', new Uint8Array(59)))))
    const duplicates = new Duplicates(8192, 5)
    isCopy(duplicates, first, 0)
    // top bits pass through a multiplication unchanged: the weak spot of such digests
    const tops = [29, 33, ...Array.from({ length: 14 }, (_, i) => 45 + 4 * i)]
    for (const a of tops) {
      for (const b of tops) if (a < b) expect(isCopy(duplicates, changed(changed(first, a), b), 0)).toBe(false)
    }
    // a change that the first digest takes back in its next step, so that the second one must tell
    for (const a of tops.slice(2, -1)) {
      const other = changed(changed(first, a), a + 4)
      other[a + 3]! ^= 1
      expect(isCopy(duplicates, other, 0)).toBe(false)
    }
  })
})

test('the window begins at the first copy and does not move', () => {
  const duplicates = new Duplicates(16, 1)
  expect([0, 6_000, 12_000, 13_000].map((us) => isCopy(duplicates, TCP, us))).toEqual([false, true, false, true])
})

// The obvious way: look at all of the last packets. The walk has copies, repetitions too late, and forgotten ones.
for (const seed of [1, 2, 3]) {
  test(`agrees with a list (seed ${seed})`, () => {
    const next = random(seed)
    const duplicates = new Duplicates(64, seed)
    const last: Array<{ number: number; timeUs: number }> = []
    let nowUs = 0
    let copies = 0
    let late = 0
    for (let step = 0; step < 5000; step++) {
      nowUs += next(step % 1000 < 500 ? 20 : 400)
      const number = next(120)
      const frame = ether(0x0800, ipv4(17, question, { id: 1 + number }))
      const known = last.slice(-64).findLast((seen) => seen.number === number)
      const want = known !== undefined && nowUs - known.timeUs <= 10_000
      expect(isCopy(duplicates, frame, nowUs)).toBe(want)
      if (want) copies++
      else {
        if (last.some((seen) => seen.number === number)) late++
        last.push({ number, timeUs: nowUs })
      }
    }
    expect(duplicates.copies).toBe(copies)
    expect(copies).toBeGreaterThan(500)
    expect(late).toBeGreaterThan(500)
  })
}
