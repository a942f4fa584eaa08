/** HTTP/2 without TLS: connections of Node's client and server, and of attackers. */
import { once } from 'node:events'
import http2 from 'node:http2'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE, NEED_MORE } from '../../../src/bytes/outcome.ts'
import {
  BLOCK_BYTES_MAX,
  BLOCK_FRAMES_MAX,
  BODY_BYTES_MAX,
  Http2Connection,
  looksLikeHttp2,
  readHttp2,
} from '../../../src/protocol/http2/connection.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'
import { overhear } from '../http/wiretap.ts'

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const SETTINGS = frame(4, 0, 0, '')
const GET = '828684 410f 7777772e6578616d706c652e636f6d' // GET / of www.example.com, RFC 7541 C.3.1
const END_HEADERS = 4

function frame(type: number, flags: number, streamId: number, payload: string | Uint8Array): Buffer {
  const bytes = typeof payload === 'string' ? hex(payload) : payload
  const header = Buffer.alloc(9)
  header.writeUIntBE(bytes.length, 0, 3)
  header[3] = type
  header[4] = flags
  header.writeUInt32BE(streamId, 5)
  return Buffer.concat([header, bytes])
}

function client(...frames: Uint8Array[]): Buffer {
  return Buffer.concat([PREFACE, SETTINGS, ...frames])
}

/** Feeds segments as a sensor does, which keeps only what is not consumed. */
function feed(segments: Uint8Array[], side: 'client' | 'server' = 'client'): string[] {
  const connection = new Http2Connection(side)
  const found: string[] = []
  let kept = Buffer.alloc(0)
  for (const segment of segments) {
    kept = Buffer.concat([kept, segment])
    let at = 0
    for (;;) {
      const arena = Buffer.concat([Buffer.alloc(9), kept, Buffer.alloc(9)])
      const next = readHttp2(arena, 9 + at, 9 + kept.length, connection)
      if (next >= 0) {
        const { method, authority, path, status } = connection.list
        found.push(`${connection.streamId} ${method === '' ? status : `${method} ${authority} ${path}`}`)
        at = next - 9
        continue
      }
      if (next !== NEED_MORE) return [...found, `reason ${next}`]
      expect(connection.wantedBytes).toBeGreaterThan(kept.length - at - connection.consumed)
      kept = kept.subarray(at + connection.consumed)
      break
    }
  }
  return found
}

const WANT = 'GET www.example.com /'

