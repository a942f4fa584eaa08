import { expect, test } from 'vitest'
import { hex } from '../support/arena.ts'
import { ethernet, ipv4, ipv6, tcp, u16, udp } from '../support/frames.ts'
import { decode } from './read-frame.ts'

const IPV4 = ipv4(udp(Buffer.from('abc')), { protocol: 17 })
const PLAIN = { source: '192.0.2.10 53492', target: '198.51.100.7 53', payload: 'abc', payloadLength: 3 }
const tags = (count: number): number[] => Array.from({ length: count }, (_, i) => 100 + i)

const stories: Array<{ name: string; frame: Uint8Array; want: unknown }> = [
  { name: 'no tag', frame: ethernet(IPV4), want: { ...PLAIN, vlans: [] } },
  {
    name: 'a tag; its priority is not part of the id',
    frame: ethernet(IPV4, { vlans: [110] }),
    want: { ...PLAIN, vlans: [110] },
  },
  { name: 'the id 0 of a priority tag', frame: ethernet(IPV4, { vlans: [0] }), want: { ...PLAIN, vlans: [0] } },
  { name: 'the highest id', frame: ethernet(IPV4, { vlans: [4095] }), want: { ...PLAIN, vlans: [4095] } },
  {
    name: '802.1ad',
    frame: ethernet(IPV4, { vlans: [200, 110], tagType: 0x88a8 }),
    want: { ...PLAIN, vlans: [200, 110] },
  },
  {
    name: 'QinQ of old, 9100',
    frame: ethernet(IPV4, { vlans: [1, 2], tagType: 0x9100 }),
    want: { ...PLAIN, vlans: [1, 2] },
  },
  {
    name: 'QinQ of old, 9200',
    frame: ethernet(IPV4, { vlans: [1, 2], tagType: 0x9200 }),
    want: { ...PLAIN, vlans: [1, 2] },
  },
  {
    name: 'five tags: four are remembered',
    frame: ethernet(IPV4, { vlans: tags(5) }),
    want: { ...PLAIN, vlans: tags(4) },
  },
  { name: 'eight tags', frame: ethernet(IPV4, { vlans: tags(8) }), want: { ...PLAIN, vlans: tags(4) } },
  { name: 'nine tags are an attack', frame: ethernet(IPV4, { vlans: tags(9) }), want: 'too_deep' },
  {
    name: 'a thousand tags',
    frame: ethernet(IPV4, { vlans: Array.from({ length: 1000 }, () => 1) }),
    want: 'too_deep',
  },
  { name: 'an empty frame', frame: new Uint8Array(0), want: 'short_link_header' },
  { name: 'one byte short of a header', frame: ethernet(IPV4).subarray(0, 13), want: 'short_link_header' },
  { name: 'nothing behind the header', frame: ethernet(IPV4).subarray(0, 14), want: 'malformed_ipv4' },
  { name: 'one byte short of a tag', frame: ethernet(IPV4, { vlans: [1] }).subarray(0, 17), want: 'short_link_header' },
  { name: 'nothing behind a tag', frame: ethernet(IPV4, { vlans: [1] }).subarray(0, 18), want: 'malformed_ipv4' },
  { name: 'ARP', frame: ethernet(Buffer.alloc(28), { type: 0x0806 }), want: 'not_ip' },
  { name: 'ARP in a tag', frame: ethernet(Buffer.alloc(28), { type: 0x0806, vlans: [1] }), want: 'not_ip' },
  { name: 'a length instead of an EtherType (802.3)', frame: ethernet(Buffer.alloc(40), { type: 40 }), want: 'not_ip' },
  { name: 'IPv4 where PPPoE should be', frame: ethernet(IPV4, { type: 0x8864 }), want: 'malformed_tunnel' },
  { name: 'IPv4 where MPLS should be', frame: ethernet(IPV4, { type: 0x8847 }), want: 'malformed_tunnel' },
  { name: 'IPv6 under the EtherType of IPv4', frame: ethernet(ipv6(udp(new Uint8Array(0)))), want: 'malformed_ipv4' },
  {
    name: 'IPv4 under the EtherType of IPv6',
    frame: ethernet(ipv4(Buffer.alloc(40)), { type: 0x86dd }),
    want: 'malformed_ipv6',
  },
  {
    name: 'padding behind the packet is not payload',
    frame: Buffer.concat([ethernet(ipv4(tcp(Buffer.from('x')))), Buffer.alloc(5, 0x55)]),
    want: {
      vlans: [],
      source: '192.0.2.10 51000',
      target: '198.51.100.7 443',
      payload: 'x',
      payloadLength: 1,
      flags: 16,
      sequence: 1000,
    },
  },
]

for (const { name, frame, want } of stories) test(`ethernet: ${name}`, () => expect(decode(frame)).toEqual(want))

test('ethernet: links that are not read', () => {
  for (const linkType of [3, 107, 147, 65_535])
    expect(decode(ethernet(IPV4), undefined, linkType)).toBe('unsupported_link')
})

/** Recorded by a Linux kernel, with tshark's reading of it. */
const QINQ = hex(`
  00005e005353 00005e005310   # MAC addresses
  88a8 00c8                   # VLAN 200
  8100 006e                   # VLAN 110
  0800
  4500003f 15704000 4011a0fe c000020a c0000235   # 192.0.2.10 > 192.0.2.53, UDP
  c9a40035 002b2603           # 51620 > 53
  773601000001000000000000 0463686174 08646565707365656b 03636f6d 00 001c 0001
`)

test('ethernet: a frame that Linux sent', () => {
  const decoded = decode(QINQ)
  expect(decoded).toMatchObject({
    vlans: [200, 110],
    source: '192.0.2.10 51620',
    target: '192.0.2.53 53',
    payloadLength: 35,
  })
})

test('ethernet: every prefix of it is malformed, and cut when it was longer on the wire', () => {
  for (let length = 0; length < QINQ.length; length++) {
    const reason = length < 22 ? 'short_link_header' : length < 42 ? 'malformed_ipv4' : 'malformed_udp'
    if (length < 50) {
      expect(decode(QINQ.subarray(0, length)), `first ${length} bytes`).toBe(reason)
      expect(decode(QINQ.subarray(0, length), QINQ.length), `first ${length} bytes`).toBe('cut_by_snap_length')
    } else {
      expect(decode(QINQ.subarray(0, length), QINQ.length), `first ${length} bytes`).toMatchObject({
        payloadLength: 35,
      })
    }
  }
})

test('ethernet: frames that are no IP are not called cut', () => {
  const arp = ethernet(Buffer.concat([u16(1), Buffer.alloc(26)]), { type: 0x0806 })
  expect(decode(arp.subarray(0, 20), arp.length)).toBe('not_ip')
})
