import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE } from '../../../src/bytes/outcome.ts'
import { type DnsMessage, isAnswer, readMessage } from '../../../src/protocol/dns/message.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { A, AAAA, CNAME, dnsAnswer, dnsQuestion, HTTPS, NXDOMAIN, wireName } from '../../support/dns-message.ts'
import { u16 } from '../../support/frames.ts'
import { fuzz } from '../../support/random.ts'

/** The message and how many of its bytes were read, or the outcome. */
function read(input: Uint8Array): (DnsMessage & { bytes: number }) | number {
  return parseTwice(input, (bytes, start, end) => {
    const message: DnsMessage = { id: 0, flags: 0, questions: [], answers: [] }
    const next = readMessage(bytes, start, end, message)
    return next < 0 ? next : { ...message, bytes: next - start }
  })
}

const NAME = 'chat.example.com'
const QUESTION = dnsQuestion(NAME)
const asked = { id: 0x2677, flags: 0x0100, questions: [{ name: NAME, type: A }], answers: [] }

/** An answer of a DNS server on Linux, as recorded, with compression; tshark reads the same. */
const RECORDED = hex(`
  595a 8580 0001 0002 0000 0000
  03617069 08646565707365656b 03636f6d 00 0001 0001       # api.deepseek.com, A
  c00c 0005 0001 0000003c 001f                            # it is an alias of
  0e643362627638737237366 17a3573 0a636c6f756466726f6e74 036e6574 00
  c02e 0001 0001 0000003c 0004 c6336415                   # and that is at 198.51.100.21
`)

test('dns message: what a server on Linux sent', () => {
  const [name, target] = ['api.deepseek.com', 'd3bbv8sr76az5s.cloudfront.net']
  expect(read(RECORDED)).toEqual({
    id: 0x595a,
    flags: 0x8580,
    questions: [{ name, type: A }],
    answers: [
      { name, type: CNAME, ttl: 60, data: target, dataBytes: 31 },
      { name: target, type: A, ttl: 60, data: '198.51.100.21', dataBytes: 4 },
    ],
    bytes: RECORDED.length,
  })
})

test('dns message: record data is read by its length, and a name in it by its own', () => {
  // the length says 2, and the name in the data goes on for 11 bytes: the next record begins inside of it
  const record = Buffer.concat([u16(0xc00c), u16(CNAME), u16(1), Buffer.alloc(4), u16(2), wireName('cdn.example')])
  const got = read(Buffer.concat([dnsAnswer(NAME, [], { answerCount: 2 }), record]))
  expect(got).toMatchObject({ answers: [{ name: NAME, type: CNAME, data: 'cdn.example', dataBytes: 2 }] })
})

const answer = (...answers: Parameters<typeof dnsAnswer>[1]): Buffer => dnsAnswer(NAME, answers)
const address = { name: NAME, type: A, ttl: 60, data: '192.0.2.1' }
const ADDRESS = { name: NAME, type: A, ttl: 60, data: '192.0.2.1', dataBytes: 4 }

