import { expect, test } from 'vitest'
import { ethernet, type Ipv4Options, ipv4, tcp, udp } from '../support/frames.ts'
import { decode } from './read-frame.ts'

const DATAGRAM = udp(Buffer.from('abc'))
const WANT = { vlans: [], source: '192.0.2.10 53492', target: '198.51.100.7 53', payload: 'abc', payloadLength: 3 }

const stories: Array<{ name: string; ip?: Ipv4Options; want: unknown }> = [
  { name: 'plain', want: WANT },
  { name: 'with options', ip: { options: Buffer.alloc(40, 1) }, want: WANT },
  { name: 'options that are not there: the words are read from the datagram', ip: { ihl: 6 }, want: 'malformed_udp' },
  { name: 'IHL 0', ip: { ihl: 0 }, want: 'malformed_ipv4' },
  { name: 'IHL 1', ip: { ihl: 1 }, want: 'malformed_ipv4' },
  { name: 'IHL 2', ip: { ihl: 2 }, want: 'malformed_ipv4' },
  { name: 'IHL 3', ip: { ihl: 3 }, want: 'malformed_ipv4' },
  { name: 'IHL 4', ip: { ihl: 4 }, want: 'malformed_ipv4' },
  { name: 'IHL 15 in a packet that is shorter', ip: { ihl: 15 }, want: 'malformed_ipv4' },
  { name: 'version 6', ip: { version: 6 }, want: 'malformed_ipv4' },
  { name: 'version 0', ip: { version: 0 }, want: 'malformed_ipv4' },
  { name: 'total length 0: to the end of the frame', ip: { totalLength: 0 }, want: WANT },
  { name: 'total length 1', ip: { totalLength: 1 }, want: 'malformed_ipv4' },
  { name: 'total length of less than the header', ip: { totalLength: 19 }, want: 'malformed_ipv4' },
  {
    name: 'total length of less than the options',
    ip: { options: Buffer.alloc(8), totalLength: 27 },
    want: 'malformed_ipv4',
  },
  { name: 'total length of the header alone', ip: { totalLength: 20 }, want: 'malformed_udp' },
  { name: 'total length that cuts the UDP header', ip: { totalLength: 27 }, want: 'malformed_udp' },
  { name: 'total length that cuts the payload', ip: { totalLength: 30 }, want: 'malformed_udp' },
  { name: 'the first fragment', ip: { fragment: 0x2000 }, want: 'ip_fragment' },
  { name: 'a fragment in the middle', ip: { fragment: 0x2001 }, want: 'ip_fragment' },
  { name: 'the last fragment', ip: { fragment: 0x1fff }, want: 'ip_fragment' },
  { name: "don't fragment is no fragment", ip: { fragment: 0x4000 }, want: WANT },
  { name: 'the reserved bit is no fragment', ip: { fragment: 0x8000 }, want: WANT },
  { name: 'ICMP', ip: { protocol: 1 }, want: 'other_transport' },
  { name: 'a datagram where GRE should be', ip: { protocol: 47 }, want: 'unsupported_tunnel' },
  { name: 'protocol 255', ip: { protocol: 255 }, want: 'other_transport' },
  { name: 'protocol 0, which IPv6 calls an extension', ip: { protocol: 0 }, want: 'other_transport' },
]

for (const { name, ip, want } of stories) {
  test(`ipv4: ${name}`, () => expect(decode(ethernet(ipv4(DATAGRAM, { protocol: 17, ...ip })))).toEqual(want))
}

test('ipv4: a total length past the frame is the sign of a cut one', () => {
  const whole = ethernet(ipv4(tcp(Buffer.from('0123456789')), { source: '10.0.0.1' }))
  const want = { payload: '01234', payloadLength: 10, source: '10.0.0.1 51000' }
  expect(decode(whole.subarray(0, -5), whole.length)).toMatchObject(want)
  // the same bytes where the file says that nothing is missing: what is there is read, as far as it goes
  expect(decode(whole.subarray(0, -5))).toMatchObject(want)
})

test('ipv4: every prefix of a header is malformed', () => {
  const frame = ethernet(ipv4(DATAGRAM, { protocol: 17, options: Buffer.alloc(12) }))
  for (let length = 14; length < 14 + 32; length++) {
    expect(decode(frame.subarray(0, length)), `first ${length} bytes`).toBe('malformed_ipv4')
    expect(decode(frame.subarray(0, length), frame.length), `first ${length} bytes`).toBe('cut_by_snap_length')
  }
})
