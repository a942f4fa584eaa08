import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { buildChecked } from '../../src/packs/build-checked.ts'
import { keyOf, readyRules } from '../../src/packs/checked.ts'
import { loadRules, PackError } from '../../src/packs/load.ts'
import { temporaryFolder } from '../support/folder.ts'

const RULES = join(import.meta.dirname, '../../rules')
const MARK = 'from the table'

let folder: string
let table: string

/** A copy of the rules, and a table of it in which the first pack has another title. */
beforeEach(() => {
  const root = temporaryFolder()
  folder = join(root, 'rules')
  table = join(root, 'checked.json')
  cpSync(RULES, folder, { recursive: true })
  buildChecked(folder, table)
  const checked = JSON.parse(readFileSync(table, 'utf8'))
  checked.rules.packs[0].title = MARK
  writeFileSync(table, JSON.stringify(checked))
})

const first = async () => (await readyRules(folder, table)).packs[0]!.title

test('checked rules: the table holds what reading the folder gives', async () => {
  buildChecked(folder, table)
  expect(await readyRules(folder, table)).toEqual(loadRules(RULES))
})

test('checked rules: as long as nothing has changed, the table counts', async () => {
  expect(await first()).toBe(MARK)
})

const changes: Array<{ name: string; change: () => void }> = [
  { name: 'a byte more in a pack', change: () => writeFileSync(join(folder, 'deepseek.yaml'), '\n', { flag: 'a' }) },
  { name: 'another file', change: () => writeFileSync(join(folder, 'more.txt'), '') },
  { name: 'a folder in it', change: () => mkdirSync(join(folder, 'more')) },
  { name: 'no table', change: () => writeFileSync(table, '') },
  { name: 'half a table', change: () => writeFileSync(table, readFileSync(table).subarray(0, 1000)) },
]

for (const { name, change } of changes) {
  test(`checked rules: ${name}, and the folder is read`, async () => {
    change()
    expect(await first()).toBe(loadRules(RULES).packs[0]!.title)
  })
}

test('checked rules: a folder with mistakes is told of', async () => {
  writeFileSync(join(folder, 'deepseek.yaml'), 'pack: [')
  await expect(readyRules(folder, table)).rejects.toThrow(PackError)
  await expect(readyRules(join(folder, 'none'), table)).rejects.toThrow(PackError)
})

test('checked rules: what is too large to come with the program has no key', () => {
  expect(keyOf(folder)).toMatch(/^[0-9a-f]{64}$/)
  for (let i = 0; i < 300; i++) writeFileSync(join(folder, `${i}.txt`), '')
  expect(keyOf(folder)).toBeUndefined()
  expect(keyOf(join(folder, 'none'))).toBeUndefined()
})

test('checked rules: two ways to cut the same bytes into files are two keys', () => {
  const before = keyOf(folder)
  writeFileSync(join(folder, 'x'), 'ab')
  const one = keyOf(folder)
  writeFileSync(join(folder, 'x'), 'a')
  writeFileSync(join(folder, 'y'), 'b')
  expect(new Set([before, one, keyOf(folder)]).size).toBe(3)
})
