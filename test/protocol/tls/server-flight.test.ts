import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../../src/bytes/outcome.ts'
import { emptyHello } from '../../../src/protocol/tls/client-hello.ts'
import { readHelloRecords } from '../../../src/protocol/tls/record.ts'
import {
  emptyFlight,
  isResumed,
  readServerFlight,
  SERVER_FLIGHT_BYTES_MAX,
  type ServerFlight,
} from '../../../src/protocol/tls/server-flight.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { extensionOf, prefixed } from '../../support/hello.ts'
import { fuzz } from '../../support/random.ts'
import { type Exchange, exchange } from './handshake.ts'
import { derOf, LEAF, ROOT } from './material.ts'

function read(input: Uint8Array): { outcome: number; flight: ServerFlight } {
  return parseTwice(input, (bytes, start, end) => {
    const flight = emptyFlight()
    const outcome = readServerFlight(bytes, start, end, flight)
    return { outcome: outcome < 0 ? outcome : outcome - start, flight }
  })
}

function clientSessionId({ client }: Exchange): string {
  const hello = emptyHello()
  expect(readHelloRecords(client, 0, client.length, hello)).toBeGreaterThan(0)
  return hello.sessionId
}

const TLS12 = await exchange({ version: 'TLSv1.2' })
const TLS13 = await exchange({ version: 'TLSv1.3' })
const SUITE_12 = 0xc02b // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, OpenSSL's choice for the key in LEAF

describe('what OpenSSL answers', () => {
  test('TLS 1.2: hello, certificate and chain', () => {
    const { outcome, flight } = read(TLS12.server)
    const leaf = new X509Certificate(LEAF)
    expect(outcome).toBeGreaterThan(500)
    expect(flight).toMatchObject({ chainLength: 2, alert: undefined, isAbbreviated: false, wasRetried: false })
    expect(flight.hello).toMatchObject({ version: 0x0303, alpn: 'h2', isRetry: false })
    expect(flight.hello!.cipherSuite >> 8).toBe(SUITE_12 >> 8)
    expect(flight.certificate!.fingerprint).toBe(leaf.fingerprint.toLowerCase())
    expect(flight.certificate!.dnsNames).toEqual(['api.example.org', '*.example.org'])
    expect(isResumed(flight, clientSessionId(TLS12))).toBe(false)
  })

  test('TLS 1.2: an earlier session goes on', async () => {
    const again = await exchange({ version: 'TLSv1.2', session: TLS12.session! })
    const { outcome, flight } = read(again.server)
    expect(outcome).toBeGreaterThan(0)
    expect(flight).toMatchObject({ certificate: undefined, chainLength: 0 })
    expect(isResumed(flight, clientSessionId(again))).toBe(true)
  })

  test('TLS 1.3: hello alone, for all else is encrypted', () => {
    const { flight } = read(TLS13.server)
    expect(flight.hello).toMatchObject({ version: 0x0304, alpn: '', hasPsk: false, isRetry: false })
    expect([0x1301, 0x1302, 0x1303]).toContain(flight.hello!.cipherSuite)
    expect(flight.hello!.group).toBeGreaterThan(0)
    expect(flight).toMatchObject({ certificate: undefined, chainLength: 0, wasRetried: false })
    expect(isResumed(flight, clientSessionId(TLS13))).toBe(false) // although the session id is repeated
    expect(flight.hello!.sessionId).toBe(clientSessionId(TLS13))
  })

  test('TLS 1.3: an earlier session goes on', async () => {
    const again = await exchange({ version: 'TLSv1.3', session: TLS13.session! })
    const { flight } = read(again.server)
    expect(flight.hello).toMatchObject({ version: 0x0304, hasPsk: true })
    expect(isResumed(flight, '')).toBe(true)
  })

  test('TLS 1.3: HelloRetryRequest, then the hello', async () => {
    const { server } = await exchange({ version: 'TLSv1.3', group: 'P-384' })
    const whole = read(server)
    expect(whole.flight).toMatchObject({ wasRetried: true, hello: { isRetry: false, group: 24, version: 0x0304 } })
    const retryEnd = 5 + server.readUInt16BE(3)
    const retry = read(server.subarray(0, retryEnd))
    expect(retry.outcome).toBe(NEED_MORE)
    expect(retry.flight).toMatchObject({ wasRetried: true, hello: { isRetry: true, version: 0x0304 } })
    expect(isResumed(retry.flight, '')).toBe(false)
  })

  test('a refusal is an answer', async () => {
    const { server } = await exchange({ version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })
    const { outcome, flight } = read(server)
    expect(outcome).toBe(7)
    expect(flight).toMatchObject({ hello: undefined, alert: { isFatal: true, description: 40 } })
  })
})

