import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../../src/bytes/outcome.ts'
import { type ClientHello, emptyHello, readClientHello } from '../../../src/protocol/tls/client-hello.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { extensionOf, helloMessage, openSslHello, prefixed, serverNames } from '../../support/hello.ts'
import { fuzz } from '../../support/random.ts'

/** The hello and where it ends, or the outcome. */
function read(input: Uint8Array): { next: number; hello: ClientHello } | number {
  return parseTwice(input, (bytes, start, end) => {
    const hello = emptyHello()
    const next = readClientHello(bytes, start, end, hello)
    return next < 0 ? next : { next: next - start, hello }
  })
}

const WITHOUT_RECORD = 5
const OPENSSL = (await openSslHello()).subarray(WITHOUT_RECORD)

test('client hello: what OpenSSL sent', () => {
  expect(read(OPENSSL)).toMatchObject({
    next: OPENSSL.length,
    hello: { serverName: 'www.example.com', alpn: ['h2', 'http/1.1'], versions: [0x0304, 0x0303] },
  })
  const { hello } = read(OPENSSL) as { hello: ClientHello }
  expect(hello.cipherSuites.slice(0, 3)).toEqual([0x1302, 0x1303, 0x1301])
  expect(hello.extensions).toEqual(expect.arrayContaining([0, 10, 11, 13, 16, 43, 45, 51]))
  expect(hello.extensions.length).toBe(new Set(hello.extensions).size)
})

test('client hello: what OpenSSL sent without a name', async () => {
  expect(read((await openSslHello('', [])).subarray(WITHOUT_RECORD))).toMatchObject({
    hello: { serverName: '', alpn: [] },
  })
})

test('client hello: every prefix needs more', () => {
  for (let length = 0; length < OPENSSL.length; length++) {
    expect(read(OPENSSL.subarray(0, length)), `first ${length} bytes`).toBe(NEED_MORE)
  }
})

test('client hello: what follows it is not read', () => {
  expect(read(Buffer.concat([OPENSSL, Buffer.alloc(9, 0xff)]))).toMatchObject({ next: OPENSSL.length })
})

const NAME = serverNames('a.example')
const nameList = (data: string): Uint8Array[] => [extensionOf(0, hex(data))]

