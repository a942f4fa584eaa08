import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MALFORMED_LENGTH, MALFORMED_VALUE } from '../../../src/bytes/outcome.ts'
import { type DnsFacts, dnsFacts, questionsOf } from '../../../src/protocol/dns/facts.ts'
import { DnsMessage, isAnswer, readMessage } from '../../../src/protocol/dns/message.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'
import { message, name, pointer, question, record } from './messages.ts'

interface Result {
  outcome: number
  isWhole: boolean
  facts: DnsFacts
  judged: DnsFacts['questions']
}

function read(input: Uint8Array): Result {
  return parseTwice(input, (bytes, start, end) => {
    const into = new DnsMessage()
    const outcome = readMessage(bytes, start, end, into)
    return {
      outcome: outcome < 0 ? outcome : outcome - start,
      isWhole: into.isWhole,
      facts: dnsFacts(into, 'dns'),
      judged: questionsOf(into, 'dns'),
    }
  })
}

const ADDRESS = hex('c0000201')
const toQuestion = pointer(12)

/** A complete answer: an alias, its address, the name server, its address, EDNS. */
const complete = message({
  flags: 0x8180,
  questions: [question('chat.deepseek.com')],
  answers: [record(toQuestion, 5, name('cdn.example')), record('cdn.example', 1, ADDRESS, { ttl: 7 })],
  authorities: [record('example', 2, name('ns.example'))],
  additionals: [
    record('ns.example', 28, hex('20010db8 00000000 00000000 00000035')),
    record('', 41, hex(''), { dnsClass: 1232 }),
  ],
})

test('all sections of an answer are read', () => {
  const { outcome, isWhole, facts } = read(complete)
  expect(outcome).toBe(complete.length)
  expect(isWhole).toBe(true)
  expect(facts).toEqual({
    service: 'dns',
    answer: true,
    id: 0x1234,
    flags: 0x8180,
    questions: [{ name: 'chat.deepseek.com', type: 1 }],
    answers: [
      { name: 'chat.deepseek.com', type: 5, ttl: 60, data: 'cdn.example', dataBytes: 13 },
      { name: 'cdn.example', type: 1, ttl: 7, data: '192.0.2.1', dataBytes: 4 },
    ],
    authorities: [{ name: 'example', type: 2, ttl: 60, data: 'ns.example', dataBytes: 12 }],
    additionals: [
      { name: 'ns.example', type: 28, ttl: 60, data: '2001:db8::35', dataBytes: 16 },
      {
        name: '',
        type: 41,
        ttl: 60,
        data: 'version=0 udp=1232',
        dataBytes: 0,
        fields: { kind: 'opt', udpBytes: 1232, extendedRcode: 0, version: 0, dnssecOk: false, options: [] },
      },
    ],
  })
})

interface Kept {
  outcome?: number
  isWhole?: boolean
  questions?: string[]
  /** Of the questions that are only shown: why. */
  unreadable?: string[]
  answers?: string[]
  additionals?: string[]
}

const stories: Array<[story: string, bytes: Uint8Array, kept: Kept]> = [
  ['no byte', hex(''), { outcome: MALFORMED_LENGTH }],
  ['eleven bytes', hex('1234 0100 0000 0000 0000 00'), { outcome: MALFORMED_LENGTH }],
  ['a header that claims nothing', message({}), { outcome: 12, isWhole: true }],
  [
    'a question without its type',
    message({ questions: [name('a')] }),
    { outcome: MALFORMED_LENGTH, unreadable: ['cut "a" 0'] },
  ],
  [
    'a question without the end of its name',
    message({ questions: [hex('0161')] }),
    { outcome: MALFORMED_LENGTH, unreadable: ['cut "" 0'] },
  ],
  ['a count of questions and nothing else', message({ claims: { questions: 1 } }), { unreadable: ['cut "" 0'] }],
  [
    'a question that is a loop',
    message({ questions: [question(pointer(12))] }),
    { isWhole: true, unreadable: ['loop "" 1'] },
  ],
  [
    'a question with a reserved label, behind which nothing can be found',
    message({ questions: [question(hex('8000'))], answers: [record('a', 1, ADDRESS)] }),
    { outcome: MALFORMED_VALUE, unreadable: ['label "" 0'] },
  ],
  [
    'a question that is too long',
    message({ questions: [question(name([...Array<string>(126).fill('a'), 'aa']))] }),
    { isWhole: true, unreadable: ['long "" 1'] },
  ],
  [
    'a question that is a loop, before one that is none, and an answer',
    message({ questions: [question(pointer(12)), question('b')], answers: [record('b', 1, ADDRESS)] }),
    { isWhole: true, questions: ['b'], unreadable: ['loop "" 1'], answers: ['192.0.2.1'] },
  ],
  [
    'a question with a pointer to the next one, which a public resolver answers',
    message({ questions: [question(pointer(18)), question('codemonkey.net')] }),
    { isWhole: true, questions: ['codemonkey.net', 'codemonkey.net'] },
  ],
  [
    'a count of questions that lies',
    message({ questions: [question('a.example')], claims: { questions: 10 } }),
    { isWhole: false, questions: ['a.example'], unreadable: ['cut "" 0'] },
  ],
  [
    'counts of 65,535 everywhere',
    message({ questions: [question('a.example')], claims: { questions: 65535, answers: 65535, authorities: 65535 } }),
    { isWhole: false, questions: ['a.example'], unreadable: ['cut "" 0'] },
  ],
  [
    'an answer before one that is cut off',
    message({
      questions: [question('a')],
      answers: [record('a', 1, ADDRESS), record('a', 1, ADDRESS, { dataBytes: 5 })],
    }),
    { outcome: 36, isWhole: false, questions: ['a'], answers: ['192.0.2.1'] },
  ],
  [
    'a record between others whose name is a loop',
    message({ answers: [record('a', 1, ADDRESS), record(pointer(29), 1, ADDRESS), record('b', 1, hex('c0000202'))] }),
    { isWhole: true, answers: ['192.0.2.1', '192.0.2.2'] },
  ],
  [
    'a second question that cannot be read, before an answer',
    message({ questions: [question('a'), question(pointer(19))], answers: [record('a', 1, ADDRESS)] }),
    { isWhole: true, questions: ['a'], unreadable: ['loop "" 1'], answers: ['192.0.2.1'] },
  ],
  [
    'an alias that runs on into the next record',
    message({ answers: [record('a', 5, hex('0161')), record('', 1, ADDRESS)] }),
    { isWhole: true, answers: ['', '192.0.2.1'] },
  ],
  [
    'an address of five bytes',
    message({ answers: [record('a', 1, hex('c000020100')), record('a', 28, ADDRESS)] }),
    { isWhole: true, answers: ['', ''] },
  ],
  [
    'an operation that nobody knows',
    message({ flags: 0x7800, questions: [question('a')] }),
    { isWhole: true, questions: ['a'] },
  ],
  [
    'bytes behind the message',
    Buffer.concat([message({ questions: [question('a')] }), hex('deadbeef')]),
    { outcome: 19, isWhole: true, questions: ['a'] },
  ],
  [
    'glue alone',
    message({ flags: 0x8000, questions: [question('a')], additionals: [record('ns.a', 1, ADDRESS)] }),
    { isWhole: true, questions: ['a'], additionals: ['192.0.2.1'] },
  ],
]

