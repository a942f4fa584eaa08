import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { placesInPlainYaml, readPlainYaml } from '../../src/packs/plain-yaml.ts'
import { fuzz } from '../support/random.ts'

type Path = Array<string | number>

/** What the yaml package makes of it, and where each of its values begins; null when it finds a fault. */
function oracle(text: string): { value: unknown; paths: Path[]; places: unknown[] } | null {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', prettyErrors: false, stringKeys: true })
  if (document.errors.length + document.warnings.length > 0) return null
  const paths: Path[] = []
  const places: unknown[] = []
  const walk = (node: unknown, path: Path): void => {
    const { line, col } = lines.linePos((node as Node).range![0])
    paths.push(path)
    places.push({ line, column: col })
    if (isMap(node)) for (const { key, value } of node.items) walk(value, [...path, String(key)])
    if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item, [...path, i])
  }
  walk(document.contents, [])
  return { value: document.toJS(), paths, places }
}

const plain: Array<{ name: string; text: string }> = [
  { name: 'a map', text: 'a: b\nc: d\n' },
  { name: 'no line break at the end', text: 'a: b' },
  { name: 'line breaks of Windows', text: 'a: b\r\nc:\r\n  - d\r\n' },
  { name: 'a list below its key, and one as deep as it', text: 'a:\n  - x\n  - y\nb:\n- x\n- y\nc: d\n' },
  { name: 'maps in a list', text: 'a:\n  - b: 1\n    c: 2\n  -   b: 3\n      c:\n        - x\n' },
  { name: 'flow', text: "a: [x, \"y, z\", 'it''s', {b: 1, c: [ ]}, { }]\nb: { c: d e , f: [1] }\n" },
  { name: 'comments', text: '# one\na: b # two\n\n  # three\nc: # four\n  - d#e # five\n  # six\n' },
  { name: 'a comment after quotes and after flow', text: 'a: "b" # c\nd: [e] # f\ng: \'h\' \n' },
  {
    name: 'numbers and words',
    text: 'a: 55990\nb: true\nc: false\nd: 007\ne: 2026.11.22\nf: 2026-11-22\ng: 1.1.1.1/32\n',
  },
  { name: 'text that looks like more', text: 'a: x: y'.replace('x: y', 'x:y') },
  {
    name: 'addresses and links',
    text: 'a: https://example.com/a?b=c#d\nb: 2001:db8::/32\nc: [2001:db8::/32, 10.0.0.0/8]\n',
  },
  { name: 'letters beyond ASCII', text: 'a: příliš žluťoučký — 幻方\nb: "\u00a0x\u00a0"\nc: x\u00a0\n' },
  {
    name: 'deep',
    text: `${Array.from({ length: 20 }, (_, i) => `${' '.repeat(i)}k:`).join('\n')}\n${' '.repeat(20)}- v\n`,
  },
]
for (const { name, text } of plain) {
  test(`plain YAML: ${name}`, () => {
    const want = oracle(text)!
    expect(readPlainYaml(text)).toEqual({ value: want.value })
    expect(placesInPlainYaml(text, want.paths)).toEqual(want.places)
  })
}

/** Right or wrong, none of these is plain; `at` is where that shows. */
const other: Array<{ name: string; text: string; at: [number, number] }> = [
  { name: 'an anchor', text: 'a: &b c\n', at: [1, 4] },
  { name: 'an alias', text: 'a: *b\n', at: [1, 4] },
  { name: 'a tag', text: 'a: !!str b\n', at: [1, 4] },
  { name: 'a folded text', text: 'x: y\na: >-\n  b\n', at: [2, 4] },
  { name: 'a text over two lines', text: 'a: b\n  c\n', at: [2, 3] },
  { name: 'a text over two lines in a list', text: 'a:\n- b\n  c\n', at: [3, 3] },
  { name: 'quotes over two lines', text: 'a: "b\n  c"\n', at: [1, 4] },
  { name: 'flow over two lines', text: 'a: [b,\n  c]\n', at: [1, 4] },
  { name: 'an escape', text: 'a: "\\x41"\n', at: [1, 4] },
  { name: 'a tab', text: 'a:\tb\n', at: [1, 1] },
  { name: 'a float', text: 'a: 1.5\n', at: [1, 4] },
  { name: 'an exponent', text: 'a: 1e5\n', at: [1, 4] },
  { name: 'a hexadecimal number', text: 'a: 0x1F\n', at: [1, 4] },
  { name: 'infinity', text: 'a: .inf\n', at: [1, 4] },
  { name: 'null', text: 'a: null\n', at: [1, 4] },
  { name: 'a tilde', text: 'a: ~\n', at: [1, 4] },
  { name: 'nothing at all', text: 'a:\n', at: [2, 1] },
  { name: 'True', text: 'a: True\n', at: [1, 4] },
  { name: 'a negative number', text: 'a: -1\n', at: [1, 4] },
  { name: 'a number of more digits than fit', text: 'a: 12345678901234567890\n', at: [1, 4] },
  { name: 'a key twice', text: 'a: b\na: c\n', at: [2, 1] },
  { name: 'a key that every object has', text: '__proto__: b\n', at: [1, 1] },
  { name: 'a key in quotes', text: '"a": b\n', at: [1, 1] },
  { name: 'a key that is a word for something else', text: 'true: b\n', at: [1, 1] },
  { name: 'a key with a space', text: 'a b: c\n', at: [1, 1] },
  { name: 'a colon in a text', text: 'a: b: c\n', at: [1, 4] },
  { name: 'a colon at the end of a text', text: 'a: b:\n', at: [1, 4] },
  { name: 'two documents', text: 'a: b\n---\na: c\n', at: [2, 1] },
  { name: 'a directive', text: '%YAML 1.2\n---\na: b\n', at: [1, 1] },
  { name: 'a list on top', text: '- a\n', at: [1, 1] },
  { name: 'a list in a list', text: 'a:\n  - - b\n', at: [2, 5] },
  { name: 'an item that is not there', text: 'a:\n  - \n', at: [2, 5] },
  { name: 'a key less deep than its neighbours', text: 'a:\n    b: c\n  d: e\n', at: [3, 3] },
  { name: 'something behind quotes', text: 'a: "b" c\n', at: [1, 4] },
  { name: 'something behind flow', text: 'a: [b] c\n', at: [1, 4] },
  { name: 'a comma too many', text: 'a: [b, ]\n', at: [1, 4] },
  { name: 'a pair in a flow list', text: 'a: [b: c]\n', at: [1, 4] },
  { name: 'a reserved character', text: 'a: @b\n', at: [1, 4] },
  { name: 'NUL', text: 'a: b\0\n', at: [1, 1] },
  { name: 'a line break of old Macs', text: 'a: b\rc: d\n', at: [1, 1] },
  { name: 'nothing', text: '', at: [1, 1] },
  { name: 'a comment alone', text: '# a\n', at: [2, 1] },
  {
    name: 'deeper than anybody writes',
    text: Array.from({ length: 40 }, (_, i) => `${' '.repeat(i)}k:`).join('\n'),
    at: [34, 34],
  },
  { name: 'flow deeper than anybody writes', text: `a: ${'['.repeat(1000)}${']'.repeat(1000)}\n`, at: [1, 4] },
]
for (const {
  name,
  text,
  at: [line, column],
} of other) {
  test(`plain YAML: gives up at ${name}`, () => expect(readPlainYaml(text)).toEqual({ gaveUpAt: { line, column } }))
}

