/** GET /api/contacts */

import type { FastifyInstance } from 'fastify'
import type { ContactPage } from '../../events/api.ts'
import type { Store } from '../../store/store.ts'
import { alertQuery } from './query.ts'

export function addContactRoutes(app: FastifyInstance, store: Store): void {
  app.get('/api/contacts', async ({ query }): Promise<ContactPage> => store.contacts(alertQuery(query)))
}
