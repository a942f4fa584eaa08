/** Folders as real recorders keep them: each packet that went over the wire is counted once. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { makeTraffic } from '../bench/traffic.ts'
import { pause, RunningSensor, sayWhySkipped, until, Wire, whyNoWire } from '../support/wire.ts'

const TRAFFIC_BYTES = 6e6

const reason = whyNoWire(['tcpdump', 'dumpcap'])
sayWhySkipped('test/live/watch-recorders.test.ts', reason)

describe.skipIf(reason !== '')('watch', () => {
  test.concurrent.each([
    [
      'dumpcap -b filesize -b files',
      ['dumpcap', '-q', '-i', 'span', '-b', 'filesize:1000', '-b', 'files:3', '-w', 'r.pcapng'],
    ],
    [
      'tcpdump -C -W, names used again',
      ['tcpdump', '-n', '-Z', 'root', '-i', 'span', '-C', '1', '-W', '3', '-w', 'r.pcap'],
    ],
    ['tcpdump -G', ['tcpdump', '-n', '-Z', 'root', '-i', 'span', '-G', '1', '-w', 'r_%s.pcap']],
    ['tcpdump -G -z gzip', ['tcpdump', '-n', '-Z', 'root', '-i', 'span', '-G', '1', '-z', 'gzip', '-w', 'r_%s.pcap']],
  ])('%s', async (_, command) => {
    const wire = new Wire()
    const folder = mkdtempSync(join(tmpdir(), 'seekwatch-test-'))
    try {
      await record(wire, folder, command)
    } finally {
      wire.remove()
      rmSync(folder, { recursive: true })
    }
  })
})

/** Sends traffic that a recorder writes into a folder which is watched. */
async function record(wire: Wire, folder: string, command: readonly string[]): Promise<void> {
  const [ring, traffic] = [join(folder, 'ring'), join(folder, 'traffic.pcap')]
  mkdirSync(ring)
  const { packets, watched } = makeTraffic(traffic, { bytes: TRAFFIC_BYTES, seed: 1 })
  const args = ['watch', 'ring', '--no-serve', '--json', '--db', 'w.db']
  const sensor = new RunningSensor(wire.name, folder, args, {})
  await sensor.says(/watching ring/)
  const recorder = wire.start(['env', '-C', ring, ...command])
  await pause(1500)
  const sender = wire.start(['tcpreplay', '-q', '-i', 'inject', '--pps=1500', traffic])
  await new Promise((resolve) => sender.on('close', resolve))
  await pause(2000)
  recorder.kill('SIGINT')
  const db = join(folder, 'w.db')
  await until(
    () => counted(db) >= packets,
    20_000,
    () => `${counted(db)} of ${packets}; ${readdirSync(ring)}\n${sensor.stderr}`,
  )
  await pause(1000)
  const { summary } = await sensor.end()
  expect(summary.packets).toBe(packets)
  expect(summary.alerts).toBeGreaterThanOrEqual(watched.length)
  expect(readdirSync(ring).length).toBeGreaterThan(2)
}

function counted(db: string): number {
  const store = openStore(db, { readonly: true })
  try {
    return store.coverage(0, Number.MAX_SAFE_INTEGER).hours.reduce((sum, hour) => sum + hour.packets, 0)
  } finally {
    store.close()
  }
}
