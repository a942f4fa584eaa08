/** One pair of UDP ports may see several connections of QUIC, and more than QUIC: each hello counts. */

import { describe, expect, test } from 'vitest'
import type { EventKind } from '../../src/sensor/sensor.ts'
import { ACME } from '../support/acme.ts'
import { type Fed, feed } from '../support/feed.ts'
import type { End } from '../support/frames.ts'
import { ack, clientHello, crypto, initial } from '../support/quic-encoder.ts'
import { Talk } from '../support/talk.ts'

const CLIENT: End = { ip: '192.0.2.10', port: 51_000 }
const SERVER: End = { ip: '198.51.100.7', port: 443 }
const OTHER_ID = Buffer.from('00112233445566', 'hex')
const SERVER_ID = Buffer.from('f067a5502a4262b5', 'hex')
const decoy = (number = 0): Buffer => initial({ number, frames: [crypto(0, clientHello('www.decoy.example'))] })
const HELLO = clientHello('shop.acme.example', 1500)
const CUT = HELLO.length - 10 // behind the name
/** Its two datagrams; sent again they have numbers of their own. */
const first = (number = 0): Buffer => initial({ id: OTHER_ID, number, frames: [crypto(0, HELLO.subarray(0, CUT))] })
const second = (number = 1): Buffer => initial({ id: OTHER_ID, number, frames: [crypto(CUT, HELLO.subarray(CUT))] })
/** What a client sends to the id that the server chose, with keys of its own one. */
const toServer = (number: number): Buffer => initial({ id: SERVER_ID, keyId: OTHER_ID, number, frames: [ack(0)] })
const FROM_SERVER = initial({ id: Buffer.alloc(0), sourceId: SERVER_ID, keyId: OTHER_ID, frames: [ack(0)] })
const JUNK = Buffer.alloc(64)

const hear = (datagrams: Talk, events: EventKind[] = ['quic', 'flow']): Fed =>
  feed(datagrams.frames, { packs: [ACME], events })
const talk = (): Talk => new Talk(CLIENT, SERVER)

function hellos(fed: Fed): string[] {
  return fed.observations.flatMap((one) => (one.kind === 'quic' ? [one.serverName] : []))
}

describe('a hello behind something else on the same ports', () => {
  const cases: Array<[string, Talk]> = [
    ['another connection that was understood', talk().ask(decoy()).reply(FROM_SERVER).ask(first()).ask(second())],
    [
      'a hello that was sent six times',
      [1, 2, 3, 4, 5, 6]
        .reduce((all, i) => all.ask(decoy(i)), talk())
        .ask(first())
        .ask(second()),
    ],
    [
      'six datagrams of nothing',
      [1, 2, 3, 4, 5, 6]
        .reduce((all, i) => all.ask(JUNK.fill(i)), talk())
        .ask(first())
        .ask(second()),
    ],
  ]
  for (const [name, datagrams] of cases) {
    test(name, () => {
      const fed = hear(datagrams)
      expect(fed.alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
      expect(fed.flows).toHaveLength(1)
    })
  }

  test('of which the end is missing gives what is there when the flow ends', () => {
    expect(hear(talk().ask(decoy()).ask(first())).alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
  })
})

describe('a hello behind another one under the same id, that the server never saw', () => {
  const fake = (number = 0): Buffer =>
    initial({ id: OTHER_ID, number, frames: [crypto(0, clientHello('www.decoy.example', 1500).subarray(0, CUT))] })
  const rest = initial({
    id: OTHER_ID,
    number: 1,
    frames: [crypto(CUT, clientHello('www.decoy.example', 1500).subarray(CUT))],
  })
  const whole = (name: string): Buffer => initial({ id: OTHER_ID, frames: [crypto(0, clientHello(name))] })
  const cases: Array<[string, Talk]> = [
    ['in one datagram', talk().ask(whole('www.decoy.example')).ask(whole('shop.acme.example'))],
    [
      'behind several',
      talk().ask(whole('a.decoy.example')).ask(whole('b.decoy.example')).ask(whole('shop.acme.example')),
    ],
    ['in two datagrams', talk().ask(fake()).ask(rest).ask(first()).ask(second())],
    ['of which the end is missing', talk().ask(fake()).ask(rest).ask(first())],
  ]
  for (const [name, datagrams] of cases) {
    test(name, () => {
      const fed = hear(datagrams)
      expect(fed.alerts).toMatchObject([{ server: { name: 'shop.acme.example' } }])
      expect(hellos(fed)).toHaveLength(1)
    })
  }

  test('is not looked for when the server has answered', () => {
    const answered = talk().ask(whole('www.decoy.example')).reply(FROM_SERVER).ask(whole('shop.acme.example'))
    expect(hear(answered).alerts).toEqual([])
  })
})

test('the rest of the beginning of a connection is no other one', () => {
  const fed = hear(
    talk().ask(first()).ask(second()).ask(first(2)).ask(second(3)).reply(FROM_SERVER).ask(toServer(4)).ask(toServer(5)),
  )
  expect(hellos(fed)).toEqual(['shop.acme.example'])
  expect(fed.alerts).toHaveLength(1)
})

test('where the server is not seen, what goes to its id is tried and found to be none', () => {
  const fed = hear(talk().ask(first()).ask(second()).ask(toServer(2)).ask(toServer(3)))
  expect(hellos(fed)).toEqual(['shop.acme.example'])
  expect(fed.sensor.crashes).toEqual([])
})