describe('http2 connection', () => {
  test.each([
    { name: 'a request', bytes: client(frame(1, END_HEADERS, 1, GET)), want: [`1 ${WANT}`] },
    { name: 'padding', bytes: client(frame(1, END_HEADERS | 8, 1, `05 ${GET} 0000000000`)), want: [`1 ${WANT}`] },
    { name: 'a priority', bytes: client(frame(1, END_HEADERS | 0x20, 1, `80000003 10 ${GET}`)), want: [`1 ${WANT}`] },
    {
      name: 'padding and a priority',
      bytes: client(frame(1, END_HEADERS | 0x28, 1, `02 00000000 ff ${GET} ffff`)),
      want: [`1 ${WANT}`],
    },
    {
      name: 'a block in three pieces, one of them empty',
      bytes: client(frame(1, 0, 1, '8286'), frame(9, 0, 1, ''), frame(9, END_HEADERS, 1, GET.slice(4))),
      want: [`1 ${WANT}`],
    },
    {
      name: 'several streams, other frames in between, one table',
      bytes: client(
        frame(1, END_HEADERS, 1, GET),
        frame(0, 0, 1, Buffer.alloc(300)),
        frame(8, 0, 0, '00000001'),
        frame(0xbe, 0xff, 7, '00'),
        frame(1, END_HEADERS, 3, '828684be'),
      ),
      want: [`1 ${WANT}`, `3 ${WANT}`],
    },
    {
      name: 'trailers',
      bytes: client(
        frame(1, END_HEADERS, 1, GET),
        frame(1, END_HEADERS | 1, 1, '4001610162'),
        frame(1, END_HEADERS, 3, '828684bf'),
      ),
      want: [`1 ${WANT}`, `3 ${WANT}`],
    },
    {
      name: 'the highest bit of a stream means nothing',
      bytes: client(frame(1, END_HEADERS, 0x80000001, GET)),
      want: [`1 ${WANT}`],
    },
  ])('$name', ({ bytes, want }) => {
    expect(feed([bytes])).toEqual(want)
    expect(feed(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(want)
  })

  test('a promise of the server changes the table and is no response', () => {
    const bytes = Buffer.concat([
      SETTINGS,
      frame(5, END_HEADERS, 1, `00000002 ${GET}`),
      frame(1, END_HEADERS, 1, '88be'),
    ])
    expect(feed([bytes], 'server')).toEqual(['1 200'])
  })

  const flood = Array.from({ length: BLOCK_FRAMES_MAX }, () => frame(9, 0, 1, ''))
  test.each([
    { name: 'no preface', bytes: SETTINGS, want: [`reason ${MALFORMED_VALUE}`] },
    {
      name: 'a first frame that is not SETTINGS',
      bytes: Buffer.concat([PREFACE, frame(1, END_HEADERS, 1, GET)]),
      want: [`reason ${MALFORMED_VALUE}`],
    },
    {
      name: 'a first frame that acknowledges',
      bytes: Buffer.concat([PREFACE, frame(4, 1, 0, '')]),
      want: [`reason ${MALFORMED_VALUE}`],
    },
    {
      name: 'SETTINGS of a broken length',
      bytes: Buffer.concat([PREFACE, frame(4, 0, 0, '00')]),
      want: [`reason ${MALFORMED_LENGTH}`],
    },
    { name: 'HEADERS on stream 0', bytes: client(frame(1, END_HEADERS, 0, GET)), want: [`reason ${MALFORMED_VALUE}`] },
    {
      name: 'CONTINUATION of nothing',
      bytes: client(frame(9, END_HEADERS, 1, GET)),
      want: [`reason ${MALFORMED_VALUE}`],
    },
    {
      name: 'CONTINUATION of another stream',
      bytes: client(frame(1, 0, 1, GET), frame(9, END_HEADERS, 3, '')),
      want: [`reason ${MALFORMED_VALUE}`],
    },
    {
      name: 'another frame inside of a block',
      bytes: client(frame(1, 0, 1, GET), frame(0, 0, 1, '')),
      want: [`reason ${MALFORMED_VALUE}`],
    },
    {
      name: 'more padding than payload',
      bytes: client(frame(1, END_HEADERS | 8, 1, `20 ${GET}`)),
      want: [`reason ${MALFORMED_LENGTH}`],
    },
    {
      name: 'padding without its length',
      bytes: client(frame(1, END_HEADERS | 8, 1, '')),
      want: [`reason ${MALFORMED_LENGTH}`],
    },
    {
      name: 'a priority without its bytes',
      bytes: client(frame(1, END_HEADERS | 0x20, 1, '8286')),
      want: [`reason ${MALFORMED_LENGTH}`],
    },
    {
      name: 'a frame larger than is followed',
      bytes: client(frame(1, 0, 1, Buffer.alloc(BLOCK_BYTES_MAX + 1))),
      want: [`reason ${LIMIT_REACHED}`],
    },
    {
      name: 'a flood of empty pieces (CVE-2024-27316)',
      bytes: client(frame(1, 0, 1, GET), ...flood),
      want: [`reason ${LIMIT_REACHED}`],
    },
    {
      name: 'a flood of full pieces',
      bytes: client(frame(1, 0, 1, GET), ...Array.from({ length: 5 }, () => frame(9, 0, 1, Buffer.alloc(16_384)))),
      want: [`reason ${LIMIT_REACHED}`],
    },
    {
      name: 'an entry nobody has',
      bytes: client(frame(1, END_HEADERS, 1, GET), frame(1, END_HEADERS, 3, 'ff00')),
      want: [`1 ${WANT}`, `reason ${MALFORMED_VALUE}`],
    },
  ])('refused: $name', ({ bytes, want }) => expect(feed([bytes])).toEqual(want))

  describe('bodies that are wanted', () => {
    const END_STREAM = 1
    const headers = (streamId: number, flags = 0): Buffer => frame(1, END_HEADERS | flags, streamId, '828684')

    /** The bodies in these frames, when that of every message is wanted. */
    function bodiesIn(...frames: Uint8Array[]): string[] {
      const bytes = client(...frames)
      const connection = new Http2Connection('client')
      const found: string[] = []
      for (let at = 0; at >= 0; ) {
        at = readHttp2(bytes, at, bytes.length, connection)
        if (at < 0) expect(at).toBe(NEED_MORE)
        else if (connection.body) found.push(`${connection.streamId} ${Buffer.from(connection.body).toString('hex')}`)
        else connection.follow()
      }
      return found
    }

    test('in pieces, padded, of two streams', () => {
      const pieces = [frame(0, 0, 1, '0102'), frame(0, 8, 3, '02 0a 0000'), frame(0, 0, 1, ''), frame(0, 1, 1, '03')]
      expect(bodiesIn(headers(1), headers(3), ...pieces, frame(0, END_STREAM, 3, '0b'))).toEqual(['1 010203', '3 0a0b'])
    })

    test.each([
      ['without a body', (id: number) => [headers(id, END_STREAM)]],
      ['reset', (id: number) => [headers(id), frame(0, 0, id, '01'), frame(3, 0, id, '00000008')]],
      ['ended by trailers', (id: number) => [headers(id), frame(0, 0, id, '01'), headers(id, END_STREAM)]],
      ['too long, in one frame', (id: number) => [headers(id), frame(0, 0, id, Buffer.alloc(BODY_BYTES_MAX + 1))]],
      [
        'too long, in the last of its frames',
        (id: number) => [headers(id), frame(0, 0, id, Buffer.alloc(BODY_BYTES_MAX)), frame(0, END_STREAM, id, '01')],
      ],
    ])('streams %s take no place from others', (_, stream) => {
      const streams = Array.from({ length: 20 }, (_, i) => stream(2 * i + 1)).flat()
      expect(bodiesIn(...streams, headers(99), frame(0, END_STREAM, 99, 'dd'))).toEqual(['99 dd'])
    })
  })

  test('frames that nobody wants are not kept', () => {
    const connection = new Http2Connection('client')
    const bytes = client(frame(0, 0, 1, Buffer.alloc(16_000)))
    expect(readHttp2(bytes, 0, 1000, connection)).toBe(NEED_MORE)
    expect(connection.consumed).toBe(1000)
  })

  test('cut anywhere, it says the same; every prefix needs more', () => {
    const bytes = client(
      frame(1, 0, 1, '8286'),
      frame(9, END_HEADERS, 1, GET.slice(4)),
      frame(0, 0, 1, '0102'),
      frame(1, END_HEADERS, 3, '828684be'),
    )
    const want = [`1 ${WANT}`, `3 ${WANT}`]
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        expect(feed(at.slice(1).map((end, i) => bytes.subarray(at[i], end)))).toEqual(want)
      }),
      fuzz(300),
    )
    for (let length = 0; length < bytes.length; length++) {
      expect(
        feed([bytes.subarray(0, length)]).some((line) => line.startsWith('reason')),
        `${length}`,
      ).toBe(false)
    }
  })

  test('any damage gives an outcome', () => {
    const bytes = client(
      frame(1, 0, 1, '8286'),
      frame(9, END_HEADERS, 1, GET.slice(4)),
      frame(0, 0, 1, '0102'),
      frame(1, END_HEADERS, 3, '828684be'),
    )
    let accepted = 0
    let refused = 0
    fc.assert(
      fc.property(fc.integer({ min: PREFACE.length, max: bytes.length - 1 }), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(bytes)
        damaged[at] = value
        const found = parseTwice(damaged, (arena, start, end) => {
          const connection = new Http2Connection('client')
          let next = start
          const outcomes: number[] = []
          for (; next >= 0; outcomes.push(next < 0 ? next : next - start))
            next = readHttp2(arena, next, end, connection)
          return outcomes
        })
        if (found.at(-1) === NEED_MORE) accepted++
        else refused++
      }),
      fuzz(1000),
    )
    expect(Math.min(accepted, refused), `${accepted} accepted, ${refused} refused`).toBeGreaterThan(100)
  })

  test("Node's client and server, several requests at once, long fields", async () => {
    const server = http2.createServer()
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': headers[':path'] === '/2' ? 403 : 200, server: 'test', 'x-long': 'y'.repeat(20_000) })
      stream.end('x'.repeat(30_000))
    })
    const heard = await overhear(server, async (port) => {
      const session = http2.connect(`http://127.0.0.1:${port}`)
      await Promise.all(
        [0, 1, 2, 3].map(async (i) => {
          const request = session.request({
            ':path': `/${i}`,
            ':authority': `Host-${i}.example.org:8080`,
            'user-agent': 'test/1',
            cookie: `${'0123456789abcdef&!{}~'.repeat(10)}${i}`,
            'x-long': String.fromCharCode(...Array.from({ length: 94 }, (_, c) => c + 33)).repeat(i === 3 ? 250 : 1),
          })
          request.resume().end()
          await once(request, 'end')
        }),
      )
      session.close()
      await once(session, 'close')
    })
    expect(feed([heard.client]).toSorted()).toEqual(
      [0, 1, 2, 3].map((i) => `${2 * i + 1} GET Host-${i}.example.org:8080 /${i}`),
    )
    expect(feed([heard.server], 'server').toSorted()).toEqual(['1 200', '3 200', '5 403', '7 200'])
  })
})

describe('http2 probe', () => {
  const looks = (text: string) => parseTwice(Buffer.from(text, 'latin1'), looksLikeHttp2)
  test('each beginning of the preface', () => {
    for (let length = 1; length <= PREFACE.length; length++)
      expect(looks(PREFACE.toString('latin1', 0, length))).toBe(true)
    expect(looks(`${PREFACE.toString('latin1')}\0`)).toBe(true)
  })
  test.each(['', 'X', 'PRI * HTTP/1', 'GET / HTTP/1.1'])('not %j', (text) => expect(looks(text)).toBe(false))
})
