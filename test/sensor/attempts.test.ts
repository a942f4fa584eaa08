/** Attempts told from use, and those who stand for others, through the whole sensor. */

import { describe, expect, test } from 'vitest'
import { ACME } from '../support/acme.ts'
import { dnsAnswer, dnsQuestion } from '../support/dns-message.ts'
import { feed } from '../support/feed.ts'
import type { End } from '../support/frames.ts'
import { shortHello } from '../support/hello.ts'
import { mixed, Talk } from '../support/talk.ts'
import { alertsOf, CLIENT, lookup, named, nameless, RESOLVER, SERVER } from '../support/visits.ts'

const PROXY: End = { ip: '192.0.2.12', port: 3128 }
const WEB: End = { ip: '198.51.100.7', port: 80 }
const HANDSHAKE_FAILURE = Buffer.from([21, 3, 3, 0, 2, 2, 40])
const text = (...lines: string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)

const get = (answer: Buffer, url = '/', server = WEB, more: string[] = []): Talk =>
  new Talk(CLIENT, server)
    .open()
    .send(text(`GET ${url} HTTP/1.1`, 'Host: shop.acme.example', ...more))
    .answer(answer)
    .close()
const connect = (...answers: Buffer[]): Talk => {
  const talk = new Talk(CLIENT, PROXY).open()
  for (const answer of answers) talk.send(text('CONNECT shop.acme.example:443 HTTP/1.1', 'Host: x')).answer(answer)
  return talk
}
const socks5 = (reply: number): Talk =>
  new Talk(CLIENT, { ...PROXY, port: 1080 })
    .open()
    .send(Buffer.from([5, 1, 0]))
    .answer(Buffer.from([5, 0]))
    .send(Buffer.concat([Buffer.from([5, 1, 0, 3, 17]), Buffer.from('shop.acme.example'), Buffer.from([1, 187])]))
    .answer(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]))

describe('an attempt', () => {
  const stories: Array<{ name: string; talk: Talk; attempt: boolean; words: string }> = [
    {
      name: 'no answer to the hello',
      talk: new Talk(CLIENT, SERVER).open().send(shortHello('acme.example')),
      attempt: true,
      words: 'The server took the connection and sent nothing: an attempt.',
    },
    {
      name: 'nothing of the server at all',
      talk: new Talk(CLIENT, SERVER).syn().send(shortHello('acme.example')),
      attempt: true,
      words: 'No answer of the server was seen: an attempt.',
    },
    {
      name: 'no answer, where the beginning was missed and the port of the client is the lower one',
      talk: new Talk({ ...CLIENT, port: 4000 }, { ...SERVER, port: 8443 }).send(shortHello('acme.example')),
      attempt: true,
      words: 'No answer of the server was seen: an attempt.',
    },
    {
      name: 'an answer to such a one',
      talk: new Talk({ ...CLIENT, port: 4000 }, { ...SERVER, port: 8443 }).send(shortHello('acme.example')).answer(),
      attempt: false,
      words: 'The server answered.',
    },
    {
      name: 'RST',
      talk: new Talk(CLIENT, SERVER).open().send(shortHello('acme.example')).refuse(),
      attempt: true,
      words: 'The connection was refused (RST): an attempt.',
    },
    {
      name: 'RST after an answer is none',
      talk: new Talk(CLIENT, SERVER).open().send(shortHello('acme.example')).answer().refuse(),
      attempt: false,
      words: 'The server answered.',
    },
    {
      name: 'a TLS alert instead of a hello',
      talk: new Talk(CLIENT, SERVER).open().send(shortHello('acme.example')).answer(HANDSHAKE_FAILURE).close(),
      attempt: true,
      words: 'The server refused the TLS handshake (handshake_failure): an attempt.',
    },
    {
      name: 'HTTP 403',
      talk: get(text('HTTP/1.1 403 Forbidden', 'Content-Length: 0')),
      attempt: true,
      words: 'The answer was HTTP 403, as gateways that block give it: an attempt.',
    },
    {
      name: 'HTTP 200',
      talk: get(text('HTTP/1.1 200 OK', 'Content-Length: 0')),
      attempt: false,
      words: 'The server answered.',
    },
    {
      name: 'a redirect to itself',
      talk: get(text('HTTP/1.1 301 Moved', 'Location: https://shop.acme.example/', 'Content-Length: 0')),
      attempt: false,
      words: 'The server answered.',
    },
    {
      name: 'a redirect to a block page',
      talk: get(text('HTTP/1.1 302 Found', 'Location: http://10.0.0.1/blocked', 'Content-Length: 0')),
      attempt: true,
      words: 'The answer was HTTP 302 that leads to a block page: an attempt.',
    },
    {
      name: 'a proxy that cannot',
      talk: get(text('HTTP/1.1 503 No', 'Content-Length: 0'), 'http://shop.acme.example/', PROXY),
      attempt: true,
      words: 'The proxy answered HTTP 503, it did not reach the target: an attempt.',
    },
    {
      name: 'CONNECT refused',
      talk: connect(text('HTTP/1.1 403 Forbidden', 'Content-Length: 0')),
      attempt: true,
      words: 'The proxy answered HTTP 403, it forbids this target: an attempt.',
    },
    {
      name: 'CONNECT, after the client said who it is',
      talk: connect(text('HTTP/1.1 407 Who', 'Content-Length: 0'), text('HTTP/1.1 200 OK')),
      attempt: false,
      words: 'The server answered.',
    },
    {
      name: 'CONNECT granted, and the target refuses in the tunnel',
      talk: connect(text('HTTP/1.1 200 OK')).send(shortHello('shop.acme.example')).answer(HANDSHAKE_FAILURE),
      attempt: true,
      words: 'The server refused the TLS handshake (handshake_failure): an attempt.',
    },
    { name: 'SOCKS granted', talk: socks5(0), attempt: false, words: 'The server answered.' },
    { name: 'SOCKS refused', talk: socks5(2), attempt: true, words: 'The SOCKS proxy refused (code 2): an attempt.' },
  ]
  test.each(stories)('$name', ({ talk, attempt, words }) => {
    const [alert] = alertsOf(talk.frames)
    expect(alert).toMatchObject({ attempt, confidence: attempt ? 'medium' : 'high' })
    expect(alert!.reasons[1]).toBe(words)
  })

  test('is never told as an answer before: what is stored cannot be untold', () => {
    for (const { talk, attempt } of stories) {
      for (const framesPerBlock of [1, 100]) {
        const { updates } = feed(talk.frames, { packs: [ACME], framesPerBlock })
        if (attempt) expect(updates.filter(({ alert }) => !alert.attempt)).toEqual([])
      }
    }
  })

  test('is not told as an answer while only half of the refusal is there', () => {
    const head = text('HTTP/1.1 403 Forbidden', 'Content-Length: 0')
    const ask = text('GET / HTTP/1.1', 'Host: shop.acme.example')
    const halves = [
      new Talk(CLIENT, WEB).open().send(ask).answer(head.subarray(0, 9)).wait(5).answer(head.subarray(9)),
      new Talk(CLIENT, SERVER)
        .open()
        .send(shortHello('acme.example'))
        .answer(HANDSHAKE_FAILURE.subarray(0, 5))
        .wait(5)
        .answer(HANDSHAKE_FAILURE.subarray(5)),
    ]
    for (const { frames } of halves) {
      const { updates } = feed(frames, { packs: [ACME] })
      expect(updates.length).toBeGreaterThan(1)
      expect(updates.filter(({ alert }) => !alert.attempt)).toEqual([])
    }
  })

  test('a block page at the address that a blocking resolver gave', () => {
    const sinkhole: End = { ip: '10.0.0.5', port: 443 }
    const told = lookup('shop.acme.example', [sinkhole.ip])
    const [dns, visit] = alertsOf(mixed(told, nameless(sinkhole)))
    expect(dns).toMatchObject({ attempt: true, confidence: 'low' })
    expect(visit).toMatchObject({ attempt: true, confidence: 'medium' })
    const [, withName] = alertsOf(mixed(told, named('shop.acme.example', sinkhole)))
    expect(withName).toMatchObject({ attempt: true, confidence: 'medium' })
    expect(withName!.reasons[1]).toBe(
      'The answer was from 10.0.0.5, which is no public address of the service: an attempt.',
    )
  })
})

