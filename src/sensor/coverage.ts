/**
 * What the sensor saw and what it could not see, counted. The names are those
 * of the `stats` event and the summary.
 */

import { outcomeName } from '../bytes/outcome.ts'
import { REASON_NAMES } from '../packet/reason.ts'

const OUTCOMES = 6 // 0 for "ok", then bytes/outcome.ts from -1 on

export class Coverage {
  packets = 0
  bytes = 0
  /** Frames that were shorter in the file than on the wire. */
  cutFrames = 0
  flows = 0
  /** Packets without a row in the flow table: it was full. */
  flowTableFull = 0
  /** Flows that ended without a visible beginning: the sensor or the capture came too late. */
  midstream = 0
  /** Segments of which some bytes could not be kept for reassembly. */
  segmentsNotKept = 0
  parserCrashes = 0
  /** Frames not decoded, by packet/reason.ts, negated. */
  readonly notDecoded = new Float64Array(REASON_NAMES.length)
  readonly tls = new Float64Array(OUTCOMES)
  readonly dns = new Float64Array(OUTCOMES)

  /** The frames that were not decoded, by name; only the reasons that occurred. */
  notDecodedByName(): Record<string, number> {
    const byName: Record<string, number> = {}
    for (let i = 1; i < REASON_NAMES.length; i++) {
      if (this.notDecoded[i]! > 0) byName[REASON_NAMES[i]!] = this.notDecoded[i]!
    }
    return byName
  }

  /** All counters, in a fixed order. */
  counters(): Record<string, number> {
    const counters: Record<string, number> = {
      'capture.packets': this.packets,
      'capture.bytes': this.bytes,
      'capture.cut_frames': this.cutFrames,
      'flow.total': this.flows,
      'flow.table_full': this.flowTableFull,
      'flow.midstream': this.midstream,
      'flow.segments_not_kept': this.segmentsNotKept,
      'sensor.parser_crashes': this.parserCrashes,
    }
    for (let i = 1; i < REASON_NAMES.length; i++) counters[`decode.${REASON_NAMES[i]}`] = this.notDecoded[i]!
    for (let i = 0; i < OUTCOMES; i++) {
      counters[`tls.${outcomeName(-i)}`] = this.tls[i]!
      counters[`dns.${outcomeName(-i)}`] = this.dns[i]!
    }
    return counters
  }
}

/** Counts the outcome of a parser. */
export function countOutcome(counts: Float64Array, outcome: number): void {
  counts[outcome < 0 ? -outcome : 0]!++
}