const stories: Array<{ name: string; input: Uint8Array; want: unknown }> = [
  { name: 'a question', input: QUESTION, want: { ...asked, bytes: QUESTION.length } },
  { name: 'an address', input: answer(address), want: { answers: [ADDRESS], flags: 0x8180 } },
  {
    name: 'an IPv6 address',
    input: answer({ name: NAME, type: AAAA, data: '2001:db8::1' }),
    want: { answers: [{ type: AAAA, data: '2001:db8::1', dataBytes: 16 }] },
  },
  {
    name: 'an alias and an address',
    input: answer({ name: NAME, type: CNAME, data: 'a.cdn.example' }, { ...address, name: 'a.cdn.example' }),
    want: { answers: [{ data: 'a.cdn.example' }, { name: 'a.cdn.example', data: '192.0.2.1' }] },
  },
  {
    name: 'a record we do not read has its length only',
    input: answer({ name: NAME, type: HTTPS, data: Buffer.alloc(30) }),
    want: { answers: [{ type: HTTPS, data: '', dataBytes: 30 }] },
  },
  {
    name: 'an address of five bytes',
    input: answer({ name: NAME, type: A, data: Buffer.alloc(5) }),
    want: { answers: [{ type: A, data: '', dataBytes: 5 }] },
  },
  {
    name: 'an address of no bytes',
    input: answer({ name: NAME, type: A, data: Buffer.alloc(0) }),
    want: { answers: [{ type: A, data: '', dataBytes: 0 }] },
  },
  {
    name: 'an IPv6 address of four bytes',
    input: answer({ name: NAME, type: AAAA, data: Buffer.alloc(4) }),
    want: { answers: [{ data: '', dataBytes: 4 }] },
  },
  {
    name: 'an alias that points into a loop: the record stays, its text does not',
    input: answer({ name: NAME, type: CNAME, data: hex('c0ff') }, address),
    want: { answers: [{ type: CNAME, data: '', dataBytes: 2 }, ADDRESS] },
  },
  { name: 'the highest TTL', input: answer({ ...address, ttl: 0xffffffff }), want: { answers: [{ ttl: 4294967295 }] } },
  {
    name: 'no such name',
    input: dnsAnswer(NAME, [], { flags: NXDOMAIN }),
    want: { flags: NXDOMAIN, answers: [], questions: [{ name: NAME, type: A }] },
  },
  {
    name: 'an answer without its question',
    input: dnsAnswer('', [], { questionCount: 0 }),
    want: { questions: [], answers: [] },
  },
  { name: 'the highest type', input: dnsQuestion(NAME, { type: 65_535 }), want: { questions: [{ type: 65_535 }] } },
  {
    name: 'a name with a new line and an escape',
    input: dnsQuestion('a\n\x1b[2J.example'),
    want: { questions: [{ name: 'a\n\x1b[2j.example' }] },
  },
  {
    name: 'it claims 65,535 questions and has one',
    input: dnsQuestion(NAME, { questionCount: 65_535 }),
    want: { questions: asked.questions, answers: [] },
  },
  {
    name: 'it claims 65,535 answers and has one',
    input: dnsAnswer(NAME, [address], { answerCount: 65_535 }),
    want: { answers: [ADDRESS] },
  },
  {
    name: 'it claims no answers and has one',
    input: dnsAnswer(NAME, [address], { answerCount: 0 }),
    want: { answers: [] },
  },
  {
    name: 'it claims no question and has one: what stands there is read as an answer, and is none',
    input: dnsAnswer(NAME, [address], { questionCount: 0 }),
    want: { questions: [], answers: [] },
  },
  {
    name: 'two questions',
    input: dnsQuestion(NAME, { questionCount: 2, answers: [] }),
    want: { questions: asked.questions },
  },
  {
    name: 'rubbish behind it',
    input: Buffer.concat([QUESTION, Buffer.alloc(20, 0xff)]),
    want: { ...asked, bytes: QUESTION.length },
  },
  {
    name: 'a broken record behind a good one',
    input: Buffer.concat([dnsAnswer(NAME, [address], { answerCount: 2 }), hex('40 ff ff')]),
    want: { answers: [ADDRESS] },
  },
  {
    name: 'a record whose data is longer than the message',
    input: dnsAnswer(NAME, [address, { ...address, data: Buffer.alloc(9) }]).subarray(0, -1),
    want: { answers: [ADDRESS] },
  },
  { name: 'nothing', input: hex(''), want: MALFORMED_LENGTH },
  { name: 'eleven bytes', input: QUESTION.subarray(0, 11), want: MALFORMED_LENGTH },
  {
    name: 'a header alone, with nothing in it',
    input: hex('1234 8180 0000 0000 0000 0000'),
    want: { id: 0x1234, questions: [], answers: [], bytes: 12 },
  },
  { name: 'a header alone that claims a question', input: QUESTION.subarray(0, 12), want: MALFORMED_LENGTH },
  {
    name: 'a question whose name is broken',
    input: Buffer.concat([QUESTION.subarray(0, 12), hex('c0ff 0001 0001')]),
    want: MALFORMED_LENGTH,
  },
  { name: 'an opcode that is none', input: dnsQuestion(NAME, { flags: 3 << 11 }), want: MALFORMED_VALUE },
  { name: 'the highest opcode', input: dnsQuestion(NAME, { flags: 15 << 11 }), want: MALFORMED_VALUE },
  { name: 'an update', input: dnsQuestion(NAME, { flags: 5 << 11 }), want: { flags: 5 << 11 } },
]

