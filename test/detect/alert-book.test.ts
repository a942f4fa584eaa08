import { describe, expect, test } from 'vitest'
import { AlertBook } from '../../src/detect/alert-book.ts'
import { ANSWERED, NO_ANSWER } from '../../src/detect/answer.ts'
import { Company } from '../../src/detect/company.ts'
import { ContactBook } from '../../src/detect/contact.ts'
import type { Finding } from '../../src/detect/finding.ts'
import type { FlowFacts } from '../../src/detect/flow-facts.ts'
import { type Evidence, QUIET_GAP_US } from '../../src/events/alert.ts'
import type { AlertUpdate } from '../../src/events/batch.ts'
import { ACME, domain, rule } from '../support/acme.ts'

const SECOND = 1e6
const MATCH = { pack: ACME, rule: rule('r', { service: 'Acme' }), indicator: domain('acme.example') }

const ADDRESS = { bytes: new Uint8Array(4), at: 0, length: 4 }

type Flow = { -readonly [K in keyof FlowFacts]: FlowFacts[K] }

function flow(changes: Partial<Flow> = {}): Flow {
  const ref = {
    id: 7,
    protocol: 'TCP' as const,
    clientIp: '192.0.2.10',
    clientPort: 51_000,
    serverIp: '198.51.100.7',
    serverPort: 443,
    communityId: '1:x',
    vlans: [],
    clientMac: '',
    serverMac: '',
  }
  return {
    ref,
    startUs: 0,
    lastUs: 0,
    packetsOut: 1,
    packetsIn: 0,
    bytesOut: 60,
    bytesIn: 0,
    client: ADDRESS,
    server: ADDRESS,
    goal: { ip: '198.51.100.7', address: ADDRESS, isByProxy: false },
    answer: NO_ANSWER,
    forwardedFor: [],
    rhythm: undefined,
    ...changes,
  }
}

const seen = (value: string, kind: Evidence['kind'] = 'tls_sni'): Evidence => ({
  kind,
  value,
  packet: 1,
  file: 'f',
  time: '',
})

function finding(id: string, changes: Partial<Finding> = {}): Finding {
  return {
    id,
    match: MATCH,
    basis: 'visible_name',
    evidence: [seen('acme.example')],
    reasons: ['First.', 'Second.'],
    server: { ip: '198.51.100.7', port: 443 },
    flow: flow(),
    timeUs: 0,
    lasts: 'flow',
    ...changes,
  }
}

const bookOf = (limit = 100): AlertBook =>
  new AlertBook({
    sensor: 's',
    run: 'r',
    limit,
    contacts: new ContactBook(100),
    company: new Company(ACME.rules, 100),
    whoIs: () => ({ role: 'host', name: '' }),
  })
const words = (updates: AlertUpdate[]): string[] =>
  updates.map(({ alert, final }) => `${alert.id}${final ? ' final' : ''}`)

describe('an alert of a flow', () => {
  test('is written when it is new, when the server answers, and at its end', () => {
    const book = bookOf()
    const facts = flow()
    book.raise(finding('a', { flow: facts }))
    expect(book.ready).toBe(1)
    expect(words(book.drain())).toEqual(['a'])
    expect([book.ready, words(book.drain())], 'nothing changed').toEqual([0, []])
    facts.answer = ANSWERED
    facts.bytesIn = 500
    facts.lastUs = 3 * SECOND
    book.flowChanged(facts)
    expect(book.drain()[0]!.alert).toMatchObject({
      attempt: false,
      confidence: 'high',
      bytes_in: 500,
      last_seen: '1970-01-01T00:00:03.000000Z',
    })
    book.flowEnded(facts)
    expect(words(book.drain())).toEqual(['a final'])
    book.flowEnded(facts)
    book.flowChanged(facts)
    expect(book.drain(), 'a flow that is over').toEqual([])
    expect(book.raised).toBe(1)
  })

  test('that is new and over between two looks is written once, as final', () => {
    const book = bookOf()
    const facts = flow()
    book.raise(finding('a', { flow: facts }))
    book.flowEnded(facts)
    expect(words(book.drain())).toEqual(['a final'])
  })

  test('two rules on one flow end together', () => {
    const book = bookOf()
    const facts = flow()
    book.raise(finding('a', { flow: facts }))
    book.raise(finding('b', { flow: facts }))
    book.flowEnded(facts)
    expect(words(book.drain()).sort()).toEqual(['a final', 'b final'])
  })

  test('is refreshed once a minute of silence about it', () => {
    const book = bookOf()
    book.raise(finding('a'))
    book.drain()
    book.advance(60 * SECOND)
    expect(words(book.drain())).toEqual([])
    book.advance(60 * SECOND + 1)
    expect(words(book.drain())).toEqual(['a'])
    book.advance(120 * SECOND)
    expect(words(book.drain())).toEqual([])
  })

  test('says what is known of the answer behind the first reason, and of a doubtful indicator at the end', () => {
    const book = bookOf()
    const match = { ...MATCH, indicator: domain('rumoured.example', { confidence: 'low' }) }
    book.raise(finding('a', { match, flow: flow({ answer: ANSWERED }) }))
    book.raise(finding('b'))
    expect(book.drain().map(({ alert }) => alert.reasons)).toEqual([
      ['First.', 'The server answered.', 'Second.', 'How sure we are that the indicator belongs to Acme: low.'],
      ['First.', 'No answer of the server was seen: an attempt.', 'Second.'],
    ])
  })
})

