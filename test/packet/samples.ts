/**
 * One frame for each road that leads to a packet, with what must come out.
 * Tests of the tables take them as they are; the hostile ones damage them.
 */

import { ether, fragment6, ipv4, ipv6, join, tcp, u16be, udp, vlan } from './build.ts'

export interface Sample {
  name: string
  frame: Uint8Array
  /** Ethernet when absent. */
  linkType?: number
  want: string
}

const ABC = join('616263')
const DNS = udp(5000, 53, ABC)
const PLAIN = 'udp 192.0.2.1:5000 > 198.51.100.2:53 "abc"'
const PLAIN_6 = 'udp 2001:db8::1:5000 > 2001:db8::2:53 "abc"'
const OUTER = 'in 10.0.0.1 > 10.0.0.2'

const V4 = ipv4(17, DNS)
const V6 = ipv6(17, DNS)
const ETHER = ether(0x0800, V4)
const LLC = join('aaaa03 000000 0800', V4)

/** An IPv4 packet between the ends of a tunnel, in Ethernet. */
function outer(protocol: number, payload: Uint8Array): Uint8Array {
  return ether(0x0800, ipv4(protocol, payload, { source: '10.0.0.1', target: '10.0.0.2' }))
}

/** The same with UDP. */
function outerUdp(port: number, payload: Uint8Array): Uint8Array {
  return outer(17, udp(40000, port, payload))
}

/** A Wi-Fi header: frame control, flags, three addresses, then what else there is. */
function wifi(control: number, flags: number, ...rest: Array<Uint8Array | string>): Uint8Array {
  return join([control, flags], '0000 020000000001 020000000002 020000000003 0000', ...rest)
}

/** The frame with a switch's tag between the MAC addresses and the EtherType. */
function tagged(tag: string): Uint8Array {
  return join(ETHER.subarray(0, 12), tag, ETHER.subarray(12))
}

