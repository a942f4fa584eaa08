/**
 * Makes the traffic of a mirror port for the bench: a classic pcap file of a
 * chosen size, and what a right reader must find in it.
 *
 *   npx tsx test/bench/traffic.ts mix FILE --bytes 1e9 --seed 1
 *
 * `mix` is DNS, TCP and TLS of 2,000 clients and 5,000 names, thousands of
 * flows mixed packet by packet, a third of the hellos in two packets, one flow in five
 * IPv6, some in a VLAN, 100,000 packets a second; 20 flows name a watched
 * service. The same seed and size give the same bytes on every machine. The
 * truth is counted while writing and lies in FILE.json.
 */

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ipText } from '../../src/bytes/address.ts'
import { random } from '../support/random.ts'
import { PcapWriter, RECORD_HEADER_BYTES } from './pcap-writer.ts'
import { ordinaryVisit, type Pantry, stockPantry, type Visit, watchedVisit } from './visit.ts'

/** Raise it when the same seed gives other bytes than before. */
const GENERATION = 1
const BYTES_MIN = 1e6
const BYTES_MAX = 1e11
const WATCHED_MAX = 20
/** A watched flow for so many bytes, in files too small for 20. */
const BYTES_PER_WATCHED = 100_000
const BYTES_PER_VISIT = 36_000
const AT_ONCE_MAX = 2_000
const BURST_MAX = 4
const START_US = Date.UTC(2026, 0, 15, 8) * 1_000
const GAP_US_MAX = 19 // 1 to 19, so 10 on average

export interface WatchedFlow {
  client: string
  clientPort: number
  server: string
  name: string
  /** The client asked DNS for the name before. */
  asked: boolean
}

/** What is in a file of traffic. */
export interface Truth {
  generation: number
  mix: 'mix'
  seed: number
  bytesAsked: number
  packets: number
  /** Bytes of frames. */
  frameBytes: number
  fileBytes: number
  /** TCP connections and DNS exchanges; no two of them share all endpoints. */
  flows: number
  tcpFlows: number
  hellos: number
  /** Hellos that need two packets. */
  splitHellos: number
  dnsMessages: number
  /** How often each server name stands in a hello. */
  serverNames: Record<string, number>
  /** How often each name was asked for (the answer repeats the question once more). */
  questions: Record<string, number>
  watched: WatchedFlow[]
}

export interface TrafficOptions {
  /** Size of the file, 1e6 to 1e11; the file ends within one visit (some 100 KB) of it. */
  bytes: number
  /** A whole number. */
  seed: number
}

/** Writes the file and, beside it, FILE.json with the truth. Throws what the file system throws. */
export function makeTraffic(path: string, options: TrafficOptions): Truth {
  const { bytes, seed } = options
  if (!(bytes >= BYTES_MIN && bytes <= BYTES_MAX)) throw new RangeError(`--bytes ${bytes}: give 1e6 to 1e11`)
  if (!Number.isInteger(seed)) throw new RangeError(`--seed ${seed}: give a whole number`)
  const next = random(seed)
  const pantry = stockPantry(next)
  const writer = new PcapWriter(path)
  const truth = emptyTruth(options)
  const watchedMax = Math.min(WATCHED_MAX, Math.floor(bytes / BYTES_PER_WATCHED))
  const atOnce = Math.max(4, Math.min(AT_ONCE_MAX, Math.floor(bytes / BYTES_PER_VISIT / 10)))
  const active: Visit[] = []
  const written: number[] = [] // of the visit at the same index in `active`: how many of its segments
  let plannedBytes = 0
  let timeUs = START_US

  for (;;) {
    while (active.length < atOnce && plannedBytes < bytes) {
      const isWatched = truth.watched.length < watchedMax && plannedBytes * watchedMax >= truth.watched.length * bytes
      const visit = startVisit(isWatched, truth, pantry, next)
      plannedBytes += visitBytes(visit)
      active.push(visit)
      written.push(0)
    }
    if (active.length === 0) break

    const index = next(active.length)
    const { segments } = active[index]!
    const from = written[index]!
    const to = Math.min(segments.length, from + 1 + next(BURST_MAX))
    for (let at = from; at < to; at++) {
      timeUs += 1 + next(GAP_US_MAX)
      segments[at]!.flow.write(segments[at]!, writer, timeUs)
    }
    written[index] = to
    if (to === segments.length) {
      active[index] = active.at(-1)!
      written[index] = written.at(-1)!
      active.pop()
      written.pop()
    }
  }

  writer.close()
  truth.packets = writer.packets
  truth.frameBytes = writer.frameBytes
  truth.fileBytes = writer.fileBytes
  // The truth appears last and whole: where it lies, the traffic is complete.
  writeFileSync(`${path}.json.part`, `${JSON.stringify(truth, null, 1)}\n`)
  renameSync(`${path}.json.part`, `${path}.json`)
  return truth
}

