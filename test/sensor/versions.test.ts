/** The ways to read what a client sent in several versions: all of them, within bounds. */

import { describe, expect, test } from 'vitest'
import { StreamBudget } from '../../src/flow/stream-budget.ts'
import { type Run, Versions } from '../../src/sensor/versions.ts'
import { random } from '../support/random.ts'

const BUDGET = 65_536
const add = (versions: Versions, at: number, text: string, manner = 64, isRight = true): string[] => {
  const bytes = Buffer.from(`<${text}>`) // what lies around it is not its own
  return versions.add(at, bytes, 1, bytes.length - 1, manner, () => isRight).map(textOf)
}
const textOf = (way: readonly Run[]): string => {
  let text = ''
  for (const { at, bytes } of way) text = text.padEnd(at, '_') + Buffer.from(bytes).toString()
  return text
}
/** What there is when each piece is written over those before it. */
const laidOver = (pieces: ReadonlyArray<[at: number, text: string]>): string => {
  const stream = Array.from({ length: Math.max(...pieces.map(([at, text]) => at + text.length)) }, () => '_')
  for (const [at, text] of pieces) stream.splice(at, text.length, ...text)
  return stream.join('')
}
const fresh = (): Versions => new Versions(0, false, new StreamBudget(BUDGET))

describe('the ways to read it', () => {
  test('are none as long as there is one version', () => {
    const versions = fresh()
    expect(add(versions, 0, 'abc')).toEqual([])
    expect(versions.isOne).toBe(true)
    expect(add(versions, 5, 'fgh')).toEqual([])
    expect(add(versions, 2, 'cdefg')).toEqual([])
    expect(add(versions, 0, 'abcd')).toEqual([])
    expect(versions.isOne).toBe(false)
  })

  test('have the new piece in them', () => {
    const versions = fresh()
    add(versions, 0, 'abc')
    add(versions, 3, 'def')
    expect(add(versions, 3, 'xyz')).toEqual(['abcxyz'])
    expect(add(versions, 0, '123').sort()).toEqual(['123def', '123xyz'])
    const ways = add(versions, 2, '--')
    expect(ways).toEqual(expect.arrayContaining(['12--ef', '12--yz', 'ab--ef', 'ab--yz', '123-ef', 'ab-xyz']))
    expect(ways.every((way) => way.includes('-'))).toBe(true)
    expect(add(versions, 3, 'xyz')).toEqual([])
  })

  test('are read when there is something before it that is not kept', () => {
    const versions = new Versions(0, true, new StreamBudget(BUDGET))
    expect(add(versions, 3, 'def')).toEqual(['___def'])
    expect(add(versions, 0, 'abc')).toEqual(['abcdef'])
  })

  test('are two where a byte is urgent, wherever it is said', () => {
    const versions = fresh()
    versions.markUrgent(1)
    expect(add(versions, 0, 'a!b')).toEqual(['a!b', 'ab'])
    versions.markUrgent(4)
    expect(add(versions, 3, 'c?d').sort()).toEqual(['a!bc?d', 'a!bcd', 'abc?d', 'abcd'])
  })

  test('begin with the one whose pieces were sent alike, however many there are', () => {
    const versions = fresh()
    const first: string[] = []
    for (let at = 0; at < 24; at++) {
      add(versions, at, 'x', 3)
      first.push(add(versions, at, 'r', 64)[0]!)
      add(versions, at, 'y', 5)
    }
    expect(first.at(-1)).toBe('r'.repeat(24))
  })

  test('begin with the one whose checksums are as right, and know nothing of those that came when there was one', () => {
    const versions = fresh()
    const asked: number[] = []
    const piece = (at: number, text: string, isRight: boolean) => {
      const bytes = Buffer.from(text)
      const ways = versions.add(at, bytes, 0, bytes.length, 64, () => {
        asked.push(at)
        return isRight
      })
      return ways.map(textOf)[0]
    }
    piece(0, 'aa', true)
    expect(asked).toEqual([]) // one version: it is not worked out
    expect(piece(0, 'xx', false)).toBe('xx')
    piece(2, 'yy', false)
    expect(piece(2, 'bb', true)).toBe('aabb')
    expect(piece(0, 'zz', false)).toBe('zzyy')
    expect(piece(4, 'cc', true)).toBe('aabbcc')
  })

  test('are those that there are, in the end, and none that there is not', () => {
    let contested = 0
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed)
      const versions = fresh()
      const pieces: Array<[at: number, text: string]> = []
      const read = new Set<string>()
      for (let i = 0; i < 4; i++) {
        const at = next(4)
        const text = Array.from({ length: 1 + next(3) }, () => 'ab'[next(2)]).join('')
        pieces.push([at, text])
        for (const way of add(versions, at, text)) read.add(way)
      }
      for (const way of read) {
        expect([...way].every((c, i) => c === '_' || pieces.some(([at, text]) => text[i - at] === c))).toBe(true)
      }
      if (read.size === 0) continue
      contested++
      const newest = laidOver(pieces)
      const first = laidOver([...pieces].reverse()) // is what the first reading reads
      if (newest !== first) expect(read).toContain(newest)
    }
    expect(contested).toBeGreaterThan(100)
  })
})

describe('bounds', () => {
  test('of ways: for a piece, and for a connection', () => {
    const versions = fresh()
    const counts: number[] = []
    for (let at = 0; at < 24; at++) for (const text of 'abc') counts.push(add(versions, at, text).length)
    expect(Math.max(...counts)).toBeLessThanOrEqual(32)
    expect(Math.min(...counts.slice(1))).toBe(1)
    expect(counts.reduce((a, b) => a + b)).toBeLessThanOrEqual(96 + 72)
    expect(versions.notKept).toBeGreaterThan(0)
  })

  test('of urgent bytes', () => {
    const versions = fresh()
    for (let at = 0; at < 10; at++) versions.markUrgent(at)
    expect(versions.notKept).toBe(2)
    expect(add(versions, 8, 'ab')).toEqual(['________ab'])
  })

  test('of pieces', () => {
    const versions = fresh()
    for (let at = 0; at < 80; at++) add(versions, at, 'a')
    expect(versions.notKept).toBe(80 - 72)
  })

  test('of bytes of all together, which are given back', () => {
    const budget = new StreamBudget(4096)
    const versions = new Versions(0, false, budget)
    add(versions, 0, 'a'.repeat(3000))
    add(versions, 3000, 'b'.repeat(1000))
    add(versions, 4000, 'c'.repeat(1000))
    expect([budget.used, versions.notKept]).toEqual([4096, 1])
    versions.release()
    versions.release()
    expect(budget.used).toBe(0)
  })
})
