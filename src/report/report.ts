/**
 * The report as data: what `seekwatch report --format json` prints, and what
 * the page is made of. Keys stay what they are; new ones may come. Times are
 * RFC 3339 in UTC, days and counts of days are those of the report's time zone.
 *
 * Types only.
 */

import type { Category, Confidence, EvidenceKind, TriageState, Use } from '../events/alert.ts'
import type { CoverageCounts, GapKind, GapRecord } from '../events/coverage.ts'
import type { Exemption } from '../events/exemption.ts'
import type { Policy } from '../events/rules.ts'

/** A list that has a bound: what is beyond it is counted. */
export interface Listed<T> {
  listed: T[]
  left_out: number
}

/**
 * What is known of contacts with the service itself. `contact`: an answer of the service was seen. `attempt`: only
 * attempts and questions to DNS. `exempt`: only what exemptions cover. `none`: nothing of these, and traffic was looked
 * at. `unknown`: no traffic was looked at.
 */
export type Finding = 'contact' | 'attempt' | 'exempt' | 'none' | 'unknown'

/** Contacts of one category; without those that exemptions cover, but for the last two figures. */
export interface Figures {
  /** Clients with a contact in which the service answered. */
  clients: number
  /** Of these, resolvers and proxies: they stand for others. */
  clients_standing_for_others: number
  /** Of `clients`, those with a contact of high confidence. */
  clients_high: number
  /** Clients that only tried, or asked DNS. */
  clients_attempt_only: number
  /** Contacts in which the service answered. */
  contacts: number
  /** Contacts without an answer: attempts and questions to DNS. */
  attempts: number
  alerts: number
  /** Days with a contact in which the service answered. */
  days: number
  bytes_out: number
  bytes_in: number
  exempt_alerts: number
  exempt_clients: number
}

/** One client and one service. */
export interface ClientRow {
  client: string
  /** What the client calls itself, at most 3. */
  names: string[]
  role: 'host' | 'resolver' | 'proxy'
  service: string
  contacts: number
  alerts: number
  days: number
  first_seen: string
  last_seen: string
  bytes_out: number
  bytes_in: number
  /** Of its surest alert. */
  confidence: Confidence
  /** By what the surest alert is known. */
  evidence: EvidenceKind[]
  /** Sentences of the surest alert, in English. */
  reasons: string[]
  /** Id of the surest alert: `seekwatch alerts show`. */
  alert: string
  /** The use that matters most; null when nothing says. */
  use: Use | null
  /** Names and addresses that it showed, most alerts first, at most 5. */
  contacted: string[]
  states: Record<TriageState, number>
  /** Alerts that were made while packets were being lost. */
  lossy: number
}

export interface Section {
  figures: Figures
  /** Contacts in which the service answered, the most contacts first. */
  used: Listed<ClientRow>
  /** Contacts without an answer, likewise; a client may be in both. */
  attempted: Listed<ClientRow>
}

export interface DayRow {
  /** `2026-10-31` */
  day: string
  /** Contacts with the service on it in which it answered; one that lasts over midnight is of both days. */
  contacts: number
  /** Contacts without an answer. */
  attempts: number
  /** Hours on record with packets; 23 or 25 are all where the clocks are changed. */
  hours_with_packets: number
  packets: number
}

export interface ExemptionRow extends Exemption {
  /** Alerts of the period that it hides, and of how many clients. */
  alerts: number
  clients: number
  /** Who ended it before its time, and when; null when nobody did. */
  ended_early: { who: string; at: string } | null
}

export interface DecisionRow {
  at: string
  who: string
  via: string
  state: TriageState
  alerts: number
  note: string
}

/** What was counted of traffic, by sensors that watched it or in captures that were read. */
export interface Seen extends CoverageCounts {
  /** Frames by the reason for which they could not be decoded. */
  not_decoded: Record<string, number>
}

export interface InterfaceRow extends CoverageCounts {
  sensor: string
  interface: string
  hours: number
  hours_with_packets: number
}

export interface Watched {
  /** Hours that the period touches, as far as they are not to come. */
  hours: number
  hours_to_come: number
  hours_with_packets: number
  /** A sensor watched and no packet came. */
  hours_silent: number
  /** Nothing is on record. */
  hours_unwatched: number
  days: number
  days_with_packets: number
  seen: Seen
  interfaces: Listed<InterfaceRow>
  gaps: Listed<GapRecord>
  /** Gaps by kind. */
  gap_counts: Record<GapKind, number>
  /** Seconds in which an interface, or a whole sensor, captured nothing; overlapping gaps count once. */
  gap_seconds: number
  alerts_lost: number
}

export interface RunRow {
  id: string
  /** Wall clock. */
  started: string
  files: number
  files_failed: number
  packets: number
  first_packet: string | null
  last_packet: string | null
  /** Whether it came to its end. */
  finished: boolean
}

/** Captures that were read. The same files read twice with the same rules are one run. */
export interface Replayed {
  runs: number
  /** Runs that were cut off or still go on: what they read is not known. */
  unfinished: number
  /** Runs of which the times of the packets are not known: they may lie outside of the period. */
  undated: number
  files: number
  files_failed: number
  first_packet: string | null
  last_packet: string | null
  seen: Seen
  listed: RunRow[]
  left_out: number
}

export interface PolicyRow extends Omit<Policy, 'id'> {
  id: string
  /** Alerts of the period that cite it, without exempt ones. */
  alerts: number
}

export interface PackRow {
  pack: string
  version: string
}

export interface Report {
  /** The form of this record. */
  report: 1
  seekwatch: string
  /** When it was made: the only time that is not of packets or of the log. */
  made: string
  title: string
  database: string
  timezone: string
  period: {
    /** Null in a database that holds nothing. */
    from: string | null
    /** Excluded. */
    to: string | null
    /** Whether it was not asked for, and is all that the database knows. */
    is_whole_database: boolean
  }
  finding: Finding
  /** What the rules call services of the category `service`, and what was found of others. */
  services: string[]
  /** Contacts by category. Only `service` is the service itself. */
  sections: Record<Category, Section>
  /** Each day of the period; empty when there are more than 366, or none. */
  days: DayRow[]
  /** Alerts of all categories by what was decided on them, without exempt ones. */
  states: Record<TriageState, number>
  decisions: Listed<DecisionRow>
  exemptions: Listed<ExemptionRow>
  /** Whether alerts are still being gone through for exemptions that were added or ended. */
  is_reviewing: boolean
  /** Alerts that exemptions hide, of all categories. */
  exempt_alerts: number
  watched: Watched
  replayed: Replayed
  /** Of the rules now in place, and those that alerts of the period cite. */
  policies: PolicyRow[]
  /** Ids that alerts cite and no pack in place has. */
  unknown_policies: string[]
  sensors: string[]
  /** Packs of the alerts of the period, each with its version then. */
  packs_of_alerts: PackRow[]
  /** Packs that are in place now. */
  packs: PackRow[]
}
