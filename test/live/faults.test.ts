/**
 * What goes wrong while a sensor runs: it goes on, and has on record what it
 * missed. SOAK_MINUTES=30 makes the last test the long form.
 */

import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openCapture } from '../../src/capture/open.ts'
import type { CoverageReport } from '../../src/events/coverage.ts'
import { openStore } from '../../src/store/store.ts'
import { makeTraffic } from '../bench/traffic.ts'
import { readAll } from '../capture/read-all.ts'
import { temporaryFolder } from '../support/folder.ts'
import { pause, type RunningSensor, sayWhySkipped, until, Wire, whyNoWire } from '../support/wire.ts'

const CAPTURES = join(import.meta.dirname, '../../captures')
const TLS = join(CAPTURES, 'tls13-openssl/input.pcap')
const MANY = join(CAPTURES, 'many-clients/input.pcap')
const QINQ = join(CAPTURES, 'qinq/input.pcap')
const SOAK_MINUTES = Number(process.env['SOAK_MINUTES'] ?? 0)
const LIVE = ['-i', 'span', '--no-serve', '--json', '--db', 'live.db']

const reason = whyNoWire(['tcpdump', 'dumpcap'])
sayWhySkipped('test/live/faults.test.ts', reason)

/** Debian's package faketime: a library that sets the clock of one process. */
const FAKETIME = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`
const capReason = reason || whyNoCap() || (existsSync(FAKETIME) ? '' : 'faketime is not installed')
if (reason === '') sayWhySkipped('test/live/faults.test.ts (the clock)', capReason)

function whyNoCap(): string {
  try {
    createRequire(import.meta.url)('cap')
    return ''
  } catch (error) {
    return `the npm package cap cannot be loaded: ${(error as Error).message.split('\n')[0]}`
  }
}

function children(parent: number): number[] {
  const text = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
}

function ask<T>(db: string, question: (store: ReturnType<typeof openStore>) => T): T {
  const store = openStore(db, { readonly: true })
  try {
    return question(store)
  } finally {
    store.close()
  }
}

describe.skipIf(reason !== '')('a sensor that stays up', () => {
  let wire: Wire
  let folder: string
  let db: string
  beforeEach(() => {
    wire = new Wire(2)
    folder = temporaryFolder()
    db = join(folder, 'live.db')
  })
  afterEach(() => wire.remove())

  async function start(args: string[] = LIVE): Promise<RunningSensor> {
    const sensor = wire.sensor(folder, args)
    await sensor.says(/watching/)
    return sensor
  }
  const alerts = (): number => ask(db, (store) => store.alerts({}).total)
  const alertsOf = (kind: string): number =>
    ask(db, (store) => [...store.eachAlert({})].filter(({ evidence }) => evidence[0]!.kind === kind).length)
  const report = (): CoverageReport => ask(db, (store) => store.coverage(0, Number.MAX_SAFE_INTEGER))

  test('its child is killed: the next one captures, and the gap is on record', async () => {
    const sensor = await start()
    process.kill(children(sensor.process.pid!)[0]!, 'SIGKILL')
    await sensor.says(/not capturing: it was ended by SIGKILL/)
    await sensor.says(/capturing again/)
    wire.send(TLS)
    await until(
      () => alerts() > 0,
      5000,
      () => 'no alert after the gap',
    )
    await sensor.end()
    const [gap] = report().gaps
    expect(gap).toMatchObject({ kind: 'capture', interface: 'span', reason: 'it was ended by SIGKILL' })
    expect(Date.parse(gap!.to!) - Date.parse(gap!.from)).toBeLessThan(5000)
  })

  test('the interface goes down and comes back', async () => {
    const sensor = await start()
    wire.ip('link', 'set', 'span', 'down')
    await sensor.says(/span: not capturing: the interface is down/)
    wire.ip('link', 'set', 'span', 'up')
    await sensor.says(/capturing again/)
    await pause(500)
    wire.send(TLS)
    await until(
      () => alerts() > 0,
      5000,
      () => 'no alert after the gap',
    )
    await sensor.end()
    expect(report().gaps).toMatchObject([{ kind: 'capture', interface: 'span', reason: 'the interface is down' }])
  })

  test('the interface is down for a moment, between two looks: that is a gap', async () => {
    const sensor = await start()
    await pause(1500)
    // six times, because one might be seen while it lasts
    for (let i = 0; i < 6; i++) {
      wire.ip('link', 'set', 'span', 'down')
      wire.ip('link', 'set', 'span', 'up')
      await pause(1100)
    }
    await pause(1200)
    await sensor.end()
    const { gaps } = report()
    expect(gaps.map(({ reason }) => reason)).toContain('the interface was down for a moment')
    expect(gaps.filter(({ from, to }) => Date.parse(to!) - Date.parse(from) > 5000)).toEqual([])
  })

  test('another process holds the database: alerts wait, and none is lost', async () => {
    const sensor = await start()
    const other = new Database(db)
    other.exec('BEGIN IMMEDIATE')
    wire.send(TLS)
    await sensor.says(/alerts wait: .*another process/)
    other.exec('COMMIT')
    other.close()
    await until(
      () => alerts() === 2,
      15_000,
      () => `${alerts()} alerts after the pause`,
    )
    await sensor.end()
    expect(report().gaps).toMatchObject([{ kind: 'store', alerts_lost: 0 }])
  })

  test('the disk is full: alerts wait, and when there is room again nothing is lost', async () => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk])
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk])
    })
    db = join(disk, 'live.db')
    const sensor = await start(['-i', 'span', '--no-serve', '--json', '--db', 'disk/live.db'])
    let sent = wire.send(TLS)
    await until(
      () => alerts() === 2,
      5000,
      () => `${alerts()} alerts before`,
    )
    fill(join(disk, 'filler'))
    sent += wire.send(MANY, ['--pps=3000', '--loop=30'])
    await sensor.says(/alerts wait: .*the disk is full/)
    sent += wire.send(TLS)
    await pause(1000)
    expect(sensor.stderr).not.toMatch(/takes alerts again/)
    rmSync(join(disk, 'filler'))
    await sensor.says(/takes alerts again; 0 had to be given up/)
    const { code, summary } = await sensor.end()
    expect(code).toBe(0)
    expect(summary).toMatchObject({ packets: sent, packets_lost: 0 })
    expect(alerts()).toBe(summary.alerts)
    expect(report().gaps).toMatchObject([{ kind: 'store', alerts_lost: 0 }])
    expect(report().gaps[0]!.to).not.toBeNull()
    expect(report().hours.reduce((sum, hour) => sum + hour.packets, 0)).toBe(sent)
  })

  test('while packets are lost, alerts say so, and none before and long after', async () => {
    const sensor = await start(['-i', 'span', '--ring', '1', '--capture', 'tcpdump', ...LIVE.slice(2)])
    wire.send(TLS)
    await until(
      () => alerts() === 2,
      5000,
      () => 'no alert before',
    )
    const [child] = children(sensor.process.pid!)
    process.kill(child!, 'SIGSTOP')
    wire.send(MANY, ['--topspeed', '--loop=60'])
    process.kill(child!, 'SIGCONT')
    await sensor.says(/packets were lost/)
    const lossyFrom = Date.now()
    wire.send(TLS)
    await pause(2500)
    const { summary } = await sensor.end()
    expect(summary.packets_lost).toBeGreaterThan(0)
    const told = ask(db, (store) => [...store.eachAlert({})])
    const before = told.slice(0, 2)
    const during = told.filter(({ first_seen }) => Date.parse(first_seen) >= lossyFrom)
    expect(before.map(({ lossy }) => lossy)).toEqual([false, false])
    expect(during.length).toBeGreaterThan(0)
    expect(during.every(({ lossy }) => lossy)).toBe(true)
    const hours = report().hours
    expect(hours.reduce((sum, { lost_kernel }) => sum + lost_kernel, 0)).toBe(summary.packets_lost)
  })

  test.skipIf(capReason !== '')(
    'the clock is set back an hour, then forward a day: it goes on, and says so',
    async () => {
      // the packets of cap are stamped by our own child, so that one library sets the clock of both
      const clock = join(folder, 'clock')
      writeFileSync(clock, '+0')
      const sensor = wire.sensor(folder, ['-i', 'span', '--capture', 'cap', ...LIVE.slice(2)], {
        LD_PRELOAD: FAKETIME,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      })
      await sensor.says(/watching/)
      let sent = 0
      let wanted = 0
      for (const [set, said] of [
        ['+0', /watching/],
        ['-1h', /set back by (3599|3600)\.\d s/],
        ['+1d', /set forward by (89999|90000)\.\d s/],
        ['+0', /set back by 86(399|400)\.\d s/],
      ] as const) {
        writeFileSync(clock, set)
        await sensor.says(said)
        sent += wire.send(TLS, ['--pps=500'])
        wanted++
        // what DNS alone says joins the contact that is nearby in time, also where that is the future now
        await until(
          () => alertsOf('tls_sni') === wanted,
          8000,
          () => `${alertsOf('tls_sni')} alerts with the clock at ${set}:\n${sensor.stderr}`,
        )
      }
      const { code, summary } = await sensor.end()
      expect(code).toBe(0)
      expect(summary).toMatchObject({ packets: sent })
      const { gaps, hours } = report()
      expect(gaps.map(({ kind }) => kind)).toEqual(['clock', 'clock', 'clock'])
      expect(hours.reduce((sum, hour) => sum + hour.packets, 0)).toBe(sent)
      expect(new Set(hours.map(({ hour }) => hour)).size).toBeGreaterThanOrEqual(3)
    },
  )

  test('it is killed: what was seen a second before is stored, and the next start says so', async () => {
    const sensor = await start()
    wire.send(TLS)
    await until(
      () => alerts() > 0,
      5000,
      () => 'no alert',
    )
    await pause(1000)
    process.kill(sensor.process.pid!, 'SIGKILL')
    await sensor.exit
    expect(alerts()).toBe(2)
    await pause(2500)
    const next = await start()
    await next.says(/the sensor was cut off at .* nothing was watched/)
    await next.end()
    expect(report().gaps).toMatchObject([{ kind: 'killed', reason: 'the sensor was cut off' }])
    expect(report().hours.reduce((sum, hour) => sum + hour.packets, 0)).toBe(23)
  })

  test.each(['tcpdump', 'dumpcap', 'cap'])('it is killed on a quiet line: no %s goes on capturing', async (adapter) => {
    if (adapter === 'cap' && whyNoCap() !== '') return
    const sensor = await start(['-i', 'span', '--workers', '2', '--capture', adapter, ...LIVE.slice(2)])
    const begun = children(sensor.process.pid!)
    expect(begun.length).toBeGreaterThanOrEqual(2)
    process.kill(sensor.process.pid!, 'SIGKILL')
    await sensor.exit
    await until(
      () => !begun.some(isRunning),
      2000,
      () => `still there: ${begun.filter(isRunning).map(commandOf).join('; ')}`,
    )
  })

  test('a second sensor on its database is refused; a third after it is not', async () => {
    const sensor = await start()
    const second = wire.sensor(folder, LIVE)
    expect(await second.exit).toMatchObject({ code: 2 })
    expect(second.stderr).toMatch(
      new RegExp(`live.db: the sensor with process id ${sensor.process.pid} on .* writes to it since`),
    )
    await sensor.end('SIGINT')
    const third = await start()
    expect((await third.end()).code).toBe(0)
  })

  test('it ends within 5 seconds under load, and everything read is stored', async () => {
    const sensor = await start(['-i', 'span', '--json', '--db', 'live.db'])
    const sending = wire.start(['tcpreplay', '-q', '-i', 'inject', '--topspeed', '--loop=20000', MANY])
    await pause(2000)
    const { code, summary, ms } = await sensor.end()
    sending.kill('SIGKILL')
    expect(code).toBe(0)
    expect(ms).toBeLessThan(5000)
    expect(summary.packets).toBeGreaterThan(1000)
    expect(alerts()).toBe(summary.alerts)
  })

  test.each([
    ['tcpdump', 4],
    ['dumpcap', 4],
    ['cap', 2],
  ])('%s ends with packets in its ring: they are read, or said to be lost', async (adapter, loops) => {
    if (adapter === 'cap' && whyNoCap() !== '') return
    const sensor = await start(['-i', 'span', '--capture', adapter, ...LIVE.slice(2)])
    const [child] = children(sensor.process.pid!)
    process.kill(child!, 'SIGSTOP')
    const sent = wire.send(MANY, ['--pps=5000', `--loop=${loops}`])
    process.kill(child!, 'SIGCONT')
    const { code, summary, ms } = await sensor.end()
    expect(code).toBe(0)
    expect(ms).toBeLessThan(5000)
    expect(summary.packets + summary.packets_lost).toBe(sent)
    if (adapter !== 'tcpdump') expect(summary.packets_lost).toBe(0)
  })

  test('a second signal ends it at once', async () => {
    const sensor = await start()
    sensor.process.kill('SIGSTOP')
    sensor.process.kill('SIGTERM')
    sensor.process.kill('SIGINT')
    sensor.process.kill('SIGCONT')
    expect((await sensor.exit).code).toBe(130)
  })

  test.each([
    ['tcpdump', 2],
    ['dumpcap', 3],
  ])('%s with %i workers on two interfaces: each packet once, each alert', async (adapter, workers) => {
    const sensor = await start([
      '-i',
      'span',
      '-i',
      'span1',
      '--workers',
      String(workers),
      '--capture',
      adapter,
      ...LIVE.slice(2),
    ])
    let sent = 0
    for (const file of [MANY, QINQ, join(CAPTURES, 'vxlan/input.pcap'), join(CAPTURES, 'ipv6/input.pcap')]) {
      sent += wire.send(file, ['--pps=3000', '--loop=4'])
      sent += wire.send(file, ['--pps=3000', '--loop=4'], 1)
    }
    await pause(2000)
    const { summary } = await sensor.end()
    expect(summary).toMatchObject({ packets: sent, packets_lost: 0 })
    const byInterface = new Map<string, number>()
    for (const hour of report().hours)
      byInterface.set(hour.interface, (byInterface.get(hour.interface) ?? 0) + hour.packets)
    expect([...byInterface]).toEqual(
      expect.arrayContaining([
        ['span', sent / 2],
        ['span1', sent / 2],
      ]),
    )
  })

  test('a contact is on the dashboard within a second and a bit of its packet, dumpcap well within', async () => {
    const sensor = await start(['-i', 'span', '--capture', 'dumpcap', '--db', 'live.db', '--listen', '127.0.0.1:8787'])
    const page = wire.start([process.execPath, '-e', LISTENER])
    let said = ''
    page.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await until(
      () => said.includes('open'),
      10_000,
      () => 'the page does not open',
    )
    const sentMs = Date.now()
    wire.send(TLS)
    await until(
      () => said.includes('alerts'),
      5000,
      () => 'nothing was pushed',
    )
    page.kill()
    await sensor.end()
    expect(Number(/alerts (\d+)/.exec(said)![1]) - sentMs).toBeLessThan(1000)
  })

  test(
    `soak: ${SOAK_MINUTES || 0.3} minutes of traffic with faults`,
    async () => {
      const endMs = performance.now() + (SOAK_MINUTES || 0.3) * 60_000
      const sensor = await start()
      const witnessed = join(folder, 'witness.pcap')
      const witness = wire.start([
        'tcpdump',
        '-i',
        'span',
        '-n',
        '-U',
        '-s',
        '96',
        '-Z',
        'root',
        '-w',
        witnessed,
        SYN_ONLY,
      ])
      const mixed = join(folder, 'mixed.pcap')
      makeTraffic(mixed, { bytes: SOAK_MINUTES === 0 ? 1e7 : 3e8, seed: 1 })
      const send = (file: string, rate: number) =>
        wire.start(['tcpreplay', '-q', '-i', 'inject', `--pps=${rate}`, '--loop=100000000', file])
      const sending = [send(mixed, 20_000), send(MANY, 600)]
      const memory: number[] = []
      let killed = 0
      for (let round = 0; performance.now() < endMs; round++) {
        await pause(SOAK_MINUTES === 0 ? 4000 : 20_000)
        if (round % 4 === 0) {
          process.kill(children(sensor.process.pid!)[0]!, 'SIGKILL')
          killed++
        } else if (round % 4 === 1) {
          wire.ip('link', 'set', 'span', 'down')
          await pause(1500)
          wire.ip('link', 'set', 'span', 'up')
        } else if (round % 4 === 2) {
          const other = new Database(db)
          other.exec('BEGIN IMMEDIATE')
          await pause(1000)
          other.exec('COMMIT')
          other.close()
        } else {
          sensor.process.kill('SIGHUP')
        }
        memory.push(memoryOf(sensor.process.pid!))
      }
      await pause(1500)
      for (const one of sending) one.kill('SIGKILL')
      await pause(1500)
      witness.kill('SIGINT')
      const { code, summary } = await sensor.end()
      if (SOAK_MINUTES > 5) {
        const megabytes = memory.map((bytes) => Math.round(bytes / 2 ** 20)).join(' ')
        process.stderr.write(`soak: resident memory in MiB: ${megabytes}\nsoak: ${JSON.stringify(summary)}\n`)
      }
      expect(code).toBe(0)
      expect(alerts()).toBe(summary.alerts)
      const gaps = report().gaps.filter(({ kind }) => kind === 'capture')
      expect(gaps.filter((gap) => gap.reason.includes('SIGKILL'))).toHaveLength(killed)
      expect(gaps.every(({ to }) => to !== null)).toBe(true)
      expect(silences(db, await timesMs(witnessed))).toEqual([])
      if (SOAK_MINUTES > 5) {
        const early = memory[Math.floor((memory.length * 5) / SOAK_MINUTES)]!
        expect(memory.at(-1)! / early).toBeLessThan(1.1)
      }
    },
    (SOAK_MINUTES + 3) * 60_000,
  )
})

/** Writes into a file until there is no room left. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (let bytes = 65_536; bytes >= 1; bytes = Math.floor(bytes / 2)) {
      try {
        for (;;) writeSync(file, Buffer.alloc(bytes, 1))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(file)
  }
}

/** Traffic that raises alerts many times a second goes on all the time: when none began for so long, some were lost. */
const SILENCE_MS = 1000
/** What begins a connection comes so long before and after the alerts around it. */
const MARGIN_MS = 250
const SYN_ONLY = 'tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn and src net 192.0.2.0/24' // of those that raise alerts

/**
 * Times without a new alert that no gap on record explains, from the first alert to the last, while connections
 * began: another program saw them come, at `witnessedMs`.
 */
function silences(db: string, witnessedMs: readonly number[]): string[] {
  const { gaps } = ask(db, (store) => store.coverage(0, Number.MAX_SAFE_INTEGER))
  const times = ask(db, (store) => [...store.eachAlert({})].map(({ first_seen }) => Date.parse(first_seen)))
  const found: string[] = []
  times.sort((a, b) => a - b)
  for (let i = 1; i < times.length; i++) {
    const [from, to] = [times[i - 1]!, times[i]!]
    if (to - from <= SILENCE_MS) continue
    const isExplained = gaps.some((gap) => Date.parse(gap.from) < to && Date.parse(gap.to ?? '9999') > from)
    const began = witnessedMs.filter((ms) => ms > from + MARGIN_MS && ms < to - MARGIN_MS).length
    if (!isExplained && began > 0)
      found.push(`${new Date(from).toISOString()} for ${to - from} ms, ${began} connections`)
  }
  return found
}

/** When each packet of a capture came, milliseconds. */
async function timesMs(file: string): Promise<number[]> {
  return (await readAll(await openCapture(file))).frames.map(({ timeUs }) => timeUs / 1000)
}

/** Opens the WebSocket as the page does, and says when it opened and when alerts came. */
const LISTENER = `
  const { WebSocket } = require(${JSON.stringify(join(import.meta.dirname, '../../node_modules/ws'))})
  const socket = new WebSocket('ws://127.0.0.1:8787/api/live', { headers: { origin: 'http://127.0.0.1:8787' } })
  socket.on('open', () => console.log('open'))
  socket.on('message', (text) => { if (JSON.parse(text).type === 'alerts') console.log('alerts ' + Date.now()) })
`

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) * 1024
}
