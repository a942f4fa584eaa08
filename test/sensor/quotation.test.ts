/** DNS that is only shown: messages that ICMP errors quote, and names that cannot be read. */

import { describe, expect, test } from 'vitest'
import type { DnsObservation } from '../../src/events/observation.ts'
import { ACME } from '../support/acme.ts'
import { A, dnsAnswer, dnsQuestion } from '../support/dns-message.ts'
import { feed, type TimedFrame } from '../support/feed.ts'
import { type End, ethernet, ipv4, ipv6, tcp, udp, udpFrame } from '../support/frames.ts'
import { helloMessage, inRecords } from '../support/hello.ts'
import { eveLine } from '../support/json.ts'
import { mixed, Talk } from '../support/talk.ts'

const CLIENT: End = { ip: '192.0.2.10', port: 50_000 }
const RESOLVER: End = { ip: '192.0.2.53', port: 53 }
const SERVER: End = { ip: '198.51.100.7', port: 443 }
const STRANGER = '203.0.113.66'
const NAME = 'shop.acme.example'
const ANSWER = dnsAnswer(NAME, [{ name: NAME, type: A, data: SERVER.ip }])

function packet(source: End, target: End, payload: Uint8Array): Buffer {
  const segment = udp(payload, { sourcePort: source.port, targetPort: target.port })
  return ipv4(segment, { source: source.ip, target: target.ip, protocol: 17 })
}

/** An error of the stranger about `quoted`. */
function error(quoted: Uint8Array, type = 3): TimedFrame {
  const message = Buffer.concat([Buffer.of(type, 3, 0, 0, 0, 0, 0, 0), quoted])
  return { at: 0, bytes: ethernet(ipv4(message, { source: STRANGER, target: CLIENT.ip, protocol: 1 })) }
}

const dnsOf = (frames: TimedFrame[]): DnsObservation[] =>
  feed(frames, { events: ['dns'] }).observations.filter((one) => one.kind === 'dns')

const asked = packet(CLIENT, RESOLVER, dnsQuestion(NAME))
const answered = packet(RESOLVER, CLIENT, ANSWER)

describe('DNS that an ICMP error quotes', () => {
  test('is shown, with who says so, and with the two it is said of', () => {
    const flow = { id: 0, clientIp: CLIENT.ip, clientPort: 50_000, serverIp: RESOLVER.ip, serverPort: 53 }
    for (const [quoted, answer] of [
      [asked, false],
      [answered, true],
    ] as const) {
      const [dns, ...more] = dnsOf([error(quoted)])
      expect(more).toEqual([])
      expect(dns).toMatchObject({ quotedBy: STRANGER, answer, questions: [{ name: NAME, type: A }], flow })
      expect(JSON.parse(eveLine(dns!, 'sensor-1'))).toMatchObject({ seekwatch: { quoted_by: STRANGER } })
      expect(JSON.parse(eveLine(dns!, 'sensor-1'))).not.toHaveProperty('flow_id')
    }
  })

  test('in IPv6, too', () => {
    const quoted = ipv6(udp(ANSWER, { sourcePort: 53, targetPort: 50_000 }), { next: 17 })
    const message = Buffer.concat([Buffer.of(3, 0, 0, 0, 0, 0, 0, 0), quoted])
    const frame = ethernet(ipv6(message, { next: 58 }), { type: 0x86dd })
    expect(dnsOf([{ at: 0, bytes: frame }])).toMatchObject([{ answer: true, questions: [{ name: NAME }] }])
  })

  test('in a tunnel over UDP, too, whose flow it then is no packet of', () => {
    const inner = error(answered).bytes
    const quoted6 = ipv6(udp(ANSWER, { sourcePort: 53, targetPort: 50_000 }), { next: 17 })
    const inner6 = ipv6(Buffer.concat([Buffer.of(3, 0, 0, 0, 0, 0, 0, 0), quoted6]), { next: 58 })
    const length = Buffer.alloc(2)
    length.writeUInt16BE(inner.length - 14)
    for (const [port, content] of [
      [4789, Buffer.concat([Buffer.from('0800000000000700', 'hex'), inner])],
      [6081, Buffer.concat([Buffer.from('0000655800000700', 'hex'), inner])],
      [2152, Buffer.concat([Buffer.from('30ff', 'hex'), length, Buffer.alloc(4, 1), inner.subarray(14)])],
      [3544, inner6],
    ] as const) {
      const frame = udpFrame({ ip: '203.0.113.1', port: 40_000 }, { ip: '203.0.113.2', port }, content)
      const { observations, flows, sensor } = feed([{ at: 0, bytes: frame }], { events: ['dns', 'flow'] })
      expect(observations).toMatchObject([{ kind: 'dns', answer: true, questions: [{ name: NAME }] }])
      expect([flows.length, sensor.coverage.dnsQuoted]).toEqual([0, 1])
      // without the packet that it is about it is not read, and stays a datagram
      const other = udpFrame({ ip: '203.0.113.1', port: 40_000 }, { ip: '203.0.113.2', port }, content.subarray(0, 58))
      expect(feed([{ at: 0, bytes: other }], { events: ['dns', 'flow'] }).flows).toHaveLength(1)
    }
  })

  test('accuses nobody, teaches nothing, makes nobody a resolver, and is no flow', () => {
    const nameless = new Talk(CLIENT, SERVER, 1)
      .open()
      .send(inRecords(helloMessage({ extensions: [] })))
      .answer()
    const own = new Talk({ ip: RESOLVER.ip, port: 4000 }, RESOLVER, 2).ask(dnsQuestion(NAME))
    const quotations = [error(asked), error(answered), error(answered, 11)]
    const echoes = [0, 1, 2].map(() => error(asked, 8))
    const honest = feed(mixed({ frames: echoes }, nameless, own), { packs: [ACME] })
    const lied = feed(mixed({ frames: quotations }, nameless, own), { packs: [ACME] })
    expect(lied.alerts).toEqual(honest.alerts)
    expect(lied.alerts.map(({ client_role }) => client_role)).toEqual(['host'])
    expect(lied.flows.length).toBe(honest.flows.length)
    // the same messages, sent and not quoted, do all of that
    const sent = new Talk(CLIENT, RESOLVER).ask(dnsQuestion(NAME)).reply(ANSWER)
    const real = feed(mixed(sent, nameless, own), { packs: [ACME] })
    expect(real.alerts.map(({ client_role }) => client_role)).toEqual(['host', 'host', 'resolver'])
  })

  test.each([
    ['an echo', error(asked, 8)],
    ['TCP', error(ipv4(tcp(dnsQuestion(NAME), { targetPort: 53 }), { protocol: 6 }))],
    ['something else', error(packet(CLIENT, SERVER, dnsQuestion(NAME).subarray(1)))],
    ['eleven bytes of the message', error(asked.subarray(0, 20 + 8 + 11))],
    ['an error about an error', error(ipv4(error(asked).bytes.subarray(34), { protocol: 1 }))],
  ])('%s is none', (_, frame) => expect(dnsOf([frame])).toEqual([]))

  test('what is there of a message that is cut is shown', () => {
    const [dns] = dnsOf([error(answered.subarray(0, 20 + 8 + 12 + 19 + 4))])
    expect(dns).toMatchObject({ questions: [{ name: NAME, type: A }], answers: [] })
  })

  test('a copy is counted once, a flood comes in batches, and who wants no DNS gets none', () => {
    expect(dnsOf([error(asked), { ...error(asked), at: 0.0001 }])).toHaveLength(1)
    const flood = Array.from({ length: 1000 }, (_, i) => error(packet({ ...CLIENT, port: i + 1 }, RESOLVER, ANSWER)))
    const { batches, sensor } = feed(flood, { events: ['dns'] })
    expect(Math.max(...batches.map(({ observations }) => observations.length))).toBe(256)
    expect(sensor.coverage.dnsQuoted).toBe(1000)
    expect(feed([error(asked)], { events: ['tls'] }).sensor.coverage.dnsQuoted).toBe(0)
  })
})

