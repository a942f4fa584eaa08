/** What the database and the rule packs say of one alert, for a bundle. All of it is bounded. */

import { microseconds } from '../bytes/time.ts'
import type { Alert } from '../events/alert.ts'
import type { AuditPage } from '../events/api.ts'
import type { Exemption } from '../events/exemption.ts'
import type { Case, RuleToday } from '../evidence/case.ts'
import { PackError } from '../packs/problem.ts'
import type { Store } from '../store/store.ts'
import { type RuleOptions, rulesOf } from './rule-options.ts'

/** Alerts of the contact: more of them are counted. */
const ALERTS_MAX = 1000
/** Changes of the alert, and of each exemption. */
const CHANGES_MAX = 1000
/** Exemptions that an alert went in and out of. */
const EXEMPTIONS_MAX = 100
const HOUR_US = 3600e6

/** All that is known of `alert` but its packets. Throws StoreError. */
export async function caseOf(store: Store, alert: Alert, options: RuleOptions): Promise<Case> {
  const audit = store.auditEntries({ subject: alert.id, limit: CHANGES_MAX })
  const exemptions = exemptionsOf(store, alert, audit)
  const fromUs = Math.floor(microseconds(alert.first_seen) / HOUR_US) * HOUR_US
  return {
    alert,
    contact: store.contacts({ contact: alert.contact, limit: 1 }).contacts[0] ?? null,
    alerts: alertsOf(store, alert),
    alertsTotal: store.alerts({ contact: alert.contact, limit: 1 }).total,
    rule: await ruleToday(alert, options),
    coverage: store.coverage(fromUs, microseconds(alert.last_seen) + 1),
    run: store.run(alert.run),
    exemptions,
    audit,
    exemptionAudit: exemptionAudit(store, exemptions),
  }
}

/** The alerts of its contact, the oldest first; the alert itself is always among them. */
function alertsOf(store: Store, alert: Alert): Alert[] {
  const alerts = [...store.eachAlert({ contact: alert.contact, limit: ALERTS_MAX })]
  return alerts.some(({ id }) => id === alert.id) ? alerts : [...alerts.slice(0, ALERTS_MAX - 1), alert]
}

/** The exemption that covers the alert, and those that its log names. */
function exemptionsOf(store: Store, alert: Alert, audit: AuditPage): Exemption[] {
  const ids = new Set<string>()
  if (alert.exemption !== undefined) ids.add(alert.exemption)
  for (const { before, after } of audit.entries) {
    for (const standing of [before, after]) {
      const { exemption } = (standing ?? {}) as { exemption?: unknown }
      if (typeof exemption === 'string' && ids.size < EXEMPTIONS_MAX) ids.add(exemption)
    }
  }
  return [...ids].map((id) => store.exemption(id)).filter((exemption) => exemption !== null)
}

function exemptionAudit(store: Store, exemptions: readonly Exemption[]): AuditPage {
  const pages = exemptions.map(({ id }) => store.auditEntries({ subject: id, limit: CHANGES_MAX }))
  return {
    entries: pages.flatMap(({ entries }) => entries).sort((a, b) => b.number - a.number),
    total: pages.reduce((sum, { total }) => sum + total, 0),
  }
}

/** Wrong packs are told in the bundle, and do not keep it from being made. */
async function ruleToday(alert: Alert, options: RuleOptions): Promise<RuleToday> {
  try {
    const { packs, policies } = await rulesOf(options, () => {})
    const pack = packs.find(({ id }) => id === alert.pack)
    const rule = pack?.rules.find(({ id }) => id === alert.rule)
    const { kind, value } = alert.indicator
    return {
      trouble: '',
      pack: pack === undefined ? null : without(pack, 'rules'),
      rule: rule === undefined ? null : without(rule, 'indicators'),
      indicator: rule?.indicators.find((one) => one.kind === kind && one.value === value) ?? null,
      policies: policies.filter(({ id }) => alert.policy.includes(id)),
    }
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    return { trouble: error.message, pack: null, rule: null, indicator: null, policies: [] }
  }
}

function without<T, K extends keyof T>(whole: T, left: K): Omit<T, K> {
  const { [left]: _, ...rest } = whole
  return rest
}
