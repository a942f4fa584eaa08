import { describe, expect, test } from 'vitest'
import { Cursor } from '../../../src/bytes/cursor.ts'
import { emptyHello } from '../../../src/protocol/tls/client-hello.ts'
import { type EchOffer, hasGreaseShape, readEchOffer } from '../../../src/protocol/tls/ech.ts'
import { readHelloRecords } from '../../../src/protocol/tls/record.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { extensionOf, helloMessage, inRecords, prefixed, serverNames } from '../../support/hello.ts'
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

describe('the shape of GREASE', () => {
  const GREASE: EchOffer = { form: 'outer', kdf: 1, aead: 1, configId: 0xd1, keyBytes: 32, payloadBytes: 144 }

  test.each([
    { name: 'what Chromium sends when it hides nothing', offer: GREASE, want: true },
    { name: 'with ChaCha20', offer: { ...GREASE, aead: 3, payloadBytes: 240 }, want: true },
    { name: 'another length', offer: { ...GREASE, payloadBytes: 145 }, want: false },
    { name: 'a longer one', offer: { ...GREASE, payloadBytes: 272 }, want: false },
    { name: 'another key', offer: { ...GREASE, keyBytes: 65 }, want: false },
    { name: 'another cipher', offer: { ...GREASE, aead: 2 }, want: false },
    { name: 'an inner one', offer: { ...GREASE, form: 'inner' as const, payloadBytes: 0 }, want: false },
  ])('$name', ({ offer, want }) => expect(hasGreaseShape(offer)).toBe(want))

  test('the recorded Chromium had no key for the server', () => {
    const hello = emptyHello()
    readHelloRecords(REAL_HELLOS.chromium, 0, REAL_HELLOS.chromium.length, hello)
    expect(hasGreaseShape(hello.ech!)).toBe(true)
  })
})
