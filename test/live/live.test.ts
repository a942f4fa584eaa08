/** Live capture as it is used: the program in a network namespace, packets from tcpreplay. */

import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Alert } from '../../src/events/alert.ts'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/folder.ts'
import { replayInto } from '../support/replay.ts'
import { pause, sayWhySkipped, Wire, whyNoWire } from '../support/wire.ts'

const CAPTURES = join(import.meta.dirname, '../../captures')
const reason = whyNoWire(['tcpdump', 'dumpcap'])
sayWhySkipped('test/live/live.test.ts', reason)

const capReason = reason || whyNoCap()
if (reason === '') sayWhySkipped('test/live/live.test.ts (adapter cap)', capReason)

function whyNoCap(): string {
  try {
    createRequire(import.meta.url)('cap')
    return ''
  } catch (error) {
    return `the npm package cap cannot be loaded: ${(error as Error).message.split('\n')[0]}`
  }
}

function capture(name: string): string {
  return join(CAPTURES, name, 'input.pcap')
}

describe.skipIf(reason !== '')('live', () => {
  let wire: Wire
  let folder: string
  beforeEach(() => {
    wire = new Wire(2)
    folder = temporaryFolder()
  })
  afterEach(() => wire.remove())

  describe.each(['tcpdump', 'dumpcap', 'cap'])('with %s', (adapter) => {
    test.skipIf(adapter === 'cap' && capReason !== '')('packets counted are packets sent', async () => {
      const sensor = wire.sensor(folder, ['-i', 'span', '--capture', adapter, '--no-serve', '--json'])
      await sensor.says(/watching span/)
      // cap has room for some two thousand packets and must not be disturbed for long; it has a test, not a promise
      const rate = adapter === 'cap' ? ['--pps=1000', '--loop=5'] : ['--pps=5000', '--loop=20']
      let sent = 0
      for (const name of ['many-clients', 'ipv6', 'qinq', 'vxlan']) sent += wire.send(capture(name), rate)
      await pause(1500)
      const { code, summary } = await sensor.end()
      expect(code).toBe(0)
      expect(summary).toMatchObject({ packets: sent, packets_lost: 0 })
      expect(sent).toBeGreaterThan(1000)
    })
  })

  test.each([
    [
      'a wrong filter',
      ['-i', 'span', '--filter', 'foo bar'],
      'the filter "foo bar" is meant; "man 7 pcap-filter" has its',
    ],
    ['no such interface', ['-i', 'nowhere'], '"seekwatch doctor -i nowhere" says what this machine lacks'],
  ])('%s is told with what each program says, once its name, and what to do', async (_, args, advice) => {
    const sensor = wire.sensor(folder, [...args, '--no-serve'])
    expect((await sensor.exit).code).toBe(2)
    expect(sensor.stderr).toMatch(/\n {2}tcpdump: (?!tcpdump)\S.*\n {2}dumpcap: (?!dumpcap)\S/)
    expect(sensor.stderr).toContain(`\n${advice}`)
  })

  test('alerts of golden captures are those of replay', async () => {
    // LIVE=all takes every recording; by default a few, each of another kind
    const few = ['tls13-openssl', 'quic-chromium', 'dns-only', 'connect-curl', 'qinq', 'vxlan', 'ip-fragments']
    const names = process.env['LIVE'] === 'all' ? readdirSync(CAPTURES).filter((name) => sendable(name)) : few
    const differ: string[] = []
    for (let i = 0; i < names.length; i += 4) {
      await Promise.all(
        names.slice(i, i + 4).map(async (name) => {
          const own = new Wire()
          try {
            const sensor = own.sensor(folder, ['-i', 'span', '--no-serve', '--json', '--db', `${name}.db`])
            await sensor.says(/watching span/, 60_000)
            own.send(capture(name))
            await pause(1500)
            await sensor.end()
          } finally {
            own.remove()
          }
        }),
      )
    }
    for (const name of names) {
      const live = JSON.stringify(await alertsOf(join(folder, `${name}.db`)), null, 1)
      const replay = JSON.stringify(await replayed(capture(name)), null, 1)
      if (live !== replay) differ.push(`${name}: live ${live}, replay ${replay}`)
    }
    expect(differ).toEqual([])
  }, 300_000)
})

/** Recordings that tcpreplay takes as they are, and that mean the same at another speed. */
function sendable(name: string): boolean {
  return existsSync(capture(name))
}

/** What an alert says, but for when and where it was seen. */
function essence({
  rule,
  severity,
  confidence,
  attempt,
  count,
  evidence,
  reasons,
  client,
  server,
  bytes_out,
  bytes_in,
  packets_out,
  packets_in,
}: Alert) {
  const facts = evidence.map(({ kind, value }) => `${kind} ${value}`)
  // a reason may say where something was seen
  const words = reasons.map((words) => words.replace(/\(packet \d+ of [^)]*\)/, ''))
  return {
    rule,
    severity,
    confidence,
    attempt,
    count,
    facts,
    words,
    client,
    server,
    bytes_out,
    bytes_in,
    packets_out,
    packets_in,
  }
}

function alertsOf(db: string): object[] {
  const store = openStore(db, { readonly: true })
  try {
    return sorted([...store.eachAlert({})].map(essence))
  } finally {
    store.close()
  }
}

async function replayed(file: string): Promise<object[]> {
  const store = openStore(':memory:')
  try {
    await replayInto(store, [file], new Set())
    return sorted([...store.eachAlert({})].map(essence))
  } finally {
    store.close()
  }
}

function sorted(list: object[]): object[] {
  return list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
