import { expect, test } from 'vitest'
import { Packet } from '../../src/packet/packet.ts'
import { REASON_NAMES } from '../../src/packet/reason.ts'
import { decodeUdp } from '../../src/packet/udp.ts'
import { hex, parseTwice } from '../support/arena.ts'

function decode(input: Uint8Array, missing = 0): unknown {
  return parseTwice(input, (bytes, start, end) => {
    const packet = new Packet()
    const outcome = decodeUdp(bytes, start, end, end + missing, packet)
    if (outcome < 0) return REASON_NAMES[-outcome]
    const { sourcePort, targetPort, payloadStart, payloadEnd, payloadLength } = packet
    return [sourcePort, targetPort, payloadStart - start, payloadEnd - start, payloadLength]
  })
}

const QUERY = hex(`
  d0f4   # source port 53492
  0035   # target port 53
  000b   # length: 8 + 3
  0000   # checksum
  616263 # data
`)

/** Want: source port, target port, where the payload begins and ends, and its length on the wire. */
const stories: Array<{ name: string; input: Uint8Array; missing?: number; want: unknown }> = [
  { name: 'plain datagram', input: QUERY, want: [53492, 53, 8, 11, 3] },
  { name: 'padding behind the data', input: hex('d0f4 0035 0009 0000 61 000000'), want: [53492, 53, 8, 9, 1] },
  { name: 'no data', input: hex('d0f4 0035 0008 0000'), want: [53492, 53, 8, 8, 0] },
  { name: 'length 0 is the rest', input: hex('d0f4 0035 0000 0000 6162'), want: [53492, 53, 8, 10, 2] },
  {
    name: 'length 0 of a cut packet',
    input: hex('d0f4 0035 0000 0000 6162'),
    missing: 10,
    want: [53492, 53, 8, 10, 12],
  },
  { name: 'cut data', input: hex('d0f4 0035 0010 0000 6162'), missing: 6, want: [53492, 53, 8, 10, 8] },
  {
    name: 'cut data and padding behind it',
    input: hex('d0f4 0035 000b 0000 6162'),
    missing: 9,
    want: [53492, 53, 8, 10, 3],
  },
  { name: 'length smaller than the header', input: hex('d0f4 0035 0007 0000'), want: 'malformed_udp' },
  { name: 'length 1', input: hex('d0f4 0035 0001 0000'), want: 'malformed_udp' },
  { name: 'length past the IP payload', input: hex('d0f4 0035 000c 0000 616263'), want: 'malformed_udp' },
  {
    name: 'length past the IP payload of a cut packet',
    input: hex('d0f4 0035 000e 0000 616263'),
    missing: 2,
    want: 'malformed_udp',
  },
  { name: 'the highest length', input: hex('d0f4 0035 ffff 0000 616263'), want: 'malformed_udp' },
]

for (const { name, input, missing, want } of stories)
  test(`udp: ${name}`, () => expect(decode(input, missing)).toEqual(want))

test('udp: every truncation is malformed', () => {
  for (let length = 0; length < QUERY.length; length++) {
    expect(decode(QUERY.subarray(0, length)), `first ${length} bytes`).toBe('malformed_udp')
  }
})
