/**
 * What share of the traffic could be judged: per interface and hour, and the
 * times in which nothing could be seen at all. Types and their lists only.
 */

/** What is counted for an interface and hour. */
export const COVERAGE_COUNTS = [
  'packets',
  'bytes',
  'lost_kernel',
  'lost_interface',
  'cut',
  'copies',
  'flows',
  'flow_table_full',
  'midstream',
  'tls_flows',
  'tls_named',
  'ech',
  'encrypted_dns',
] as const
export type CoverageCount = (typeof COVERAGE_COUNTS)[number]
export type CoverageCounts = Record<CoverageCount, number>

export interface CoverageHour extends CoverageCounts {
  sensor: string
  /** The network interface, or the folder that is watched. */
  interface: string
  /** When the hour begins, RFC 3339, packet time. */
  hour: string
  /** Frames that could not be decoded, by reason. */
  not_decoded: Record<string, number>
}

/**
 * `capture`: nothing was captured; `clock`: the system clock was set; `store`: alerts could not be stored;
 * `killed`: the sensor was cut off and was away; `off`: the sensor was not running.
 */
export type GapKind = 'capture' | 'clock' | 'store' | 'killed' | 'off'

export interface GapRecord {
  sensor: string
  /** Empty: all of them. */
  interface: string
  kind: GapKind
  /** RFC 3339, system time. */
  from: string
  /** Null while it goes on. */
  to: string | null
  reason: string
  /** Alerts that had to be given up. */
  alerts_lost: number
}

/** `GET /api/coverage`. */
export interface CoverageReport {
  /** One sentence for people about the whole span. */
  sentence: string
  /** Oldest first; of more than 8784 (a year of one interface) the newest. */
  hours: CoverageHour[]
  /** Newest first, at most 100. */
  gaps: GapRecord[]
}
