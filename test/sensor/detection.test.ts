/**
 * What comes out of frames at the other end: alerts, for a vendor that does
 * not exist, with its pack.
 */

import { describe, expect, test } from 'vitest'
import { rfc3339 } from '../../src/bytes/time.ts'
import { ACME } from '../support/acme.ts'
import { A, CNAME, dnsAnswer, dnsQuestion, NXDOMAIN, SERVFAIL } from '../support/dns-message.ts'
import { BEGIN_US, feed } from '../support/feed.ts'
import { u16 } from '../support/frames.ts'
import {
  extensionOf,
  helloMessage,
  inRecords,
  openSslHello,
  prefixed,
  serverNames,
  shortHello,
} from '../support/hello.ts'
import { clientHello, crypto, initial, opaque } from '../support/quic-encoder.ts'
import { mixed, Talk } from '../support/talk.ts'
import {
  alertsOf,
  CLIENT,
  lookup,
  NETWORKS,
  named,
  nameless,
  OWN,
  RENTED,
  RESOLVER,
  SERVER,
  SHARED,
  words,
} from '../support/visits.ts'

const OPENSSL = await openSslHello('shop.acme.example')

/** With padding, RFC 7830, and an id of which a QUIC packet could begin. */
function longQuestion(name: string): Buffer {
  const question = dnsQuestion(name, { id: 0xc0ff })
  question.writeUInt16BE(1, 10) // one record more
  const padding = Buffer.concat([u16(12), prefixed(2, Buffer.alloc(1200))])
  return Buffer.concat([question, Buffer.of(0), u16(41), u16(1232), Buffer.alloc(4), prefixed(2, padding)])
}