const stories: Array<{ name: string; input: Uint8Array; want: number | Partial<ClientHello> }> = [
  {
    name: 'no extensions, not even their length (TLS 1.0)',
    input: helloMessage({ extensions: null }),
    want: { serverName: '', extensions: [], versions: [0x0303] },
  },
  {
    name: 'extensions of length 0',
    input: helloMessage(),
    want: { serverName: '', extensions: [], versions: [0x0303] },
  },
  { name: 'a name', input: helloMessage({ extensions: [NAME] }), want: { serverName: 'a.example', extensions: [0] } },
  {
    name: 'extensions that nobody knows are facts',
    input: helloMessage({
      extensions: [extensionOf(0xfe0d, Buffer.alloc(99)), extensionOf(0x0a0a, Buffer.alloc(0)), NAME],
    }),
    want: { serverName: 'a.example', extensions: [0xfe0d, 0x0a0a, 0] },
  },
  {
    name: 'two names in the list: the first one',
    input: helloMessage({ extensions: [serverNames('a.example', 'b.example')] }),
    want: { serverName: 'a.example' },
  },
  {
    name: 'the extension twice: the first name',
    input: helloMessage({ extensions: [NAME, serverNames('b.example')] }),
    want: { serverName: 'a.example', extensions: [0, 0] },
  },
  { name: 'an empty name', input: helloMessage({ extensions: [serverNames('')] }), want: { serverName: '' } },
  {
    name: 'an empty name and one behind it',
    input: helloMessage({ extensions: [serverNames('', 'b.example')] }),
    want: { serverName: 'b.example' },
  },
  { name: 'an empty list of names', input: helloMessage({ extensions: [serverNames()] }), want: { serverName: '' } },
  {
    name: 'an extension without even a list, as a server answers',
    input: helloMessage({ extensions: [extensionOf(0, Buffer.alloc(0))] }),
    want: { serverName: '', extensions: [0] },
  },
  {
    name: 'a name with NUL in it stays as it is',
    input: helloMessage({ extensions: [serverNames('good.example\0.evil.example')] }),
    want: { serverName: 'good.example\0.evil.example' },
  },
  {
    name: 'a name with bytes above ASCII, an escape and a quote',
    input: helloMessage({ extensions: [serverNames('\xff\x1b[2J"\n')] }),
    want: { serverName: '\xff\x1b[2J"\n' },
  },
  {
    name: 'a name of 16 KiB',
    input: helloMessage({ extensions: [serverNames('x'.repeat(16_000))] }),
    want: { serverName: 'x'.repeat(16_000) },
  },
  {
    name: 'a name of a type that nobody knows',
    input: helloMessage({ extensions: nameList('0006 01 0003 616263') }),
    want: { serverName: '' },
  },
  {
    name: 'and a host name behind it',
    input: helloMessage({ extensions: nameList('000a 01 0002 6161 00 0002 6262') }),
    want: { serverName: 'bb' },
  },
  {
    name: 'a name longer than its list',
    input: helloMessage({ extensions: nameList('0005 00 0003 6162') }),
    want: MALFORMED_LENGTH,
  },
  {
    name: 'a list longer than its extension',
    input: helloMessage({ extensions: nameList('0007 00 0003 616263') }),
    want: MALFORMED_LENGTH,
  },
  { name: 'a list of one byte', input: helloMessage({ extensions: nameList('0001 00') }), want: MALFORMED_LENGTH },
  {
    name: 'bytes behind the list are let be',
    input: helloMessage({ extensions: nameList('0006 00 0003 616263 ff') }),
    want: { serverName: 'abc' },
  },
  {
    name: 'an extension longer than all extensions',
    input: helloMessage({ extensions: [hex('0010 0003 0001')] }),
    want: MALFORMED_LENGTH,
  },
  { name: 'half a type', input: helloMessage({ extensions: [NAME, hex('00')] }), want: MALFORMED_LENGTH },
  {
    name: 'ALPN',
    input: helloMessage({
      extensions: [extensionOf(16, prefixed(2, prefixed(1, Buffer.from('h3')), prefixed(1, Buffer.of(0xff))))],
    }),
    want: { alpn: ['h3', '\xff'] },
  },
  {
    name: 'ALPN whose names leave their list',
    input: helloMessage({ extensions: [extensionOf(16, hex('0003 09 6832'))] }),
    want: MALFORMED_LENGTH,
  },
  {
    name: 'versions, with one that means nothing',
    input: helloMessage({ extensions: [extensionOf(43, hex('06 aaaa 0304 0303'))] }),
    want: { versions: [0xaaaa, 0x0304, 0x0303] },
  },
  {
    name: 'an empty list of versions',
    input: helloMessage({ extensions: [extensionOf(43, hex('00'))] }),
    want: { versions: [0x0303] },
  },
  {
    name: 'an odd number of bytes of versions',
    input: helloMessage({ extensions: [extensionOf(43, hex('03 0304 03'))] }),
    want: MALFORMED_LENGTH,
  },
  { name: 'no cipher suites', input: helloMessage({ cipherSuites: Buffer.alloc(0) }), want: { cipherSuites: [] } },
  {
    name: 'an odd number of bytes of cipher suites',
    input: helloMessage({ cipherSuites: hex('1301 13') }),
    want: MALFORMED_LENGTH,
  },
  { name: 'a server hello', input: helloMessage({ type: 2 }), want: MALFORMED_VALUE },
  { name: 'another type before the length is there', input: hex('02 00 00'), want: NEED_MORE },
  { name: 'an empty body', input: hex('01 000000'), want: MALFORMED_LENGTH },
  { name: 'a body of one byte', input: hex('01 000001 03'), want: MALFORMED_LENGTH },
  {
    name: 'a session id that leaves the body',
    input: hex(`01 000023 0303 ${'00'.repeat(32)} 20`),
    want: MALFORMED_LENGTH,
  },
  { name: 'no compression methods', input: hex(`01 000025 0303 ${'00'.repeat(32)} 00 0000`), want: MALFORMED_LENGTH },
  {
    name: 'as little as there can be',
    input: hex(`01 000026 0303 ${'00'.repeat(32)} 00 0000 00`),
    want: { cipherSuites: [], extensions: [], versions: [0x0303] },
  },
  { name: 'the longest length', input: hex('01 ffffff 0303'), want: NEED_MORE },
]

for (const { name, input, want } of stories) {
  test(`client hello: ${name}`, () => {
    const got = read(input)
    if (typeof want === 'number') expect(got).toBe(want)
    else expect(got).toMatchObject({ next: input.length, hello: want })
  })
}

test('client hello: any damage gives an outcome, inside the input', () => {
  const met = { read: 0, [MALFORMED_LENGTH]: 0, [NEED_MORE]: 0, [MALFORMED_VALUE]: 0 }
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(OPENSSL.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (damage, early) => {
        const damaged = Buffer.from(OPENSSL)
        for (const [at, value] of damage) damaged[early ? at % 90 : at] = value
        const got = read(damaged)
        met[(typeof got === 'number' ? got : 'read') as keyof typeof met]++
      },
    ),
    fuzz(3000),
  )
  for (const [outcome, times] of Object.entries(met)) expect(times, outcome).toBeGreaterThan(5)
})
