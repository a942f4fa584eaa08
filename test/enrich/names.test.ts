import { describe, expect, test } from 'vitest'
import { ADDRESS_WORDS, putAddressText } from '../../src/bytes/address-words.ts'
import { addressesOf, aliasChain, type DnsAnswer } from '../../src/enrich/dns-answer.ts'
import { NameMemory, PAIR_WORDS } from '../../src/enrich/names.ts'
import type { DnsFields, DnsRecord } from '../../src/events/observation.ts'

const A = 1
const CNAME = 5
const AAAA = 28
const HTTPS = 65
const SECOND = 1e6
const CLIENT = '198.51.100.1'
const OTHER = '2001:db8::2'
const PLACE = { file: 'office.pcap', packet: 7 }

const record = (name: string, type: number, data: string, ttl = 60): DnsRecord => ({
  name,
  type,
  ttl,
  data,
  dataBytes: 4,
})
const address = (data: string, ttl?: number): DnsRecord => record('a.example', A, data, ttl)

const answer = (...answers: DnsRecord[]): DnsAnswer => ({ answers, additionals: [] })

const chains: Array<{ name: string; records: DnsRecord[]; want: string[] }> = [
  { name: 'no alias', records: [address('192.0.2.1')], want: ['a.example'] },
  {
    name: 'one',
    records: [record('a.example', CNAME, 'b.example'), record('b.example', A, '192.0.2.1')],
    want: ['a.example', 'b.example'],
  },
  {
    name: 'three',
    records: [
      record('a.example', CNAME, 'b.example'),
      record('b.example', CNAME, 'c.example'),
      record('c.example', CNAME, 'd.example'),
    ],
    want: ['a.example', 'b.example', 'c.example', 'd.example'],
  },
  { name: 'of another name', records: [record('x.example', CNAME, 'b.example')], want: ['a.example'] },
  {
    name: 'in the wrong order',
    records: [record('b.example', CNAME, 'c.example'), record('a.example', CNAME, 'b.example')],
    want: ['a.example', 'b.example', 'c.example'],
  },
  {
    name: 'a loop',
    records: [record('a.example', CNAME, 'b.example'), record('b.example', CNAME, 'a.example')],
    want: ['a.example', 'b.example'],
  },
  { name: 'of itself', records: [record('a.example', CNAME, 'a.example')], want: ['a.example'] },
  { name: 'one that could not be read', records: [record('a.example', CNAME, '')], want: ['a.example'] },
  {
    name: 'longer than any resolver follows',
    records: Array.from({ length: 99 }, (_, i) =>
      record(i === 0 ? 'a.example' : `${i}.example`, CNAME, `${i + 1}.example`),
    ),
    want: ['a.example', ...Array.from({ length: 15 }, (_, i) => `${i + 1}.example`)],
  },
  {
    name: 'two of one name: the first',
    records: [record('a.example', CNAME, 'b.example'), record('a.example', CNAME, 'c.example')],
    want: ['a.example', 'b.example'],
  },
]

for (const { name, records, want } of chains) {
  test(`alias chain: ${name}`, () => expect(aliasChain('a.example', records)).toEqual(want))
}

const ttls: Array<{ name: string; ttl: number; keptSeconds: number }> = [
  { name: '0 is kept for a minute', ttl: 0, keptSeconds: 60 },
  { name: 'a minute is kept for one more', ttl: 60, keptSeconds: 120 },
  { name: 'ten minutes, too', ttl: 600, keptSeconds: 660 },
  { name: 'a day is kept', ttl: 86_400, keptSeconds: 86_400 },
  { name: 'a week is cut to a day', ttl: 604_800, keptSeconds: 86_400 },
  { name: 'the highest one is cut to a day', ttl: 2 ** 32 - 1, keptSeconds: 86_400 },
]