/** What is nearest to the wire. */
export const LINKS: Sample[] = [
  { name: 'Ethernet, IPv4, UDP', frame: ETHER, want: `${PLAIN} mac 0` },
  { name: 'Ethernet, IPv6, UDP', frame: ether(0x86dd, V6), want: `${PLAIN_6} mac 0` },
  {
    name: 'Ethernet, IPv4, TCP',
    frame: ether(0x0800, ipv4(6, tcp(1, 2, ABC))),
    want: 'tcp 192.0.2.1:1 > 198.51.100.2:2 "abc" mac 0',
  },
  { name: 'Ethernet padding after IP', frame: join(ETHER, '0000000000000000'), want: `${PLAIN} mac 0` },
  { name: '802.3 with LLC and SNAP', frame: ether(LLC.length, LLC), want: `${PLAIN} mac 0` },
  { name: '802.3 with LLC for IP', frame: ether(34, join('060603', V4)), want: `${PLAIN} mac 0` },
  {
    name: '802.3 with an Ethernet frame in SNAP',
    frame: ether(54, join('aaaa03 0080c2 0007', ETHER)),
    want: `${PLAIN} mac 22`,
  },
  { name: 'SLL', linkType: 113, frame: join('0000 0001 0006 0200000000010000 0800', V4), want: PLAIN },
  { name: 'SLL, IPv6', linkType: 113, frame: join('0004 0304 0006 0000000000000000 86dd', V6), want: PLAIN_6 },
  {
    name: 'SLL, VLAN',
    linkType: 113,
    frame: join('0000 0001 0006 0200000000010000 8100', vlan(7, 0x0800, V4)),
    want: `${PLAIN} vlan 7`,
  },
  { name: 'SLL, LLC', linkType: 113, frame: join('0000 0001 0006 0200000000010000 0004', LLC), want: PLAIN },
  { name: 'SLL2', linkType: 276, frame: join('0800 0000 00000002 0001 00 06 0200000000010000', V4), want: PLAIN },
  { name: 'raw, IPv4', linkType: 101, frame: V4, want: PLAIN },
  { name: 'raw, IPv6', linkType: 101, frame: V6, want: PLAIN_6 },
  { name: 'raw of BSD', linkType: 12, frame: V4, want: PLAIN },
  { name: 'raw of OpenBSD', linkType: 14, frame: V6, want: PLAIN_6 },
  { name: 'IPv4', linkType: 228, frame: V4, want: PLAIN },
  { name: 'IPv6', linkType: 229, frame: V6, want: PLAIN_6 },
  { name: 'null of a little machine', linkType: 0, frame: join('02000000', V4), want: PLAIN },
  { name: 'null of a big machine', linkType: 0, frame: join('00000002', V4), want: PLAIN },
  { name: 'null, macOS', linkType: 0, frame: join('1e000000', V6), want: PLAIN_6 },
  { name: 'null, FreeBSD', linkType: 0, frame: join('1c000000', V6), want: PLAIN_6 },
  { name: 'null, NetBSD', linkType: 0, frame: join('00000018', V6), want: PLAIN_6 },
  { name: 'null, Linux', linkType: 0, frame: join('0a000000', V6), want: PLAIN_6 },
  { name: 'loop', linkType: 108, frame: join('00000002', V4), want: PLAIN },
  { name: 'PPP with address and control', linkType: 9, frame: join('ff03 0021', V4), want: PLAIN },
  { name: 'PPP without', linkType: 9, frame: join('0057', V6), want: PLAIN_6 },
  { name: 'PPP with a short protocol', linkType: 50, frame: join('ff03 21', V4), want: PLAIN },
  { name: 'PPP that is Cisco HDLC', linkType: 50, frame: join('0f00 0800', V4), want: PLAIN },
  { name: 'PPP with direction', linkType: 204, frame: join('01 ff03 0021', V4), want: PLAIN },
  { name: 'PPP, multilink, whole', linkType: 9, frame: join('ff03 003d c0000001 0021', V4), want: PLAIN },
  { name: 'PPP, bridged', linkType: 9, frame: join('0031 0001', ETHER), want: `${PLAIN} mac 4` },
  { name: 'PPP, MPLS', linkType: 9, frame: join('0281 00064140', V4), want: PLAIN },
  { name: 'PPPoE as link', linkType: 51, frame: join('1100 0001 0021 0021', V4), want: PLAIN },
  { name: 'Cisco HDLC', linkType: 104, frame: join('0f00 86dd', V6), want: PLAIN_6 },
  { name: 'FDDI', linkType: 10, frame: join('50 020000000001 020000000002', LLC), want: PLAIN },
  { name: 'Wi-Fi data', linkType: 105, frame: wifi(0x08, 0x01, LLC), want: PLAIN },
  { name: 'Wi-Fi QoS data', linkType: 105, frame: wifi(0x88, 0x02, '0000', LLC), want: PLAIN },
  { name: 'Wi-Fi between access points', linkType: 105, frame: wifi(0x08, 0x03, '020000000004', LLC), want: PLAIN },
  { name: 'Wi-Fi QoS with HT control', linkType: 105, frame: wifi(0x88, 0x81, '0000 01020304', LLC), want: PLAIN },
  {
    name: 'Wi-Fi A-MSDU, its first frame',
    linkType: 105,
    frame: wifi(0x88, 0x01, '8000 020000000004 020000000005', join(u16be(LLC.length), LLC), '0000 020000'),
    want: `${PLAIN} mac 26`,
  },
  { name: 'radiotap', linkType: 127, frame: join('0000 0800 00000000', wifi(0x08, 0x01, LLC)), want: PLAIN },
  {
    name: 'radiotap with timer, data pad and two words of present',
    linkType: 127,
    // 2 bytes QoS make the header 26 long, so that 2 bytes of padding follow
    frame: join('0000 1900 03000080 00000000 00000000', '1122334455667788', '20', wifi(0x88, 0x01, '0000 0000', LLC)),
    want: PLAIN,
  },
  { name: 'PPI', linkType: 192, frame: join('0000 0800 69000000', wifi(0x08, 0x01, LLC)), want: PLAIN },
  { name: 'AVS', linkType: 163, frame: join('80211001 0000000c 00000000', wifi(0x08, 0x01, LLC)), want: PLAIN },
  { name: 'Prism', linkType: 119, frame: join('44000000 0c000000 00000000', wifi(0x08, 0x01, LLC)), want: PLAIN },
  { name: 'Prism, big', linkType: 119, frame: join('00000044 0000000c 00000000', wifi(0x08, 0x01, LLC)), want: PLAIN },
  {
    name: 'Prism that is AVS',
    linkType: 119,
    frame: join('80211002 0000000c 00000000', wifi(0x08, 0x01, LLC)),
    want: PLAIN,
  },
  {
    name: 'nflog of a little machine',
    linkType: 239,
    frame: join('02 00 0005', '0600 0a00 61620000', '2300 0900', V4),
    want: PLAIN,
  },
  { name: 'nflog of a big machine', linkType: 239, frame: join('0a 00 0005', '0037 0009', V6), want: PLAIN_6 },
  { name: 'pflog of OpenBSD', linkType: 117, frame: join([61, 2], '0'.repeat(124), V4), want: PLAIN },
  { name: 'pflog of FreeBSD', linkType: 117, frame: join([72, 28], '0'.repeat(140), V6), want: PLAIN_6 },
  { name: 'enc', linkType: 109, frame: join('02000000 00001234 00000c00', V4), want: PLAIN },
  {
    name: 'pktap',
    linkType: 258,
    frame: join('6c000000 01000000 01000000', '0'.repeat(192), ETHER),
    want: `${PLAIN} mac 108`,
  },
  {
    name: 'pktap of an interface without Ethernet',
    linkType: 258,
    frame: join('6c000000 01000000 0c000000', '0'.repeat(192), V6),
    want: PLAIN_6,
  },
  {
    name: 'ERF, Ethernet',
    linkType: 197,
    frame: join('0'.repeat(16), '02 04 0042 0000 002e', '0000', ETHER),
    want: `${PLAIN} mac 18`,
  },
  {
    name: 'ERF, Ethernet, two extension headers',
    linkType: 197,
    frame: join('0'.repeat(16), '94 04 0052 0000 002e', '8100000000000000 0300000000000000', '0000', ETHER),
    want: `${PLAIN} mac 34`,
  },
  {
    name: 'ERF, PPP',
    linkType: 197,
    frame: join('0'.repeat(16), '01 04 0042 0000 002e', 'ff03 0021', V4),
    want: PLAIN,
  },
  {
    name: 'ERF, Cisco HDLC',
    linkType: 197,
    frame: join('0'.repeat(16), '0a 04 0042 0000 002e', '0f00 0800', V4),
    want: PLAIN,
  },
  { name: 'ERF, IPv6', linkType: 197, frame: join('0'.repeat(16), '17 04 0042 0000 002e', V6), want: PLAIN_6 },
  { name: 'Juniper', linkType: 178, frame: join('4d4743 01', ETHER), want: `${PLAIN} mac 4` },
  {
    name: 'Juniper with facts of the interface',
    linkType: 178,
    frame: join('4d4743 80 0006 0102 1122 0301', ETHER),
    want: `${PLAIN} mac 12`,
  },
  {
    name: 'Juniper without Ethernet',
    linkType: 178,
    frame: join('4d4743 83 0003 040101 02000000', V4),
    want: PLAIN,
  },
  { name: 'Cisco HDLC with direction', linkType: 205, frame: join('01 0f00 0800', V4), want: PLAIN },
  { name: 'MPLS', linkType: 219, frame: join('00064140', V4), want: PLAIN },
  { name: 'tag of Broadcom', linkType: 281, frame: tagged('20000003'), want: `${PLAIN} mac 0` },
  { name: 'tag of Broadcom before the frame', linkType: 282, frame: join('20000003', ETHER), want: `${PLAIN} mac 4` },
  { name: 'tag of Marvell', linkType: 284, frame: tagged('c0080007'), want: `${PLAIN} mac 0` },
  { name: 'tag of Marvell with a VLAN', linkType: 284, frame: tagged('e008e007'), want: `${PLAIN} vlan 7 mac 0` },
  {
    name: 'tag of Marvell with a type and a VLAN',
    linkType: 285,
    frame: tagged('dada0000 e0080007'),
    want: `${PLAIN} vlan 7 mac 0`,
  },
  { name: 'Netanalyzer', linkType: 240, frame: join('00000000', ETHER), want: `${PLAIN} mac 4` },
  { name: 'mPacket, express', linkType: 274, frame: join('55555555555555d5', ETHER), want: `${PLAIN} mac 8` },
]

