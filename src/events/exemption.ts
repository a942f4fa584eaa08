/**
 * Exemptions and the log of what people changed: the records of the store, the
 * API and the YAML files. Times are RFC 3339 in UTC with microseconds: start and
 * end are compared with packet time, `created_at` and `at` are the wall clock.
 *
 * Types and their lists only: the dashboard imports this file.
 */

import type { Alert, Category } from './alert.ts'

export const EXEMPTION_KINDS = ['testing', 'research', 'analysis', 'approved-use'] as const
export type ExemptionKind = (typeof EXEMPTION_KINDS)[number]

/** What an exemption is about. Every part that is given must hold; it names a client, or says `everyone`. */
export interface ExemptionScope {
  /** Address or CIDR of the client. */
  client?: string
  /** The client's hardware address, lower case with colons. */
  mac?: string
  /** The client's own name, as alerts show it; lower case, no final dot. */
  name?: string
  /** Written out where no part names a client, so that nobody exempts a whole network by leaving something out. */
  everyone?: true
  /** Id of a rule. */
  rule?: string
  category?: Category
  /** Value of the pack's entry that matched: `chat.deepseek.com`. */
  indicator?: string
  /** Where the server is: address, CIDR, `AS64500`, or a country as `CN`. */
  network?: string
}

/** An exemption as somebody asks for it. */
export interface ExemptionDraft {
  kind: ExemptionKind
  reason: string
  /** Person or team that answers for it. */
  owner: string
  ticket?: string
  /** Inclusive. */
  start: string
  /** Exclusive: what is seen at this moment is not covered any more. */
  end: string
  scope: ExemptionScope
}

/** An exemption on record. It is never deleted; ending it moves its end. */
export interface Exemption extends ExemptionDraft {
  id: string
  created_by: string
  created_at: string
}

/** By the wall clock of whoever asks. */
export const EXEMPTION_STATUSES = ['planned', 'active', 'ended'] as const
export type ExemptionStatus = (typeof EXEMPTION_STATUSES)[number]

/** Which exemption covers an alert; null when none does. */
export type CoverTest = (alert: Alert) => Exemption | null

/** Turns exemptions into the question which of them covers an alert. */
export type CoverTestMaker = (exemptions: readonly Exemption[]) => CoverTest

export const AUDIT_ACTIONS = ['exemption.add', 'exemption.end', 'alert.state'] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** One change that somebody made. Entries are only ever added. */
export interface AuditEntry {
  /** Grows with each change. */
  number: number
  at: string
  /** As they named themselves, or the name of their account. `sensor` where packets changed something. */
  who: string
  /** From where: `command line`, `page at 127.0.0.1`, `sensor`. */
  via: string
  action: AuditAction
  /** Id of the exemption or alert. */
  subject: string
  note: string
  /** What it was, null when it was not there; of an alert its `state` and `exemption`. */
  before: unknown
  after: unknown
}
