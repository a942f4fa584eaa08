import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../../src/bytes/outcome.ts'
import { emptyHello } from '../../../src/protocol/tls/client-hello.ts'
import { helloMayBegin } from '../../../src/protocol/tls/probe.ts'
import { readHelloRecords } from '../../../src/protocol/tls/record.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { helloMessage, inRecords, serverNames } from '../../support/hello.ts'
import { fuzz, random } from '../../support/random.ts'
import { REAL_HELLOS } from './material.ts'

const may = (input: Uint8Array): boolean => parseTwice(input, helloMayBegin)

/** As `openssl s_client` of before version 1.0 sent it: 3 ciphers, no session, 16 bytes of challenge. */
const SSL2 = hex(`
  80 22            # 34 bytes
  01 0301          # client hello, TLS 1.0 offered
  0009 0000 0010   # lengths of ciphers, session id, challenge
  000035 00002f 0700c0
  00112233445566778899aabbccddeeff
`)

describe('hellos, however they are cut', () => {
  const message = helloMessage({ extensions: [serverNames('a.example')] })
  const inputs: Array<{ name: string; input: Uint8Array }> = [
    ...Object.entries(REAL_HELLOS).map(([name, input]) => ({ name, input })),
    { name: 'in records of one byte', input: inRecords(message, 1) },
    { name: 'in records of three bytes', input: inRecords(message, 3) },
    { name: 'behind a warning', input: Buffer.concat([hex('15 0301 0002 0170'), inRecords(message)]) },
    { name: 'behind empty records', input: Buffer.concat([hex('16 0301 0000 16 0301 0000'), inRecords(message)]) },
    { name: 'behind a change of ciphers', input: Buffer.concat([hex('14 0303 0001 01'), inRecords(message)]) },
    { name: 'the smallest there is', input: inRecords(helloMessage({ extensions: null, cipherSuites: hex('002f') })) },
    { name: 'SSL 2.0', input: SSL2 },
  ]
  test.each(inputs)('every prefix: $name', ({ input }) => {
    for (let length = 1; length <= input.length; length++) {
      assert.ok(may(input.subarray(0, length)), `first ${length} bytes`)
    }
  })

  test('nothing is not a hello', () => expect(may(hex(''))).toBe(false))
})

