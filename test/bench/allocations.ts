/**
 * How many bytes does the sensor allocate for each packet, once it has warmed up?
 *
 *   node --expose-gc --import tsx test/bench/allocations.ts FILE
 *
 * Runs the built sensor (dist/) in this process: reader, pipeline and rules, the
 * batches thrown away. The first quarter of the file is not counted: there the
 * code is compiled and the tables grow to their size. All that is allocated
 * counts, for packets as for the flows, messages and alerts among them. How the
 * counting works stands in allocation-counter.ts. Prints one JSON object.
 */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Block } from '../../src/capture/block.ts'
import { AllocationCounter } from './allocation-counter.ts'

const ROOT = join(import.meta.dirname, '../..')
const WARM_UP = 0.25

export interface AllocationReport {
  /** Packets that were counted. */
  packets: number
  heapPerPacket: number
  externalPerPacket: number
  collections: number
}

async function report(path: string): Promise<AllocationReport> {
  const { openCapture }: typeof import('../../src/capture/open.ts') = await built('capture/open.js')
  const { Sensor }: typeof import('../../src/sensor/sensor.ts') = await built('sensor/sensor.js')
  const { LIMITS }: typeof import('../../src/config/limits.ts') = await built('config/limits.js')
  const { loadPacks }: typeof import('../../src/packs/load.ts') = await built('packs/load.js')
  const { compileRules }: typeof import('../../src/detect/compile.ts') = await built('detect/compile.js')
  const { loadNetworks }: typeof import('../../src/enrich/networks.ts') = await built('enrich/networks.js')

  const sensor = new Sensor({
    rules: compileRules({ packs: loadPacks(join(ROOT, 'rules')) }),
    networks: loadNetworks(),
    limits: LIMITS,
    sensor: 'bench',
    run: 'bench',
    events: new Set(),
    seed: 1,
    emit: () => {},
  })
  const capture = await openCapture(path)
  const warmAt = statSync(path).size * WARM_UP
  let block: Block | null = await capture.next()
  while (block !== null && capture.bytesRead < warmAt) {
    sensor.push(capture, block)
    block = await capture.next()
  }

  globalThis.gc?.()
  const counter = new AllocationCounter()
  let packets = 0
  while (block !== null) {
    packets += block.count
    sensor.push(capture, block)
    counter.look()
    block = await capture.next()
  }
  const { heap, external, collections } = counter.stop()
  await capture.close()
  if (packets === 0) throw new Error(`${path}: too short to warm up and count: give 100 MB or more`)
  return { packets, heapPerPacket: heap / packets, externalPerPacket: external / packets, collections }
}

/** A module of the built sensor. Its types are those of the source. */
function built(module: string): Promise<never> {
  return import(pathToFileURL(join(ROOT, 'dist', module)).href) as Promise<never>
}

const path = process.argv[2]
if (path === undefined) throw new Error('usage: node --expose-gc --import tsx test/bench/allocations.ts FILE')
console.log(JSON.stringify(await report(path)))
