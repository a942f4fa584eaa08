import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inOnePiece, latin1, printable, shownValue } from '../../src/bytes/text.ts'
import { rfc3339 } from '../../src/bytes/time.ts'
import { hex, parseTwice } from '../support/arena.ts'
import { fuzz } from '../support/random.ts'

const stories: Array<{ name: string; text: string; want: string }> = [
  { name: 'a host name', text: 'chat.example.com', want: 'chat.example.com' },
  { name: 'printable ASCII, first and last', text: ' ~', want: ' ~' },
  { name: 'markup is not for a terminal to mind', text: '<b>&"\'', want: '<b>&"\'' },
  { name: 'a colour', text: '\x1b[31mred', want: '\\x1b[31mred' },
  { name: 'the window title', text: '\x1b]0;owned\x07', want: '\\x1b]0;owned\\x07' },
  { name: 'a new line that forges a log entry', text: 'a\r\n{"level":50}', want: 'a\\x0d\\x0a{"level":50}' },
  { name: 'NUL', text: 'a\0b', want: 'a\\x00b' },
  { name: 'delete', text: '\x7f', want: '\\x7f' },
  { name: 'the other control characters', text: '\x80\x9b', want: '\\x80\\x9b' },
  { name: 'a byte above ASCII', text: 'caf\xe9', want: 'caf\\xe9' },
  { name: 'a backslash, so that nobody writes an escape himself', text: '\\x1b', want: '\\x5cx1b' },
  { name: 'a name of DNS, whose escapes are the same everywhere', text: 'a\\027b.example', want: 'a\\027b.example' },
  { name: 'right to left', text: 'a\u202eb', want: 'a\\u{202e}b' },
  { name: 'a line separator', text: '\u2028', want: '\\u{2028}' },
  { name: 'above the first plane', text: '\u{1f600}', want: '\\u{1f600}' },
  { name: 'half a pair', text: '\ud83dx', want: '\\u{d83d}x' },
  { name: 'nothing', text: '', want: '' },
]

for (const { name, text, want } of stories) test(`printable: ${name}`, () => expect(printable(text)).toBe(want))

for (const { name, text } of stories) test(`in one piece: ${name}`, () => expect(inOnePiece(text)).toBe(text))

test('in one piece: what is kept takes less than half of the room', () => {
  const script = `
    const { inOnePiece } = await import(${JSON.stringify(join(import.meta.dirname, '../../dist/bytes/text.js'))})
    const made = (i) => 'The client named "n' + i + '" (' + i + '): ' + i + ', ' + i + '.'
    const bytesOf = (make) => {
      gc()
      const before = process.memoryUsage().heapUsed
      const kept = Array.from({ length: 20_000 }, (_, i) => make(i))
      gc()
      return (process.memoryUsage().heapUsed - before) / kept.length
    }
    console.log(bytesOf((i) => inOnePiece(made(i))) / bytesOf(made))`
  const flags = ['--expose-gc', '--input-type=module', '-e', script]
  expect(Number(execFileSync(process.execPath, flags, { encoding: 'utf8' }))).toBeLessThan(0.5)
})

test('printable: of any text only printable ASCII is left, and two texts never look the same', () => {
  const seen = new Map<string, string>()
  let changed = 0
  const unit = fc.oneof(
    fc.constantFrom('\\', 'x', '1', 'b', '\x1b', '\n', '{', '}'),
    fc.string({ unit: 'binary', maxLength: 2 }),
  )
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 6 }), (units) => {
      const text = units.join('')
      const shown = printable(text)
      expect(shown).toMatch(/^[\x20-\x7e]*$/)
      expect(seen.get(shown) ?? text).toBe(text)
      seen.set(shown, text)
      if (shown !== text) changed++
    }),
    fuzz(800),
  )
  expect(changed).toBeGreaterThan(300)
})

test.each([
  ['text', 'a "b"', '"a \\"b\\""'],
  ['in any language', 'žluťoučký', '"žluťoučký"'],
  ['a number', 7, '7'],
  ['a list', ['a', 1], '["a",1]'],
  ['nothing', undefined, 'nothing'],
  ['a colour, in one character', '\x9b31m', '"\\u{9b}31m"'],
  ['right to left', 'a\u202eb', '"a\\u{202e}b"'],
  ['too long', 'a'.repeat(100), `"${'a'.repeat(76)}..."`],
  ['cut within a pair', `a${'\u{1f600}'.repeat(50)}`, `"a${'\u{1f600}'.repeat(37)}\\u{d83d}..."`],
])('shownValue: %s', (_, value, want) => expect(shownValue(value)).toBe(want))

test('text: one character per byte, from a view into a larger buffer', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  const text = parseTwice(bytes, (arena, start, end) => latin1(arena, start, end))
  expect(text.length).toBe(256)
  expect([...text].every((c, i) => c.charCodeAt(0) === i)).toBe(true)
  expect(latin1(new Uint8Array(bytes.buffer, bytes.byteOffset + 65, 3), 1, 3)).toBe('BC')
  expect(latin1(hex('41'), 1, 1)).toBe('')
})

const times: Array<{ name: string; timeUs: number; want: string }> = [
  { name: 'the beginning', timeUs: 0, want: '1970-01-01T00:00:00.000000Z' },
  { name: 'microseconds are not rounded', timeUs: 1_764_000_000_999_999, want: '2025-11-24T16:00:00.999999Z' },
  { name: 'small fractions keep their zeros', timeUs: 1_764_000_000_000_007, want: '2025-11-24T16:00:00.000007Z' },
  { name: 'the last second of 32 bits', timeUs: 4_294_967_295_999_999, want: '2106-02-07T06:28:15.999999Z' },
  { name: 'before 1970', timeUs: -1, want: '1969-12-31T23:59:59.999999Z' },
]

for (const { name, timeUs, want } of times) test(`time: ${name}`, () => expect(rfc3339(timeUs)).toBe(want))
