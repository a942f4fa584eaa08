/**
 * Shares the sensor's counters out to interfaces and hours. It is told after
 * each push which interface the frames came from, and adds what has grown
 * since. What belongs to a flow counts with the frame in whose turn it was
 * noticed: for one interface that is exact, for several it is their share.
 */

import { COVERAGE_COUNTS, type CoverageCounts } from '../events/coverage.ts'
import { REASON_NAMES } from '../packet/reason.ts'
import type { Coverage } from './coverage.ts'

const HOUR_US = 3600e6
/** Hours of interfaces that wait to be stored; beyond it the oldest are given up. */
const WAITING_MAX = 1000

export interface CoverageShare {
  interface: string
  /** When the hour begins. */
  hourUs: number
  counts: CoverageCounts
  notDecoded: Record<string, number>
}

export class CoverageMeter {
  /** Hours of interfaces that were given up. */
  lost = 0
  readonly #coverage: Coverage
  #before: CoverageCounts
  readonly #notDecodedBefore: Float64Array
  #waiting = new Map<string, CoverageShare>()
  #last: CoverageShare | null = null

  constructor(coverage: Coverage) {
    this.#coverage = coverage
    this.#before = countsOf(coverage)
    this.#notDecodedBefore = coverage.notDecoded.slice()
  }

  /** Adds what has grown since the last call to `device` in the hour of `timeUs`. */
  add(device: string, timeUs: number): void {
    const share = this.#share(device, Math.floor(timeUs / HOUR_US) * HOUR_US)
    const now = countsOf(this.#coverage)
    for (const name of COVERAGE_COUNTS) share.counts[name] += now[name] - this.#before[name]
    this.#before = now
    const { notDecoded } = this.#coverage
    for (let i = 1; i < notDecoded.length; i++) {
      const more = notDecoded[i]! - this.#notDecodedBefore[i]!
      if (more === 0) continue
      const name = REASON_NAMES[i]!
      share.notDecoded[name] = (share.notDecoded[name] ?? 0) + more
      this.#notDecodedBefore[i] = notDecoded[i]!
    }
  }

  /** What has grown since the last call counts for nobody: it was counted before. */
  skip(): void {
    this.#before = countsOf(this.#coverage)
    this.#notDecodedBefore.set(this.#coverage.notDecoded)
  }

  /** What has collected, to be stored. */
  get waiting(): CoverageShare[] {
    return [...this.#waiting.values()]
  }

  /** It was stored. */
  forget(): void {
    this.#waiting = new Map()
    this.#last = null
  }

  #share(device: string, hourUs: number): CoverageShare {
    if (this.#last !== null && this.#last.interface === device && this.#last.hourUs === hourUs) return this.#last
    const key = `${hourUs} ${device}`
    let share = this.#waiting.get(key)
    if (share === undefined) {
      share = { interface: device, hourUs, counts: zeros(), notDecoded: {} }
      const [oldest] = this.#waiting.keys()
      if (this.#waiting.size === WAITING_MAX) {
        this.#waiting.delete(oldest!)
        this.lost++
      }
      this.#waiting.set(key, share)
    }
    this.#last = share
    return share
  }
}

function countsOf(coverage: Coverage): CoverageCounts {
  return {
    packets: coverage.packets,
    bytes: coverage.bytes,
    lost_kernel: coverage.lostKernel,
    lost_interface: coverage.lostInterface,
    cut: coverage.cutFrames,
    copies: coverage.copies,
    flows: coverage.flows,
    flow_table_full: coverage.flowTableFull,
    midstream: coverage.midstream,
    tls_flows: coverage.tlsFlows,
    tls_named: coverage.tlsNamed,
    ech: coverage.ech,
    encrypted_dns: coverage.encryptedDns,
  }
}

function zeros(): CoverageCounts {
  return Object.fromEntries(COVERAGE_COUNTS.map((name) => [name, 0])) as CoverageCounts
}
