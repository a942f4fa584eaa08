/** Flows: when they begin, how and why they end, what is counted, and what no result may depend on. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rfc3339 } from '../../src/bytes/time.ts'
import { LIMITS } from '../../src/config/limits.ts'
import type { FlowObservation } from '../../src/events/observation.ts'
import { ACME } from '../support/acme.ts'
import { A, dnsAnswer, dnsQuestion } from '../support/dns-message.ts'
import { BEGIN_US, type Fed, type FeedOptions, feed, networksOf, type TimedFrame } from '../support/feed.ts'
import { ACK, type End, ethernet, ipv4, SYN, tcp, tcpFrame, udp } from '../support/frames.ts'
import { cut, extensionOf, helloMessage, inRecords, openSslHello, serverNames, shortHello } from '../support/hello.ts'
import { fuzz, random } from '../support/random.ts'
import { mixed, Talk } from '../support/talk.ts'

const CLIENT: End = { ip: '192.0.2.10', port: 51_000 }
const SERVER: End = { ip: '198.51.100.7', port: 443 }
const DNS: End = { ip: '192.0.2.53', port: 53 }
const OPENSSL = await openSslHello('shop.acme.example')

const talk = (at = 0, port = CLIENT.port): Talk => new Talk({ ...CLIENT, port }, SERVER, at)
/** Something else that happens, so that time goes on. */
const tick = (at: number): Talk =>
  new Talk({ ip: '192.0.2.99', port: 9 }, { ip: '192.0.2.98', port: 9 }, at).ask(Buffer.from('tick'))

/** `state reason` of the flow from the client's port. */
function endingOf(fed: Fed, port = CLIENT.port): string[] {
  return fed.flows.filter((flow) => flow.flow.clientPort === port).map(({ state, reason }) => `${state} ${reason}`)
}

const SECONDS = Object.fromEntries(
  Object.entries(LIMITS.idleUs).map(([name, us]) => [name, us / 1e6]),
) as typeof LIMITS.idleUs

/** `quiet` is how long nothing of the flow comes before the end of the input. */
const endings: Array<{ name: string; frames: Talk; quiet: number; want: string }> = [
  {
    name: 'FIN both ways',
    frames: talk().open().send(OPENSSL).answer().close(),
    quiet: SECONDS.tcpClosed + 2,
    want: 'closed shutdown',
  },
  { name: 'FIN both ways, and the input is over soon', frames: talk().open().close(), quiet: 1, want: 'closed forced' },
  { name: 'RST of the server', frames: talk().syn().refuse(), quiet: SECONDS.tcpClosed + 2, want: 'closed shutdown' },
  { name: 'RST of the client', frames: talk().open().out(0x04), quiet: SECONDS.tcpClosed + 2, want: 'closed shutdown' },
  { name: 'FIN of the client alone', frames: talk().open().finOut(), quiet: SECONDS.tcpNew - 2, want: 'new forced' },
  {
    name: 'FIN of the client alone, then silence',
    frames: talk().open().finOut(),
    quiet: SECONDS.tcpNew + 2,
    want: 'new timeout',
  },
  {
    name: 'FIN of the server alone, then silence',
    frames: talk().open().finBack(),
    quiet: SECONDS.tcpNew + 2,
    want: 'new timeout',
  },
  { name: 'a SYN and silence', frames: talk().syn(), quiet: SECONDS.tcpNew + 2, want: 'new timeout' },
  { name: 'a SYN at the end of the input', frames: talk().syn(), quiet: 1, want: 'new forced' },
  {
    name: 'payload one way, then silence',
    frames: talk().open().send(OPENSSL),
    quiet: SECONDS.tcpNew + 2,
    want: 'new timeout',
  },
  {
    name: 'payload both ways is established',
    frames: talk().open().send(OPENSSL).answer(),
    quiet: SECONDS.tcpEstablished - 2,
    want: 'established forced',
  },
  {
    name: 'payload both ways, then silence',
    frames: talk().open().send(OPENSSL).answer(),
    quiet: SECONDS.tcpEstablished + 2,
    want: 'established timeout',
  },
  { name: 'UDP, then silence', frames: talk().ask(Buffer.from('a')), quiet: SECONDS.udp + 2, want: 'new timeout' },
  {
    name: 'UDP both ways',
    frames: talk().ask(Buffer.from('a')).reply(Buffer.from('b')),
    quiet: SECONDS.udp - 2,
    want: 'established forced',
  },
  {
    name: 'a late packet still belongs to a closed flow',
    frames: talk().open().close().wait(5).out(ACK),
    quiet: SECONDS.tcpClosed + 2,
    want: 'closed shutdown',
  },
]

