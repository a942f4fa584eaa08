/** Packets and keys of RFC 9001 appendix A and RFC 9369 appendix A: bytes somebody else made. */

import { describe, expect, test } from 'vitest'
import { QuicClient } from '../../../src/protocol/quic/client.ts'
import { LongHeader, readLongHeader } from '../../../src/protocol/quic/header.ts'
import { openInitial } from '../../../src/protocol/quic/initial.ts'
import { clientKeys } from '../../../src/protocol/quic/keys.ts'
import { INITIAL, knownVersion, RETRY } from '../../../src/protocol/quic/versions.ts'
import { parseTwice } from '../../support/arena.ts'
import { crypto, initial, V1, V2 } from '../../support/quic-encoder.ts'
import {
  CRYPTO_FRAME,
  RFC_ID,
  V1_CLIENT_INITIAL,
  V1_RETRY,
  V1_SERVER_INITIAL,
  V2_CLIENT_INITIAL,
  V2_RETRY,
} from './rfc-packets.ts'

const CASES = [
  {
    name: 'RFC 9001',
    version: V1,
    packet: V1_CLIENT_INITIAL,
    key: '1f369613dd76d5467730efcbe3b1a22d',
    iv: 'fa044b2f42a3fd3b46fb255c',
  },
  {
    name: 'RFC 9369',
    version: V2,
    packet: V2_CLIENT_INITIAL,
    key: '8b1a0bc121284290a29e0971b5cd045d',
    iv: '91f73e2351d8fa91660e909f',
  },
]

describe.each(CASES)('$name, appendix A', ({ version, packet, key, iv }) => {
  test('A.1: the keys of the client', () => {
    const keys = clientKeys(knownVersion(version)!, RFC_ID, 0, RFC_ID.length)
    expect(Buffer.from(keys.key).toString('hex')).toBe(key)
    expect(Buffer.from(keys.iv).toString('hex')).toBe(iv)
  })

  test('A.2: the Initial opens to the CRYPTO frame and PADDING', () => {
    const header = new LongHeader()
    expect(readLongHeader(packet, 0, packet.length, header)).toBe(1200)
    expect(header.type).toBe(INITIAL)
    const keys = clientKeys(knownVersion(version)!, packet, header.idStart, header.idEnd)
    const before = Buffer.from(packet)
    const frames = openInitial(packet, 0, header, keys)!
    expect(frames).not.toBeNull()
    expect(frames.subarray(0, CRYPTO_FRAME.length)).toEqual(CRYPTO_FRAME)
    expect(frames.subarray(CRYPTO_FRAME.length).every((byte) => byte === 0)).toBe(true)
    expect(keys.nextNumber).toBe(3)
    expect(Buffer.from(packet)).toEqual(before)
  })

  test('A.2: the hello names example.com', () => {
    const seen = parseTwice(packet, (bytes, start, end) => {
      const client = new QuicClient()
      return { outcome: client.datagram(bytes, start, end) - start, hello: client.hello, work: client.work }
    })
    expect(seen).toMatchObject({ outcome: 1200, hello: { serverName: 'example.com', alpn: ['alpn'] }, work: 1 })
  })

  test('the test encoder makes the same bytes', () => {
    const frames = [CRYPTO_FRAME]
    expect(initial({ version, id: RFC_ID, number: 2, numberBytes: 4, frames })).toEqual(Buffer.from(packet))
    expect(crypto(0, CRYPTO_FRAME.subarray(4))).toEqual(Buffer.from(CRYPTO_FRAME))
  })
})

test.each([
  ['RFC 9001', V1_RETRY],
  ['RFC 9369', V2_RETRY],
])('%s, A.4: the Retry says which id comes next', (_, packet) => {
  const header = new LongHeader()
  expect(readLongHeader(packet, 0, packet.length, header)).toBe(packet.length)
  expect(header.type).toBe(RETRY)
  expect(Buffer.from(packet.subarray(header.sourceIdStart, header.sourceIdEnd)).toString('hex')).toBe(
    'f067a5502a4262b5',
  )
  expect(Buffer.from(packet.subarray(header.tokenStart, header.tokenEnd)).toString()).toBe('token')
})

test('RFC 9001, A.3: the Initial of a server is not one of a client', () => {
  const client = new QuicClient()
  expect(client.datagram(V1_SERVER_INITIAL, 0, V1_SERVER_INITIAL.length)).toBeLessThan(0)
  expect(client.hasHello).toBe(false)
})
