import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Assembler } from '../../src/bytes/assembler.ts'
import { fuzz } from '../support/random.ts'

/** What `add` says is new, as text. */
const add = (assembler: Assembler, start: number, end: number) => {
  const parts: string[] = []
  const kept = assembler.add(start, end, (a, b) => parts.push(`${a}-${b}`))
  return kept ? parts.join(' ') : 'refused'
}

describe('which bytes of a stream are there', () => {
  test.each<[string, Array<[number, number]>, string[], number]>([
    [
      'in order',
      [
        [0, 5],
        [5, 9],
      ],
      ['0-5', '5-9'],
      9,
    ],
    [
      'the end first',
      [
        [5, 9],
        [0, 5],
      ],
      ['5-9', '0-5'],
      9,
    ],
    [
      'twice',
      [
        [0, 5],
        [0, 5],
      ],
      ['0-5', ''],
      5,
    ],
    [
      'across two holes',
      [
        [2, 3],
        [5, 6],
        [0, 9],
      ],
      ['2-3', '5-6', '0-2 3-5 6-9'],
      9,
    ],
    [
      'nothing',
      [
        [4, 4],
        [9, 3],
      ],
      ['', ''],
      0,
    ],
    [
      'a hole stays',
      [
        [0, 2],
        [3, 4],
      ],
      ['0-2', '3-4'],
      2,
    ],
  ])('%s', (_, ranges, parts, contiguous) => {
    const assembler = new Assembler()
    expect(ranges.map(([start, end]) => add(assembler, start, end))).toEqual(parts)
    expect(assembler.contiguous).toBe(contiguous)
  })

  test.each([32, 33, 100])('keeps %i ranges and no more', (rangesMax) => {
    const assembler = new Assembler(rangesMax)
    for (let i = 0; i < rangesMax; i++) expect(add(assembler, 2 * i, 2 * i + 1)).toBe(`${2 * i}-${2 * i + 1}`)
    expect(add(assembler, 9000, 9001)).toBe('refused')
    expect(add(assembler, 1, 2), 'what touches a range needs no room').toBe('1-2')
    expect(add(assembler, 9000, 9001)).toBe('9000-9001')
  })

  test('is the same as a set of numbers', () => {
    let refused = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(600), fc.nat(6)), { minLength: 1, maxLength: 200, size: 'max' }),
        (ranges) => {
          const assembler = new Assembler()
          const there = new Set<number>()
          for (const [start, length] of ranges) {
            const fresh: number[] = []
            const kept = assembler.add(start, start + length, (a, b) => {
              for (let at = a; at < b; at++) fresh.push(at)
            })
            if (!kept) {
              expect(fresh).toEqual([])
              refused++
              continue
            }
            const wanted = []
            for (let at = start; at < start + length; at++) if (!there.has(at)) wanted.push(at)
            expect(fresh).toEqual(wanted)
            for (const at of wanted) there.add(at)
          }
          let contiguous = 0
          while (there.has(contiguous)) contiguous++
          expect(assembler.contiguous).toBe(contiguous)
          expect(assembler.isEmpty).toBe(there.size === 0)
        },
      ),
      fuzz(300),
    )
    expect(refused).toBeGreaterThan(50)
  })
})
