/**
 * A watch that is killed again and again ends as one that never was: each
 * packet counted once, each alert whole, the contacts the same.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { makeTraffic } from '../bench/traffic.ts'
import { temporaryFolder } from '../support/folder.ts'
import { random } from '../support/random.ts'
import { pause, until } from '../support/wire.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/seekwatch')
const TRAFFIC_BYTES = 6e6
const FILES = 5
const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
/** Packets are written in pieces that end anywhere, so many a second. */
const PIECES = 160
const PIECE_MS = 50

describe('kill -9 at any moment', () => {
  let folder: string
  let running: ChildProcess | null = null
  beforeEach(() => {
    folder = temporaryFolder()
    mkdirSync(join(folder, 'ring'))
  })
  afterEach(() => {
    running?.kill('SIGKILL')
  })

  async function start(name: string): Promise<void> {
    let said = ''
    const args = ['watch', 'ring', '--no-serve', '--db', `${name}.db`, '--eve', `${name}.json`]
    running = spawn(PROGRAM, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    running.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await until(
      () => said.includes('watching ring'),
      20_000,
      () => said,
    )
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const closed = once(running!, 'close')
    running!.kill(signal)
    await closed
  }

  function state(name: string) {
    const store = openStore(join(folder, `${name}.db`), { readonly: true })
    try {
      // who told of an alert first is another run, and with it when the contact was put on record
      const alerts = [...store.eachAlert({})].map(({ run: _, ...alert }) => alert)
      const { hours } = store.coverage(0, Number.MAX_SAFE_INTEGER)
      return { alerts, contacts: store.contacts({}).contacts, hours }
    } finally {
      store.close()
    }
  }

  async function reaches(name: string, packets: number): Promise<void> {
    const counted = (): number => state(name).hours.reduce((sum, hour) => sum + hour.packets, 0)
    await until(
      () => counted() >= packets,
      20_000,
      () => `${counted()} packets of ${packets}`,
    )
  }

  test.each([1, 2])(
    'seed %i',
    async (seed) => {
      const next = random(seed)
      const all = join(folder, 'all.pcap')
      const { packets, watched } = makeTraffic(all, { bytes: TRAFFIC_BYTES, seed })
      const files = split(readFileSync(all), FILES)

      let isWritten = false
      const writing = write(join(folder, 'ring'), files).then(() => {
        isWritten = true
      })
      let killed = 0
      while (!isWritten) {
        await start('killed')
        await pause(200 + next(900))
        if (isWritten) break
        await end('SIGKILL')
        killed++
      }
      await writing
      if (running!.signalCode !== null) await start('killed')
      await reaches('killed', packets)
      await end('SIGTERM')

      await start('whole')
      await reaches('whole', packets)
      await end('SIGTERM')

      const [broken, whole] = [state('killed'), state('whole')]
      expect(killed).toBeGreaterThan(3)
      expect(whole.alerts.length).toBeGreaterThanOrEqual(watched.length)
      expect(broken.hours).toEqual(whole.hours)
      expect(broken.alerts).toEqual(whole.alerts)
      expect(broken.contacts).toEqual(whole.contacts)
      const told = new Set(readFileSync(join(folder, 'killed.json'), 'utf8').match(/(?<="seekwatch":\{"id":")[^"]+/g))
      expect(whole.alerts.filter(({ id }) => !told.has(id))).toEqual([])
    },
    120_000,
  )
})

/** Writes the files one after the other, as a recorder would. */
async function write(folder: string, files: readonly Buffer[]): Promise<void> {
  const pieceBytes = Math.ceil(files.reduce((sum, file) => sum + file.length, 0) / PIECES)
  for (const [index, file] of files.entries()) {
    const path = join(folder, `ring_${String(index).padStart(5, '0')}.pcap`)
    for (let at = 0; at < file.length; at += pieceBytes) {
      appendFileSync(path, file.subarray(at, at + pieceBytes))
      await pause(PIECE_MS)
    }
  }
}

/** A capture as a ring of files. */
function split(pcap: Buffer, count: number): Buffer[] {
  const header = pcap.subarray(0, FILE_HEADER_BYTES)
  const files: Buffer[] = []
  for (let at = FILE_HEADER_BYTES; at < pcap.length; ) {
    const from = at
    const to = FILE_HEADER_BYTES + ((pcap.length - FILE_HEADER_BYTES) * (files.length + 1)) / count
    while (at < to && at < pcap.length) at += RECORD_HEADER_BYTES + pcap.readUInt32LE(at + 8)
    files.push(Buffer.concat([header, pcap.subarray(from, at)]))
  }
  return files
}
