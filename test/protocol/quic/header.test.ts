import { describe, expect, test } from 'vitest'
import { Cursor } from '../../../src/bytes/cursor.ts'
import { MALFORMED_LENGTH, MALFORMED_VALUE, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import { LongHeader, readLongHeader } from '../../../src/protocol/quic/header.ts'
import { looksLikeQuic } from '../../../src/protocol/quic/probe.ts'
import { readVarint } from '../../../src/protocol/quic/varint.ts'
import { HANDSHAKE, INITIAL, knownVersion, versionName, ZERO_RTT } from '../../../src/protocol/quic/versions.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import {
  crypto,
  googleHello,
  googleStream,
  ID,
  initial,
  opaque,
  publicPacket,
  q046Packet,
  V1,
  V2,
  varint,
  versionNegotiation,
} from '../../support/quic-encoder.ts'

describe('variable-length integers (RFC 9000 appendix A.1)', () => {
  test.each([
    ['c2197c5eff14e88c', Number(151_288_809_941_952_652n)],
    ['9d7f3e7d', 494_878_333],
    ['7bbd', 15_293],
    ['25', 37],
    ['4025', 37],
    ['c000000000000025', 37],
    ['ffffffffffffffff', 2 ** 62],
    ['00', 0],
  ])('%s is %d', (text, value) => {
    const bytes = hex(text)
    const cursor = new Cursor(bytes, 0, bytes.length)
    expect(readVarint(cursor)).toBe(value)
    expect(cursor.ok && cursor.isEmpty).toBe(true)
  })

  test.each(['', '40', '9d7f3e', 'c2197c5eff14e8'])('"%s" is cut off', (text) => {
    const ok = parseTwice(hex(text), (bytes, start, end) => {
      const cursor = new Cursor(bytes, start, end)
      readVarint(cursor)
      return cursor.ok
    })
    expect(ok).toBe(false)
  })

  test.each([0, 63, 64, 16_383, 16_384, 2 ** 30 - 1, 2 ** 30, 2 ** 40])('%d comes back from the encoder', (value) => {
    for (const length of [undefined, 8]) {
      const bytes = varint(value, length)
      expect(readVarint(new Cursor(bytes, 0, bytes.length))).toBe(value)
    }
  })
})

const read = (packet: Uint8Array) =>
  parseTwice(packet, (bytes, start, end) => {
    const header = new LongHeader()
    const outcome = readLongHeader(bytes, start, end, header)
    return { outcome: outcome < 0 ? outcome : outcome - start, type: header.type, version: header.version }
  })

const INITIAL_V1 = initial({ frames: [crypto(0, Buffer.from('hello'))] })
const INITIAL_V2 = initial({ version: V2, frames: [crypto(0, Buffer.from('hello'))] })
const edit = (packet: Uint8Array, at: number, ...values: number[]) => {
  const copy = Buffer.from(packet)
  copy.set(values, at)
  return copy
}
const withVersion = (packet: Uint8Array, text: string) => edit(packet, 1, ...hex(text))

