import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE } from '../../../src/bytes/outcome.ts'
import { NameBuffer, readName } from '../../../src/protocol/dns/name.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { wireName } from '../../support/dns-message.ts'
import { u16 } from '../../support/frames.ts'
import { fuzz } from '../../support/random.ts'

/** The name at `at` and where the reader goes on, or the outcome. One buffer serves all, as in the program. */
function read(message: Uint8Array, at = 0): { name: string; next: number } | number {
  return parseTwice(message, (bytes, start, end) => {
    const next = readName(bytes, start, end, start + at, buffer)
    return next < 0 ? next : { name: buffer.toString(), next: next - start }
  })
}

const buffer = new NameBuffer()
const label = (bytes: number): string => 'x'.repeat(bytes)
const LONGEST = [63, 63, 63, 61].map(label).join('.') // 64 + 64 + 64 + 62 + 1 = 255 bytes on the wire
const pointer = (to: number): Buffer => u16(0xc000 | to)

/** Each link of the chain is a label of one byte and a pointer to the link before. */
function chain(links: number): Buffer {
  const parts: Buffer[] = [hex('0161 00') as Buffer]
  for (let i = 0; i < links; i++) parts.push(Buffer.concat([hex('0162'), pointer(i === 0 ? 0 : 3 + 4 * (i - 1))]))
  return Buffer.concat(parts)
}

/** Pointers only, each to the one before; the first leads to a name. */
function pointersOnly(count: number): Buffer {
  const parts: Buffer[] = [hex('0161 00') as Buffer]
  for (let i = 0; i < count; i++) parts.push(pointer(i === 0 ? 0 : 3 + 2 * (i - 1)))
  return Buffer.concat(parts)
}

const stories: Array<{ name: string; message: Uint8Array; at?: number; want: unknown }> = [
  { name: 'a name', message: hex('0463686174 076578616d706c65 00'), want: { name: 'chat.example', next: 14 } },
  {
    name: 'capitals become small, other bytes stay',
    message: hex('05 415a405b ff 00'),
    want: { name: 'az@[\xff', next: 7 },
  },
  { name: 'the root', message: hex('00'), want: { name: '', next: 1 } },
  {
    name: 'a dot inside a label is not told from a border',
    message: hex('03 612e62 00'),
    want: { name: 'a.b', next: 5 },
  },
  { name: 'NUL inside a label', message: hex('03 610062 00'), want: { name: 'a\0b', next: 5 } },
  { name: 'a label of 63 bytes', message: wireName(label(63)), want: { name: label(63), next: 65 } },
  { name: '255 bytes on the wire', message: wireName(LONGEST), want: { name: LONGEST, next: 255 } },
  { name: '256 bytes on the wire', message: wireName(`${LONGEST}x`), want: LIMIT_REACHED },
  {
    name: '127 labels',
    message: wireName(Array(127).fill('a').join('.')),
    want: { name: Array(127).fill('a').join('.'), next: 255 },
  },
  { name: '128 labels', message: wireName(Array(128).fill('a').join('.')), want: LIMIT_REACHED },
  { name: 'nothing', message: hex(''), want: MALFORMED_LENGTH },
  { name: 'no end', message: hex('0161'), want: MALFORMED_LENGTH },
  { name: 'a label that is cut', message: hex('03 6162'), want: MALFORMED_LENGTH },
  { name: 'a length and nothing else', message: hex('3f'), want: MALFORMED_LENGTH },
  { name: 'half a pointer', message: hex('0161 00 c0'), at: 3, want: MALFORMED_LENGTH },
  { name: 'the reserved label 01', message: hex('40 00'), want: MALFORMED_VALUE },
  { name: 'the reserved label 10', message: hex('80 00'), want: MALFORMED_VALUE },
  { name: 'a reserved label behind a good one', message: hex('0161 7f 00'), want: MALFORMED_VALUE },
  { name: 'a pointer', message: Buffer.concat([hex('0161 00'), pointer(0)]), at: 3, want: { name: 'a', next: 5 } },
  {
    name: 'labels and a pointer',
    message: Buffer.concat([hex('0161 00 0162'), pointer(0), hex('ffff')]),
    at: 3,
    want: { name: 'b.a', next: 7 },
  },
  {
    name: 'a pointer into the middle of a name',
    message: Buffer.concat([hex('0161 0162 00'), pointer(2)]),
    at: 5,
    want: { name: 'b', next: 7 },
  },
  {
    name: 'a pointer to the root',
    message: Buffer.concat([hex('00 0162'), pointer(0)]),
    at: 1,
    want: { name: 'b', next: 5 },
  },
  { name: 'a pointer to itself', message: pointer(0), want: MALFORMED_VALUE },
  {
    name: 'a pointer to the label before it, a loop',
    message: Buffer.concat([hex('0161'), pointer(0)]),
    want: MALFORMED_VALUE,
  },
  {
    name: 'a loop behind a pointer',
    message: Buffer.concat([hex('0161'), pointer(0), pointer(0)]),
    at: 4,
    want: MALFORMED_VALUE,
  },
  { name: 'a loop of two', message: Buffer.concat([pointer(2), pointer(0)]), at: 2, want: MALFORMED_VALUE },
  { name: 'a pointer forward', message: Buffer.concat([pointer(2), hex('0161 00')]), want: MALFORMED_VALUE },
  {
    name: 'a pointer past the end',
    message: Buffer.concat([hex('0161 00'), hex('ffff')]),
    at: 3,
    want: MALFORMED_VALUE,
  },
  {
    name: 'back, and then forward again',
    message: Buffer.concat([pointer(9), hex('0161 00'), pointer(0)]),
    at: 5,
    want: MALFORMED_VALUE,
  },
  {
    name: 'back to a name that runs into the pointer',
    message: Buffer.concat([hex('0161 0162'), pointer(2)]),
    at: 2,
    want: MALFORMED_VALUE,
  },
  {
    name: 'a chain of 100 pointers',
    message: chain(100),
    at: 3 + 4 * 99,
    want: { name: `${'b.'.repeat(100)}a`, next: 3 + 4 * 100 },
  },
  { name: 'a chain that makes the name too long', message: chain(200), at: 3 + 4 * 199, want: LIMIT_REACHED },
  {
    name: '128 pointers without a label',
    message: pointersOnly(128),
    at: 3 + 2 * 127,
    want: { name: 'a', next: 3 + 2 * 128 },
  },
  { name: '129 pointers without a label', message: pointersOnly(129), at: 3 + 2 * 128, want: LIMIT_REACHED },
  { name: '8,000 pointers without a label', message: pointersOnly(8000), at: 3 + 2 * 7999, want: LIMIT_REACHED },
]

