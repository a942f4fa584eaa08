/**
 * What the server and the page say to each other: answers of `/api/...` and
 * messages of the WebSocket `/api/live`. Types only; the page imports them.
 */

import type { Alert, Category, Confidence, Contact, Severity, State } from './alert.ts'
import type { Progress, RunSummary } from './batch.ts'
import type { AuditEntry, Exemption, ExemptionStatus } from './exemption.ts'
import type { Policy } from './rules.ts'

/** Filters of `GET /api/alerts`, `GET /api/contacts` and `seekwatch alerts`; all optional, joined by "and". */
export interface AlertQuery {
  /** Address or CIDR of the client. */
  client?: string
  /** Part of a name or address seen, without case. */
  text?: string
  service?: string
  category?: Category
  /** This or stronger. */
  severity?: Severity
  /** This or stronger. */
  confidence?: Confidence
  /** One of these. */
  state?: readonly State[]
  contact?: string
  /** RFC 3339; alerts last seen at or after it. */
  from?: string
  /** RFC 3339; alerts first seen before it. */
  to?: string
  /** 1 to 1000; 200 when absent. */
  limit?: number
  offset?: number
}

export interface AlertPage {
  /** Newest first. */
  alerts: Alert[]
  /** How many there are without limit and offset. */
  total: number
}

export interface ContactPage {
  /** Newest first. */
  contacts: Contact[]
  total: number
}

/** `GET /api/timeline`: columns for a chart; alerts by the time they were first seen. */
export interface Timeline {
  /** Length of a bucket in seconds. */
  step: number
  /** Start of each bucket, seconds since 1970. */
  time: number[]
  high: number[]
  medium: number[]
  low: number[]
}

/** A run of the sensor as the store remembers it. */
export interface RunRecord {
  id: string
  command: string
  /** Null while it runs, or when it was cut off. */
  summary: RunSummary | null
}

/** `GET /api/overview`: the figures above the list. */
export interface Overview {
  version: string
  /** Whether the server lets the page change something. */
  writable: boolean
  /** Without those that are exempt, as are all figures here but `exempt` and the times. */
  alerts: number
  /** Alerts that an exemption covers. */
  exempt: number
  contacts: number
  clients: number
  by_category: Partial<Record<Category, number>>
  by_confidence: Partial<Record<Confidence, number>>
  /** Null when there are no alerts. */
  first_seen: string | null
  last_seen: string | null
  /** Newest first, at most 20. */
  runs: RunRecord[]
}

/** An exemption as the lists show it. */
export interface ExemptionView extends Exemption {
  status: ExemptionStatus
  /** Alerts that it hides. */
  alerts: number
}

/** What a draft would do. */
export interface Preview {
  /** Alerts of the time asked about that its scope fits, whenever it starts and ends. */
  total: number
  /** Distinct clients of these. */
  clients: number
  /** New alerts that are stored and would become exempt at once: inside its time, too. */
  now: number
  /** Alerts that were looked at, at most 20,000. */
  looked_at: number
  /** There are older ones in that time, which were not: all figures may be too low. */
  has_older: boolean
  /** The newest of `total`, at most 1,000. */
  alerts: Alert[]
}

/** Answer to `POST /api/exemptions/preview`. */
export interface PreviewAnswer extends Preview {
  /** What may not be meant, in sentences: a rule that no pack has. */
  warnings: string[]
}

/** Answer to `POST /api/exemptions`. */
export interface AddedExemption {
  exemption: Exemption
  /** Stored alerts that became exempt at once; more than some hundreds follow in portions. */
  covered: number
  /** What may not be meant, in sentences: a rule that no pack has. */
  warnings: string[]
}

/** Answer to `POST /api/exemptions/:id/end`. */
export interface EndedExemption {
  exemption: Exemption
  /** Alerts that it hid and that are new again at once; more than some hundreds follow in portions. */
  freed: number
}

/** Filters of `GET /api/audit` and `seekwatch exempt audit`. */
export interface AuditQuery {
  /** Id of an exemption or alert. */
  subject?: string
  limit?: number
  offset?: number
}

export interface AuditPage {
  /** Newest first. */
  entries: AuditEntry[]
  total: number
}

/** `GET /api/policies`: of the rules in force; an older alert may cite one that is not there any more. */
export interface PolicyList {
  policies: readonly Policy[]
}

/** `application/problem+json`, the body of each error answer. */
export interface Problem {
  status: number
  title: string
  detail: string
}

/** Messages that the server pushes, at most four of a kind a second. */
export type LiveMessage =
  | { type: 'hello'; version: string }
  | { type: 'alerts'; alerts: Alert[] }
  /** More alerts came than are pushed one by one: ask for the list again. */
  | { type: 'reload' }
  | { type: 'progress'; progress: Progress }
