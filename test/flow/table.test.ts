import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { ADDRESS_WORDS, putAddress } from '../../src/bytes/address-words.ts'
import { FlowKey } from '../../src/flow/key.ts'
import { CLIENT_IS_HIGHER, FlowTable, FULL } from '../../src/flow/table.ts'
import { Packet, TCP, UDP } from '../../src/packet/packet.ts'
import { random } from '../support/random.ts'

interface Flow {
  row: number
  packetsOut: number
  isIpv4: boolean
  ends: string[]
}

/**
 * A packet between two of a few ends, in either direction, IPv4 or IPv6. The addresses have a byte here and there
 * that is not zero, so keys differ in every word; the first words of an IPv6 key may equal all of an IPv4 key's.
 */
function randomPacket(next: (below: number) => number, packet: Packet): string {
  const isIpv6 = next(2) === 0
  const bytes = new Uint8Array(32)
  packet.addressBytes = isIpv6 ? 16 : 4
  packet.ipVersion = isIpv6 ? 6 : 4
  packet.bytes = bytes
  packet.sourceStart = 0
  packet.targetStart = 16
  bytes[next(packet.addressBytes)] = next(2) * 0x80
  bytes[16 + next(packet.addressBytes)] = next(2) * 0x80
  packet.sourcePort = next(2)
  packet.targetPort = next(2)
  packet.protocol = next(2) === 0 ? TCP : UDP
  const source = `${bytes.subarray(0, packet.addressBytes)} ${packet.sourcePort}`
  const target = `${bytes.subarray(16, 16 + packet.addressBytes)} ${packet.targetPort}`
  return `${packet.protocol} ${[source, target].sort().join(' and ')}`
}

/** Address and port of both ends, in the same order whoever sent the packet. */
function endsOf({ bytes, sourceStart, targetStart, addressBytes, sourcePort, targetPort }: Packet): string[] {
  const words = new Int32Array(2 * ADDRESS_WORDS)
  putAddress(words, 0, bytes, sourceStart, addressBytes)
  putAddress(words, ADDRESS_WORDS, bytes, targetStart, addressBytes)
  return endTexts(words, sourcePort, targetPort)
}

/** The same as the table has it. */
function endsIn(table: FlowTable, row: number): string[] {
  const words = new Int32Array(2 * ADDRESS_WORDS)
  table.putClient(row, words, 0)
  table.putServer(row, words, ADDRESS_WORDS)
  return endTexts(words, table.clientPort(row), table.serverPort(row))
}

function endTexts(words: Int32Array, port: number, otherPort: number): string[] {
  return [`${words.subarray(0, ADDRESS_WORDS)} ${port}`, `${words.subarray(ADDRESS_WORDS)} ${otherPort}`].sort()
}

// The table is checked, step by step, against the obvious one: a Map from the name of a flow to what we know of it.
for (const seed of [1, 2, 3, 4, 5]) {
  test(`flow table: agrees with a Map (seed ${seed})`, () => {
    const next = random(seed)
    const table = new FlowTable(150, seed * 7919)
    const model = new Map<string, Flow>()
    const packet = new Packet()
    const key = new FlowKey()
    let refused = 0
    let ended = 0
    let again = 0

    for (let step = 0; step < 20_000; step++) {
      const name = randomPacket(next, packet)
      const known = model.get(name)
      key.take(packet)
      const row = table.find(key)
      if (row === FULL) {
        assert.equal(known, undefined)
        assert.equal(model.size, 150)
        assert.equal(table.isNew, false)
        refused++
      } else {
        assert.equal(table.isNew, known === undefined)
        if (known) {
          assert.equal(row, known.row)
          again++
        }
        assert.equal(table.packetsOut(row), known?.packetsOut ?? 0, 'a new row begins at zero')
        table.countPacket(row, true, 60, step)
        table.setState(row, next(2) === 0 ? CLIENT_IS_HIGHER : 0)
        model.set(name, {
          row,
          packetsOut: (known?.packetsOut ?? 0) + 1,
          isIpv4: packet.addressBytes === 4,
          ends: endsOf(packet),
        })
      }
      if (next(400) === 0) ended += endSome(next, table, model)
      assert.equal(table.size, model.size)
    }
    const rows: number[] = []
    table.each((row) => rows.push(row))
    assert.deepEqual(
      rows,
      [...model.values()].map((flow) => flow.row).sort((a, b) => a - b),
    )
    for (const flow of model.values()) {
      assert.equal(table.isIpv4(flow.row), flow.isIpv4)
      assert.deepEqual(endsIn(table, flow.row), flow.ends)
    }
    expect(refused).toBeGreaterThan(500)
    expect(ended).toBeGreaterThan(500)
    expect(again).toBeGreaterThan(2000)
  })
}

