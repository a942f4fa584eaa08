/** PROXY headers: both versions, and what strangers can put there. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import {
  emptyProxyHeader,
  looksLikeProxyProtocol,
  readProxyHeader,
} from '../../../src/protocol/proxy/proxy-protocol.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'

function read(input: Uint8Array) {
  return parseTwice(input, (bytes, start, end) => {
    const header = emptyProxyHeader()
    const next = readProxyHeader(bytes, start, end, header)
    if (next === NEED_MORE) expect(header.wantedBytes).toBeGreaterThan(end - start)
    if (next < 0) return next
    const { wantedBytes: _, ...rest } = header
    return { next: next - start, ...rest }
  })
}

const line = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const SIGNATURE = '0d0a0d0a000d0a515549540a'
const NOTHING = { sourceIp: '', sourcePort: 0, targetIp: '', targetPort: 0, authority: '', alpn: '' }
const IPV4 = 'c0000201 c6336401 1092 01bb'

const stories = [
  {
    name: '1, IPv4',
    input: line('PROXY TCP4 192.0.2.1 198.51.100.1 4242 443\r\n'),
    want: {
      ...NOTHING,
      version: 1,
      isLocal: false,
      sourceIp: '192.0.2.1',
      sourcePort: 4242,
      targetIp: '198.51.100.1',
      targetPort: 443,
    },
  },
  {
    name: '1, IPv6, written at length',
    input: line('PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::ffff:192.0.2.1 0 65535\r\n'),
    want: {
      ...NOTHING,
      version: 1,
      isLocal: false,
      sourceIp: '2001:db8::1',
      sourcePort: 0,
      targetIp: '::ffff:c000:201',
      targetPort: 65535,
    },
  },
  { name: '1, unknown', input: line('PROXY UNKNOWN\r\n'), want: { ...NOTHING, version: 1, isLocal: true } },
  {
    name: '1, unknown, with words',
    input: line('PROXY UNKNOWN ff:: x y z 1 2 3\r\n'),
    want: { ...NOTHING, version: 1, isLocal: true },
  },
  {
    name: '2, IPv4, with the name and the protocol',
    input: hex(`${SIGNATURE} 21 11 0024 ${IPV4} 02 0010 636861742e6578616d706c652e6f7267 01 0002 6832`),
    want: {
      ...{
        version: 2,
        isLocal: false,
        sourceIp: '192.0.2.1',
        sourcePort: 4242,
        targetIp: '198.51.100.1',
        targetPort: 443,
      },
      ...{ authority: 'chat.example.org', alpn: 'h2' },
    },
  },
  {
    name: '2, IPv6, with an unknown value',
    input: hex(
      `${SIGNATURE} 21 21 0028 20010db8000000000000000000000001 20010db8000000000000000000000002 1092 01bb ea 0001 ff`,
    ),
    want: {
      ...NOTHING,
      version: 2,
      isLocal: false,
      sourceIp: '2001:db8::1',
      sourcePort: 4242,
      targetIp: '2001:db8::2',
      targetPort: 443,
    },
  },
  { name: '2, local', input: hex(`${SIGNATURE} 20 00 0000`), want: { ...NOTHING, version: 2, isLocal: true } },
  {
    name: '2, local, with addresses that mean nothing',
    input: hex(`${SIGNATURE} 20 11 000c ${IPV4}`),
    want: { ...NOTHING, version: 2, isLocal: true },
  },
  {
    name: '2, a socket of Unix and a name',
    input: hex(`${SIGNATURE} 21 31 00dc ${'00'.repeat(216)} 02 0001 61`),
    want: { ...NOTHING, version: 2, isLocal: true, authority: 'a' },
  },
  {
    name: '2, two names: the first counts',
    input: hex(`${SIGNATURE} 21 11 0014 ${IPV4} 02 0001 61 02 0001 62`),
    want: {
      ...NOTHING,
      version: 2,
      isLocal: false,
      sourceIp: '192.0.2.1',
      sourcePort: 4242,
      targetIp: '198.51.100.1',
      targetPort: 443,
      authority: 'a',
    },
  },
]

describe('PROXY protocol', () => {
  test.each(stories)('$name', ({ input, want }) => {
    expect(read(input)).toEqual({ next: input.length, ...want })
    expect(read(Buffer.concat([input, Buffer.from('GET / ')]))).toEqual({ next: input.length, ...want })
  })

  test.each(stories)('$name: each beginning looks like it and needs more', ({ input }) => {
    expect(read(new Uint8Array(0))).toBe(NEED_MORE)
    for (let length = 1; length < input.length; length++) {
      expect(read(input.subarray(0, length)), `first ${length} bytes`).toBe(NEED_MORE)
      expect(parseTwice(input.subarray(0, length), looksLikeProxyProtocol)).toBe(true)
    }
  })

  test.each([
    { name: 'nothing of it', input: line('POST / HTTP/1.1\r\n'), want: MALFORMED_VALUE },
    { name: '1, small letters', input: line('proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n'), want: MALFORMED_VALUE },
    { name: '1, a bare line end', input: line('PROXY UNKNOWN\n'), want: MALFORMED_VALUE },
    { name: '1, no address', input: line('PROXY TCP4\r\n'), want: MALFORMED_VALUE },
    { name: '1, IPv6 as IPv4', input: line('PROXY TCP4 ::1 ::1 1 2\r\n'), want: MALFORMED_VALUE },
    {
      name: '1, an address that is none',
      input: line('PROXY TCP4 192.0.2.256 192.0.2.1 1 2\r\n'),
      want: MALFORMED_VALUE,
    },
    { name: '1, a zone', input: line('PROXY TCP6 fe80::1%e th0 1 2\r\n'), want: MALFORMED_VALUE },
    {
      name: '1, a port that is none',
      input: line('PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n'),
      want: MALFORMED_VALUE,
    },
    { name: '1, a port with a sign', input: line('PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n'), want: MALFORMED_VALUE },
    { name: '1, one word too many', input: line('PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n'), want: MALFORMED_VALUE },
    { name: '1, two spaces', input: line('PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n'), want: MALFORMED_VALUE },
    { name: '1, a line without end', input: line(`PROXY UNKNOWN ${'x'.repeat(107)}`), want: LIMIT_REACHED },
    { name: '2, a later version', input: hex(`${SIGNATURE} 31 11 0000`), want: UNSUPPORTED },
    { name: '2, an unknown command', input: hex(`${SIGNATURE} 22 11 0000`), want: MALFORMED_VALUE },
    { name: '2, shorter than its addresses', input: hex(`${SIGNATURE} 21 11 000b ${IPV4}`), want: MALFORMED_LENGTH },
    {
      name: '2, a value longer than the header',
      input: hex(`${SIGNATURE} 21 11 0010 ${IPV4} 02 0002 61`),
      want: MALFORMED_LENGTH,
    },
    { name: '2, half a value', input: hex(`${SIGNATURE} 21 11 000e ${IPV4} 02 00`), want: MALFORMED_LENGTH },
    { name: '2, a header without end', input: hex(`${SIGNATURE} 21 11 ffff`), want: LIMIT_REACHED },
  ])('refused: $name', ({ input, want }) => expect(read(input)).toBe(want))

  test('a header shorter than its addresses gives no address', () => {
    const input = hex(`${SIGNATURE} 21 11 000b ${IPV4}`)
    const header = emptyProxyHeader()
    readProxyHeader(input, 0, input.length, header)
    expect(header).toMatchObject({ sourceIp: '', targetIp: '' })
  })

  test('the longest line there can be', () => {
    const address = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'
    const input = line(`PROXY UNKNOWN ${address} ${address} 65535 65535\r\n`)
    expect(input.length).toBe(107)
    expect(read(input)).toEqual({ next: 107, ...NOTHING, version: 1, isLocal: true })
  })

  test.each(['', 'G', 'PROXIES', 'PROXY\t', '\r\n\r\nGET /'])('does not look like it: %j', (text) => {
    expect(parseTwice(line(text), looksLikeProxyProtocol)).toBe(false)
  })

  test('any damage gives an outcome, inside the input', () => {
    let accepted = 0
    let refused = 0
    fc.assert(
      fc.property(fc.constantFrom(...stories), fc.nat(), fc.nat(255), ({ input }, at, value) => {
        const damaged = Uint8Array.from(input)
        damaged[at % input.length] = value
        const got = read(damaged)
        if (typeof got === 'object') accepted++
        else refused++
        if (typeof got === 'object') expect(got.next).toBeLessThanOrEqual(input.length)
      }),
      fuzz(2000),
    )
    expect(Math.min(accepted, refused), `${accepted} accepted, ${refused} refused`).toBeGreaterThan(100)
  })
})