for (const { name, frames, quiet, want } of endings) {
  test(`flow ending: ${name}`, () => {
    const end = frames.frames.at(-1)!.at + quiet
    expect(endingOf(feed(mixed(frames, tick(end))))).toEqual([want])
  })
}

test('flow ending: DNS ends sooner than other UDP', () => {
  const dns = new Talk(CLIENT, DNS).ask(dnsQuestion('a.example'))
  expect(endingOf(feed(mixed(dns, tick(SECONDS.dns + 2))))).toEqual(['new timeout'])
  expect(endingOf(feed(mixed(dns, tick(SECONDS.dns - 2))))).toEqual(['new forced'])
})

test('an answer between two resolvers that comes first, or alone, is not a question', () => {
  const asking: End = { ip: '192.0.2.10', port: 53 }
  const answering: End = { ip: '192.0.2.53', port: 53 }
  const answer = new Talk(asking, answering).reply(dnsAnswer('a.example', []))
  const question = new Talk(asking, answering, 0.001).ask(dnsQuestion('a.example'))
  for (const frames of [answer.frames, mixed(answer, question), question.frames]) {
    expect(feed(frames).flows).toMatchObject([{ flow: { clientIp: '192.0.2.10', serverIp: '192.0.2.53' } }])
  }
})

test('flow ending: DNS both ways is established', () => {
  const dns = new Talk(CLIENT, DNS).ask(dnsQuestion('a.example')).reply(dnsAnswer('a.example', []))
  expect(feed(dns.frames).flows).toMatchObject([{ state: 'established', answered: true, application: 'dns' }])
})

test('a flow: everything that is counted', () => {
  const frames = new Talk(CLIENT, SERVER, 2, 1000, { vlans: [200, 110] }).open().send(OPENSSL).answer().close().frames
  const [flow] = feed(frames).flows
  const out = [0, 2, 3, 5, 7].map((i) => frames[i]!.bytes.length).reduce((a, b) => a + b)
  const all = frames.map((frame) => frame.bytes.length).reduce((a, b) => a + b)
  expect(flow).toMatchObject({
    file: 'capture-1.pcap',
    startUs: BEGIN_US + 2e6,
    endUs: BEGIN_US + 2.007e6,
    packetsOut: 5,
    packetsIn: 3,
    bytesOut: out,
    bytesIn: all - out,
    answered: true,
    application: 'tls',
    alerted: false,
    tcpFlagsOut: 0x1b,
    tcpFlagsIn: 0x1b,
    flow: {
      protocol: 'TCP',
      clientIp: CLIENT.ip,
      clientPort: CLIENT.port,
      serverIp: SERVER.ip,
      serverPort: SERVER.port,
      vlans: [200, 110],
      clientMac: '00:00:5e:00:53:10',
      serverMac: '00:00:5e:00:53:53',
    },
  })
})

test('a flow: no tag, one tag, and the two outermost of three', () => {
  const vlansOf = (vlans: number[]): readonly number[] =>
    feed(new Talk(CLIENT, SERVER, 0, 1000, { vlans }).open().frames).flows[0]!.flow.vlans
  expect([[], [110], [0], [4095, 1, 2]].map(vlansOf)).toEqual([[], [110], [0], [4095, 1]])
})

test('a flow: bytes are those on the wire, also where the recorder cut them', () => {
  const frames = talk()
    .ask(Buffer.alloc(1000))
    .frames.map(({ at, bytes }) => ({ at, bytes: bytes.subarray(0, 60), originalLength: bytes.length }))
  const { flows, sensor } = feed(frames)
  expect(flows[0]!.bytesOut).toBe(1042)
  expect([sensor.coverage.cutFrames, sensor.coverage.bytes]).toEqual([1, 1042])
})

test('a flow, and the evidence of one that shows nothing, are where its first packet was read', () => {
  const own = new Talk(CLIENT, { ip: '203.0.113.7', port: 443 }, 1).syn()
  const { flows, alerts } = feed(mixed(tick(0), own, talk(2, 2000).open().send(OPENSSL), tick(100)), { packs: [ACME] })
  expect(flows.map(({ flow, packet }) => [flow.clientPort, packet])).toEqual([
    [51_000, 2],
    [2000, 3],
    [9, 1],
  ])
  const { evidence, first_seen, last_seen } = alerts.find((alert) => alert.server.ip === '203.0.113.7')!
  // it was judged a minute later, when nothing more was to come
  const time = rfc3339(BEGIN_US + 1e6)
  expect(evidence).toMatchObject([{ kind: 'address', packet: 2, file: 'capture-1.pcap', time }])
  expect([first_seen, last_seen]).toEqual([time, time])
})

