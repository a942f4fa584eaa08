/** Request heads: as RFC 9112 wants them, as clients send them, and as attackers do. */
import http from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import { deviationNames } from '../../../src/protocol/http/deviations.ts'
import { HEAD_BYTES_MAX, HEAD_LINES_MAX, TEXT_BYTES_MAX } from '../../../src/protocol/http/head-lines.ts'
import { endRequestHead, RequestHead, readRequestHead } from '../../../src/protocol/http/request-head.ts'
import { parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'
import { overhear } from './wiretap.ts'

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')

/** What is known of a head, without the machinery. */
function facts(head: RequestHead) {
  const { method, target, targetForm, version, hostHeader, moreHosts, host, port, userAgent, referer } = head
  const { upgrades, http2Settings, xForwardedFor, forwarded, framing, maySwitch } = head
  return {
    ...{ method, target, targetForm, version, hostHeader, moreHosts, host, port, userAgent, referer },
    ...{ upgrades, http2Settings, xForwardedFor, forwarded, maySwitch },
    ...{ length: framing.length, isChunked: framing.isChunked, deviations: deviationNames(head.deviations) },
  }
}

function read(input: string | Uint8Array) {
  return parseTwice(typeof input === 'string' ? bytesOf(input) : input, (bytes, start, end) => {
    const head = new RequestHead()
    const next = readRequestHead(bytes, start, end, head)
    return { next: next < 0 ? next : next - start, ...facts(head) }
  })
}

const BROWSER = [
  'POST /api/v0/chat/completion?x=1 HTTP/1.1',
  'Host: chat.example.org:8080',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
  'Referer: http://chat.example.org/',
  'Content-Type: application/json',
  'Content-Length: 12',
  'X-Forwarded-For: 192.0.2.60, 198.51.100.17',
  'Forwarded: for=192.0.2.60;proto=http',
  '',
  '',
].join('\r\n')

describe('request head', () => {
  test('a plain request', () => {
    expect(read(BROWSER)).toEqual({
      next: BROWSER.length,
      method: 'POST',
      target: '/api/v0/chat/completion?x=1',
      targetForm: 'origin',
      version: 11,
      hostHeader: 'chat.example.org:8080',
      moreHosts: [],
      host: 'chat.example.org',
      port: 8080,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
      referer: 'http://chat.example.org/',
      upgrades: [],
      http2Settings: '',
      xForwardedFor: '192.0.2.60, 198.51.100.17',
      forwarded: 'for=192.0.2.60;proto=http',
      maySwitch: false,
      length: 12,
      isChunked: false,
      deviations: [],
    })
  })

  const stories: Array<{ name: string; head: string; want: object }> = [
    // the four forms of a target
    {
      name: 'absolute form: its host counts, not the field (RFC 9112 section 3.2.2)',
      head: 'GET http://Chat.Example.ORG./p HTTP/1.1\r\nHost: other.example\r\n\r\n',
      want: {
        targetForm: 'absolute',
        host: 'chat.example.org',
        port: 0,
        hostHeader: 'other.example',
        deviations: ['host_conflict'],
      },
    },
    {
      name: 'absolute form: user, port, query without a path',
      head: 'GET HTTP://user:secret@example.org:81?q HTTP/1.1\r\nHost: example.org:81\r\n\r\n',
      want: { host: 'example.org', port: 81, deviations: ['user_in_host'] },
    },
    {
      name: 'CONNECT',
      head: 'CONNECT chat.example.org:443 HTTP/1.1\r\nHost: chat.example.org:443\r\n\r\n',
      want: {
        method: 'CONNECT',
        targetForm: 'authority',
        host: 'chat.example.org',
        port: 443,
        maySwitch: true,
        deviations: [],
      },
    },
    {
      name: 'CONNECT to IPv6',
      head: 'CONNECT [2001:DB8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n',
      want: { host: '2001:db8::1', port: 443, deviations: [] },
    },
    {
      name: 'CONNECT with a path and no colon in the first field, as open-proxy scanners send',
      head: 'CONNECT mail.example.org:25 / HTTP/1.0\r\n\r\n',
      want: { host: 'mail.example.org', port: 25, deviations: ['space_in_target'] },
    },
    {
      name: 'CONNECT without a host: the field counts',
      head: 'CONNECT / HTTP/1.1\r\nHost: www.example.org\r\n\r\n',
      want: { host: 'www.example.org', port: 0 },
    },
    {
      name: 'asterisk form',
      head: 'OPTIONS * HTTP/1.1\r\nHost: example.org\r\n\r\n',
      want: { targetForm: 'asterisk', host: 'example.org', deviations: [] },
    },
    {
      name: 'a target of no form',
      head: 'GET index.html HTTP/1.0\r\n\r\n',
      want: { targetForm: 'origin', target: 'index.html', deviations: ['odd_target'] },
    },
    // methods and versions
    {
      name: 'an extension method',
      head: 'M-SEARCH * HTTP/1.1\r\nHOST:239.255.255.250:1900\r\n\r\n',
      want: { method: 'M-SEARCH', host: '239.255.255.250', port: 1900, deviations: [] },
    },
    {
      name: 'a method nobody knows',
      head: 'FrOb~1 / HTTP/1.1\r\nHost: a\r\n\r\n',
      want: { method: 'FrOb~1', host: 'a' },
    },
    { name: 'HTTP/1.0 needs no host', head: 'GET / HTTP/1.0\r\n\r\n', want: { version: 10, host: '', deviations: [] } },
    { name: 'HTTP/1.1 needs one', head: 'GET / HTTP/1.1\r\n\r\n', want: { version: 11, deviations: ['no_host'] } },
    { name: 'HTTP/0.9', head: 'GET /\r\n\r\n', want: { version: 9, target: '/', deviations: ['no_version'] } },
    { name: 'HTTP/0.9 to a proxy', head: 'GET http://a.example/\r\n\r\n', want: { version: 9, host: 'a.example' } },
    {
      name: 'an odd version',
      head: 'GET / http/1.7\r\nHost: a\r\n\r\n',
      want: { version: 17, host: 'a', deviations: ['odd_version'] },
    },
    {
      name: 'half a version',
      head: 'GET / HTTP/1.\r\nHost: a\r\n\r\n',
      want: { version: 10, target: '/', deviations: ['odd_version'] },
    },
    // spacing and line ends
    { name: 'bare LF', head: 'GET / HTTP/1.1\nHost: a\n\n', want: { host: 'a', deviations: ['bare_lf'] } },
    {
      name: 'empty lines before',
      head: '\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
      want: { host: 'a', deviations: ['empty_lines_before'] },
    },
    {
      name: 'tabs and runs of spaces',
      head: 'GET \t /  HTTP/1.1 \r\nHost: a\r\n\r\n',
      want: { target: '/', version: 11, deviations: ['odd_spacing'] },
    },
    {
      name: 'a space at the end of the line',
      head: 'GET / HTTP/1.1 \r\nHost: a\r\n\r\n',
      want: { target: '/', version: 11, deviations: ['odd_spacing'] },
    },
    {
      name: 'spaces in the target',
      head: 'GET /a b\tc HTTP/1.1\r\nHost: a\r\n\r\n',
      want: { target: '/a b\tc', deviations: ['space_in_target'] },
    },
    {
      name: 'a space before the method',
      head: ' GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      want: { method: 'GET', deviations: ['space_before_line'] },
    },
    {
      name: 'a CR inside a line',
      head: 'GET /\r HTTP/1.1\r\nHost: a\rb\r\n\r\n',
      want: { hostHeader: 'a\rb', deviations: ['control_byte', 'odd_host'] },
    },
    {
      name: 'more than one CR at the end of a line, and of the head',
      head: 'GET / HTTP/1.1\r\nHost: a\r\r\n\r\r\n',
      want: { hostHeader: 'a', deviations: ['control_byte'] },
    },
    {
      name: 'a NUL',
      head: 'GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n',
      want: { hostHeader: 'a\0b', host: 'a\0b', deviations: ['control_byte', 'odd_host'] },
    },
    // fields
    {
      name: 'names in any case, no space, many spaces',
      head: 'GET / HTTP/1.1\r\nhOST:a\r\nUSER-AGENT: \t x y \t\r\n\r\n',
      want: { host: 'a', userAgent: 'x y', deviations: [] },
    },
    {
      name: 'a folded host',
      head: 'GET / HTTP/1.1\r\nHost:\r\n\t chat.example.org \r\n\r\n',
      want: { hostHeader: 'chat.example.org', host: 'chat.example.org', deviations: ['folded_field'] },
    },
    {
      name: 'a folded field over three lines',
      head: 'GET / HTTP/1.1\r\nUser-Agent: a\r\n b\r\n \r\n\tc\r\nHost: h\r\n\r\n',
      want: { userAgent: 'a b c', host: 'h', deviations: ['folded_field'] },
    },
    {
      name: 'a host hidden in the fold of another field is none',
      head: 'GET / HTTP/1.1\r\nX: y\r\n Host: evil.example\r\nHost: a\r\n\r\n',
      want: { host: 'a', deviations: ['folded_field'] },
    },
    {
      name: 'a first field that begins with a space',
      head: 'GET / HTTP/1.1\r\n Host: a\r\n\r\n',
      want: { host: 'a', deviations: ['space_before_line'] },
    },
    {
      name: 'a space before the colon',
      head: 'GET / HTTP/1.1\r\nHost \t: a\r\n\r\n',
      want: { host: 'a', deviations: ['space_before_colon'] },
    },
    {
      name: 'a line without a colon',
      head: 'GET / HTTP/1.1\r\nnonsense\r\nHost: a\r\n\r\n',
      want: { host: 'a', deviations: ['no_colon'] },
    },
    {
      name: 'a field name with a control byte is another field',
      head: 'GET / HTTP/1.1\r\nHost\x0b: b\r\nHost: a\r\n\r\n',
      want: { host: 'a', deviations: ['control_byte', 'odd_field_name'] },
    },
    {
      name: 'a longer and a shorter name',
      head: 'GET / HTTP/1.1\r\nHosts: b\r\nHos: c\r\nHost: a\r\n\r\n',
      want: { host: 'a', deviations: [] },
    },
    {
      name: 'two hosts: both are kept, the first counts',
      head: 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nHost: a\r\nHost: b\r\n\r\n',
      want: { host: 'a', moreHosts: ['b'], deviations: ['several_hosts'] },
    },
    { name: 'an empty host', head: 'GET / HTTP/1.1\r\nHost:\r\n\r\n', want: { host: '', deviations: ['no_host'] } },
    {
      name: 'hosts without end',
      head: `GET / HTTP/1.1\r\n${Array.from({ length: 99 }, (_, i) => `Host: h${i}\r\n`).join('')}\r\n`,
      want: { host: 'h0', moreHosts: ['h1', 'h2', 'h3', 'h4'] },
    },
    {
      name: 'a list of hosts',
      head: 'GET / HTTP/1.1\r\nHost: a.example, b.example\r\n\r\n',
      want: { host: 'a.example, b.example', deviations: ['odd_host'] },
    },
    {
      name: 'forwarded twice',
      head: 'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n\r\n',
      want: { xForwardedFor: '192.0.2.1, 192.0.2.2' },
    },
    // protocols to switch to
    {
      name: 'WebSocket',
      head: 'GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n',
      want: { upgrades: ['websocket'], maySwitch: true },
    },
    {
      name: 'h2c',
      head: 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
      want: { upgrades: ['h2c'], http2Settings: 'AAMAAABk', maySwitch: true },
    },
    {
      name: 'several, in several fields, no end of them',
      head: `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: , a ,b\r\nUpgrade: ${'c,'.repeat(500)}\r\n\r\n`,
      want: { upgrades: ['a', 'b', 'c', 'c', 'c', 'c', 'c', 'c'] },
    },
    // where the body ends
    {
      name: 'chunked',
      head: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n',
      want: { isChunked: true, length: -1, deviations: [] },
    },
    {
      name: 'length and chunks',
      head: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      want: { isChunked: true, length: 5, deviations: ['two_framings'] },
    },
    {
      name: 'chunks and length',
      head: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n',
      want: { isChunked: true, length: 5, deviations: ['two_framings'] },
    },
    {
      name: 'a coding of which chunked is not the last',
      head: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n',
      want: { isChunked: false, deviations: ['odd_coding'] },
    },
    {
      name: 'a coding that only ends like it',
      head: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n',
      want: { isChunked: false, deviations: ['odd_coding'] },
    },
    {
      name: 'the same length twice',
      head: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\nContent-Length: 05\r\n\r\n',
      want: { length: 5, deviations: [] },
    },
    {
      name: 'two lengths',
      head: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
      want: { length: -2, deviations: ['odd_length'] },
    },
    ...['-1', '+5', '0x10', '5;', '1e3', '', '99999999999999999999'].map((length) => ({
      name: `a length of "${length}"`,
      head: `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`,
      want: { length: -2, deviations: ['odd_length'] },
    })),
    {
      name: 'a text longer than is kept',
      head: `GET /${'x'.repeat(TEXT_BYTES_MAX)} HTTP/1.1\r\nHost: a\r\nReferer: ${'y'.repeat(TEXT_BYTES_MAX + 1)}\r\n\r\n`,
      want: {
        target: `/${'x'.repeat(TEXT_BYTES_MAX - 1)}`,
        referer: 'y'.repeat(TEXT_BYTES_MAX),
        deviations: ['text_cut'],
      },
    },
    {
      name: 'a field that grows by folding stops at the same limit',
      head: `GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: u\r\n${` ${'z'.repeat(999)}\r\n`.repeat(30)}\r\n`,
      want: {
        userAgent: ['u', ...Array.from({ length: 16 }, () => 'z'.repeat(999))].join(' '),
        deviations: ['folded_field', 'text_cut'],
      },
    },
  ]
  test.each(stories)('$name', ({ head, want }) => expect(read(head)).toMatchObject({ next: head.length, ...want }))

  const refusals: Array<{ name: string; head: string | Uint8Array; want: number }> = [
    { name: 'a TLS hello', head: Uint8Array.of(22, 3, 1, 0, 10, 1, 0, 0, 6, 10), want: MALFORMED_VALUE },
    { name: 'a mail server is greeted', head: 'EHLO mail.example.org\r\n\r\n', want: MALFORMED_VALUE },
    { name: 'one word', head: 'QUIT\r\n', want: MALFORMED_VALUE },
    { name: 'a method that is no token', head: 'GET(/) / HTTP/1.1\r\n\r\n', want: MALFORMED_VALUE },
    { name: 'a method without end', head: `${'G'.repeat(65)} / HTTP/1.1\r\n\r\n`, want: LIMIT_REACHED },
    { name: 'RTSP', head: 'OPTIONS rtsp://example.org/ RTSP/1.0\r\n\r\n', want: UNSUPPORTED },
    { name: 'SIP', head: 'OPTIONS sip:a@example.org SIP/2.0\r\n\r\n', want: UNSUPPORTED },
    { name: 'the preface of HTTP/2', head: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', want: UNSUPPORTED },
    { name: 'a line without end', head: `GET /${'a'.repeat(HEAD_BYTES_MAX)}`, want: LIMIT_REACHED },
    { name: 'fields without end', head: `GET / HTTP/1.1\r\n${'a: b\n'.repeat(HEAD_LINES_MAX)}`, want: LIMIT_REACHED },
    { name: 'empty lines without end', head: '\n'.repeat(HEAD_LINES_MAX + 1), want: LIMIT_REACHED },
    { name: 'one byte less than the limit', head: `GET /${'a'.repeat(HEAD_BYTES_MAX - 6)}`, want: NEED_MORE },
  ]
  test.each(refusals)('no head: $name', ({ head, want }) => expect(read(head).next).toBe(want))

  test('what was there before the limit is known all the same', () => {
    const head = `GET / HTTP/1.1\r\nHost: chat.example.org\r\nCookie: ${'c'.repeat(HEAD_BYTES_MAX)}`
    expect(read(head)).toMatchObject({ next: LIMIT_REACHED, host: 'chat.example.org' })
  })

  test('a head that ends in the middle: whole lines count, the last one when nothing more will come', () => {
    const cut = bytesOf('GET / HTTP/1.1\r\nUser-Agent: x\r\nHost: chat.example.org\r\nReferer: http://chat.exa')
    const head = new RequestHead()
    expect(readRequestHead(cut, 0, cut.length, head)).toBe(NEED_MORE)
    expect(head).toMatchObject({ userAgent: 'x', host: '' }) // the next line could go on with the host
    endRequestHead(head)
    expect(head).toMatchObject({ host: 'chat.example.org', referer: '', isPartial: true })
  })
})

describe('request head, in pieces', () => {
  const heads = [
    BROWSER,
    ...[
      '\r\nGET\thttp://A.b:1/ HTTP/1.1 \nHost: a.b\n x\r\nHost : c\r\nContent-Length: 1\r\nContent-Length: 2\r\n\n',
      'CONNECT a:1 HTTP/1.1\r\nUpgrade: b\r\n\r\n',
    ],
  ]

  test('every prefix needs more', () => {
    for (const head of heads) {
      for (let length = 0; length < head.length; length++) {
        expect(read(head.slice(0, length)).next, `first ${length} bytes`).toBe(NEED_MORE)
      }
    }
  })

  test('cut anywhere, at other places in memory each time, it says the same', () => {
    const property = fc.property(fc.constantFrom(...heads), fc.array(fc.nat(400), { maxLength: 6 }), (text, cuts) => {
      const head = new RequestHead()
      for (const length of [...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length]) {
        const at = length % 7
        const arena = Buffer.concat([
          Buffer.alloc(at, '\n'),
          Buffer.from(text.slice(0, length), 'latin1'),
          Buffer.alloc(9, '\n'),
        ])
        const next = readRequestHead(arena, at, at + length, head)
        expect(next).toBe(length < text.length ? NEED_MORE : at + length)
        if (next === NEED_MORE) expect(head.wantedBytes).toBeGreaterThan(length)
      }
      const { next: _, ...want } = read(text)
      expect(facts(head)).toEqual(want)
    })
    fc.assert(property, fuzz(500))
  })

  test('a client that sends byte by byte costs each byte one look', () => {
    let looks = 0
    const text = bytesOf(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\nHost: a\r\n\r\n`)
    const counted = new Proxy(text, {
      get: (target, key) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) looks++
        return Reflect.get(target, key, target)
      },
    })
    const head = new RequestHead()
    for (let length = 1; length < text.length; length++) readRequestHead(counted, 0, length, head)
    expect(looks).toBeGreaterThan(text.length)
    expect(looks).toBeLessThan(4 * text.length)
  })

  test('any damage gives an outcome, inside the input', () => {
    let accepted = 0
    let refused = 0
    const text = bytesOf(BROWSER)
    const property = fc.property(fc.nat(text.length - 1), fc.nat(255), fc.nat(255), (at, value, second) => {
      const damaged = Uint8Array.from(text)
      damaged[at] = value
      damaged[(at * 7 + second) % text.length] = second
      const { next } = read(damaged)
      if (next > 0) accepted++
      else refused++
      expect(next).toBeLessThanOrEqual(text.length)
    })
    fc.assert(property, fuzz(2000))
    expect(Math.min(accepted, refused), `${accepted} accepted, ${refused} refused`).toBeGreaterThan(100)
  })

  test('any bytes give an outcome, inside the input', () => {
    const words = fc.constantFrom(
      'GET',
      ' ',
      '/',
      'HTTP/1.1',
      '\r\n',
      '\n',
      'Host',
      ':',
      'a.example',
      '\t',
      ',',
      '[::1',
      '@',
      'http://',
      '\0',
      'Content-Length',
      '5',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        const text = parts.join('')
        expect(read(text).next).toBeLessThanOrEqual(text.length)
      }),
      fuzz(2000),
    )
  })
})

describe('request head, written by others', () => {
  test("Node's own client", async () => {
    const server = http.createServer((_request, response) => response.end('ok'))
    const { client } = await overhear(server, async (port) => {
      await new Promise<void>((resolve, reject) => {
        const headers = {
          Host: 'chat.example.org',
          'User-Agent': 'test/1',
          'X-Forwarded-For': ['192.0.2.1', '192.0.2.2'],
        }
        const request = http.request(
          { port, host: '127.0.0.1', path: '/a?b', method: 'PUT', headers, agent: false },
          (response) => {
            response.resume().on('end', resolve)
          },
        )
        request.on('error', reject)
        request.write('some')
        request.end('thing')
      })
    })
    const got = read(client)
    expect(got).toMatchObject({
      method: 'PUT',
      target: '/a?b',
      version: 11,
      host: 'chat.example.org',
      userAgent: 'test/1',
    })
    expect(got).toMatchObject({ xForwardedFor: '192.0.2.1, 192.0.2.2', isChunked: true, deviations: [] })
    expect(client.subarray(got.next).toString('latin1')).toBe('4\r\nsome\r\n5\r\nthing\r\n0\r\n\r\n')
  })
})
