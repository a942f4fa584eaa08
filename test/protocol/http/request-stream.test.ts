/** A client's whole connection. */
import http from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import { endHead, loseRequestBytes, RequestStream, readNextRequest } from '../../../src/protocol/http/request-stream.ts'
import { fuzz } from '../../support/random.ts'
import { overhear } from './wiretap.ts'

/** Feeds segments as a sensor does, which keeps only what is not consumed; what was found, in order. */
function feed(segments: Array<string | Buffer>, stream = new RequestStream()): string[] {
  const found: string[] = []
  let kept = Buffer.alloc(0)
  for (const segment of segments) {
    kept = Buffer.concat([kept, typeof segment === 'string' ? Buffer.from(segment, 'latin1') : segment])
    if (found.at(-1) === 'other') break
    let at = 0
    for (;;) {
      const arena = Buffer.concat([Buffer.from('\n\n\n'), kept, Buffer.from('\n\n\n')]) // a poisoned one
      const next = readNextRequest(arena, 3 + at, 3 + kept.length, stream)
      if (next >= 0) {
        found.push(`${stream.head.method} ${stream.head.host}`)
        at = next - 3
        continue
      }
      if (next === UNSUPPORTED) found.push('other')
      else if (next !== NEED_MORE) found.push(`reason ${next}`)
      else expect(stream.wantedBytes).toBeGreaterThan(kept.length - at - stream.consumed)
      kept = kept.subarray(at + stream.consumed)
      break
    }
  }
  return found
}

const head = (line: string, ...fields: string[]): string => `${[`${line} HTTP/1.1`, ...fields].join('\r\n')}\r\n\r\n`
const GET = (host: string): string => head('GET /', `Host: ${host}`)
const POST = (host: string, body: string): string =>
  head('POST /', `Host: ${host}`, `Content-Length: ${body.length}`) + body
const CHUNKED = (host: string, body: string): string =>
  `${head('POST /', `Host: ${host}`, 'Transfer-Encoding: chunked')}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`

const PIPELINE = `${GET('a')}${POST('b', GET('hidden'))}\r\n${CHUNKED('c', GET('hidden'))}${GET('d')}`
const PIPELINE_FOUND = ['GET a', 'POST b', 'POST c', 'GET d']