test.each(stories)('%s', (_, bytes, kept) => {
  const { outcome, isWhole, facts, judged } = read(bytes)
  if (kept.outcome !== undefined) expect(outcome).toBe(kept.outcome)
  expect(isWhole).toBe(kept.isWhole ?? false)
  const readable = facts.questions.filter(({ unreadable }) => unreadable === undefined)
  const shown = facts.questions.flatMap((q) => (q.unreadable ? `${q.unreadable} "${q.name}" ${q.type}` : []))
  expect(readable.map((entry) => entry.name)).toEqual(kept.questions ?? [])
  expect(judged, 'what others judge by').toEqual(readable)
  expect(shown).toEqual(kept.unreadable ?? [])
  expect(facts.answers.map((entry) => entry.data)).toEqual(kept.answers ?? [])
  expect(facts.additionals.map((entry) => entry.data)).toEqual(kept.additionals ?? [])
})

test('more entries than the limit are left out', () => {
  const records = Array<Buffer>(600).fill(record('', 1, ADDRESS))
  const { outcome, isWhole, facts } = read(message({ answers: records }))
  expect(facts.answers).toHaveLength(512)
  expect(isWhole).toBe(false)
  expect(outcome).toBe(12 + 512 * 15)
})

test('a message that is read after another one shows nothing of it', () => {
  const into = new DnsMessage()
  readMessage(complete, 0, complete.length, into)
  for (const next of [hex(''), message({ claims: { questions: 1 } }), hex('0001 0000 0001 0000 0000 0000 41')]) {
    readMessage(next, 0, next.length, into)
    expect(into.isWhole).toBe(false)
    expect(allOf(dnsFacts(into, 'dns'))).toEqual([])
  }
})

test('every beginning of a message gives a beginning of what it says', () => {
  const whole = allOf(read(complete).facts)
  for (let length = 0; length < complete.length; length++) {
    const { isWhole, facts } = read(complete.subarray(0, length))
    expect(isWhole).toBe(false)
    const part = allOf(facts)
    expect(part).toEqual(whole.slice(0, part.length))
  }
})

describe('whatever the bytes', () => {
  const noise = fc.array(fc.constantFrom(0, 1, 2, 4, 5, 12, 16, 28, 33, 41, 0x61, 0xc0, 0xff), { maxLength: 80 })

  test('nothing is read outside, and all text is printable ASCII', () => {
    let records = 0
    fc.assert(
      fc.property(noise, fc.nat(complete.length), (list, cut) => {
        const bytes = Buffer.concat([complete.subarray(0, cut), Uint8Array.from(list)])
        const { outcome, facts } = read(bytes)
        expect(outcome).toBeLessThanOrEqual(bytes.length)
        for (const text of allOf(facts)) expect(text).toMatch(/^[ -~]*$/)
        records += facts.answers.length
      }),
      fuzz(1000),
    )
    expect(records).toBeGreaterThan(100)
  })
})

test('one bit makes it an answer', () => {
  expect([isAnswer(0x8000), isAnswer(0x7fff)]).toEqual([true, false])
})

/** All that was read. */
function allOf({ questions, answers, authorities, additionals }: DnsFacts): string[] {
  const records = [...answers, ...authorities, ...additionals]
  return [
    ...questions.flatMap((entry) => (entry.unreadable ? [] : entry.name)),
    ...records.map((entry) => `${entry.name} ${entry.type} ${entry.data}`),
  ]
}
