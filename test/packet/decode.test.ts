import { describe, expect, test } from 'vitest'
import { ether, ipv4, ipv6, join, tcp, udp, vlan } from './build.ts'
import { decoded } from './decoded.ts'
import { IP_TUNNELS, LINKS, TAGS, UDP_TUNNELS } from './samples.ts'

const ABC = join('616263')
const DNS = udp(5000, 53, ABC)
const V4 = ipv4(17, DNS)
const ETHER = ether(0x0800, V4)
const V6 = ipv6(17, DNS)

describe('every road leads to the packet', () => {
  test.each([...LINKS, ...TAGS, ...IP_TUNNELS, ...UDP_TUNNELS])('$name', ({ frame, linkType, want }) => {
    expect(decoded(frame, linkType)).toBe(want)
  })
})

/** Wraps `frame` n times in an IPv4 packet. */
function nested(n: number): Uint8Array {
  let packet = V4
  for (let i = 0; i < n; i++) packet = ipv4(4, packet)
  return ether(0x0800, packet)
}

function tagged(n: number): Uint8Array {
  let payload = vlan(1, 0x0800, V4)
  for (let i = 1; i < n; i++) payload = vlan(1, 0x8100, payload)
  return ether(0x8100, payload)
}

function snapped(n: number): Uint8Array {
  let frame = ether(0x0800, V4)
  for (let i = 0; i < n; i++) frame = ether(8 + frame.length, join('aaaa03 0080c2 0007', frame))
  return frame
}

function serviced(n: number): Uint8Array {
  return ether(0x894f, join(...Array.from({ length: n }, () => '0fc2 0204 000001ff'), '0fc2 0201 000001ff', V4))
}

function multilinked(n: number): Uint8Array {
  return join('ff03', ...Array.from({ length: n }, () => '003d c0000001'), '0021', V4)
}

