/**
 * What the server and the page say to each other: answers of `/api/...` and
 * messages of the WebSocket `/api/live`. Types only; the page imports them.
 */

import type { Alert, Category, Confidence, Contact, Severity, State } from './alert.ts'
import type { Progress, RunSummary } from './batch.ts'

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
  state?: State
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
  alerts: number
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

/** `application/problem+json`, the body of each error answer. */
export interface Problem {
  status: number
  title: string
  detail: string
}

/** Messages that the server pushes, at most one of a kind a second. */
export type LiveMessage =
  | { type: 'hello'; version: string }
  | { type: 'alerts'; alerts: Alert[] }
  /** More alerts came than are pushed one by one: ask for the list again. */
  | { type: 'reload' }
  | { type: 'progress'; progress: Progress }
