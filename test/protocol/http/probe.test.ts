/** The first look at a stream. */
import { describe, expect, test } from 'vitest'
import { beginsRequest, beginsResponse, looksLikeHttp } from '../../../src/protocol/http/probe.ts'
import { parseTwice } from '../../support/arena.ts'

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const looks = (text: string): boolean => parseTwice(bytesOf(text), looksLikeHttp)
const begins = (text: string): boolean => parseTwice(bytesOf(text), beginsRequest)

const REQUESTS = [
  'GET / HTTP/1.1\r\nHost: a\r\n',
  'POST /x HTTP/1.0\n',
  'CONNECT a:443 HTTP/1.1\r\n',
  'M-SEARCH * HTTP/1.1\r\n',
  'BPROPPATCH /x HTTP/1.1\r\n',
  'get / HTTP/1.1\r\n',
  '\r\n\r\nGET / HTTP/1.1\r\n',
  'GET /\r\n',
]

const OTHERS = [
  '\x16\x03\x01\x02\x00\x01',
  '\x05\x01\x00',
  '\0',
  'SSH-2.0-OpenSSH_9.2\r\n',
  'EHLO mail.example.org\r\n',
  'USER anonymous\r\n',
  'NICK somebody\r\n',
  'HTTP/1.1 200 OK\r\n',
  'OPTIONS rtsp://a/ RTSP/1.0\r\n',
  'REGISTER sip:a SIP/2.0\r\n',
  'PRI * HTTP/2.0\r\n',
  'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n',
  'GETTING / somewhere\r\n',
  `${'A'.repeat(65)}`,
  ' GET / HTTP/1.1\r\n',
  '\n'.repeat(20),
  '<xml/>',
]

describe('probe', () => {
  test.each(REQUESTS)('%j may be one after each byte, and is one at the end', (text) => {
    for (let length = 1; length <= text.length; length++) expect(looks(text.slice(0, length)), `${length}`).toBe(true)
    expect(begins(text)).toBe(true)
  })

  test.each(OTHERS)('%j is none', (text) => {
    expect(looks(text)).toBe(false)
    expect(begins(text)).toBe(false)
  })

  test.each(['', 'G', 'GET', 'X-NEW', 'X-NEW / HT', '\r\n'])('%j is not certain', (text) =>
    expect(begins(text)).toBe(false),
  )
  test('nothing looks like nothing', () => expect(looks('')).toBe(false))
  test('a known method is certain before the line ends', () => expect(begins('GET /a')).toBe(true))

  test.each([
    { text: 'HTTP/1.1 200 OK\r\n', want: true },
    { text: 'HTTP/1.1\t200', want: true },
    { text: 'HTTP/1.1', want: false },
    { text: 'HTTPS/1.1 200', want: false },
    { text: ' HTTP/1.1 200', want: false },
    { text: 'GET / HTTP/1.1 ', want: false },
  ])('a response begins: $text', ({ text, want }) => expect(parseTwice(bytesOf(text), beginsResponse)).toBe(want))
})
