/** GET /api/overview */

import type { FastifyInstance } from 'fastify'
import type { Overview } from '../../events/api.ts'
import type { Store } from '../../store/store.ts'
import { noQuery } from './query.ts'

export function addOverviewRoutes(app: FastifyInstance, store: Store, version: string, writable: boolean): void {
  app.get('/api/overview', async ({ query }): Promise<Overview> => {
    noQuery(query)
    return { version, writable, ...store.overview() }
  })
}