for (const { name, ttl, keptSeconds } of ttls) {
  test(`name memory: a TTL of ${name}`, () => {
    const names = new NameMemory(10)
    names.learn(CLIENT, 'a.example', answer(address('192.0.2.1', ttl)), 1000 * SECOND, PLACE)
    const untilUs = (1000 + keptSeconds) * SECOND
    expect(names.told(CLIENT, '192.0.2.1', untilUs)).toEqual({
      chain: ['a.example'],
      timeUs: 1000 * SECOND,
      sinceUs: 1000 * SECOND,
      untilUs,
      place: PLACE,
    })
    expect(names.told(CLIENT, '192.0.2.1', untilUs + 1)).toBeUndefined()
  })
}

test('name memory: each client has been told for itself', () => {
  const names = new NameMemory(10)
  names.learn(
    CLIENT,
    'a.example',
    answer(address('192.0.2.1'), address('192.0.2.2'), record('a.example', HTTPS, '')),
    0,
    PLACE,
  )
  expect(names.told(CLIENT, '192.0.2.2', 0)?.chain).toEqual(['a.example'])
  expect(names.told(OTHER, '192.0.2.2', 0)).toBeUndefined()
  expect(names.told(CLIENT, '192.0.2.3', 0)).toBeUndefined()
  expect(names.told(CLIENT, '', 0), 'a record without an address').toBeUndefined()
})

test('name memory: the last answer counts', () => {
  const names = new NameMemory(10)
  names.learn(CLIENT, 'a.example', answer(address('192.0.2.1', 86_400)), 0, PLACE)
  names.learn(CLIENT, 'b.example', answer(record('b.example', A, '192.0.2.1', 0)), SECOND, {
    file: 'office.pcap',
    packet: 9,
  })
  expect(names.told(CLIENT, '192.0.2.1', SECOND)).toMatchObject({
    chain: ['b.example'],
    untilUs: 61 * SECOND,
    place: { packet: 9 },
  })
})

describe('an address that is reused', () => {
  const names = new NameMemory(10)
  const tell = (name: string, second: number, ttl = 60): void =>
    names.learn('192.0.2.10', name, answer(record(name, A, '192.0.2.1', ttl)), second * SECOND, PLACE)
  const toldAt = (second: number) => names.told('192.0.2.10', '192.0.2.1', second * SECOND)?.chain[0]
  tell('a.example', 10)
  tell('a.example', 20)
  tell('b.example', 50)

  test('the newer name counts from when it was told', () =>
    expect([toldAt(50), toldAt(60)]).toEqual(['b.example', 'b.example']))
  test('what began before keeps the older one', () =>
    expect([toldAt(10), toldAt(49)]).toEqual(['a.example', 'a.example']))
  test('before anything was told nothing is known', () => expect(toldAt(9)).toBeUndefined())
  test('the older one comes not back when the newer has run out', () => {
    const other = new NameMemory(10)
    other.learn('192.0.2.10', 'a.example', answer(address('192.0.2.1', 3600)), 0, PLACE)
    other.learn('192.0.2.10', 'b.example', answer(record('b.example', A, '192.0.2.1', 0)), SECOND, PLACE)
    expect(other.told('192.0.2.10', '192.0.2.1', 62 * SECOND)).toBeUndefined()
  })
  test('a row that is given to another pair forgets both', () => {
    const small = new NameMemory(1)
    small.learn('192.0.2.10', 'a.example', answer(address('192.0.2.1')), 0, PLACE)
    small.learn('192.0.2.10', 'b.example', answer(record('b.example', A, '192.0.2.1')), 50 * SECOND, PLACE)
    small.learn('192.0.2.10', 'c.example', answer(record('c.example', A, '192.0.2.2')), 51 * SECOND, PLACE)
    expect([small.told('192.0.2.10', '192.0.2.2', 10 * SECOND), small.told('192.0.2.10', '192.0.2.1', 0)]).toEqual([
      undefined,
      undefined,
    ])
  })
})