describe('an alert of several flows', () => {
  const hour = (id: string, facts: Flow, timeUs: number): Finding =>
    finding(id, { basis: 'hosting_network', flow: facts, timeUs, lasts: 3600 * SECOND })

  test('counts them, adds them up, and is over when its time and its flows are', () => {
    const book = bookOf()
    const first = flow({ startUs: 5 * SECOND, lastUs: 6 * SECOND, bytesOut: 10, bytesIn: 1 })
    const second = flow({ startUs: 8 * SECOND, lastUs: 9 * SECOND, bytesOut: 20, bytesIn: 2, answer: ANSWERED })
    book.raise(hour('a', first, 5 * SECOND))
    book.flowEnded(first)
    book.raise(hour('a', second, 8 * SECOND))
    expect(book.drain().at(-1)!.alert).toMatchObject({
      count: 2,
      bytes_out: 30,
      bytes_in: 3,
      packets_out: 2,
      attempt: false,
      first_seen: '1970-01-01T00:00:05.000000Z',
      last_seen: '1970-01-01T00:00:09.000000Z',
    })
    book.advance(3601 * SECOND)
    expect(words(book.drain()), 'a flow goes on').toEqual(['a'])
    book.flowEnded(second)
    book.advance(3602 * SECOND)
    expect(words(book.drain())).toEqual(['a final'])
  })

  test('the same flow twice is one flow', () => {
    const book = bookOf()
    const facts = flow({ bytesOut: 10 })
    book.raise(hour('a', facts, 0))
    book.raise(hour('a', facts, 1))
    book.flowEnded(facts)
    expect(book.drain()[0]!.alert).toMatchObject({ count: 1, bytes_out: 10 })
  })
})

describe('an alert of messages', () => {
  const question = (timeUs: number): Finding =>
    finding('d', {
      basis: 'asked',
      evidence: [seen('a.example', 'dns_question')],
      reasons: ['Asked.'],
      timeUs,
      lasts: 'contact',
    })
  const answer = (timeUs: number): Finding =>
    finding('d', {
      basis: 'resolved',
      evidence: [seen('a.example', 'dns_answer')],
      reasons: ['Resolved.'],
      timeUs,
      lasts: 'contact',
    })
  const OUT = { bytes: 80, isQuestion: true }
  const BACK = { bytes: 120, isQuestion: false }

  test('a question and its answer are one; an answer alone counts itself', () => {
    const book = bookOf()
    book.raise(question(0), OUT)
    book.raise(answer(1), BACK)
    expect(book.drain()[0]!.alert).toMatchObject({
      count: 1,
      bytes_out: 80,
      bytes_in: 120,
      packets_out: 1,
      packets_in: 1,
      confidence: 'medium',
      attempt: false,
      reasons: ['Resolved.'],
    })
    const alone = bookOf()
    alone.raise(answer(1), BACK)
    expect(alone.drain()[0]!.alert).toMatchObject({ count: 1, bytes_out: 0, bytes_in: 120 })
  })

  test('a weaker finding adds to the count and takes nothing back', () => {
    const book = bookOf()
    book.raise(answer(0), BACK)
    book.raise(question(1), OUT)
    expect(book.drain()[0]!.alert).toMatchObject({ count: 2, confidence: 'medium', reasons: ['Resolved.'] })
    expect(book.raised).toBe(1)
  })

  test('is over when its contact is', () => {
    const book = bookOf()
    book.raise(question(0), OUT)
    book.drain()
    book.advance(QUIET_GAP_US)
    expect(words(book.drain())).toEqual([])
    book.raise(finding('f', { timeUs: QUIET_GAP_US, flow: flow({ startUs: QUIET_GAP_US }) })) // the contact goes on by something else
    book.advance(2 * QUIET_GAP_US)
    expect(words(book.drain())).not.toContain('d final')
    book.advance(4 * QUIET_GAP_US)
    expect(words(book.drain())).toContain('d final')
  })
})

test('alert book: evidence is kept once, and no more than 16 of it', () => {
  const book = bookOf()
  const evidence = [seen('x')]
  const facts = flow()
  book.raise(finding('a', { evidence, flow: facts }))
  for (let i = 0; i < 50; i++) book.raise(finding('a', { evidence: [seen('x'), seen(`n${i}`)], flow: facts }))
  const [update] = book.drain()
  expect(update!.alert.evidence.map(({ value }) => value)).toEqual([
    'x',
    ...Array.from({ length: 15 }, (_, i) => `n${i}`),
  ])
  expect(update!.alert.count).toBe(1)
})

test('alert book: what was written does not change afterwards', () => {
  const book = bookOf()
  const facts = flow()
  book.raise(finding('a', { flow: facts }))
  const [first] = book.drain()
  const before = structuredClone(first!.alert)
  facts.bytesOut = 999
  book.raise(finding('a', { flow: facts, evidence: [seen('later')] }))
  book.flowEnded(facts)
  expect(first!.alert).toEqual(before)
})

test('alert book: when too many are open the oldest is closed, once, and counted', () => {
  const book = bookOf(2)
  const flows = [flow(), flow(), flow()]
  flows.forEach((facts, i) => {
    book.raise(finding(`a${i}`, { flow: facts }))
  })
  expect(words(book.drain())).toEqual(['a0 final', 'a1', 'a2'])
  expect(book.closedEarly).toBe(1)
  book.flowEnded(flows[0]!)
  expect(words(book.drain()), 'its flow ends later').toEqual([])
  book.advance(1000 * SECOND)
  expect(words(book.drain()), 'it is not looked at any more').toEqual(['a1', 'a2'])
  book.finish()
  expect(words(book.drain())).toEqual(['a1 final', 'a2 final'])
  book.finish()
  expect(book.drain()).toEqual([])
})
