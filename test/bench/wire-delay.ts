/**
 * How long it takes from a packet on the wire until its alert is at the open
 * page: through the capturing program, the sensor, the store and the WebSocket.
 *
 * Visits to watched names go over a wire of our own at random moments, on a line that is
 * quiet or has other traffic. The moment of a packet is the kernel's stamp
 * where it goes into the wire, taken by a second capturing program; the moment
 * of an alert is when the first message with its client arrives.
 */

import { join } from 'node:path'
import type { AdapterName } from '../../src/capture/live/adapter.ts'
import { openCapture } from '../../src/capture/open.ts'
import { random } from '../support/random.ts'
import { pause, type RunningSensor, until, Wire } from '../support/wire.ts'
import { SYN } from './flow.ts'
import { PcapWriter } from './pcap-writer.ts'
import { addressText } from './traffic.ts'
import { ordinaryVisit, type Pantry, stockPantry, type Visit, watchedVisit } from './visit.ts'

/** Between two visits, at random: the page is told once a second at most, so that none may wait for the one before. */
const GAP_MS_MIN = 2_200
const GAP_MS_MAX = 4_200
/** Between two packets of a watched visit. */
const STEP_US = 1_000
const START_US = Date.UTC(2026, 0, 15, 8) * 1_000
/** Ordinary visits that go on at the same time. */
const AT_ONCE = 20
/** After the last packet. */
const WAIT_MS = 4_000

export interface DelayJob {
  adapter: AdapterName
  /** More options for the sensor. */
  more: readonly string[]
  /** How many alerts. */
  alerts: number
  /** Other traffic, bits per second; 0 for a quiet line. */
  bitsPerSecond: number
  /** A whole number. */
  seed: number
}

export interface DelayResult {
  adapter: AdapterName
  bitsPerSecond: number
  /** From packet to page, milliseconds, in the order of sending. */
  delaysMs: number[]
  /** Alerts that never came. */
  missing: number
}

interface Plan {
  /** For each visit to a watched name: its client as alerts write it, and which packet of the file its hello is. */
  visits: Array<{ client: string; packet: number }>
  packets: number
}

/** Measures one adapter on one line. Takes some 3 seconds for each alert. Throws when the sensor does not start. */
export async function measureDelay(job: DelayJob, folder: string): Promise<DelayResult> {
  const name = `delay-${job.adapter}-${job.bitsPerSecond}`
  const [file, sentFile] = [join(folder, `${name}.pcap`), join(folder, `${name}-sent.pcap`)]
  const plan = writePlan(file, job)
  const wire = new Wire()
  try {
    const sensor = wire.sensor(folder, [
      ...['-i', wire.end, '--capture', job.adapter, '--db', join(folder, `${name}.db`)],
      ...['--listen', '127.0.0.1:8787', ...job.more],
    ])
    await sensor.says(/watching/)
    const page = wire.start([process.execPath, '-e', PAGE])
    let told = ''
    page.stdout!.setEncoding('utf8').on('data', (text: string) => {
      told += text
    })
    const stamps = wire.start(['tcpdump', '-i', 'inject', '-n', '-U', '-s', '64', '-Z', 'root', '-w', sentFile])
    await until(
      () => told.includes('open\n'),
      20_000,
      () => 'the page does not open',
    )
    await pause(500)
    await send(wire, file)
    await pause(WAIT_MS)
    stamps.kill('SIGINT')
    page.kill()
    await end(sensor)
    return { ...compare(plan, told, await sentUs(sentFile)), adapter: job.adapter, bitsPerSecond: job.bitsPerSecond }
  } finally {
    wire.remove()
  }
}

async function send(wire: Wire, file: string): Promise<void> {
  const sender = wire.start(['tcpreplay', '-q', '--timer=nano', '-i', 'inject', file])
  const code = await new Promise((resolve) => sender.on('close', resolve))
  if (code !== 0) throw new Error(`tcpreplay ended with code ${code}`)
}

async function end(sensor: RunningSensor): Promise<void> {
  sensor.process.kill('SIGTERM')
  const { code } = await sensor.exit
  if (code !== 0) throw new Error(`the sensor ended with code ${code}:\n${sensor.stderr}`)
}