const record = (type: number, fragment: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(type, 3, 3), prefixed(2, fragment)])
const message = (type: number, body: Uint8Array): Buffer => Buffer.concat([Buffer.of(type), prefixed(3, body)])
const hello = (version = '0303', extensions: Uint8Array[] = []): Buffer =>
  message(2, Buffer.concat([hex(version), Buffer.alloc(32, 1), hex('01 aa c02b 00'), prefixed(2, ...extensions)]))
const certificates = (...list: Uint8Array[]): Buffer =>
  message(11, prefixed(3, ...list.map((certificate) => prefixed(3, certificate))))
const leaf = derOf(LEAF)
const CCS = record(20, Buffer.of(1))

const stories: Array<{ name: string; input: Uint8Array; outcome: number | 'ok'; flight?: object }> = [
  { name: 'nothing', input: hex(''), outcome: NEED_MORE },
  { name: 'HTTP', input: Buffer.from('HTTP/1.1 400 Bad Request\r\n'), outcome: MALFORMED_VALUE },
  { name: 'encrypted data before a hello', input: record(23, Buffer.alloc(40)), outcome: MALFORMED_VALUE },
  { name: 'a client hello', input: record(22, message(1, Buffer.alloc(40))), outcome: MALFORMED_VALUE },
  { name: 'a certificate before a hello', input: record(22, certificates(leaf)), outcome: MALFORMED_VALUE },
  {
    name: 'a warning, then the hello and the rest in one record',
    input: Buffer.concat([record(21, hex('01 70')), record(22, Buffer.concat([hello(), certificates(leaf)]))]),
    outcome: 'ok',
    flight: { alert: { isFatal: false, description: 112 }, chainLength: 1, hello: { cipherSuite: 0xc02b } },
  },
  {
    name: 'a hello, then it refuses',
    input: Buffer.concat([record(22, hello()), record(21, hex('02 28'))]),
    outcome: 'ok',
    flight: { alert: { isFatal: true, description: 40 }, hello: { version: 0x0303 } },
  },
  {
    name: 'a hello request comes first',
    input: record(22, Buffer.concat([message(0, Buffer.alloc(0)), hello(), certificates()])),
    outcome: 'ok',
    flight: { chainLength: 0, certificate: undefined },
  },
  {
    name: 'a key exchange without a certificate',
    input: record(22, Buffer.concat([hello(), message(12, Buffer.alloc(9))])),
    outcome: 'ok',
    flight: { chainLength: 0, isAbbreviated: false },
  },
  {
    name: 'an earlier session goes on',
    input: Buffer.concat([record(22, hello()), CCS]),
    outcome: 'ok',
    flight: { isAbbreviated: true },
  },
  {
    name: 'change of ciphers before the hello',
    input: Buffer.concat([CCS, CCS, record(22, hello())]),
    outcome: NEED_MORE,
  },
  {
    name: 'a leaf that is no certificate still counts',
    input: record(22, Buffer.concat([hello(), certificates(Buffer.alloc(30, 0x30), leaf)])),
    outcome: 'ok',
    flight: { chainLength: 2, certificate: undefined },
  },
  {
    name: 'a chain whose lengths do not fit keeps the leaf',
    input: record(22, Buffer.concat([hello(), message(11, prefixed(3, prefixed(3, leaf), hex('0000ff 00')))])),
    outcome: MALFORMED_LENGTH,
    flight: { chainLength: 0, certificate: { commonName: 'api.example.org' } },
  },
  {
    name: 'a leaf longer than its list',
    input: record(22, Buffer.concat([hello(), message(11, prefixed(3, hex('00ffff'), leaf))])),
    outcome: MALFORMED_LENGTH,
    flight: { certificate: undefined },
  },
  {
    name: 'the leaf is whole and the chain is not there yet',
    input: record(22, Buffer.concat([hello(), certificates(leaf, derOf(ROOT)).subarray(0, 20 + leaf.length)])),
    outcome: NEED_MORE,
    flight: { chainLength: 0, certificate: { commonName: 'api.example.org' } },
  },
  {
    name: 'a message that claims 16 MiB',
    input: record(22, Buffer.concat([hello(), hex('16 ffffff 00')])),
    outcome: LIMIT_REACHED,
    flight: { hello: { version: 0x0303 } },
  },
  {
    name: 'certificates that claim 16 MiB, the leaf not there yet: it is waited for',
    input: record(22, Buffer.concat([hello(), hex('0b ffffff fffffc'), prefixed(3, leaf).subarray(0, 99)])),
    outcome: NEED_MORE,
    flight: { certificate: undefined },
  },
  {
    name: 'certificates that claim 16 MiB: the leaf is read, the rest is not waited for',
    input: record(22, Buffer.concat([hello(), hex('0b ffffff fffffc'), prefixed(3, leaf), Buffer.alloc(9)])),
    outcome: LIMIT_REACHED,
    flight: { certificate: { commonName: 'api.example.org' } },
  },
  {
    name: 'half a hello in a whole message',
    input: record(22, message(2, Buffer.alloc(20))),
    outcome: MALFORMED_LENGTH,
  },
  {
    name: 'an extension that leaves the hello',
    input: record(22, hello('0303', [hex('0010 0009 00')])),
    outcome: MALFORMED_LENGTH,
  },
  {
    name: 'ALPN that makes no sense is no protocol',
    input: record(22, Buffer.concat([hello('0303', [extensionOf(16, hex('0009 08 68'))]), certificates(leaf)])),
    outcome: 'ok',
    flight: { hello: { alpn: '', extensions: [16] } },
  },
  {
    name: 'TLS 1.3 by its extension',
    input: record(22, hello('0303', [extensionOf(43, hex('0304'))])),
    outcome: 'ok',
    flight: { hello: { version: 0x0304 } },
  },
  {
    name: 'a draft of TLS 1.3, without a session id',
    input: record(22, message(2, Buffer.concat([hex('7f12'), Buffer.alloc(32, 1), hex('1301'), prefixed(2)]))),
    outcome: 'ok',
    flight: { hello: { version: 0x7f12, cipherSuite: 0x1301, sessionId: '' } },
  },
  {
    name: 'SSL 3.0 without extensions',
    input: record(
      22,
      Buffer.concat([
        message(2, Buffer.concat([hex('0300'), Buffer.alloc(32), hex('00 0005 00')])),
        certificates(leaf),
      ]),
    ),
    outcome: 'ok',
    flight: { hello: { version: 0x0300, cipherSuite: 5 } },
  },
]

