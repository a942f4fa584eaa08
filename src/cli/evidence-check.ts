/** Does the same alert come out of the packets of a bundle? Asked of the packets themselves, with the rules at hand. */

import type { Alert } from '../events/alert.ts'
import { PackError } from '../packs/problem.ts'
import { type RuleOptions, rulesOf } from './rule-options.ts'

/**
 * Replays the capture at `path` and looks for `alert` in what comes out.
 * @returns a sentence for people; whether it is the same
 */
export async function replayed(path: string, alert: Alert, options: RuleOptions, signal: AbortSignal): Promise<Check> {
  const [{ loadNetworks }, { compileRules }, { openStore }, { replay }, { LIMITS }] = await Promise.all([
    import('../enrich/networks.ts'),
    import('../detect/compile.ts'),
    import('../store/store.ts'),
    import('./replay-run.ts'),
    import('../config/limits.ts'),
  ])
  const store = openStore(':memory:')
  try {
    const { packs } = await rulesOf(options, () => {})
    await replay({
      paths: [path],
      packs,
      rules: compileRules({ packs }),
      networks: loadNetworks(),
      limits: LIMITS,
      sensor: alert.sensor,
      store,
      eve: null,
      events: new Set(),
      onProgress: () => {},
      onAlerts: () => {},
      onFault: () => {},
      signal,
    })
    signal.throwIfAborted()
    const same = store.alert(alert.id)
    const again = same ?? alike([...store.eachAlert({})], alert)
    if (again === null) return { isSame: false, text: `${TRIED} the alert did not come out again.` }
    const lost = namesOf(alert).filter((name) => !namesOf(again).includes(name))
    if (lost.length > 0)
      return { isSame: false, text: `${TRIED} the alert came out, but without ${lost.join(' and ')}.` }
    if (same === null) return { isSame: false, text: `${TRIED} the alert came out with the same evidence. ${OTHER_ID}` }
    return { isSame: true, text: `${TRIED} the same alert came out, with the same id and the same evidence.` }
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    return { isSame: false, text: 'The packets were not replayed, because the rule packs cannot be used.' }
  } finally {
    store.close()
  }
}

const TRIED = 'The packets were replayed with the rules at hand when this bundle was made:'

const OTHER_ID =
  'Its id is another one: ids are made of the times at which a flow and a contact began, and these packets show others.'

/** The alert of the same rule about the same flow. */
function alike(alerts: readonly Alert[], { rule, community_id }: Alert): Alert | null {
  return alerts.find((one) => one.rule === rule && one.community_id === community_id) ?? null
}

export interface Check {
  isSame: boolean
  text: string
}

function namesOf({ evidence }: Alert): string[] {
  return evidence.map(({ kind, value }) => `${kind} ${value}`)
}