describe('a name that cannot be read', () => {
  const loop = Buffer.concat([Buffer.from('000201000001000000000000', 'hex'), Buffer.from('c00c00010001', 'hex')])
  const loopAnswer = Buffer.concat([
    Buffer.from('000281800001000100000000c00c00010001', 'hex'),
    ANSWER.subarray(12 + NAME.length + 2 + 4),
  ])
  const reserved = Buffer.from('0002010000010000000000008000', 'hex')
  const rrname = (payload: Uint8Array, port = 53): unknown => {
    const [dns] = dnsOf(new Talk(CLIENT, { ...RESOLVER, port }).ask(payload).frames)
    const event = JSON.parse(eveLine(dns!, 'sensor-1')) as Record<string, unknown>
    return { ...(event[dns!.service] as { queries?: object[] }).queries?.[0], ...(event['seekwatch'] as object) }
  }

  test.each([
    [loop, { rrname: '<Name contains a pointer that loops>', rrtype: 'A', unreadable_names: ['loop'] }],
    [reserved, { rrname: '<Unknown extended label>', unreadable_names: ['label'] }],
    [reserved.subarray(0, 12), { unreadable_names: ['cut'] }],
    [dnsQuestion(NAME).subarray(0, -4), { rrname: NAME, unreadable_names: ['cut'] }],
  ])('leaves an event that says so: %#', (payload, want) => expect(rrname(payload)).toEqual(want))

  test('one that is spelled like our words comes out differently', () => {
    const label = '<Name contains a pointer that loops>'
    for (const port of [53, 137, 5353, 5355]) {
      const query = rrname(dnsQuestion(label, { flags: 0 }), port)
      expect(query).toMatchObject({ rrname: label.toLowerCase() })
      expect(query).not.toHaveProperty('unreadable_names')
    }
  })

  test('makes nobody a resolver and teaches nothing', () => {
    const told = new Talk(CLIENT, RESOLVER).ask(loop).reply(loopAnswer)
    const own = new Talk({ ip: RESOLVER.ip, port: 4000 }, { ip: '192.0.2.99', port: 53 }, 2).ask(dnsQuestion(NAME))
    const { alerts, observations } = feed(mixed(told, own), { packs: [ACME] })
    expect(alerts.map(({ client_role }) => client_role)).toEqual(['host'])
    expect(observations.filter((one) => one.kind === 'dns' && one.answers.length > 0)).toHaveLength(1)
  })
})
