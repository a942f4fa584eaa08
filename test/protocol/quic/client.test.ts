import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import { QuicClient } from '../../../src/protocol/quic/client.ts'
import {
  ack,
  clientHello,
  crypto,
  ID,
  initial,
  opaque,
  PING,
  padding,
  retry,
  V1,
  V2,
  versionNegotiation,
} from '../../support/quic-encoder.ts'
import { random } from '../../support/random.ts'

const HELLO = clientHello('chat.example', 1500)
const slice = (from: number, to = HELLO.length) => crypto(from, HELLO.subarray(from, to))
const A = slice(0, 900)
const B = slice(900)

const OTHER_ID = Buffer.from('a1b2c3d4e5f60718', 'hex')
const SERVER_ID = Buffer.from('f067a5502a4262b5', 'hex')
const TOKEN = Buffer.from('token')

/** A datagram of the client, or of the server where it says so. */
type Datagram = Uint8Array | { server: Uint8Array }

function play(...datagrams: Datagram[]) {
  const client = new QuicClient()
  const outcomes: Array<number | 'hello'> = []
  for (const datagram of datagrams) {
    if ('server' in datagram) client.serverDatagram(datagram.server, 0, datagram.server.length)
    else {
      const outcome = client.datagram(datagram, 0, datagram.length)
      outcomes.push(outcome === datagram.length ? 'hello' : outcome)
    }
  }
  const { work, version, isOver } = client
  return { outcomes, name: client.hello.serverName, work, version, isOver }
}

const flipped = (packet: Uint8Array, at: number) => {
  const copy = Buffer.from(packet)
  copy[at]! ^= 1
  return copy
}

