/**
 * Golden captures: what the command says about each recording in captures/ is
 * what `expected.ndjson` beside it holds, byte for byte: EVE lines of alerts,
 * TLS, DNS and flows. `npm run golden` writes them anew; the review is
 * `git diff`.
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { replayToLines } from './support/replay.ts'

const CAPTURES = join(import.meta.dirname, '../captures')
const UPDATE = process.env['GOLDEN'] === 'update'

const cases = readdirSync(CAPTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'scenarios') // those have expectations of their own
  .map((entry) => join(CAPTURES, entry.name))

function captureOf(folder: string): string {
  return readdirSync(folder).find((name) => /^input\.(pcap|pcapng)(\.gz|\.zst)?$/.test(name)) ?? ''
}

describe('golden captures', () => {
  test('there are at least 20', () => expect(cases.length).toBeGreaterThanOrEqual(20))

  test.each(cases)('%s', async (folder) => {
    const name = captureOf(folder)
    expect(name, `${basename(folder)} has no input.pcap or input.pcapng`).not.toBe('')
    const expected = join(folder, 'expected.ndjson')
    const got = await replayToLines(folder, name)
    if (UPDATE) writeFileSync(expected, got)
    expect(existsSync(expected), 'run `npm run golden`').toBe(true)
    expect(got).toBe(readFileSync(expected, 'utf8'))
    expect(await replayToLines(folder, name, { framesPerBlock: 1 }), 'one frame per block').toBe(got)
  })
})