describe('long headers', () => {
  test.each([
    ['an Initial', INITIAL_V1, INITIAL],
    ['an Initial of version 2, whose type bits are 01', INITIAL_V2, INITIAL],
    ['0-RTT', opaque(1, Buffer.alloc(40)), ZERO_RTT],
    ['0-RTT of version 2', opaque(2, Buffer.alloc(40), V2), ZERO_RTT],
    ['Handshake', opaque(2, Buffer.alloc(40)), HANDSHAKE],
    ['the shortest packet there can be', opaque(2, Buffer.alloc(20)), HANDSHAKE],
    ['empty ids', initial({ id: Buffer.alloc(0), frames: [] }), INITIAL],
    ['ids of 20 bytes', initial({ id: Buffer.alloc(20), sourceId: Buffer.alloc(20, 1), frames: [] }), INITIAL],
    ['a token of 300 bytes', initial({ token: Buffer.alloc(300), frames: [] }), INITIAL],
    ['no fixed bit, but a token (RFC 9287)', initial({ fixedBit: 0, token: Buffer.alloc(9), frames: [] }), INITIAL],
    ['no fixed bit and no token', initial({ fixedBit: 0, frames: [] }), INITIAL],
    ['0-RTT without the fixed bit', edit(opaque(1, Buffer.alloc(30)), 0, 0x90), ZERO_RTT],
    ['a version to be refused', withVersion(INITIAL_V1, '1a2a3a4a'), INITIAL],
    ["a company's number for version 2", withVersion(INITIAL_V2, 'abcd000f'), INITIAL],
  ])('%s', (_, packet, type) => {
    expect(read(packet)).toMatchObject({ outcome: packet.length, type })
    expect(looksLikeQuic(packet, 0, packet.length)).toBe(true)
  })

  test.each([
    ['nothing', hex(''), MALFORMED_LENGTH],
    ['a short header', hex('4000000001088394c8f03e51570800'), UNSUPPORTED],
    ['six bytes', hex('c00000000100'), MALFORMED_LENGTH],
    ['an id past the end', hex('c0 00000001 08 8394c8'), MALFORMED_LENGTH],
    ['a source id past the end', hex('c0 00000001 00 ff 00'), MALFORMED_LENGTH],
    ['an id of 21 bytes', Buffer.concat([hex('c0 00000001 15'), Buffer.alloc(1200)]), MALFORMED_VALUE],
    ['a source id of 21 bytes', Buffer.concat([hex('c0 00000001 00 15'), Buffer.alloc(1200)]), MALFORMED_VALUE],
    ['a token past the end', hex('c0 00000001 00 00 7fff 00'), MALFORMED_LENGTH],
    ['a token of 2^62 bytes', hex('c0 00000001 00 00 ffffffffffffffff 00'), MALFORMED_LENGTH],
    ['no length', hex('c0 00000001 00 00 00'), MALFORMED_LENGTH],
    ['a length past the end', INITIAL_V1.subarray(0, -1), MALFORMED_LENGTH],
    ['a length too short for a sample', opaque(2, Buffer.alloc(19)), MALFORMED_LENGTH],
    ['a Retry without a token', hex(`f0 00000001 00 00 ${'7a'.repeat(16)}`), MALFORMED_LENGTH],
    ['a Retry of five bytes of tag', hex('f0 00000001 00 00 7a7a7a7a7a'), MALFORMED_LENGTH],
    [
      'an unknown version in a short datagram',
      withVersion(initial({ bytes: 1199, frames: [] }), 'abcd0000'),
      UNSUPPORTED,
    ],
    [
      'an unknown version with a short id',
      withVersion(initial({ id: ID.subarray(1), frames: [] }), 'abcd0000'),
      UNSUPPORTED,
    ],
    ['an unknown version without the fixed bit', edit(withVersion(INITIAL_V1, 'abcd0000'), 0, 0x80), UNSUPPORTED],
    ['an unknown version of another type', edit(withVersion(INITIAL_V1, 'abcd0000'), 0, 0xe0), UNSUPPORTED],
  ])('no packet: %s', (_, packet, outcome) => {
    expect(read(packet).outcome).toBe(outcome)
    expect(looksLikeQuic(packet, 0, packet.length)).toBe(false)
  })

  test('every prefix of an Initial is no packet', () => {
    for (let end = 0; end < 60; end++) expect(read(INITIAL_V1.subarray(0, end)).outcome, `${end}`).toBeLessThan(0)
  })

  test('packets of one datagram are told apart', () => {
    const first = initial({ bytes: 300, frames: [] })
    expect(read(Buffer.concat([first, opaque(2, Buffer.alloc(700))])).outcome).toBe(300)
  })

  test('a version negotiation is a header, but none of a client', () => {
    const packet = versionNegotiation(ID, ID, [V1, V2])
    expect(read(packet)).toMatchObject({ outcome: packet.length, version: 0 })
    expect(looksLikeQuic(packet, 0, packet.length)).toBe(false)
  })
})

describe('what else runs over UDP is not taken for QUIC', () => {
  test.each([
    ['nothing', hex('')],
    ['DNS', hex('1234 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001')],
    ['DTLS 1.2', hex('16 fefd 0000 0000 0000 0000 0032 01 000026 0000 000000000026 fefd')],
    ['STUN', hex('0001 0000 2112a442 b7e7a701bc34d686fa87dfae')],
    ['RTP', hex('80 00 0001 0000 0001 0000 0000 0000 0000')],
    ['SSDP', Buffer.from('M-SEARCH * HTTP/1.1\r\nHOST:239.255.255.250:1900\r\n\r\n')],
    ['NTP', Buffer.concat([hex('e3 00 03 fa'), Buffer.alloc(44)])],
    ['all ones', Buffer.alloc(1300, 0xff)],
    ['all zeros', Buffer.alloc(1300)],
  ])('%s', (_, packet) => expect(looksLikeQuic(packet, 0, packet.length)).toBe(false))

  test.each([
    ['Q043', publicPacket('Q043', [googleStream(0, googleHello({ SNI: 'a.example' }))])],
    ['Q046', q046Packet([googleStream(0, googleHello({ SNI: 'a.example' }))])],
  ])('but Google QUIC %s is', (_, packet) => expect(looksLikeQuic(packet, 0, packet.length)).toBe(true))
})

test.each([
  [22, '7fbcdb0e'],
  [23, 'c3eef712'],
  [28, 'c3eef712'],
  [29, 'afbfec28'],
  [32, 'afbfec28'],
  [33, '38762cf7'],
  [34, '38762cf7'],
])('draft %i has its salt (draft-ietf-quic-tls of that number, section 5.2)', (draft, begin) => {
  const { salt } = knownVersion(0xff000000 + draft)!
  expect(salt.length).toBe(20)
  expect(Buffer.from(salt).toString('hex').slice(0, 8)).toBe(begin)
})

test.each([
  [0x00000001, '1'],
  [0x6b3343cf, 'v2'],
  [0xff00001d, 'draft-29'],
  [0x51303436, 'Q046'],
  [0x51303530, 'Q050'],
  [0x511b5b41, '0x511b5b41'], // escape sequences do not become a name
  [0x0a1a2a3a, '0x0a1a2a3a'],
])('version %i is called %s', (version, name) => expect(versionName(version)).toBe(name))