/** The truth beside a file when it was made with these options by this generator, else null. */
export function readTruth(path: string, options: TrafficOptions): Truth | null {
  let truth: Truth
  try {
    truth = JSON.parse(readFileSync(`${path}.json`, 'utf8'))
  } catch {
    return null // not there, or not ours
  }
  const isSame = truth.generation === GENERATION && truth.bytesAsked === options.bytes && truth.seed === options.seed
  return isSame ? truth : null
}

function startVisit(isWatched: boolean, truth: Truth, pantry: Pantry, next: (below: number) => number): Visit {
  const visit = isWatched ? watchedVisit(truth.watched.length, pantry, next) : ordinaryVisit(pantry, next)
  truth.flows += visit.questions.length
  truth.dnsMessages += 2 * visit.questions.length
  for (const { name } of visit.questions) truth.questions[name] = (truth.questions[name] ?? 0) + 1
  if (visit.serverName !== '') {
    truth.flows++
    truth.tcpFlows++
    truth.hellos++
    if (visit.isSplit) truth.splitHellos++
    truth.serverNames[visit.serverName] = (truth.serverNames[visit.serverName] ?? 0) + 1
  }
  if (isWatched) {
    truth.watched.push({
      client: addressText(visit.client),
      clientPort: visit.clientPort,
      server: addressText(visit.server),
      name: visit.serverName,
      asked: visit.questions.length > 0,
    })
  }
  return visit
}

function visitBytes(visit: Visit): number {
  let bytes = 0
  for (const segment of visit.segments) bytes += RECORD_HEADER_BYTES + segment.flow.frameBytes(segment)
  return bytes
}

/** An address of 4 or 16 bytes in hex, as alerts write it. */
export function addressText(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  return ipText(bytes, 0, bytes.length)
}

function emptyTruth(options: TrafficOptions): Truth {
  return {
    generation: GENERATION,
    mix: 'mix',
    seed: options.seed,
    bytesAsked: options.bytes,
    packets: 0,
    frameBytes: 0,
    fileBytes: 0,
    flows: 0,
    tcpFlows: 0,
    hellos: 0,
    splitHellos: 0,
    dnsMessages: 0,
    serverNames: {},
    questions: {},
    watched: [],
  }
}

function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { bytes: { type: 'string', default: '1e9' }, seed: { type: 'string', default: '1' } },
  })
  const [mix, path] = positionals
  if (mix !== 'mix' || path === undefined || positionals.length > 2) {
    console.error('usage: npx tsx test/bench/traffic.ts mix FILE [--bytes 1e9] [--seed 1]')
    process.exitCode = 2
    return
  }
  const { serverNames, questions, watched, ...figures } = makeTraffic(path, {
    bytes: Number(values.bytes),
    seed: Number(values.seed),
  })
  const counts = {
    ...figures,
    serverNames: Object.keys(serverNames).length,
    questions: Object.keys(questions).length,
    watched: watched.length,
  }
  console.log(JSON.stringify(counts, null, 1))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
