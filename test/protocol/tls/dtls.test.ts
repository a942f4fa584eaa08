import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../../src/bytes/outcome.ts'
import { type ClientHello, emptyHello } from '../../../src/protocol/tls/client-hello.ts'
import { DtlsClient, DtlsServer, dtlsHelloMayBegin } from '../../../src/protocol/tls/dtls.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { prefixed, serverNames } from '../../support/hello.ts'
import { fuzz } from '../../support/random.ts'
import { DTLS_CLIENT, DTLS_FRAGMENTS, DTLS_SERVER } from './material.ts'

/** Gives the datagrams to one client; the outcome of each, and the hello. */
function take(...datagrams: Uint8Array[]): { outcomes: number[]; hello: ClientHello; partial: ClientHello } {
  const run = (poison: number) => {
    const client = new DtlsClient()
    const hello = emptyHello()
    const outcomes = datagrams.map((datagram) => {
      const arena = Buffer.alloc(datagram.length + 64, poison)
      arena.set(datagram, 32)
      const outcome = client.read(arena, 32, 32 + datagram.length, hello)
      arena.fill(poison) // the arena is used again
      return outcome < 0 ? outcome : outcome - 32
    })
    const partial = emptyHello()
    client.readPartial(partial)
    return { outcomes, hello, partial }
  }
  const got = run(0)
  assert.deepEqual(run(0xff), got, 'the parser read outside its input')
  return got
}

const record = (body: Uint8Array, type = 22, version = 'fefd', epoch = '0000'): Buffer =>
  Buffer.concat([Buffer.of(type), hex(version), hex(epoch), hex('000000000000'), prefixed(2, body)])

interface Piece {
  message: Uint8Array
  from?: number
  to?: number
  sequence?: number
  type?: number
  messageBytes?: number
}

/** A handshake fragment: bytes [from, to) of `message`, which has no header. */
function fragment({ message, from = 0, to = message.length, sequence = 0, type = 1, messageBytes }: Piece): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt8(type, 0)
  header.writeUIntBE(messageBytes ?? message.length, 1, 3)
  header.writeUInt16BE(sequence, 4)
  header.writeUIntBE(from, 6, 3)
  header.writeUIntBE(to - from, 9, 3)
  return Buffer.concat([header, message.subarray(from, to)])
}

/** A hello of DTLS without its header. */
function body(name: string, cookie: Uint8Array = Buffer.alloc(0)): Buffer {
  const lists = [prefixed(1), prefixed(1, cookie), prefixed(2, hex('c02b')), prefixed(1, hex('00'))]
  return Buffer.concat([hex('fefd'), Buffer.alloc(32, 5), ...lists, prefixed(2, serverNames(name))])
}

describe('what OpenSSL sends', () => {
  test('the first hello, and the one with the cookie', () => {
    for (const datagram of DTLS_CLIENT) {
      expect(parseTwice(datagram, dtlsHelloMayBegin)).toBe(true)
      const { outcomes, hello } = take(datagram)
      expect(outcomes).toEqual([datagram.length])
      expect(hello).toMatchObject({ serverName: 'dtls.example.org', versions: [0xfefd], isPartial: false })
    }
  })

  test('in two fragments, in either order', () => {
    const [first, second, third, fourth] = DTLS_FRAGMENTS as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    for (const order of [
      [first, second],
      [second, first],
      [third, fourth],
      [fourth, third],
      [first, third, fourth],
    ]) {
      expect(order.every((datagram) => parseTwice(datagram, dtlsHelloMayBegin))).toBe(true)
      const { outcomes, hello } = take(...order)
      expect(outcomes.map((outcome) => Math.min(outcome, 0))).toEqual([...order.slice(1).map(() => NEED_MORE), 0])
      expect(hello.serverName).toBe('dtls.example.org')
    }
  })

  test('the name from the first fragment, when the other is lost', () => {
    expect(take(DTLS_FRAGMENTS[0]!).partial).toMatchObject({ serverName: 'dtls.example.org', isPartial: true })
    expect(take(DTLS_FRAGMENTS[1]!).partial).toMatchObject({ serverName: '', isPartial: false })
  })

  test('the server asks for a cookie, then answers', () => {
    const server = new DtlsServer()
    const [verify, hello] = DTLS_SERVER as [Uint8Array, Uint8Array]
    expect(server.read(verify, 0, verify.length)).toBe(NEED_MORE)
    expect(server.answer).toMatchObject({ helloVerifyRequest: true, hello: undefined })
    expect(server.read(hello, 0, hello.length)).toBeGreaterThan(0)
    expect(server.answer.hello).toMatchObject({ version: 0xfefd, cipherSuite: 0xc02c })
  })
})

