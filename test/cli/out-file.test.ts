import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeWhole } from '../../src/cli/out-file.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { temporaryFolder } from '../support/folder.ts'

test('a file is written whole: pieces one behind the other, and nothing is left beside it', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.txt')
  writeFileSync(file, 'what was there before, and longer')
  writeWhole(file, ['one ', 'two'])
  expect(readFileSync(file, 'utf8')).toBe('one two')
  expect(readdirSync(folder)).toEqual(['a.txt'])
})

test('what fails half way leaves the old file, and nothing beside it', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.txt')
  writeFileSync(file, 'old')
  function* broken(): Iterable<string> {
    yield 'new'
    throw new Error('the database is gone')
  }
  expect(() => writeWhole(file, broken())).toThrow('the database is gone')
  expect(readFileSync(file, 'utf8')).toBe('old')
  expect(readdirSync(folder)).toEqual(['a.txt'])
})

test.skipIf(!existsSync('/dev/full'))('a full disk is told with what to do', () => {
  const write = () => writeWhole('/dev/full', ['x'])
  expect(write).toThrow(UsageError)
  expect(write).toThrow('--out /dev/full: cannot be written: the disk is full (ENOSPC); name another place')
})
