/** What clients are called: told by themselves or by reverse DNS, shown in alerts, evidence of nothing. */

import { describe, expect, test } from 'vitest'
import { dhcp4, dhcp6, option4 } from '../protocol/dhcp/messages.ts'
import { A, dnsAnswer, dnsQuestion, wireName } from '../support/dns-message.ts'
import { feed } from '../support/feed.ts'
import type { End } from '../support/frames.ts'
import { clientHello, crypto, initial } from '../support/quic-encoder.ts'
import { mixed, Talk } from '../support/talk.ts'
import { alertsOf, CLIENT, lookup, named, SERVER } from '../support/visits.ts'

const PTR = 12
const NB = 32
const AUTHORITATIVE = 0x8400
const MDNS: End = { ip: '224.0.0.251', port: 5353 }
const me = (port: number): End => ({ ip: CLIENT.ip, port })

/** `LAPTOP-7` as a NetBIOS name on the wire, with a suffix. */
function netbios(name: string, suffix: number): string {
  const bytes = Buffer.concat([Buffer.from(name.padEnd(15), 'latin1'), Buffer.of(suffix)])
  return Array.from(bytes, (byte) => String.fromCharCode(0x41 + (byte >> 4), 0x41 + (byte & 15))).join('')
}

const registered = (name: string, flags: number, address: number[], suffix = 0): Talk => {
  const encoded = netbios(name, suffix)
  const data = Buffer.from([flags >> 8, flags & 0xff, ...address])
  return new Talk(me(137), { ip: '192.0.2.255', port: 137 }).ask(
    dnsAnswer(encoded, [{ name: encoded, type: NB, data }], { flags: 0x8500, type: NB }),
  )
}

const mdns = (name: string, address: string): Talk =>
  new Talk(me(5353), MDNS).ask(dnsAnswer(name, [{ name, type: A, data: address }], { flags: AUTHORITATIVE }))

const DHCP_SERVER: End = { ip: '192.0.2.1', port: 67 }
const asks = (own: string | undefined, mac?: string): Talk =>
  new Talk({ ip: own ?? '0.0.0.0', port: 68 }, { ip: '255.255.255.255', port: 67 }).ask(
    dhcp4({ type: 3, own, mac, options: [option4(12, Buffer.from('laptop-7'))] }),
  )
const granted = (given: string, mac?: string): Talk =>
  new Talk(DHCP_SERVER, { ip: '255.255.255.255', port: 68 }, 0.1).ask(dhcp4({ type: 5, given, mac }))
const both = (...talks: Talk[]): Talk => Object.assign(new Talk(me(1), MDNS), { frames: mixed(...talks) })
const REVERSE6 = '0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'

const stories: Array<{ name: string; talk: Talk; want: string | undefined }> = [
  { name: 'mDNS', talk: mdns('laptop-7.local', CLIENT.ip), want: 'laptop-7' },
  { name: 'DHCP: asked for and granted', talk: both(asks(undefined), granted(CLIENT.ip)), want: 'laptop-7' },
  { name: 'DHCP: asked for alone', talk: asks(undefined), want: undefined },
  {
    name: 'DHCP: granted to another',
    talk: both(asks(undefined), granted(CLIENT.ip, '00005e0053ff')),
    want: undefined,
  },
  { name: 'DHCP: asked from its address', talk: asks(CLIENT.ip), want: 'laptop-7' },
  {
    name: 'DHCP: passed on by a relay, which is not the client',
    talk: new Talk(me(67), DHCP_SERVER).ask(
      dhcp4({ type: 3, own: '192.0.2.99', options: [option4(12, Buffer.from('laptop-7'))] }),
    ),
    want: undefined,
  },
  { name: 'mDNS about another', talk: mdns('printer.local', '192.0.2.99'), want: undefined },
  {
    name: 'a question of mDNS says nothing',
    talk: new Talk(me(5353), MDNS).ask(dnsQuestion('laptop-7.local', { flags: 0 })),
    want: undefined,
  },
  {
    name: 'LLMNR: it answers for itself',
    talk: new Talk({ ip: '192.0.2.99', port: 50_000 }, me(5355))
      .ask(dnsQuestion('laptop-7', { flags: 0 }))
      .reply(dnsAnswer('laptop-7', [{ name: 'laptop-7', type: A, data: CLIENT.ip }], { flags: 0x8000 })),
    want: 'laptop-7',
  },
  { name: 'NetBIOS', talk: registered('LAPTOP-7', 0, [192, 0, 2, 10]), want: 'LAPTOP-7' },
  { name: 'NetBIOS of a group', talk: registered('WORKGROUP', 0x8000, [192, 0, 2, 10]), want: undefined },
  { name: 'NetBIOS of a user', talk: registered('JANE', 0, [192, 0, 2, 10], 3), want: undefined },
  { name: 'NetBIOS about another', talk: registered('LAPTOP-7', 0, [192, 0, 2, 99]), want: undefined },
  {
    name: 'reverse DNS',
    talk: lookup(
      '10.2.0.192.in-addr.arpa',
      dnsAnswer('10.2.0.192.in-addr.arpa', [
        { name: '10.2.0.192.in-addr.arpa', type: PTR, data: wireName('laptop-7.corp.example') },
      ]),
    ),
    want: 'laptop-7.corp.example',
  },
  {
    name: 'reverse DNS that is none',
    talk: lookup(
      '10.2.0.192.example',
      dnsAnswer('10.2.0.192.example', [{ name: '10.2.0.192.example', type: PTR, data: wireName('x.example') }]),
    ),
    want: undefined,
  },
]

