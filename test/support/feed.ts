/**
 * Runs frames through a real sensor. All blocks share one arena, which is
 * filled with rubbish as soon as the sensor has taken a block: whoever kept a
 * range instead of a copy shows it.
 */

import { Block, type Capture, type Link } from '../../src/capture/block.ts'
import { LIMITS, type Limits } from '../../src/config/limits.ts'
import { compileRules } from '../../src/detect/compile.ts'
import { compileNetworks } from '../../src/enrich/compile-networks.ts'
import { Networks } from '../../src/enrich/networks.ts'
import type { Alert } from '../../src/events/alert.ts'
import type { AlertUpdate, Batch } from '../../src/events/batch.ts'
import type { FlowObservation, Observation } from '../../src/events/observation.ts'
import type { Pack } from '../../src/packs/pack.ts'
import { type EventKind, Sensor } from '../../src/sensor/sensor.ts'
import { addressBytes } from './frames.ts'

/** 2026-11-22T09:00:00Z, in microseconds: when `at` is 0. */
export const BEGIN_US = Date.UTC(2026, 10, 22, 9) * 1000

export interface TimedFrame {
  /** Seconds after BEGIN_US. */
  at: number
  bytes: Uint8Array
  /** Length on the wire; the length of the bytes when absent. */
  originalLength?: number
}

export interface FeedOptions {
  packs?: readonly Pack[]
  networks?: Networks
  limits?: Partial<Limits>
  events?: readonly EventKind[]
  seed?: number
  /** All frames are in one block when absent. */
  framesPerBlock?: number
  linkType?: number
  /** Called before each block, with its number from 0. */
  beforeBlock?: (sensor: Sensor, block: number) => void
}

export interface Fed {
  sensor: Sensor
  batches: Batch[]
  observations: Observation[]
  updates: AlertUpdate[]
  /** Each alert as it was last, in the order in which they were first written. */
  alerts: Alert[]
  flows: FlowObservation[]
}

const NO_NETWORKS = networksOf([])

/** What a sensor makes of these frames, of one capture after the other when there are several lists, and of the end of the input. */
export function feed(
  frames: readonly TimedFrame[] | readonly (readonly TimedFrame[])[],
  options: FeedOptions = {},
): Fed {
  const batches: Batch[] = []
  const sensor = new Sensor({
    rules: compileRules({ packs: options.packs ?? [] }),
    networks: options.networks ?? NO_NETWORKS,
    limits: { ...LIMITS, flows: 1000, toldAddresses: 2000, ...options.limits },
    sensor: 'sensor-1',
    run: 'run-1',
    events: new Set(options.events ?? ['tls', 'dns', 'flow', 'stats']),
    seed: options.seed ?? 1,
    emit: (batch) => batches.push(snapshot(batch)),
  })
  const captures = isListOfLists(frames) ? frames : [frames]
  captures.forEach((list, index) => {
    pushAll(
      sensor,
      captureOf(`capture-${index + 1}.pcap`, options.linkType ?? 1),
      list,
      options.framesPerBlock,
      options.beforeBlock,
    )
  })
  sensor.finish()

  const observations = batches.flatMap((batch) => batch.observations)
  const updates = batches.flatMap((batch) => batch.alerts)
  return {
    sensor,
    batches,
    observations,
    updates,
    alerts: [...new Map(updates.map(({ alert }) => [alert.id, alert])).values()],
    flows: observations.filter((observation) => observation.kind === 'flow'),
  }
}

/** A table of countries and systems in which these addresses lie, each alone. */
export function networksOf(rows: ReadonlyArray<{ ip: string; country: string; asn: number; name: string }>): Networks {
  const number = (ip: string): string => BigInt(`0x${addressBytes(ip).toString('hex')}`).toString()
  const csv = (isIpv6: boolean, what: (row: (typeof rows)[number]) => string) => ({
    name: 'test.csv',
    text: rows
      .filter(({ ip }) => ip.includes(':') === isIpv6)
      .map((row) => `${number(row.ip)},${number(row.ip)},${what(row)}\n`)
      .join(''),
  })
  const country = (row: (typeof rows)[number]): string => row.country
  const system = (row: (typeof rows)[number]): string => `${row.asn},${row.name}`
  const bytes = compileNetworks({
    countriesIpv4: csv(false, country),
    countriesIpv6: csv(true, country),
    systemsIpv4: csv(false, system),
    systemsIpv6: csv(true, system),
  })
  return new Networks(bytes, 'test')
}

/** The batch as it is now, as plain objects. */
function snapshot({ observations, alerts }: Batch): Batch {
  return { observations: observations.map(plain), alerts: structuredClone(alerts) }
}

function plain(observation: Observation): Observation {
  if (observation.kind === 'stats') return structuredClone(observation)
  const { flow, ...rest } = observation
  const { id, protocol, clientIp, clientPort, serverIp, serverPort, communityId, vlans, clientMac, serverMac } = flow
  const names = { id, protocol, clientIp, clientPort, serverIp, serverPort, communityId, vlans, clientMac, serverMac }
  return structuredClone({ ...rest, flow: names }) as Observation
}

function isListOfLists(
  frames: readonly TimedFrame[] | readonly (readonly TimedFrame[])[],
): frames is readonly (readonly TimedFrame[])[] {
  return Array.isArray(frames[0])
}

function captureOf(name: string, linkType: number): Capture {
  const links: Link[] = [{ name: '', linkType }]
  return { name, links, faults: [], bytesRead: 0, next: async () => null, close: async () => {} }
}

function pushAll(
  sensor: Sensor,
  capture: Capture,
  frames: readonly TimedFrame[],
  framesPerBlock = frames.length,
  beforeBlock: FeedOptions['beforeBlock'] = () => {},
): void {
  const arena = Buffer.alloc(frames.reduce((sum, { bytes }) => sum + bytes.length, 0))
  const block = new Block(Math.max(framesPerBlock, 1))
  block.bytes = arena
  sensor.push(capture, block) // an empty one, as a silent link gives
  for (let first = 0; first < frames.length; first += framesPerBlock) {
    let at = 0
    const some = frames.slice(first, first + framesPerBlock)
    some.forEach((frame, i) => {
      arena.set(frame.bytes, at)
      block.start[i] = at
      at += frame.bytes.length
      block.end[i] = at
      block.originalLength[i] = frame.originalLength ?? frame.bytes.length
      block.timeUs[i] = BEGIN_US + Math.round(frame.at * 1e6)
    })
    block.firstPacket = first + 1
    block.count = some.length
    beforeBlock(sensor, first / framesPerBlock)
    sensor.push(capture, block)
    arena.fill(0xee)
  }
}
