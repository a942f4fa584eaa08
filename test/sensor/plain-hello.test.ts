/** Alerts and flows are the same whether hellos are read for their names alone, or in full because somebody wants `tls`. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { makeTraffic } from '../bench/traffic.ts'
import { feed } from '../support/feed.ts'
import { temporaryFolder } from '../support/folder.ts'
import { replayInto } from '../support/replay.ts'
import { named, SERVER } from '../support/visits.ts'

const CAPTURES = join(import.meta.dirname, '../../captures')

async function linesOf(path: string, kinds: Array<'alert' | 'flow' | 'tls'>): Promise<string[]> {
  const store = openStore(':memory:')
  try {
    const { lines } = await replayInto(store, [path], new Set(kinds))
    return lines.split('\n').filter((line) => !line.includes('"event_type":"tls"'))
  } finally {
    store.close()
  }
}

const golden = readdirSync(CAPTURES).filter((name) => existsSync(join(CAPTURES, name, 'input.pcap')))

test.each(golden)('plain hellos: %s', async (name) => {
  const path = join(CAPTURES, name, 'input.pcap')
  expect(await linesOf(path, ['alert', 'flow'])).toEqual(await linesOf(path, ['alert', 'flow', 'tls']))
})

test.each([
  [443, 0],
  [53, 0],
  [853, 1],
])('plain hellos: on port %i they are %i times DNS over TLS', (port, times) => {
  const { frames } = named('www.ordinary.example', { ...SERVER, port })
  for (const events of [[], ['tls']] as const)
    expect(feed(frames, { events }).sensor.counters()['dns.encrypted_flows']).toBe(times)
})

test('plain hellos: the traffic of the bench', async () => {
  const path = join(temporaryFolder(), 'mix.pcap')
  const { flows } = makeTraffic(path, { bytes: 2e6, seed: 3 })
  const lines = await linesOf(path, ['alert', 'flow'])
  expect(lines.length).toBeGreaterThan(flows)
  expect(lines).toEqual(await linesOf(path, ['alert', 'flow', 'tls']))
})
