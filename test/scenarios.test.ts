/**
 * The scenario suite: what the command makes of each capture with the shipped
 * packs, against what captures/scenarios/cases says it should. Alerts come from
 * the store, where exempt ones are kept, too; those that are not exempt must be
 * in EVE as well.
 */

import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rfc3339 } from '../src/bytes/time.ts'
import { openCapture } from '../src/capture/open.ts'
import { coverTest } from '../src/detect/exemption.ts'
import type { Alert } from '../src/events/alert.ts'
import { openStore } from '../src/store/store.ts'
import { readAll } from './capture/read-all.ts'
import { replayInto } from './support/replay.ts'
import { alertLines, builtCapture, expectedLines, readThemes } from './support/scenarios.ts'

const themes = readThemes()
const scenarios = themes.flatMap((theme) => theme.scenarios)

const AUTHOR = { who: 'scenarios', via: 'test', note: '' }

describe.each(themes)('$theme', ({ scenarios }) => {
  test.each(scenarios)('$name: $why', async ({ capture, exemptions, expect: expected }) => {
    const store = openStore(':memory:')
    try {
      store.addExemptions(exemptions, AUTHOR, coverTest)
      const { lines } = await replayInto(store, [capture], new Set(['alert']))
      const alerts = [...store.eachAlert({})]
      expect(alertLines(alerts, expected)).toEqual(expectedLines(expected))
      expect(await timesOfNoPacket(capture, alerts)).toEqual([])
      const forwarded = alerts.filter(({ state }) => state !== 'exempt').map(({ id }) => id)
      expect(idsOf(lines)).toEqual(forwarded.sort())
    } finally {
      store.close()
    }
  })
})

test('a certificate that is told of when its flow is over lies where it was seen', async () => {
  const store = openStore(':memory:')
  try {
    await replayInto(store, [builtCapture('certificates', 'one-direction')], new Set(['alert']))
    const [alert] = [...store.eachAlert({})]
    expect(alert!.evidence).toMatchObject([{ kind: 'certificate_name', packet: 2 }])
  } finally {
    store.close()
  }
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

/** What alerts say of times that the capture has no packet for; of evidence, that its packet has not. */
async function timesOfNoPacket(capture: string, alerts: Alert[]): Promise<string[]> {
  const { frames } = await readAll(await openCapture(capture))
  let nowUs = 0 // the sensor's time never goes back
  const times = frames.map(({ timeUs }) => {
    nowUs = Math.max(nowUs, timeUs)
    return rfc3339(nowUs)
  })
  return alerts.flatMap(({ id, evidence, first_seen, last_seen }) => [
    ...[first_seen, last_seen].filter((time) => !times.includes(time)).map((time) => `${id} seen ${time}`),
    ...evidence
      .filter(({ time, packet }) => time !== times[packet - 1])
      .map(({ kind, time, packet }) => `${id} ${kind} ${time}, packet ${packet} ${times[packet - 1]}`),
  ])
}

/** The ids of the alerts in EVE lines, in order. */
function idsOf(lines: string): string[] {
  const events = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { seekwatch: Alert })
  return events.map(({ seekwatch }) => seekwatch.id).sort()
}