/** Headers between the link and IP. */
export const TAGS: Sample[] = [
  { name: 'one VLAN', frame: ether(0x8100, vlan(0xe007, 0x0800, V4)), want: `${PLAIN} vlan 7 mac 0` },
  {
    name: 'QinQ',
    frame: ether(0x88a8, vlan(100, 0x8100, vlan(7, 0x86dd, V6))),
    want: `${PLAIN_6} vlan 100,7 mac 0`,
  },
  {
    name: 'five VLANs, of which four are remembered',
    frame: ether(0x9100, vlan(1, 0x9200, vlan(2, 0x9300, vlan(3, 0x8100, vlan(4, 0x8100, vlan(5, 0x0800, V4)))))),
    want: `${PLAIN} vlan 1,2,3,4 mac 0`,
  },
  { name: 'MPLS, one label, IPv4', frame: ether(0x8847, join('00064140', V4)), want: `${PLAIN} mac 0` },
  {
    name: 'MPLS, three labels, IPv6',
    frame: ether(0x8848, join('00010040 00020040 00030140', V6)),
    want: `${PLAIN_6} mac 0`,
  },
  { name: 'MPLS, pseudowire', frame: ether(0x8847, join('00064140', ETHER)), want: `${PLAIN} mac 18` },
  {
    name: 'MPLS, pseudowire with control word',
    frame: ether(0x8847, join('00064140 00000005', ETHER)),
    want: `${PLAIN} mac 22`,
  },
  {
    name: 'MPLS, pseudowire, tagged',
    frame: ether(0x8847, join('00064140', ether(0x8100, vlan(7, 0x0800, V4)))),
    want: `${PLAIN} vlan 7 mac 18`,
  },
  {
    name: 'MPLS, pseudowire with control word, tagged',
    frame: ether(0x8847, join('00064140 00000005', ether(0x8100, vlan(7, 0x0800, V4)))),
    want: `${PLAIN} vlan 7 mac 22`,
  },
  {
    name: 'MPLS, pseudowire with control word, PBB',
    frame: ether(0x8847, join('00064140 00000005', ether(0x88e7, join('00000101', ETHER)))),
    want: `${PLAIN} mac 40`,
  },
  {
    name: 'MPLS, pseudowire with control word, Cisco metadata',
    frame: ether(0x8847, join('00064140 00000005', ether(0x8909, join('01010001000a 0800', V4)))),
    want: `${PLAIN} mac 22`,
  },
  {
    name: 'MPLS, pseudowire with control word, LLC and SNAP',
    frame: ether(0x8847, join('00064140 00000005', ether(LLC.length, LLC))),
    want: `${PLAIN} mac 22`,
  },
  {
    name: 'MPLS, pseudowire to a MAC address that looks like IPv4',
    frame: ether(0x8847, join('00064140 45000000ff01 00005e005302 0800', V4)),
    want: `${PLAIN} mac 18`,
  },
  {
    name: 'MPLS, IPv4 whose addresses look like an Ethernet header and IP',
    frame: ether(
      0x8847,
      join('00064140', ipv4(17, udp(5000, 53, join('6162636465666768')), { source: '8.0.69.0', target: '0.20.1.1' })),
    ),
    want: 'udp 8.0.69.0:5000 > 0.20.1.1:53 "abcdefgh" mac 0',
  },
  { name: 'PPPoE', frame: ether(0x8864, join('1100 0001 0021 0021', V4)), want: `${PLAIN} mac 0` },
  { name: 'PPPoE, padded', frame: ether(0x8864, join('1100 0001 0021 0021', V4, '000000')), want: `${PLAIN} mac 0` },
  { name: 'PBB', frame: ether(0x88e7, join('00000101', ETHER)), want: `${PLAIN} mac 18` },
  { name: 'VN-Tag', frame: ether(0x8926, join('00010002 0800', V4)), want: `${PLAIN} mac 0` },
  { name: 'E-Tag', frame: ether(0x893f, join('000100020000 0800', V4)), want: `${PLAIN} mac 0` },
  { name: 'Cisco metadata', frame: ether(0x8909, join('01010001000a 86dd', V6)), want: `${PLAIN_6} mac 0` },
  {
    name: 'Cisco metadata, and a VLAN behind',
    frame: ether(0x8909, join('01010001000a 8100', vlan(7, 0x0800, V4))),
    want: `${PLAIN} vlan 7 mac 0`,
  },
  { name: 'HSR', frame: ether(0x892f, join('00340001 0800', V4)), want: `${PLAIN} mac 0` },
  {
    name: 'time stamp of Arista, 64 bits',
    frame: ether(0xd28b, join('0001 0010 65f0000012345678 0800', V4)),
    want: `${PLAIN} mac 0`,
  },
  {
    name: 'time stamp of Arista, 48 bits, of the later series',
    frame: ether(0xd28b, join('0001 0121 65f012345678 0800', V4)),
    want: `${PLAIN} mac 0`,
  },
  {
    name: 'MACsec without encryption',
    frame: ether(0x88e5, join('0000 00000001 0800', V4, '00112233445566778899aabbccddeeff')),
    want: `${PLAIN} mac 0`,
  },
  {
    name: 'MACsec without encryption, with its channel',
    frame: ether(0x88e5, join('2000 00000001 0200000000010001 0800', V4, '00112233445566778899aabbccddeeff')),
    want: `${PLAIN} mac 0`,
  },
  { name: 'NSH, IPv4', frame: ether(0x894f, join('0fc2 0201 000001ff', V4)), want: `${PLAIN} mac 0` },
  { name: 'NSH, IPv6', frame: ether(0x894f, join('0fc2 0202 000001ff', V6)), want: `${PLAIN_6} mac 0` },
  {
    name: 'NSH with context, Ethernet',
    frame: ether(0x894f, join('0fc6 0103 000001ff', new Uint8Array(16), ETHER)),
    want: `${PLAIN} mac 38`,
  },
  {
    name: 'NSH in NSH, MPLS',
    frame: ether(0x894f, join('0fc2 0204 000001ff', '0fc2 0205 000001ff', '00064140', V4)),
    want: `${PLAIN} mac 0`,
  },
  { name: 'FabricPath', frame: ether(0x8903, join('0040', ETHER)), want: `${PLAIN} mac 16` },
  {
    name: 'IPv4 options',
    frame: ether(0x0800, ipv4(17, DNS, { options: '94040000' })),
    want: `${PLAIN} mac 0`,
  },
  {
    name: 'IPv6 extension headers',
    frame: ether(0x86dd, ipv6(0, join('3c000104 00000000', '1100010400000000', DNS))),
    want: `${PLAIN_6} mac 0`,
  },
  {
    name: 'IPv6 atomic fragment',
    frame: ether(0x86dd, ipv6(44, fragment6(17, 9, 0, false, DNS))),
    want: `${PLAIN_6} mac 0`,
  },
  {
    name: 'segmentation offload: IPv4 length 0',
    frame: ether(0x0800, ipv4(6, tcp(1, 2, ABC), { length: 0 })),
    want: 'tcp 192.0.2.1:1 > 198.51.100.2:2 "abc" mac 0',
  },
]