function compare(
  { visits, packets }: Plan,
  told: string,
  sent: readonly number[],
): Pick<DelayResult, 'delaysMs' | 'missing'> {
  if (sent.length !== packets) throw new Error(`${packets} packets were sent, ${sent.length} have a time`)
  const delaysMs: number[] = []
  for (const { client, packet } of visits) {
    const atMs = new RegExp(`^${client.replaceAll('.', '\\.')} ([\\d.]+)$`, 'm').exec(told)?.[1]
    if (atMs !== undefined) delaysMs.push(Number(atMs) - sent[packet]! / 1000)
  }
  return { delaysMs, missing: visits.length - delaysMs.length }
}

/** When each packet of the capture was seen. */
async function sentUs(file: string): Promise<number[]> {
  const capture = await openCapture(file)
  const times: number[] = []
  for (let block = await capture.next(); block !== null; block = await capture.next()) {
    for (let i = 0; i < block.count; i++) times.push(block.timeUs[i]!)
  }
  await capture.close()
  return times
}

/** Writes the traffic; the same job gives the same bytes. */
function writePlan(file: string, { alerts, bitsPerSecond, seed }: DelayJob): Plan {
  const next = random(seed)
  const pantry = stockPantry(next)
  const writer = new PcapWriter(file)
  const other = bitsPerSecond === 0 ? null : new Other(pantry, next, bitsPerSecond)
  const visits: Plan['visits'] = []
  let timeUs = START_US
  for (let turn = 1; visits.length < alerts; turn += 2) {
    const visit = watchedVisit(turn, pantry, next) // odd turns do not ask DNS: one alert each
    if (visit.isSplit) continue
    const beginUs = timeUs + (GAP_MS_MIN + next(GAP_MS_MAX - GAP_MS_MIN)) * 1000 + next(1000)
    other?.write(writer, timeUs, beginUs)
    timeUs = beginUs
    const hello = visit.segments.findIndex((one) => one.fromClient && one.payload !== null && (one.flags & SYN) === 0)
    visits.push({ client: clientOf(visit), packet: writer.packets + hello })
    for (const segment of visit.segments) {
      segment.flow.write(segment, writer, timeUs)
      timeUs += STEP_US
    }
  }
  other?.write(writer, timeUs, timeUs + 2e6)
  writer.close()
  return { visits, packets: writer.packets }
}

function clientOf({ client, clientPort }: Visit): string {
  return `${addressText(client)} ${clientPort}`
}

/** Ordinary visits, packet by packet at an even rate. */
class Other {
  readonly #pantry: Pantry
  readonly #next: (below: number) => number
  readonly #usPerByte: number
  readonly #active: Array<{ visit: Visit; at: number }> = []

  constructor(pantry: Pantry, next: (below: number) => number, bitsPerSecond: number) {
    this.#pantry = pantry
    this.#next = next
    this.#usPerByte = 8e6 / bitsPerSecond
  }

  write(writer: PcapWriter, fromUs: number, toUs: number): void {
    for (let timeUs = fromUs; timeUs < toUs; ) {
      while (this.#active.length < AT_ONCE) this.#active.push({ visit: ordinaryVisit(this.#pantry, this.#next), at: 0 })
      const index = this.#next(this.#active.length)
      const one = this.#active[index]!
      const segment = one.visit.segments[one.at++]!
      segment.flow.write(segment, writer, Math.floor(timeUs))
      timeUs += segment.flow.frameBytes(segment) * this.#usPerByte
      if (one.at === one.visit.segments.length) this.#active.splice(index, 1)
    }
  }
}

/** Listens as the page does, and says of every alert whose it is and when it came. */
const PAGE = `
  const { WebSocket } = require(${JSON.stringify(join(import.meta.dirname, '../../node_modules/ws'))})
  const socket = new WebSocket('ws://127.0.0.1:8787/api/live', { headers: { origin: 'http://127.0.0.1:8787' } })
  socket.on('open', () => console.log('open'))
  socket.on('message', (text) => {
    const atMs = performance.timeOrigin + performance.now()
    const message = JSON.parse(text)
    for (const { client } of message.alerts ?? []) console.log(client.ip + ' ' + client.port + ' ' + atMs.toFixed(3))
  })
`
