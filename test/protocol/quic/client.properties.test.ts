/** What holds for every hello, however it is cut, and for everything that is none. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { QuicClient } from '../../../src/protocol/quic/client.ts'
import { looksLikeQuic } from '../../../src/protocol/quic/probe.ts'
import { parseTwice } from '../../support/arena.ts'
import {
  clientHello,
  crypto,
  googleHello,
  googleStream,
  initial,
  opaque,
  PING,
  padding,
  publicPacket,
  q046Packet,
  V1,
  V2,
} from '../../support/quic-encoder.ts'
import { fuzz, random } from '../../support/random.ts'

/** The name after these datagrams, each read in arenas that differ outside of it. */
function nameOf(datagrams: Uint8Array[]): string {
  const lengths = datagrams.map((datagram) => datagram.length)
  return parseTwice(Buffer.concat(datagrams), (bytes, start) => {
    const client = new QuicClient()
    let at = start
    for (const length of lengths) {
      client.datagram(bytes, at, at + length)
      at += length
    }
    return client.hello.serverName
  })
}

describe('any slicing', () => {
  test('in any order, with overlaps and duplicates, over any number of Initials, gives the same name', () => {
    let sliced = 0
    let spread = 0
    fc.assert(
      fc.property(
        fc.record({
          extraBytes: fc.integer({ min: 1, max: 4000 }),
          cuts: fc.integer({ min: 0, max: 40 }),
          copies: fc.integer({ min: 0, max: 10 }),
          packets: fc.integer({ min: 1, max: 6 }),
          version: fc.constantFrom(V1, V2, 0xff00001d, 0x2a3a4a5a),
          idBytes: fc.integer({ min: 8, max: 20 }),
          coalesced: fc.boolean(),
          seed: fc.nat(),
        }),
        ({ extraBytes, cuts, copies, packets, version, idBytes, coalesced, seed }) => {
          const walk = random(seed)
          const hello = clientHello('some.name.example', extraBytes)
          const edges = [0, ...Array.from({ length: cuts }, () => walk(hello.length)), hello.length].sort(
            (a, b) => a - b,
          )
          const ranges = edges.slice(1).map((to, i): [number, number] => [edges[i]!, to])
          for (let i = 0; i < copies; i++) {
            const from = walk(hello.length)
            ranges.push([from, from + 1 + walk(hello.length - from)])
          }
          const order = ranges.map((range) => ({ range, key: walk(1 << 30) })).sort((a, b) => a.key - b.key)
          const held: Uint8Array[][] = Array.from({ length: packets }, () => [])
          for (const { range } of order) {
            const frames = held[walk(packets)]!
            if (walk(3) === 0) frames.push(walk(2) === 0 ? PING : padding(1 + walk(20)))
            frames.push(crypto(range[0], hello.subarray(...range)))
          }
          const id = Buffer.alloc(idBytes, walk(256))
          const initials = held.map((frames, number) => initial({ version, id, number, frames }))
          const unknown = version === 0x2a3a4a5a // only the first packet of a datagram may be of such a version
          if (cuts > 0) sliced++
          if (packets > 1) spread++
          expect(nameOf(coalesced && !unknown ? [Buffer.concat(initials)] : initials)).toBe('some.name.example')
        },
      ),
      fuzz(150),
    )
    expect(Math.min(sliced, spread)).toBeGreaterThan(50)
  })
})

const PACKETS = {
  'version 1': initial({ frames: [crypto(0, clientHello('some.name.example'))] }),
  'version 2': initial({ version: V2, frames: [crypto(0, clientHello('some.name.example'))] }),
}

describe.each(Object.entries(PACKETS))('a hello in %s', (_, packet) => {
  test('no prefix of it names anything', () => {
    for (let end = 0; end < packet.length; end++) expect(nameOf([packet.subarray(0, end)]), `${end}`).toBe('')
    expect(nameOf([packet])).toBe('some.name.example')
  })

  test('no flipped bit names anything', () => {
    const walk = random(9001)
    const bits = Array.from({ length: 40 * 8 }, (_, bit) => bit) // the header, and bits all over
    for (let i = 0; i < 300; i++) bits.push(walk(packet.length * 8))
    for (const bit of bits) {
      const changed = Buffer.from(packet)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(nameOf([changed]), `bit ${bit}`).toBe('')
    }
  })
})

describe('garbage', () => {
  /** Headers that fit the random bytes behind them, so that these are tried as packets and frames. */
  const HEADS: Array<(rest: Uint8Array) => Uint8Array> = [
    (rest) => sized(V1, 0xc0, rest),
    (rest) => sized(V2, 0xd3, rest),
    (rest) => sized(0x3a4a5a6a, 0xc1, rest),
    (rest) => opaque(1, rest),
    (rest) => publicPacket('Q043', [rest]),
    (rest) => publicPacket('Q043', [googleStream(0, googleHello({ SNI: '' })), rest]),
    (rest) => q046Packet([googleStream(0, rest)]),
    (rest) => rest,
  ]
  const sized = (version: number, flags: number, rest: Uint8Array) => {
    const packet = opaque(0, rest, version)
    packet[0] = flags
    return Buffer.concat([packet.subarray(0, 15), Buffer.from([0]), packet.subarray(15)]) // no token
  }
  const plausible = fc
    .tuple(fc.constantFrom(...HEADS), fc.uint8Array({ maxLength: 1400, size: 'max' }))
    .map(([head, rest]) => head(rest))

  test('never throws and never names anything', () => {
    let likely = 0
    let worked = 0
    fc.assert(
      fc.property(fc.array(plausible, { minLength: 1, maxLength: 4 }), (datagrams) => {
        const client = new QuicClient()
        for (const datagram of datagrams) {
          if (looksLikeQuic(datagram, 0, datagram.length)) likely++
          client.datagram(datagram, 0, datagram.length)
          client.serverDatagram(datagram, 0, datagram.length)
        }
        if (client.work > 0) worked++
        expect(nameOf(datagrams)).toBe('')
      }),
      fuzz(500),
    )
    expect(Math.min(likely, worked)).toBeGreaterThan(20)
  })

  test('in the frames of an Initial that opens never throws', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(V1, V2, 0x51303530, 0x54303531),
        (frames, version) => {
          expect(nameOf([initial({ version, bytes: 0, frames: [frames] })])).toBe('')
        },
      ),
      fuzz(300),
    )
  })
})
