/** GET /healthz: for supervisors; answers 200 when the database can be read. */

import type { FastifyInstance } from 'fastify'
import type { Store } from '../../store/store.ts'
import type { Live } from '../live.ts'

interface Health {
  status: 'ok'
  version: string
  live_clients: number
  live_dropped: number
}

export function addHealthRoutes(app: FastifyInstance, store: Store, live: Live, version: string): void {
  app.get('/healthz', { config: { rateLimit: false } }, async (): Promise<Health> => {
    store.lastArrival()
    return { status: 'ok', version, live_clients: live.clients, live_dropped: live.dropped }
  })
}