describe('an alias and its addresses in two answers', () => {
  const learned = (client: string, question: string, second: number): string[] | undefined => {
    const names = new NameMemory(10)
    names.expectAlias('192.0.2.10', ['a.example', 'b.example'], 30, 0)
    names.learn(client, question, answer(record(question, A, '192.0.2.1')), second * SECOND, PLACE)
    return names.told(client, '192.0.2.1', second * SECOND)?.chain
  }
  test('are one way', () => expect(learned('192.0.2.10', 'b.example', 1)).toEqual(['a.example', 'b.example']))
  test('for this client alone', () => expect(learned('192.0.2.11', 'b.example', 1)).toEqual(['b.example']))
  test('of this name alone', () => expect(learned('192.0.2.10', 'c.example', 1)).toEqual(['c.example']))
  test('for as long as the alias lives, and a minute', () => {
    expect(learned('192.0.2.10', 'b.example', 90)).toEqual(['a.example', 'b.example'])
    expect(learned('192.0.2.10', 'b.example', 91)).toEqual(['b.example'])
  })
  test('that goes on for ever is followed for sixteen names', () => {
    const names = new NameMemory(10)
    names.expectAlias('192.0.2.10', ['a.example', 'b0.example'], 30, 0)
    const step = (i: number) => answer(record(`b${i}.example`, CNAME, `b${i + 1}.example`))
    for (let i = 0; i < 40; i++) names.learn('192.0.2.10', `b${i}.example`, step(i), 0, PLACE)
    names.learn('192.0.2.10', 'b14.example', answer(record('b14.example', A, '192.0.2.1')), 0, PLACE)
    names.learn('192.0.2.10', 'b15.example', answer(record('b15.example', A, '192.0.2.2')), 0, PLACE)
    expect(names.told('192.0.2.10', '192.0.2.1', 0)?.chain).toHaveLength(16)
    expect(names.told('192.0.2.10', '192.0.2.2', 0)?.chain).toEqual(['b15.example'])
  })
  test('a flood of them stays within a bound', () => {
    const names = new NameMemory(10)
    for (let i = 0; i < 5000; i++) names.expectAlias('192.0.2.10', ['a.example', `b${i}.example`], 30, 0)
    names.learn('192.0.2.10', 'b0.example', answer(record('b0.example', A, '192.0.2.1')), 0, PLACE)
    names.learn('192.0.2.10', 'b4999.example', answer(record('b4999.example', A, '192.0.2.2')), 0, PLACE)
    expect(names.told('192.0.2.10', '192.0.2.1', 0)?.chain).toEqual(['b0.example'])
    expect(names.told('192.0.2.10', '192.0.2.2', 0)?.chain).toEqual(['a.example', 'b4999.example'])
    expect(names.aliasesForgotten).toBe(5000 - 1024)
  })
})

test('name memory: when it is full, what was told longest ago goes first, and it is counted', () => {
  const names = new NameMemory(3)
  for (let i = 1; i <= 3; i++) names.learn(CLIENT, 'a.example', answer(address(`192.0.2.${i}`)), i, PLACE)
  expect(names.forgotten).toBe(0)
  names.learn(CLIENT, 'a.example', answer(address('192.0.2.1')), 4, PLACE) // told again: it is the newest now
  names.learn(CLIENT, 'a.example', answer(address('192.0.2.4')), 5, PLACE)
  expect(names.forgotten).toBe(1)
  const known = [1, 2, 3, 4].filter((i) => names.told(CLIENT, `192.0.2.${i}`, 5))
  expect(known).toEqual([1, 3, 4])
})

test('name memory: a flood of answers stays within the bound', () => {
  const names = new NameMemory(100)
  for (let i = 0; i < 10_000; i++)
    names.learn(
      `10.1.${i >> 8}.${i & 255}`,
      `n${i}.example`,
      answer(record(`n${i}.example`, A, `10.0.${i >> 8}.${i & 255}`)),
      i,
      PLACE,
    )
  expect([names.forgotten, names.namesForgotten]).toEqual([9900, 9900])
  const kept = Array.from({ length: 10_000 }, (_, i) => names.namesAt(`10.0.${i >> 8}.${i & 255}`, 0).length)
  expect(kept.filter((count) => count > 0).length).toBe(100)
})

