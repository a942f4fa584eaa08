import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePacket } from '../../src/packet/decode.ts'
import { Packet } from '../../src/packet/packet.ts'
import { REASON_NAMES } from '../../src/packet/reason.ts'
import { ethernet, extension, ipv4, ipv6, tcp, udp } from '../support/frames.ts'
import { fuzz } from '../support/random.ts'
import { decode } from './read-frame.ts'

const FRAMES = [
  ethernet(ipv4(tcp(Buffer.from('hello'))), { vlans: [7] }),
  ethernet(ipv6(tcp(Buffer.from('hello'))), { type: 0x86dd }),
  ethernet(ipv4(udp(Buffer.from('hello')), { protocol: 17, options: Buffer.alloc(8) })),
  ethernet(ipv6(extension(17, udp(Buffer.from('hello'))), { next: 0 }), { type: 0x86dd, vlans: [1, 2] }),
]

test('decode: any damage to any frame, cut anywhere, gives a packet or a reason, and never a look outside', () => {
  const met = new Map<string, number>()
  fc.assert(
    fc.property(
      fc.constantFrom(...FRAMES),
      fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 }),
      fc.option(fc.nat(90), { freq: 2 }),
      fc.nat(30),
      (frame, damage, length, missing) => {
        const damaged = Buffer.from(frame)
        for (const [at, value] of damage) if (at < damaged.length) damaged[at] = value
        const cut = damaged.subarray(0, length ?? undefined)
        const decoded = decode(cut, cut.length + missing)
        const kind = typeof decoded === 'string' ? decoded : 'decoded'
        expect(REASON_NAMES).toContain(kind)
        if (typeof decoded !== 'string') expect(decoded.payload.length).toBeLessThanOrEqual(decoded.payloadLength)
        met.set(kind, (met.get(kind) ?? 0) + 1)
      },
    ),
    fuzz(3000),
  )
  for (const kind of [
    'decoded',
    'cut_by_snap_length',
    'ip_fragment',
    'not_ip',
    'other_transport',
    'malformed_tcp',
    'malformed_ipv6',
  ])
    expect(met.get(kind) ?? 0, kind).toBeGreaterThan(5)
})

test('decode: takes no memory', () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const frames = [...FRAMES, FRAMES[0]!.subarray(0, 20)]
  const arena = Buffer.concat(frames)
  const ends = frames.map((_, i) => Buffer.concat(frames.slice(0, i + 1)).length)
  const packet = new Packet()
  const decodeAll = (times: number): void => {
    for (let i = 0; i < times; i++) {
      let start = 0
      for (let frame = 0; frame < ends.length; frame++) {
        const end = ends[frame]!
        decodePacket(arena, start, end, end - start, 1, packet)
        start = end
      }
    }
  }
  decodeAll(20_000) // so that the compiler is done with it
  const packets = 20_000 * ends.length
  let least = Number.POSITIVE_INFINITY
  // whoever else takes memory in between can only make a run look worse, so the best one counts
  for (let run = 0; run < 20 && least >= packets; run++) {
    gc()
    const before = process.memoryUsage().heapUsed
    decodeAll(20_000)
    least = Math.min(least, process.memoryUsage().heapUsed - before)
  }
  expect(least / packets).toBeLessThan(1) // the smallest object has 12 bytes
})
