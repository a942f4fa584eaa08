import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import { readGoogleHello } from '../../../src/protocol/quic/chlo.ts'
import { QuicClient } from '../../../src/protocol/quic/client.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import {
  clientHello,
  googleCrypto,
  googleHello,
  googleStream,
  initial,
  PING,
  publicPacket,
  q046Packet,
} from '../../support/quic-encoder.ts'

const HELLO = googleHello({ PAD: '-'.repeat(900), SNI: 'mail.example', VER: 'Q043', UAID: 'Example/1.0', ALPN: '' })

const read = (input: Uint8Array) =>
  parseTwice(input, (bytes, start, end) => {
    const hello = { serverName: '', userAgent: '' }
    const outcome = readGoogleHello(bytes, start, end, hello)
    return { outcome: outcome < 0 ? outcome : outcome - start, ...hello }
  })

describe("Google's hello", () => {
  test('names the server and the program', () => {
    expect(read(HELLO)).toEqual({ outcome: HELLO.length, serverName: 'mail.example', userAgent: 'Example/1.0' })
  })

  test('every prefix is incomplete and names nothing', () => {
    for (let end = 0; end < HELLO.length; end++)
      expect(read(HELLO.subarray(0, end)), `${end}`).toEqual({ outcome: NEED_MORE, serverName: '', userAgent: '' })
  })

  test.each([
    ['another message', hex('52454a00 0000 0000'), MALFORMED_VALUE],
    ['more tags than anybody sends', hex('43484c4f ffff 0000'), LIMIT_REACHED],
    [
      'a value that ends before it begins',
      hex('43484c4f 0200 0000 41414141 04000000 534e4900 03000000 61616161'),
      MALFORMED_LENGTH,
    ],
    ['a value of 4 GiB', hex('43484c4f 0100 0000 534e4900 ffffffff'), LIMIT_REACHED],
    ['no tags at all', hex('43484c4f 0000 0000'), 8],
  ])('%s', (_, bytes, outcome) => expect(read(bytes)).toEqual({ outcome, serverName: '', userAgent: '' }))
})

const play = (...datagrams: Uint8Array[]) => {
  const client = new QuicClient()
  const outcomes = datagrams.map((input) => {
    const at = client.datagram(input, 0, input.length)
    return at < 0 ? at : 'hello'
  })
  return { outcomes, name: client.hello.serverName, agent: client.userAgent, version: client.version }
}

const seen = { outcomes: ['hello'], name: 'mail.example', agent: 'Example/1.0' }

describe('packets that are not encrypted', () => {
  test.each([
    ['Q039', publicPacket('Q039', [googleStream(0, HELLO)])],
    ['Q043', publicPacket('Q043', [googleStream(0, HELLO), Buffer.alloc(200)])],
    ['Q043 with a PING first', publicPacket('Q043', [hex('07'), googleStream(0, HELLO)])],
    ['Q043 without a length in the frame', publicPacket('Q043', [hex('80 01'), HELLO])],
    ['Q046', q046Packet([googleStream(0, HELLO), Buffer.alloc(30)])],
  ])('%s', (_, packet) => expect(play(packet)).toMatchObject(seen))

  test('the hello in two packets, in the wrong order', () => {
    const late = publicPacket('Q043', [googleStream(500, HELLO.subarray(500))])
    const early = publicPacket('Q043', [googleStream(0, HELLO.subarray(0, 500))])
    expect(play(late, early)).toMatchObject({ ...seen, outcomes: [NEED_MORE, 'hello'] })
  })

  test('a hello after one that was none', () => {
    const nonsense = publicPacket('Q043', [googleStream(0, Buffer.from('nonsense'))])
    const hello = publicPacket('Q043', [googleStream(0, HELLO)])
    expect(play(nonsense, hello)).toMatchObject({ ...seen, outcomes: [MALFORMED_VALUE, 'hello'] })
  })

  test.each<[string, Uint8Array, number]>([
    ['a stream that is not the hello', publicPacket('Q043', [googleStream(0, HELLO, 3)]), MALFORMED_VALUE],
    ['an acknowledgement first', publicPacket('Q043', [hex('4001000001'), googleStream(0, HELLO)]), UNSUPPORTED],
    ['a stream past the end', publicPacket('Q043', [googleStream(0, HELLO).subarray(0, -1)]), MALFORMED_LENGTH],
    ['nothing after the header', publicPacket('Q043', []).subarray(0, 20), MALFORMED_LENGTH],
    ['a version of long ago', publicPacket('Q025', [googleStream(0, HELLO)]), UNSUPPORTED],
    ['another message', publicPacket('Q043', [googleStream(0, Buffer.from('REJ\0\0\0\0\0'))]), MALFORMED_VALUE],
  ])('no name from %s', (_, packet, outcome) => {
    expect(play(packet)).toMatchObject({ outcomes: [outcome], name: '' })
  })
})

describe('packets that are', () => {
  test('Q050 carries its own hello', () => {
    const frames = [googleCrypto(0, HELLO)]
    expect(play(initial({ version: 0x51303530, frames }))).toMatchObject({ ...seen, version: 0x51303530 })
  })

  test.each([0x54303530, 0x54303531])('T050 and T051 (%i) carry one of TLS', (version) => {
    const frames = [hex('07'), googleCrypto(0, clientHello('mail.example'))]
    expect(play(initial({ version, frames }))).toMatchObject({ outcomes: ['hello'], name: 'mail.example', agent: '' })
  })

  test('frames in the numbers of the IETF do not belong in Q050', () => {
    expect(play(initial({ version: 0x51303530, frames: [PING, googleCrypto(0, HELLO)] }))).toMatchObject({
      outcomes: [UNSUPPORTED],
      name: '',
    })
  })
})
