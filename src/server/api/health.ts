/**
 * For supervisors. GET /healthz answers 200 when the database can be read; GET /readyz when, besides, the sensor of
 * this process does its work fully, and 503 with the reason when it does not.
 */

import type { FastifyInstance } from 'fastify'
import type { Vitals } from '../../events/vitals.ts'
import type { Store } from '../../store/store.ts'
import type { Live } from '../live.ts'
import { ProblemError } from '../problem.ts'

interface Health {
  status: 'ok'
  version: string
  live_clients: number
  live_dropped: number
}

export interface HealthOptions {
  store: Store
  live: Live
  version: string
  vitals?: (() => Vitals) | undefined
}

export function addHealthRoutes(app: FastifyInstance, { store, live, version, vitals }: HealthOptions): void {
  app.get('/healthz', { config: { rateLimit: false } }, async (): Promise<Health> => {
    store.lastArrival()
    return { status: 'ok', version, live_clients: live.clients, live_dropped: live.dropped }
  })
  app.get('/readyz', { config: { rateLimit: false } }, async (): Promise<{ status: 'ready' }> => {
    store.lastArrival()
    const trouble = vitals?.().trouble ?? ''
    if (trouble !== '') throw new ProblemError(503, trouble)
    return { status: 'ready' }
  })
}
