/** `seekwatch forward`: as people and systemd run it, to receivers of our own and to rsyslog. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ForwardState } from '../../src/events/forward.ts'
import { openStore } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { makeAuthority } from '../support/certificates.ts'
import { seekwatch } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'
import { idOf, receiver } from '../support/receiver.ts'
import { startRsyslog, whyNoRsyslog } from '../support/rsyslog.ts'
import { pause, sayWhySkipped, until } from '../support/wire.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/seekwatch')
const reason = whyNoRsyslog()
sayWhySkipped('test/cli/forward.test.ts (rsyslog)', reason)

/** A database with alerts of these ids. */
function database(ids: readonly string[]): string {
  const path = join(temporaryFolder(), 'a.db')
  add(path, ids)
  return path
}

function add(path: string, ids: readonly string[]): void {
  const store = openStore(path)
  if (ids.length > 0) store.write(batchOf(...ids.map((id) => makeAlert(id))))
  store.close()
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `a${String(i).padStart(5, '0')}`)
}

interface Running {
  process: ChildProcess
  said: () => string
  end: (signal: NodeJS.Signals) => Promise<number | null>
}

function start(...args: string[]): Running {
  const child = spawn(PROGRAM, ['forward', ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const closed = once(child, 'close')
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    return (await closed)[0]
  }
  return { process: child, said: () => said, end }
}

function stateOf(path: string): ForwardState {
  const store = openStore(path, { readonly: true })
  try {
    return store.outgoing.states()[0]!
  } finally {
    store.close()
  }
}

describe('wrong usage', () => {
  test.each([
    [[], 'forward: say where to: seekwatch forward --to syslog+tls://siem.example:6514'],
    [['--to', 'siem'], '--to: "siem" is no destination; write for example '],
    [
      ['--to', 'syslog+tcp://a', '--to', 'syslog+tcp://a:514'],
      '--to: syslog+tcp://a:514 is there twice; leave one out',
    ],
    [['--to', 'syslog+tcp://a', '--format', 'xml'], '--to: syslog+tcp://a:514: format: "xml" is none of '],
    [['--to', 'syslog+tcp://a', '--db', '/nowhere/a.db'], '/nowhere/a.db: no such database; name the one that'],
    [['--to', 'syslog+tls://a', '--ca', '/nowhere/ca.pem'], 'ca /nowhere/ca.pem: '],
    [['--status', '--db', '/nowhere/a.db'], 'no such database'],
    [['--once', '--test'], "'--once' cannot be used with option '--test'"],
  ])('%j', async (args, complaint) => {
    const { code, err } = await seekwatch('forward', ...args)
    expect([code, err]).toEqual([2, expect.stringContaining(complaint)])
  })
})

describe('--once', () => {
  test('sends what is outstanding, and says what it does not send', async () => {
    const { port, messages } = await receiver()
    const db = database(['a', 'b'])
    const once = ['forward', '--to', `syslog+tcp://127.0.0.1:${port}`, '--name', 'siem', '--db', db, '--once']
    const first = await seekwatch(...once)
    expect(first).toMatchObject({ code: 0, err: expect.stringContaining('2 alerts stored before are not sent') })
    add(db, ['c'])
    const second = await seekwatch(...once, '--json')
    expect(second).toMatchObject({ code: 0, err: 'seekwatch: siem: 1 alert was sent, 0 wait\n' })
    expect(JSON.parse(second.out)).toMatchObject({ name: 'siem', outstanding: 0, sent: 1 })
    expect(messages().map(idOf)).toEqual(['c'])
  })

  test('sends all with --from-start, which a known destination does not begin anew for, but a forgotten one does', async () => {
    const { port, messages } = await receiver()
    const db = database(['a', 'b'])
    const to = ['--to', `syslog+tcp://127.0.0.1:${port}`, '--db', db]
    for (let i = 0; i < 2; i++) expect((await seekwatch('forward', ...to, '--once', '--from-start')).code).toBe(0)
    expect(messages().map(idOf)).toEqual(['a', 'b'])
    expect((await seekwatch('forward', ...to, '--forget')).code).toBe(0)
    expect(await seekwatch('forward', ...to, '--forget')).toMatchObject({
      code: 2,
      err: expect.stringContaining('not known'),
    })
    expect((await seekwatch('forward', ...to, '--once', '--from-start')).code).toBe(0)
    expect(messages().map(idOf)).toEqual(['a', 'b', 'a', 'b'])
  })

  test('ends with 3 when it cannot be sent; --status says so, and what waits', async () => {
    const { port, close } = await receiver()
    await close()
    const db = database(['a', 'b'])
    const to = `syslog+tcp://127.0.0.1:${port}`
    const { code, err } = await seekwatch('forward', '--to', to, '--db', db, '--once', '--from-start')
    expect([code, err]).toEqual([3, expect.stringContaining(`${to}: 0 alerts were sent, 2 wait`)])
    const status = await seekwatch('forward', '--status', '--db', db)
    expect(status.code).toBe(0)
    expect(status.out).toMatch(
      /^syslog\S+\n {2}2 alerts wait; 0 messages sent since \S+Z; nothing yet\n {2}takes nothing since \S+Z: nobody listens there \(ECONNREFUSED\)\n$/,
    )
  })
})

test('--test sends a message that says what it is, without a database', async () => {
  const { port, messages } = await receiver()
  const tried = await seekwatch('forward', '--test', '--to', `syslog+tcp://127.0.0.1:${port}`)
  expect(tried).toMatchObject({ code: 0, err: expect.stringMatching(/: test message test-\d+ was sent\n$/) })
  expect(messages()).toEqual([
    expect.stringMatching(
      /^<134>1 .* seekwatch - test \[seekwatch@32473 id="test-\d+" .* "signature":|TEST of the way/,
    ),
  ])
  const closed = await receiver()
  await closed.close()
  const failed = await seekwatch('forward', '--test', '--to', `syslog+tcp://127.0.0.1:${closed.port}`)
  expect(failed).toMatchObject({ code: 3, err: expect.stringContaining('the test message did not arrive: nobody') })
})

describe('a process that follows', () => {
  test('sends what comes, lets no second one send the same, and ends in order', async () => {
    const { port, messages } = await receiver()
    const db = database([])
    const to = ['--to', `syslog+tcp://127.0.0.1:${port}`, '--db', db]
    const running = start(...to)
    await until(() => running.said().includes('is new here'), 15_000, running.said)
    add(db, ['a', 'b'])
    await expect.poll(() => messages().map(idOf), { timeout: 10_000 }).toEqual(['a', 'b'])
    const { code, err } = await seekwatch('forward', ...to, '--once')
    expect([code, err]).toEqual([2, expect.stringMatching(/the process with process id \d+ on \S+ forwards to syslog/)])
    expect(await running.end('SIGTERM')).toBe(0)
    expect(running.said()).toContain('2 alerts were sent, 0 wait')
    expect((await seekwatch('forward', ...to, '--once')).code).toBe(0)
    expect(messages()).toHaveLength(2)
  })

  test('keeps its place: nobody forgets the destination below it', async () => {
    const { port, messages } = await receiver()
    const db = database(['a', 'b'])
    const to = ['--to', `syslog+tcp://127.0.0.1:${port}`, '--db', db]
    const running = start(...to)
    await until(() => running.said().includes('is new here'), 15_000, running.said)
    const { code, err } = await seekwatch('forward', ...to, '--forget')
    expect([code, err]).toEqual([2, expect.stringMatching(/the process with process id \d+ .*; end it/)])
    add(db, ['c'])
    await expect.poll(() => messages().map(idOf), { timeout: 10_000 }).toEqual(['c'])
    expect(await running.end('SIGTERM')).toBe(0)
  })

  test('ends when the database is another file than the one it has open', async () => {
    const { port } = await receiver()
    const db = database(['a'])
    const running = start('--to', `syslog+tcp://127.0.0.1:${port}`, '--db', db)
    await until(() => running.said().includes('is new here'), 15_000, running.said)
    renameSync(db, `${db}.old`)
    expect((await once(running.process, 'close'))[0]).toBe(2)
    expect(running.said()).toContain(`${db}: it was moved, deleted or replaced by another file; start this again`)
  })

  test('that is killed again and again loses nothing: each alert arrives, in order, few twice', async () => {
    const db = database(ids(1500))
    const { port, messages } = await receiver({
      onData: (socket) => {
        socket.pause()
        setTimeout(() => socket.resume(), 10)
      },
    })
    let kills = 0
    for (let wait = 250; stateOf(db) === undefined || stateOf(db).outstanding > 0; wait += 25) {
      const running = start('--to', `syslog+tcp://127.0.0.1:${port}`, '--db', db, '--from-start')
      const endMs = performance.now() + wait
      while (performance.now() < endMs && (stateOf(db)?.outstanding ?? 1) > 0) await pause(20)
      await running.end('SIGKILL')
      kills++
    }
    const heard = messages().map(idOf)
    const distinct = [...new Set(heard)]
    expect(distinct).toEqual(ids(1500))
    expect(kills).toBeGreaterThan(2)
    expect(heard.length - 1500, 'a portion for each kill').toBeLessThanOrEqual(500 * kills)
  })
})

describe.skipIf(reason !== '')(`rsyslog ${reason}`, () => {
  test('that is down, and killed, in between gets every alert', async () => {
    const folder = temporaryFolder()
    const first = await startRsyslog({ transport: 'tcp', folder })
    const options = { transport: 'tcp', folder, port: first.port } as const
    const db = database([])
    const running = start('--to', `syslog+tcp://127.0.0.1:${first.port}`, '--db', db)
    await until(() => running.said().includes('is new here'), 15_000, running.said)
    const isSent = (): boolean => stateOf(db).outstanding === 0
    const all = ids(900)
    add(db, all.slice(0, 300))
    await until(isSent, 20_000, running.said)
    await first.stop()
    add(db, all.slice(300, 600))
    await until(() => running.said().includes('alerts wait'), 15_000, running.said)
    const second = await startRsyslog(options)
    await until(isSent, 20_000, running.said)
    await until(() => second.heard().length >= 600, 10_000, running.said) // it has a queue of its own
    await second.kill()
    add(db, all.slice(600))
    const third = await startRsyslog(options)
    await until(isSent, 20_000, running.said)
    expect(await running.end('SIGTERM')).toBe(0)
    const heard = third.heard().map(({ data }) => /id="([^"]*)"/.exec(data)![1]!)
    expect([...new Set(heard)]).toEqual(all)
    expect(heard.length, 'none came twice, because each time all was sent before').toBe(900)
  })

  test('over TLS with certificates on both sides, and the test message with them', async () => {
    const authority = makeAuthority(temporaryFolder())
    const rsyslog = await startRsyslog({ transport: 'tls', authority, client: 'sensor.example' })
    const { cert, key } = authority.sign('sensor', 'DNS:sensor.example')
    const to = ['--to', `syslog+tls://localhost:${rsyslog.port}`, '--ca', authority.ca, '--cert', cert, '--key', key]
    const db = database(['a', 'b'])
    expect((await seekwatch('forward', ...to, '--test')).code).toBe(0)
    expect((await seekwatch('forward', ...to, '--once', '--from-start', '--db', db)).code).toBe(0)
    await expect.poll(() => rsyslog.heard().map(({ msgid }) => msgid)).toEqual(['test', 'service', 'service'])
  })
})
