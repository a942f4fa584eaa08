/** The list of alerts: pages and pushed alerts overlap, come late, come twice, and must still make one list. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeRows } from '../../dashboard/src/rows.ts'
import { fuzz } from '../support/random.ts'

interface TestRow {
  id: string
  first_seen: string
  bytes: number
}

/** `b7`: the row b, first seen in second 7. `bytes` tells versions of a row apart. */
function row(text: string, bytes = 0): TestRow {
  return { id: text[0]!, first_seen: `2025-07-10T00:00:${text.slice(1).padStart(2, '0')}.000000Z`, bytes }
}

function rows(text: string): TestRow[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((entry) => row(entry))
}

describe('mergeRows', () => {
  const stories: Array<
    [story: string, list: string, incoming: string, limit: number, more: boolean, result: string, added: string]
  > = [
    ['into nothing', '', 'a1 b2', 9, false, 'b a', 'ab'],
    ['nothing comes', 'b2 a1', '', 9, false, 'b a', ''],
    ['a newer one goes on top', 'b2 a1', 'c3', 9, false, 'c b a', 'c'],
    ['one that comes late goes to its place', 'c3 a1', 'b2', 9, false, 'c b a', 'b'],
    ['a page that overlaps, because the list grew meanwhile', 'c3 b2', 'b2 a1', 9, false, 'c b a', 'a'],
    ['known rows only', 'b2 a1', 'a1 b2', 9, false, 'b a', ''],
    ['the same id twice in one message', '', 'a1 a1', 9, false, 'a', 'a'],
    ['the oldest fall off at the limit', 'b2 a1', 'c3', 2, false, 'c b', 'c'],
    ['too old for a full list', 'c3 b2', 'a1', 2, false, 'c b', ''],
    ['older than our last, while the server has more between: left for later', 'c9 b8', 'a1', 9, true, 'c b', ''],
    ['between our rows, while the server has more: taken', 'c9 b5', 'a7', 9, true, 'c a b', 'a'],
    ['the first of an empty list, whatever the server has', '', 'a1', 9, true, 'a', 'a'],
    ['equal times are ordered by id, in any order of arrival', 'b5', 'a5 c5', 9, false, 'c b a', 'ca'],
    ['a limit of none', 'a1', 'b2', 0, false, '', ''],
  ]
  test.each(stories)('%s', (_story, list, incoming, limit, more, result, added) => {
    const merged = mergeRows(rows(list), rows(incoming), limit, more)
    expect(merged.rows.map(({ id }) => id).join(' ')).toBe(result)
    expect([...merged.added].sort()).toEqual([...added].sort())
  })

  test('a known row is replaced by its newer state, where it stands', () => {
    const merged = mergeRows(rows('c3 b2 a1'), [row('b2', 77)], 9, false)
    expect(merged.rows.map(({ id, bytes }) => `${id}${bytes}`)).toEqual(['c0', 'b77', 'a0'])
  })

  test('the list it was given stays as it was', () => {
    const list = Object.freeze(rows('b2 a1'))
    mergeRows(list, rows('c3'), 9, false)
    expect(list.map(({ id }) => id)).toEqual(['b', 'a'])
  })

  test('any messages in any order give one sorted list of the newest, each id once', () => {
    const entry = fc
      .tuple(fc.constantFrom(...'abcdefghij'), fc.nat(9))
      .map(([id]) => row(`${id}${id.charCodeAt(0) % 7}`))
    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 6 }), { maxLength: 6 }), fc.nat(8), (messages, limit) => {
        let list: TestRow[] = []
        for (const message of messages) list = mergeRows(list, message, limit, false).rows
        const all = new Map(messages.flat().map((each) => [each.id, each]))
        const expected = [...all.values()]
          .sort((a, b) => (`${b.first_seen}${b.id}` > `${a.first_seen}${a.id}` ? 1 : -1))
          .slice(0, limit)
        expect(list.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
      }),
      fuzz(300),
    )
  })
})
