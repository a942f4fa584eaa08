import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cursor } from '../../../src/bytes/cursor.ts'
import { MALFORMED_LENGTH } from '../../../src/bytes/outcome.ts'
import { emptyHello } from '../../../src/protocol/tls/client-hello.ts'
import {
  type EchConfig,
  type EchOffer,
  hasGreaseShape,
  judgeEch,
  readEchConfigs,
  readEchOffer,
} from '../../../src/protocol/tls/ech.ts'
import { readHelloRecords } from '../../../src/protocol/tls/record.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { extensionOf, helloMessage, inRecords, prefixed, serverNames } from '../../support/hello.ts'
import { fuzz } from '../../support/random.ts'
import { REAL_HELLOS } from './material.ts'

const offer = (input: Uint8Array): EchOffer | undefined =>
  parseTwice(input, (bytes, start, end) => readEchOffer(new Cursor(bytes, start, end)))

const outer = (payloadBytes: number, keyBytes = 32, suite = '0001 0001'): Buffer =>
  Buffer.concat([
    hex('00'),
    hex(suite),
    hex('d1'),
    prefixed(2, Buffer.alloc(keyBytes)),
    prefixed(2, Buffer.alloc(payloadBytes)),
  ])

describe('what the extension says', () => {
  const stories: Array<{ name: string; input: Uint8Array; want: object | undefined }> = [
    {
      name: 'an outer hello',
      input: outer(144),
      want: { form: 'outer', kdf: 1, aead: 1, configId: 0xd1, keyBytes: 32, payloadBytes: 144 },
    },
    {
      name: 'after a HelloRetryRequest, without a key',
      input: outer(200, 0),
      want: { keyBytes: 0, payloadBytes: 200 },
    },
    { name: 'an inner hello', input: hex('01'), want: { form: 'inner', payloadBytes: 0 } },
    { name: 'nothing', input: hex(''), want: undefined },
    { name: 'an inner hello with more', input: hex('01 00'), want: undefined },
    { name: 'another type', input: Buffer.concat([hex('02'), outer(144).subarray(1)]), want: undefined },
    { name: 'no payload', input: outer(0), want: undefined },
    { name: 'bytes behind', input: Buffer.concat([outer(144), hex('00')]), want: undefined },
    { name: 'a payload cut short', input: outer(144).subarray(0, 100), want: undefined },
    { name: 'a key longer than all', input: hex('00 0001 0001 d1 ffff 00'), want: undefined },
  ]
  test.each(stories)('$name', ({ input, want }) => {
    if (want === undefined) expect(offer(input)).toBeUndefined()
    else expect(offer(input)).toMatchObject(want)
  })

  const hello = (...extensions: Uint8Array[]) => {
    const records = inRecords(helloMessage({ extensions }))
    const read = emptyHello()
    expect(readHelloRecords(records, 0, records.length, read)).toBe(records.length)
    return read
  }

  test('in a hello, the outer name stays the name', () => {
    expect(hello(extensionOf(0xfe0d, outer(144)), serverNames('public.example'))).toMatchObject({
      serverName: 'public.example',
      ech: { form: 'outer' },
    })
  })

  test('one that makes no sense hides nothing and harms nothing', () => {
    expect(hello(extensionOf(0xfe0d, hex('00 01')), serverNames('a.example'))).toMatchObject({
      serverName: 'a.example',
      ech: undefined,
    })
  })

  test('the encrypted name of the drafts', () => {
    expect(hello(extensionOf(0xffce, Buffer.alloc(300)))).toMatchObject({ serverName: '', hasEsni: true })
  })
})

