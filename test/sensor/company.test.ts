/**
 * What is told by what stands beside it: telemetry, rules that need company,
 * exceptions, what clients say of themselves, hidden names, aliases in two
 * answers.
 */

import { describe, expect, test } from 'vitest'
import type { Pack } from '../../src/packs/pack.ts'
import { ACME, domain, fingerprint, network, packOf, rule, userAgent } from '../support/acme.ts'
import { A, CNAME, dnsAnswer } from '../support/dns-message.ts'
import { feed, type TimedFrame } from '../support/feed.ts'
import type { End } from '../support/frames.ts'
import { extensionOf, helloMessage, inRecords, prefixed, serverNames } from '../support/hello.ts'
import { mixed, Talk } from '../support/talk.ts'
import { alertsOf, CLIENT, lookup, NETWORKS, named, nameless, OWN, RESOLVER, SERVER, words } from '../support/visits.ts'

const MINUTES = 60e6
const TRACKER: End = { ip: '198.51.100.9', port: 443 }
const OTHER_CLIENT: End = { ip: '192.0.2.11', port: 51_000 }

/** Acme's rules, and one that only strengthens them. */
const WITH_TRACKER: Pack = {
  ...ACME,
  rules: [
    ...ACME.rules,
    rule('acme-trackers', {
      service: 'Trackers',
      indicators: [domain('tracker.example', { role: 'analytics' })],
      strengthens: { rules: ['acme-service'], withinUs: 5 * MINUTES },
    }),
  ],
}

const tracked = (at: number, client = CLIENT): Talk =>
  named('t.tracker.example', TRACKER, at, { ...client, port: 52_000 + Math.round(at) })

describe('a rule that strengthens', () => {
  const alertsWith = (...talks: Talk[]) => alertsOf(mixed(...talks), { packs: [WITH_TRACKER] })
  const stories: Array<{ name: string; talks: Talk[]; want: string[] }> = [
    { name: 'is no alert alone', talks: [tracked(0), tracked(10)], want: [] },
    {
      name: 'before',
      talks: [tracked(0), named('acme.example', SERVER, 60)],
      want: ['acme-service high, tls_sni=acme.example, telemetry=t.tracker.example'],
    },
    {
      name: 'after',
      talks: [named('acme.example', SERVER, 0), tracked(60)],
      want: ['acme-service high, tls_sni=acme.example, telemetry=t.tracker.example'],
    },
    {
      name: 'just within five minutes after the last packet',
      talks: [named('acme.example', SERVER, 0), tracked(300)],
      want: ['acme-service high, tls_sni=acme.example, telemetry=t.tracker.example'],
    },
    {
      name: 'too late',
      talks: [named('acme.example', SERVER, 0), tracked(302)],
      want: ['acme-service high, tls_sni=acme.example'],
    },
    {
      name: 'too early',
      talks: [tracked(0), named('acme.example', SERVER, 302)],
      want: ['acme-service high, tls_sni=acme.example'],
    },
    {
      name: 'of another client',
      talks: [tracked(0, OTHER_CLIENT), named('acme.example', SERVER, 1), tracked(2, OTHER_CLIENT)],
      want: ['acme-service high, tls_sni=acme.example'],
    },
    {
      name: 'many times is one piece of evidence',
      talks: [tracked(0), named('acme.example', SERVER, 1), tracked(2), tracked(3)],
      want: ['acme-service high, tls_sni=acme.example, telemetry=t.tracker.example'],
    },
    {
      name: 'makes nothing surer',
      talks: [tracked(0), nameless(OWN)],
      want: ['acme-service medium, address=203.0.113.7, telemetry=t.tracker.example'],
    },
    {
      name: 'a question to DNS is a clue, too',
      talks: [lookup('t.tracker.example', null), named('acme.example', SERVER, 1)],
      want: ['acme-service high, tls_sni=acme.example, telemetry=t.tracker.example'],
    },
    {
      name: 'other rules are none of its business',
      talks: [tracked(0), nameless({ ip: '1.2.3.4', port: 443 })],
      want: ['acme-hosting low, network=1.2.3.4'],
    },
  ]
  test.each(stories)('$name', ({ talks, want }) => expect(words(alertsWith(...talks))).toEqual(want))

  test('says when, and that it proves nothing alone', () => {
    const [before] = alertsWith(tracked(0), named('acme.example', SERVER, 60))
    expect(before!.reasons).toContain(
      'The same client, 60 s before: "t.tracker.example", analytics. Others have that, too, so it only adds to the above.',
    )
    const [after] = alertsWith(named('acme.example', SERVER, 0), tracked(60))
    expect(after!.reasons.at(-1)).toContain('60 s after it began')
  })

  test('an alert is final when nothing can strengthen it any more', () => {
    const others = (until: number): Talk => {
      const talk = new Talk(OTHER_CLIENT, SERVER).open()
      for (let at = 10; at <= until; at += 10) talk.wait(10).answer()
      return talk
    }
    const finals = (packs: Pack[], until: number): boolean[] => {
      const { batches } = feed(mixed(named('acme.example', SERVER, 0), others(until)), { packs })
      return batches.slice(0, -1).flatMap(({ alerts }) => alerts.map(({ final }) => final)) // without the end of the input
    }
    expect(finals([WITH_TRACKER], 290).includes(true)).toBe(false)
    expect(finals([WITH_TRACKER], 320).filter((final) => final).length).toBe(1)
    expect(finals([ACME], 40).filter((final) => final).length).toBe(1)
  })

  test('a flood of clues from many clients stays within a bound, and is counted', () => {
    const frames: TimedFrame[] = []
    for (let i = 0; i < 50; i++) frames.push(...tracked(i / 100, { ip: `10.1.0.${i}`, port: 50_000 }).frames)
    const { observations } = feed(frames, { packs: [WITH_TRACKER], limits: { clueClients: 10 } })
    const stats = observations.findLast((o) => o.kind === 'stats')!
    expect(stats.counters['detect.clues_forgotten']).toBe(40)
  })

  test('so does a flood of clues from one client', () => {
    const pack = packOf(
      rule('acme-service', { indicators: [domain('acme.example')] }),
      rule('tracker', {
        indicators: [domain('tracker.example')],
        strengthens: { rules: ['acme-service'], withinUs: 9e6 },
      }),
    )
    const frames: TimedFrame[] = []
    for (let i = 0; i < 50; i++)
      frames.push(...named(`t${i}.tracker.example`, SERVER, i / 100, { ...CLIENT, port: 50_000 + i }).frames)
    const { observations } = feed([...frames, ...named('acme.example', SERVER, 2).frames], { packs: [pack] })
    expect(observations.findLast((o) => o.kind === 'stats')!.counters['detect.clues_forgotten']).toBe(34)
  })
})