describe('a hello', () => {
  test.each<[string, Datagram[], Array<number | 'hello'>]>([
    ['in one Initial', [initial({ frames: [slice(0)] })], ['hello']],
    ['in two', [initial({ frames: [A] }), initial({ number: 1, frames: [B] })], [NEED_MORE, 'hello']],
    ['in two, the second first', [initial({ number: 1, frames: [B] }), initial({ frames: [A] })], [NEED_MORE, 'hello']],
    [
      'with one Initial twice',
      [initial({ frames: [A] }), initial({ frames: [A] }), initial({ frames: [B] })],
      [NEED_MORE, NEED_MORE, 'hello'],
    ],
    [
      'in two Initials of one datagram',
      [Buffer.concat([initial({ bytes: 0, frames: [A] }), initial({ number: 1, frames: [B] })])],
      ['hello'],
    ],
    [
      'in a datagram padded after the packet',
      [Buffer.concat([initial({ bytes: 400, frames: [slice(0)] }), padding(800)])],
      ['hello'],
    ],
    ['in a datagram of less than 1,200 bytes', [initial({ bytes: 0, frames: [slice(0)] })], ['hello']],
    [
      'after 0-RTT data in the same datagram',
      [Buffer.concat([opaque(1, Buffer.alloc(50, 7)), initial({ frames: [slice(0)] })])],
      ['hello'],
    ],
    [
      'after 0-RTT datagrams',
      [opaque(1, Buffer.alloc(900, 7)), opaque(1, Buffer.alloc(900, 7)), initial({ frames: [slice(0)] })],
      [NEED_MORE, NEED_MORE, 'hello'],
    ],
    [
      'after an Initial that only acknowledges',
      [initial({ frames: [ack(0)] }), initial({ number: 1, frames: [slice(0)] })],
      [NEED_MORE, 'hello'],
    ],
    ['after a short header', [Buffer.alloc(60, 0x4a), initial({ frames: [slice(0)] })], [UNSUPPORTED, 'hello']],
    ['with a token', [initial({ token: Buffer.alloc(250, 9), frames: [slice(0)] })], ['hello']],
    ['without any id', [initial({ id: Buffer.alloc(0), frames: [slice(0)] })], ['hello']],
    [
      'with the longest ids',
      [initial({ id: Buffer.alloc(20, 3), sourceId: Buffer.alloc(20, 4), frames: [slice(0)] })],
      ['hello'],
    ],
  ])('%s', (_, datagrams, outcomes) => {
    expect(play(...datagrams)).toMatchObject({ outcomes, name: 'chat.example', version: V1, isOver: true })
  })

  test.each([1, 2, 3, 4])('packet numbers of %i bytes, beyond what they hold', (numberBytes) => {
    const first = initial({ number: 200, numberBytes, frames: [A] })
    const second = initial({ number: 300, numberBytes, frames: [B] }) // 44 where one byte is sent
    const third = initial({ number: 290, numberBytes, frames: [B] })
    expect(play(first, second).name).toBe('chat.example')
    expect(play(initial({ number: 200, numberBytes, frames: [] }), third, first).name).toBe('chat.example')
  })

  test('as Chromium 156 sends it: a dozen slices in random order over two Initials, PING and PADDING between', () => {
    const walk = random(156)
    for (let round = 0; round < 50; round++) {
      const cuts = Array.from({ length: 11 }, () => 1 + walk(HELLO.length - 1)).sort((a, b) => a - b)
      const edges = [0, ...cuts, HELLO.length]
      const slices = edges.slice(1).map((to, i) => slice(edges[i]!, to))
      for (let i = slices.length - 1; i > 0; i--) {
        const j = walk(i + 1)
        ;[slices[i], slices[j]] = [slices[j]!, slices[i]!]
      }
      const frames = slices.flatMap((one) => [one, walk(2) === 0 ? PING : padding(1 + walk(40))])
      const half = 12
      const first = initial({ number: 1, frames: frames.slice(0, half) })
      const second = initial({ number: 2, frames: frames.slice(half) })
      expect(play(first, second)).toMatchObject({ outcomes: [NEED_MORE, 'hello'], name: 'chat.example', work: 2 })
    }
  })

  test('as Firefox sends it: the name itself is cut, the end first', () => {
    const cut = HELLO.indexOf('chat.example') + 5
    expect(play(initial({ frames: [slice(cut), slice(0, cut)] })).name).toBe('chat.example')
  })

  test('in slices of one byte, first every other one', () => {
    const short = clientHello('chat.example', 100)
    const offsets = Array.from(short.keys())
    const order = [...offsets.filter((at) => at % 2 === 1), ...offsets.filter((at) => at % 2 === 0)]
    const frames = order.map((at) => crypto(at, short.subarray(at, at + 1)))
    expect(play(initial({ frames })).name).toBe('chat.example')
  })

  test('where two slices disagree, the first counts', () => {
    const changed = Buffer.from(HELLO)
    changed.write('evil', changed.indexOf('chat.example'), 'latin1')
    expect(play(initial({ frames: [slice(0, 1700), crypto(0, changed)] })).name).toBe('chat.example')
  })

  test.each([
    ...Array.from({ length: 13 }, (_, i) => 0xff000000 + 22 + i),
    0x00000001,
    0x6b3343cf,
    0x709a50c4,
    0xfaceb001,
    0xfaceb002,
    0xfaceb003,
    0xfaceb00e,
    0x50435130,
    0x50435131,
  ])('in version %i', (version) => {
    expect(play(initial({ version, frames: [slice(0)] }))).toMatchObject({ name: 'chat.example', version, work: 1 })
  })
})