const stories: Array<{ name: string; frame: Uint8Array; linkType?: number; original?: number; want: string }> = [
  { name: 'a link type that we do not read', frame: ether(0x0800, V4), linkType: 147, want: 'unsupported_link' },
  { name: 'an empty frame', frame: join(''), want: 'short_link_header' },
  { name: 'ARP', frame: ether(0x0806, join('0001')), want: 'not_ip' },
  { name: 'a tag without a type', frame: ether(0x8100, join('0007')), want: 'short_link_header' },
  {
    name: 'a tag cut by the snap length',
    frame: ether(0x8100, join('0007')),
    original: 60,
    want: 'cut_by_snap_length',
  },
  { name: 'spanning tree (LLC)', frame: ether(3, join('424203')), want: 'not_ip' },
  { name: 'SNAP that claims a length', frame: ether(60, join('aaaa03 000000 0010', V4)), want: 'not_ip' },
  { name: 'SNAP of Cisco (CDP)', frame: ether(60, join('aaaa03 00000c 2000')), want: 'not_ip' },
  { name: 'netlink in SLL', linkType: 113, frame: join('0000 0338 0000 0000000000000000 0800', V4), want: 'not_ip' },
  { name: 'null with an unknown family', linkType: 0, frame: join('07000000', V4), want: 'not_ip' },
  { name: 'null with a family that is no family', linkType: 0, frame: join('02000002', V4), want: 'not_ip' },
  { name: 'raw that is no IP', linkType: 101, frame: join('50', V4), want: 'not_ip' },
  { name: 'IPv6 where IPv4 is announced', frame: ether(0x0800, V6), want: 'malformed_ipv4' },
  { name: 'IPv4 where IPv6 is announced', frame: ether(0x86dd, join(V4, V4)), want: 'malformed_ipv6' },
  { name: 'an IPv4 header of 16 bytes', frame: ether(0x0800, join([0x44], V4.subarray(1))), want: 'malformed_ipv4' },
  {
    name: 'total length less than the header',
    frame: ether(0x0800, ipv4(17, DNS, { length: 19 })),
    want: 'malformed_ipv4',
  },
  { name: 'UDP longer than IP', frame: ether(0x0800, ipv4(17, udp(1, 2, ABC, 12))), want: 'malformed_udp' },
  { name: 'UDP shorter than its header', frame: ether(0x0800, ipv4(17, udp(1, 2, ABC, 7))), want: 'malformed_udp' },
  { name: 'TCP without its header', frame: ether(0x0800, ipv4(6, join('0001 0002'))), want: 'malformed_tcp' },
  {
    name: 'TCP header cut by the snap length',
    frame: ether(0x0800, ipv4(6, tcp(1, 2, ABC))).subarray(0, 40),
    original: 57,
    want: 'cut_by_snap_length',
  },
  {
    name: 'TCP data cut by the snap length',
    frame: ether(0x0800, ipv4(6, tcp(1, 2, ABC))).subarray(0, 55),
    original: 57,
    want: 'tcp 192.0.2.1:1 > 198.51.100.2:2 "a" of 3 mac 0',
  },
  { name: 'ICMP', frame: ether(0x0800, ipv4(1, join('0800 0000'))), want: 'other_transport' },
  {
    name: 'an ICMP error that quotes a packet',
    frame: ether(0x0800, ipv4(1, join('0301 0000 00000000', V4))),
    want: 'other_transport',
  },
  { name: 'ESP', frame: ether(0x0800, ipv4(50, join('00000001 00000001', V4))), want: 'other_transport' },
  { name: 'IPv6, no next header', frame: ether(0x86dd, ipv6(59, join(''))), want: 'other_transport' },
  {
    name: 'AH longer than the packet',
    frame: ether(0x0800, ipv4(51, join('11ff 0000 00000001 00000001', DNS))),
    want: 'malformed_tunnel',
  },
  {
    name: 'AH shorter than an AH',
    frame: ether(0x0800, ipv4(51, join('1100 0000 00000001 00000001', DNS))),
    want: 'malformed_tunnel',
  },

  { name: 'MPLS without a last label', frame: ether(0x8847, join('00064040 00064040')), want: 'malformed_tunnel' },
  { name: 'MPLS with nothing behind', frame: ether(0x8847, join('00064140')), want: 'malformed_tunnel' },
  { name: 'MPLS, maintenance', frame: ether(0x8847, join('00064140 10000007 20c80318')), want: 'not_ip' },
  { name: 'PPPoE discovery', frame: ether(0x8863, join('1109 0000 0000')), want: 'not_ip' },
  { name: 'PPPoE discovery under the type of sessions', frame: ether(0x8864, join('11a7 0000 0000')), want: 'not_ip' },
  { name: 'PPPoE of another version', frame: ether(0x8864, join('2100 0001 0021 0021', V4)), want: 'malformed_tunnel' },
  {
    name: 'PPPoE shorter than its packet',
    frame: ether(0x8864, join('1100 0001 0010 0021', V4)),
    want: 'malformed_ipv4',
  },
  { name: 'PPP control', frame: join('ff03 c021 01'), linkType: 9, want: 'not_ip' },
  { name: 'PPP of one byte', frame: join('00'), linkType: 9, want: 'malformed_tunnel' },
  { name: 'PPP, direction only', frame: join('01'), linkType: 204, want: 'malformed_tunnel' },
  { name: 'PPP with MPPE', frame: join('ff03 00fd 9000'), linkType: 9, want: 'encrypted' },
  {
    name: 'PPP, a piece of a multilink packet',
    frame: join('ff03 003d 80000001 0021', V4),
    linkType: 9,
    want: 'unsupported_tunnel',
  },
  { name: 'PPP, bridged token ring', frame: join('0031 0003', V4), linkType: 9, want: 'unsupported_tunnel' },
  { name: 'MACsec', frame: ether(0x88e5, join('2c00 00000001')), want: 'encrypted' },
  { name: 'MACsec, changed and not encrypted', frame: ether(0x88e5, join('0400 00000001', V4)), want: 'encrypted' },
  { name: 'MACsec without its end', frame: ether(0x88e5, join('0000 0000')), want: 'short_link_header' },
  { name: 'MACsec without its channel', frame: ether(0x88e5, join('2000 00000001 0800')), want: 'short_link_header' },
  { name: 'E-Tag without its EtherType', frame: ether(0x893f, join('000100020000 08')), want: 'short_link_header' },
  { name: 'Arista, without a stamp', frame: ether(0xd28b, join('0001 0010 65f0')), want: 'short_link_header' },
  { name: 'Arista, no stamp', frame: ether(0xd28b, join('0003 0010 65f0000012345678 0800', V4)), want: 'not_ip' },
  { name: 'Arista, another stamp', frame: ether(0xd28b, join('0001 0030 65f0000012345678 0800', V4)), want: 'not_ip' },
  { name: 'NSH of another version', frame: ether(0x894f, join('4fc2 0201 000001ff', V4)), want: 'unsupported_tunnel' },
  { name: 'NSH, maintenance', frame: ether(0x894f, join('2fc2 0201 000001ff', V4)), want: 'not_ip' },
  { name: 'NSH shorter than itself', frame: ether(0x894f, join('0fc1 0201 000001ff', V4)), want: 'malformed_tunnel' },
  { name: 'NSH longer than the frame', frame: ether(0x894f, join('0fff 0201 000001ff', V4)), want: 'malformed_tunnel' },
  { name: 'NSH with something else', frame: ether(0x894f, join('0fc2 0207 000001ff', V4)), want: 'unsupported_tunnel' },
  { name: 'NSH in NSH, without end', frame: serviced(300), want: 'too_deep' },
  {
    name: 'a preempted mPacket',
    frame: join('55555555555555e6', ether(0x0800, V4)),
    linkType: 274,
    want: 'unsupported_tunnel',
  },

  { name: 'Wi-Fi, protected', frame: join('0841 0000', ether(0x0800, V4)), linkType: 105, want: 'encrypted' },
  { name: 'Wi-Fi beacon', frame: join('8000 0000', ether(0x0800, V4)), linkType: 105, want: 'not_ip' },
  { name: 'Wi-Fi null data', frame: join('4801 0000', ether(0x0800, V4)), linkType: 105, want: 'not_ip' },
  { name: 'Wi-Fi data of a later version', frame: join('0901 0000', ether(0x0800, V4)), linkType: 105, want: 'not_ip' },
  {
    name: 'Wi-Fi, a piece of a frame',
    frame: join('0805 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800', V4),
    linkType: 105,
    want: 'unsupported_tunnel',
  },
  {
    name: 'radiotap longer than the frame',
    frame: join('0000 ff00 00000000', V4),
    linkType: 127,
    want: 'short_link_header',
  },
  {
    name: 'radiotap shorter than itself',
    frame: join('0000 0400 00000000', V4),
    linkType: 127,
    want: 'short_link_header',
  },
  {
    name: 'radiotap, words without end',
    frame: join('0000 1000 ffffffff ffffffff ffffffff', V4),
    linkType: 127,
    want: 'short_link_header',
  },
  {
    name: 'radiotap, flags behind its end',
    frame: join('0000 0800 02000000', V4),
    linkType: 127,
    want: 'short_link_header',
  },
  {
    name: 'PPI of a link that we do not read',
    frame: join('0000 0800 93000000', V4),
    linkType: 192,
    want: 'unsupported_link',
  },
  {
    name: 'PPI in PPI without end',
    frame: join(...Array.from({ length: 99 }, () => '0000 0800 c0000000')),
    linkType: 192,
    want: 'too_deep',
  },
  {
    name: 'AVS longer than 4 GiB can be',
    frame: join('80211001 ffffffff', V4),
    linkType: 163,
    want: 'short_link_header',
  },
  {
    name: 'nflog, an attribute of length 0',
    frame: join('0200 0000 0000 0200', V4),
    linkType: 239,
    want: 'short_link_header',
  },
  { name: 'pflog of OpenBSD 3.3', frame: join('00000000', V4), linkType: 117, want: 'short_link_header' },
  {
    name: 'pflog longer than the frame',
    frame: join('fd02', '0'.repeat(124), V4),
    linkType: 117,
    want: 'short_link_header',
  },
  {
    name: 'pktap shorter than its header',
    frame: join('0b000000 01000000 01000000', ETHER),
    linkType: 258,
    want: 'short_link_header',
  },
  {
    name: 'pktap longer than the frame',
    frame: join('ffffffff 01000000 01000000', ETHER),
    linkType: 258,
    want: 'short_link_header',
  },
  { name: 'pktap without a packet', frame: join('0c000000 00000000 01000000', ETHER), linkType: 258, want: 'not_ip' },
  {
    name: 'pktap of a link that is not read',
    frame: join('0c000000 01000000 6b000000', ETHER),
    linkType: 258,
    want: 'unsupported_link',
  },
  {
    name: 'pktap in itself without end',
    frame: join('0c000000 01000000 02010000'.repeat(20)),
    linkType: 258,
    want: 'too_deep',
  },
  {
    name: 'ERF, extension headers without end',
    frame: join('0'.repeat(16), '82 04 0042 0000 002e', '8000000000000000'.repeat(4)),
    linkType: 197,
    want: 'short_link_header',
  },
  {
    name: 'ERF of ATM',
    frame: join('0'.repeat(16), '03 04 0042 0000 002e', V4),
    linkType: 197,
    want: 'unsupported_link',
  },
  { name: 'Juniper without its magic', frame: join('4d474401', ETHER), linkType: 178, want: 'unsupported_link' },
  {
    name: 'Juniper with more facts than the frame holds',
    frame: join('4d474382 ffff', V4),
    linkType: 178,
    want: 'short_link_header',
  },
  { name: 'nflog without a packet', frame: join('0200 0000 0800 0200 00000000'), linkType: 239, want: 'not_ip' },

  {
    name: 'GRE of an unknown version',
    frame: ether(0x0800, ipv4(47, join('0002 0800', V4))),
    want: 'unsupported_tunnel',
  },
  { name: 'GRE keep-alive', frame: ether(0x0800, ipv4(47, join('0000 0000'))), want: 'not_ip' },
  {
    name: 'GRE, routing without end',
    frame: ether(0x0800, ipv4(47, join('4000 0800 00000000 080000ff'))),
    want: 'malformed_tunnel',
  },
  {
    name: 'GRE shorter than its fields',
    frame: ether(0x0800, ipv4(47, join('b000 0800 00000000'))),
    want: 'malformed_tunnel',
  },
  { name: 'GRE, broken IP inside', frame: ether(0x0800, ipv4(47, join('0000 0800', V6))), want: 'malformed_ipv4' },
  {
    name: 'PPTP that only acknowledges',
    frame: ether(0x0800, ipv4(47, join('2081 880b 0000 0001 00000001'))),
    want: 'not_ip',
  },
  {
    name: 'PPTP without a key',
    frame: ether(0x0800, ipv4(47, join('1001 880b 00000001 00000001', V4))),
    want: 'malformed_tunnel',
  },
  {
    name: 'ERSPAN II of another version',
    frame: ether(0x0800, ipv4(47, join('1000 88be 00000001 30640007 00000001', V4))),
    want: 'unsupported_tunnel',
  },
  {
    name: 'ERSPAN III shorter than its platform header',
    frame: ether(0x0800, ipv4(47, join('0000 22eb 20640007 00000001 00000001 0c00'))),
    want: 'malformed_tunnel',
  },
  {
    name: 'EtherIP of another version',
    frame: ether(0x0800, ipv4(97, join('4000', ether(0x0800, V4)))),
    want: 'malformed_tunnel',
  },
  { name: 'L2TPv3 control', frame: ether(0x0800, ipv4(115, join('00000000 c8030014', V4))), want: 'not_ip' },
  {
    name: 'L2TPv3 with something else',
    frame: ether(0x0800, ipv4(115, join('00000001 0102030405060708'))),
    want: 'unsupported_tunnel',
  },

  {
    name: 'eight tunnels',
    frame: nested(8),
    want: 'udp 192.0.2.1:5000 > 198.51.100.2:53 "abc" depth 8 in 192.0.2.1 > 198.51.100.2 (4)',
  },
  { name: 'nine tunnels', frame: nested(9), want: 'too_deep' },
  { name: 'three thousand tunnels', frame: nested(3000), want: 'too_deep' },
  { name: 'eight tags', frame: tagged(8), want: 'udp 192.0.2.1:5000 > 198.51.100.2:53 "abc" vlan 1,1,1,1 mac 0' },
  { name: 'nine tags', frame: tagged(9), want: 'too_deep' },
  { name: 'frames in SNAP in frames, without end', frame: snapped(60), want: 'too_deep' },
  { name: 'multilink in multilink, without end', frame: multilinked(2000), linkType: 9, want: 'too_deep' },
]

describe('what is not a packet has a reason', () => {
  test.each(stories)('$name', ({ frame, linkType, original, want }) => {
    expect(decoded(frame, linkType, original)).toBe(want)
  })
})
