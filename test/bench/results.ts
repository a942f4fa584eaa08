/** The figures of a bench run, as a table for people and for results.md. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const RESULTS = join(import.meta.dirname, 'results.md')

/** Medians over the rounds of one program. */
export interface Row {
  name: string
  work: string
  version: string
  rounds: number
  seconds: number
  packetsPerSecond: number
  bytesPerSecond: number
  cpuSeconds: number
  memoryBytes: number
  /** Its seconds divided by those of our run just before it, median over the rounds; 1 for ours. */
  ratio: number
}

/** What is to be reached, and what was. */
export interface Goal {
  work: string
  wanted: string
  found: string
  /** `not measured`: a peer is missing, or nothing measures it yet. */
  state: 'met' | 'missed' | 'not measured'
}

export interface Results {
  /** ISO 8601, UTC. */
  date: string
  commit: string
  node: string
  kernel: string
  cpu: string
  /** Load average of the minute before the first round: what else the machine was doing. */
  load: number
  traffic: { packets: number; fileBytes: number; flows: number; hellos: number; dnsMessages: number; seed: number }
  rows: Row[]
  /** Bytes for each packet, in the steady state. */
  allocated: { heap: number; external: number; packets: number }
  goals: readonly Goal[]
  missing: Array<{ name: string; advice: string }>
}

/** One entry of results.md. */
export function resultsText(results: Results): string {
  const { traffic, allocated, rows, goals, missing } = results
  const lines = [
    `## ${results.date.slice(0, 16).replace('T', ' ')} UTC, ${results.commit}`,
    '',
    `Node ${results.node}, Linux ${results.kernel}, ${results.cpu}, load ${results.load.toFixed(1)} before the first round.`,
    `Traffic: seed ${traffic.seed}, ${traffic.fileBytes} bytes, ${traffic.packets} packets, ${traffic.flows} flows, ` +
      `${traffic.hellos} TLS hellos, ${traffic.dnsMessages} DNS messages; names, flows and alerts were right.`,
    '',
    '| program | does | rounds | wall s | packets/s | MB/s | CPU s | peak MiB | wall against ours |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|',
    ...rows.map(rowText),
    '',
    `Allocated in the steady state (${allocated.packets} packets): ${allocated.heap.toFixed(1)} bytes of heap a packet, ` +
      `${allocated.external.toFixed(1)} bytes of buffers.`,
    '',
    '| goal | wanted | found | state |',
    '|---|---|--:|---|',
    ...goals.map(goalText),
    '',
    ...missing.map(({ name, advice }) => `Not measured: ${name} is not installed (${advice}).`),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** Puts an entry on top of results.md. */
export function writeResults(entry: string): void {
  const text = readFileSync(RESULTS, 'utf8')
  const first = text.indexOf('\n## ')
  const head = first === -1 ? text.trimEnd() : text.slice(0, first).trimEnd()
  const rest = first === -1 ? '' : text.slice(first)
  writeFileSync(RESULTS, `${head}\n\n${entry}${rest}`)
}

/** The middle value; of an even number of values, the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function rowText(row: Row): string {
  const cells = [
    row.version === '' ? row.name : `${row.name} ${row.version}`,
    row.work,
    row.rounds,
    row.seconds.toFixed(2),
    Math.round(row.packetsPerSecond).toLocaleString('en-US'),
    Math.round(row.bytesPerSecond / 1e6).toLocaleString('en-US'),
    row.cpuSeconds.toFixed(2),
    Math.round(row.memoryBytes / 2 ** 20),
    `× ${row.ratio.toFixed(2)}`,
  ]
  return `| ${cells.join(' | ')} |`
}

/** A goal as a line of a table. */
function goalText({ work, wanted, found, state }: Goal): string {
  return `| ${work} | ${wanted} | ${found} | ${state} |`
}
