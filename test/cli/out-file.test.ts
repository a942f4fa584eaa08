import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { writeWhole } from '../../src/cli/out-file.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { temporaryFolder } from '../support/folder.ts'

test('a file is written whole: pieces one behind the other, and nothing is left beside it', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.txt')
  writeFileSync(file, 'what was there before, and longer')
  await writeWhole(file, ['one ', 'two'])
  expect(readFileSync(file, 'utf8')).toBe('one two')
  expect(readdirSync(folder)).toEqual(['a.txt'])
  expect(process.listenerCount('SIGTERM')).toBe(0)
})

test('what fails half way leaves the old file, and nothing beside it', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.txt')
  writeFileSync(file, 'old')
  function* broken(): Iterable<string> {
    yield 'new'
    throw new Error('the database is gone')
  }
  await expect(writeWhole(file, broken())).rejects.toThrow('the database is gone')
  expect(readFileSync(file, 'utf8')).toBe('old')
  expect(readdirSync(folder)).toEqual(['a.txt'])
})

test('so does a signal, which is not kept from ending the program', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.txt')
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
  onTestFinished(() => kill.mockRestore())
  const seen: string[][] = []
  function* long(): Iterable<string> {
    yield 'one'
    process.emit('SIGTERM', 'SIGTERM')
    seen.push(readdirSync(folder))
    throw new Error('here it would have ended')
  }
  await expect(writeWhole(file, long())).rejects.toThrow('here it would')
  expect(seen).toEqual([[]])
  expect(kill.mock.calls).toEqual([[process.pid, 'SIGTERM']])
})

test.skipIf(!existsSync('/dev/full'))('a full disk is told with what to do', async () => {
  const write = writeWhole('/dev/full', ['x'])
  await expect(write).rejects.toThrow(UsageError)
  await expect(write).rejects.toThrow(
    '--out /dev/full: cannot be written: the disk is full (ENOSPC); name another place',
  )
})