describe('connection ids and versions change', () => {
  const first = initial({ frames: [A] })

  test('after a Retry: other id, other keys, all from the beginning', () => {
    const again = (number: number, frame: Buffer) => initial({ id: SERVER_ID, token: TOKEN, number, frames: [frame] })
    const after = [again(1, A), again(2, B)]
    const outcomes = [NEED_MORE, NEED_MORE, 'hello']
    const server = { server: retry(SERVER_ID, TOKEN) }
    expect(play(first, server, ...after)).toMatchObject({ outcomes, name: 'chat.example', work: 3 })
    expect(play(first, ...after), 'Retry not seen: one trial more').toMatchObject({
      outcomes,
      name: 'chat.example',
      work: 4,
    })
  })

  test('a Retry before anything of the client was seen', () => {
    const after = initial({ id: SERVER_ID, token: TOKEN, frames: [slice(0)] })
    expect(play({ server: retry(SERVER_ID, TOKEN) }, after)).toMatchObject({ name: 'chat.example', work: 1 })
  })

  test('a straggler from before the Retry finds its own stream', () => {
    const after = initial({ id: SERVER_ID, token: TOKEN, number: 2, frames: [A] })
    const end = initial({ id: SERVER_ID, token: TOKEN, number: 3, frames: [B] })
    expect(play(first, after, first, end).name).toBe('chat.example')
    expect(play(first, after, initial({ number: 1, frames: [B] })).name).toBe('chat.example')
  })

  test("after the server's first Initial: other id, same keys", () => {
    const second = initial({ id: SERVER_ID, keyId: ID, number: 1, frames: [B] })
    expect(play(first, second)).toMatchObject({ outcomes: [NEED_MORE, 'hello'], name: 'chat.example', work: 2 })
  })

  test('compatible version negotiation: version 2 goes on with the stream and the first id', () => {
    const second = initial({ version: V2, id: SERVER_ID, keyId: ID, number: 1, frames: [B] })
    expect(play(first, second)).toMatchObject({ name: 'chat.example', version: V2 })
  })

  test('and what follows in version 2 is numbered on', () => {
    const next = { version: V2, id: SERVER_ID, keyId: ID }
    const second = initial({ ...next, number: 300, numberBytes: 2, frames: [slice(900, 1000)] })
    const third = initial({ ...next, number: 301, numberBytes: 1, frames: [slice(1000)] }) // only 45 is sent
    expect(play(first, second, third)).toMatchObject({ name: 'chat.example', work: 3 })
  })

  test('version negotiation: the client begins again in version 1', () => {
    const unreadable = initial({ version: 0xabcd0001, keyVersion: 0xff000016, frames: [slice(0)] })
    const server = { server: versionNegotiation(Buffer.alloc(0), ID, [V1]) }
    expect(play(unreadable, server, initial({ frames: [slice(0)] }))).toMatchObject({
      outcomes: [MALFORMED_VALUE, 'hello'],
      name: 'chat.example',
      version: V1,
    })
  })

  test.each([
    ['a version that is always refused, keys of version 1', 0x1a2a3a4a, V1],
    ['the same, keys of version 2', 0x1a2a3a4a, V2],
    ["somebody's own number", 0x91c17000, V1],
  ])('%s', (_, version, keyVersion) => {
    const packet = initial({ version, keyVersion, frames: [slice(0)] })
    expect(play(packet)).toMatchObject({ name: 'chat.example', version, work: 1 })
  })

  test('a forged Retry costs at most a trial', () => {
    const forged = { server: retry(OTHER_ID, TOKEN) }
    const second = initial({ id: OTHER_ID, keyId: ID, number: 1, frames: [B] })
    const late = initial({ number: 2, frames: [B] })
    expect(play(first, forged, late).name).toBe('chat.example')
    expect(play(first, forged, second, late).name).toBe('chat.example')
  })
})

