/** The states that people set, and the keys that do it: with Shift, so that no slip of a finger decides anything. */

import type { TriageState } from '../../src/events/alert.ts'

export const TRIAGE_KEYS: ReadonlyArray<{ key: string; state: TriageState; label: string }> = [
  { key: 'A', state: 'acknowledged', label: 'Acknowledge' },
  { key: 'E', state: 'escalated', label: 'Escalate' },
  { key: 'C', state: 'closed', label: 'Close' },
  { key: 'N', state: 'new', label: 'Reopen' },
]