describe('fragments', () => {
  const message = body('a.example', Buffer.alloc(20, 9))

  test('in any pieces, any order, some twice, over any datagrams: the same hello', () => {
    const { hello: whole } = take(record(fragment({ message })))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(message.length), fc.nat(60)), { maxLength: 12 }),
        fc.array(fc.nat(message.length), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 }),
        fc.boolean(),
        (extra, cuts, order, together) => {
          const bounds = [...new Set([0, ...cuts, message.length])].sort((a, b) => a - b)
          const ranges = bounds.slice(1).map((to, i) => ({ from: bounds[i]!, to }))
          for (const [from, length] of extra) ranges.push({ from, to: Math.min(from + length, message.length) })
          const shuffled = ranges.map((range, i) => ({ range, key: order[i % 40]! })).sort((a, b) => a.key - b.key)
          const pieces = shuffled.map(({ range }) => fragment({ message, ...range }))
          const datagrams = together ? [record(Buffer.concat(pieces))] : pieces.map((piece) => record(piece))
          const { outcomes, hello } = take(...datagrams)
          expect(outcomes.some((outcome) => outcome >= 0)).toBe(true)
          expect(hello.serverName).toBe('a.example')
          expect(hello.cipherSuites.slice(0, whole.cipherSuites.length)).toEqual(whole.cipherSuites)
        },
      ),
      fuzz(400),
    )
  })

  test('where two disagree, the first one wins', () => {
    const other = body('b.example', Buffer.alloc(20, 9))
    const half = message.length - 5
    const { hello } = take(
      record(fragment({ message, to: half })),
      record(fragment({ message: other, from: 40, to: half })),
      record(fragment({ message, from: half })),
    )
    expect(hello.serverName).toBe('a.example')
  })

  test('the hello with a cookie takes the place of one that never became whole', () => {
    const { outcomes, hello } = take(
      record(fragment({ message: body('lost.example'), to: 30 })),
      record(fragment({ message, to: 30, sequence: 1 })),
      record(fragment({ message: body('lost.example'), from: 30 })),
      record(fragment({ message, from: 30, sequence: 1 })),
    )
    expect(outcomes.slice(0, 3)).toEqual([NEED_MORE, NEED_MORE, NEED_MORE])
    expect(hello.serverName).toBe('a.example')
  })

  const stories: Array<{ name: string; datagram: Uint8Array; want: number }> = [
    { name: 'nothing', datagram: hex(''), want: MALFORMED_LENGTH },
    { name: 'half a header', datagram: record(fragment({ message })).subarray(0, 12), want: MALFORMED_LENGTH },
    { name: 'a record cut short', datagram: record(fragment({ message })).subarray(0, 60), want: MALFORMED_LENGTH },
    { name: 'TLS', datagram: hex('16 0301 0040 01 0000fc 0303 00000000 00000000'), want: MALFORMED_VALUE },
    { name: 'DNS', datagram: hex('1234 0100 0001 0000 0000 0000 03 777777'), want: MALFORMED_VALUE },
    { name: 'QUIC', datagram: Buffer.concat([hex('c3 00000001 08'), Buffer.alloc(40)]), want: MALFORMED_VALUE },
    { name: 'an encrypted record', datagram: record(fragment({ message }), 22, 'fefd', '0001'), want: NEED_MORE },
    { name: 'another message', datagram: record(fragment({ message, type: 16 })), want: NEED_MORE },
    { name: 'a handshake header cut short', datagram: record(hex('01 000040 0000')), want: MALFORMED_LENGTH },
    {
      name: 'a fragment that leaves its record',
      datagram: record(fragment({ message }).subarray(0, 40)),
      want: MALFORMED_LENGTH,
    },
    {
      name: 'a fragment that leaves its message',
      datagram: record(fragment({ message, messageBytes: 20 })),
      want: MALFORMED_LENGTH,
    },
    {
      name: 'a message that claims 16 MiB',
      datagram: record(fragment({ message, messageBytes: 0xffffff })),
      want: LIMIT_REACHED,
    },
    { name: 'the hundredth message', datagram: record(fragment({ message, to: 30, sequence: 100 })), want: NEED_MORE },
    { name: 'an empty message', datagram: record(fragment({ message: hex('') })), want: MALFORMED_LENGTH },
    {
      name: 'no cookie field',
      datagram: record(fragment({ message: body('').subarray(0, 35) })),
      want: MALFORMED_LENGTH,
    },
    { name: '65 empty records', datagram: Buffer.concat(Array(65).fill(record(hex('')))), want: LIMIT_REACHED },
    {
      name: 'behind an alert, in the second record',
      datagram: Buffer.concat([record(hex('0100'), 21), record(fragment({ message }))]),
      want: 0,
    },
    { name: 'the oldest version', datagram: record(fragment({ message }), 22, '0100'), want: 0 },
  ]
  test.each(stories)('$name', ({ datagram, want }) => {
    const { outcomes, hello } = take(datagram)
    expect(outcomes[0]).toBe(want === 0 ? datagram.length : want)
    expect(hello.serverName).toBe(want === 0 ? 'a.example' : '')
  })

  test('a fragment of another length is refused and harms nothing', () => {
    const { outcomes, hello } = take(
      record(fragment({ message, to: 30 })),
      record(fragment({ message: Buffer.alloc(99), to: 30 })),
      record(fragment({ message, from: 30 })),
    )
    expect(outcomes.slice(0, 2)).toEqual([NEED_MORE, MALFORMED_LENGTH])
    expect(hello.serverName).toBe('a.example')
  })

  test('more pieces than are followed', () => {
    const pieces = Array.from({ length: 40 }, (_, i) => record(fragment({ message, from: 2 * i, to: 2 * i + 1 })))
    expect(take(...pieces).outcomes).toContain(LIMIT_REACHED)
  })

  test('any damage gives an outcome inside the datagram', () => {
    const met = new Set<number>()
    const datagram = DTLS_CLIENT[1]!
    fc.assert(
      fc.property(fc.nat(datagram.length - 1), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(datagram)
        damaged[at] = value
        const outcome = take(damaged).outcomes[0]!
        met.add(Math.min(outcome, 0))
        expect(outcome).toBeLessThanOrEqual(datagram.length)
      }),
      fuzz(1500),
    )
    expect([...met]).toEqual(expect.arrayContaining([0, NEED_MORE, MALFORMED_LENGTH, MALFORMED_VALUE]))
  })
})

