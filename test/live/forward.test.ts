/** Forwarding beside a sensor: what a live one and one that watches a folder find is at the SIEM, and capturing does not wait for it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/folder.ts'
import { idOf, receiver } from '../support/receiver.ts'
import { pause, sayWhySkipped, until, Wire, whyNoWire } from '../support/wire.ts'

const ROOT = join(import.meta.dirname, '../..')
const MANY = join(ROOT, 'captures/many-clients/input.pcap')
const reason = whyNoWire(['tcpdump'])
sayWhySkipped('test/live/forward.test.ts (live)', reason)

/** Ids of all alerts in a database. */
function stored(path: string): string[] {
  const store = openStore(path, { readonly: true })
  try {
    return [...store.eachAlert({})].map(({ id }) => id).sort()
  } finally {
    store.close()
  }
}

interface Watching {
  said: () => string
  end: () => Promise<number | null>
}

function watch(folder: string, args: string[], env: NodeJS.ProcessEnv = {}): Watching {
  const child = spawn(join(ROOT, 'bin/seekwatch'), ['watch', 'ring', '--no-serve', '--db', 'a.db', ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const closed = once(child, 'close')
  const end = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    return (await closed)[0]
  }
  return { said: () => said, end }
}

describe('beside a sensor that watches a folder', () => {
  test('settings of the file say where to, and what is found is sent, from the first alert on', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'ring'))
    copyFileSync(MANY, join(folder, 'ring/a.pcap'))
    const { port, messages } = await receiver()
    writeFileSync(
      join(folder, 's.yaml'),
      `forward:\n  - to: syslog+tcp://127.0.0.1:${port}\n    name: siem\n    format: cef\n    facility: 20\n`,
    )
    const running = watch(folder, ['--config', 's.yaml'])
    await until(() => messages().length > 0, 20_000, running.said)
    await pause(1500)
    expect(await running.end()).toBe(0)
    expect([...new Set(messages().map(idOf))].sort()).toEqual(stored(join(folder, 'a.db')))
    expect(messages()[0]).toMatch(/^<162>1 .*CEF:0\|/)
  })

  test('a SIEM that is down does not keep it from its work, and is sent all of it by the next run', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'ring'))
    copyFileSync(MANY, join(folder, 'ring/a.pcap'))
    const { port, close } = await receiver()
    await close()
    const environment = { SEEKWATCH_FORWARD: `syslog+tcp://127.0.0.1:${port}` }
    const first = watch(folder, [], environment)
    await until(() => first.said().includes('alerts wait: nobody listens there'), 20_000, first.said)
    const beganMs = performance.now()
    expect(await first.end()).toBe(0)
    expect(performance.now() - beganMs).toBeLessThan(5000)
    const all = stored(join(folder, 'a.db'))
    expect(all.length).toBeGreaterThan(0)
    const { messages } = await receiver({ port })
    const second = watch(folder, ['--forward', `syslog+tcp://127.0.0.1:${port}`])
    await until(() => new Set(messages().map(idOf)).size >= all.length, 20_000, second.said)
    expect(await second.end()).toBe(0)
    expect([...new Set(messages().map(idOf))].sort()).toEqual(all)
  })
})

test.skipIf(reason !== '')(
  `a SIEM that is down costs a live sensor no packet, and no time at its end ${reason}`,
  async () => {
    const wire = new Wire(1)
    onTestFinished(() => wire.remove())
    const folder = temporaryFolder()
    wire.inside(['ip', 'link', 'set', 'lo', 'up'])
    const sensor = wire.sensor(folder, [
      '-i',
      'span',
      '--no-serve',
      '--json',
      '--db',
      'a.db',
      '--forward',
      'syslog+udp://127.0.0.1:5514',
    ])
    await sensor.says(/watching span/)
    const sent = wire.send(MANY, ['--pps=5000'])
    await pause(2500)
    const { code, summary, ms } = await sensor.end()
    expect({ code, packets: summary.packets, lost: summary.packets_lost }).toEqual({ code: 0, packets: sent, lost: 0 })
    expect(ms).toBeLessThan(5000)
    expect(sensor.stderr).toContain('alerts wait: nobody listens there')
  },
)
