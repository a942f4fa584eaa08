import { expect, test } from 'vitest'
import { hex } from '../support/arena.ts'
import { ethernet, extension, type Ipv6Options, ipv6, tcp, udp } from '../support/frames.ts'
import { decode } from './read-frame.ts'

const HOP_BY_HOP = 0
const UDP = 17
const ROUTING = 43
const FRAGMENT = 44
const ESP = 50
const AUTHENTICATION = 51
const NO_NEXT = 59
const DESTINATION = 60

const DATAGRAM = udp(Buffer.from('abc'))
const WANT = { vlans: [], source: '2001:db8::10 53492', target: '2001:db8:1::7 53', payload: 'abc', payloadLength: 3 }

const fragmentHeader = (offsetAndMore: number, next = UDP): Buffer =>
  Buffer.concat([Buffer.of(next, 0xff, offsetAndMore >> 8, offsetAndMore & 0xff, 1, 2, 3, 4), DATAGRAM])
const chain = (count: number): Buffer => {
  let payload: Buffer = extension(UDP, DATAGRAM)
  for (let i = 1; i < count; i++) payload = extension(DESTINATION, payload)
  return payload
}

const stories: Array<{ name: string; payload?: Uint8Array; ip?: Ipv6Options; want: unknown }> = [
  { name: 'plain', want: WANT },
  { name: 'an extension', payload: extension(UDP, DATAGRAM), ip: { next: HOP_BY_HOP }, want: WANT },
  {
    name: 'an extension of 2,048 bytes',
    payload: extension(UDP, DATAGRAM, 255),
    ip: { next: DESTINATION },
    want: WANT,
  },
  {
    name: 'a chain of three kinds',
    payload: extension(ROUTING, extension(DESTINATION, extension(UDP, DATAGRAM), 1)),
    ip: { next: HOP_BY_HOP },
    want: WANT,
  },
  { name: 'sixteen extensions', payload: chain(16), ip: { next: DESTINATION }, want: WANT },
  { name: 'seventeen are an attack', payload: chain(17), ip: { next: DESTINATION }, want: 'malformed_ipv6' },
  {
    name: 'authentication counts in words of four bytes',
    payload: Buffer.concat([Buffer.of(UDP, 4), Buffer.alloc(22), DATAGRAM]),
    ip: { next: AUTHENTICATION },
    want: WANT,
  },
  {
    name: 'mobility, HIP and shim6',
    payload: extension(139, extension(140, extension(UDP, DATAGRAM))),
    ip: { next: 135 },
    want: WANT,
  },
  {
    name: 'an extension longer than the packet',
    payload: extension(UDP, DATAGRAM).fill(0xff, 1, 2),
    ip: { next: HOP_BY_HOP },
    want: 'malformed_ipv6',
  },
  { name: 'an extension of seven bytes', payload: Buffer.alloc(7), ip: { next: HOP_BY_HOP }, want: 'malformed_ipv6' },
  {
    name: 'an extension and nothing else',
    payload: extension(UDP, new Uint8Array(0)),
    ip: { next: HOP_BY_HOP },
    want: 'malformed_udp',
  },
  { name: 'no payload at all', payload: new Uint8Array(0), want: 'malformed_udp' },
  { name: 'no next header', ip: { next: NO_NEXT }, want: 'other_transport' },
  { name: 'encrypted payload', ip: { next: ESP }, want: 'other_transport' },
  { name: 'ICMPv6', ip: { next: 58 }, want: 'other_transport' },
  { name: 'an atomic fragment is whole', payload: fragmentHeader(0), ip: { next: FRAGMENT }, want: WANT },
  { name: 'its reserved bits say nothing', payload: fragmentHeader(6), ip: { next: FRAGMENT }, want: WANT },
  { name: 'the first fragment', payload: fragmentHeader(1), ip: { next: FRAGMENT }, want: 'ip_fragment' },
  { name: 'the last fragment', payload: fragmentHeader(8), ip: { next: FRAGMENT }, want: 'ip_fragment' },
  { name: 'a fragment far behind', payload: fragmentHeader(0xfff8), ip: { next: FRAGMENT }, want: 'ip_fragment' },
  {
    name: 'a fragment behind an extension',
    payload: extension(FRAGMENT, fragmentHeader(1)),
    ip: { next: HOP_BY_HOP },
    want: 'ip_fragment',
  },
  {
    name: 'a fragment header of three bytes',
    payload: fragmentHeader(0).subarray(0, 3),
    ip: { next: FRAGMENT },
    want: 'malformed_ipv6',
  },
  {
    name: 'a fragment header that is cut',
    payload: fragmentHeader(0).subarray(0, 7),
    ip: { next: FRAGMENT },
    want: 'malformed_ipv6',
  },
  { name: 'version 4', ip: { version: 4 }, want: 'malformed_ipv6' },
  { name: 'a jumbogram: length 0 is the rest of the frame', ip: { payloadLength: 0 }, want: WANT },
  { name: 'a payload length of one byte less', ip: { payloadLength: DATAGRAM.length - 1 }, want: 'malformed_udp' },
  {
    name: 'a payload length inside the first extension',
    payload: extension(UDP, DATAGRAM),
    ip: { next: HOP_BY_HOP, payloadLength: 7 },
    want: 'malformed_ipv6',
  },
  {
    name: 'a payload length that ends behind the extension',
    payload: extension(UDP, DATAGRAM),
    ip: { next: HOP_BY_HOP, payloadLength: 8 },
    want: 'malformed_udp',
  },
]

for (const { name, payload = DATAGRAM, ip, want } of stories) {
  test(`ipv6: ${name}`, () =>
    expect(decode(ethernet(ipv6(payload, { next: UDP, ...ip }), { type: 0x86dd }))).toEqual(want))
}

test('ipv6: a payload length past the frame is the sign of a cut one', () => {
  const whole = ethernet(ipv6(tcp(Buffer.from('0123456789'))), { type: 0x86dd })
  expect(decode(whole.subarray(0, -5), whole.length)).toMatchObject({ payload: '01234', payloadLength: 10 })
})

/** Recorded by a Linux kernel, with tshark's reading of it. */
const LINUX = hex(`
  00005e005353 00005e005310 86dd
  600c52d7 002b 11 40
  20010db8000100000000000000000010   # 2001:db8:1::10
  20010db8000100000000000000000053   # 2001:db8:1::53
  b57f0035 002b3044                  # 46463 > 53
  c48301000001000000000000 0463686174 08646565707365656b 03636f6d 00 0001 0001
`)

test('ipv6: a frame that Linux sent', () => {
  const want = { source: '2001:db8:1::10 46463', target: '2001:db8:1::53 53', payloadLength: 35 }
  expect(decode(LINUX)).toMatchObject(want)
})

test('ipv6: every prefix of headers and extensions is malformed, and cut when it was longer on the wire', () => {
  const frame = ethernet(ipv6(extension(DESTINATION, extension(UDP, DATAGRAM, 1)), { next: HOP_BY_HOP }), {
    type: 0x86dd,
  })
  const headers = 14 + 40 + 8 + 16
  for (let length = 14; length < headers + 8; length++) {
    const reason = length < headers ? 'malformed_ipv6' : 'malformed_udp'
    expect(decode(frame.subarray(0, length)), `first ${length} bytes`).toBe(reason)
    expect(decode(frame.subarray(0, length), frame.length), `first ${length} bytes`).toBe('cut_by_snap_length')
  }
})
