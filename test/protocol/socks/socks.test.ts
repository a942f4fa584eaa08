/** SOCKS: what clients send before their tunnel, and what others send that looks like it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import { emptySocksRequest, looksLikeSocks, readSocks } from '../../../src/protocol/socks/socks.ts'
import { readSocksReply } from '../../../src/protocol/socks/socks-reply.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'

function read(input: Uint8Array) {
  return parseTwice(input, (bytes, start, end) => {
    const request = emptySocksRequest()
    const next = readSocks(bytes, start, end, request)
    if (next === NEED_MORE) expect(request.wantedBytes).toBeGreaterThan(end - start)
    if (next < 0) return next
    const { wantedBytes: _, ...rest } = request
    return { next: next - start, ...rest }
  })
}

const text = (value: string): string => Buffer.from(value, 'latin1').toString('hex')
const NAME = `03 10 ${text('chat.example.org')}`

const GREETING = '05 01 00'
const REQUEST = `05 01 00 ${NAME} 01bb`

const stories = [
  {
    name: '5, no password, a name',
    bytes: `${GREETING} ${REQUEST}`,
    want: { version: 5, command: 1, user: '', host: 'chat.example.org', isName: true, port: 443 },
  },
  {
    name: '5, IPv4, BIND',
    bytes: `${GREETING} 05 02 00 01 c0000201 0050`,
    want: { version: 5, command: 2, user: '', host: '192.0.2.1', isName: false, port: 80 },
  },
  {
    name: '5, IPv6, UDP ASSOCIATE, several methods',
    bytes: '05 03 000102 05 03 00 04 20010db8000000000000000000000001 0000',
    want: { version: 5, command: 3, user: '', host: '2001:db8::1', isName: false, port: 0 },
  },
  {
    name: '5, a password was asked for',
    bytes: `05 02 0002 01 03 ${text('bob')} 06 ${text('secret')} ${REQUEST}`,
    want: { version: 5, command: 1, user: 'bob', host: 'chat.example.org', isName: true, port: 443 },
  },
  {
    name: '5, an empty user and password',
    bytes: `05 01 02 01 00 00 ${REQUEST}`,
    want: { version: 5, command: 1, user: '', host: 'chat.example.org', isName: true, port: 443 },
  },
  {
    name: '5, GSSAPI offered and not chosen',
    bytes: `05 02 0001 ${REQUEST}`,
    want: { version: 5, command: 1, user: '', host: 'chat.example.org', isName: true, port: 443 },
  },
  {
    name: "5, Tor's question for a name",
    bytes: `${GREETING} 05 f0 00 ${NAME} 0000`,
    want: { version: 5, command: 0xf0, user: '', host: 'chat.example.org', isName: true, port: 0 },
  },
  {
    name: '5, a name of control bytes: kept as sent',
    bytes: `${GREETING} 05 01 00 03 04 1b5b324a 0050`,
    want: { version: 5, command: 1, user: '', host: '\x1b[2J', isName: true, port: 80 },
  },
  {
    name: '4',
    bytes: `04 01 0050 c0000201 ${text('bob')} 00`,
    want: { version: 4, command: 1, user: 'bob', host: '192.0.2.1', isName: false, port: 80 },
  },
  {
    name: '4 without a user',
    bytes: '04 02 0050 c0000201 00',
    want: { version: 4, command: 2, user: '', host: '192.0.2.1', isName: false, port: 80 },
  },
  {
    name: '4a',
    bytes: `04 01 01bb 000000ff ${text('me')} 00 ${text('chat.example.org')} 00`,
    want: { version: 4, command: 1, user: 'me', host: 'chat.example.org', isName: true, port: 443 },
  },
  {
    name: '4 to 0.0.0.0 is an address',
    bytes: '04 02 0001 00000000 00',
    want: { version: 4, command: 2, user: '', host: '0.0.0.0', isName: false, port: 1 },
  },
]

describe('socks', () => {
  test.each(stories)('$name', ({ bytes, want }) => {
    const input = hex(bytes)
    const tunnel = Buffer.concat([input, hex('160301')])
    expect(read(input)).toEqual({ next: input.length, ...want })
    expect(read(tunnel)).toEqual({ next: input.length, ...want })
  })

  test.each(stories)('$name: each beginning looks like it and needs more', ({ bytes }) => {
    const input = hex(bytes)
    expect(read(new Uint8Array(0))).toBe(NEED_MORE)
    for (let length = 1; length <= input.length; length++) {
      expect(parseTwice(input.subarray(0, length), looksLikeSocks), `first ${length} bytes look`).toBe(true)
      if (length < input.length) expect(read(input.subarray(0, length)), `first ${length} bytes`).toBe(NEED_MORE)
    }
  })

  test.each([
    { name: 'TLS', bytes: '160301', want: MALFORMED_VALUE },
    { name: '5 without methods', bytes: '0500', want: MALFORMED_LENGTH },
    { name: '5, then nothing of SOCKS', bytes: `${GREETING} 160301`, want: MALFORMED_VALUE },
    { name: '5, a password that was not offered', bytes: `${GREETING} 01 01 61 01 61`, want: MALFORMED_VALUE },
    { name: '5, GSSAPI', bytes: '05 01 01 01 01 0002 ffff', want: UNSUPPORTED },
    { name: '5, a private method', bytes: '05 01 80 77', want: UNSUPPORTED },
    { name: '5, an unknown command', bytes: `${GREETING} 05 04 00 ${NAME} 0050`, want: MALFORMED_VALUE },
    { name: '5, a reserved byte that is set', bytes: `${GREETING} 05 01 01 ${NAME} 0050`, want: MALFORMED_VALUE },
    { name: '5, an unknown kind of address', bytes: `${GREETING} 05 01 00 02 00000000 0050`, want: MALFORMED_VALUE },
    { name: '5, a name of no bytes', bytes: `${GREETING} 05 01 00 03 00 0050`, want: MALFORMED_LENGTH },
    { name: '4, an unknown command', bytes: '04 03', want: MALFORMED_VALUE },
    { name: '4, a user without end', bytes: `04 01 0050 c0000201 ${'61'.repeat(300)}`, want: LIMIT_REACHED },
    { name: '4, a user of one byte too many', bytes: `04 01 0050 c0000201 ${'61'.repeat(256)}`, want: LIMIT_REACHED },
    { name: '4, a user that may still end', bytes: `04 01 0050 c0000201 ${'61'.repeat(255)}`, want: NEED_MORE },
    { name: '4a, a name without end', bytes: `04 01 0050 00000001 00 ${'61'.repeat(300)}`, want: LIMIT_REACHED },
    { name: '4a, a name of no bytes', bytes: '04 01 0050 00000001 00 00', want: MALFORMED_LENGTH },
  ])('refused: $name', ({ bytes, want }) => expect(read(hex(bytes))).toBe(want))

  test.each([
    { name: 'nothing', bytes: '' },
    { name: 'TLS', bytes: '16030100' },
    { name: 'a 5 with no methods', bytes: '0500' },
    { name: 'a 5 with too many methods', bytes: '0520' },
    { name: 'a method twice', bytes: '05 02 0000' },
    { name: 'the method that means none', bytes: '05 01 ff' },
    { name: 'something else behind the methods', bytes: '05 01 00 16' },
    { name: 'a 4 with another command', bytes: '0405' },
    { name: 'a 4 to port 0', bytes: '04 01 0000' },
    { name: 'a 4 whose user is no text', bytes: '04 01 0050 c0000201 01' },
    { name: 'MQTT, SMB, DNS over TCP', bytes: '0008' },
  ])('does not look like it: $name', ({ bytes }) => expect(parseTwice(hex(bytes), looksLikeSocks)).toBe(false))

  test('any damage, and any bytes, give an outcome, inside the input', () => {
    let accepted = 0
    let refused = 0
    const wholes = stories.map(({ bytes }) => hex(bytes))
    fc.assert(
      fc.property(fc.constantFrom(...wholes), fc.nat(), fc.nat(255), (whole, at, value) => {
        const damaged = Uint8Array.from(whole)
        damaged[at % whole.length] = value
        const got = read(damaged)
        if (typeof got === 'object') accepted++
        else refused++
        parseTwice(damaged, looksLikeSocks)
      }),
      fuzz(2000),
    )
    expect(Math.min(accepted, refused), `${accepted} accepted, ${refused} refused`).toBeGreaterThan(100)
    fc.assert(
      fc.property(fc.constantFrom(4, 5), fc.uint8Array({ maxLength: 40 }), (version, rest) => {
        const input = Uint8Array.of(version, ...rest)
        const got = read(input)
        if (typeof got === 'object') expect(got.next).toBeLessThanOrEqual(input.length)
      }),
      fuzz(2000),
    )
  })
})

describe('socks reply', () => {
  const replyTo = (version: number, bytes: string) =>
    parseTwice(hex(bytes), (arena, start, end) => {
      const out = { granted: true, code: 0 }
      const next = readSocksReply(arena, start, end, version, out)
      return { next: next < 0 ? next : next - start, ...out }
    })

  const ADDRESS = '01 c0000201 0050'
  test.each([
    { name: '5 granted', version: 5, bytes: `0500 050000 ${ADDRESS}`, want: { next: 12, granted: true, code: 0 } },
    {
      name: '5 granted, with a name',
      version: 5,
      bytes: '0500 050000 03 01 61 0050',
      want: { next: 10, granted: true, code: 0 },
    },
    {
      name: '5 refused by rule',
      version: 5,
      bytes: `0500 050200 ${ADDRESS}`,
      want: { next: 12, granted: false, code: 2 },
    },
    {
      name: '5 after a password',
      version: 5,
      bytes: `0502 0100 050000 ${ADDRESS}`,
      want: { next: 14, granted: true, code: 0 },
    },
    { name: '5 wrong password', version: 5, bytes: '0502 0101', want: { next: 4, granted: false, code: -1 } },
    { name: '5 no method', version: 5, bytes: '05ff', want: { next: 2, granted: false, code: -1 } },
    { name: '5 GSSAPI', version: 5, bytes: '0501', want: { next: UNSUPPORTED, granted: false, code: -1 } },
    { name: '5 not SOCKS', version: 5, bytes: '4854', want: { next: MALFORMED_VALUE, granted: false, code: -1 } },
    {
      name: '5 not a reply',
      version: 5,
      bytes: '0500 160301',
      want: { next: MALFORMED_VALUE, granted: false, code: -1 },
    },
    {
      name: '5 not a password reply',
      version: 5,
      bytes: '0502 0200',
      want: { next: MALFORMED_VALUE, granted: false, code: -1 },
    },
    { name: '5 half', version: 5, bytes: '0500 050000 01', want: { next: NEED_MORE, granted: false, code: -1 } },
    { name: '4 granted', version: 4, bytes: '005a 0000 00000000', want: { next: 8, granted: true, code: 90 } },
    { name: '4 refused', version: 4, bytes: '005b 0000 00000000', want: { next: 8, granted: false, code: 91 } },
    { name: '4 half', version: 4, bytes: '005a 00', want: { next: NEED_MORE, granted: false, code: -1 } },
    {
      name: '4 not SOCKS',
      version: 4,
      bytes: '0060 0000 00000000',
      want: { next: MALFORMED_VALUE, granted: false, code: -1 },
    },
    { name: 'nothing', version: 4, bytes: '', want: { next: NEED_MORE, granted: false, code: -1 } },
  ])('$name', ({ version, bytes, want }) => expect(replyTo(version, bytes)).toEqual(want))
})
