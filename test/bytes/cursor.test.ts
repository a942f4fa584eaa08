import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cursor } from '../../src/bytes/cursor.ts'
import { outcomeName } from '../../src/bytes/outcome.ts'
import { i32, u8, u16, u24, u32 } from '../../src/bytes/read.ts'
import { hex, parseTwice } from '../support/arena.ts'
import { fuzz } from '../support/random.ts'

/** What `use` gives for a cursor over `bytes`, in arenas that differ outside of it. */
function over<T>(bytes: string, use: (cursor: Cursor) => T): T {
  return parseTwice(hex(bytes), (arena, start, end) => use(new Cursor(arena, start, end)))
}

const stories: Array<{ name: string; bytes: string; use: (cursor: Cursor) => unknown; want: unknown }> = [
  {
    name: 'numbers in network byte order',
    bytes: 'ff fffe fffffd fffffffc',
    use: (c) => [c.u8(), c.u16(), c.u24(), c.u32(), c.ok, c.isEmpty],
    want: [0xff, 0xfffe, 0xfffffd, 0xfffffffc, true, true],
  },
  {
    name: 'the first read that does not fit fails, and so do all after it',
    bytes: '01 02 03',
    use: (c) => [c.u16(), c.u16(), c.ok, c.u8(), c.ok, c.left],
    want: [0x0102, 0, false, 0, false, 0],
  },
  { name: 'nothing is there', bytes: '', use: (c) => [c.isEmpty, c.ok, c.u8(), c.ok], want: [true, true, 0, false] },
  {
    name: 'a part ends where it ends',
    bytes: '02 aabb cc',
    use: (c) => {
      const part = c.block8()
      return [part.u16(), part.u8(), part.ok, c.ok, c.u8(), c.isEmpty]
    },
    want: [0xaabb, 0, false, true, 0xcc, true],
  },
  {
    name: 'a part inside a part cannot leave its parent',
    bytes: '0003 02aabb cc',
    use: (c) => {
      const outer = c.block16()
      const inner = outer.block8()
      return [inner.left, inner.text(), outer.isEmpty, outer.ok, c.left]
    },
    want: [2, '\xaa\xbb', true, true, 1],
  },
  {
    name: 'a part that claims more than its parent has',
    bytes: '0002 ffaa bbbb',
    use: (c) => {
      const outer = c.block16()
      const inner = outer.block8()
      return [inner.ok, inner.isEmpty, inner.text(), outer.ok, c.ok, c.u16()]
    },
    want: [false, true, '', false, true, 0xbbbb],
  },
  {
    name: 'a length of three bytes that lies',
    bytes: 'ffffff 00',
    use: (c) => [c.block24().ok, c.ok, c.isEmpty],
    want: [false, false, true],
  },
  {
    name: 'a length that is cut itself',
    bytes: 'ff',
    use: (c) => {
      const part = c.block16()
      return [part.ok, part.isEmpty, c.ok]
    },
    want: [false, true, false],
  },
  {
    name: 'an empty part',
    bytes: '00 07',
    use: (c) => {
      const part = c.block8()
      return [part.ok, part.isEmpty, part.text(), c.u8(), c.ok]
    },
    want: [true, true, '', 7, true],
  },
  {
    name: 'a part of a cursor that has failed',
    bytes: '01 01 41',
    use: (c) => {
      c.skip(9)
      const part = c.block8()
      return [part.ok, part.text()]
    },
    want: [false, ''],
  },
  { name: 'text is one character per byte', bytes: '41 00 ff', use: (c) => c.text(), want: 'A\0\xff' },
  {
    name: 'skip to the very end',
    bytes: '01 02',
    use: (c) => [c.skip(2) === c.at - 2, c.ok, c.isEmpty],
    want: [true, true, true],
  },
]

for (const { name, bytes, use, want } of stories) test(`cursor: ${name}`, () => expect(over(bytes, use)).toEqual(want))

test('cursor: any reads of any bytes agree with slicing, and never leave the range', () => {
  let failed = 0
  let whole = 0
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 24 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 10 }),
      (bytes, widths) => {
        const got = parseTwice(bytes, (arena, start, end) => {
          const cursor = new Cursor(arena, start, end)
          const read = [() => cursor.u8(), () => cursor.u16(), () => cursor.u24(), () => cursor.u32()]
          return [...widths.map((width) => read[width - 1]!()), cursor.ok]
        })
        let at = 0
        let ok = true
        const want = widths.map((width) => {
          ok &&= at + width <= bytes.length
          if (!ok) return 0
          at += width
          return Buffer.from(bytes).readUIntBE(at - width, width)
        })
        expect(got).toEqual([...want, ok])
        if (ok) whole++
        else failed++
      },
    ),
    fuzz(2000),
  )
  expect(failed).toBeGreaterThan(200)
  expect(whole).toBeGreaterThan(200)
})

test('reads: all widths, with the sign bit set', () => {
  const bytes = hex('00 80 ff fe 01')
  expect([u8(bytes, 1), u16(bytes, 1), u24(bytes, 1), u32(bytes, 1), i32(bytes, 1)]).toEqual([
    0x80,
    0x80ff,
    0x80fffe,
    0x80fffe01,
    0x80fffe01 - 2 ** 32,
  ])
})

test('outcomes have names, and an unknown one does too', () => {
  expect([0, 17, -1, -2, -3, -4, -5, -99].map(outcomeName)).toEqual([
    'ok',
    'ok',
    'incomplete',
    'malformed_length',
    'malformed_value',
    'limit_reached',
    'unsupported',
    'unknown',
  ])
})