test('plain YAML: a value that is missing has the place of the map that misses it', () => {
  const text = 'a:\n  - b: c\n    d: e\n'
  expect(placesInPlainYaml(text, [['a', 0, 'x'], ['a', 7], ['y'], ['a', 0, 'd', 'z']])).toEqual([
    { line: 2, column: 5 },
    { line: 2, column: 3 },
    { line: 1, column: 1 },
    { line: 3, column: 8 },
  ])
})

describe('plain YAML: agrees with the yaml package', () => {
  const folder = join(import.meta.dirname, '../../rules')
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    test(`on ${file}`, () => {
      // a folded text is the one thing in there that is not plain
      const text = readFileSync(join(folder, file), 'utf8').replace(/>-\n( +)\S.*\n(?:\1\S.*\n)*/g, 'some words\n')
      const want = oracle(text)!
      expect(readPlainYaml(text)).toEqual({ value: want.value })
      expect(placesInPlainYaml(text, want.paths)).toEqual(want.places)
    })
  }

  const piece = fc.constantFrom(
    ...[
      'a',
      'b',
      'key',
      'true',
      'null',
      '1',
      '1.5',
      '0x1',
      '2026.1.2',
      '~',
      '-',
      '- ',
      ':',
      ': ',
      ',',
      ', ',
      ' ',
      '  ',
      '#',
      ' #',
    ],
    ...[
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      "''",
      '&x',
      '*x',
      '!t',
      '|',
      '>',
      '%',
      '@',
      '?',
      '? ',
      '\\',
      '\t',
      'é',
      '\u00a0',
      'http://x',
      '::1/8',
    ],
  )
  const scalar = fc.constantFrom('x', 'two words', '12', 'true', '[a, b]', '{ k: v, l: [1] }', '"q: #"', "'s'", 'x # c')
  const { node } = fc.letrec<{ node: string[] }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'yaml' },
      scalar.map((text) => [text]),
      fc
        .array(tie('node'), { minLength: 1, maxLength: 3, depthIdentifier: 'yaml' })
        .map((items) => items.flatMap((lines) => lines.map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`)))),
      fc
        .tuple(
          fc.subarray(['a', 'b', 'key'], { minLength: 1 }),
          fc.array(tie('node'), { minLength: 3, maxLength: 3 }),
          fc.nat(2),
        )
        .map(([keys, values, indent]) =>
          keys.flatMap((key, i) => {
            const lines = values[i]!
            if (lines.length === 1 && !/^- |^\w+:/.test(lines[0]!)) return [`${key}: ${lines[0]}`]
            const isList = lines[0]!.startsWith('- ')
            return [`${key}:`, ...lines.map((line) => `${' '.repeat(isList ? indent : indent + 1)}${line}`)]
          }),
        ),
    ),
  }))
  const change = fc.tuple(fc.nat(), piece, fc.nat(2))
  const text = fc.tuple(node, fc.array(change, { maxLength: 2 })).map(([lines, changes]) => {
    let text = `${lines.join('\n')}\n`
    for (const [at, piece, cut] of changes)
      text = text.slice(0, at % text.length) + piece + text.slice((at % text.length) + cut)
    return text
  })

  test('on whatever looks like it', () => {
    let read = 0
    let gaveUp = 0
    fc.assert(
      fc.property(text, (text) => {
        const got = readPlainYaml(text)
        if (!('value' in got)) {
          gaveUp++
          return
        }
        read++
        const want = oracle(text)
        expect(want, JSON.stringify(text)).not.toBeNull()
        expect(got.value, JSON.stringify(text)).toEqual(want!.value)
        expect(placesInPlainYaml(text, want!.paths), JSON.stringify(text)).toEqual(want!.places)
      }),
      fuzz(5000),
    )
    expect(Math.min(read, gaveUp), `${read} read, ${gaveUp} given up`).toBeGreaterThan(500)
  })
})
