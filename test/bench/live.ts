/**
 * `npm run bench:live`: what does the live sensor lose, at which rate, for how
 * much of the processor, and how soon is an alert on the page?
 *
 *   npm run bench:live -- --adapters tcpdump,dumpcap --rates 100000,300000,0 --workers 1,2 --ring 128 --json
 *   npm run bench:live -- --only delay --alerts 30 --line 0,5
 *   npm run bench:live -- --only rate -- --filter 'port 443'      (what is behind -- goes to the sensor)
 *
 * Everything happens in a network namespace with virtual wires; it needs root,
 * iproute2, tcpreplay and the adapters. A rate of 0 is as fast as it goes.
 * `npm run build` comes first.
 */

import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ADAPTER_NAMES, type AdapterName } from '../../src/capture/live/adapter.ts'
import { whyNoWire } from '../support/wire.ts'
import { SEEKWATCH, versionOf } from './programs.ts'
import { median } from './results.ts'
import { makeTraffic, readTruth } from './traffic.ts'
import { type DelayResult, measureDelay } from './wire-delay.ts'
import { measureRate, type RateResult } from './wire-rate.ts'

const TRAFFIC_BYTES = 300e6

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', default: 'rate,delay' },
      adapters: { type: 'string', default: ADAPTER_NAMES.join() },
      rates: { type: 'string', default: '25000,50000,100000,150000,200000,300000,0' },
      workers: { type: 'string', default: '1' },
      ring: { type: 'string', default: '128' },
      packets: { type: 'string', default: '2e6' },
      seconds: { type: 'string', default: '10' },
      alerts: { type: 'string', default: '30' },
      line: { type: 'string', default: '0,5' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  })
  const reason = whyNoWire()
  if (reason !== '') throw new Error(reason)
  const adapters = adapterNames(values.adapters)
  const only = new Set(values.only.split(','))
  const seed = figures('--seed', values.seed)[0]!
  const traffic = join(tmpdir(), 'seekwatch-bench')
  mkdirSync(traffic, { recursive: true })
  const folder = mkdtempSync(join(traffic, 'live-'))
  const began = machine()
  const rates: RateResult[] = []
  const delays: DelayResult[] = []
  try {
    if (only.has('rate')) {
      const file = join(traffic, `mix-${TRAFFIC_BYTES}-${seed}.pcap`)
      const options = { bytes: TRAFFIC_BYTES, seed }
      const known = statSync(file, { throwIfNoEntry: false }) === undefined ? null : readTruth(file, options)
      const filePackets = (known ?? makeTraffic(file, options)).packets
      for (const workers of figures('--workers', values.workers)) {
        for (const ringMiB of figures('--ring', values.ring)) {
          for (const adapter of adapters) {
            for (const rate of figures('--rates', values.rates)) {
              const [packets, seconds] = [Number(values.packets), Number(values.seconds)]
              const job = { adapter, workers, ringMiB, more: positionals, file, filePackets, rate, packets, seconds }
              rates.push(await measureRate(job, folder))
              say(rateText(rates.at(-1)!))
            }
          }
        }
      }
    }
    if (only.has('delay')) {
      for (const megabits of figures('--line', values.line)) {
        for (const adapter of adapters) {
          const job = { adapter, more: positionals, alerts: Number(values.alerts), bitsPerSecond: megabits * 1e6, seed }
          delays.push(await measureDelay(job, folder))
          say(delayText(delays.at(-1)!))
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(values.json ? JSON.stringify({ ...began, rates, delays }, null, 2) : tables(began, rates, delays))
}

type Machine = ReturnType<typeof machine>

function machine() {
  const processors = cpus()
  return {
    date: new Date().toISOString(),
    seekwatch: versionOf([SEEKWATCH, '--version']),
    node: process.versions.node,
    kernel: release(),
    cpu: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    /** Load average of the minute before: what else the machine was doing. */
    load: loadavg()[0]!,
  }
}

function tables({ date, node, kernel, cpu, load }: Machine, rates: RateResult[], delays: DelayResult[]): string {
  const lines = [
    `${date.slice(0, 16).replace('T', ' ')} UTC, Node ${node}, Linux ${kernel}, ${cpu}, load ${load.toFixed(1)} before`,
  ]
  if (rates.length > 0) lines.push('', RATE_HEAD, ...rates.map(rateText))
  if (delays.length > 0) lines.push('', DELAY_HEAD, ...delays.map(delayText))
  return lines.join('\n')
}

const RATE_HEAD = `| adapter | workers | ring MiB | asked/s | reached/s | Mbit/s | sent | not arrived | counted | lost, told | lost, not told | lost % | sensor µs | capture µs | drain s | peak MiB | alerts |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|`

function rateText(one: RateResult): string {
  const lostShare = (100 * (one.arrived - one.counted)) / one.arrived
  const cells = [
    `${one.adapter}${one.restarted ? ' (restarted!)' : ''}`,
    one.workers,
    one.ringMiB,
    one.rate === 0 ? 'top' : one.rate,
    Math.round(one.reached),
    Math.round(one.bitsPerSecond / 1e6),
    one.sent,
    one.sent - one.arrived,
    one.counted,
    one.told,
    one.untold,
    lostShare.toFixed(lostShare === 0 ? 0 : 3),
    one.sensorUs.toFixed(2),
    one.captureUs.toFixed(2),
    one.drainSeconds.toFixed(1),
    Math.round(one.memoryBytes / 2 ** 20),
    one.alerts,
  ]
  return `| ${cells.join(' | ')} |`
}

const DELAY_HEAD = `| adapter | other traffic, Mbit/s | alerts | median ms | 95 % ms | worst ms | over 1 s | never came |
|---|--:|--:|--:|--:|--:|--:|--:|`

function delayText({ adapter, bitsPerSecond, delaysMs, missing }: DelayResult): string {
  const sorted = [...delaysMs].sort((a, b) => a - b)
  const cells = [
    adapter,
    bitsPerSecond / 1e6,
    sorted.length,
    median(sorted).toFixed(0),
    (sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN).toFixed(0),
    (sorted.at(-1) ?? Number.NaN).toFixed(0),
    sorted.filter((ms) => ms > 1000).length,
    missing,
  ]
  return `| ${cells.join(' | ')} |`
}

function adapterNames(text: string): AdapterName[] {
  return text.split(',').map((name) => {
    const known = ADAPTER_NAMES.find((one) => one === name)
    if (known === undefined) throw new Error(`--adapters: "${name}" is none of ${ADAPTER_NAMES.join(', ')}`)
    return known
  })
}

function figures(option: string, text: string): number[] {
  return text.split(',').map((one) => {
    const value = Number(one)
    if (one.trim() === '' || !(value >= 0)) throw new Error(`${option}: "${one}" is no number from 0 on`)
    return value
  })
}

function say(text: string): void {
  console.error(`bench: ${text}`)
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