describe('what a server would not take does not hide the hello', () => {
  const hello = initial({ frames: [slice(0)] })
  const decoy = crypto(0, clientHello('decoy.example'))
  test.each<[string, Uint8Array, number]>([
    ['a decoy whose tag is wrong', flipped(initial({ frames: [decoy] }), 1199), MALFORMED_VALUE],
    ['a decoy whose header was changed', flipped(initial({ token: TOKEN, frames: [decoy] }), 16), MALFORMED_VALUE],
    ['a decoy for keys of another id', initial({ keyId: OTHER_ID, frames: [decoy] }), MALFORMED_VALUE],
    ['a decoy in another version', initial({ keyVersion: 0xff00001d, frames: [decoy] }), MALFORMED_VALUE],
    ['a datagram cut off', initial({ frames: [decoy] }).subarray(0, 1100), MALFORMED_LENGTH],
    [
      'another attempt that is no hello',
      initial({ id: OTHER_ID, frames: [crypto(0, Buffer.from('nonsense'))] }),
      MALFORMED_VALUE,
    ],
    [
      'another attempt whose hello is broken',
      initial({ id: OTHER_ID, frames: [crypto(0, Buffer.from('01000004030300ff', 'hex'))] }),
      MALFORMED_VALUE,
    ],
    [
      'another attempt of 16 MiB',
      initial({ id: OTHER_ID, frames: [crypto(0, Buffer.from('01ffffff', 'hex'))] }),
      MALFORMED_VALUE,
    ],
    [
      'a frame that does not belong there',
      initial({ id: OTHER_ID, frames: [Buffer.from([0x0a, 4, 1, 65]), decoy] }),
      UNSUPPORTED,
    ],
    [
      'a frame past the end',
      initial({ id: OTHER_ID, bytes: 0, frames: [Buffer.from([6, 0, 0x7f, 0xff, 0])] }),
      MALFORMED_LENGTH,
    ],
    ['ones', Buffer.alloc(1300, 0xff), MALFORMED_VALUE],
    ['a server answer taken for one of the client', versionNegotiation(ID, ID, [V1]), NEED_MORE],
  ])('%s', (_, packet, outcome) => {
    expect(play(packet)).toMatchObject({ outcomes: [outcome], name: '', isOver: false })
    expect(play(packet, hello)).toMatchObject({ outcomes: [outcome, 'hello'], name: 'chat.example' })
  })

  test.each([
    ['padding of another value', Buffer.alloc(700, 0x5a)],
    ['a header that is cut off', hello.subarray(0, 15)],
    ['an Initial that no key opens', flipped(initial({ bytes: 200, frames: [] }), 100)],
    ['a broken Initial of another attempt', initial({ id: OTHER_ID, bytes: 200, frames: [Buffer.from([0x0a])] })],
  ])('what was understood counts, whatever follows in the datagram: %s', (_, rest) => {
    const half = initial({ bytes: 0, frames: [A] })
    expect(play(Buffer.concat([half, rest]), initial({ number: 1, frames: [B] })).outcomes).toEqual([
      NEED_MORE,
      'hello',
    ])
  })

  test('a forged packet with an id that is known costs one decryption', () => {
    const forged = flipped(initial({ number: 1, frames: [B] }), 700)
    expect(play(initial({ frames: [A] }), forged)).toMatchObject({ outcomes: [NEED_MORE, MALFORMED_VALUE], work: 2 })
  })

  test('a slice far beyond any hello is left out, the rest is read', () => {
    expect(
      play(initial({ frames: [crypto(2 ** 40, Buffer.from('x')), crypto(65_536, Buffer.from('x')), slice(0)] })).name,
    ).toBe('chat.example')
  })

  test('an attempt that is no hello stays one, and its later packets cost one decryption each', () => {
    const nonsense = initial({ frames: [crypto(0, Buffer.from('nonsense'))] })
    expect(play(nonsense, initial({ number: 1, frames: [slice(0)] }))).toMatchObject({
      outcomes: [MALFORMED_VALUE, MALFORMED_VALUE],
      name: '',
      work: 2,
    })
  })
})

