/** Damaged frames: whatever comes, the answer is one, and it depends on nothing outside the frame. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodePacket } from '../../src/packet/decode.ts'
import { HEADERS_MAX, Packet } from '../../src/packet/packet.ts'
import { IP_FRAGMENT, REASON_NAMES } from '../../src/packet/reason.ts'
import { parseTwice } from '../support/arena.ts'
import { fuzz, random } from '../support/random.ts'
import { decoded, ETHERNET } from './decoded.ts'
import { IP_TUNNELS, LINKS, TAGS, UDP_TUNNELS } from './samples.ts'

const SAMPLES = [...LINKS, ...TAGS, ...IP_TUNNELS, ...UDP_TUNNELS]
const LINK_TYPES = [...new Set(SAMPLES.map((sample) => sample.linkType ?? ETHERNET))]

/** Decodes, and checks what each answer promises. Returns the outcome, counted from the start of the frame. */
function check(frame: Uint8Array, linkType: number): number {
  return parseTwice(frame, (bytes, start, end) => {
    const packet = new Packet()
    const outcome = decodePacket(bytes, start, end, frame.length, linkType, packet)
    if (outcome < 0 && outcome !== IP_FRAGMENT) {
      expect(REASON_NAMES[-outcome]).toBeDefined()
      return outcome
    }
    const { addressBytes, sourceStart, targetStart, payloadStart, payloadEnd, headers, depth } = packet
    expect(packet.bytes).toBe(bytes)
    expect([4, 16]).toContain(addressBytes)
    expect(targetStart).toBe(sourceStart + addressBytes)
    const inOrder = [
      start,
      packet.ipStart,
      sourceStart,
      targetStart,
      packet.transportStart,
      payloadStart,
      payloadEnd,
      end,
    ]
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b))
    expect(packet.payloadLength).toBeGreaterThanOrEqual(payloadEnd - payloadStart)
    expect(headers).toBeLessThanOrEqual(HEADERS_MAX)
    expect(depth).toBeLessThanOrEqual(headers)
    if (packet.etherStart >= 0) expect(packet.etherStart).toBeGreaterThanOrEqual(start)
    return outcome === IP_FRAGMENT ? outcome : outcome - start
  })
}

describe('every prefix', () => {
  test.each(SAMPLES)('$name', ({ frame, linkType = ETHERNET, want }) => {
    for (let length = 0; length < frame.length; length++) {
      const part = frame.subarray(0, length)
      check(part, linkType)
      // a snap length is the recorder's doing: nothing is malformed then
      expect(decoded(part, linkType, frame.length)).not.toMatch(/malformed|short/)
    }
    expect(decoded(frame, linkType)).toBe(want)
  })
})

test('any damage gives an outcome, inside the frame', () => {
  let packets = 0
  let reasons = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...SAMPLES),
      fc.array(fc.tuple(fc.nat(199), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(40),
      ({ frame, linkType = ETHERNET }, changes, cut) => {
        const damaged = Uint8Array.from(frame)
        for (const [at, value] of changes) damaged[at % damaged.length] = value
        if (check(damaged.subarray(0, damaged.length - (cut < 10 ? cut : 0)), linkType) >= 0) packets++
        else reasons++
      },
    ),
    fuzz(3000),
  )
  expect(packets).toBeGreaterThan(500)
  expect(reasons).toBeGreaterThan(500)
})

test('noise of every link type gives an outcome, inside the frame', () => {
  const next = random(7)
  for (let i = 0; i < 2000; i++) {
    const noise = Uint8Array.from({ length: next(90) }, () => (next(3) === 0 ? 0 : next(256)))
    check(noise, LINK_TYPES[next(LINK_TYPES.length)]!)
  }
})

test('one Packet for all: what an earlier frame left does not matter', () => {
  const used = new Packet()
  const next = random(3)
  for (let i = 0; i < 2000; i++) {
    const { frame, linkType = ETHERNET } = SAMPLES[next(SAMPLES.length)]!
    const damaged = Uint8Array.from(frame)
    if (next(2) === 0) damaged[next(damaged.length)] = next(256)
    const fresh = new Packet()
    const outcome = decodePacket(damaged, 0, damaged.length, damaged.length, linkType, fresh)
    expect(decodePacket(damaged, 0, damaged.length, damaged.length, linkType, used)).toBe(outcome)
    if (outcome < 0) continue
    for (const key of [
      'payloadStart',
      'sourceStart',
      'sourcePort',
      'vlanCount',
      'etherStart',
      'depth',
      'ipStart',
    ] as const)
      expect(used[key]).toBe(fresh[key])
  }
})

test('decoding allocates nothing', () => {
  const packet = new Packet()
  const decodeAll = (): void => {
    for (const { frame, linkType = ETHERNET } of SAMPLES) {
      decodePacket(frame, 0, frame.length, frame.length, linkType, packet)
    }
  }
  for (let i = 0; i < 3000; i++) decodeAll()
  // the least of many runs, so that somebody else's garbage cannot fail it; a run that allocated would cost each time
  let least = Infinity
  for (let run = 0; run < 50; run++) {
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 200; i++) decodeAll()
    least = Math.min(least, Math.abs(process.memoryUsage().heapUsed - before))
  }
  expect(least / (200 * SAMPLES.length)).toBeLessThan(1)
})