describe('request stream', () => {
  test('requests one after the other; those inside of bodies are none', () => {
    expect(feed([PIPELINE])).toEqual(PIPELINE_FOUND)
  })

  test('cut anywhere, they are the same', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(PIPELINE.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), PIPELINE.length]
        const segments = at.slice(1).map((end, i) => PIPELINE.slice(at[i], end))
        expect(feed(segments)).toEqual(PIPELINE_FOUND)
      }),
      fuzz(300),
    )
  })

  test('byte by byte', () => expect(feed(Array.from(PIPELINE))).toEqual(PIPELINE_FOUND))

  test('a body is not kept', () => {
    const stream = new RequestStream()
    const bytes = Buffer.from(head('PUT /', 'Host: a', 'Content-Length: 1000000'), 'latin1')
    expect(readNextRequest(bytes, 0, bytes.length, stream)).toBe(bytes.length)
    const data = Buffer.alloc(400_000, 'GET / HTTP/1.1\r\n')
    for (const length of [400_000, 400_000]) {
      expect(readNextRequest(data, 0, length, stream)).toBe(NEED_MORE)
      expect(stream.consumed).toBe(length)
    }
    expect(feed(['x'.repeat(200_000), GET('next')], stream)).toEqual(['GET next'])
  })

  const SHORT = head('CONNECT chat.example.org:443')
  test.each([
    { name: 'CONNECT and TLS', segments: [SHORT, '\x16\x03\x01'], found: ['CONNECT chat.example.org', 'other'] },
    { name: 'CONNECT and TLS at once', segments: [`${SHORT}\x16`], found: ['CONNECT chat.example.org', 'other'] },
    {
      name: 'CONNECT with a length: it has no body',
      segments: [head('CONNECT a:1', 'Content-Length: 9'), '\x16\x03\x01'],
      found: ['CONNECT a', 'other'],
    },
    {
      name: 'CONNECT refused, and asked again with a password',
      segments: [SHORT, SHORT, '\x16'],
      found: ['CONNECT chat.example.org', 'CONNECT chat.example.org', 'other'],
    },
    {
      name: 'CONNECT and plain HTTP inside, byte by byte',
      segments: [SHORT, ...GET('inside')],
      found: ['CONNECT chat.example.org', 'GET inside'],
    },
    {
      name: 'CONNECT and SMTP inside',
      segments: [SHORT, 'EHLO', ' a\r\n'],
      found: ['CONNECT chat.example.org', 'other'],
    },
    {
      name: 'a WebSocket',
      segments: [head('GET /', 'Host: a', 'Upgrade: websocket'), '\x81\x85abcd'],
      found: ['GET a', 'other'],
    },
    {
      name: 'a WebSocket refused',
      segments: [head('GET /', 'Host: a', 'Upgrade: websocket'), GET('b')],
      found: ['GET a', 'GET b'],
    },
    {
      name: 'h2c',
      segments: [head('GET /', 'Host: a', 'Upgrade: h2c'), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      found: ['GET a', 'other'],
    },
    {
      name: 'h2c after a body',
      segments: [head('POST /', 'Host: a', 'Upgrade: h2c', 'Content-Length: 3'), 'PRIPRI * HTTP/2.0\r\n'],
      found: ['POST a', 'other'],
    },
    {
      name: 'a body nobody knows the end of: the next segment',
      segments: [`${head('POST /', 'Host: a', 'Content-Length: x')}some`, `thing\r\n${GET('hidden')}`, GET('b')],
      found: ['POST a', 'GET b'],
    },
    {
      name: 'chunks that are none: the next segment',
      segments: [`${head('POST /', 'Host: a', 'Transfer-Encoding: chunked')}zz`, 'zz', GET('b')],
      found: ['POST a', 'GET b'],
    },
    {
      name: 'rubbish behind a body: the next segment',
      segments: [`${POST('a', 'b')}\x01\x02\r\n`, GET('b')],
      found: ['POST a', `reason ${MALFORMED_VALUE}`, 'GET b'],
    },
    { name: 'no HTTP at all', segments: ['\x16\x03\x01\r\n'], found: [`reason ${MALFORMED_VALUE}`] },
    { name: 'RTSP', segments: ['OPTIONS rtsp://a/ RTSP/1.0\r\n'], found: ['other'] },
  ])('$name', ({ segments, found }) => expect(feed(segments)).toEqual(found))

  test('what follows CONNECT is found where it begins', () => {
    const bytes = Buffer.from(`${SHORT}\x16\x03\x01`, 'latin1')
    const stream = new RequestStream()
    const next = readNextRequest(bytes, 0, bytes.length, stream)
    expect(next).toBe(SHORT.length)
    expect(readNextRequest(bytes, next, bytes.length, stream)).toBe(UNSUPPORTED)
    expect(stream.consumed).toBe(0)
  })

  test('bytes were lost: inside of a body nothing is, otherwise a segment that begins a request ends it', () => {
    const stream = new RequestStream()
    expect(feed([head('PUT /', 'Host: a', 'Content-Length: 10'), '12'], stream)).toEqual(['PUT a'])
    loseRequestBytes(stream, 6)
    expect(feed([`90${GET('b')}`], stream)).toEqual(['GET b'])
    loseRequestBytes(stream, 1)
    expect(feed(['/ HTTP/1.1\r\nHost: hidden\r\n\r\n', GET('c')], stream)).toEqual(['GET c'])
    expect(feed(['GET / HTTP/1.1\r\nHos'], stream)).toEqual([])
    loseRequestBytes(stream, 10)
    expect(feed(['\r\n\r\n', GET('d')], stream)).toEqual(['GET d'])
  })

  test('a head whose end was lost gives its whole lines, once', () => {
    const stream = new RequestStream()
    expect(feed(['GET /a HTTP/1.1\r\nHost: a\r\nReferer: http://b'], stream)).toEqual([])
    expect(endHead(stream)).toMatchObject({ method: 'GET', host: 'a', referer: '', isPartial: true })
    expect(endHead(stream)).toBeUndefined()
    loseRequestBytes(stream, 10)
    expect(feed(['.example/\r\nHost: hidden\r\n\r\n', GET('c')], stream)).toEqual(['GET c'])
    expect(stream.head.isPartial).toBe(false)
  })

  test('behind a CONNECT whose end was lost another protocol may follow, or another request', () => {
    for (const [next, found] of [
      ['\x16\x03\x01', 'other'],
      [GET('c'), 'GET c'],
    ] as const) {
      const stream = new RequestStream()
      expect(feed(['CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nX: '], stream)).toEqual([])
      expect(endHead(stream)).toMatchObject({ method: 'CONNECT', host: 'a' })
      loseRequestBytes(stream, 10)
      expect(feed([next], stream)).toEqual([found])
    }
  })

  test('any bytes, in any pieces, give outcomes and are used up or asked for', () => {
    const words = fc.constantFrom(
      'GET',
      ' / ',
      'HTTP/1.1',
      '\r\n',
      'Host: a',
      '\r\n\r\n',
      'Content-Length: 3',
      'Transfer-Encoding: chunked',
      '5',
      'CONNECT ',
      '\0',
      'Upgrade: x',
    )
    fc.assert(
      fc.property(fc.array(fc.array(words, { maxLength: 12 }), { maxLength: 6 }), (segments) => {
        feed(segments.map((parts) => parts.join('')))
      }),
      fuzz(1000),
    )
  })

  test("Node's own client keeps a connection", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const server = http.createServer((request, response) => request.resume().on('end', () => response.end('ok')))
    const { client } = await overhear(server, async (port) => {
      for (const [method, body] of [
        ['GET', ''],
        ['POST', 'x'.repeat(5000)],
        ['DELETE', ''],
      ] as const) {
        await new Promise<void>((resolve, reject) => {
          const request = http.request(
            { port, host: '127.0.0.1', method, agent, headers: { Host: `${method}.example` } },
            (response) => response.resume().on('end', resolve),
          )
          request.on('error', reject)
          request.end(body)
        })
      }
      agent.destroy()
    })
    expect(feed([client])).toEqual(['GET get.example', 'POST post.example', 'DELETE delete.example'])
  })
})
