/**
 * What the program is to reach, and whether it does: each goal with what was
 * found. Goals are ratios to a peer of the same minute wherever there is one.
 */

import { join } from 'node:path'
import { whyNoWire } from '../support/wire.ts'
import { type Flood, type FloodOptions, type FloodTruth, makeFlood } from './floods.ts'
import { type Cost, measure } from './measure.ts'
import { ROOT, SEEKWATCH, versionOf } from './programs.ts'
import { type Goal, median, type Row } from './results.ts'
import { measureRate } from './wire-rate.ts'

const SMALL_CAPTURE = join(ROOT, 'captures/affiliate/input.pcap')
/** The flood that holds nothing but data packets once its flows have begun. */
export const DATA_PACKETS = 'flows-10k'
const FLOODS: Record<string, [Flood, FloodOptions]> = {
  'flows-10k': ['flows', { packets: 3e6, flows: 1e4, seed: 1 }],
  'flows-900k': ['flows', { packets: 3e6, flows: 9e5, seed: 1 }],
  small: ['small', { packets: 4e6, flows: 0, seed: 1 }],
  quic: ['quic', { packets: 50_000, flows: 0, seed: 1 }],
}
const MEMORY_MAX = 600 * 2 ** 20
const LIVE = { adapter: 'tcpdump', workers: 1, ringMiB: 128, more: [], rate: 300_000, packets: 0, seconds: 40 } as const

/** The goals that are about the mixed traffic, from the rows of its programs. */
export function mixGoals(rows: readonly Row[]): Goal[] {
  const row = (name: string) => rows.find((one) => one.name === name)
  const ours = row('seekwatch, with store')!
  const faster = (peer: string, times: number): Goal => {
    const seconds = row(peer)?.seconds
    const work = `replay with rules and store, beside ${peer}`
    return compared(work, seconds && seconds / ours.seconds, times, 'at least', 'times as fast')
  }
  const tcpdump = row('tcpdump')
  const eve = row('seekwatch, all events')!
  return [
    faster('tcpdump', 1),
    faster('suricata', 6),
    faster('ndpiReader', 14),
    faster('tshark', 55),
    compared(
      'tls, quic, dns and http as EVE, no store: CPU time beside tcpdump',
      tcpdump && eve.cpuSeconds / tcpdump.cpuSeconds,
      1.3,
      'at most',
      'times',
    ),
  ]
}

/** Where `floodGoals` leaves a flood. */
export function floodFile(folder: string, name: string): string {
  return join(folder, `${name}.pcap`)
}

/** Makes the floods in `folder`, runs ours over them `rounds` times, and says what was reached. */
export async function floodGoals(folder: string, rounds: number, say: (text: string) => void): Promise<Goal[]> {
  const costs: Record<string, Cost & { truth: FloodTruth; packetsPerSecond: number }> = {}
  for (const [name, [kind, options]] of Object.entries(FLOODS)) {
    const file = floodFile(folder, name)
    say(`${name}: making it, and ${rounds} replays`)
    const truth = makeFlood(kind, file, options)
    const runs: Cost[] = []
    for (let round = 0; round < rounds; round++) runs.push(await replay(file))
    const wrong = wrongCounts(name, truth, JSON.parse(runs[0]!.output))
    if (wrong !== '') throw new Error(`the result is wrong, so its speed is of no interest: ${wrong}`)
    const cpuSeconds = median(runs.map((run) => run.cpuSeconds))
    const seconds = median(runs.map((run) => run.seconds))
    const memoryBytes = median(runs.map((run) => run.memoryBytes))
    costs[name] = { seconds, cpuSeconds, memoryBytes, output: '', truth, packetsPerSecond: truth.packets / seconds }
  }
  const { small, quic } = costs
  const few = costs[DATA_PACKETS]!
  const many = costs['flows-900k']!
  const ratio = many.cpuSeconds / many.truth.packets / (few.cpuSeconds / few.truth.packets)
  return [
    compared('small packets: DNS, SYNs, tiny UDP', small!.packetsPerSecond / 1e6, 2, 'at least', 'M packets/s'),
    compared(
      'QUIC Initials with hellos, a second of CPU time',
      quic!.truth.hellos / quic!.cpuSeconds,
      15_000,
      'at least',
      'hellos',
    ),
    await besideSuricata(floodFile(folder, 'quic'), quic!.seconds),
    compared('a packet among 900,000 flows, beside one among 10,000', ratio, 2.5, 'at most', 'times the CPU time'),
    compared('memory with 900,000 flows', many.memoryBytes / 2 ** 20, MEMORY_MAX / 2 ** 20, 'at most', 'MiB'),
  ]
}

