import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { Column } from '../../src/bytes/column.ts'
import { random } from '../support/random.ts'

test('column: agrees with an array, in any order of rows', () => {
  const next = random(1)
  const column = new Column('')
  const model: string[] = []
  for (let step = 0; step < 20_000; step++) {
    const row = next(20_000)
    assert.equal(column.get(row), model[row] ?? '')
    column.set(row, `${step}`)
    model[row] = `${step}`
    assert.equal(column.get(row), `${step}`)
  }
})

test('column: at the ends of its blocks', () => {
  const column = new Column<number | undefined>(undefined)
  for (const row of [0, 4095, 4096, 8191, 999_999]) column.set(row, row)
  expect([0, 1, 4094, 4095, 4096, 8191, 8192, 999_999, 1_000_000].map((row) => column.get(row))).toEqual([
    0,
    undefined,
    undefined,
    4095,
    4096,
    8191,
    undefined,
    999_999,
    undefined,
  ])
})
