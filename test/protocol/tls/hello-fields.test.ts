/** What a hello says beside its name: lists, resumption, encrypted names; and hellos whose end is missing. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../../src/bytes/outcome.ts'
import {
  type ClientHello,
  emptyHello,
  offersResumption,
  readClientHello,
  readPartialClientHello,
} from '../../../src/protocol/tls/client-hello.ts'
import { readHelloRecords, readPartialHello } from '../../../src/protocol/tls/record.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { extensionOf, helloMessage, inRecords, openSslHello, prefixed, serverNames } from '../../support/hello.ts'
import { fuzz } from '../../support/random.ts'
import { exchange } from './handshake.ts'
import { REAL_HELLOS } from './material.ts'

type Reader = (bytes: Uint8Array, start: number, end: number, hello: ClientHello) => number

function readWith(reader: Reader, input: Uint8Array): { outcome: number; hello: ClientHello } {
  return parseTwice(input, (bytes, start, end) => {
    const hello = emptyHello()
    const outcome = reader(bytes, start, end, hello)
    return { outcome: outcome < 0 ? outcome : outcome - start, hello }
  })
}

const message = (...extensions: Uint8Array[]): ClientHello => {
  const { outcome, hello } = readWith(readClientHello, helloMessage({ extensions }))
  expect(outcome).toBeGreaterThan(0)
  return hello
}

describe('lists', () => {
  test('what OpenSSL sends', async () => {
    const { hello } = readWith(readHelloRecords, await openSslHello())
    expect(hello).toMatchObject({ legacyVersion: 0x0303, compressionMethods: [0], pointFormats: [0, 1, 2] })
    expect(hello.groups).toEqual(expect.arrayContaining([29, 23, 24]))
    expect(hello.signatureAlgorithms).toEqual(expect.arrayContaining([0x0403, 0x0804]))
    expect(hello.sessionId.length).toBe(32)
    expect(hello).toMatchObject({
      isPartial: false,
      isSsl2: false,
      hasEsni: false,
      ech: undefined,
      hasEarlyData: false,
    })
  })

  test('what Chromium sends', () => {
    const { hello } = readWith(readHelloRecords, REAL_HELLOS.chromium)
    expect(hello.groups.slice(1)).toEqual([0x11ec, 29, 23, 24]) // X25519MLKEM768 first, after GREASE
    expect(hello.ech).toMatchObject({ form: 'outer', kdf: 1, aead: 1, keyBytes: 32 })
    expect(hello.serverName).toBe('chat.deepseek.com')
  })

  const broken = [
    { name: 'groups of an odd length', extension: extensionOf(10, hex('0003 001d 00')), want: { groups: [] } },
    { name: 'groups that leave their extension', extension: extensionOf(10, hex('0004 001d')), want: { groups: [] } },
    { name: 'no groups at all', extension: extensionOf(10, hex('')), want: { groups: [] } },
    { name: 'point formats that leave theirs', extension: extensionOf(11, hex('02 00')), want: { pointFormats: [] } },
    {
      name: 'half a signature algorithm',
      extension: extensionOf(13, hex('0001 04')),
      want: { signatureAlgorithms: [] },
    },
    { name: 'identities without an age', extension: extensionOf(41, hex('0003 0001 aa')), want: { pskCount: 0 } },
    { name: 'groups with bytes behind', extension: extensionOf(10, hex('0002 001d ff')), want: { groups: [29] } },
  ]
  test.each(broken)('a server that does not know it would not mind: $name', ({ extension, want }) => {
    expect(message(extension, serverNames('a.example'))).toMatchObject({ ...want, serverName: 'a.example' })
  })
})

describe('resumption', () => {
  const identities = (count: number) =>
    extensionOf(
      41,
      Buffer.concat([
        prefixed(2, ...Array(count).fill(Buffer.concat([prefixed(2, Buffer.alloc(9)), Buffer.alloc(4)]))),
      ]),
    )
  const versions = extensionOf(43, hex('02 0304'))
  const stories = [
    { name: 'a session id before TLS 1.3', extensions: [], want: true },
    { name: 'a session id in TLS 1.3 says nothing', extensions: [versions], want: false },
    { name: 'asking for a ticket is not having one', extensions: [versions, extensionOf(35, hex(''))], want: false },
    { name: 'a ticket', extensions: [versions, extensionOf(35, hex('01'))], want: true },
    { name: 'a pre-shared key', extensions: [versions, identities(1)], want: true },
    { name: 'two of them', extensions: [versions, identities(2)], want: true },
  ]
  test.each(stories)('$name', ({ extensions, want }) => {
    expect(offersResumption(message(...extensions))).toBe(want)
  })

  test('early data is told', () => expect(message(extensionOf(42, hex(''))).hasEarlyData).toBe(true))

  test('what OpenSSL sends, first and again', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await exchange({ version })
      const again = await exchange({ version, session: first.session! })
      expect(offersResumption(readWith(readHelloRecords, first.client).hello), version).toBe(false)
      expect(offersResumption(readWith(readHelloRecords, again.client).hello), version).toBe(true)
    }
  })
})

describe('a hello whose end is missing', () => {
  const whole = helloMessage({
    extensions: [
      extensionOf(43, hex('02 0304')),
      extensionOf(10, hex('0002 001d')),
      serverNames('a.example'),
      extensionOf(0xfafa, Buffer.alloc(600)),
      extensionOf(13, hex('0002 0403')),
    ],
  })
  const nameEnd = whole.indexOf('a.example') + 'a.example'.length

  test('every prefix: the name is there in full, or not at all', () => {
    for (let length = 0; length < whole.length; length++) {
      const { outcome, hello } = readWith(readPartialClientHello, whole.subarray(0, length))
      assert.equal(hello.serverName, length >= nameEnd ? 'a.example' : '', `first ${length} bytes`)
      assert.ok(outcome === NEED_MORE || (outcome === length && hello.isPartial), `first ${length} bytes: ${outcome}`)
      assert.deepEqual(hello.signatureAlgorithms, [])
    }
  })

  test('what is whole is not partial', () => {
    const { outcome, hello } = readWith(readPartialClientHello, whole)
    expect(outcome).toBe(whole.length)
    expect(hello).toMatchObject({ isPartial: false, signatureAlgorithms: [0x0403] })
    expect(hello).toEqual(readWith(readClientHello, whole).hello)
  })

  test('versions are not guessed from the old field: the list may be in what is missing', () => {
    const late = helloMessage({ extensions: [serverNames('a.example'), extensionOf(43, hex('02 0304'))] })
    const { hello } = readWith(readPartialClientHello, late.subarray(0, late.length - 1))
    expect(hello).toMatchObject({ serverName: 'a.example', versions: [], isPartial: true, legacyVersion: 0x0303 })
    expect(offersResumption(hello)).toBe(false)
  })

  test('over records: every prefix, however it is cut', () => {
    for (const bytes of [whole.length, 300, 7, 1]) {
      const records = inRecords(whole, bytes)
      const known = new Set<string>()
      for (let length = 0; length <= records.length; length += bytes === 1 ? 13 : 1) {
        const { outcome, hello } = readWith(readPartialHello, records.subarray(0, length))
        assert.ok(outcome >= 0 || outcome === NEED_MORE, `${outcome} for the first ${length} bytes`)
        assert.ok(outcome <= length)
        known.add(hello.serverName)
      }
      assert.deepEqual([...known], ['', 'a.example'])
    }
  })

  test('a real hello: the name from the first segment alone', () => {
    const { outcome, hello } = readWith(readPartialHello, REAL_HELLOS.curl.subarray(0, 200))
    expect(outcome).toBe(200)
    expect(hello).toMatchObject({ serverName: 'chat.deepseek.com', isPartial: true })
  })

  const refused = [
    { name: 'another message', input: hex('02 000100 0303'), want: MALFORMED_VALUE },
    {
      name: 'a version that is none',
      input: Buffer.concat([hex('01 000100 4745'), Buffer.alloc(90)]),
      want: MALFORMED_VALUE,
    },
    { name: 'the header alone', input: hex('01 000100 03'), want: NEED_MORE },
    { name: 'no list of ciphers yet', input: whole.subarray(0, 72), want: NEED_MORE },
    {
      name: 'an odd list of ciphers',
      input: helloMessage({ cipherSuites: Buffer.alloc(3) }).subarray(0, 80),
      want: MALFORMED_LENGTH,
    },
    {
      name: 'extensions that leave the message',
      input: Buffer.concat([whole.subarray(0, 79), hex('ffff 0000 0006 0004 00 0001 61')]),
      want: MALFORMED_LENGTH,
    },
  ]
  test.each(refused)('$name', ({ input, want }) => {
    const { outcome, hello } = readWith(readPartialClientHello, input)
    expect(outcome).toBe(want)
    expect(hello.serverName).toBe('')
  })

  test('any damage to any prefix gives an outcome, and never a name that is not there', () => {
    let names = 0
    fc.assert(
      fc.property(fc.nat(REAL_HELLOS.curl.length), fc.nat(250), fc.nat(255), (length, at, value) => {
        const damaged = Buffer.from(REAL_HELLOS.curl.subarray(0, length))
        if (at < length) damaged[at] = value
        const { outcome, hello } = readWith(readPartialHello, damaged)
        expect(outcome).toBeLessThanOrEqual(length)
        expect(damaged.includes(Buffer.from(hello.serverName, 'latin1'))).toBe(true)
        if (hello.serverName !== '') names++
      }),
      fuzz(2000),
    )
    expect(names).toBeGreaterThan(300)
  })
})

describe('records that stand between', () => {
  const hello = helloMessage({ extensions: [serverNames('a.example')] })
  const empty = hex('16 0303 0000')
  const warning = hex('15 0301 0002 01 70')
  const change = hex('14 0303 0001 01')
  const cases = [
    { name: 'an empty record', before: [empty], ok: true },
    { name: 'a warning', before: [warning], ok: true },
    { name: 'a change of ciphers', before: [change], ok: true },
    { name: 'all of them', before: [empty, warning, change, empty], ok: true },
    { name: '32 empty ones', before: Array(32).fill(empty), ok: true },
    { name: '33 empty ones', before: Array(33).fill(empty), ok: false },
    { name: 'a fatal alert', before: [hex('15 0301 0002 02 28')], ok: false },
    { name: 'encrypted data', before: [hex('17 0303 0001 00')], ok: false },
    { name: 'a change of ciphers with two bytes', before: [hex('14 0303 0002 0101')], ok: false },
    { name: 'an alert with three bytes', before: [hex('15 0303 0003 010000')], ok: false },
  ]
  test.each(cases)('$name', ({ before, ok }) => {
    for (const records of [
      [...before, inRecords(hello)],
      [inRecords(hello).subarray(0, 0), ...before, inRecords(hello, 9)],
    ]) {
      const input = Buffer.concat(records)
      const { outcome, hello: got } = readWith(readHelloRecords, input)
      expect(outcome).toBe(ok ? input.length : MALFORMED_VALUE)
      expect(got.serverName).toBe(ok ? 'a.example' : '')
    }
  })

  test('in the middle of the message', () => {
    const pieces = inRecords(hello, 40)
    const input = Buffer.concat([pieces.subarray(0, 45), warning, empty, change, pieces.subarray(45)])
    expect(readWith(readHelloRecords, input)).toMatchObject({
      outcome: input.length,
      hello: { serverName: 'a.example' },
    })
  })

  test('any legacy version of the records', () => {
    for (let minor = 0; minor <= 255; minor++) {
      const input = inRecords(hello)
      input[2] = minor
      expect(readWith(readHelloRecords, input).hello.serverName, `3.${minor}`).toBe('a.example')
    }
  })
})
