/** The datagrams of a UDP flow, in every order and slicing that a network or an attacker can give them: the same is heard. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UdpTalk } from '../../src/sensor/udp-talk.ts'
import { DTLS_CLIENT, DTLS_FRAGMENTS, DTLS_SERVER } from '../protocol/tls/material.ts'
import { dnsQuestion } from '../support/dns-message.ts'
import {
  clientHello,
  crypto,
  ID,
  initial,
  opaque,
  PING,
  padding,
  retry,
  V1,
  V2,
  versionNegotiation,
} from '../support/quic-encoder.ts'
import { fuzz, random } from '../support/random.ts'
import { Heard } from './heard.ts'

const NAME = 'some.name.example'
const HELLO = clientHello(NAME, 1500)
const SERVER_ID = Buffer.from('f067a5502a4262b5', 'hex')
const TOKEN = Buffer.from('token')
const WORK_MAX = 10
const DATAGRAMS_MAX = 64
const PROBES_MAX = 4

/** Of the client when it is bytes alone. */
type Datagram = Uint8Array | { server: Uint8Array }

/** What is heard of these datagrams, whose bytes are wiped as soon as they were handed on. */
function listen(datagrams: readonly Datagram[], isOpen = true): { heard: Heard; talk: UdpTalk } {
  const heard = new Heard()
  const talk = new UdpTalk(heard, 1)
  for (const datagram of datagrams) {
    if (talk.isOver) break // the sensor only counts then
    const fromClient = datagram instanceof Uint8Array
    const bytes = fromClient ? datagram : datagram.server
    const arena = Buffer.alloc(bytes.length + 64, 0xc3)
    arena.set(bytes, 32)
    talk.add(fromClient, arena, 32, 32 + bytes.length)
    arena.fill(0xee)
  }
  if (!isOpen) talk.finish()
  return { heard, talk }
}

const whole = (fields: Partial<Parameters<typeof initial>[0]> = {}): Buffer =>
  initial({ frames: [crypto(0, HELLO)], bytes: 0, ...fields })
const [first, second] = [HELLO.subarray(0, 700), HELLO.subarray(700)]
const inTwo = [initial({ frames: [crypto(0, first)] }), initial({ number: 1, frames: [crypto(700, second)] })] as const

