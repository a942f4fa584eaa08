/** What the sensor hands on, in batches: observations, and alerts as they are now. Types only. */

import type { Alert } from './alert.ts'
import type { Observation } from './observation.ts'

export interface AlertUpdate {
  alert: Alert
  /**
   * True when the alert will not change any more (its flow or its contact is over).
   * The same alert comes first as not final, as soon as it is known, and once as final.
   */
  final: boolean
}

export interface Batch {
  observations: Observation[]
  alerts: AlertUpdate[]
}

/** One object on standard output at the end of `replay --json`; also in the store, one row a run. */
export interface RunSummary {
  files: number
  files_failed: number
  /** Other files in the folders, which are no captures; absent where there are none. */
  files_passed_over?: number
  packets: number
  /** Times of the oldest and the newest packet, RFC 3339; absent where there was none. */
  first_packet?: string
  last_packet?: string
  bytes: number
  flows: number
  alerts: number
  alerts_new: number
  /** Of `alerts`, those that an exemption covers; they are not forwarded. */
  alerts_exempt: number
  contacts: number
  seconds: number
  /** Frames that could not be judged, by reason; the names are those of the `stats` event. */
  not_decoded: Record<string, number>
  /** The counters of the `stats` event that are not zero; among them what was refused or forgotten for want of room. */
  counters: Record<string, number>
  /** Why a file could not be read to its end. */
  faults: Array<{ file: string; offset: number; reason: string; advice: string }>
  /** Files that were left out, and why, or that may count twice; absent where there are none. */
  remarks?: Array<{ file: string; remark: string }>
}

/** How far a replay is. Sent to the page about once a second. */
export interface Progress {
  file: string
  files_done: number
  files: number
  bytes_done: number
  bytes: number
  packets: number
  alerts: number
  done: boolean
}