describe('who is the client', () => {
  const ends = (frames: TimedFrame[]): string[] =>
    feed(frames).flows.map(({ flow }) => `${flow.clientIp} ${flow.clientPort}`)

  test('who sent the SYN, whatever the ports', () => {
    expect(ends(new Talk({ ip: '192.0.2.1', port: 80 }, { ip: '192.0.2.2', port: 60_000 }).open().frames)).toEqual([
      '192.0.2.1 80',
    ])
  })
  test('who was sent the SYN and ACK, when the SYN was missed', () => {
    expect(ends(talk().synAck().out(ACK).frames)).toEqual(['192.0.2.10 51000'])
  })
  test('the higher port, when the beginning was missed', () => {
    expect(ends(talk().answer().out(ACK).frames)).toEqual(['192.0.2.10 51000'])
    expect(ends(talk().out(ACK).answer().frames)).toEqual(['192.0.2.10 51000'])
  })
  test('who sent the first datagram', () => {
    const high = new Talk({ ip: '192.0.2.1', port: 2000 }, { ip: '192.0.2.2', port: 60_000 }).ask(Buffer.of(1))
    expect(ends(high.frames)).toEqual(['192.0.2.1 2000'])
  })
  test('not a well-known port that answers', () => {
    expect(ends(new Talk(CLIENT, DNS).reply(dnsAnswer('a.example', [])).frames)).toEqual(['192.0.2.10 51000'])
  })
})

describe('ports that are used again', () => {
  const visit = (at: number, begin: number): Talk =>
    new Talk(CLIENT, SERVER, at, begin).open().send(shortHello('shop.acme.example')).answer().close()

  test('after a close a SYN is a new flow, with alerts of its own', () => {
    const fed = feed(mixed(visit(0, 1000), visit(2, 90_000)), { packs: [ACME] })
    expect(endingOf(fed)).toEqual(['closed shutdown', 'closed forced'])
    expect(new Set(fed.flows.map((flow) => flow.flow.id)).size).toBe(2)
    expect(fed.alerts.map((alert) => alert.packets_out)).toEqual([5, 5])
    expect(new Set(fed.alerts.map((alert) => alert.contact)).size).toBe(1)
  })

  test('after RST, too', () => {
    const refused = new Talk(CLIENT, SERVER).syn().refuse()
    expect(endingOf(feed(mixed(refused, visit(1, 5))))).toEqual(['closed shutdown', 'closed forced'])
  })

  test('a SYN that is sent again is the same flow', () => {
    expect(endingOf(feed(talk().syn().wait(1).syn().wait(2).syn().frames))).toEqual(['new forced'])
  })

  test('a SYN and ACK, or data, after the close is the same flow', () => {
    expect(endingOf(feed(talk().open().close().synAck().answer().frames))).toEqual(['closed forced'])
  })
})

describe('time', () => {
  test('a frame with an older stamp is taken at the newest time seen', () => {
    const frames = talk()
      .open()
      .send(OPENSSL)
      .answer()
      .frames.map((frame, i) => ({ ...frame, at: 10 - i }))
    const { flows, observations } = feed(frames)
    expect(flows).toMatchObject([{ startUs: BEGIN_US + 10e6, endUs: BEGIN_US + 10e6, packetsOut: 3, packetsIn: 2 }])
    const times = observations.map((observation) => observation.timeUs)
    expect(times).toEqual(times.map(() => BEGIN_US + 10e6))
  })

  test('a stamp far in the future ends nothing but by idle time, and what follows stays there', () => {
    const frames = mixed(talk().open(), tick(1)).concat(talk(1e6, 51_001).open().frames, talk(2, 51_002).open().frames)
    const fed = feed(frames)
    expect(endingOf(fed)).toEqual(['new timeout'])
    expect(endingOf(fed, 51_001)).toEqual(['new forced'])
    expect(fed.flows.every((flow) => flow.endUs >= flow.startUs)).toBe(true)
  })

  test('a new capture starts at its own first stamp', () => {
    const { flows } = feed([talk(5000).open().frames, talk(0, 51_001).open().frames])
    expect(flows.map(({ startUs }) => (startUs - BEGIN_US) / 1e6)).toEqual([5000, 0])
    expect(flows.map(({ file }) => file)).toEqual(['capture-1.pcap', 'capture-2.pcap'])
  })

  test('a flow that goes on in an older capture does not end before it began', () => {
    const { flows } = feed([talk(5000).open().frames, talk(0).answer().frames])
    for (const { startUs, endUs } of flows) expect(endUs).toBeGreaterThanOrEqual(startUs)
  })

  test('statistics come once a minute of packet time, and at the end', () => {
    const { observations } = feed(mixed(...Array.from({ length: 200 }, (_, i) => tick(i))))
    const stats = observations.filter((observation) => observation.kind === 'stats')
    expect(stats.map(({ timeUs }) => (timeUs - BEGIN_US) / 1e6)).toEqual([60, 120, 180, 199])
    expect(stats.at(-1)!.counters).toMatchObject({ 'capture.packets': 200, 'flow.total': 1 })
  })
})

