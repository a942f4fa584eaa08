import fc from 'fast-check'
import { expect, test } from 'vitest'
import { looksLikeDns } from '../../../src/protocol/dns/probe.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'
import { message, name, pointer, question, record } from './messages.ts'

const looks = (bytes: Uint8Array): boolean => parseTwice(bytes, looksLikeDns)

const ask = [question('chat.deepseek.com')]
const edns = record('', 41, hex(''), { dnsClass: 1232 })
const address = record(pointer(12), 1, hex('c0000201'))

const dns: Array<[story: string, bytes: Uint8Array]> = [
  ['a question', message({ questions: ask })],
  ['a question with EDNS', message({ flags: 0x0120, questions: ask, additionals: [edns] })],
  ['a question for HTTPS', message({ questions: [question('_8443._https.deepseek.com', 65)] })],
  ['an answer', message({ flags: 0x8180, questions: ask, answers: [address], additionals: [edns] })],
  ['no such name', message({ flags: 0x8183, questions: ask })],
]

test.each(dns)('%s is DNS', (_, bytes) => {
  expect(looks(bytes)).toBe(true)
})

const others: Array<[story: string, bytes: Uint8Array]> = [
  ['nothing', hex('')],
  ['zeros', Buffer.alloc(64)],
  ['a header alone', message({ claims: { questions: 1 } })],
  ['a byte behind a question', Buffer.concat([message({ questions: ask }), hex('00')])],
  [
    'a byte behind an answer',
    Buffer.concat([message({ flags: 0x8180, questions: ask, answers: [address] }), hex('00')]),
  ],
  ['two questions', message({ questions: [...ask, ...ask] })],
  ['no question', message({ flags: 0x8400, answers: [record('a.local', 1, hex('c0000201'))] })],
  ['a question for the root', message({ questions: [question('', 2)] })],
  ['a name with a character no host has', message({ questions: [question('a!b.example')] })],
  ['a name that begins with a pointer', message({ questions: [question(pointer(0))] })],
  ['a class that is not IN', message({ questions: [question('a.example', 1, 3)] })],
  ['a type nobody asks for', message({ questions: [question('a.example', 65280)] })],
  ['another operation', message({ flags: 0x2800, questions: ask })],
  ['the reserved bit', message({ flags: 0x0140, questions: ask })],
  ['the reserved bit in an answer', message({ flags: 0x81c0, questions: ask })],
  ['a response code in a question', message({ flags: 0x0103, questions: ask })],
  ['a response code that is rare', message({ flags: 0x818f, questions: ask })],
  ['answers in a question', message({ questions: ask, answers: [address] })],
  ['two EDNS records in a question', message({ questions: ask, additionals: [edns, edns] })],
  ['too many records', message({ flags: 0x8180, questions: ask, answers: Array<Buffer>(129).fill(address) })],
  [
    'an address of another length',
    message({ flags: 0x8180, questions: ask, answers: [record(pointer(12), 28, hex('c0000201'))] }),
  ],
  [
    'a record of another class',
    message({ flags: 0x8180, questions: ask, answers: [record('a', 1, hex('c0000201'), { dnsClass: 2 })] }),
  ],
  ['an answer that is not there', message({ flags: 0x8180, questions: ask, claims: { answers: 1 } })],
  ['QUIC', hex('c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8ba')],
  ['NTP', hex(`23020aec00000000000000000a000001${'00'.repeat(32)}`)],
  ['STUN', hex('000100002112a442b7e7a701bc34d686fa87dfae')],
  ['a NetBIOS question', hex(`e6a0011000010000000000002045${'46'.repeat(31)}0000200001`)],
]

test.each(others)('%s is not', (_, bytes) => {
  expect(looks(bytes)).toBe(false)
})

test('every beginning of DNS is not', () => {
  for (const [, bytes] of dns)
    for (let length = 0; length < bytes.length; length++) expect(looks(bytes.subarray(0, length))).toBe(false)
})

test('random bytes are not, also behind a header that is right', () => {
  const header = message({ claims: { questions: 1 } })
  const noise = fc.uint8Array({ maxLength: 60 })
  fc.assert(
    fc.property(noise, (bytes) => !looksLikeDns(bytes, 0, bytes.length)),
    fuzz(2000),
  )
  fc.assert(
    fc.property(noise, (bytes) => !looks(Buffer.concat([header, name('a'), bytes.subarray(3)]))),
    fuzz(500),
  )
})