describe('a rule that needs company', () => {
  const needy = packOf(
    rule('shop', { indicators: [domain('acme.example')] }),
    rule('network', {
      indicators: [network('203.0.113.0/24')],
      needs: { rules: ['shop'], withinUs: 5 * MINUTES },
    }),
    rule('asked', {
      service: 'Asked',
      indicators: [domain('asked.example')],
      needs: { rules: ['network'], withinUs: 5 * MINUTES },
    }),
  )
  const visit = (at: number): Talk => nameless(OWN, at, { ...CLIENT, port: 53_000 + at })
  const stories: Array<{ name: string; talks: Talk[]; want: string[] }> = [
    { name: 'alone is silent', talks: [visit(0), visit(10)], want: [] },
    {
      name: 'after it',
      talks: [named('acme.example', SERVER, 0), visit(60)],
      want: ['shop high, tls_sni=acme.example', 'network medium, address=203.0.113.7'],
    },
    {
      name: 'before it: the alert comes afterwards, whole',
      talks: [visit(0), named('acme.example', SERVER, 60)],
      want: ['network medium, address=203.0.113.7', 'shop high, tls_sni=acme.example'],
    },
    {
      name: 'too early',
      talks: [visit(0), named('acme.example', SERVER, 302)],
      want: ['shop high, tls_sni=acme.example'],
    },
    {
      name: 'one that waits is company for nobody; one that is let go is',
      talks: [lookup('asked.example', null), visit(10), named('acme.example', SERVER, 20)],
      want: [
        'shop high, tls_sni=acme.example',
        'network medium, address=203.0.113.7',
        'asked low attempt, dns_question=asked.example',
      ],
    },
  ]
  test.each(stories)('$name', ({ talks, want }) =>
    expect(words(alertsOf(mixed(...talks), { packs: [needy] })).sort()).toEqual(want.sort()),
  )

  test('figures and contact are as if it had not waited', () => {
    const talks = [visit(0), named('acme.example', SERVER, 60)]
    const [waited, shop] = [...alertsOf(mixed(...talks), { packs: [needy] })].sort((a, b) => (a.rule < b.rule ? -1 : 1))
    expect(waited).toMatchObject({ packets_out: 5, packets_in: 3, count: 1, contact: shop!.contact })
  })
})