const stories: Array<{ name: string; talks: Talk[]; want: string[] }> = [
  {
    name: 'a name, answered',
    talks: [named('shop.acme.example')],
    want: ['acme-service high, tls_sni=shop.acme.example'],
  },
  { name: 'the domain itself', talks: [named('acme.example')], want: ['acme-service high, tls_sni=acme.example'] },
  {
    name: 'capitals and a final dot',
    talks: [named('Shop.ACME.example.')],
    want: ['acme-service high, tls_sni=Shop.ACME.example.'],
  },
  {
    name: 'a name, and no answer',
    talks: [new Talk(CLIENT, SERVER).open().send(shortHello('acme.example'))],
    want: ['acme-service medium attempt, tls_sni=acme.example'],
  },
  {
    name: 'a name, and RST',
    talks: [new Talk(CLIENT, SERVER).open().send(shortHello('acme.example')).refuse()],
    want: ['acme-service medium attempt, tls_sni=acme.example'],
  },
  {
    name: 'a name on another port',
    talks: [named('acme.example', { ...SERVER, port: 8443 })],
    want: ['acme-service high, tls_sni=acme.example'],
  },
  {
    name: 'two rules',
    talks: [named('x.friends.acme.example')],
    want: ['acme-service high, tls_sni=x.friends.acme.example', 'acme-friends high, tls_sni=x.friends.acme.example'],
  },
  {
    name: 'an indicator of which we are not sure',
    talks: [named('rumoured.example')],
    want: ['acme-service low, tls_sni=rumoured.example'],
  },
  { name: 'no label border in front', talks: [named('notacme.example')], want: [] },
  { name: 'the name as a beginning', talks: [named('acme.example.net')], want: [] },
  { name: 'the name as a label', talks: [named('acme.example.acme.net')], want: [] },
  { name: 'NUL behind the name', talks: [named('acme.example\0')], want: [] },
  { name: 'NUL and another name behind it', talks: [named('acme.example\0.evil.net')], want: [] },
  { name: 'below an exact name', talks: [named('x.anvils.cdn.example')], want: [] },
  {
    name: 'the exact name',
    talks: [named('anvils.cdn.example')],
    want: ['acme-service high, tls_sni=anvils.cdn.example'],
  },
  { name: "another name at the vendor's own address", talks: [named('www.example.org', OWN)], want: [] },
  {
    name: "no name at the vendor's own address",
    talks: [nameless(OWN)],
    want: ['acme-service medium, address=203.0.113.7'],
  },
  {
    name: 'no answer there',
    talks: [new Talk(CLIENT, OWN).open().send(shortHello(''))],
    want: ['acme-service low attempt, address=203.0.113.7'],
  },
  {
    name: 'no answer to the SYN there',
    talks: [new Talk(CLIENT, OWN).syn()],
    want: ['acme-service low attempt, address=203.0.113.7'],
  },
  {
    name: 'no answer to the SYN there, behind NAT64',
    talks: [new Talk({ ip: '2001:db8::10', port: 51_000 }, { ip: '64:ff9b::cb00:7107', port: 443 }).syn()],
    want: ['acme-service low attempt, address=64:ff9b::cb00:7107'],
  },
  {
    name: 'a SYN to an address of nobody',
    talks: [new Talk(CLIENT, { ip: '203.0.113.77', port: 443 }).syn()],
    want: [],
  },
  {
    name: 'text that is no TLS there',
    talks: [new Talk(CLIENT, OWN).open().send(Buffer.from('GET / HTTP/1.1\r\n')).answer()],
    want: ['acme-service medium, address=203.0.113.7'],
  },
  {
    name: 'UDP there, answered',
    talks: [new Talk(CLIENT, OWN).ask(Buffer.from('x')).reply(Buffer.from('y'))],
    want: ['acme-service medium, address=203.0.113.7'],
  },
  {
    name: 'UDP there, not answered',
    talks: [new Talk(CLIENT, OWN).ask(Buffer.from('x'))],
    want: ['acme-service low attempt, address=203.0.113.7'],
  },
  { name: "an answer of the vendor's to nobody", talks: [new Talk(CLIENT, OWN).synAck().answer()], want: [] },
  {
    name: 'one direction of a connection that DNS had led to',
    talks: [lookup('shop.acme.example', [SERVER.ip]), new Talk(CLIENT, SERVER, 1).synAck().answer()],
    want: [
      'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service high, dns_flow=shop.acme.example, dns_answer=shop.acme.example',
    ],
  },
  {
    name: 'a server that takes a connection and says nothing, or speaks without having taken it, to nobody that is seen',
    talks: [
      lookup('shop.acme.example', [SERVER.ip]),
      new Talk(CLIENT, SERVER, 1).synAck(),
      new Talk({ ...CLIENT, port: 51_001 }, SERVER, 2).answer(),
    ],
    want: ['acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'QUIC on the port of DNS',
    talks: [
      new Talk(CLIENT, { ...SERVER, port: 53 })
        .ask(initial({ frames: [crypto(0, clientHello('shop.acme.example'))] }))
        .reply(opaque(2, Buffer.alloc(900))),
    ],
    want: ['acme-service high, quic_sni=shop.acme.example'],
  },
  {
    name: 'a question to DNS that is as long as a hello of QUIC and begins like one',
    talks: [new Talk(CLIENT, RESOLVER).ask(longQuestion('shop.acme.example'))],
    want: ['acme-service low attempt, dns_question=shop.acme.example'],
  },
  {
    name: 'a name that an answer holds the address of somebody else for',
    talks: [
      new Talk({ ...CLIENT, port: 40_000 }, RESOLVER)
        .ask(dnsQuestion('shop.acme.example'))
        .reply(dnsAnswer('shop.acme.example', [{ name: 'www.example.org', type: A, data: SERVER.ip }])),
      nameless(SERVER),
    ],
    want: ['acme-service low attempt, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'an IPv6 network of its own',
    talks: [nameless({ ip: '2001:db8:ac::1', port: 443 }, 1, { ip: '2001:db8::10', port: 51_000 })],
    want: ['acme-service medium, address=2001:db8:ac::1'],
  },
  { name: 'an address that it shares is nothing alone', talks: [nameless(SHARED)], want: [] },
  { name: 'an address of nobody', talks: [nameless(SERVER)], want: [] },
  { name: 'hosting', talks: [nameless(RENTED)], want: ['acme-hosting low, network=1.2.3.4'] },
  { name: 'hosting, with a name', talks: [named('www.example.org', RENTED)], want: [] },
  { name: 'hosting of another system there', talks: [nameless({ ip: '1.2.3.5', port: 443 })], want: [] },
  { name: 'the same system elsewhere', talks: [nameless({ ip: '1.2.3.6', port: 443 })], want: [] },
  {
    name: 'hosting twice in an hour is one alert',
    talks: [nameless(RENTED), nameless(RENTED, 600, { ...CLIENT, port: 51_001 })],
    want: ['acme-hosting low, network=1.2.3.4'],
  },
  {
    name: 'hosting an hour later is another',
    talks: [nameless(RENTED), nameless(RENTED, 3700, { ...CLIENT, port: 51_001 })],
    want: ['acme-hosting low, network=1.2.3.4', 'acme-hosting low, network=1.2.3.4'],
  },
  {
    name: 'DNS asked, no answer',
    talks: [lookup('shop.acme.example', null)],
    want: ['acme-service low attempt, dns_question=shop.acme.example'],
  },
  {
    name: 'DNS resolved',
    talks: [lookup('shop.acme.example', ['198.51.100.7'])],
    want: ['acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'DNS resolved to IPv6',
    talks: [lookup('shop.acme.example', ['2001:db8::7'])],
    want: ['acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'no such name',
    talks: [lookup('shop.acme.example', dnsAnswer('shop.acme.example', [], { flags: NXDOMAIN }))],
    want: ['acme-service low attempt, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'the resolver failed',
    talks: [lookup('shop.acme.example', dnsAnswer('shop.acme.example', [], { flags: SERVFAIL }))],
    want: ['acme-service low attempt, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'a sinkhole: 0.0.0.0',
    talks: [lookup('shop.acme.example', ['0.0.0.0'])],
    want: ['acme-service low attempt, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'a sinkhole: 127.0.0.2',
    talks: [lookup('shop.acme.example', ['127.0.0.2'])],
    want: ['acme-service low attempt, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'a sinkhole: ::',
    talks: [lookup('shop.acme.example', ['::'])],
    want: ['acme-service low attempt, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'an answer without its question',
    talks: [
      new Talk({ ...CLIENT, port: 40_000 }, RESOLVER).reply(
        dnsAnswer('acme.example', [{ name: 'acme.example', type: A, data: '198.51.100.7' }]),
      ),
    ],
    want: ['acme-service medium, dns_answer=acme.example'],
  },
  { name: 'no label border in a question', talks: [lookup('notacme.example', ['198.51.100.7'])], want: [] },
  {
    name: 'told an address, then no name',
    talks: [lookup('shop.acme.example', ['198.51.100.7']), nameless(SERVER)],
    want: [
      'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service high, dns_flow=shop.acme.example, dns_answer=shop.acme.example',
    ],
  },
  {
    name: 'told an address, then no answer',
    talks: [lookup('shop.acme.example', ['198.51.100.7']), new Talk(CLIENT, SERVER, 1).open().send(shortHello(''))],
    want: [
      'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service medium attempt, dns_flow=shop.acme.example, dns_answer=shop.acme.example',
    ],
  },
  {
    name: 'told an address, then UDP',
    talks: [
      lookup('shop.acme.example', ['198.51.100.7']),
      new Talk(CLIENT, SERVER, 1).ask(Buffer.from('q')).reply(Buffer.from('q')),
    ],
    want: [
      'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service high, dns_flow=shop.acme.example, dns_answer=shop.acme.example',
    ],
  },
  {
    name: 'told an address, then the name',
    talks: [lookup('shop.acme.example', ['198.51.100.7']), named('shop.acme.example')],
    want: [
      'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service high, tls_sni=shop.acme.example, dns_answer=shop.acme.example',
    ],
  },
  {
    name: 'told an address, then another name: that one counts',
    talks: [lookup('shop.acme.example', ['198.51.100.7']), named('www.example.org')],
    want: ['acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'told an address that has run out: its TTL of a minute, and one more',
    talks: [lookup('shop.acme.example', ['198.51.100.7']), nameless(SERVER, 122)],
    want: ['acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'told an address for another name since',
    talks: [
      lookup('shop.acme.example', ['198.51.100.7']),
      lookup('www.example.org', ['198.51.100.7'], { at: 5, port: 40_001 }),
      nameless(SERVER, 6),
    ],
    want: ['acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'told an address for another name, but only after the flow began',
    talks: [
      lookup('shop.acme.example', ['198.51.100.7']),
      new Talk(CLIENT, SERVER, 1).open().wait(3).send(shortHello('')).answer(),
      lookup('www.example.org', ['198.51.100.7'], { at: 2, port: 40_001 }),
    ],
    want: [
      'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service medium, dns_flow=shop.acme.example, dns_answer=shop.acme.example',
    ],
  },
  {
    name: 'told an address only after the flow began',
    talks: [
      new Talk(CLIENT, SERVER).open().wait(3).send(shortHello('')).answer(),
      lookup('shop.acme.example', ['198.51.100.7'], { at: 1 }),
    ],
    want: ['acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'told an address long ago',
    talks: [lookup('shop.acme.example', ['198.51.100.7']), nameless(SERVER, 302)],
    want: ['acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'another client was told',
    talks: [lookup('shop.acme.example', ['198.51.100.7'], { client: '192.0.2.11' }), nameless(SERVER)],
    want: ['acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'],
  },
  {
    name: 'told an address that others are told for other names',
    talks: [
      lookup('shop.acme.example', ['198.51.100.7']),
      lookup('www.example.org', ['198.51.100.7'], { client: '192.0.2.11' }),
      nameless(SERVER),
    ],
    want: [
      'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service medium, dns_flow=shop.acme.example, dns_answer=shop.acme.example',
    ],
  },
  {
    name: 'told an address that the pack calls shared',
    talks: [lookup('shop.acme.example', ['203.0.113.99']), nameless(SHARED)],
    want: [
      'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service medium, dns_flow=shop.acme.example, dns_answer=shop.acme.example',
    ],
  },
  {
    name: 'two names of the same vendor at one address do not make it shared',
    talks: [
      lookup('shop.acme.example', ['198.51.100.7']),
      lookup('api.acme.example', ['198.51.100.7'], { client: '192.0.2.11' }),
      nameless(SERVER),
    ],
    want: [
      'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service medium, dns_question=api.acme.example, dns_answer=api.acme.example',
      'acme-service high, dns_flow=shop.acme.example, dns_answer=shop.acme.example',
    ],
  },
  {
    name: 'an exact name below a domain that is not watched does not make its address shared',
    talks: [lookup('anvils.cdn.example', ['198.51.100.7']), nameless(SERVER)],
    want: [
      'acme-service medium, dns_question=anvils.cdn.example, dns_answer=anvils.cdn.example',
      'acme-service high, dns_flow=anvils.cdn.example, dns_answer=anvils.cdn.example',
    ],
  },
  {
    name: "the client was told the vendor's own address for another name",
    talks: [lookup('www.example.org', [OWN.ip]), nameless(OWN)],
    want: [],
  },
]

for (const { name, talks, want } of stories) {
  test(`detection: ${name}`, () => expect(words(alertsOf(mixed(...talks)))).toEqual(want))
}

describe('an alias chain', () => {
  const records = [
    { name: 'www.customer.example', type: CNAME, data: 'edge.acme.example' },
    { name: 'edge.acme.example', type: A, data: '198.51.100.7' },
  ]
  const asked = lookup('www.customer.example', dnsAnswer('www.customer.example', records))

  test('the question is watched for what it is an alias of', () => {
    const [alert] = alertsOf(asked.frames)
    expect(alert).toMatchObject({ confidence: 'medium', indicator: { value: 'acme.example' } })
    expect(alert!.reasons[0]).toContain('"www.customer.example", an alias of "edge.acme.example"')
  })

  test('and so is a visit without a name', () => {
    const [, visit] = alertsOf(mixed(asked, nameless(SERVER)))
    expect(visit).toMatchObject({ server: { name: 'www.customer.example' }, indicator: { value: 'acme.example' } })
    expect(visit!.reasons.join(' ')).toContain('by way of "edge.acme.example"')
  })

  test('in an answer whose question is watched the chain is told', () => {
    const chain = [
      { name: 'shop.acme.example', type: CNAME, data: 'd1.cdn.example' },
      { name: 'd1.cdn.example', type: A, data: '198.51.100.7' },
    ]
    const visit = alertsOf(
      mixed(lookup('shop.acme.example', dnsAnswer('shop.acme.example', chain)), nameless(SERVER)),
    )[1]
    expect(visit).toMatchObject({ confidence: 'high', server: { name: 'shop.acme.example' } })
  })

  for (const more of [[], [{ name: 'd1.cdn.example', type: 16, data: Buffer.from([1, 65]) }]]) {
    test(`over three answers, with ${more.length} records of another kind`, () => {
      const step = (at: number, name: string, type: number, data: string): Talk =>
        lookup(name, dnsAnswer(name, [{ name, type, data }, ...(at === 0.1 ? more : [])]), {
          at,
          port: 40_000 + at * 10,
        })
      const asks = [
        step(0, 'shop.acme.example', CNAME, 'd1.cdn.example'),
        step(0.1, 'd1.cdn.example', CNAME, 'd2.cdn.example'),
        step(0.2, 'd2.cdn.example', A, '198.51.100.7'),
      ]
      const visit = alertsOf(mixed(...asks, nameless(SERVER))).at(-1)!
      expect(visit).toMatchObject({ confidence: 'high', server: { name: 'shop.acme.example' } })
    })
  }

  test('two watched names in one chain are one alert each of DNS and of the visit, counted once', () => {
    const chain = [
      { name: 'shop.acme.example', type: CNAME, data: 'edge.acme.example' },
      { name: 'edge.acme.example', type: A, data: '198.51.100.7' },
    ]
    const both = lookup('shop.acme.example', dnsAnswer('shop.acme.example', chain))
    const alerts = alertsOf(mixed(both, nameless(SERVER)))
    expect(alerts.map(({ count, packets_in }) => [count, packets_in])).toEqual([
      [1, 1],
      [1, 3],
    ])
  })
})

describe('DNS alerts', () => {
  test('the same question is one alert with a count, as long as the contact lasts', () => {
    const ask = (at: number, port: number): Talk => lookup('shop.acme.example', ['198.51.100.7'], { at, port })
    const alerts = alertsOf(mixed(ask(0, 40_000), ask(60, 40_001), ask(1200, 40_002), ask(1200 + 1801, 40_003)))
    expect(alerts.map(({ count, packets_out, packets_in }) => [count, packets_out, packets_in])).toEqual([
      [3, 3, 3],
      [1, 1, 1],
    ])
    expect(new Set(alerts.map((alert) => alert.contact)).size).toBe(2)
  })

  test('two names, or two clients, are two alerts of one or two contacts', () => {
    const alerts = alertsOf(
      mixed(
        lookup('a.acme.example', null),
        lookup('b.acme.example', null, { port: 40_001 }),
        lookup('a.acme.example', null, { client: '192.0.2.11' }),
      ),
    )
    expect(alerts.map(({ client }) => client.ip)).toEqual(['192.0.2.10', '192.0.2.10', '192.0.2.11'])
    expect(new Set(alerts.map((alert) => alert.contact)).size).toBe(2)
  })

  test('an answer says more than a question: the words are those of the answer', () => {
    const [alert] = alertsOf(
      lookup('shop.acme.example', dnsAnswer('shop.acme.example', [], { flags: NXDOMAIN })).frames,
    )
    expect(alert!.reasons).toEqual([expect.stringContaining('there is no such name')])
    const [sunk] = alertsOf(lookup('shop.acme.example', ['0.0.0.0']).frames)
    expect(sunk!.reasons).toEqual([expect.stringContaining('0.0.0.0, as a blocking resolver')])
    const [given] = alertsOf(
      mixed(lookup('shop.acme.example', ['198.51.100.7']), lookup('shop.acme.example', null, { at: 5, port: 40_001 })),
    )
    expect(given!.reasons, 'a later question without an answer does not unsay it').toEqual([
      expect.stringContaining('It was given 198.51.100.7.'),
    ])
    expect(given).toMatchObject({ confidence: 'medium', count: 2 })
  })

  test('a client that answers DNS itself is a resolver', () => {
    const own = new Talk({ ip: '192.0.2.11', port: 40_000 }, RESOLVER)
      .ask(dnsQuestion('www.example.org'))
      .reply(dnsAnswer('www.example.org', []))
    const upstream = new Talk({ ip: RESOLVER.ip, port: 33_333 }, { ip: '198.51.100.53', port: 53 }, 1).ask(
      dnsQuestion('shop.acme.example'),
    )
    const [alert] = alertsOf(mixed(own, upstream))
    expect(alert).toMatchObject({ client: { ip: RESOLVER.ip }, client_role: 'resolver' })
    expect(alert!.reasons.at(-1)).toBe('The client is a DNS resolver: it asks for others.')
    expect(alertsOf(upstream.frames)[0]).toMatchObject({ client_role: 'host' })
  })
})

describe('the alert of a flow', () => {
  const visit = new Talk(CLIENT, SERVER, 1, 1000, { vlans: [110] }).open().send(OPENSSL).wait(3).answer().close()
  const { alerts, updates, flows } = feed(visit.frames, { packs: [ACME], networks: NETWORKS })
  const [alert] = alerts

  test('is one, first not final, then final', () => {
    expect(alerts.length).toBe(1)
    expect(updates.map((update) => update.final)).toEqual([false, true])
    expect(updates[0]!.alert).toMatchObject({ id: alert!.id, attempt: true, confidence: 'medium', packets_in: 1 })
  })

  test('has everything that is known', () => {
    expect(alert).toMatchObject({
      rule: 'acme-service',
      title: 'Acme contacted',
      pack: 'acme',
      pack_version: '2026.01.02',
      service: 'Acme',
      category: 'service',
      severity: 'high',
      confidence: 'high',
      state: 'new',
      attempt: false,
      count: 1,
      indicator: {
        kind: 'domain',
        value: 'acme.example',
        role: 'web shop',
        confidence: 'high',
        sources: ['https://acme.example/'],
      },
      client: { ip: '192.0.2.10', port: 51_000, mac: '00:00:5e:00:53:10' },
      client_role: 'host',
      server: { ip: '198.51.100.7', port: 443, name: 'shop.acme.example' },
      protocol: 'TCP',
      first_seen: rfc3339(BEGIN_US + 1e6),
      last_seen: rfc3339(BEGIN_US + 4.007e6),
      run: 'run-1',
      sensor: 'sensor-1',
      policy: ['acme-ban'],
      attack: ['T1567'],
      reasons: ['The client named "shop.acme.example" in its TLS hello (SNI): Acme, web shop.', 'The server answered.'],
      evidence: [
        {
          kind: 'tls_sni',
          value: 'shop.acme.example',
          packet: 4,
          file: 'capture-1.pcap',
          time: rfc3339(BEGIN_US + 1.003e6),
        },
      ],
    })
    expect(alert!.id).toMatch(/^[0-9a-f]{24}$/)
    expect(alert!.contact).toMatch(/^[0-9a-f]{24}$/)
  })

  test('has the figures of the flow', () => {
    const bytes = (from: number, to: number): number =>
      visit.frames.slice(from, to).reduce((sum, frame) => sum + frame.bytes.length, 0)
    const out = [0, 2, 3, 5, 7].reduce((sum, i) => sum + bytes(i, i + 1), 0)
    expect(alert).toMatchObject({ packets_out: 5, packets_in: 3, bytes_out: out, bytes_in: bytes(0, 8) - out })
    const [flow] = flows
    expect(flow).toMatchObject({ packetsOut: 5, packetsIn: 3, bytesOut: out, alerted: true, application: 'tls' })
    expect([alert!.flow_id, alert!.community_id]).toEqual([flow!.flow.id, flow!.flow.communityId])
  })

  test('is written again every minute while the flow goes on', () => {
    const long = new Talk(CLIENT, SERVER).open().send(shortHello('acme.example')).answer()
    for (let i = 0; i < 10; i++) long.wait(30).answer()
    const { updates: all } = feed(long.frames, { packs: [ACME] })
    const seen = all.map((update) => update.alert.packets_in)
    expect(all.at(-1)!.final).toBe(true)
    expect(all.length).toBeGreaterThanOrEqual(6)
    expect(all.length).toBeLessThanOrEqual(9)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })

  test('a hostile name stays data: its reasons are printable, its evidence is what was sent', () => {
    const name = '\x1b]0;x\x07\n"<script>.acme.example'
    const [hostile] = alertsOf(named(name).frames)
    expect(hostile!.evidence[0]!.value).toBe(name)
    expect(hostile!.reasons.join('')).toMatch(/^[\x20-\x7e]*$/)
    const [rented] = alertsOf(nameless(RENTED).frames)
    expect(rented).toMatchObject({ server: { country: 'CN', asn: 64500, as_name: 'Hosting \x1b[31mLtd' } })
    expect(rented!.reasons.join('')).toMatch(/^[\x20-\x7e]*$/)
  })

  test('a name of 100 labels; and of two names in one hello the first one counts', () => {
    const hello = inRecords(
      helloMessage({
        extensions: [serverNames('www.example.org', 'acme.example'), extensionOf(21, Buffer.alloc(200))],
      }),
    )
    expect(alertsOf(new Talk(CLIENT, SERVER).open().send(hello).frames)).toEqual([])
    expect(words(alertsOf(named(`${'a.'.repeat(100)}acme.example`).frames)).length).toBe(1)
  })

  test('visits of one client are one contact until half an hour is quiet', () => {
    const at = (seconds: number, port: number): Talk =>
      new Talk({ ...CLIENT, port }, SERVER, seconds).open().send(shortHello('acme.example')).answer().close()
    const contacts = alertsOf(mixed(at(0, 1025), at(1700, 1026), at(3400, 1027), at(3400 + 1810, 1028))).map(
      (one) => one.contact,
    )
    expect(contacts.map((contact) => contacts.indexOf(contact))).toEqual([0, 0, 0, 3])
  })
})

test('detection: hosting is counted for an hour, and final once', () => {
  const visits = [0, 1, 2].map((i) => nameless(RENTED, 600 * i, { ...CLIENT, port: 51_000 + i }))
  const { alerts, updates } = feed(mixed(...visits), { packs: [ACME], networks: NETWORKS })
  expect(alerts.map(({ count, packets_out }) => [count, packets_out])).toEqual([[3, 15]])
  expect(updates.filter(({ final }) => final).length).toBe(1)
})

test('detection: a contact lasts from the end of a flow, not from its beginning', () => {
  const first = new Talk(CLIENT, SERVER).open().send(shortHello('acme.example')).wait(50).answer().close()
  const second = new Talk({ ...CLIENT, port: 51_001 }, SERVER, 1830).open().send(shortHello('acme.example'))
  expect(new Set(alertsOf(mixed(first, second)).map((alert) => alert.contact)).size).toBe(1)
})

describe('too many open alerts', () => {
  test('the oldest is closed, and written as final', () => {
    const talks = [0, 1, 2, 3].map((i) =>
      new Talk({ ...CLIENT, port: 2000 + i }, SERVER, i).open().send(shortHello(`n${i}.acme.example`)),
    )
    const { alerts, updates } = feed(mixed(...talks), { packs: [ACME], limits: { openAlerts: 2 } })
    expect(alerts.length).toBe(4)
    for (const { id } of alerts)
      expect(updates.filter(({ alert, final }) => final && alert.id === id).length, id).toBe(1)
  })
})