describe('what could not be judged is counted', () => {
  test('a full flow table', () => {
    const talks = Array.from({ length: 8 }, (_, i) => talk(i, 2000 + i).open())
    const { sensor, flows } = feed(mixed(...talks), { limits: { flows: 5 } })
    expect(sensor.coverage.flowTableFull).toBe(9)
    expect(flows.length).toBe(5)
    expect(sensor.coverage.counters()['flow.table_full']).toBe(9)
  })

  /** Of five rows, five are taken by `first`; then somebody else opens a connection, `seconds` later. */
  function crowded(first: (port: number) => Talk, seconds: number): Fed {
    const crowd = Array.from({ length: 5 }, (_, i) => first(2000 + i))
    const late = talk(seconds, 3000).open().send(OPENSSL).answer()
    return feed(mixed(...crowd, late), { limits: { flows: 5 }, packs: [ACME] })
  }
  const udpTalk = (port: number): Talk => new Talk({ ...CLIENT, port }, SERVER)
  const refused = [5, 0]
  const madeRoom = [0, 1]
  const crowds: Array<{ name: string; first: (port: number) => Talk; want: number[]; end?: string }> = [
    { name: 'a SYN', first: (port) => talk(0, port).syn(), want: madeRoom, end: 'new forced' },
    {
      name: 'a SYN that the server answers',
      first: (port) => talk(0, port).syn().synAck(),
      want: madeRoom,
      end: 'new forced',
    },
    { name: 'an answer to nobody', first: (port) => talk(0, port).synAck(), want: madeRoom, end: 'new forced' },
    { name: 'an acknowledgment of nothing', first: (port) => talk(0, port).out(ACK), want: madeRoom },
    { name: 'a connection that is over', first: (port) => talk(0, port).open().close(), want: madeRoom },
    { name: 'a question', first: (port) => udpTalk(port).ask(dnsQuestion('a.example')), want: madeRoom },
    { name: 'a datagram', first: (port) => udpTalk(port).ask(Buffer.of(1)), want: madeRoom, end: 'new forced' },
    {
      name: 'datagrams both ways',
      first: (port) => udpTalk(port).ask(Buffer.of(1)).reply(Buffer.of(2)),
      want: refused,
    },
    { name: 'an opened connection', first: (port) => talk(0, port).open(), want: refused },
    { name: 'a client that said something', first: (port) => talk(0, port).syn().send(OPENSSL), want: refused },
    { name: 'a server that said something', first: (port) => talk(0, port).answer(), want: refused },
    {
      name: 'an alert, and a connection that is over',
      first: (port) => talk(0, port).open().send(OPENSSL).close(),
      want: refused,
    },
  ]
  test.each(crowds)('a full flow table of which each row has $name', ({ first, want, end }) => {
    const { sensor, flows, observations } = crowded(first, 2)
    expect([sensor.coverage.flowTableFull, sensor.coverage.flowsGaveWay]).toEqual(want)
    expect(sensor.coverage.counters()['flow.gave_way']).toBe(want[1])
    const named = observations.some((one) => one.kind === 'tls' && one.flow.clientPort === 3000)
    expect(named).toBe(want === madeRoom)
    if (end !== undefined) expect(endingOf({ flows } as Fed, 2000)).toEqual([end])
  })

  test('a full flow table of SYNs that may yet be answered', () => {
    const { sensor } = crowded((port) => talk(0.5, port).syn(), 1)
    expect([sensor.coverage.flowTableFull, sensor.coverage.flowsGaveWay]).toEqual(refused)
  })

  test('in a flood of SYNs connections are named, and what is told depends on no seed', () => {
    const flood = Array.from({ length: 20_000 }, (_, i) =>
      new Talk({ ip: `10.${i >> 14}.${(i >> 7) & 127}.${i & 127}`, port: 1024 + i }, SERVER, i / 1000).syn(),
    )
    const own = Array.from({ length: 40 }, (_, i) =>
      talk(i / 2, 1100 + i)
        .open()
        .wait(0.2)
        .send(OPENSSL)
        .wait(0.1)
        .answer(),
    )
    const frames = mixed(...flood, ...own)
    const told = [1, 2, 3].map((seed) => {
      const fed = feed(frames, { limits: { flows: 2000 }, packs: [ACME], seed })
      expect([fed.sensor.coverage.flowTableFull, fed.alerts.length]).toEqual([0, 40])
      return [fed.batches, fed.sensor.counters()]
    })
    expect(told[1]).toEqual(told[0])
    expect(told[2]).toEqual(told[0])
  })

  test('rows are free again when flows are over', () => {
    const talks = Array.from({ length: 8 }, (_, i) =>
      talk(i * 20, 2000 + i)
        .open()
        .close(),
    )
    const { sensor, flows } = feed(mixed(...talks), { limits: { flows: 2 } })
    expect([sensor.coverage.flowTableFull, flows.length]).toEqual([0, 8])
  })

  test('frames by reason', () => {
    const frames = [
      ethernet(Buffer.alloc(28), { type: 0x0806 }),
      ethernet(ipv4(tcp(Buffer.alloc(0)), { ihl: 3 })),
      ethernet(ipv4(udp(Buffer.alloc(0)), { protocol: 1 })),
      ethernet(ipv4(tcp(Buffer.alloc(0)), { fragment: 0x2000 })),
      Buffer.alloc(3),
    ].map((bytes, at): TimedFrame => ({ at, bytes }))
    frames.push({ at: 9, bytes: frames[1]!.bytes.subarray(0, 20), originalLength: 60 })
    const { sensor } = feed(frames)
    expect(sensor.coverage.packets).toBe(6)
    expect(sensor.coverage.notDecodedByName()).toEqual({
      short_link_header: 1,
      not_ip: 1,
      malformed_ipv4: 1,
      datagrams_incomplete: 1,
      other_transport: 1,
      cut_by_snap_length: 1,
    })
    expect(sensor.coverage.counters()['decode.not_ip']).toBe(1)
  })

  test('fragments that contradict each other', () => {
    const piece = (fragment: number, fill: number): Uint8Array =>
      ethernet(ipv4(Buffer.alloc(16, fill), { protocol: 17, fragment }))
    const pieces = [piece(0x2001, 1), piece(0x2001, 1), piece(0x2001, 2), piece(0x2002, 1)]
    const { sensor } = feed(pieces.map((bytes, at): TimedFrame => ({ at, bytes })))
    expect(sensor.coverage.counters()['decode.fragments_overlapping']).toBe(2)
  })

  test('links that are not decoded', () => {
    const { coverage } = feed(talk().open().frames, { linkType: 107 }).sensor
    expect(coverage.notDecodedByName()).toEqual({ 'link_type_FRELAY (107)': 3 })
  })

  test('flows whose beginning was missed', () => {
    const { sensor } = feed(mixed(talk().out(ACK), talk(1, 2000).open(), talk(2, 2001).ask(Buffer.of(1))))
    expect([sensor.coverage.flows, sensor.coverage.midstream]).toEqual([3, 1])
  })

  test('hellos and DNS messages that could not be read', () => {
    const broken = inRecords(helloMessage({ extensions: [Buffer.of(0, 0, 0, 9)] }))
    const dns = new Talk(CLIENT, DNS)
      .ask(Buffer.alloc(5))
      .ask(dnsQuestion('a.example'))
      .ask(Buffer.concat([dnsQuestion('', { questionCount: 1 }).subarray(0, 12), Buffer.of(0x80, 0, 0, 1, 0, 1)]))
    const { sensor } = feed(mixed(talk().open().send(broken), talk(1, 2000).open().send(OPENSSL), dns))
    const counters = sensor.coverage.counters()
    expect(counters).toMatchObject({
      'tls.ok': 1,
      'tls.malformed_length': 1,
      'dns.ok': 1,
      'dns.malformed_length': 1,
      'dns.malformed_value': 1,
    })
  })

  test('the names of the counters are always the same, in the same order', () => {
    const names = (frames: TimedFrame[]): string[] => Object.keys(feed(frames).sensor.coverage.counters())
    expect(names(talk().open().send(OPENSSL).frames)).toEqual(names([]))
    expect(names([]).every((name) => /^[a-z]+\.[a-z_0-9]+$/.test(name))).toBe(true)
  })

  test('segments that could not be kept', () => {
    const far = tcpFrame(CLIENT, SERVER, { sequence: 5_000_000, flags: ACK }, Buffer.from('x'))
    const { sensor } = feed([...talk().open().frames, { at: 1, bytes: far }])
    expect(sensor.coverage.segmentsNotKept).toBe(1)
  })
})

