/** What clients are called: told by themselves or by reverse DNS, shown in alerts, evidence of nothing. */

import { describe, expect, test } from 'vitest'
import { A, dnsAnswer, dnsQuestion, wireName } from '../support/dns-message.ts'
import type { End } from '../support/frames.ts'
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

const stories: Array<{ name: string; talk: Talk; want: string | undefined }> = [
  { name: 'mDNS', talk: mdns('laptop-7.local', CLIENT.ip), want: 'laptop-7' },
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

  test('told while an alert goes on is in it at its end', () => {
    const visit = new Talk(CLIENT, SERVER).open().send(Buffer.alloc(0)).wait(3)
    const [alert] = alertsOf(mixed(named('acme.example', SERVER, 0), visit, mdns('laptop-7.local', CLIENT.ip)))
    expect(alert!.client.name).toBe('laptop-7')
  })

  test('watched or not, it is no evidence', () => {
    expect(alertsOf(mixed(mdns('shop.acme.example', CLIENT.ip)))).toEqual([])
  })
})
