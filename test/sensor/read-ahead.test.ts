import { describe, expect, test } from 'vitest'
import { Block } from '../../src/capture/block.ts'
import { FlowKey } from '../../src/flow/key.ts'
import { FlowTable } from '../../src/flow/table.ts'
import { decodePacket } from '../../src/packet/decode.ts'
import { Packet } from '../../src/packet/packet.ts'
import { AHEAD_FRAMES, ReadAhead } from '../../src/sensor/read-ahead.ts'
import { ether, ipv4, ipv6, join, tcp, udp, vlan } from '../packet/build.ts'
import { ETHERNET } from '../packet/decoded.ts'
import { random } from '../support/random.ts'

const DATA = join('616263646566')

function blockOf(frames: readonly Uint8Array[]): Block {
  const block = new Block(frames.length)
  block.bytes = join(...frames)
  let at = 0
  for (const [i, frame] of frames.entries()) {
    block.start[i] = at
    block.end[i] = at += frame.length
  }
  block.count = frames.length
  return block
}

/** A table with the flow of this frame, and the first word of its row. */
function tableWith(frame: Uint8Array): { table: FlowTable; word: number } {
  const packet = new Packet()
  const key = new FlowKey()
  expect(decodePacket(frame, 0, frame.length, frame.length, ETHERNET, packet)).toBeGreaterThanOrEqual(0)
  key.take(packet)
  const table = new FlowTable(1000, 7)
  const row = table.find(key)
  return { table, word: table.firstWord(row + 1) }
}

function touched(table: FlowTable, frames: readonly Uint8Array[], from = 0): number {
  const ahead = new ReadAhead(table, 1)
  ahead.touch(blockOf(frames), from)
  return ahead.touched
}

describe('what it touches is the row that `find` finds', () => {
  const there = udp(5000, 53, DATA)
  const back = udp(53, 5000, DATA)
  const [low, high] = ['10.0.0.1', '10.0.0.2']
  const stories = [
    { name: 'UDP', frame: ether(0x0800, ipv4(17, there)) },
    { name: 'TCP', frame: ether(0x0800, ipv4(6, tcp(40_000, 443, DATA))) },
    { name: 'from the lower end', frame: ether(0x0800, ipv4(17, there, { source: low, target: high })) },
    { name: 'from the higher end', frame: ether(0x0800, ipv4(17, there, { source: high, target: low })) },
    { name: 'between ports of one address', frame: ether(0x0800, ipv4(17, there, { source: low, target: low })) },
    { name: 'the same, back', frame: ether(0x0800, ipv4(17, back, { source: low, target: low })) },
    { name: 'behind a tag', frame: ether(0x8100, vlan(7, 0x0800, ipv4(17, there))) },
  ]
  test.each(stories)('$name', ({ frame }) => {
    const { table, word } = tableWith(frame)
    expect(word).not.toBe(0)
    expect(touched(table, [frame])).toBe(word)
    expect(touched(table, [frame, frame])).toBe((2 * word) | 0)
    expect(table.size).toBe(1)
  })
})

describe('what it leaves alone', () => {
  const known = ether(0x0800, ipv4(17, udp(5000, 53, DATA)))
  const { table, word } = tableWith(known)
  const stories = [
    { name: 'IPv6', frame: ether(0x86dd, ipv6(17, udp(5000, 53, DATA))) },
    { name: 'options', frame: ether(0x0800, ipv4(17, udp(5000, 53, DATA), { options: '94040000' })) },
    { name: 'two tags', frame: ether(0x8100, vlan(7, 0x8100, vlan(8, 0x0800, ipv4(17, udp(5000, 53, DATA))))) },
    { name: 'another flow', frame: ether(0x0800, ipv4(17, udp(5001, 53, DATA))) },
    { name: 'an empty frame', frame: new Uint8Array(0) },
  ]
  test.each(stories)('$name', ({ frame }) => {
    expect(touched(table, [frame])).toBe(0)
    expect(touched(table, [frame, known])).toBe(word)
  })

  test('frames of which the ports are cut off, though others lie behind them', () => {
    for (let length = 0; length < known.length; length++) {
      expect(touched(table, [known.subarray(0, length), known])).toBe(length < 38 ? word : (2 * word) | 0)
    }
  })

  test('frames before `from` and those after as many as it takes', () => {
    const frames = Array.from({ length: AHEAD_FRAMES + 8 }, () => known)
    expect(touched(table, frames)).toBe(Math.imul(AHEAD_FRAMES, word))
    expect(touched(table, frames, AHEAD_FRAMES)).toBe(Math.imul(8, word))
  })
})

test('it begins when the table has so many flows', () => {
  const frame = ether(0x0800, ipv4(17, udp(5000, 53, DATA)))
  const { table, word } = tableWith(frame)
  const [early, due] = [new ReadAhead(table, 2), new ReadAhead(table, 1)]
  for (const ahead of [early, due]) ahead.touch(blockOf([frame]), 0)
  expect([early.touched, due.touched]).toEqual([0, word])
})

test('bytes of any kind change nothing and do not throw', () => {
  const next = random(1)
  const { table } = tableWith(ether(0x0800, ipv4(17, udp(5000, 53, DATA))))
  for (let round = 0; round < 500; round++) {
    const frames = Array.from({ length: 8 }, () => {
      const frame = Uint8Array.from({ length: next(80) }, () => next(256))
      if (next(2) === 0 && frame.length > 15) frame.set([8, 0, 0x45], 12)
      return frame
    })
    touched(table, frames)
  }
  expect(table.size).toBe(1)
})
