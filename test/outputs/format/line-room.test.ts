import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, fitted, joined, LINE_BYTES_MAX, type Room } from '../../../src/outputs/format/line-room.ts'
import { hostileText } from '../../support/hostile-alerts.ts'
import { fuzz } from '../../support/random.ts'

describe('a text that is cut', () => {
  const stories: Array<{ name: string; text: string; most: number; want: string }> = [
    { name: 'fits', text: 'abcd', most: 4, want: 'abcd' },
    { name: 'is empty', text: '', most: 4, want: '' },
    { name: 'is too long', text: 'abcde', most: 4, want: 'abc…' },
    { name: 'has a pair that fits', text: 'ab😀', most: 4, want: 'ab😀' },
    { name: 'has a pair over the edge', text: 'ab😀c', most: 4, want: 'ab…' },
    { name: 'has a pair just before the edge', text: 'a😀cd', most: 4, want: 'a😀…' },
    { name: 'has lone halves', text: 'a\ud800b\udc00', most: 4, want: 'a\ufffdb\ufffd' },
    { name: 'has halves in the wrong order', text: '\udc00\ud800', most: 4, want: '\ufffd\ufffd' },
    { name: 'has a lone half at the edge', text: 'ab\ud800xy', most: 4, want: 'ab…' },
  ]
  for (const { name, text, most, want } of stories) test(name, () => expect(cut(text, most)).toBe(want))

  test('is never longer, always whole characters, and the same when cut again', () => {
    let cuts = 0
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 40 }), (text, most) => {
        const short = cut(text, most)
        expect(short.length).toBeLessThanOrEqual(most)
        expect(short).not.toMatch(/\p{Surrogate}/u)
        expect(cut(short, most)).toBe(short)
        if (text.length > most) cuts++
      }),
      fuzz(1000),
    )
    expect(cuts, 'the texts were too long often enough').toBeGreaterThan(100)
  })
})

describe('a list in one text', () => {
  const room: Room = { text: 12, list: 2, isTight: true }

  test.each([
    [[], ''],
    [['a', 'b'], 'a; b'],
    [['a', 'b', 'c'], 'a; b; …'],
    [['abcdef', 'ghijkl', 'm'], 'abcdef; ghi…'],
  ])('%j', (texts, want) => expect(joined(texts, '; ', room)).toBe(want))
})

describe('a line that fits', () => {
  test('takes the widest room that it fits into', () => {
    const tried: number[] = []
    const line = fitted(({ text }) => {
      tried.push(text)
      return 'č'.repeat(text * 20) // two bytes each
    })
    expect(tried).toEqual([1023, 512, 256, 128])
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LINE_BYTES_MAX)
  })

  test('says that something was left out, and only then', () => {
    const isTight = (length: number) => {
      let last = false
      fitted((room) => {
        last = room.isTight
        return 'a'.repeat(room.isTight ? 1 : length)
      })
      return last
    }
    expect([isTight(LINE_BYTES_MAX), isTight(LINE_BYTES_MAX + 1)]).toEqual([false, true])
  })
})
