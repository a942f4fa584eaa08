/** Notices what another process writes to the database, and tells the open pages. */

import { StoreError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import type { Publisher } from './live.ts'

const LOOK_MS = 1000
/** More than this is not told one by one. */
const ALERTS_MAX = 200

/** Looks once a second until the returned function is called; `onError` is told when the database cannot be read. */
export function followDatabase(store: Store, publish: Publisher, onError: (error: StoreError) => void): () => void {
  let version = store.dataVersion()
  let mark = store.lastArrival()
  let audit = store.auditMark()
  const look = (): void => {
    const now = store.dataVersion()
    if (now === version) return
    const { alerts, mark: next } = store.arrivals(mark, ALERTS_MAX + 1)
    const isTold = alerts.length > 0 && alerts.length <= ALERTS_MAX
    const decided = store.auditMark()
    const isDecided = decided !== audit
    mark = alerts.length > ALERTS_MAX ? store.lastArrival() : next
    audit = decided
    version = now // not before all was read: what could not be is looked for again
    if (isTold) publish.alerts(alerts)
    if (!isTold || isDecided) publish.reload() // alerts that were there may have another state now
  }
  const timer = setInterval(() => {
    try {
      look()
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      onError(error)
    }
  }, LOOK_MS)
  return () => clearInterval(timer)
}
