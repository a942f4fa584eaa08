/** A server's whole connection, and which request each response answers. */
import http from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import {
  loseResponseBytes,
  ResponseStream,
  readNextResponse,
  WAITING_MAX,
} from '../../../src/protocol/http/response-stream.ts'
import { fuzz } from '../../support/random.ts'
import { overhear } from './wiretap.ts'

/** Feeds segments as a sensor does; `status request` for each response. */
function feed(segments: Array<string | Buffer>, stream: ResponseStream<string>): string[] {
  const found: string[] = []
  let kept = Buffer.alloc(0)
  for (const segment of segments) {
    kept = Buffer.concat([kept, typeof segment === 'string' ? Buffer.from(segment, 'latin1') : segment])
    if (found.at(-1) === 'other') break
    let at = 0
    for (;;) {
      const next = readNextResponse(kept, at, kept.length, stream)
      if (next >= 0) {
        found.push(`${stream.head.status} ${stream.request ?? '-'}`)
        at = next
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

function asked(...requests: string[]): ResponseStream<string> {
  const stream = new ResponseStream<string>()
  for (const request of requests) stream.expect(request.split(' ')[0]!, request)
  return stream
}

const head = (status: number, ...fields: string[]): string =>
  `${[`HTTP/1.1 ${status} X`, ...fields].join('\r\n')}\r\n\r\n`
const answer = (status: number, body: string): string => `${head(status, `Content-Length: ${body.length}`)}${body}`

const REQUESTS = ['GET a', 'HEAD b', 'POST c', 'GET d', 'GET e']
const ANSWERS = [
  answer(200, head(500)),
  head(200, 'Content-Length: 99'),
  head(100) + head(103) + answer(403, 'no'),
  head(304, 'Content-Length: 5'),
  `${head(200, 'Transfer-Encoding: chunked')}3\r\nyes\r\n0\r\n\r\n`,
].join('')
const FOUND = ['200 GET a', '200 HEAD b', '100 POST c', '103 POST c', '403 POST c', '304 GET d', '200 GET e']

describe('response stream', () => {
  test('in the order in which they were asked', () => expect(feed([ANSWERS], asked(...REQUESTS))).toEqual(FOUND))

  test('cut anywhere, they are the same', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(ANSWERS.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), ANSWERS.length]
        expect(
          feed(
            at.slice(1).map((end, i) => ANSWERS.slice(at[i], end)),
            asked(...REQUESTS),
          ),
        ).toEqual(FOUND)
      }),
      fuzz(300),
    )
  })

  test.each([
    {
      name: 'nobody was seen asking',
      stream: asked(),
      segments: [answer(200, 'x'), answer(404, '')],
      found: ['200 -', '404 -'],
    },
    {
      name: 'a tunnel',
      stream: asked('CONNECT a'),
      segments: [head(200), '\x16\x03\x03'],
      found: ['200 CONNECT a', 'other'],
    },
    {
      name: 'a tunnel refused',
      stream: asked('CONNECT a', 'CONNECT b'),
      segments: [answer(407, 'no'), head(200), '\x16'],
      found: ['407 CONNECT a', '200 CONNECT b', 'other'],
    },
    {
      name: 'another protocol',
      stream: asked('GET a'),
      segments: [head(101), '\x81\x05hello'],
      found: ['101 GET a', 'other'],
    },
    {
      name: 'a body to the end',
      stream: asked('GET a', 'GET b'),
      segments: [head(200), 'some', answer(200, '')],
      found: ['200 GET a'],
    },
    { name: 'no HTTP', stream: asked('GET a'), segments: ['220 mail\r\n'], found: [`reason ${MALFORMED_VALUE}`] },
    {
      name: 'chunks that are none: the next segment',
      stream: asked('GET a', 'GET b'),
      segments: [`${head(200, 'Transfer-Encoding: chunked')}zz`, answer(200, '')],
      found: ['200 GET a', '200 GET b'],
    },
  ])('$name', ({ stream, segments, found }) => expect(feed(segments, stream)).toEqual(found))

  test('who is left without an answer', () => {
    const stream = asked('GET a', 'GET b', 'GET c')
    expect(feed([answer(200, '')], stream)).toEqual(['200 GET a'])
    expect(stream.giveUp()).toEqual(['GET b', 'GET c'])
    expect(feed([answer(200, '')], stream)).toEqual(['200 -'])
  })

  test('too many wait: the newest are not paired, and nothing is paired wrongly', () => {
    const stream = new ResponseStream<string>()
    const count = WAITING_MAX + 10
    for (let i = 0; i < count; i++) expect(stream.expect('GET', `${i}`)).toBe(i < WAITING_MAX)
    const found = feed([answer(200, '').repeat(count - 1)], stream)
    expect(found).toEqual(Array.from({ length: count - 1 }, (_, i) => `200 ${i < WAITING_MAX ? i : '-'}`))
    expect(stream.expect('GET', 'early')).toBe(false) // one without a place still waits in front of it
    expect(feed([answer(200, ''), answer(200, '')], stream)).toEqual(['200 -', '200 -'])
    expect(stream.expect('GET', 'late')).toBe(true)
    expect(feed([answer(200, '')], stream)).toEqual(['200 late'])
  })

  test('bytes were lost: inside of a body nothing is, otherwise a segment that begins a response ends it', () => {
    const stream = asked('GET a', 'GET b')
    expect(feed([head(200, 'Content-Length: 10'), '12'], stream)).toEqual(['200 GET a'])
    loseResponseBytes(stream, 6)
    expect(feed([`90${answer(204, '')}`], stream)).toEqual(['204 GET b'])
    loseResponseBytes(stream, 1)
    expect(feed([` 200 OK\r\n\r\n`, answer(500, '')], stream)).toEqual(['500 -'])
  })

  test("Node's own server", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const server = http.createServer((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 200 : 403, { 'Content-Type': 'text/plain' })
      response.write('first')
      response.end('last')
    })
    const methods = ['GET', 'HEAD', 'POST']
    const { server: bytes } = await overhear(server, async (port) => {
      for (const method of methods) {
        await new Promise<void>((resolve, reject) => {
          http
            .request({ port, host: '127.0.0.1', method, agent }, (response) => response.resume().on('end', resolve))
            .on('error', reject)
            .end()
        })
      }
      agent.destroy()
    })
    expect(feed([bytes], asked(...methods))).toEqual(['403 GET', '200 HEAD', '403 POST'])
  })
})
