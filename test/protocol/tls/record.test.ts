import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../../src/bytes/outcome.ts'
import { emptyHello } from '../../../src/protocol/tls/client-hello.ts'
import { HELLO_BYTES_MAX, looksLikeTls, readHelloRecords } from '../../../src/protocol/tls/record.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { helloMessage, inRecords, openSslHello, prefixed, serverNames } from '../../support/hello.ts'
import { fuzz } from '../../support/random.ts'

/** The name and where the records end, or the outcome and how many bytes are worth another try. */
function read(input: Uint8Array): { name: string; next: number } | { outcome: number; wanted: number } {
  return parseTwice(input, (bytes, start, end) => {
    const hello = emptyHello()
    const next = readHelloRecords(bytes, start, end, hello)
    return next < 0 ? { outcome: next, wanted: hello.wantedBytes } : { name: hello.serverName, next: next - start }
  })
}

const RECORD = await openSslHello()
const MESSAGE = RECORD.subarray(5)
const record = (fragment: Uint8Array): Buffer => Buffer.concat([Buffer.of(22, 3, 1), prefixed(2, fragment)])
/** A hello of so many bytes: behind what one extension can hold, of cipher suites. */
const big = (bytes: number): Buffer => {
  const cipherSuites = Buffer.alloc(bytes > 65_536 ? 65_534 : 4)
  const rest = helloMessage({ extensions: [serverNames('')], cipherSuites }).length
  return helloMessage({ extensions: [serverNames('x'.repeat(bytes - rest))], cipherSuites })
}

test('hello records: as OpenSSL sent them', () => {
  expect(read(RECORD)).toEqual({ name: 'www.example.com', next: RECORD.length })
})

test('hello records: however the message is cut over records', () => {
  for (const bytes of [1, 2, 3, 4, 5, 6, 7, 50, 100, MESSAGE.length - 1, MESSAGE.length, 9999]) {
    const input = inRecords(MESSAGE, bytes)
    expect(read(input), `${bytes} bytes a record`).toEqual({ name: 'www.example.com', next: input.length })
  }
})

test('hello records: wherever the message is cut in two', () => {
  for (let at = 1; at < MESSAGE.length; at++) {
    const input = Buffer.concat([record(MESSAGE.subarray(0, at)), record(MESSAGE.subarray(at))])
    assert.deepEqual(read(input), { name: 'www.example.com', next: input.length }, `cut at ${at}`)
  }
})

test('hello records: every prefix needs more, and says honestly how much', () => {
  for (const input of [RECORD, inRecords(MESSAGE, 100)]) {
    for (let length = 0; length < input.length; length++) {
      const got = read(input.subarray(0, length))
      assert.ok('outcome' in got && got.outcome === NEED_MORE, `first ${length} bytes`)
      assert.ok(got.wanted > length && got.wanted <= input.length, `first ${length} bytes want ${got.wanted}`)
      // it is not whole before the wanted byte is there: whoever waits for it misses nothing
      const before = read(input.subarray(0, got.wanted - 1))
      assert.ok('outcome' in before && before.outcome === NEED_MORE, `first ${got.wanted - 1} bytes`)
      assert.ok(before.wanted >= got.wanted, `first ${got.wanted - 1} bytes want ${before.wanted}`)
    }
  }
})

test('hello records: what follows is not read', () => {
  const input = Buffer.concat([RECORD, hex('16 0301 0001 ff')])
  expect(read(input)).toEqual({ name: 'www.example.com', next: RECORD.length })
})

test('hello records: a message ends inside a record, and another begins there', () => {
  const input = record(Buffer.concat([MESSAGE, hex('01 ffffff')]))
  expect(read(input)).toEqual({ name: 'www.example.com', next: input.length })
})