describe('a rule with exceptions', () => {
  const pack = packOf(
    rule('shop', {
      indicators: [domain('acme.example'), network('203.0.113.0/24')],
      unless: {
        domains: [{ value: 'blog.acme.example', match: 'suffix' }],
        networks: ['203.0.113.128/25'],
        clients: ['192.0.2.128/25', '2001:db8:1::/48'],
      },
    }),
  )
  const stories: Array<{ name: string; talks: Talk[]; want: string[] }> = [
    { name: 'a name', talks: [named('www.blog.acme.example')], want: [] },
    { name: 'a question for the name', talks: [lookup('blog.acme.example', ['198.51.100.7'])], want: [] },
    { name: 'another name', talks: [named('acme.example')], want: ['shop high, tls_sni=acme.example'] },
    { name: 'an address', talks: [nameless({ ip: '203.0.113.200', port: 443 })], want: [] },
    { name: 'a name at the address', talks: [named('acme.example', { ip: '203.0.113.200', port: 443 })], want: [] },
    {
      name: 'another address',
      talks: [nameless({ ip: '203.0.113.7', port: 443 })],
      want: ['shop medium, address=203.0.113.7'],
    },
    {
      name: 'a client',
      talks: [
        named('acme.example', SERVER, 1, { ip: '192.0.2.200', port: 50_000 }),
        lookup('acme.example', null, { client: '192.0.2.201' }),
      ],
      want: [],
    },
  ]
  test.each(stories)('$name', ({ talks, want }) =>
    expect(words(alertsOf(mixed(...talks), { packs: [pack] }))).toEqual(want),
  )
})

describe('what a client says it is', () => {
  const pack = packOf(rule('agent', { indicators: [userAgent('acme-harness/*', { role: 'a program of Acme' })] }))
  const get = (agent: string): Talk =>
    new Talk(CLIENT, { ip: '198.51.100.80', port: 80 })
      .open()
      .send(Buffer.from(`GET / HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: ${agent}\r\n\r\n`))
      .answer(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))

  test('is evidence, and never more than medium', () => {
    const [alert] = alertsOf(get('acme-harness/0.1 (+https://acme.example)').frames, { packs: [pack] })
    expect(words([alert!])).toEqual(['agent medium, user_agent=acme-harness/0.1 (+https://acme.example)'])
    expect(alert!.reasons[0]).toContain('Any program can say so')
  })
  test.each([['xacme-harness/1'], ['Acme-Harness/1'], ['acme-harness'], ['']])('%s is not it', (agent) =>
    expect(alertsOf(get(agent).frames, { packs: [pack] })).toEqual([]),
  )
  test('beside a watched name both are evidence of one alert', () => {
    const both = packOf(rule('r', { indicators: [userAgent('acme/*'), domain('www.example.org')] }))
    const alerts = alertsOf(get('acme/1').frames, { packs: [both] })
    expect(words(alerts)).toEqual(['r high, http_host=www.example.org, user_agent=acme/1'])
    expect(alerts[0]).toMatchObject({ count: 1, indicator: { kind: 'domain' } })
  })
})

describe('a fingerprint', () => {
  const hello = inRecords(
    helloMessage({ extensions: [serverNames('www.example.org'), extensionOf(21, Buffer.alloc(99))] }),
  )
  const visit = (): Talk => new Talk(CLIENT, SERVER).open().send(hello).answer()
  const seen = feed(visit().frames).observations.find((o) => o.kind === 'tls')!
  const { ja3, ja4 } = seen.client!.fingerprints!

  test.each([
    ['ja3', ja3],
    ['ja4', ja4],
  ] as const)('%s is evidence, and says little', (method, value) => {
    const pack = packOf(rule('print', { indicators: [fingerprint(value, method)] }))
    expect(words(alertsOf(visit().frames, { packs: [pack] }))).toEqual([`print low, fingerprint=${value}`])
  })
  test('of one method is none of the other', () => {
    const pack = packOf(rule('print', { indicators: [fingerprint(ja3, 'ja4'), fingerprint(ja4, 'ja3')] }))
    expect(alertsOf(visit().frames, { packs: [pack] })).toEqual([])
  })
})