describe('probe', () => {
  test.each([
    { name: 'nothing', input: hex(''), want: false },
    { name: 'a hello', input: record(fragment({ message: body('a.example') })), want: true },
    { name: 'a later fragment', input: record(fragment({ message: body('a.example'), from: 20 })), want: true },
    { name: 'cut short', input: record(fragment({ message: body('a.example') })).subarray(0, 50), want: false },
    { name: 'encrypted', input: record(fragment({ message: body('a') }), 22, 'fefd', '0001'), want: false },
    { name: 'another message', input: record(fragment({ message: body('a'), type: 2 })), want: false },
    { name: 'a message too short', input: record(fragment({ message: Buffer.alloc(40) })), want: false },
    { name: 'a message too long', input: record(fragment({ message: body('a'), messageBytes: 16_385 })), want: false },
    { name: 'the hundredth message', input: record(fragment({ message: body('a'), sequence: 100 })), want: false },
    { name: 'DTLS 0.9', input: record(fragment({ message: body('a') }), 22, '0101'), want: false },
  ])('$name', ({ input, want }) => expect(parseTwice(input, dtlsHelloMayBegin)).toBe(want))
})

describe('server', () => {
  const serverHello = Buffer.concat([hex('fefd'), Buffer.alloc(32, 1), hex('00 c02b 00 0000')])
  const answer = (...datagrams: Uint8Array[]) => {
    const server = new DtlsServer()
    const outcomes = datagrams.map((datagram) => Math.min(server.read(datagram, 0, datagram.length), 0))
    return { outcomes, answer: server.answer }
  }

  test.each([
    { name: 'whole', input: [record(fragment({ message: serverHello, type: 2 }))], outcomes: [0], hello: true },
    {
      name: 'in fragments',
      input: [{ to: 20 }, { from: 20 }].map((range) => record(fragment({ message: serverHello, type: 2, ...range }))),
      outcomes: [NEED_MORE, 0],
      hello: true,
    },
    { name: 'a fatal alert', input: [record(hex('0228'), 21)], outcomes: [0], hello: false },
    { name: 'a warning', input: [record(hex('0100'), 21)], outcomes: [NEED_MORE], hello: false },
    {
      name: 'half a hello',
      input: [record(fragment({ message: serverHello.subarray(0, 30), type: 2 }))],
      outcomes: [MALFORMED_LENGTH],
      hello: false,
    },
    { name: 'no record', input: [Buffer.from('HTTP/1.1 200 OK\r\n')], outcomes: [MALFORMED_VALUE], hello: false },
  ])('$name', ({ input, outcomes, hello }) => {
    const got = answer(...input)
    expect(got.outcomes).toEqual(outcomes)
    expect(got.answer.hello !== undefined).toBe(hello)
  })

  test('alerts are told', () => {
    expect(answer(record(hex('0228'), 21)).answer.alert).toEqual({ isFatal: true, description: 40 })
  })

  test('DTLS 1.3 by its extension', () => {
    const message = Buffer.concat([serverHello.subarray(0, -2), prefixed(2, hex('002b 0002 fefc'))])
    expect(answer(record(fragment({ message, type: 2 }))).answer.hello).toMatchObject({ version: 0xfefc })
  })
})
