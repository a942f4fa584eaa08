/** Names that are not in a TLS hello: certificates, HTTP, proxies; and what stands around the packets that hold them. */

import { expect, test } from 'vitest'
import type { Pack } from '../../src/packs/pack.ts'
import { exchange } from '../protocol/tls/handshake.ts'
import { ACME, domain, rule } from '../support/acme.ts'
import { feed } from '../support/feed.ts'
import { helloMessage, inRecords, shortHello } from '../support/hello.ts'
import { Talk } from '../support/talk.ts'

const CLIENT = { ip: '192.0.2.10', port: 50_000 }
const SERVER = { ip: '198.51.100.7', port: 443 }
const PROXY = { ip: '192.0.2.80', port: 8080 }

function watching(...names: string[]): Pack {
  return { ...ACME, rules: [rule('acme-service', { indicators: names.map((name) => domain(name)) })] }
}

function namelessTls12(server: Uint8Array): Talk {
  return new Talk(CLIENT, SERVER)
    .open()
    .send(inRecords(helloMessage({ extensions: [] })))
    .answer(server)
    .close()
}

const text = (...lines: string[]) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')

/** The names of the certificate that the exchange shows, without wildcards. */
function namesIn(server: Uint8Array): string[] {
  const [tls] = feed(namelessTls12(server).frames, { events: ['tls'] }).observations
  const certificate = tls?.kind === 'tls' ? tls.server?.certificate : undefined
  return [certificate!.commonName, ...certificate!.dnsNames].map((name) => name.replace(/^\*\./, ''))
}

test('a certificate that names others, too, says little', async () => {
  const { server } = await exchange({ version: 'TLSv1.2' })
  const names = new Set(namesIn(server))
  expect(names.size).toBeGreaterThan(1)
  const exact = { ...domain([...names].sort((a, b) => b.length - a.length)[0]!), match: 'exact' as const }
  const pack = { ...ACME, rules: [rule('acme-service', { indicators: [exact] })] }
  const [alert] = feed(namelessTls12(server).frames, { packs: [pack] }).alerts
  expect(alert).toMatchObject({ confidence: 'low', attempt: false })
  expect(alert!.evidence[0]).toMatchObject({ kind: 'certificate_name' })
  expect(alert!.reasons.join(' ')).toContain('others')
})

test('a certificate that names only what is watched is as good as a name', async () => {
  const { server } = await exchange({ version: 'TLSv1.2' })
  const [alert] = feed(namelessTls12(server).frames, { packs: [watching(...namesIn(server))] }).alerts
  expect(alert).toMatchObject({ confidence: 'high' })
})

test('a certificate whose client was not seen says no more than that', async () => {
  const { server } = await exchange({ version: 'TLSv1.2' })
  const packs = [watching(...namesIn(server))]
  const oneWay = new Talk(CLIENT, SERVER).synAck().answer(server)
  const reasons = [oneWay, namelessTls12(server)].map(({ frames }) => feed(frames, { packs }).alerts[0]!.reasons[0])
  expect(reasons[0]).toContain('nothing was seen of the client')
  expect(reasons[1]).toContain('the client named nothing')
})

test('a name of somebody else, and a certificate that names only what is watched: the name was a front', async () => {
  const { server } = await exchange({ version: 'TLSv1.2' })
  const hello = shortHello('other.example')
  const opened = () => new Talk(CLIENT, SERVER).open()
  const tunnel = text('CONNECT other.example:443 HTTP/1.1')
  /** The last frame comes before the one in front of it. */
  const ahead = ({ frames }: Talk) => {
    const [first, second] = frames.slice(-2).map(({ bytes }) => bytes)
    frames.at(-2)!.bytes = second!
    frames.at(-1)!.bytes = first!
    return { frames }
  }
  const unknownName = Buffer.of(21, 3, 3, 0, 2, 1, 112) // a warning of servers that know no such name
  const stories = [
    opened().send(hello).answer(server),
    opened().send(hello).answer(unknownName).answer(server),
    opened().send(hello.subarray(0, 40), hello.subarray(40)).answer(server),
    ahead(opened().send(hello).answer(server.subarray(0, 200)).answer(server.subarray(200))),
    opened().send(tunnel).answer(text('HTTP/1.1 200 OK')).send(hello).answer(server),
  ]
  for (const { frames } of stories) {
    for (const events of [[], ['tls' as const]]) {
      const fed = (names: string[]) => feed(frames, { packs: [watching(...names)], events }).alerts
      const alerts = fed(namesIn(server))
      expect(alerts).toMatchObject([{ confidence: 'high', attempt: false, evidence: [{ kind: 'certificate_name' }] }])
      expect(alerts[0]!.reasons[0]).toContain('the client named somebody else')
      const both = fed([...namesIn(server), 'other.example'])
      expect(both.map(({ evidence }) => evidence[0]!.value)).toEqual(['other.example'])
      // others are named, too: somebody shares the front
      expect(fed(namesIn(server).slice(1, 2))).toEqual([])
    }
  }
})