const GRE_RESULT = `${PLAIN} depth 1 ${OUTER} (47)`

/** IP protocols that carry packets. */
export const IP_TUNNELS: Sample[] = [
  { name: 'IPv4 in IPv4', frame: outer(4, V4), want: `${PLAIN} depth 1 ${OUTER} (4)` },
  { name: '6in4', frame: outer(41, V6), want: `${PLAIN_6} depth 1 ${OUTER} (41)` },
  { name: '4in6', frame: ether(0x86dd, ipv6(4, V4)), want: `${PLAIN} depth 1 in 2001:db8::1 > 2001:db8::2 (4)` },
  {
    name: '6in6 in 4: the outermost is named',
    frame: outer(41, ipv6(41, V6)),
    want: `${PLAIN_6} depth 2 ${OUTER} (41)`,
  },
  {
    name: 'AH of IPv4',
    frame: outer(51, join('1104 0000 00000001 00000001 000000000000000000000000', DNS)),
    want: 'udp 10.0.0.1:5000 > 10.0.0.2:53 "abc" mac 0',
  },
  {
    name: 'AH of IPv6',
    frame: ether(0x86dd, ipv6(51, join('1104 0000 00000001 00000001 000000000000000000000000', DNS))),
    want: `${PLAIN_6} mac 0`,
  },
  { name: 'GRE', frame: outer(47, join('0000 0800', V4)), want: GRE_RESULT },
  {
    name: 'GRE with checksum, key and sequence',
    frame: outer(47, join('b000 0800 00000000 00000007 00000001', V4)),
    want: GRE_RESULT,
  },
  {
    name: 'GRE with routing',
    frame: outer(47, join('4000 0800 00000000 08000004 c0000201 00000000', V4)),
    want: GRE_RESULT,
  },
  { name: 'GRE, IPv6', frame: outer(47, join('0000 86dd', V6)), want: `${PLAIN_6} depth 1 ${OUTER} (47)` },
  { name: 'GRE, MPLS', frame: outer(47, join('0000 8847 00064140', V4)), want: GRE_RESULT },
  { name: 'GRE, PPP', frame: outer(47, join('0000 880b ff030021', V4)), want: GRE_RESULT },
  { name: 'NVGRE', frame: outer(47, join('2000 6558 00123400', ETHER)), want: `${GRE_RESULT} mac 42` },
  { name: 'WCCP', frame: outer(47, join('0000 883e 00000000', V4)), want: GRE_RESULT },
  { name: 'WCCP, IPv6', frame: outer(47, join('0000 883e 00000000', V6)), want: `${PLAIN_6} depth 1 ${OUTER} (47)` },
  { name: 'GRE, NSH', frame: outer(47, join('0000 894f 0fc2 0201 000001ff', V4)), want: GRE_RESULT },
  { name: 'WCCP, version 1', frame: outer(47, join('0000 883e', V4)), want: GRE_RESULT },
  { name: 'GRE of Aruba', frame: outer(47, join('0000 8240', wifi(0x08, 0x02, LLC))), want: GRE_RESULT },
  { name: 'ERSPAN I', frame: outer(47, join('0000 88be', ETHER)), want: `${GRE_RESULT} mac 38` },
  {
    name: 'ERSPAN II',
    frame: outer(47, join('1000 88be 00000001 10640007 00000001', ETHER)),
    want: `${GRE_RESULT} mac 50`,
  },
  {
    name: 'ERSPAN III',
    frame: outer(47, join('1000 22eb 00000001 20640007 00000001 00000000', ETHER)),
    want: `${GRE_RESULT} mac 54`,
  },
  {
    name: 'ERSPAN III with platform header',
    frame: outer(47, join('1000 22eb 00000001 20640007 00000001 00000001 0c00000000000000', ETHER)),
    want: `${GRE_RESULT} mac 62`,
  },
  {
    name: 'ERSPAN III, IP',
    frame: outer(47, join('1000 22eb 00000001 20640007 00000001 00000800', V4)),
    want: GRE_RESULT,
  },
  {
    name: 'ERSPAN of a tagged frame in a tagged frame',
    frame: ether(
      0x8100,
      vlan(9, 0x0800, outer(47, join('0000 88be', ether(0x8100, vlan(7, 0x0800, V4)))).subarray(14)),
    ),
    want: `${PLAIN} vlan 9,7 depth 1 ${OUTER} (47) mac 42`,
  },
  {
    name: 'PPTP',
    frame: outer(47, join('3081 880b 0025 0001 00000001 00000001 ff03 0021', V4)),
    want: GRE_RESULT,
  },
  { name: 'EtherIP', frame: outer(97, join('3000', ETHER)), want: `${PLAIN} depth 1 ${OUTER} (97) mac 36` },
  { name: 'MPLS in IP', frame: outer(137, join('00064140', V4)), want: `${PLAIN} depth 1 ${OUTER} (137)` },
  {
    name: 'Ethernet in IPv6',
    frame: ether(0x86dd, ipv6(143, ETHER)),
    want: `${PLAIN} depth 1 in 2001:db8::1 > 2001:db8::2 (143) mac 54`,
  },
  { name: 'L2TPv3', frame: outer(115, join('00000001', ETHER)), want: `${PLAIN} depth 1 ${OUTER} (115) mac 38` },
  {
    name: 'L2TPv3 with cookie and sublayer',
    frame: outer(115, join('00000001 1122334455667788 40000001', ETHER)),
    want: `${PLAIN} depth 1 ${OUTER} (115) mac 50`,
  },
]