/** Releases some flows from inside `each`, as the sweep does. */
function endSome(next: (below: number) => number, table: FlowTable, model: Map<string, Flow>): number {
  const names = new Map([...model].map(([name, flow]) => [flow.row, name]))
  let ended = 0
  table.each((row) => {
    assert.ok(names.has(row), `row ${row} is not live`)
    if (next(3) !== 0) return
    table.release(row)
    model.delete(names.get(row)!)
    ended++
  })
  return ended
}

test('flow table: every figure of a row that is taken again begins at zero', () => {
  const table = new FlowTable(1, 0)
  const key = ipv4Key()
  const figures = (row: number): number[] => [
    table.packetsOut(row),
    table.packetsIn(row),
    table.bytesOut(row),
    table.bytesIn(row),
    table.state(row),
    table.tcpFlags(row),
    table.clientMac[row]!,
    table.serverMac[row]!,
    table.vlans[row]!,
  ]
  const row = table.find(key)
  table.countPacket(row, true, 1500, 1e15)
  table.countPacket(row, false, 2 ** 33, 2e15)
  table.countPacket(row, false, 1, 1e15)
  table.setState(row, -1)
  table.addTcpFlags(row, 0xff00)
  table.addTcpFlags(row, 0x0012)
  table.setClientBegin(row, -5)
  table.clientMac[row] = 1
  table.serverMac[row] = 2
  table.vlans[row] = 3
  const want = [1, 2, 1500, 2 ** 33 + 1, -1, 0xff12, 1, 2, 3]
  expect(figures(row)).toEqual(want)
  expect([table.clientBegin(row), table.lastSeenUs(row)], 'the newest time stays').toEqual([-5, 2e15])
  table.release(row)
  expect(figures(row), 'they stay until the row is taken again').toEqual(want)
  key.words[0] = 1
  expect(table.find(key)).toBe(row)
  expect(figures(row)).toEqual(want.map(() => 0))
  expect(table.lastSeenUs(row)).toBe(0)
})

test('flow table: freed rows are taken before fresh ones, so few rows have to be swept', () => {
  const table = new FlowTable(1000, 3)
  const key = ipv4Key()
  for (let i = 0; i < 10_000; i++) {
    key.words[0] = i
    const row = table.find(key)
    expect(row).toBeLessThan(3)
    if (i % 3 === 2) table.each((live) => table.release(live))
  }
  expect(table.size).toBe(1)
})

test('flow table: a table for one flow, and one whose capacity is no power of two', () => {
  for (const capacity of [1, 2, 3, 100]) {
    const table = new FlowTable(capacity, 9)
    const key = ipv4Key()
    for (let i = 0; i < capacity; i++) {
      key.words[1] = i
      expect(table.find(key)).toBeGreaterThanOrEqual(0)
    }
    key.words[1] = -1
    expect(table.find(key)).toBe(FULL)
    expect(table.size).toBe(capacity)
  }
})

test('flow table: the seed decides the buckets, and the same flows get the same rows whatever it is', () => {
  const rows = [1, -1, 0x7fffffff].map((seed) => {
    const next = random(6)
    const table = new FlowTable(100, seed)
    const key = ipv4Key()
    return Array.from({ length: 500 }, () => {
      key.words[0] = next(90)
      const row = table.find(key)
      if (next(4) === 0) table.release(row)
      return row
    })
  })
  expect(rows[1]).toEqual(rows[0])
  expect(rows[2]).toEqual(rows[0])
})

/** A key of IPv4 and TCP; the other words may be set to anything. */
function ipv4Key(): FlowKey {
  const key = new FlowKey()
  key.words[3] = (4 << 8) | TCP
  return key
}
