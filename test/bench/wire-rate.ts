/**
 * What the live sensor makes of a rate of packets: traffic goes over a wire of
 * our own (test/support/wire.ts), and what was sent is held against what the
 * sensor counted and what it said was lost.
 *
 * Processor time is what the sensor (all its threads) and its capturing
 * programs used from the first packet until all was read, by /proc. What the
 * kernel does for a packet on its way is the sender's, on a virtual wire.
 */

import { join } from 'node:path'
import type { AdapterName } from '../../src/capture/live/adapter.ts'
import { pause, type RunningSensor, Wire } from '../support/wire.ts'
import { childrenOf, cpuSeconds } from './processes.ts'

/** Nothing used the processor for this long: all was read. Longer than any adapter keeps a packet back. */
const QUIET_MS = 2000
const LOOK_MS = 250
const DRAIN_MS_MAX = 60_000
/** A sensor with nothing to do takes this share of a processor, or less. */
const IDLE_SHARE = 0.06

export interface RateJob {
  adapter: AdapterName
  workers: number
  /** Size of the kernel's ring for each capturing program, in MiB. */
  ringMiB: number
  /** More options for the sensor. */
  more: readonly string[]
  /** A capture to send. */
  file: string
  /** How many packets it has. */
  filePackets: number
  /** Packets per second; 0 for as fast as it goes. */
  rate: number
  /** At least so many packets are sent, */
  packets: number
  /** and for so long. */
  seconds: number
}

export interface RateResult {
  adapter: AdapterName
  workers: number
  ringMiB: number
  /** Asked for, packets per second; 0 for as fast as it goes. */
  rate: number
  /** Reached, packets and bits per second. */
  reached: number
  bitsPerSecond: number
  sent: number
  /** Came out of the wire where the sensor listens. */
  arrived: number
  counted: number
  /** Lost, as the sensor says. */
  told: number
  /** Arrived, and neither counted nor said to be lost. 0, or an adapter keeps something from us. */
  untold: number
  /** Microseconds of a processor for each packet that arrived: the sensor's, and its capturing programs'. */
  sensorUs: number
  captureUs: number
  /** From the last packet sent until all was read. */
  drainSeconds: number
  alerts: number
  /** The most memory that the sensor held. */
  memoryBytes: number
  /** A capturing program ended meanwhile: its processor time is missing. */
  restarted: boolean
}

/** Measures one rate. `folder` takes the database. Throws when the sensor does not start or does not end well. */
export async function measureRate(job: RateJob, folder: string): Promise<RateResult> {
  const { adapter, workers, ringMiB, more, file, rate } = job
  const wire = new Wire()
  try {
    const db = join(folder, `rate-${process.pid}-${Date.now()}.db`)
    const sensor = wire.sensor(folder, [
      ...['-i', wire.end, '--capture', adapter, '--workers', String(workers), '--ring', String(ringMiB)],
      ...['--no-serve', '--json', '--db', db, ...more],
    ])
    await sensor.says(/watching/)
    const before = usage(sensor)
    const speed = rate === 0 ? ['--topspeed'] : [`--pps=${rate}`]
    const packets = Math.max(job.packets, rate * job.seconds)
    const loops = Math.ceil(packets / job.filePackets)
    const said = wire.inside(['tcpreplay', '-i', 'inject', '--preload-pcap', `--loop=${loops}`, ...speed, file])
    const sentMs = performance.now()
    await drained(sensor)
    const drainSeconds = (performance.now() - sentMs - QUIET_MS) / 1000
    const after = usage(sensor)
    const arrived = Number(wire.inside(['cat', `/sys/class/net/${wire.end}/statistics/rx_packets`]))
    const memoryBytes = peakBytes(wire, sensor)
    const { code, summary } = await sensor.end()
    if (code !== 0) throw new Error(`the sensor ended with code ${code}:\n${sensor.stderr}`)
    const used = (what: 'sensor' | 'capture'): number => ((after[what] - before[what]) * 1e6) / arrived
    return {
      adapter,
      workers,
      ringMiB,
      rate,
      reached: figure(/Rated: .* ([\d.]+) pps/, said),
      bitsPerSecond: figure(/Rated: .* ([\d.]+) Mbps/, said) * 1e6,
      sent: figure(/Successful packets:\s+(\d+)/, said),
      arrived,
      counted: summary.packets,
      told: summary.packets_lost,
      untold: arrived - summary.packets - summary.packets_lost,
      sensorUs: used('sensor'),
      captureUs: used('capture'),
      drainSeconds: Math.max(drainSeconds, 0),
      alerts: summary.alerts,
      memoryBytes,
      restarted: before.children.join() !== after.children.join(),
    }
  } finally {
    wire.remove()
  }
}

interface Usage {
  sensor: number
  capture: number
  children: number[]
}

function usage({ process: { pid } }: RunningSensor): Usage {
  const children = childrenOf(pid!)
  const capture = children.reduce((sum, child) => sum + cpuSeconds(child), 0)
  return { sensor: cpuSeconds(pid!), capture, children }
}

/** Waits until the sensor and its programs have nothing more to do. */
async function drained(sensor: RunningSensor): Promise<void> {
  const endMs = performance.now() + DRAIN_MS_MAX
  for (let quietMs = 0, last = usage(sensor); quietMs < QUIET_MS && performance.now() < endMs; ) {
    await pause(LOOK_MS)
    const now = usage(sensor)
    const share = (now.sensor + now.capture - last.sensor - last.capture) / (LOOK_MS / 1000)
    quietMs = share <= IDLE_SHARE ? quietMs + LOOK_MS : 0
    last = now
  }
}

function peakBytes(wire: Wire, { process: { pid } }: RunningSensor): number {
  return 1024 * figure(/VmHWM:\s+(\d+) kB/, wire.inside(['cat', `/proc/${pid}/status`]))
}

function figure(pattern: RegExp, text: string): number {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`no ${pattern} in:\n${text}`)
  return Number(found)
}
