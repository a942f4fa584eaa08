/** The plain messages that are learned from where they lie teach the same as if they were read as text. */

import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import type { Detector } from '../../src/detect/detector.ts'
import type { Sight } from '../../src/detect/flow-facts.ts'
import { AssetNames } from '../../src/enrich/assets.ts'
import { NameMemory } from '../../src/enrich/names.ts'
import { Roles } from '../../src/enrich/roles.ts'
import { FlowKey } from '../../src/flow/key.ts'
import { FlowTable } from '../../src/flow/table.ts'
import { Packet, UDP } from '../../src/packet/packet.ts'
import { DnsMessage, readMessage } from '../../src/protocol/dns/message.ts'
import { Coverage } from '../../src/sensor/coverage.ts'
import { DnsLessons } from '../../src/sensor/dns-lessons.ts'
import { FlowInfos } from '../../src/sensor/flow-infos.ts'
import { KnownNames } from '../../src/sensor/known-names.ts'
import { Moment } from '../../src/sensor/moment.ts'
import { message, name, pointer, question, record } from '../protocol/dns/messages.ts'
import { random } from '../support/random.ts'

const CLIENT = '10.0.0.1'
const SERVER = '10.0.0.53'
const NAMES = ['a.example', 'b.example', 'c.example', 'Cdn.Example', 'a.b.c.example', '']
const ADDRESSES = ['192.0.2.0', '192.0.2.1', '192.0.2.2', '2001:db8::', '2001:db8::1', '2001:db8::2']
const [A, CNAME, AAAA, HTTPS, TXT] = [1, 5, 28, 65, 16]
const QUESTION_AT = 12
const LOOP = pointer(2 + 12) // into the question's name, or nowhere

type Next = (below: number) => number

/** Who learns; `watched` are the names that the rules hold. */
function learner(watched: (name: string) => boolean) {
  const judged: string[] = []
  const detector = {
    watches: watched,
    onDns: (_sight: Sight, { questions }: { questions: Array<{ name: string }> }) =>
      judged.push(questions.map((q) => q.name).join()),
  } as unknown as Detector
  const table = new FlowTable(4, 1)
  const packet = new Packet()
  packet.bytes = Uint8Array.of(10, 0, 0, 1, 10, 0, 0, 53)
  Object.assign(packet, { ipVersion: 4, addressBytes: 4, sourceStart: 0, targetStart: 4, protocol: UDP })
  Object.assign(packet, { sourcePort: 40_000, targetPort: 53 })
  const key = new FlowKey()
  key.take(packet)
  const row = table.find(key)
  const memory = new NameMemory(1000)
  const roles = new Roles(10)
  const moment = new Moment()
  const infos = new FlowInfos(table, new Coverage())
  const lessons = new DnsLessons({
    table,
    infos,
    moment,
    detector,
    names: memory,
    roles,
    assets: new AssetNames(10),
    known: new KnownNames(watched),
  })
  const parsed = new DnsMessage()
  const take = (bytes: Uint8Array, nowUs: number): void => {
    if (readMessage(bytes, 0, bytes.length, parsed) < 0) return
    Object.assign(moment, { file: 'x.pcap', packet: nowUs, nowUs, frameBytes: bytes.length })
    lessons.take(row, parsed)
  }
  const known = () =>
    ADDRESSES.map((address) => ({
      told: memory.told(CLIENT, address, moment.nowUs),
      names: memory.namesAt(address, moment.nowUs),
    }))
  return { take, known, judged, role: () => roles.of(SERVER) }
}

function randomRecord(next: Next): Buffer {
  const owner = [pointer(QUESTION_AT), pointer(QUESTION_AT), name(NAMES[next(NAMES.length)]!), LOOP][next(4)]!
  const ttl = next(1000)
  const tail = next(3)
  const target = NAMES[next(NAMES.length)]!
  switch (next(16)) {
    case 0:
      return record(owner, HTTPS, Buffer.concat([Buffer.of(0, 1), name(target)]), { ttl })
    case 1:
      return record(owner, TXT, Buffer.from('\x03abc'), { ttl })
    case 2:
      return record(owner, A, Buffer.of(192, 0, 2), { ttl })
    case 3:
      return record(owner, CNAME, Buffer.concat([name(target), Buffer.of(0)]), { ttl })
    case 4:
    case 5:
    case 6:
    case 7:
      return record(owner, CNAME, name(target), { ttl })
    case 8:
    case 9:
      return record(owner, AAAA, Buffer.from(`20010db800000000000000000000000${tail}`, 'hex'), { ttl })
    default:
      return record(owner, A, Buffer.of(192, 0, 2, tail), { ttl })
  }
}

function randomMessage(next: Next): Buffer {
  const records = (most: number) => Array.from({ length: next(most + 1) }, () => randomRecord(next))
  const asked = () => question(NAMES[next(NAMES.length)]!)
  return message({
    flags: next(5) === 0 ? 0x0100 : 0x8180,
    questions: next(12) === 0 ? [asked(), asked()] : next(12) === 0 ? [] : [asked()],
    answers: records(3),
    authorities: next(6) === 0 ? records(1) : [],
    additionals: next(4) === 0 ? records(2) : [],
  })
}

test('dns lessons: plain messages teach the same as others', () => {
  const next = random(1)
  const plain = learner(() => false)
  const any = learner(() => true)
  for (let step = 1; step < 5000; step++) {
    const bytes = randomMessage(next)
    plain.take(bytes, step)
    any.take(bytes, step)
    assert.deepEqual(plain.known(), any.known(), bytes.toString('hex'))
  }
  expect(plain.role()).toBe('resolver')
  expect(any.judged.length).toBeGreaterThan(4000)
  // without rules only what leads elsewhere in an unusual way is handed on, as aliases in no order do
  expect(plain.judged.length).toBeLessThan(1700)
  expect(plain.known().filter(({ told }) => (told?.chain.length ?? 0) > 1).length).toBeGreaterThan(0)
})

test('dns lessons: what is watched is judged, as a question and at the end of aliases', () => {
  const watched = learner((it) => it === 'c.example')
  const answer = message({
    flags: 0x8180,
    questions: [question('a.example')],
    answers: [
      record(pointer(QUESTION_AT), CNAME, name('b.example')),
      record('b.example', CNAME, name('c.example')),
      record('c.example', A, Buffer.of(192, 0, 2, 1)),
    ],
  })
  watched.take(message({ questions: [question('a.example')] }), 1)
  expect(watched.judged).toEqual([])
  watched.take(answer, 2)
  expect(watched.judged).toEqual(['a.example'])
  watched.take(message({ questions: [question('C.example')] }), 3)
  expect(watched.judged).toEqual(['a.example', 'c.example'])
  expect(watched.known()[1]?.told?.chain).toEqual(['a.example', 'b.example', 'c.example'])
})
