/** Exemptions for tests: in force from nine to ten o'clock of the day of support/alerts.ts. */

import { rfc3339 } from '../../src/bytes/time.ts'
import type { Exemption, ExemptionDraft, ExemptionScope } from '../../src/events/exemption.ts'
import { NINE_O_CLOCK } from './alerts.ts'

/** Some minutes after nine, as text. */
export function minute(minutes: number): string {
  return rfc3339(NINE_O_CLOCK + Math.round(minutes * 60e6))
}

export function makeDraft(scope: ExemptionScope, changes: Partial<ExemptionDraft> = {}): ExemptionDraft {
  return {
    kind: 'research',
    reason: 'Study of chat clients',
    owner: 'Research team',
    start: minute(0),
    end: minute(60),
    scope,
    ...changes,
  }
}

export function makeExemption(scope: ExemptionScope, changes: Partial<Exemption> = {}): Exemption {
  return {
    ...makeDraft(scope),
    id: 'ex-00000001',
    created_by: 'somebody',
    created_at: minute(-60),
    ...changes,
  }
}