/** How long a start takes. */
export async function startGoals(rounds: number): Promise<Goal[]> {
  const help: number[] = []
  const first: number[] = []
  for (let round = 0; round < Math.max(rounds, 5); round++) {
    help.push((await measure([SEEKWATCH, '--help'])).seconds * 1000)
    first.push((await replay(SMALL_CAPTURE)).seconds * 1000)
  }
  return [
    compared('seekwatch --help', median(help), 150, 'at most', 'ms'),
    compared('a whole replay of a small capture', median(first), 300, 'at most', 'ms'),
  ]
}

/** The garbage of data packets. @param heapPerPacket bytes, in the steady state of the flood of DATA_PACKETS */
export function garbageGoal(heapPerPacket: number): Goal {
  return compared('garbage of data packets', heapPerPacket, 1, 'at most', 'bytes a packet')
}

/**
 * What ten times as much costs. @param file the mixed traffic @param larger the same ten times
 */
export async function growthGoals(file: string, larger: string, rounds: number): Promise<Goal[]> {
  const once: Cost[] = []
  const tenfold: Cost[] = []
  for (let round = 0; round < rounds; round++) {
    once.push(await replay(file))
    tenfold.push(await replay(larger))
  }
  const growth = (of: (cost: Cost) => number) => median(tenfold.map(of)) / median(once.map(of))
  return [
    compared(
      'ten times the traffic, beside it once',
      growth(({ seconds }) => seconds),
      11,
      'at most',
      'times the time',
    ),
    compared(
      'the same',
      growth(({ memoryBytes }) => memoryBytes),
      1.1,
      'at most',
      'times the memory',
    ),
  ]
}

/** What a second thread that decompresses is worth. @param folder holds eight compressed captures and nothing else */
export async function jobsGoal(folder: string, rounds: number): Promise<Goal> {
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const alone = await replay(folder, '--jobs', '1')
    const together = await replay(folder, '--jobs', '2')
    ratios.push(alone.seconds / together.seconds)
  }
  return compared('--jobs 2 on 8 files in gzip', median(ratios), 1.7, 'at least', 'times as fast')
}

/**
 * What a packet from the wire costs while none is lost, so long that what V8 compiles in the first seconds counts for
 * little. @param file mixed traffic @param filePackets how many packets it has
 */
export async function liveGoal(
  file: string,
  filePackets: number,
  folder: string,
  say: (text: string) => void,
): Promise<Goal> {
  const work = `live, ${LIVE.rate.toLocaleString('en-US')} packets/s: CPU time a packet`
  const goal = (found: number | undefined): Goal => compared(work, found, 1, 'at most', 'µs')
  const reason = whyNoWire([LIVE.adapter])
  say(reason === '' ? `live: ${LIVE.seconds} seconds of traffic` : `live is not measured: ${reason}`)
  if (reason !== '') return goal(undefined)
  const { told, untold, sensorUs, captureUs } = await measureRate({ ...LIVE, file, filePackets }, folder)
  if (told + untold > 0) return { ...goal(undefined), found: `${told + untold} lost`, state: 'missed' }
  return { ...goal(sensorUs), work: `${work} (tcpdump's own: ${captureUs.toFixed(2)} µs)` }
}

async function besideSuricata(file: string, ourSeconds: number): Promise<Goal> {
  const work = 'the same file, beside suricata'
  if (versionOf(['suricata', '-V']) === null) return compared(work, undefined, 1, 'at least', 'times as fast')
  const logs = join(file, '..')
  const { seconds } = await measure(['suricata', '-r', file, '-l', logs, '-k', 'none', '-S', '/dev/null'])
  return compared(work, seconds / ourSeconds, 1, 'at least', 'times as fast')
}

/** A goal by its figure. @param found undefined when it was not measured */
export function compared(
  work: string,
  found: number | undefined,
  limit: number,
  direction: 'at least' | 'at most',
  unit: string,
): Goal {
  const wanted = `${direction} ${limit.toLocaleString('en-US')} ${unit}`
  if (found === undefined) return { work, wanted, found: '', state: 'not measured' }
  const isMet = direction === 'at least' ? found >= limit : found <= limit
  const shown = found >= 100 ? Math.round(found).toLocaleString('en-US') : found.toFixed(2)
  return { work, wanted, found: shown, state: isMet ? 'met' : 'missed' }
}

function replay(path: string, ...more: string[]): Promise<Cost> {
  return measure([SEEKWATCH, 'replay', path, '--no-store', '--quiet', '--json', ...more], { output: true })
}

function wrongCounts(name: string, truth: FloodTruth, summary: { packets: number; flows: number }): string {
  const { packets, flows } = summary
  if (packets !== truth.packets) return `${name}: ${packets} packets, the truth is ${truth.packets}`
  return flows === truth.flows ? '' : `${name}: ${flows} flows, the truth is ${truth.flows}`
}
