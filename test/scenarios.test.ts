/**
 * The scenario suite: what the command makes of each capture with the shipped
 * packs, against what captures/scenarios/cases says it should.
 */

import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../src/events/alert.ts'
import { replayToLines } from './support/replay.ts'
import { alertLines, builtCapture, expectedLines, readThemes } from './support/scenarios.ts'

const themes = readThemes()
const scenarios = themes.flatMap((theme) => theme.scenarios)

describe.each(themes)('$theme', ({ scenarios }) => {
  test.each(scenarios)('$name: $why', async ({ capture, expect: expected }) => {
    const lines = await replayToLines(dirname(capture), basename(capture))
    expect(alertLines(alertsOf(lines), expected)).toEqual(expectedLines(expected))
  })
})

describe('the suite', () => {
  test('has at least 60 cases, half of them nothing or weak', () => {
    const weak = scenarios.filter(({ kind }) => kind !== 'alert').length
    expect(scenarios.length).toBeGreaterThanOrEqual(60)
    expect(weak / scenarios.length).toBeGreaterThanOrEqual(0.5)
  })

  test('has each case once and a capture for each, and no capture without a case', () => {
    const names = scenarios.map(({ theme, name }) => `${theme}-${name}`)
    expect(new Set(names).size).toBe(names.length)
    expect(scenarios.filter(({ capture }) => !existsSync(capture)).map(({ name }) => name)).toEqual([])
    const used = new Set(scenarios.map(({ capture }) => basename(capture)))
    const built = readdirSync(dirname(builtCapture('', '')))
    expect(built.filter((name) => !used.has(name))).toEqual([])
  })
})

function alertsOf(lines: string): Alert[] {
  const events = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { event_type: string; seekwatch: Alert })
  return events.filter(({ event_type }) => event_type === 'alert').map(({ seekwatch }) => seekwatch)
}
