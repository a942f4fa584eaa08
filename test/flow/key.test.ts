import { expect, test } from 'vitest'
import { FlowKey } from '../../src/flow/key.ts'
import { decodePacket } from '../../src/packet/decode.ts'
import { Packet } from '../../src/packet/packet.ts'
import { type End, tcpFrame, udpFrame } from '../support/frames.ts'
import { random } from '../support/random.ts'

const packet = new Packet()

function keyOf(frame: Uint8Array): { words: number[]; fromHigher: boolean } {
  decodePacket(frame, 0, frame.length, frame.length, 1, packet)
  const key = new FlowKey()
  key.take(packet)
  return { words: [...key.words.subarray(0, key.length)], fromHigher: key.fromHigher }
}

const end = (ip: string, port: number): End => ({ ip, port })

/** Two ends; `same` when the two directions cannot be told apart. */
const stories: Array<{ name: string; a: End; b: End; same?: boolean }> = [
  { name: 'IPv4', a: end('192.0.2.1', 51000), b: end('198.51.100.1', 443) },
  { name: 'IPv4 with the sign bit on one side', a: end('127.255.255.255', 1), b: end('128.0.0.0', 2) },
  { name: 'IPv4, first and last address', a: end('0.0.0.0', 1), b: end('255.255.255.255', 1) },
  { name: 'one address, two ports', a: end('10.0.0.1', 443), b: end('10.0.0.1', 51000) },
  { name: 'one address, ports with the sign bit', a: end('10.0.0.1', 32_767), b: end('10.0.0.1', 32_768) },
  { name: 'one address and one port', a: end('10.0.0.1', 7), b: end('10.0.0.1', 7), same: true },
  { name: 'IPv6', a: end('2001:db8::1', 1), b: end('2001:db8::2', 2) },
  { name: 'IPv6 with the sign bit', a: end('7fff::', 1), b: end('8000::', 2) },
  { name: 'IPv6 that differs in a middle word', a: end('2001:db8:0:1::9', 1), b: end('2001:db8:0:2::1', 2) },
  { name: 'IPv6, one address', a: end('2001:db8::1', 9), b: end('2001:db8::1', 10) },
  { name: 'IPv6, words that are apart by more than 31 bits', a: end('8000::', 1), b: end('7fff:ffff::', 2) },
]

for (const { name, a, b, same = false } of stories) {
  test(`flow key: both directions are one flow: ${name}`, () => {
    const out = keyOf(tcpFrame(a, b, {}))
    const back = keyOf(tcpFrame(b, a, {}))
    expect(back.words).toEqual(out.words)
    expect(back.fromHigher).toBe(same ? out.fromHigher : !out.fromHigher)
    expect(keyOf(udpFrame(a, b, new Uint8Array(0))).words).not.toEqual(out.words)
  })
}

test('flow key: tags make no difference, ports and addresses do', () => {
  const a = end('192.0.2.1', 51000)
  const b = end('198.51.100.1', 443)
  const key = keyOf(tcpFrame(a, b, {})).words
  expect(keyOf(tcpFrame(a, b, {}, undefined, { vlans: [5, 6] })).words).toEqual(key)
  expect(keyOf(tcpFrame({ ...a, port: 51001 }, b, {})).words).not.toEqual(key)
  expect(keyOf(tcpFrame(a, { ...b, port: 51000 }, {})).words).not.toEqual(key)
  expect(keyOf(tcpFrame(end(a.ip, 443), end(b.ip, 51000), {})).words, 'the ports the other way round').not.toEqual(key)
  expect(keyOf(tcpFrame({ ...a, ip: '192.0.2.2' }, b, {})).words).not.toEqual(key)
})

test('flow key: no two of many flows have the same key', () => {
  const next = random(4)
  const flows = new Map<string, string>()
  const ips = ['10.0.0.1', '10.0.0.2', '200.0.0.1', '0.0.0.1', '::1', '::2', 'ffff::1', '::ffff:10.0.0.1', '::a00:1']
  for (let step = 0; step < 5000; step++) {
    const ends = [end(ips[next(ips.length)]!, next(3)), end(ips[next(ips.length)]!, next(3))] as const
    if (ends[0].ip.includes(':') !== ends[1].ip.includes(':')) continue
    const name = ends
      .map(({ ip, port }) => `${ip} ${port}`)
      .sort()
      .join(' and ')
    const key = String(keyOf(tcpFrame(...ends, {})).words)
    expect(flows.get(key) ?? name).toBe(name)
    flows.set(key, name)
  }
  expect(flows.size).toBe((12 * 13) / 2 + (15 * 16) / 2)
})