describe('server flight', () => {
  test.each(stories)('$name', ({ input, outcome, flight = {} }) => {
    const got = read(input)
    if (outcome === 'ok') expect(got.outcome).toBeGreaterThan(0)
    else expect(got.outcome).toBe(outcome)
    expect(got.flight).toMatchObject(flight)
  })

  test('more handshake than is kept', () => {
    const big = record(22, Buffer.concat([hello(), hex('0b ffffff fffffc 00fff0'), Buffer.alloc(16_000, 0x30)]))
    const rest = Array.from({ length: 4 }, () => record(22, Buffer.alloc(16_384, 0x30)))
    expect(read(Buffer.concat([big, ...rest])).outcome).toBe(LIMIT_REACHED)
    expect(SERVER_FLIGHT_BYTES_MAX).toBe(65_536)
  })

  test('every prefix gives what it has, and says honestly how much more is wanted', () => {
    const { outcome } = read(TLS12.server)
    let certificateAt = 0
    for (let length = 0; length < outcome; length++) {
      const got = read(TLS12.server.subarray(0, length))
      if (got.outcome !== NEED_MORE) {
        expect(got.flight.chainLength, `first ${length} bytes`).toBe(2)
        continue
      }
      if (got.flight.certificate && certificateAt === 0) certificateAt = length
      expect(got.flight.wantedBytes, `first ${length} bytes`).toBeGreaterThan(length)
      expect(got.flight.wantedBytes, `first ${length} bytes`).toBeLessThanOrEqual(TLS12.server.length)
    }
    expect(certificateAt).toBeGreaterThan(leaf.length)
    expect(certificateAt).toBeLessThan(outcome)
  })

  test('however the messages are cut over records, the facts are the same', () => {
    const messages = Buffer.concat([
      hello('0303', [extensionOf(16, hex('0003 02 6832'))]),
      certificates(leaf, derOf(ROOT)),
    ])
    const { wantedBytes: _, ...whole } = read(record(22, messages)).flight
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 }), (lengths) => {
        const records: Buffer[] = []
        for (let at = 0, i = 0; at < messages.length; i++) {
          const length = i >= 200 ? messages.length : lengths[i % lengths.length]!
          records.push(record(22, messages.subarray(at, at + length)))
          at += length
        }
        const { outcome, flight } = read(Buffer.concat(records))
        const { wantedBytes: _, ...facts } = flight
        expect(outcome).toBeGreaterThan(0)
        expect(facts).toEqual(whole)
      }),
      fuzz(300),
    )
  })

  test('any damage gives an outcome inside the input', () => {
    const met = new Map<number, number>()
    fc.assert(
      fc.property(fc.nat(TLS12.server.length - 1), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(TLS12.server)
        damaged[at] = value
        const { outcome } = read(damaged)
        const kind = Math.min(outcome, 0)
        met.set(kind, (met.get(kind) ?? 0) + 1)
        expect(outcome).toBeLessThanOrEqual(damaged.length)
      }),
      fuzz(1500),
    )
    expect(met.get(0)).toBeGreaterThan(300)
    expect(met.size).toBeGreaterThan(2)
  })
})
