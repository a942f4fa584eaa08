/**
 * Shares the sensor's counters out to interfaces and hours. It is told before
 * each push which interface the frames came from, and adds what has grown when
 * it is another one's turn. What belongs to a flow counts with the frame in
 * whose turn it was noticed: for one interface that is exact, for several it is
 * their share.
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
  /** Whose turn it is. */
  #current: CoverageShare | null = null

  constructor(coverage: Coverage) {
    this.#coverage = coverage
    this.#before = countsOf(coverage)
    this.#notDecodedBefore = coverage.notDecoded.slice()
  }

  /** What grows from now on counts for `device` in the hour of `timeUs`. */
  turnTo(device: string, timeUs: number): void {
    const hourUs = Math.floor(timeUs / HOUR_US) * HOUR_US
    if (this.#current?.interface === device && this.#current.hourUs === hourUs) return
    this.#settle()
    this.#current = this.#share(device, hourUs)
  }

  /** What grows from now on counts for nobody: it was counted before. */
  turnAway(): void {
    this.#settle()
    this.#current = null
  }

  /** What has collected, to be stored. */
  get waiting(): CoverageShare[] {
    this.#settle()
    return [...this.#waiting.values()]
  }

  /** What was `waiting` is stored. What grows before the next turn counts for nobody. */
  forget(): void {
    this.#waiting = new Map()
    this.#current = null
  }

  #settle(): void {
    const now = countsOf(this.#coverage)
    const { notDecoded } = this.#coverage
    if (this.#current !== null) {
      const { counts, notDecoded: shared } = this.#current
      for (const name of COVERAGE_COUNTS) counts[name] += now[name] - this.#before[name]
      for (let i = 1; i < notDecoded.length; i++) {
        const more = notDecoded[i]! - this.#notDecodedBefore[i]!
        if (more > 0) shared[REASON_NAMES[i]!] = (shared[REASON_NAMES[i]!] ?? 0) + more
      }
    }
    this.#before = now
    this.#notDecodedBefore.set(notDecoded)
  }

  #share(device: string, hourUs: number): CoverageShare {
    const key = `${hourUs} ${device}`
    const known = this.#waiting.get(key)
    if (known !== undefined) return known
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size === WAITING_MAX) {
      this.#waiting.delete(oldest!)
      this.lost++
    }
    const share = { interface: device, hourUs, counts: zeros(), notDecoded: {} }
    this.#waiting.set(key, share)
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
