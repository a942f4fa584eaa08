/** What is plain to plain-hello.ts is a hello to record.ts, with the same name and nothing that changes its meaning. */

import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { looksLikeTcpDns } from '../../../src/protocol/dns/probe.ts'
import { emptyHello } from '../../../src/protocol/tls/client-hello.ts'
import { isPlainHello, PlainHello } from '../../../src/protocol/tls/plain-hello.ts'
import { helloMayBegin } from '../../../src/protocol/tls/probe.ts'
import { readHelloRecords } from '../../../src/protocol/tls/record.ts'
import { clientHello, helloTemplate } from '../../bench/tls.ts'
import { parseTwice } from '../../support/arena.ts'
import { random } from '../../support/random.ts'

const next = random(1)
const SMALL = clientHello(helloTemplate(false, next), 'www.site.example', next).bytes
const LARGE = clientHello(helloTemplate(true, next), 'cdn.site.example', next).bytes

/** The name of a plain hello, or undefined. */
function plainName(bytes: Uint8Array): string | undefined {
  return parseTwice(bytes, (arena, start, end) => {
    const hello = new PlainHello()
    if (!isPlainHello(arena, start, end, hello)) return undefined
    assert.ok(hello.nameAt >= start && hello.nameEnd <= end && hello.nameAt < hello.nameEnd)
    return Buffer.from(arena.subarray(hello.nameAt, hello.nameEnd)).toString('latin1')
  })
}

/** Says what the general reader makes of it, and asserts that it agrees. */
function check(bytes: Uint8Array): boolean {
  const name = plainName(bytes)
  if (name === undefined) return false
  const hello = emptyHello()
  const what = Buffer.from(bytes).toString('hex')
  assert.ok(helloMayBegin(bytes, 0, bytes.length) && !looksLikeTcpDns(bytes, 0, bytes.length), what)
  assert.ok(readHelloRecords(bytes, 0, bytes.length, hello) > 0, what)
  assert.equal(hello.serverName, name, what)
  assert.ok(hello.ech === undefined && !hello.hasEsni && !hello.isPartial && !hello.isSsl2, what)
  assert.ok(!hello.alpn.includes('dot') && !hello.alpn.includes('doq'), what)
  return true
}

/** SMALL with `extension` behind its others. */
function withExtension(extension: Buffer): Buffer {
  const grown = Buffer.concat([SMALL, extension])
  grown.writeUInt16BE(grown.length - 5, 3)
  grown.writeUInt16BE(grown.length - 9, 7)
  const at = 5 + 4 + 2 + 32 + 1 + 32
  const lengthAt = at + 2 + grown.readUInt16BE(at) + 2
  grown.writeUInt16BE(grown.length - lengthAt - 2, lengthAt)
  return grown
}

test('plain hello: of a browser', () => {
  expect(plainName(SMALL)).toBe('www.site.example')
  expect(plainName(LARGE)).toBe('cdn.site.example')
  expect(plainName(Buffer.concat([SMALL, Buffer.from('1703')]))).toBe('www.site.example')
})

const others: Array<{ name: string; bytes: Buffer }> = [
  {
    name: 'a second server name',
    bytes: withExtension(Buffer.from('0000000600040000 0161'.replaceAll(' ', ''), 'hex')),
  },
  { name: 'ECH', bytes: withExtension(Buffer.from('fe0d0001ff', 'hex')) },
  { name: 'an encrypted server name', bytes: withExtension(Buffer.from('ffce0000', 'hex')) },
  {
    name: 'ALPN of DNS over TLS',
    bytes: withExtension(Buffer.from('0010000600040364 6f74'.replaceAll(' ', ''), 'hex')),
  },
  {
    name: 'a list of versions with half of one',
    bytes: withExtension(Buffer.from('002b0002 0103'.replaceAll(' ', ''), 'hex')),
  },
  { name: 'an extension that is cut', bytes: withExtension(Buffer.from('00150002aa', 'hex')) },
  { name: 'another record first', bytes: Buffer.concat([Buffer.from('140303000101', 'hex'), SMALL]) },
]

test('plain hello: an extension that nobody reads changes nothing', () => {
  expect(plainName(withExtension(Buffer.from('0015000100', 'hex')))).toBe('www.site.example')
})

for (const { name, bytes } of others) {
  test(`plain hello: none with ${name}`, () => expect(plainName(bytes)).toBeUndefined())
}

test('plain hello: no prefix of one', () => {
  for (let length = 0; length < SMALL.length; length++) assert.equal(plainName(SMALL.subarray(0, length)), undefined)
})

test('plain hello: whatever is damaged, what is still plain is read the same in general', () => {
  let plain = 0
  let other = 0
  for (let step = 0; step < 20_000; step++) {
    const bytes = Buffer.from(step % 4 === 0 ? LARGE : SMALL)
    for (let i = next(3); i >= 0; i--)
      bytes[next(bytes.length)] = next(4) === 0 ? next(256) : bytes[next(bytes.length)]!
    if (check(bytes)) plain++
    else other++
  }
  assert.ok(plain > 4000 && other > 2000, `the damage must reach both sides: ${plain} plain, ${other} not`)
})

test('plain hello: whatever is damaged among its lengths', () => {
  let plain = 0
  const from = 5 + 4 + 2 + 32
  for (let at = from; at < SMALL.length; at++) {
    for (const value of [0, 1, 2, 3, SMALL[at]! - 1, SMALL[at]! + 1, 0x20, 0x21, 0xff]) {
      const bytes = Buffer.from(SMALL)
      bytes[at] = value
      if (check(bytes)) plain++
    }
  }
  assert.ok(plain > 500)
})