describe('does it hide a name?', () => {
  const GREASE: EchOffer = { form: 'outer', kdf: 1, aead: 1, configId: 0xd1, keyBytes: 32, payloadBytes: 144 }
  const config: EchConfig = { configId: 0xd1, publicName: 'Public.Example', suites: [0x0001_0001, 0x0001_0003] }

  test.each([
    { name: 'what Chromium sends when it hides nothing', offer: GREASE, want: true },
    { name: 'with ChaCha20', offer: { ...GREASE, aead: 3, payloadBytes: 240 }, want: true },
    { name: 'another length', offer: { ...GREASE, payloadBytes: 145 }, want: false },
    { name: 'a longer one', offer: { ...GREASE, payloadBytes: 272 }, want: false },
    { name: 'another key', offer: { ...GREASE, keyBytes: 65 }, want: false },
    { name: 'another cipher', offer: { ...GREASE, aead: 2 }, want: false },
    { name: 'an inner one', offer: { ...GREASE, form: 'inner' as const, payloadBytes: 0 }, want: false },
  ])('shape: $name', ({ offer, want }) => expect(hasGreaseShape(offer)).toBe(want))

  test('the recorded Chromium had no key for the server', () => {
    const hello = emptyHello()
    readHelloRecords(REAL_HELLOS.chromium, 0, REAL_HELLOS.chromium.length, hello)
    expect(hasGreaseShape(hello.ech!)).toBe(true)
    expect(judgeEch(hello.ech!, hello.serverName, { configs: [], outerNameWasAsked: true })).toBe('likely_grease')
  })

  const known = { configs: [config], outerNameWasAsked: false }
  test.each([
    {
      name: 'nothing is known',
      outerName: 'public.example',
      offer: GREASE,
      known: { configs: [], outerNameWasAsked: false },
      want: 'unknown',
    },
    { name: 'DNS gave this key', outerName: 'public.example', offer: GREASE, known, want: 'likely_real' },
    {
      name: 'DNS gave it, and the public name was asked for as well',
      outerName: 'PUBLIC.example',
      offer: GREASE,
      known: { ...known, outerNameWasAsked: true },
      want: 'likely_real',
    },
    {
      name: 'a key of another id',
      outerName: 'public.example',
      offer: { ...GREASE, configId: 1 },
      known,
      want: 'unknown',
    },
    {
      name: 'a cipher that was not offered',
      outerName: 'public.example',
      offer: { ...GREASE, aead: 2 },
      known,
      want: 'unknown',
    },
    { name: 'a key of another name', outerName: 'other.example', offer: GREASE, known, want: 'unknown' },
    {
      name: 'the client asked for the name that it shows',
      outerName: 'other.example',
      offer: GREASE,
      known: { ...known, outerNameWasAsked: true },
      want: 'likely_grease',
    },
    {
      name: 'an inner hello has its real name',
      outerName: 'public.example',
      offer: { ...GREASE, form: 'inner' as const },
      known,
      want: 'unknown',
    },
  ])('$name', ({ outerName, offer, known, want }) => expect(judgeEch(offer, outerName, known)).toBe(want))
})

describe('keys from DNS', () => {
  const one = (id: number, name: string): Buffer =>
    Buffer.concat([
      hex('fe0d'),
      prefixed(
        2,
        Buffer.of(id),
        hex('0020'),
        prefixed(2, Buffer.alloc(32)),
        prefixed(2, hex('0001 0001 0001 0003')),
        hex('40'),
        prefixed(1, Buffer.from(name)),
        prefixed(2),
      ),
    ])
  const read = (input: Uint8Array): EchConfig[] | number =>
    parseTwice(input, (bytes, start, end) => {
      const configs: EchConfig[] = []
      const outcome = readEchConfigs(bytes, start, end, configs)
      return outcome < 0 ? outcome : configs
    })

  test('two keys', () => {
    expect(read(prefixed(2, one(7, 'public.example'), one(8, 'b.example')))).toEqual([
      { configId: 7, publicName: 'public.example', suites: [0x10001, 0x10003] },
      { configId: 8, publicName: 'b.example', suites: [0x10001, 0x10003] },
    ])
  })

  test('one in the text form of DNS zone files', () => {
    const inZoneFile = Buffer.from(
      'AEX+DQBBcQAgACB/RU5hAC5mXe3uOZtNY58Bc8UU1cd4QBxQzqirMlWZeQAEAAEAAQASY2xvdWRmbGFyZS1lY2guY29tAAA=',
      'base64',
    )
    expect(read(inZoneFile)).toEqual([{ configId: 0x71, publicName: 'cloudflare-ech.com', suites: [0x10001] }])
  })

  test.each([
    {
      name: 'versions that are not known are left out',
      input: prefixed(2, hex('fe0a 0003 010203'), one(7, 'a')),
      want: 1,
    },
    { name: 'more than sixteen', input: prefixed(2, ...Array(20).fill(one(7, 'a'))), want: 16 },
    { name: 'none', input: prefixed(2), want: 0 },
  ])('$name', ({ input, want }) => expect(read(input)).toHaveLength(want))

  test.each([
    { name: 'nothing', input: hex('') },
    { name: 'a list cut short', input: prefixed(2, one(7, 'a')).subarray(0, 30) },
    { name: 'a key that leaves the list', input: hex('0006 fe0d 00ff 0000') },
    { name: 'a key without its name', input: prefixed(2, hex('fe0d'), prefixed(2, hex('07 0020 0000'))) },
  ])('$name', ({ input }) => expect(read(input)).toBe(MALFORMED_LENGTH))

  test('any bytes give an outcome', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const got = read(prefixed(2, one(7, 'a'), bytes))
        expect(typeof got === 'number' ? got : got[0]!.publicName).toBe(
          typeof got === 'number' ? MALFORMED_LENGTH : 'a',
        )
      }),
      fuzz(500),
    )
  })
})
