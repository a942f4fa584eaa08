/** What is known of one alert beside its packets: what a bundle tells. Types only. */

import type { Alert, Contact } from '../events/alert.ts'
import type { AuditPage, RunRecord } from '../events/api.ts'
import type { CoverageReport } from '../events/coverage.ts'
import type { Exemption } from '../events/exemption.ts'
import type { Policy } from '../events/rules.ts'
import type { Indicator, PackHead, RuleHead } from '../packs/pack.ts'

export interface Case {
  alert: Alert
  /** Null when the database does not hold it any more. */
  contact: Contact | null
  /** The alerts of the contact with this one, the oldest first, and how many there are where these are not all. */
  alerts: readonly Alert[]
  alertsTotal: number
  rule: RuleToday
  /** Of the hours that the alert touches. */
  coverage: CoverageReport
  /** Null when the database does not hold it. */
  run: RunOnRecord | null
  /** Those that cover the alert, or once did. */
  exemptions: readonly Exemption[]
  /** Of the alert, the newest first. */
  audit: AuditPage
  /** Of those exemptions, the newest first. */
  exemptionAudit: AuditPage
}

export type RunOnRecord = RunRecord & { started: string; finished: string | null }

/** What the packs say that are at hand when the bundle is made, which may be others than those of the alert. */
export interface RuleToday {
  /** Why nothing is said, for people; empty where something is. */
  trouble: string
  /** Null when no pack has this id. */
  pack: PackHead | null
  rule: RuleHead | null
  /** The entry that matched; null when the rule does not hold it any more. */
  indicator: Indicator | null
  /** Those that the alert cites and the packs know. */
  policies: readonly Policy[]
}

/** Who has the bundle made, where that is to be in it. */
export interface Custody {
  by: string
  note: string
  /** RFC 3339. */
  at: string
}
