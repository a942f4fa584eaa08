/**
 * One alert told twice: first as not final and later as final, by the live
 * sensor and by a replay, in any order. The answer never knows less than
 * before, and telling it again what it was told changes nothing.
 */

import { microseconds } from '../bytes/time.ts'
import { type Alert, CONFIDENCES, SEVERITIES } from '../events/alert.ts'
import type { AlertUpdate } from '../events/batch.ts'
import { useRank } from './record.ts'

/**
 * What is known after `arrived` came for the alert that the store holds as `stored`.
 *
 * Figures take the larger, times the wider, confidence and severity the stronger; an answer once seen stays
 * seen. What it is about, who first told it and the analyst's state stay as stored. The words (title, reasons,
 * names) and the evidence are those of the account that knows more, so that each sentence has its packet.
 */
export function mergeAlerts(stored: AlertUpdate, arrived: AlertUpdate): AlertUpdate {
  const old = stored.alert
  const now = arrived.alert
  const words = knowsMore(arrived, stored) ? now : old
  return {
    final: stored.final || arrived.final,
    alert: {
      ...old,
      title: words.title,
      pack_version: words.pack_version,
      severity: SEVERITIES[Math.max(SEVERITIES.indexOf(old.severity), SEVERITIES.indexOf(now.severity))]!,
      confidence: CONFIDENCES[Math.max(CONFIDENCES.indexOf(old.confidence), CONFIDENCES.indexOf(now.confidence))]!,
      attempt: old.attempt && now.attempt,
      count: Math.max(old.count, now.count),
      evidence: words.evidence,
      indicator: words.indicator,
      reasons: words.reasons,
      ...betterUse(old, now, words),
      client: { ...words.client, ip: old.client.ip },
      client_role: words.client_role,
      server: words.server,
      bytes_out: Math.max(old.bytes_out, now.bytes_out),
      bytes_in: Math.max(old.bytes_in, now.bytes_in),
      packets_out: Math.max(old.packets_out, now.packets_out),
      packets_in: Math.max(old.packets_in, now.packets_in),
      first_seen: microseconds(now.first_seen) < microseconds(old.first_seen) ? now.first_seen : old.first_seen,
      last_seen: microseconds(now.last_seen) > microseconds(old.last_seen) ? now.last_seen : old.last_seen,
      lossy: words.lossy,
      policy: words.policy,
      attack: words.attack,
    },
  }
}

/** The use that matters more: what was a page may turn out to be a chat. */
function betterUse(old: Alert, now: Alert, words: Alert): Pick<Alert, 'use' | 'use_reason'> {
  const [a, b] = [useRank(old), useRank(now)]
  const { use, use_reason } = a === b ? words : a < b ? old : now
  return { use, use_reason }
}

/** Confidence first, so that the reasons always belong to the confidence that is shown. */
function knowsMore(arrived: AlertUpdate, stored: AlertUpdate): boolean {
  const theirs = knowledge(stored)
  const difference = knowledge(arrived).map((value, index) => value - theirs[index]!)
  return (difference.find((value) => value !== 0) ?? 0) > 0
}

function knowledge({ alert, final }: AlertUpdate): number[] {
  return [
    CONFIDENCES.indexOf(alert.confidence),
    Number(final),
    Number(!alert.attempt),
    alert.count,
    alert.evidence.length,
    alert.reasons.length,
    microseconds(alert.last_seen),
  ]
}