test('name memory: those who were told the same way share it', () => {
  const names = new NameMemory(10)
  const way = (target: string) => answer(record('a.example', CNAME, 'b.example'), record('b.example', A, target))
  const chainAfter = (client: string, target: string) => {
    names.learn(client, 'a.example', way(target), 0, PLACE)
    return names.told(client, target, 0)!.chain
  }
  const first = chainAfter(CLIENT, '192.0.2.1')
  expect(first).toEqual(['a.example', 'b.example'])
  expect(chainAfter(OTHER, '192.0.2.2')).toBe(first)
})

test('name memory: one address of an answer, by its words', () => {
  const names = new NameMemory(10)
  const pair = new Int32Array(PAIR_WORDS)
  putAddressText(pair, 0, OTHER)
  putAddressText(pair, ADDRESS_WORDS, '192.0.2.1')
  names.learnAddress(pair, 'a.example', 600, SECOND, 'office.pcap', 7)
  expect(names.told(OTHER, '192.0.2.1', 601 * SECOND)).toEqual({
    chain: ['a.example'],
    timeUs: SECOND,
    sinceUs: SECOND,
    untilUs: 661 * SECOND,
    place: PLACE,
  })
  expect(names.told(CLIENT, '192.0.2.1', SECOND)).toBeUndefined()
  expect(names.namesAt('192.0.2.1', 0)).toEqual(['a.example'])
})

test('name memory: what is no address is not learned', () => {
  const names = new NameMemory(10)
  names.learn('client', 'a.example', answer(address('192.0.2.1')), 0, PLACE)
  names.learn(CLIENT, 'a.example', answer(address('192.0.2.256'), address('x')), 0, PLACE)
  expect(names.told('client', '192.0.2.1', 0)).toBeUndefined()
  expect(names.told(CLIENT, '192.0.2.0', 0)).toBeUndefined()
  expect(names.namesAt('192.0.2.1', 0)).toEqual([])
})

test('name memory: the names an address was given for, by whomever', () => {
  const names = new NameMemory(10)
  names.learn(
    CLIENT,
    'a.example',
    answer(record('a.example', CNAME, 'cdn.example'), record('cdn.example', A, '192.0.2.1')),
    0,
    PLACE,
  )
  names.learn(OTHER, 'b.example', answer(record('b.example', A, '192.0.2.1')), 0, PLACE)
  names.learn(OTHER, 'a.example', answer(address('192.0.2.1')), 0, PLACE)
  expect(names.namesAt('192.0.2.1', 0)).toEqual(['a.example', 'b.example'])
  expect(names.namesAt('192.0.2.2', 0)).toEqual([])
  for (let i = 0; i < 1000; i++)
    names.learn(OTHER, `n${i}.example`, answer(record(`n${i}.example`, A, '192.0.2.1')), 0, PLACE)
  expect(names.namesAt('192.0.2.1', 0).length).toBe(16)
})

test('name memory: a name counts at an address until its answer has run out', () => {
  const names = new NameMemory(10)
  const told = (name: string, ttl: number, timeUs: number) =>
    names.learn(OTHER, name, { answers: [{ ...address('192.0.2.1'), name, ttl }], additionals: [] }, timeUs, PLACE)
  told('a.example', 60, 0)
  expect(names.namesAt('192.0.2.1', 120 * SECOND)).toEqual(['a.example'])
  expect(names.namesAt('192.0.2.1', 121 * SECOND)).toEqual([])
  told('b.example', 600, 100 * SECOND)
  told('a.example', 60, 200 * SECOND)
  expect(names.namesAt('192.0.2.1', 320 * SECOND)).toEqual(['a.example', 'b.example'])
  expect(names.namesAt('192.0.2.1', 321 * SECOND)).toEqual(['b.example'])
  // sixteen are kept: the one that runs out first makes room
  for (let i = 0; i < 15; i++) told(`n${i}.example`, 1000, 400 * SECOND)
  expect(names.namesAt('192.0.2.1', 400 * SECOND)).toContain('b.example')
  told('late.example', 1000, 400 * SECOND)
  expect(names.namesAt('192.0.2.1', 400 * SECOND)).not.toContain('b.example')
  expect(names.namesAt('192.0.2.1', 400 * SECOND)).toContain('late.example')
})