const requests = [
  { name: 'a host', request: text('GET / HTTP/1.1', 'Host: Api.Acme.Example'), kind: 'http_host' },
  { name: 'a host with a port', request: text('GET / HTTP/1.1', 'Host: api.acme.example:8080'), kind: 'http_host' },
  {
    name: 'an absolute target',
    request: text('GET http://api.acme.example/x HTTP/1.1', 'Host: other.example'),
    kind: 'http_host',
  },
  {
    name: 'the second of several hosts',
    request: text('GET / HTTP/1.1', 'Host: other.example', 'Host: other.example:81', 'Host: api.acme.example'),
    kind: 'http_host',
  },
  { name: 'the target of a tunnel', request: text('CONNECT api.acme.example:443 HTTP/1.1'), kind: 'http_connect' },
  {
    name: 'the target of SOCKS 5',
    request: Buffer.from(`0501000501000310${Buffer.from('api.acme.example').toString('hex')}01bb`, 'hex'),
    kind: 'socks_target',
  },
  {
    name: 'the target of SOCKS 4a',
    request: Buffer.from(`040101bb0000000100${Buffer.from('api.acme.example').toString('hex')}00`, 'hex'),
    kind: 'socks_target',
  },
]

test.each(requests)('$name is a visible name', ({ request, kind }) => {
  const talk = new Talk(CLIENT, PROXY).open().send(request).answer().close()
  const { alerts } = feed(talk.frames, { packs: [ACME] })
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatchObject({ rule: 'acme-service', confidence: 'high' })
  expect(alerts[0]!.evidence[0]!.kind).toBe(kind)
})

test.each([
  text('GET / HTTP/1.1', 'Host: notacme.example'),
  text('GET / HTTP/1.1', 'Host: acme.example.net'),
  text('GET /acme.example HTTP/1.1', 'Host: other.example'),
])('what only looks like it is none: %s', (request) => {
  const talk = new Talk(CLIENT, PROXY).open().send(request).answer().close()
  expect(feed(talk.frames, { packs: [ACME] }).alerts).toEqual([])
})

test('several hosts beside an absolute target are none', () => {
  const request = text('GET http://other.example/ HTTP/1.1', 'Host: other.example', 'Host: api.acme.example')
  const talk = new Talk(CLIENT, PROXY).open().send(request).answer().close()
  expect(feed(talk.frames, { packs: [ACME] }).alerts).toEqual([])
})

test('who opens tunnels is a proxy, and its own hello is somebody else’s', () => {
  const asked = new Talk(CLIENT, PROXY).open().send(text('CONNECT api.acme.example:443 HTTP/1.1'))
  asked.answer(text('HTTP/1.1 200 Connection established'))
  const asks = new Talk({ ip: PROXY.ip, port: 40_000 }, SERVER, 1).open().send(shortHello('api.acme.example')).answer()
  const { alerts } = feed([...asked.frames, ...asks.frames], { packs: [ACME] })
  expect(alerts.map(({ client, client_role }) => [client.ip, client_role])).toEqual([
    [CLIENT.ip, 'host'],
    [PROXY.ip, 'proxy'],
  ])
})

test('each frame twice, as a mirror port of both sides gives it, is counted once', () => {
  const talk = new Talk(CLIENT, SERVER).open().send(shortHello('api.acme.example')).answer().close()
  const twice = talk.frames.flatMap((frame) => [frame, { ...frame, at: frame.at + 0.0002 }])
  const once = feed(talk.frames, { packs: [ACME] })
  const doubled = feed(twice, { packs: [ACME] })
  const figures = ({ packets_out, bytes_in }: { packets_out: number; bytes_in: number }) => ({ packets_out, bytes_in })
  expect(doubled.sensor.coverage.copies).toBeGreaterThan(0)
  expect(figures(doubled.alerts[0]!).bytes_in).toBeLessThan(2 * figures(once.alerts[0]!).bytes_in)
  expect(doubled.alerts).toHaveLength(1)
})
