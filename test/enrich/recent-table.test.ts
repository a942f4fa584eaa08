import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { NONE, RecentTable } from '../../src/enrich/recent-table.ts'
import { random } from '../support/random.ts'

// The table is checked, step by step, against the obvious one: a Map, which keeps the order in which keys were put in.
for (const keyWords of [1, 4, 8]) {
  test(`recent table: agrees with a Map, keys of ${keyWords} words`, () => {
    const next = random(keyWords)
    const capacity = 50
    const table = new RecentTable(keyWords, capacity)
    const model = new Map<string, number>()
    let again = 0
    let takenOver = 0
    for (let step = 0; step < 20_000; step++) {
      const key = Int32Array.from({ length: keyWords }, (_, i) => (i === keyWords - 1 ? next(90) : 7))
      const name = key.join(' ')
      const known = model.get(name)
      assert.equal(table.find(key), known ?? NONE)
      if (next(3) === 0) continue
      const row = table.take(key)
      assert.equal(table.isNew, known === undefined)
      if (known !== undefined) {
        assert.equal(row, known)
        model.delete(name)
        again++
      } else if (model.size === capacity) {
        const [oldest, oldestRow] = model.entries().next().value!
        assert.equal(row, oldestRow)
        model.delete(oldest)
        takenOver++
      }
      model.set(name, row)
      assert.equal(table.takenOver, takenOver)
    }
    assert.ok(again > 2000 && takenOver > 2000, `the walk must reach both: ${again} again, ${takenOver} taken over`)
  })
}

test('recent table: with room for one', () => {
  const table = new RecentTable(2, 1)
  expect(table.take(Int32Array.of(1, 2))).toBe(0)
  expect(table.take(Int32Array.of(1, 2))).toBe(0)
  expect(table.isNew).toBe(false)
  expect(table.take(Int32Array.of(2, 1))).toBe(0)
  expect(table.isNew).toBe(true)
  expect(table.find(Int32Array.of(1, 2))).toBe(NONE)
})

test('recent table: keys that differ in one word only are different', () => {
  const table = new RecentTable(4, 10)
  for (let word = 0; word < 4; word++) table.take(Int32Array.from({ length: 4 }, (_, i) => (i === word ? 1 : 0)))
  for (let word = 0; word < 4; word++) {
    expect(table.find(Int32Array.from({ length: 4 }, (_, i) => (i === word ? 1 : 0)))).toBe(word)
  }
  expect(table.find(new Int32Array(4))).toBe(NONE)
})
