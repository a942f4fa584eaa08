/** Response heads: enough to tell an answer from a block page. */
import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_VALUE, NEED_MORE } from '../../../src/bytes/outcome.ts'
import { deviationNames } from '../../../src/protocol/http/deviations.ts'
import { ResponseHead, readResponseHead } from '../../../src/protocol/http/response-head.ts'
import { parseTwice } from '../../support/arena.ts'

function read(input: string) {
  return parseTwice(Buffer.from(input, 'latin1'), (bytes, start, end) => {
    const head = new ResponseHead()
    const next = readResponseHead(bytes, start, end, head)
    const { status, server, location, contentType, framing, upgrades } = head
    const { length, isChunked } = framing
    const deviations = deviationNames(head.deviations)
    return {
      next: next < 0 ? next : next - start,
      status,
      server,
      location,
      contentType,
      length,
      isChunked,
      upgrades,
      deviations,
    }
  })
}

const BLOCKED = [
  'HTTP/1.1 302 Found by policy',
  'Server: proxy/2',
  'Location: http://blocked.example/?u=chat.example.org',
  'Content-Type: text/html; charset=utf-8',
  'Content-Length: 17',
  '',
  '',
].join('\r\n')

describe('response head', () => {
  test('a block page', () => {
    expect(read(BLOCKED)).toEqual({
      next: BLOCKED.length,
      status: 302,
      server: 'proxy/2',
      location: 'http://blocked.example/?u=chat.example.org',
      contentType: 'text/html; charset=utf-8',
      length: 17,
      isChunked: false,
      upgrades: [],
      deviations: [],
    })
  })

  test.each([
    { name: 'no reason', head: 'HTTP/1.1 200\r\n\r\n', want: { status: 200 } },
    {
      name: 'bare LF, spaces, HTTP/1.0',
      head: 'HTTP/1.0   403 no\nServer : x\n\n',
      want: { status: 403, server: 'x', deviations: ['bare_lf', 'space_before_colon'] },
    },
    { name: 'SHOUTcast', head: 'ICY 200 OK\r\n\r\n', want: { status: 200 } },
    {
      name: 'a folded field',
      head: 'HTTP/1.1 200 OK\r\nServer: a\r\n\tb\r\n\r\n',
      want: { server: 'a b', deviations: ['folded_field'] },
    },
    { name: 'chunks', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', want: { isChunked: true } },
    {
      name: 'a switch',
      head: 'HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n',
      want: { status: 101, upgrades: ['websocket'] },
    },
    {
      name: 'empty lines before',
      head: '\r\nHTTP/1.1 200 OK\r\n\r\n',
      want: { status: 200, deviations: ['empty_lines_before'] },
    },
    { name: 'a long reason', head: `HTTP/1.1 200 ${'x'.repeat(9000)}\r\n\r\n`, want: { status: 200 } },
  ])('$name', ({ head, want }) => expect(read(head)).toMatchObject({ next: head.length, ...want }))

  test.each([
    { name: 'a request', head: 'GET / HTTP/1.1\r\n\r\n', want: MALFORMED_VALUE },
    { name: 'a status that is none', head: 'HTTP/1.1 0200 OK\r\n\r\n', want: MALFORMED_VALUE },
    { name: 'a status of four digits', head: 'HTTP/1.1 2000 OK\r\n\r\n', want: MALFORMED_VALUE },
    { name: 'HTTP/0.9', head: '<html>\r\n', want: MALFORMED_VALUE },
    { name: 'fields without end', head: `HTTP/1.1 200 OK\r\n${'a:\n'.repeat(3000)}`, want: LIMIT_REACHED },
    { name: 'a line without end', head: `HTTP/1.1 200 OK\r\n${'a'.repeat(70_000)}`, want: LIMIT_REACHED },
  ])('no head: $name', ({ head, want }) => expect(read(head).next).toBe(want))

  test('every prefix needs more', () => {
    for (let length = 0; length < BLOCKED.length; length++) expect(read(BLOCKED.slice(0, length)).next).toBe(NEED_MORE)
  })

  test('the status is known before the head is whole', () => {
    expect(read('HTTP/1.1 403 Forbidden\r\nSet-Cookie: ')).toMatchObject({ next: NEED_MORE, status: 403 })
  })
})
