/**
 * Rules that are read again in the middle of a replay, by the program as it is built: 100,000 names and 100,000 ranges
 * change while packets come through a pipe. No packet is lost, no alert is wrong, and the new set counts as a whole.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Alert } from '../../src/events/alert.ts'
import { pcapHeader, pcapRecord } from '../support/capture-files.ts'
import { temporaryFolder } from '../support/folder.ts'
import { shortHello } from '../support/hello.ts'
import { listedName, writeLargePack } from '../support/large-pack.ts'
import { Talk } from '../support/talk.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/seekwatch')
const ENTRIES = 100_000
const FLOWS = 3000
/** 2026-11-22T09:00:00Z. */
const BEGIN_S = Date.UTC(2026, 10, 22, 9) / 1000

/** Clients that contact, in turns, a name of the long list, the two names that come with the second set, and another. */
const NAMES = [(flow: number) => listedName(flow), () => 'second.example', () => 'third.example', () => 'nobody.test']

/** Both sets: the second one has two names more. `spare` is a name nobody asks for, so that the list changes as well. */
function writeRules(folder: string, set: 1 | 2): void {
  const names = set === 1 ? [] : ['second.example', 'third.example']
  writeLargePack(folder, { entries: ENTRIES, spare: `spare${set}.example`, names })
}

/** Each flow as a piece of a capture: a connection in which a server answers. */
const pieces = Array.from({ length: FLOWS }, (_, flow) => {
  const client = { ip: `10.0.${flow >> 8}.${flow & 255}`, port: 40_000 }
  const talk = new Talk(client, { ip: '198.51.100.7', port: 443 }, flow * 0.01)
  const name = NAMES[flow % NAMES.length]!(flow)
  const { frames } = talk.open().send(shortHello(name)).answer().close()
  return frames.map(({ at, bytes }) => {
    const us = Math.round(at * 1e6)
    return pcapRecord({ seconds: BEGIN_S + Math.floor(us / 1e6), fraction: us % 1e6, data: bytes })
  })
})
const packetCount = pieces.flat().length

interface Result {
  alerts: Alert[]
  packets: number
  said: string
}

/** Replays the pieces as they come through a pipe; `between` is called when a third of them have been sent. */
async function replay(folder: string, between: (pid: number, said: () => string) => Promise<void>): Promise<Result> {
  const eve = join(temporaryFolder(), 'eve.json')
  const args = ['replay', '-', '--rules', folder, '--no-store', '--json', '--eve', eve, '--sensor', 's']
  const child = spawn(PROGRAM, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [out, said] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const closed = once(child, 'close')
  child.stdin.write(pcapHeader())
  // a handler for SIGHUP is there once the first packets are read
  let changed: Promise<void> | undefined
  for (const [flow, records] of pieces.entries()) {
    if (!child.stdin.write(Buffer.concat(records))) await once(child.stdin, 'drain')
    if (flow % 20 === 0) await sleep(1)
    if (flow === FLOWS / 3) changed = between(child.pid!, () => said)
    if (flow === (2 * FLOWS) / 3) await changed
  }
  child.stdin.end()
  await closed
  const lines = readFileSync(eve, 'utf8').trim().split('\n')
  return {
    alerts: lines
      .map((line) => (JSON.parse(line) as { seekwatch: Alert }).seekwatch)
      .sort((a, b) => flowOf(a) - flowOf(b)),
    packets: (JSON.parse(out) as { packets: number }).packets,
    said,
  }
}

const flowOf = ({ client }: Alert): number => {
  const [, , high, low] = client.ip.split('.').map(Number)
  return high! * 256 + low!
}

test('reload: 200,000 entries under a replay, no packet lost, no alert wrong, the new set whole or not at all', async () => {
  const folder = temporaryFolder()
  writeRules(folder, 1)
  const quiet = await replay(folder, async () => {})
  const isListed = (alert: Alert) => flowOf(alert) % NAMES.length === 0
  expect(quiet.packets).toBe(packetCount)
  expect(quiet.alerts.map(flowOf)).toEqual(Array.from({ length: FLOWS / NAMES.length }, (_, i) => i * NAMES.length))

  const busy = await replay(folder, async (pid, said) => {
    writeRules(folder, 2)
    process.kill(pid, 'SIGHUP')
    for (let i = 0; i < 1000 && !said().includes('read again'); i++) await sleep(20)
  })
  expect(busy.said).toMatch(
    /the rules were read again: 3 added \(.*second\.example.*\), 1 removed \(big: spare1\.example\)/,
  )
  expect(busy.packets).toBe(packetCount)
  // what both sets have: the same alerts, to the last byte
  expect(busy.alerts.filter(isListed)).toEqual(quiet.alerts)
  // what the second set alone has: every flow from some moment on, whichever of the two names it is about
  const more = busy.alerts.filter((alert) => !isListed(alert)).map(flowOf)
  const wanted = Array.from({ length: FLOWS }, (_, flow) => flow).filter((flow) => [1, 2].includes(flow % NAMES.length))
  expect(more).toEqual(wanted.slice(wanted.length - more.length))
  expect(more[0]).toBeGreaterThan(FLOWS / 10)
  expect(more[0]).toBeLessThanOrEqual((2 * FLOWS) / 3 + NAMES.length)
})