describe('a failure of ours on one packet', () => {
  test('is counted and named, and the packets behind it are judged', () => {
    // a table of networks that breaks when it is asked stands for any mistake of ours
    const broken = networksOf([])
    broken.country = () => {
      throw new Error('the table is broken')
    }
    const own = new Talk(CLIENT, { ip: '203.0.113.7', port: 443 }).open().send(shortHello('')).answer()
    const later = new Talk({ ...CLIENT, port: 2000 }, SERVER, 5).open().send(shortHello('www.example.org')).answer()
    const { sensor, flows, observations } = feed(mixed(own, later), { packs: [ACME], networks: broken })
    expect(sensor.coverage.parserCrashes).toBe(1)
    expect(sensor.crashes).toMatchObject([
      { file: 'capture-1.pcap', packet: 4, message: expect.stringContaining('the table is broken') },
    ])
    expect(flows.length).toBe(2)
    expect(observations.find((one) => one.kind === 'tls' && one.serverName === 'www.example.org')).toBeDefined()
  })

  test('when a flow ends stops nothing either, and the row is free again', () => {
    const broken = networksOf([])
    broken.country = () => {
      throw new Error('the table is broken')
    }
    const own = new Talk(CLIENT, { ip: '203.0.113.7', port: 443 }).syn()
    const later = new Talk({ ...CLIENT, port: 2000 }, SERVER, 5).open().send(shortHello('shop.acme.example')).answer()
    const { sensor, flows } = feed(mixed(own, later, tick(100), tick(200)), { packs: [ACME], networks: broken })
    expect(sensor.crashes.map(({ packet }) => packet)).toEqual([5, 1, 7])
    expect(flows.map(({ flow }) => flow.clientPort)).toEqual([2000])
    expect([sensor.coverage.flows, sensor.coverage.parserCrashes]).toEqual([3, 3])
  })
})