for (const { name, message, at, want } of stories)
  test(`dns name: ${name}`, () => expect(read(message, at)).toEqual(want))

test('dns name: every prefix of a name is too short', () => {
  const message = Buffer.concat([wireName('www.example.com'), hex('0161'), pointer(4)])
  for (let length = 17; length < message.length; length++) {
    expect(read(message.subarray(0, length), 17), `first ${length} bytes`).toBe(MALFORMED_LENGTH)
  }
})

test('dns name: a name that was read before does not show', () => {
  expect(read(wireName('a.long.name.before'))).toMatchObject({ name: 'a.long.name.before' })
  expect(read(hex('0161 00'))).toMatchObject({ name: 'a' })
  expect(read(hex('00'))).toMatchObject({ name: '' })
})

test('dns name: any labels and pointers give a name of at most 255 bytes or an outcome, inside the message', () => {
  const met = new Map<number, number>()
  const piece = fc.oneof(
    { arbitrary: fc.constantFrom(hex('00'), hex('40'), hex('3f')), weight: 1 },
    { arbitrary: fc.nat(200).map(pointer), weight: 1 },
    { arbitrary: fc.integer({ min: 20, max: 63 }).map((bytes) => wireName(label(bytes)).subarray(0, -1)), weight: 4 },
  )
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 12, size: 'max' }),
      fc.constantFrom(0, 0, 1, 2, 5, 9),
      (pieces, first) => {
        const at = Buffer.concat(pieces.slice(0, first % pieces.length)).length
        const got = read(Buffer.concat(pieces), at)
        const outcome = typeof got === 'number' ? got : 0
        if (typeof got !== 'number') expect(got.name.length).toBeLessThanOrEqual(253)
        met.set(outcome, (met.get(outcome) ?? 0) + 1)
      },
    ),
    fuzz(3000),
  )
  for (const outcome of [0, MALFORMED_LENGTH, MALFORMED_VALUE, LIMIT_REACHED])
    expect(met.get(outcome) ?? 0, `${outcome}`).toBeGreaterThan(20)
})
