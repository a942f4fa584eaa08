/** What ICMP errors quote; that they are no packets themselves is in decode.test.ts. */

import { describe, expect, test } from 'vitest'
import { decodePacket } from '../../src/packet/decode.ts'
import { decodeQuotation } from '../../src/packet/icmp.ts'
import { Packet } from '../../src/packet/packet.ts'
import { OTHER_TRANSPORT } from '../../src/packet/reason.ts'
import { parseTwice } from '../support/arena.ts'
import { ether, ipv4, ipv6, join, tcp, udp } from './build.ts'
import { ETHERNET, tell } from './decoded.ts'

const ABC = join('616263')
const V4 = ipv4(17, udp(5000, 53, ABC))
const V6 = ipv6(17, udp(5000, 53, ABC))
const QUOTED = 'udp 192.0.2.1:5000 > 198.51.100.2:53 "abc"'
const QUOTED_6 = 'udp 2001:db8::1:5000 > 2001:db8::2:53 "abc"'

/** What the frame quotes, or the name of the reason why nothing. */
function quoted(frame: Uint8Array): string {
  return parseTwice(frame, (bytes, start, end) => {
    const packet = new Packet()
    expect(decodePacket(bytes, start, end, frame.length, ETHERNET, packet)).toBe(OTHER_TRANSPORT)
    const inner = new Packet()
    return tell(inner, decodeQuotation(packet, inner), start)
  })
}

const error = (type: number, quote: Uint8Array) => ether(0x0800, ipv4(1, join([type, 1], '0000 00000000', quote)))
const error6 = (type: number, quote: Uint8Array) => ether(0x86dd, ipv6(58, join([type, 0], '0000 00000000', quote)))

const stories: Array<{ name: string; frame: Uint8Array; want: string }> = [
  ...[3, 4, 5, 11, 12].map((type) => ({ name: `ICMP type ${type}`, frame: error(type, V4), want: QUOTED })),
  ...[1, 2, 3, 4].map((type) => ({ name: `ICMPv6 type ${type}`, frame: error6(type, V6), want: QUOTED_6 })),
  { name: 'an echo that carries a packet', frame: error(8, V4), want: 'not_ip' },
  { name: 'the reply to it', frame: error(0, V4), want: 'not_ip' },
  { name: 'an echo of IPv6', frame: error6(128, V6), want: 'not_ip' },
  { name: 'a neighbour of IPv6', frame: error6(135, V6), want: 'not_ip' },
  { name: 'ESP', frame: ether(0x0800, ipv4(50, join('03010000 00000000', V4))), want: 'not_ip' },
  { name: 'no quotation', frame: error(3, join('')), want: 'not_ip' },
  { name: 'a message of seven bytes', frame: ether(0x0800, ipv4(1, join('030100000000 00'))), want: 'not_ip' },
  { name: 'the other IP', frame: error(3, V6), want: 'not_ip' },
  { name: 'the other IP, in IPv6', frame: error6(1, V4), want: 'not_ip' },
  {
    name: 'a quotation that is cut, as they are',
    frame: error(3, V4.subarray(0, 29)),
    want: 'udp 192.0.2.1:5000 > 198.51.100.2:53 "a" of 3',
  },
  { name: 'only eight bytes of UDP', frame: error(3, V4.subarray(0, 28)), want: `${QUOTED.replace('abc', '')} of 3` },
  { name: 'seven bytes of UDP', frame: error(3, V4.subarray(0, 27)), want: 'malformed_udp' },
  {
    name: 'extensions behind the quotation (RFC 4884)',
    frame: error(3, join(V4, new Uint8Array(97), '2000 0000 0008 0101 00064140')),
    want: QUOTED,
  },
  {
    name: 'a quotation in a quotation',
    frame: error(3, ipv4(1, join('0301000000000000', V4))),
    want: 'other_transport',
  },
  { name: 'TCP', frame: error(3, ipv4(6, tcp(1, 2, ABC))), want: 'tcp 192.0.2.1:1 > 198.51.100.2:2 "abc"' },
  {
    name: 'an error in a tunnel',
    frame: ether(0x0800, ipv4(4, ipv4(1, join('0301 0000 00000000', V4)))),
    want: `${QUOTED} depth 1 in`,
  },
]

describe('the packet that an ICMP error quotes', () => {
  test.each(stories)('$name', ({ frame, want }) => {
    const got = quoted(frame)
    expect(want.endsWith(' in') ? got.slice(0, want.length) : got).toBe(want)
  })

  test('every beginning of an error', () => {
    const message = join('0301 0000 00000000', V4)
    for (let length = 0; length <= message.length; length++) {
      const frame = ether(0x0800, ipv4(1, message.subarray(0, length)))
      expect(quoted(frame)).toMatch(
        length < 36 ? /^(not_ip|malformed_ipv4|malformed_udp)$/ : /^udp .* "a?b?c?"( of 3)?$/,
      )
    }
  })
})
