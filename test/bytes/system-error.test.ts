/** What the system says of files, in words. */

import { mkdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemCode, systemReason } from '../../src/bytes/system-error.ts'
import { temporaryFolder } from '../support/folder.ts'

test.each([
  [
    'a file that is not there',
    (folder: string) => readFileSync(`${folder}/x`),
    'there is no such file or folder (ENOENT)',
  ],
  ['a folder', (folder: string) => readFileSync(folder), 'it is a folder and not a file (EISDIR)'],
  ['a file in the way', () => mkdirSync('/dev/null', { recursive: true }), 'a file is where a folder must be (EEXIST)'],
  ['another failure', () => JSON.parse('{'), /JSON/],
])('%s', (_, work, reason) => {
  try {
    work(temporaryFolder())
    expect.unreachable()
  } catch (error) {
    expect(systemReason(error)).toMatch(reason)
  }
})

test('what is no failure of the system has no code', () => {
  expect(systemCode(new Error('x'))).toBe('')
  expect(systemReason('x')).toBe('x')
})