describe('the name of a client', () => {
  test.each(stories)('$name', ({ talk, want }) => {
    const [alert] = alertsOf(mixed(talk, named('acme.example', SERVER, 1)))
    expect(alert!.client.name).toBe(want)
    expect(alert!.evidence.map(({ kind }) => kind)).toEqual(['tls_sni'])
  })

  test('over IPv6: by DHCP, and by reverse DNS where that is all', () => {
    const client = { ip: '2001:db8:1::10', port: 51_000 }
    const visit = named('acme.example', { ip: '2001:db8:2::7', port: 443 }, 1, client)
    const asked = new Talk({ ip: 'fe80::10', port: 546 }, { ip: 'ff02::1:2', port: 547 }).ask(
      dhcp6({ type: 3, name: wireName('laptop-7.corp.example') }),
    )
    const reply = new Talk({ ip: 'fe80::1', port: 547 }, { ip: 'fe80::10', port: 546 }, 0.1).ask(
      dhcp6({ type: 7, addresses: [client.ip] }),
    )
    const reverse = lookup(
      REVERSE6,
      dnsAnswer(REVERSE6, [{ name: REVERSE6, type: PTR, data: wireName('pool.example') }]),
    )
    const nameIn = (...talks: Talk[]) => alertsOf(mixed(...talks, visit))[0]!.client.name
    expect(nameIn(asked, reply, reverse)).toBe('laptop-7.corp.example')
    expect(nameIn(asked)).toBeUndefined()
    expect(nameIn(reverse)).toBe('pool.example')
  })

  test('what only uses the ports of DHCP is read as anything else', () => {
    const quic = new Talk({ ip: CLIENT.ip, port: 68 }, { ip: SERVER.ip, port: 67 })
    const [alert] = alertsOf(quic.ask(initial({ frames: [crypto(0, clientHello('acme.example'))] })).frames)
    expect(alert!.evidence[0]).toMatchObject({ kind: 'quic_sni', value: 'acme.example' })
  })

  test('a flood of clients of DHCP stays within a bound, and is counted', () => {
    const frames = Array.from(
      { length: 5000 },
      (_, i) => asks(undefined, i.toString(16).padStart(12, '0')).frames,
    ).flat()
    const { observations } = feed(frames, { packs: [] })
    expect(observations.findLast((o) => o.kind === 'stats')!.counters).toMatchObject({
      'detect.dhcp_names_forgotten': 5000 - 4096,
      'dhcp.ok': 5000,
    })
  })

  test('told while an alert goes on is in it at its end', () => {
    const visit = new Talk(CLIENT, SERVER).open().send(Buffer.alloc(0)).wait(3)
    const [alert] = alertsOf(mixed(named('acme.example', SERVER, 0), visit, mdns('laptop-7.local', CLIENT.ip)))
    expect(alert!.client.name).toBe('laptop-7')
  })

  test('watched or not, it is no evidence', () => {
    expect(alertsOf(mixed(mdns('shop.acme.example', CLIENT.ip)))).toEqual([])
  })
})
