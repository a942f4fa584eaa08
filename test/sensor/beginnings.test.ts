/** Where a connection begins, when its SYNs do not agree: ports that are used again, and SYNs that nobody answers. */

import { describe, expect, test } from 'vitest'
import { ACME } from '../support/acme.ts'
import { type Fed, feed } from '../support/feed.ts'
import { ACK, type End, FIN, PSH, RST, SYN, tcpFrame } from '../support/frames.ts'
import { openSslHello } from '../support/hello.ts'

const CLIENT: End = { ip: '192.0.2.10', port: 51_000 }
const SERVER: End = { ip: '198.51.100.7', port: 443 }
const WATCHED = await openSslHello('shop.acme.example')
const OTHER = await openSslHello('www.other.example')
const NOTHING = Buffer.alloc(0)
const WORDS = Buffer.from('words')

function out(sequence: number, flags: number, payload: Uint8Array = NOTHING, acknowledgment = 7001): Buffer {
  return tcpFrame(CLIENT, SERVER, { sequence, acknowledgment, flags }, payload)
}

function back(sequence: number, acknowledgment: number, flags: number, payload: Uint8Array = NOTHING): Buffer {
  return tcpFrame(SERVER, CLIENT, { sequence, acknowledgment, flags }, payload)
}

const OPEN = [out(1000, SYN), back(7000, 1001, SYN | ACK), out(1001, ACK)]

/** With and without all hellos being of interest: the way to a name differs. */
function heard(frames: readonly Uint8Array[]): Fed[] {
  const timed = frames.map((bytes, i) => ({ at: i / 1000, bytes }))
  return [feed(timed, { packs: [ACME], events: ['flow'] }), feed(timed, { packs: [ACME], events: ['flow', 'tls'] })]
}

function clients(fed: Fed): string[] {
  return fed.flows.map(({ flow }) => `${flow.clientIp} ${flow.clientPort}`)
}

describe('the ports are used again, and the end was not seen, or not the server’s', () => {
  const cases: Array<[string, Buffer[]]> = [
    [
      'one direction alone is seen',
      [
        out(1000, SYN),
        out(1001, ACK, OTHER),
        out(1001 + OTHER.length, FIN | ACK),
        out(90_000, SYN),
        out(90_001, ACK, WATCHED),
      ],
    ],
    [
      'no end at all',
      [
        ...OPEN,
        out(1001, ACK, OTHER),
        back(7001, 1001 + OTHER.length, ACK, WORDS),
        out(90_000, SYN, NOTHING, 0),
        back(50_000, 90_001, SYN | ACK),
        out(90_001, ACK, WATCHED),
      ],
    ],
    [
      'the client broke it off',
      [
        ...OPEN,
        out(1001, RST),
        out(90_000, SYN, NOTHING, 0),
        back(50_000, 90_001, SYN | ACK),
        out(90_001, ACK, WATCHED),
      ],
    ],
    [
      'the client broke it off, and one direction alone is seen',
      [out(1000, SYN), out(1001, RST), out(90_000, SYN, NOTHING, 0), out(90_001, ACK, WATCHED)],
    ],
    [
      'the new SYN was not seen, either',
      [...OPEN, out(1001, ACK, OTHER), back(50_000, 90_001, SYN | ACK), out(90_001, ACK, WATCHED)],
    ],
  ]
  for (const [name, frames] of cases) {
    test(name, () => {
      for (const fed of heard(frames)) {
        expect(fed.flows).toHaveLength(2)
        expect(fed.sensor.coverage.midstream).toBe(0)
        expect(fed.alerts.map(({ evidence }) => evidence[0]!.value)).toEqual(['shop.acme.example'])
      }
    })
  }
})

describe('it is one connection all the same', () => {
  const answered = [...OPEN, out(1001, ACK | PSH, WATCHED), back(7001, 1001 + WATCHED.length, ACK, WORDS)]
  const cases: Array<[string, Buffer[]]> = [
    ['a SYN that the server takes no notice of, before the hello', [...OPEN, out(50_000, SYN), ...answered.slice(3)]],
    ['an RST and a SYN that it takes no notice of', [...OPEN, out(77, RST), out(50_000, SYN), ...answered.slice(3)]],
    ['the same behind the hello', [...answered, out(50_000, SYN)]],
    ['a SYN of the client with ACK', [...answered, out(50_000, SYN | ACK)]],
    ['two SYNs, of which the first is answered', [OPEN[0]!, out(90_000, SYN), ...answered.slice(1)]],
    ['a SYN, and its answer, twice', [OPEN[0]!, OPEN[0]!, OPEN[1]!, back(7000, 1001, SYN | ACK), ...answered.slice(2)]],
    ['both come again late', [...answered, OPEN[0]!, OPEN[1]!]],
    ['a SYN with ACK ahead of the SYN', [out(1000, SYN | ACK), ...answered]],
  ]
  for (const [name, frames] of cases) {
    test(name, () => {
      for (const fed of heard(frames)) {
        expect(clients(fed)).toEqual(['192.0.2.10 51000'])
        expect(fed.alerts).toMatchObject([{ attempt: false, server: { name: 'shop.acme.example' } }])
      }
    })
  }
})