describe('a name that hides another (ECH)', () => {
  const ech = Buffer.concat([
    Buffer.from([0, 0, 1, 0, 1, 7]),
    prefixed(2, Buffer.alloc(32, 1)),
    prefixed(2, Buffer.alloc(239, 2)),
  ])
  const hidden = (outer: string, server = SERVER, at = 1): Talk =>
    new Talk(CLIENT, server, at)
      .open()
      .send(inRecords(helloMessage({ extensions: [serverNames(outer), extensionOf(0xfe0d, ech)] })))
      .answer()
      .close()
  const told = lookup('shop.acme.example', ['198.51.100.7'])
  const dns = 'acme-service medium, dns_question=shop.acme.example, dns_answer=shop.acme.example'

  const stories: Array<{ name: string; talks: Talk[]; want: string[] }> = [
    {
      name: 'does not hide what DNS told',
      talks: [told, hidden('front.example')],
      want: [dns, 'acme-service high, dns_flow=shop.acme.example, dns_answer=shop.acme.example'],
    },
    {
      name: 'that is watched speaks for itself',
      talks: [told, hidden('acme.example')],
      want: [dns, 'acme-service high, tls_sni=acme.example, dns_answer=shop.acme.example'],
    },
    { name: 'without DNS nothing is known', talks: [hidden('front.example')], want: [] },
    {
      name: 'what DNS told another client counts not',
      talks: [lookup('shop.acme.example', ['198.51.100.7'], { client: '192.0.2.11' }), hidden('front.example')],
      want: [dns],
    },
    {
      name: 'but a name that others were given this address for is real: browsers send the shape of ECH always',
      talks: [lookup('www.example.org', ['198.51.100.7'], { client: '192.0.2.11' }), told, hidden('www.example.org')],
      want: [dns],
    },
    {
      name: "the vendor's own address is no evidence behind an outer name",
      talks: [hidden('front.example', OWN)],
      want: [],
    },
  ]
  test.each(stories)('$name', ({ talks, want }) => expect(words(alertsOf(mixed(...talks)))).toEqual(want))

  test('is told in the reason', () => {
    const [, alert] = alertsOf(mixed(told, hidden('front.example')))
    expect(alert!.reasons[0]).toMatch(/^The visible name, "front.example", hides another \(ECH\), but the client talks/)
  })
})

describe('an alias in one answer and its addresses in another', () => {
  const alias = (question: string, target: string) =>
    dnsAnswer(question, [{ name: question, type: CNAME, data: target, ttl: 30 }])
  const edge = (at: number, client = CLIENT.ip) =>
    lookup(
      'edge.cdn.example',
      dnsAnswer('edge.cdn.example', [{ name: 'edge.cdn.example', type: A, data: '198.51.100.7' }]),
      {
        at,
        client,
        port: 40_001,
      },
    )
  const asked = lookup('shop.acme.example', alias('shop.acme.example', 'edge.cdn.example'))

  test('lead to the name that was asked first', () => {
    const [dns, visit] = alertsOf(mixed(asked, edge(1), nameless(SERVER, 2)))
    expect(words([dns!, visit!])).toEqual([
      'acme-service low attempt, dns_question=shop.acme.example, dns_answer=shop.acme.example',
      'acme-service high, dns_flow=shop.acme.example, dns_answer=shop.acme.example',
    ])
    expect(visit!.reasons.join(' ')).toContain('by way of "edge.cdn.example"')
  })
  test('for the client that was led there, and for as long as the alias lives', () => {
    expect(alertsOf(mixed(asked, edge(1, '192.0.2.11'), nameless(SERVER, 2))).length).toBe(1)
    expect(alertsOf(mixed(asked, edge(91), nameless(SERVER, 92))).length).toBe(1)
  })
})

describe('nothing depends', () => {
  const talks = [
    tracked(0),
    lookup('shop.acme.example', ['198.51.100.7'], { at: 1 }),
    nameless(SERVER, 2, { ...CLIENT, port: 50_001 }),
    named('api.acme.example', SERVER, 3, { ...CLIENT, port: 50_002 }),
    new Talk({ ip: RESOLVER.ip, port: 33_333 }, SERVER, 3.5).open().refuse(),
    tracked(200),
    nameless(OWN, 400, { ...CLIENT, port: 50_003 }),
  ]
  const frames = mixed(...talks)
  const whole = feed(frames, { packs: [WITH_TRACKER], networks: NETWORKS })
  test.each([1, 2, 5])('on where blocks end: %i frames in each', (framesPerBlock) => {
    const cut = feed(frames, { packs: [WITH_TRACKER], networks: NETWORKS, framesPerBlock })
    expect(cut.updates).toEqual(whole.updates)
    expect(whole.alerts.length).toBeGreaterThan(3)
  })
})
