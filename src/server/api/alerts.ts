/** GET /api/alerts and /api/alerts/:id */

import type { FastifyInstance } from 'fastify'
import type { Alert } from '../../events/alert.ts'
import type { AlertPage } from '../../events/api.ts'
import type { Store } from '../../store/store.ts'
import { ProblemError } from '../problem.ts'
import { alertQuery, noQuery } from './query.ts'

export function addAlertRoutes(app: FastifyInstance, store: Store): void {
  app.get('/api/alerts', async ({ query }): Promise<AlertPage> => store.alerts(alertQuery(query)))

  app.get<{ Params: { id: string } }>('/api/alerts/:id', async ({ params, query }): Promise<Alert> => {
    noQuery(query)
    const alert = store.alert(params.id)
    if (alert === null) throw new ProblemError(404, 'No alert has this id; GET /api/alerts lists them.')
    return alert
  })
}
