/** The floods of the bench: the same bytes for the same seed, and what the truth says is found in them. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/folder.ts'
import { replayInto } from '../support/replay.ts'
import { FLOODS, type FloodOptions, makeFlood } from './floods.ts'

const OPTIONS: FloodOptions = { packets: 12_000, flows: 100, seed: 1 }

test.each(FLOODS)('flood: %s', async (kind) => {
  const folder = temporaryFolder()
  const path = join(folder, 'flood.pcap')
  const truth = makeFlood(kind, path, OPTIONS)
  expect(truth.fileBytes).toBe(readFileSync(path).length)
  const again = join(folder, 'again.pcap')
  makeFlood(kind, again, OPTIONS)
  expect(readFileSync(again).equals(readFileSync(path))).toBe(true)

  const store = openStore(':memory:')
  const { summary, lines } = await replayInto(store, [path], new Set(['tls', 'quic', 'dns']))
  store.close()
  const events = lines.split('\n').filter((line) => line !== '')
  const count = (...types: string[]) => events.filter((line) => types.includes(JSON.parse(line).event_type)).length
  expect(summary).toMatchObject({ packets: truth.packets, flows: truth.flows, not_decoded: {} })
  expect(count('dns')).toBe(truth.dnsMessages)
  expect(count('tls', 'quic')).toBe(truth.hellos)
})
