/**
 * What the id of an alert was made of (detect/detector.ts, decision 0005): of
 * one flow, or of a contact that an earlier packet began. A bundle from which
 * the same id shall come out again must hold that packet, too.
 */

import { microseconds } from '../bytes/time.ts'
import { stableId } from '../detect/identity.ts'
import type { Alert } from '../events/alert.ts'

const HOUR_US = 3600e6

/** Is the alert about one flow, so that its figures are those of that flow? */
export function isOfOneFlow(alert: Alert): boolean {
  const { id, rule, client, server, protocol, first_seen } = alert
  return (
    id === stableId('flow', rule, client.ip, client.port, server.ip, server.port, protocol, microseconds(first_seen))
  )
}

export interface ContactBegin {
  /** The alert whose packet began the contact. */
  alert: Alert
  timeUs: number
}

/**
 * What began the contact that the id of `alert` was made of, among the alerts of its contact. Null when the id was made of
 * something else; undefined when it was, and none of these alerts is it.
 */
export function contactBegin(alert: Alert, alerts: readonly Alert[]): ContactBegin | null | undefined {
  if (isOfOneFlow(alert) || isOfOneHour(alert)) return null
  for (const other of [alert, ...alerts]) {
    const times = [other.first_seen, ...other.evidence.map(({ time }) => time)].map(microseconds)
    for (const timeUs of new Set(times)) {
      if (beginsAt(alert, timeUs)) return { alert: other, timeUs }
    }
  }
  return undefined
}

function isOfOneHour({ id, rule, client, indicator, first_seen }: Alert): boolean {
  const hour = Math.floor(microseconds(first_seen) / HOUR_US)
  return id === stableId('hosting', rule, client.ip, indicator.value, hour)
}

/** Rules that wait for company count by themselves until then. */
function beginsAt({ id, rule, client, service, evidence }: Alert, timeUs: number): boolean {
  const question = evidence[0]?.value ?? ''
  return [service, `${service} ${rule}`].some((key) => {
    const contact = stableId('contact', client.ip, key, timeUs)
    return id === stableId('dns', rule, client.ip, question, contact)
  })
}