describe('a QUIC hello', () => {
  test('sliced anywhere, over several Initials in any order, doubled, coalesced, behind 0-RTT, gives its name', () => {
    const met = { sliced: 0, coalesced: 0, early: 0, doubled: 0 }
    fc.assert(
      fc.property(
        fc.record({
          cuts: fc.array(fc.nat(HELLO.length - 1), { maxLength: 12 }),
          packets: fc.integer({ min: 1, max: 4 }),
          version: fc.constantFrom(V1, V2, 0xff00001d),
          isCoalesced: fc.boolean(),
          early: fc.nat(3),
          doubled: fc.nat(3),
          answers: fc.nat(3),
          seed: fc.nat(1e9),
        }),
        ({ cuts, packets, version, isCoalesced, early, doubled, answers, seed }) => {
          const walk = random(seed)
          const edges = [...new Set([0, ...cuts, HELLO.length])].sort((a, b) => a - b)
          const held: Uint8Array[][] = Array.from({ length: packets }, () => [PING])
          for (const [i, to] of edges.slice(1).entries()) {
            held[walk(packets)]!.splice(
              walk(2),
              0,
              padding(1 + walk(9)),
              crypto(edges[i]!, HELLO.subarray(edges[i]!, to)),
            )
          }
          const initials = held.map((frames, number) => initial({ version, number, frames, bytes: 0 }))
          const datagrams: Datagram[] = shuffled(isCoalesced ? [Buffer.concat(initials)] : initials, walk)
          for (let i = 0; i < doubled; i++) datagrams.splice(walk(datagrams.length), 0, datagrams[0]!)
          for (let i = 0; i < early; i++)
            datagrams.unshift(opaque(version === V2 ? 2 : 1, Buffer.alloc(50, i), version))
          for (let i = 0; i < answers; i++)
            datagrams.splice(1 + walk(datagrams.length), 0, { server: Buffer.alloc(40, 0x41) })
          const { heard, talk } = listen(datagrams)
          expect(heard.names).toEqual([NAME])
          expect(talk).toMatchObject({ isOver: true, kind: 'quic' })
          if (edges.length > 2) met.sliced++
          if (isCoalesced) met.coalesced++
          if (early > 0) met.early++
          if (doubled > 0) met.doubled++
        },
      ),
      fuzz(150),
    )
    for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(30)
  })

  const retried = { id: SERVER_ID, token: TOKEN }
  const stories: Array<{ name: string; datagrams: Datagram[]; names?: string[]; isOpen?: boolean }> = [
    { name: 'in one Initial', datagrams: [whole()] },
    { name: 'cut through its server name', datagrams: cutAtName() },
    { name: 'in two Initials, the second first', datagrams: [inTwo[1], inTwo[0]] },
    {
      name: 'in one datagram with a packet of 0-RTT in front',
      datagrams: [Buffer.concat([opaque(1, HELLO), whole()])],
    },
    {
      name: 'after a Retry: another id, other keys, all from the beginning',
      datagrams: [inTwo[0], { server: retry(SERVER_ID, TOKEN) }, whole(retried)],
    },
    { name: 'after a Retry that was not seen', datagrams: [inTwo[0], whole(retried)] },
    {
      name: 'half before a Retry and half after it: that is no hello',
      datagrams: [
        inTwo[0],
        { server: retry(SERVER_ID, TOKEN) },
        initial({ ...retried, number: 1, frames: [crypto(700, second)] }),
      ],
      names: [],
    },
    {
      name: 'that goes on with the id of the server',
      datagrams: [inTwo[0], initial({ id: SERVER_ID, keyId: ID, number: 1, frames: [crypto(700, second)] })],
    },
    {
      name: 'in another version, after a version negotiation',
      datagrams: [
        initial({ version: 0x1a2a3a4a, keyVersion: V1, frames: [crypto(0, first)] }),
        { server: versionNegotiation(Buffer.alloc(0), ID, [V2]) },
        whole({ version: V2 }),
      ],
    },
    { name: 'of which the end is missing, at the end', datagrams: [inTwo[0]], names: [], isOpen: true },
    {
      name: 'of which the end is missing, when no more will come',
      datagrams: [initial({ frames: [crypto(0, HELLO.subarray(0, -5))], bytes: 0 })],
      names: [`${NAME} (partial)`],
      isOpen: false,
    },
    { name: 'behind a datagram that nobody can open', datagrams: [whole({ keyId: SERVER_ID }), whole()] },
    { name: 'behind what is nothing we know', datagrams: [Buffer.from('~~'), Buffer.from('~~'), whole()] },
    { name: 'that the server says is none of a client', datagrams: [{ server: whole() }], names: [] },
  ]
  test.each(stories)('$name', ({ datagrams, names = [NAME], isOpen = true }) => {
    expect(listen(datagrams, isOpen).heard.names).toEqual(names)
  })

  test('said twice is told once', () => {
    const { heard, talk } = listen([whole()])
    talk.finish()
    expect(heard.names).toEqual([NAME])
  })
})

describe('a flood', () => {
  test('of false Initials costs a flow so much and no more', () => {
    const forged = Array.from({ length: 200 }, (_, i) => whole({ id: Buffer.alloc(8, i), keyId: SERVER_ID }))
    const { talk } = listen(forged)
    expect(talk.work).toBe(WORK_MAX)
    expect(talk.isOver).toBe(true)
  })

  test('of Initials that open and hold nothing ends, too', () => {
    const { talk, heard } = listen(Array.from({ length: 200 }, (_, number) => initial({ number, frames: [PING] })))
    expect(talk.work).toBeLessThanOrEqual(WORK_MAX)
    expect([talk.isOver, heard.names]).toEqual([true, []])
  })

  test('that hides the end of a hello gives what there was of it', () => {
    const begun = initial({ frames: [crypto(0, HELLO.subarray(0, -5))], bytes: 0 })
    const forged = Array.from({ length: 20 }, () => whole({ keyId: SERVER_ID }))
    expect(listen([begun, ...forged]).heard.names).toEqual([`${NAME} (partial)`])
  })

  test('of 0-RTT costs no decryption', () => {
    const early = Array.from({ length: DATAGRAMS_MAX + 1 }, () => opaque(1, Buffer.alloc(100, 7)))
    expect(listen(early.slice(0, DATAGRAMS_MAX)).talk).toMatchObject({ work: 0, isOver: false })
    expect(listen(early).talk).toMatchObject({ work: 0, isOver: true })
  })

  test('of junk frames far behind the hello does not push it out', () => {
    const junk = (number: number) =>
      initial({ number, frames: Array.from({ length: 300 }, (_, i) => crypto(3000 + 2 * (300 * number + i), PING)) })
    expect(listen([junk(0), junk(1), whole({ number: 2 })]).heard.names).toEqual([NAME])
  })
})