describe('a hello in pieces', () => {
  /** The names seen when the client's stream is cut into these segments, in this order. */
  function namesOf(
    stream: Uint8Array,
    segments: Array<{ from: number; to: number }>,
    { syn = true, begin = 1000, limits = {} } = {},
  ): string[] {
    const frames: TimedFrame[] = syn
      ? [{ at: 0, bytes: tcpFrame(CLIENT, SERVER, { sequence: begin, flags: SYN }) }]
      : []
    for (const { from, to } of segments) {
      const header = { sequence: (begin + 1 + from) % 2 ** 32, flags: ACK }
      frames.push({ at: frames.length / 1000, bytes: tcpFrame(CLIENT, SERVER, header, stream.subarray(from, to)) })
    }
    return feed(frames, { limits }).observations.flatMap((one) => (one.kind === 'tls' ? [one.serverName] : []))
  }

  test('wherever it is cut in two, in order or not', () => {
    for (let at = 1; at < OPENSSL.length; at++) {
      const [a, b] = [
        { from: 0, to: at },
        { from: at, to: OPENSSL.length },
      ]
      expect(namesOf(OPENSSL, [a, b]), `cut at ${at}`).toEqual(['shop.acme.example'])
      expect(namesOf(OPENSSL, [b, a]), `cut at ${at}, the other way round`).toEqual(['shop.acme.example'])
    }
  })

  test('in segments of one byte', () => {
    const segments = Array.from(OPENSSL, (_, from) => ({ from, to: from + 1 }))
    expect(namesOf(OPENSSL, segments)).toEqual(['shop.acme.example'])
    expect(namesOf(OPENSSL, segments, { syn: false })).toEqual(['shop.acme.example'])
  })

  test('over records and segments, permuted, doubled and overlapped, at any sequence number', () => {
    const met = { wrapped: 0, backwards: 0, overlapped: 0 }
    const message = OPENSSL.subarray(5)
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 600 }),
        fc.integer({ min: 30, max: 400 }),
        fc.array(fc.tuple(fc.nat(500), fc.nat(300)), { maxLength: 4 }),
        fc.oneof(fc.constantFrom(0xffffffff, 0xffffff00, 0x7fffffff), fc.nat(0xffffffff)),
        fc.integer(),
        (fragmentBytes, segmentBytes, copies, begin, order) => {
          const stream = inRecords(message, fragmentBytes)
          const segments = cut(stream, segmentBytes).map((piece, i) => ({
            from: i * segmentBytes,
            to: i * segmentBytes + piece.length,
          }))
          for (const [from, length] of copies)
            segments.push({ from: from % stream.length, to: Math.min((from % stream.length) + length, stream.length) })
          const next = random(order)
          segments.sort(() => next(3) - 1)
          expect(namesOf(stream, segments, { begin })).toEqual(['shop.acme.example'])
          if (begin + stream.length >= 2 ** 32) met.wrapped++
          if (segments[0]!.from > 0) met.backwards++
          if (copies.length > 0) met.overlapped++
        },
      ),
      fuzz(300),
    )
    for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(30)
  })

  test('a segment that comes again with other bytes changes nothing', () => {
    const forged = shortHello('evil.example')
    const real = shortHello('shop.acme.example')
    const frames = talk().open().frames
    const add = (sequence: number, bytes: Uint8Array): void => {
      frames.push({ at: 1, bytes: tcpFrame(CLIENT, SERVER, { sequence: 1001 + sequence, flags: ACK }, bytes) })
    }
    add(20, real.subarray(20))
    add(20, forged.subarray(20))
    add(0, real.subarray(0, 20))
    expect(feed(frames).observations).toContainEqual(expect.objectContaining({ serverName: 'shop.acme.example' }))
  })

  test('the longest hello that servers take gives the name at its end', () => {
    const long = helloMessage({
      cipherSuites: Buffer.alloc(65_534),
      extensions: [extensionOf(21, Buffer.alloc(65_400)), serverNames('a.example')],
    })
    const hello = inRecords(long, 64)
    const segments = cut(hello, 1400).map((piece, i) => ({ from: i * 1400, to: i * 1400 + piece.length }))
    expect(namesOf(hello, segments)).toEqual(['a.example'])
  })

  test('of a hello longer than what is kept, what is there is told', () => {
    const hello = inRecords(helloMessage({ extensions: [serverNames('x'.repeat(3000))] }))
    const segments = cut(hello, 1000).map((piece, i) => ({ from: i * 1000, to: i * 1000 + piece.length }))
    expect(namesOf(hello, segments)).toEqual(['x'.repeat(3000)])
    expect(namesOf(hello, segments, { limits: { streamBytes: 2000 } })).toEqual([''])
    const more = inRecords(
      helloMessage({ extensions: [serverNames('a.example'), extensionOf(21, Buffer.alloc(3000))] }),
    )
    const cuts = cut(more, 1000).map((piece, i) => ({ from: i * 1000, to: i * 1000 + piece.length }))
    expect(namesOf(more, cuts, { limits: { streamBytes: 2000 } })).toEqual(['a.example'])
  })

  test('data that the recorder cut is not taken for the whole', () => {
    const frames = talk().open().send(OPENSSL).answer().frames
    const cutFrames = frames.map(({ at, bytes }) => ({
      at,
      bytes: bytes.subarray(0, 150),
      originalLength: bytes.length,
    }))
    expect(feed(cutFrames).observations.filter((one) => one.kind === 'tls')).toEqual([])
  })

  test('a segment of which the recorder kept nothing decides nothing: it may come again', () => {
    const frames = talk().open().send(OPENSSL).frames
    const last = frames.at(-1)!
    last.at = 0.3 // no copy: a sender that repeats waits for its timer
    frames.splice(3, 0, { at: 0.0025, bytes: last.bytes.subarray(0, 54), originalLength: last.bytes.length })
    expect(feed(frames).observations).toContainEqual(expect.objectContaining({ serverName: 'shop.acme.example' }))
  })

  test('when no more is kept, what else is known decides with the first segment that is refused', () => {
    const own = new Talk(CLIENT, { ip: '203.0.113.7', port: 443 }).open()
    own.send(...cut(inRecords(helloMessage({ extensions: [serverNames('x'.repeat(3000))] })), 1000)).answer()
    const [alert] = feed(own.frames, { packs: [ACME], limits: { streamBytes: 2000 } }).alerts
    expect(alert!.evidence).toMatchObject([{ kind: 'address', packet: 6 }])
  })

  test('data that follows a hello in the same segment is let be', () => {
    expect(namesOf(Buffer.concat([OPENSSL, Buffer.alloc(100, 0x17)]), [{ from: 0, to: OPENSSL.length + 100 }])).toEqual(
      ['shop.acme.example'],
    )
  })

  test('data in the SYN itself (fast open)', () => {
    const bytes = tcpFrame(CLIENT, SERVER, { sequence: 1000, flags: SYN }, OPENSSL)
    expect(feed([{ at: 0, bytes }]).observations).toContainEqual(
      expect.objectContaining({ serverName: 'shop.acme.example' }),
    )
  })
})