for (const { name, input, want } of stories) {
  test(`dns message: ${name}`, () => {
    const got = read(input)
    if (typeof want === 'number') expect(got).toBe(want)
    else expect(got).toMatchObject(want as object)
  })
}

test('dns message: every prefix keeps what was whole', () => {
  const records = [address, { name: NAME, type: CNAME, data: 'b.example' }, { ...address, data: '192.0.2.2' }]
  const ends = [0, 1, 2, 3].map((count) => dnsAnswer(NAME, records.slice(0, count)).length)
  const whole = dnsAnswer(NAME, records)
  for (let length = 0; length <= whole.length; length++) {
    const got = read(whole.subarray(0, length))
    if (length < ends[0]!) expect(got, `first ${length} bytes`).toBe(MALFORMED_LENGTH)
    else
      expect((got as DnsMessage).answers.length, `first ${length} bytes`).toBe(
        ends.filter((end) => end <= length).length - 1,
      )
  }
})

test('dns message: records of no bytes, as many as fit, are not followed for ever', () => {
  const empty = Buffer.concat([Buffer.of(0), u16(A), u16(1), Buffer.alloc(4), u16(0)])
  const message = Buffer.concat([dnsAnswer('', [], { answerCount: 65_535 }), ...Array<Buffer>(5000).fill(empty)])
  expect((read(message) as DnsMessage).answers.length).toBe(512)
  const question = Buffer.concat([Buffer.of(0), u16(A), u16(1)])
  const questions = Buffer.concat([hex('0000 0100 ffff 0000 0000 0000'), ...Array<Buffer>(5000).fill(question)])
  expect(read(questions)).toBe(LIMIT_REACHED)
})

test('dns message: compressed names point into the whole message', () => {
  const record = Buffer.concat([u16(0xc00c), u16(CNAME), u16(1), Buffer.alloc(4), u16(4), hex('0161 c011')])
  const message = Buffer.concat([dnsAnswer(NAME, [], { answerCount: 1 }), record])
  expect(read(message)).toMatchObject({ answers: [{ name: NAME, data: 'a.example.com' }], bytes: message.length })
})

test('dns message: any damage gives a message or an outcome, inside the input', () => {
  const whole = dnsAnswer(NAME, [
    { name: NAME, type: CNAME, data: 'b.example' },
    address,
    { name: 'b.example', type: AAAA, data: '::1' },
  ])
  const met = { whole: 0, partly: 0, [MALFORMED_LENGTH]: 0, [MALFORMED_VALUE]: 0 }
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (damage) => {
      const damaged = Buffer.from(whole)
      for (const [at, value] of damage) damaged[at] = value
      const got = read(damaged)
      const kind = typeof got === 'number' ? got : got.answers.length === 3 ? 'whole' : 'partly'
      met[kind as keyof typeof met]++
    }),
    fuzz(3000),
  )
  for (const [kind, times] of Object.entries(met)) expect(times, kind).toBeGreaterThan(20)
})

test('dns flags: answer or question', () => {
  expect([0x0100, 0x7fff, 0x8000, NXDOMAIN].map(isAnswer)).toEqual([false, false, true, true])
})