const stories: Array<{ name: string; input: Uint8Array; want: number }> = [
  { name: 'nothing', input: hex(''), want: NEED_MORE },
  { name: 'four bytes', input: hex('16 0301 00'), want: NEED_MORE },
  { name: 'HTTP', input: Buffer.from('GET / HTTP/1.1\r\n'), want: MALFORMED_VALUE },
  { name: 'SSH', input: Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), want: MALFORMED_VALUE },
  { name: 'an alert', input: hex('15 0303 0002 0228'), want: MALFORMED_VALUE },
  { name: 'encrypted data', input: hex('17 0303 0002 0228'), want: MALFORMED_VALUE },
  { name: 'SSL 2', input: hex('80 2e 01 0301 0015'), want: NEED_MORE },
  { name: 'SSL 2 with another message', input: hex('80 2e 04 0301 0015'), want: MALFORMED_VALUE },
  { name: 'version 2', input: hex('16 0200 0001 01'), want: MALFORMED_VALUE },
  { name: 'an empty fragment', input: hex('16 0301 0000'), want: NEED_MORE },
  { name: 'a fragment one byte too long', input: hex('16 0301 4101'), want: MALFORMED_LENGTH },
  { name: 'the longest fragment', input: hex('16 0301 4100'), want: NEED_MORE },
  { name: 'the longest length', input: hex('16 0301 ffff'), want: MALFORMED_LENGTH },
  { name: 'a server hello', input: record(helloMessage({ type: 2 })), want: MALFORMED_VALUE },
  { name: 'a server hello, cut in two', input: inRecords(helloMessage({ type: 2 }), 60), want: MALFORMED_VALUE },
  {
    name: 'a server hello in records of one byte: known at the first one',
    input: record(hex('02')),
    want: MALFORMED_VALUE,
  },
  {
    name: 'an alert between two halves',
    input: Buffer.concat([record(MESSAGE.subarray(0, 9)), hex('15 0303 0002 0228')]),
    want: MALFORMED_VALUE,
  },
  {
    name: 'a version of the second record that is none',
    input: Buffer.concat([record(MESSAGE.subarray(0, 9)), hex('16 0401 0001 00')]),
    want: MALFORMED_VALUE,
  },
  {
    name: 'an empty second fragment',
    input: Buffer.concat([record(MESSAGE.subarray(0, 9)), hex('16 0301 0000')]),
    want: NEED_MORE,
  },
  { name: 'a message that claims 16 MiB', input: record(hex('01 ffffff 0303')), want: LIMIT_REACHED },
  { name: 'a message that claims a byte too many', input: record(hex('01 020141 0303')), want: LIMIT_REACHED },
  { name: 'a message that claims as much as is followed', input: record(hex('01 020140 0303')), want: NEED_MORE },
  { name: 'a message of nearly that length', input: inRecords(big(HELLO_BYTES_MAX - 400), 16_384), want: 0 },
  {
    name: 'rubbish behind a message of that length',
    input: record(Buffer.concat([big(16_000), Buffer.alloc(600)])),
    want: 0,
  },
  {
    name: 'a long message, and more behind it than is followed',
    input: Buffer.concat([
      inRecords(big(131_000).subarray(0, 115_000), 16_384),
      record(Buffer.concat([big(131_000).subarray(115_000), Buffer.alloc(500)])),
    ]),
    want: LIMIT_REACHED,
  },
  { name: '2,048 records of one byte', input: inRecords(big(2048), 1), want: 0 },
  { name: '2,049 records of one byte', input: inRecords(big(2049), 1), want: LIMIT_REACHED },
  { name: 'a body that its length cuts', input: record(hex('01 000001 03')), want: MALFORMED_LENGTH },
  { name: 'the same over two records', input: inRecords(hex('01 000001 03'), 3), want: MALFORMED_LENGTH },
]

for (const { name, input, want } of stories) {
  test(`hello records: ${name}`, () => {
    const got = read(input)
    expect('outcome' in got ? got.outcome : 0).toBe(want)
  })
}

const probes: Array<{ name: string; input: string; want: boolean }> = [
  { name: 'nothing', input: '', want: false },
  { name: 'one byte', input: '16', want: true },
  { name: 'two bytes', input: '16 03', want: true },
  { name: 'four bytes', input: '16 0301 ff', want: true },
  { name: 'five bytes', input: '16 0301 0001', want: true },
  { name: 'six bytes', input: '16 0301 0001 01', want: true },
  { name: 'another type', input: '17', want: false },
  { name: 'another version', input: '16 02', want: false },
  { name: 'an empty fragment', input: '16 0301 0000', want: true },
  { name: 'a fragment too long', input: '16 0301 4101', want: false },
  { name: 'another message', input: '16 0301 0001 02', want: false },
  { name: 'text', input: '47455420 2f', want: false },
]

for (const { name, input, want } of probes) {
  test(`looks like TLS: ${name}`, () => {
    expect(parseTwice(hex(input), (bytes, start, end) => looksLikeTls(bytes, start, end))).toBe(want)
  })
}

test('hello records: any damage, over any records, gives an outcome inside the input', () => {
  const met = new Map<number, number>()
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 400 }),
      fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 2 }),
      fc.option(fc.nat(600), { freq: 2 }),
      (fragmentBytes, damage, length) => {
        const input = inRecords(MESSAGE, fragmentBytes)
        for (const [at, value] of damage) input[at % input.length] = value
        const got = read(input.subarray(0, length ?? undefined))
        const outcome = 'outcome' in got ? got.outcome : 0
        met.set(outcome, (met.get(outcome) ?? 0) + 1)
      },
    ),
    fuzz(2000),
  )
  for (const outcome of [0, NEED_MORE, MALFORMED_LENGTH, MALFORMED_VALUE])
    expect(met.get(outcome), `${outcome}`).toBeGreaterThan(20)
})