describe('DTLS', () => {
  test('a hello, then the one with the cookie, then the answer', () => {
    const { heard, talk } = listen([
      DTLS_CLIENT[0]!,
      { server: DTLS_SERVER[0]! },
      DTLS_CLIENT[1]!,
      { server: DTLS_SERVER[1]! },
    ])
    expect(heard.names).toEqual(['dtls.example.org'])
    expect(heard.exchanges).toEqual(['dtls.example.org answered'])
    expect(talk).toMatchObject({ isOver: true, kind: 'dtls' })
  })

  test('no answer', () => {
    const { heard } = listen([DTLS_CLIENT[0]!], false)
    expect([heard.names, heard.exchanges]).toEqual([['dtls.example.org'], ['dtls.example.org -']])
  })

  test('a hello in so many pieces as the smallest packets make of it, and no more', () => {
    const [datagram] = DTLS_CLIENT as [Uint8Array]
    const message = datagram.subarray(25)
    const piece = (at: number, length: number): Uint8Array => {
      const one = Buffer.concat([datagram.subarray(0, 25), message.subarray(at, at + length)])
      one.writeUInt16BE(12 + length, 11)
      one.writeUIntBE(at, 19, 3)
      one.writeUIntBE(length, 22, 3)
      return one
    }
    const pieces = Array.from({ length: Math.ceil(message.length / 10) }, (_, i) =>
      piece(10 * i, Math.min(10, message.length - 10 * i)),
    )
    expect(pieces.length).toBeGreaterThan(15)
    expect(listen(pieces).heard.names).toEqual(['dtls.example.org'])
    const { heard, talk } = listen(Array.from({ length: 64 }, () => piece(0, 200)))
    expect([heard.names, talk.isOver]).toEqual([['dtls.example.org (partial)'], true])
  })

  test('fragments in any order, doubled', () => {
    const want = listen(DTLS_FRAGMENTS).heard.names
    expect(want).toHaveLength(1)
    fc.assert(
      fc.property(fc.nat(1e9), (seed) => {
        const walk = random(seed)
        const datagrams = shuffled([...DTLS_FRAGMENTS, DTLS_FRAGMENTS[walk(DTLS_FRAGMENTS.length)]!], walk)
        expect(listen(datagrams).heard.names).toEqual(want)
      }),
      fuzz(100),
    )
  })
})

describe('what is nothing we know', () => {
  test(`is given up after ${PROBES_MAX} datagrams, of whichever side, and not before`, () => {
    const unknown: Datagram[] = [Buffer.from('~'), { server: Buffer.from('~') }, Buffer.from('~')]
    expect(listen(unknown).talk.isOver).toBe(false)
    expect(listen([...unknown, Buffer.from('~')]).talk.isOver).toBe(true)
  })

  test('SSDP is HTTP in a datagram', () => {
    const search = Buffer.from('M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n')
    expect(listen([search]).heard.requests).toEqual(['M-SEARCH 239.255.255.250 *'])
  })

  test('any datagrams, in any order: nothing breaks, no name is told twice, and the end is the end', () => {
    const known = [...inTwo, whole(), ...DTLS_CLIENT, ...DTLS_FRAGMENTS, opaque(1, HELLO), dnsQuestion('a.example')]
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.constantFrom(...known), fc.nat(60), fc.nat(255), fc.nat(1500)).map(([from, at, value, length]) => {
        const changed = Buffer.from(from.subarray(0, length))
        if (changed.length > 0) changed[at % changed.length] = value
        return changed
      }),
      fc.constantFrom(...known),
    )
    let named = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, fc.boolean()), { maxLength: 12 }), (list) => {
        const datagrams = list.map(([one, fromServer]) => (fromServer ? { server: one } : one))
        const { heard, talk } = listen(datagrams, false)
        expect(heard.names.length).toBeLessThanOrEqual(1)
        expect(talk.work).toBeLessThanOrEqual(WORK_MAX)
        expect(talk.isOver).toBe(true)
        named += heard.names.length
      }),
      fuzz(300),
    )
    expect(named).toBeGreaterThan(50)
  })
})

function cutAtName(): Datagram[] {
  const at = HELLO.indexOf(NAME) + 5
  const parts = [crypto(at, HELLO.subarray(at)), crypto(0, HELLO.subarray(0, at))]
  return [initial({ frames: parts, bytes: 0 })]
}

function shuffled<T>(list: readonly T[], walk: (below: number) => number): T[] {
  return list
    .map((one) => ({ one, key: walk(1 << 30) }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one)
}
