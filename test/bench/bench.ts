/**
 * `npm run bench`: how fast is a replay, next to other programs on the same
 * file, and is its result right?
 *
 *   npm run bench -- --gb 1 --rounds 5 --seed 1 --growth --keep --json --write
 *
 * --growth makes ten times the traffic as well. What a live packet costs is measured by root only, where tcpreplay and
 * tcpdump are.
 *
 * Makes traffic, compares the result of a replay with its truth, then runs ours
 * and one peer in turn, so that each pair ran in the same minute: the speed of a
 * machine changes within the hour. The figures are medians. `npm run build` comes first.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { checkCounts, checkNames } from './check.ts'
import { countAllocations } from './count-allocations.ts'
import {
  DATA_PACKETS,
  floodFile,
  floodGoals,
  garbageGoal,
  growthGoals,
  jobsGoal,
  liveGoal,
  mixGoals,
  startGoals,
} from './goals.ts'
import { type Cost, measure } from './measure.ts'
import { ourProgram, type Program, peerPrograms, ROOT, SEEKWATCH } from './programs.ts'
import { median, type Results, type Row, resultsText, writeResults } from './results.ts'
import { makeTraffic, readTruth, type Truth } from './traffic.ts'

const FOLDER = join(tmpdir(), 'seekwatch-bench')
/** Enough for each kind of visit; its names and alerts are compared one by one. */
const SAMPLE_BYTES = 20e6
/** Is sent over and over, from the memory of its sender. */
const LIVE_BYTES = 300e6
/** Less is read before the sensor has warmed up. */
const BYTES_MIN = 50e6
const BYTES_MAX = 100e9
const FLOOD_ROUNDS_MAX = 3
const PACKED_FILES = 8

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      gb: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      growth: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  const seed = Number(values.seed)
  const bytes = Number(values.gb) * 1e9
  if (!(bytes >= BYTES_MIN && bytes <= BYTES_MAX)) throw new Error(`--gb ${values.gb}: give 0.05 to 100`)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: give a whole number from 1`)
  if (!existsSync(SEEKWATCH) || !existsSync(join(ROOT, 'dist'))) throw new Error('nothing to measure: npm run build')

  mkdirSync(FOLDER, { recursive: true })
  const cleanUp = (): void => {
    if (!values.keep) rmSync(FOLDER, { recursive: true, force: true })
  }
  process.once('SIGINT', () => {
    cleanUp()
    process.exit(130)
  })
  try {
    const file = join(FOLDER, `mix-${bytes}-${seed}.pcap`)
    const truth = traffic(file, bytes, seed)
    await check(file, truth, seed)
    const larger = values.growth ? join(FOLDER, `mix-${10 * bytes}-${seed}.pcap`) : ''
    if (larger !== '') traffic(larger, 10 * bytes, seed)
    const results = await run(file, larger, truth, rounds)
    const entry = resultsText(results)
    if (values.write) writeResults(entry)
    console.log(values.json ? JSON.stringify(results, null, 2) : `\n${entry}`)
  } finally {
    cleanUp()
  }
}

/** The traffic with these options: what an earlier run kept, or made now. */
function traffic(file: string, bytes: number, seed: number): Truth {
  const kept = existsSync(file) ? readTruth(file, { bytes, seed }) : null
  if (kept !== null) return kept
  say(`making ${bytes} bytes of traffic`)
  return makeTraffic(file, { bytes, seed })
}

/** A folder of compressed captures, as large together as the traffic before that. */
function packedFolder({ fileBytes, seed }: Truth): string {
  const folder = join(FOLDER, 'packed')
  mkdirSync(folder, { recursive: true })
  for (let i = 0; i < PACKED_FILES; i++) {
    const plain = join(FOLDER, 'plain.pcap')
    makeTraffic(plain, { bytes: fileBytes / PACKED_FILES, seed: seed + i })
    writeFileSync(join(folder, `${i}.pcap.gz`), gzipSync(readFileSync(plain), { level: 1 }))
    rmSync(plain)
  }
  return folder
}

async function check(file: string, truth: Truth, seed: number): Promise<void> {
  say('comparing the result with the truth')
  const sample = join(FOLDER, `sample-${seed}.pcap`)
  const sampleTruth = traffic(sample, SAMPLE_BYTES, seed)
  const wrong = [
    ...(await checkNames(sample, sampleTruth, join(FOLDER, 'eve.json'))),
    ...(await checkCounts(sample, sampleTruth)),
    ...(await checkCounts(file, truth)),
  ]
  if (wrong.length > 0) throw new Error(`the result is wrong, so its speed is of no interest:\n  ${wrong.join('\n  ')}`)
}

/** @param larger ten times the traffic; empty when growth is not to be measured */
async function run(file: string, larger: string, truth: Truth, rounds: number): Promise<Results> {
  const ours = ourProgram(file)
  const { present: peers, missing } = peerPrograms(file, FOLDER)
  for (const { name, advice } of missing) say(`not measured: ${name} is not installed (${advice})`)

  const begun = machine()
  const ourCosts: Cost[] = []
  const peerCosts = peers.map((): Cost[] => [])
  const ratios = peers.map((): number[] => [])
  for (let round = 1; round <= rounds; round++) {
    for (const [index, peer] of peers.entries()) {
      if (peer.isSlow && round > 1) continue
      say(`round ${round} of ${rounds}: ${ours.name} and ${peer.name}`)
      const our = await once(ours)
      const other = await once(peer)
      ourCosts.push(our)
      peerCosts[index]!.push(other)
      ratios[index]!.push(other.seconds / our.seconds)
    }
  }
  const rows = [
    row(ours, ourCosts, 1, truth),
    ...peers.map((peer, index) => row(peer, peerCosts[index]!, median(ratios[index]!), truth)),
  ]
  say('counting allocations')
  const { heapPerPacket: heap, externalPerPacket: external, packets } = await countAllocations(file)
  const live = join(FOLDER, `mix-${LIVE_BYTES}-${truth.seed}.pcap`)
  const liveTruth = traffic(live, LIVE_BYTES, truth.seed)
  const goals = [
    ...mixGoals(rows),
    ...(await floodGoals(FOLDER, Math.min(rounds, FLOOD_ROUNDS_MAX), say)),
    ...(await startGoals(rounds)),
    garbageGoal((await countAllocations(floodFile(FOLDER, DATA_PACKETS))).heapPerPacket),
    await jobsGoal(packedFolder(truth), Math.min(rounds, FLOOD_ROUNDS_MAX)),
    ...(larger === '' ? [] : await growthGoals(file, larger, Math.min(rounds, FLOOD_ROUNDS_MAX))),
    await liveGoal(live, liveTruth.packets, FOLDER, say),
  ]
  return { ...begun, traffic: trafficFigures(truth), rows, allocated: { heap, external, packets }, goals, missing }
}

async function once(program: Program): Promise<Cost> {
  for (const path of program.scratch) rmSync(path, { force: true })
  return measure(program.command)
}

function row(program: Program, costs: readonly Cost[], ratio: number, truth: Truth): Row {
  const seconds = median(costs.map((cost) => cost.seconds))
  return {
    name: program.name,
    work: program.work,
    version: program.version,
    rounds: costs.length,
    seconds,
    packetsPerSecond: truth.packets / seconds,
    bytesPerSecond: truth.fileBytes / seconds,
    cpuSeconds: median(costs.map((cost) => cost.cpuSeconds)),
    memoryBytes: median(costs.map((cost) => cost.memoryBytes)),
    ratio,
  }
}

function machine(): Pick<Results, 'date' | 'commit' | 'node' | 'kernel' | 'cpu' | 'load'> {
  const processors = cpus()
  return {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.versions.node,
    kernel: release(),
    cpu: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    load: loadavg()[0]!,
  }
}

function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    const isChanged = git('status', '--porcelain', '--', 'src', 'package-lock.json') !== ''
    return `commit ${git('rev-parse', '--short', 'HEAD')}${isChanged ? ' with changes' : ''}`
  } catch {
    return 'no commit' // a copy without its history
  }
}

function trafficFigures(truth: Truth): Results['traffic'] {
  const { packets, fileBytes, flows, hellos, dnsMessages, seed } = truth
  return { packets, fileBytes, flows, hellos, dnsMessages, seed }
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