describe('what is no hello', () => {
  const others: Array<{ name: string; input: Uint8Array }> = [
    { name: 'HTTP', input: Buffer.from('GET / HTTP/1.1\r\n') },
    { name: 'SMTP', input: Buffer.from('STARTTLS\r\n') },
    { name: 'the answer of PostgreSQL', input: Buffer.from('S') },
    { name: 'the SSLRequest of PostgreSQL', input: hex('00000008 04d2162f') },
    { name: 'the SSLRequest of MySQL', input: hex('20000001 85aeff00 00000001 21') },
    { name: 'TPKT of RDP', input: hex('0300 0013 0e e0') },
    { name: 'a PROXY header', input: Buffer.from('PROXY TCP4 192.0.2.1') },
    { name: 'a PROXY header, version 2', input: hex('0d0a0d0a000d0a515549540a') },
    { name: 'SOCKS 5', input: hex('05 01 00') },
    { name: 'SSH', input: Buffer.from('SSH-2.0-') },
    { name: 'encrypted data of TLS', input: hex('17 03 03 00 20') },
    { name: 'a fatal alert', input: hex('15 0303 0002 0228') },
    { name: 'an encrypted alert', input: hex('15 0303 001a 00') },
    { name: 'the end of a resumed handshake', input: hex('14 0303 0001 01 16 0303 0028 00000000 00000000') },
    { name: 'a server hello', input: hex('16 0303 004a 02') },
    { name: 'a client key exchange', input: hex('16 0303 0046 10') },
    { name: 'version 2', input: hex('16 02') },
    { name: 'a record too long', input: hex('16 0301 4101 01') },
    { name: 'a message of 196,608 bytes', input: hex('16 0301 0100 01 03') },
    { name: 'a message of 129 KiB', input: hex('16 0301 0100 01 02 0400') },
    { name: 'a message too short for its parts', input: hex('16 0301 0010 01 00 000c 0303') },
    { name: 'a record longer than its message', input: hex('16 0301 0100 01 00 0050 0303') },
    {
      name: 'a session id of 33 bytes',
      input: Buffer.concat([hex('16 0301 0100 01 0000fc 0303'), Buffer.alloc(32), hex('21')]),
    },
    { name: '33 empty records', input: Buffer.concat(Array(34).fill(hex('16 0301 0000'))) },
    { name: 'SSL 2.0: a length too small', input: hex('80 08') },
    { name: 'SSL 2.0: too long', input: hex('90') },
    { name: 'SSL 2.0: another message', input: hex('80 22 04') },
    { name: 'SSL 2.0: version 4', input: hex('80 22 01 04') },
    { name: 'SSL 2.0: version 2.1', input: hex('80 22 01 0201') },
    { name: 'SSL 2.0: half a cipher', input: hex('80 22 01 0301 0008 0000 0011') },
    { name: 'SSL 2.0: no ciphers', input: hex('80 19 01 0301 0000 0000 0010') },
    { name: 'SSL 2.0: a session id of one byte', input: hex('80 23 01 0301 0009 0001 0010') },
    { name: 'SSL 2.0: a challenge too short', input: hex('80 21 01 0301 0009 0000 000f') },
    { name: 'SSL 2.0: lengths that do not add up', input: hex('80 22 01 0301 000c 0000 0010') },
  ]
  test.each(others)('$name', ({ input }) => expect(may(input)).toBe(false))

  test('of a million random segments nearly none begins a hello', () => {
    const next = random(7)
    const segment = Buffer.alloc(16)
    let mistaken = 0
    for (let i = 0; i < 1_000_000; i++) {
      for (let at = 0; at < 16; at++) segment[at] = next(256)
      if (helloMayBegin(segment, 0, 16)) mistaken++
    }
    expect(mistaken).toBe(0)
  })

  test('what may not begin is never read, and what is read may begin', () => {
    let read = 0
    const real = REAL_HELLOS.curl
    fc.assert(
      fc.property(fc.nat(80), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(real)
        damaged[at] = value
        if (readHelloRecords(damaged, 0, damaged.length, emptyHello()) < 0) return
        read++
        // the one thing that only the probe asks: servers refuse a longer session id
        if (damaged[43]! <= 32) expect(may(damaged)).toBe(true)
      }),
      fuzz(1000),
    )
    expect(read).toBeGreaterThan(200)
  })
})

describe('SSL 2.0', () => {
  const read = (input: Uint8Array) =>
    parseTwice(input, (bytes, start, end) => {
      const hello = emptyHello()
      const outcome = readHelloRecords(bytes, start, end, hello)
      return { outcome: outcome < 0 ? outcome : outcome - start, hello }
    })

  test('is read, and has no name', () => {
    const { outcome, hello } = read(SSL2)
    expect(outcome).toBe(SSL2.length)
    expect(hello).toMatchObject({ isSsl2: true, serverName: '', versions: [0x0301], cipherSuites: [0x35, 0x2f] })
  })

  test('every prefix needs more, and says how much', () => {
    for (let length = 1; length < SSL2.length; length++) {
      const { outcome, hello } = read(SSL2.subarray(0, length))
      expect(outcome).toBe(NEED_MORE)
      expect(hello.wantedBytes).toBe(length < 11 ? 11 : SSL2.length)
    }
  })

  test('a session id', () => {
    const session = Buffer.from('0123456789abcdef')
    const input = Buffer.concat([hex('80 32 01 0002 0009 0010 0010 010080 020080 0700c0'), session, Buffer.alloc(16)])
    expect(read(input).hello).toMatchObject({ sessionId: '0123456789abcdef', versions: [2], cipherSuites: [] })
  })

  test('text with the highest bit set', () => expect(read(hex('c3a9c3a9 0a')).outcome).toBe(MALFORMED_VALUE))
  test('no outcome but these', () => {
    fc.assert(
      fc.property(fc.nat(SSL2.length - 1), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(SSL2)
        damaged[at] = value
        const { outcome } = read(damaged)
        expect(outcome === SSL2.length || [NEED_MORE, MALFORMED_LENGTH, MALFORMED_VALUE].includes(outcome)).toBe(true)
      }),
      fuzz(500),
    )
  })
})