const UDP_RESULT = `${PLAIN} depth 1 ${OUTER} (17)`
const VXLAN = '0800000000000700'

/** Tunnels over UDP. */
export const UDP_TUNNELS: Sample[] = [
  { name: 'VXLAN', frame: outerUdp(4789, join(VXLAN, ETHER)), want: `${UDP_RESULT} mac 50` },
  { name: 'VXLAN of old Linux', frame: outerUdp(8472, join(VXLAN, ETHER)), want: `${UDP_RESULT} mac 50` },
  {
    name: 'VXLAN, from the port',
    frame: outer(17, udp(4789, 40000, join(VXLAN, ETHER))),
    want: `${UDP_RESULT} mac 50`,
  },
  {
    name: 'VXLAN with VLAN inside and outside',
    frame: ether(0x8100, vlan(9, 0x0800, outerUdp(4789, join(VXLAN, ether(0x8100, vlan(7, 0x0800, V4)))).subarray(14))),
    want: `${PLAIN} vlan 9,7 depth 1 ${OUTER} (17) mac 54`,
  },
  { name: 'VXLAN-GPE, IPv4', frame: outerUdp(4790, join('0c00000100000700', V4)), want: UDP_RESULT },
  {
    name: 'VXLAN-GPE, IPv6',
    frame: outerUdp(4790, join('0c00000200000700', V6)),
    want: `${PLAIN_6} depth 1 ${OUTER} (17)`,
  },
  { name: 'VXLAN-GPE, Ethernet', frame: outerUdp(4790, join('0c00000300000700', ETHER)), want: `${UDP_RESULT} mac 50` },
  { name: 'VXLAN-GPE, MPLS', frame: outerUdp(4790, join('0c00000500000700 00064140', V4)), want: UDP_RESULT },
  { name: 'VXLAN-GPE, NSH', frame: outerUdp(4790, join('0c00000400000700 0fc2 0201 000001ff', V4)), want: UDP_RESULT },
  { name: 'LISP', frame: outerUdp(4341, join('c012345600000001', V4)), want: UDP_RESULT },
  {
    name: 'LISP, IPv6',
    frame: outerUdp(4341, join('0000000000000000', V6)),
    want: `${PLAIN_6} depth 1 ${OUTER} (17)`,
  },
  { name: 'GENEVE', frame: outerUdp(6081, join('0000 6558 00000700', ETHER)), want: `${UDP_RESULT} mac 50` },
  {
    name: 'GENEVE with options, IPv4',
    frame: outerUdp(6081, join('0200 0800 00000700 0102030400000000', V4)),
    want: UDP_RESULT,
  },
  { name: 'GTP-U', frame: outerUdp(2152, join('30ff 0023 00000001', V4)), want: UDP_RESULT },
  {
    name: 'GTP-U with sequence and two extensions',
    frame: outerUdp(2152, join('36ff 002f 00000001 0001 00 85', '01 0000 c0', '01 0000 00', V4)),
    want: UDP_RESULT,
  },
  {
    name: 'AYIYA with a signature',
    frame: outerUdp(5072, join('41 52 11 29 294af64b', new Uint8Array(36).fill(0x60), V6)),
    want: `${PLAIN_6} depth 1 ${OUTER} (17)`,
  },
  {
    name: 'AYIYA without one, that asks for an echo, too',
    frame: outerUdp(5072, join('00 00 03 04 294af64b 07', V4)),
    want: UDP_RESULT,
  },
  { name: 'Teredo', frame: outerUdp(3544, V6), want: `${PLAIN_6} depth 1 ${OUTER} (17)` },
  {
    name: 'Teredo with authentication and origin',
    frame: outerUdp(3544, join('0001 02 01 aabb cc 1122334455667788 00', '0000 1234 c0000201', V6)),
    want: `${PLAIN_6} depth 1 ${OUTER} (17)`,
  },
  { name: 'L2TPv2', frame: outerUdp(1701, join('0002 0001 0002 ff03 0021', V4)), want: UDP_RESULT },
  {
    name: 'L2TPv2 with everything',
    frame: outerUdp(1701, join('4a02 0035 0001 0002 0001 0001 0002 ffff ff03 0021', V4)),
    want: UDP_RESULT,
  },
  {
    name: 'L2TPv3 over UDP',
    frame: outerUdp(1701, join('0003 0000 00000001', ETHER)),
    want: `${UDP_RESULT} mac 50`,
  },
  { name: 'CAPWAP, Ethernet', frame: outerUdp(5247, join('00 100200 00000000', ETHER)), want: `${UDP_RESULT} mac 50` },
  {
    name: 'CAPWAP, Wi-Fi',
    frame: outerUdp(5247, join('00 200300 00000000 060200000000 0100', wifi(0x08, 0x01, LLC))),
    want: UDP_RESULT,
  },
  {
    name: 'CAPWAP, Wi-Fi with swapped frame control',
    frame: outerUdp(5247, join('00 100300 00000000', wifi(0x01, 0x08, LLC))),
    want: UDP_RESULT,
  },
  { name: 'TZSP', frame: outerUdp(37008, join('0100 0001 00 0a0103 01', ETHER)), want: `${UDP_RESULT} mac 51` },
  { name: 'TZSP, Wi-Fi', frame: outerUdp(37008, join('0100 0012 01', wifi(0x08, 0x01, LLC))), want: UDP_RESULT },
  { name: 'GRE in UDP', frame: outerUdp(4754, join('0000 0800', V4)), want: UDP_RESULT },
  { name: 'MPLS in UDP', frame: outerUdp(6635, join('00064140', V4)), want: UDP_RESULT },
  {
    name: 'GRE in VXLAN',
    frame: outerUdp(4789, join(VXLAN, ether(0x0800, ipv4(47, join('0000 0800', V4))))),
    want: `${PLAIN} depth 2 ${OUTER} (17)`,
  },
  {
    name: 'a piece of a datagram in VXLAN',
    frame: outerUdp(4789, join(VXLAN, ether(0x0800, ipv4(17, join('6162636465666768'), { id: 7, more: true })))),
    want: `fragment 192.0.2.1 > 198.51.100.2 (17) id 7 at 0+ "abcdefgh" depth 1 ${OUTER} (17) mac 50`,
  },
]