describe('a hello whose end never comes', () => {
  const nameFirst = clientHello('chat.example', 10)
  const partial = (...datagrams: Uint8Array[]) => {
    const client = new QuicClient()
    for (const datagram of datagrams) client.datagram(datagram, 0, datagram.length)
    const found = client.readPartial()
    return { found, name: client.hello.serverName, isPartial: client.hello.isPartial, hasHello: client.hasHello }
  }

  test.each<[string, Uint8Array[], boolean, string]>([
    ['all but the last byte', [initial({ frames: [crypto(0, nameFirst.subarray(0, -1))] })], true, 'chat.example'],
    ['not even the name', [initial({ frames: [crypto(0, nameFirst.subarray(0, 60))] })], true, ''],
    ['a hole before the name', [initial({ frames: [crypto(70, nameFirst.subarray(70))] })], false, ''],
    ['nothing', [], false, ''],
    ['no hello at all', [initial({ frames: [crypto(0, Buffer.from('nonsense'))] })], false, ''],
    [
      'after a newer attempt that brought nothing',
      [initial({ frames: [crypto(0, nameFirst.subarray(0, -1))] }), initial({ id: OTHER_ID, frames: [PING] })],
      true,
      'chat.example',
    ],
  ])('%s', (_, datagrams, found, name) => {
    expect(partial(...datagrams)).toEqual({ found, name, isPartial: found, hasHello: false })
  })

  test('a complete one is left as it is', () => {
    expect(partial(initial({ frames: [slice(0)] }))).toEqual({
      found: false,
      name: 'chat.example',
      isPartial: false,
      hasHello: true,
    })
  })
})

describe('limits', () => {
  const forged = (i: number) => initial({ id: Buffer.alloc(8, i), keyId: OTHER_ID, frames: [slice(0)] })

  test('ten decryptions, and then nothing more', () => {
    const flood = Array.from({ length: 12 }, (_, i) => forged(i))
    const { outcomes, work, isOver, name } = play(...flood, initial({ frames: [slice(0)] }))
    expect(outcomes).toEqual([...Array(10).fill(MALFORMED_VALUE), LIMIT_REACHED, LIMIT_REACHED, LIMIT_REACHED])
    expect({ work, isOver, name }).toEqual({ work: 10, isOver: true, name: '' })
  })

  test('also in one datagram', () => {
    const many = Buffer.concat(
      Array.from({ length: 30 }, (_, i) => initial({ bytes: 60, id: Buffer.alloc(8, i), keyId: OTHER_ID, frames: [] })),
    )
    expect(play(many)).toMatchObject({ outcomes: [LIMIT_REACHED], work: 10, isOver: true })
  })

  test('what fails the cheap checks costs no decryption', () => {
    const cut = initial({ frames: [slice(0)] }).subarray(0, 1000)
    expect(
      play(cut, Buffer.alloc(1200, 0xc0), opaque(1, Buffer.alloc(800)), opaque(2, Buffer.alloc(800))),
    ).toMatchObject({ work: 0 })
  })

  test('64 datagrams without a hello', () => {
    const { outcomes, work } = play(...Array(70).fill(opaque(1, Buffer.alloc(100))))
    expect(outcomes.indexOf(LIMIT_REACHED)).toBe(64)
    expect(work).toBe(0)
  })

  test('a client that is understood is not read on', () => {
    const other = initial({ number: 1, frames: [crypto(0, clientHello('late.example'))] })
    expect(play(initial({ frames: [slice(0)] }), other)).toMatchObject({
      outcomes: ['hello', LIMIT_REACHED],
      name: 'chat.example',
      work: 1,
    })
  })

  test('three attempts are remembered: the fourth pushes out the first', () => {
    const id = (i: number) => Buffer.alloc(8, i)
    const begin = (i: number) => initial({ id: id(i), frames: [A] })
    const end = (i: number) => initial({ id: id(i), number: 1, frames: [B] })
    const next = (i: number) => ({ server: retry(id(i), TOKEN) }) // so that no key is tried in vain
    const three = [begin(1), next(2), begin(2), next(3), begin(3), next(4)]
    expect(play(...three, end(1))).toMatchObject({ name: 'chat.example', work: 4 })
    expect(play(...three, begin(4), end(2))).toMatchObject({ name: 'chat.example', work: 5 })
    expect(play(...three, begin(4), end(1))).toMatchObject({ name: '', work: 8 })
  })
})