describe('those who stand for others', () => {
  test('a resolver is one from the moment it answers, also in the alert of the question that it was asked for', () => {
    const client = new Talk({ ip: CLIENT.ip, port: 40_000 }, RESOLVER).ask(dnsQuestion('shop.acme.example'))
    const upstream = new Talk({ ip: RESOLVER.ip, port: 33_333 }, { ip: '198.51.100.53', port: 53 }, 0.01)
      .ask(dnsQuestion('shop.acme.example'))
      .reply(dnsAnswer('shop.acme.example', []))
    const back = new Talk({ ip: CLIENT.ip, port: 40_000 }, RESOLVER, 0.05).reply(dnsAnswer('shop.acme.example', []))
    const alerts = alertsOf(mixed(client, upstream, back))
    expect(alerts.map((alert) => [alert.client.ip, alert.client_role])).toEqual([
      [CLIENT.ip, 'host'],
      [RESOLVER.ip, 'resolver'],
    ])
    expect(alerts[1]!.reasons.at(-1)).toBe('The client is a DNS resolver: it asks for others.')
  })

  test('for whom a proxy says it asks is kept, and that it is a claim', () => {
    const answer = text('HTTP/1.1 200 OK', 'Content-Length: 0')
    const [alert] = alertsOf(get(answer, '/', WEB, ['X-Forwarded-For: 192.0.2.77, 192.0.2.78']).frames)
    expect(alert).toMatchObject({ client_role: 'proxy', client: { ip: CLIENT.ip, forwarded_for: ['192.0.2.77'] } })
    expect(alert!.reasons.at(-1)).toBe('The client says that it asks for 192.0.2.77: a claim of what it sent.')
  })

  test('what is no address is not', () => {
    const answer = text('HTTP/1.1 200 OK', 'Content-Length: 0')
    const [alert] = alertsOf(get(answer, '/', WEB, ['X-Forwarded-For: \x1b[31mme', 'Forwarded: for=_x']).frames)
    expect(alert).toMatchObject({ client_role: 'host' })
    expect(alert!.client.forwarded_for).toBeUndefined()
  })

  test('the PROXY protocol', () => {
    const talk = new Talk(PROXY, SERVER)
      .open()
      .send(Buffer.from('PROXY TCP4 192.0.2.77 198.51.100.7 40000 443\r\n'), shortHello('acme.example'))
      .answer()
    const [alert] = alertsOf(talk.frames)
    expect(alert).toMatchObject({ client_role: 'proxy', client: { ip: PROXY.ip, forwarded_for: ['192.0.2.77'] } })
  })

  test('a request with a whole address is one to a proxy', () => {
    const asked = get(text('HTTP/1.1 200 OK', 'Content-Length: 0'), 'http://shop.acme.example/', PROXY)
    const onward = new Talk({ ip: PROXY.ip, port: 40_001 }, SERVER, 1).open().send(shortHello('acme.example')).answer()
    expect(alertsOf(mixed(asked, onward)).map(({ client_role }) => client_role)).toEqual(['host', 'proxy'])
  })
})