describe('no result depends', () => {
  const many = ((): TimedFrame[] => {
    const next = random(11)
    const talks: Talk[] = []
    for (let i = 0; i < 120; i++) {
      const at = next(4000) / 10
      const client = { ip: `192.0.2.${next(6)}`, port: 2000 + next(300) }
      const kind = next(4)
      if (kind === 0) {
        const name = ['shop.acme.example', 'www.example.org', 'notacme.example'][next(3)]!
        talks.push(
          new Talk(client, DNS, at)
            .ask(dnsQuestion(name))
            .reply(dnsAnswer(name, [{ name, type: A, data: `198.51.100.${next(3)}` }])),
        )
      } else {
        const server = { ip: kind === 1 ? '203.0.113.7' : `198.51.100.${next(3)}`, port: 443 }
        const hello = [shortHello('shop.acme.example'), shortHello(''), shortHello('www.example.org'), OPENSSL][
          next(4)
        ]!
        const visit = new Talk(client, server, at, next(2 ** 32)).open().send(...cut(hello, 40 + next(200)))
        if (next(3) > 0) visit.answer()
        if (next(3) > 0) visit.close()
        talks.push(visit)
      }
    }
    return mixed(...talks)
  })()
  const run = (options: FeedOptions): object => {
    const { observations, updates, sensor } = feed(many, { packs: [ACME], ...options })
    return { observations, updates, counters: sensor.coverage.counters() }
  }
  const all = feed(many, { packs: [ACME] })
  const want = run({})

  test('on nothing: the traffic is interesting', () => {
    expect(all.alerts.length).toBeGreaterThan(30)
    expect(all.flows.length).toBeGreaterThan(60)
    expect(new Set(all.alerts.map((alert) => alert.confidence)).size).toBe(3)
    expect(all.sensor.coverage.parserCrashes).toBe(0)
  })

  for (const framesPerBlock of [1, 2, 7, 100]) {
    test(`on where blocks end: ${framesPerBlock} frames in each`, () => expect(run({ framesPerBlock })).toEqual(want))
  }

  for (const seed of [2, -1, 0x12345678]) {
    test(`on the seed of the hash: ${seed}`, () => expect(run({ seed })).toEqual(want))
  }

  test('on when the run is done: twice the same', () => expect(run({})).toEqual(want))

  test('on which observations are wanted', () => {
    const fed = feed(many, { packs: [ACME], events: [] })
    expect(fed.observations).toEqual([])
    expect(fed.alerts).toEqual(all.alerts)
  })

  test('and every alert is one rule on one flow, final once, and never afterwards', () => {
    const finals = all.updates.filter((update) => update.final).map(({ alert }) => alert.id)
    expect(new Set(finals).size).toBe(finals.length)
    expect(new Set(finals)).toEqual(new Set(all.alerts.map((alert) => alert.id)))
    for (const { id } of all.alerts) {
      const order = all.updates.filter((update) => update.alert.id === id).map((update) => update.final)
      expect(order.indexOf(true), id).toBe(order.length - 1)
    }
    const alerted = all.flows.filter((flow: FlowObservation) => flow.alerted).length
    const rules = all.alerts.filter((alert) => !alert.evidence.some(({ kind }) => kind === 'dns_question')).length
    expect(rules).toBe(alerted)
  })
})

test('batches: at most about 256 observations, about ten a second of packet time, in order', () => {
  const talks = Array.from({ length: 2000 }, (_, i) =>
    new Talk({ ...CLIENT, port: 1024 + i }, DNS, i / 10_000).ask(dnsQuestion(`n${i}.example`)),
  )
  const { batches, observations } = feed(mixed(...talks), { limits: { flows: 5000 }, events: ['dns'] })
  expect(observations.length).toBe(2000)
  for (const batch of batches) expect(batch.observations.length).toBeLessThanOrEqual(256)
  expect(observations.map((one) => (one.kind === 'dns' ? one.packet : 0))).toEqual(
    Array.from({ length: 2000 }, (_, i) => i + 1),
  )
})