const HINTS: DnsFields = {
  kind: 'svcb',
  priority: 1,
  target: 'edge.example',
  alpn: ['h3'],
  port: 0,
  hints: ['192.0.2.7', '2001:db8::7'],
  echBytes: 0,
}
const SRV = 33
const SERVICE: DnsFields = { kind: 'srv', priority: 0, weight: 0, port: 443, target: 'host.example' }

const given: Array<{ name: string; answers: DnsRecord[]; additionals?: DnsRecord[]; want: string[] }> = [
  {
    name: 'hints of an HTTPS record',
    answers: [{ ...record('a.example', HTTPS, ''), fields: HINTS }],
    want: ['192.0.2.7', '2001:db8::7'],
  },
  {
    name: 'the addresses beside an HTTPS record, of its target',
    answers: [{ ...record('a.example', HTTPS, ''), fields: { ...HINTS, hints: [] } }],
    additionals: [record('edge.example', A, '192.0.2.8'), record('other.example', A, '192.0.2.9')],
    want: ['192.0.2.8'],
  },
  {
    name: 'the address beside an SRV record',
    answers: [{ ...record('a.example', SRV, ''), fields: SERVICE }],
    additionals: [record('host.example', A, '192.0.2.8'), record('ns.example', A, '192.0.2.9')],
    want: ['192.0.2.8'],
  },
  {
    name: 'of other names it says nothing',
    answers: [record('a.example', CNAME, 'b.example'), record('c.example', A, '192.0.2.8')],
    want: [],
  },
  {
    name: 'the records of a chain in any order',
    answers: [record('b.example', A, '192.0.2.8'), record('a.example', CNAME, 'b.example')],
    want: ['192.0.2.8'],
  },
  {
    name: 'what stands beside an answer that leads nowhere is of name servers',
    answers: [address('192.0.2.1')],
    additionals: [record('a.example', A, '192.0.2.9')],
    want: ['192.0.2.1'],
  },
]

for (const { name, answers, additionals = [], want } of given) {
  test(`addresses of an answer: ${name}`, () => {
    expect(addressesOf('a.example', { answers, additionals }).map((one) => one.address)).toEqual(want)
  })
}

test('name memory: of an address with many names the one that runs out first is forgotten, and it is counted', () => {
  const names = new NameMemory(10)
  for (let i = 0; i < 20; i++)
    names.learn(CLIENT, `n${i}.example`, answer(record(`n${i}.example`, A, '192.0.2.1', 60 + i)), i, PLACE)
  expect(names.namesAt('192.0.2.1', 20)).toHaveLength(16)
  expect(names.namesAt('192.0.2.1', 20)).not.toContain('n3.example')
  expect(names.namesForgotten).toBe(4)
})

test('name memory: an address of NAT64 and the IPv4 address that it stands for are one', () => {
  const names = new NameMemory(10)
  names.learn(CLIENT, 'a.example', answer(record('a.example', AAAA, '64:ff9b::c633:6414')), 0, PLACE)
  names.learn(CLIENT, 'b.example', answer(record('b.example', A, '198.51.100.21')), 0, PLACE)
  expect(names.told(CLIENT, '198.51.100.20', 1)?.chain).toEqual(['a.example'])
  expect(names.told(CLIENT, '64:ff9b::c633:6415', 1)?.chain).toEqual(['b.example'])
  expect(names.namesAt('64:ff9b::c633:6415', 1)).toEqual(['b.example'])
})
