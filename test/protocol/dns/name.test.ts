import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE } from '../../../src/bytes/outcome.ts'
import type { NameFault } from '../../../src/events/observation.ts'
import { NameBuffer, nameFault, readName, skipName } from '../../../src/protocol/dns/name.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'
import { name, pointer } from './messages.ts'

interface Result {
  outcome: number
  text: string
}

function read(input: Uint8Array, at = 0): Result {
  return parseTwice(input, (bytes, start, end) => {
    const out = new NameBuffer()
    const outcome = readName(bytes, start, end, start + at, out)
    return outcome < 0 ? { outcome, text: '' } : { outcome: outcome - start, text: out.toString() }
  })
}

const readable: Array<[story: string, bytes: Uint8Array, at: number, next: number, text: string]> = [
  ['a name', name('chat.deepseek.com'), 0, 19, 'chat.deepseek.com'],
  ['the root', hex('00'), 0, 1, ''],
  ['upper case', name('ChAt.DEEPSEEK.com'), 0, 19, 'chat.deepseek.com'],
  ['a dot inside a label', name(['evil.com']), 0, 10, 'evil\\046com'],
  ['a dot that would make a watched name', name(['x.deepseek', 'com']), 0, 16, 'x\\046deepseek.com'],
  ['a backslash, so that no escape can be written by a stranger', name(['a\\046b', 'com']), 0, 12, 'a\\092046b.com'],
  ['a zero byte', name(['deepseek.com\0', 'example']), 0, 23, 'deepseek\\046com\\000.example'],
  ['terminal escapes and line ends', name(['\x1b[2J\r\n']), 0, 8, '\\027[2j\\013\\010'],
  ['UTF-8', name(['\xc3\xa9']), 0, 4, '\\195\\169'],
  ['DEL and the last byte', name(['\x7f\xff']), 0, 4, '\\127\\255'],
  ['a space and other harmless characters', name(["a b_c-d'e"]), 0, 11, "a b_c-d'e"],
  ['a pointer backwards', hex('0161 00  0162 c000'), 3, 7, 'b.a'],
  ['a pointer forwards, as a public resolver takes it', hex('c004 0001 0161 00'), 0, 2, 'a'],
  ['a pointer into the middle of a label', hex('03 01 61 00  c001'), 4, 6, 'a'],
  ['pointers to pointers', hex('0161 00  c000 c003 c005'), 7, 9, 'a'],
  ['a pointer into the name itself, to its end', hex('0161 c004 00'), 0, 4, 'a'],
  ['255 bytes on the wire', name(Array<string>(127).fill('a')), 0, 255, Array<string>(127).fill('a').join('.')],
  ['127 labels, each but the first before a pointer', ladder(127), 503, 507, Array<string>(127).fill('a').join('.')],
]

test.each(readable)('%s is read', (_, bytes, at, next, text) => {
  expect(read(bytes, at)).toEqual({ outcome: next, text })
  expect(skipName(bytes, bytes.length, at)).toBe(next)
})

const broken: Array<[story: string, bytes: Uint8Array, at: number, outcome: number, fault?: NameFault]> = [
  ['nothing', hex(''), 0, MALFORMED_LENGTH],
  ['a label that is cut off', hex('05 6162'), 0, MALFORMED_LENGTH],
  ['a name without its end', hex('01 61'), 0, MALFORMED_LENGTH],
  ['half a pointer', hex('c0'), 0, MALFORMED_LENGTH],
  ['a pointer past the end', hex('c010 00'), 0, MALFORMED_LENGTH],
  ['a pointer to itself', hex('c000'), 0, LIMIT_REACHED, 'loop'],
  ['two pointers to each other', hex('c002 c000'), 0, LIMIT_REACHED, 'loop'],
  ['a loop that gathers labels', hex('0161 c000'), 0, LIMIT_REACHED, 'loop'],
  [
    '129 pointers',
    hex(`00 c000${Array.from({ length: 128 }, (_, i) => (0xc001 + 2 * i).toString(16)).join('')}`),
    257,
    LIMIT_REACHED,
    'long',
  ],
  ['256 bytes on the wire', name([...Array<string>(126).fill('a'), 'aa']), 0, LIMIT_REACHED, 'long'],
  [
    'a name made too long by a pointer',
    Buffer.concat([name(Array<string>(127).fill('a')), hex('0161'), pointer(0)]),
    255,
    LIMIT_REACHED,
    'long',
  ],
  ['the reserved label type 01', hex('41 00'), 0, MALFORMED_VALUE, 'label'],
  ['the reserved label type 10', hex('80 00'), 0, MALFORMED_VALUE, 'label'],
]

test.each(broken)('%s is refused, with a reason', (_, bytes, at, outcome, fault = 'cut') => {
  expect(read(bytes, at)).toEqual({ outcome, text: '' })
  expect(parseTwice(bytes, (arena, start, end) => nameFault(arena, start, end, start + at))).toBe(fault)
})

test('the search for a reason ends, however long the name', () => {
  const bytes = name(Array<string>(30_000).fill('a'))
  expect(nameFault(bytes, 0, bytes.length, 0)).toBe('long')
})

test('the end in place is found although what the pointer leads to cannot be read', () => {
  expect(skipName(hex('0161 c000 ffff'), 6, 0)).toBe(4)
  expect(skipName(hex('0161 c0'), 3, 0)).toBe(MALFORMED_LENGTH)
  expect(skipName(hex('0161 3f61'), 4, 0)).toBe(MALFORMED_LENGTH)
  expect(skipName(hex('0161'), 2, 0)).toBe(MALFORMED_LENGTH)
  expect(skipName(hex('0161 41'), 3, 0)).toBe(MALFORMED_VALUE)
})

describe('whatever the labels hold', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

  test('the text is printable ASCII and its dots are the borders', () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const { text } = read(name(labels))
        expect(text).toMatch(/^[ -~]*$/)
        expect(text === '' ? [] : text.split('.').map(unescaped)).toEqual(labels.map(lower))
      }),
      fuzz(500),
    )
  })

  test('reading and skipping agree, and neither leaves the message', () => {
    let readables = 0
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1, 2, 3, 0x41, 0x61, 0xc0, 0xc1), { maxLength: 24 }),
        fc.nat(23),
        (list, at) => {
          const bytes = Uint8Array.from(list)
          const { outcome } = read(bytes, Math.min(at, bytes.length))
          if (outcome < 0) return
          readables++
          expect(outcome).toBeLessThanOrEqual(bytes.length)
          expect(skipName(bytes, bytes.length, at)).toBe(outcome)
        },
      ),
      fuzz(3000),
    )
    expect(readables).toBeGreaterThan(80)
  })
})

/** `count` labels `a`, each but the first followed by a pointer to the one before. */
function ladder(count: number): Uint8Array {
  const steps = Array.from({ length: count - 1 }, (_, i) =>
    Buffer.concat([hex('0161'), pointer(i === 0 ? 0 : 3 + 4 * (i - 1))]),
  )
  return Buffer.concat([hex('016100'), ...steps])
}

function unescaped(label: string): string {
  return label.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number(digits)))
}

function lower(label: string): string {
  return label.replace(/[A-Z]/g, (c) => c.toLowerCase())
}
