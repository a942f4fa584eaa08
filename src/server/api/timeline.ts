/** GET /api/timeline */

import type { FastifyInstance } from 'fastify'
import type { Timeline } from '../../events/api.ts'
import type { Store } from '../../store/store.ts'
import { timelineQuery } from './query.ts'

export function addTimelineRoutes(app: FastifyInstance, store: Store): void {
  app.get('/api/timeline', async ({ query }): Promise<Timeline> => store.timeline(timelineQuery(query)))
}
