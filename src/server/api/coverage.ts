/** GET /api/coverage: what could be judged, hour by hour; the last 24 hours when it does not say. */

import type { FastifyInstance } from 'fastify'
import { microseconds } from '../../bytes/time.ts'
import type { CoverageReport } from '../../events/coverage.ts'
import type { Store } from '../../store/store.ts'
import { spanQuery } from './query.ts'

const DAY_US = 86_400e6

export function addCoverageRoutes(app: FastifyInstance, store: Store): void {
  app.get('/api/coverage', async ({ query }): Promise<CoverageReport> => {
    const { from, to } = spanQuery(query)
    // of what is known, not the clock: a database may be older than today
    const end = to === undefined ? store.coverageEnd() : microseconds(to)
    const begin = from === undefined ? end - DAY_US : microseconds(from)
    return store.coverage(begin, end)
  })
}
