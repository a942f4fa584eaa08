/** GET /api/policies: what the policies that alerts cite by id say, as the rules in force have it. */

import type { FastifyInstance } from 'fastify'
import type { PolicyList } from '../../events/api.ts'
import type { Policy } from '../../events/rules.ts'
import { noQuery } from './query.ts'

export function addPolicyRoutes(app: FastifyInstance, policies: () => readonly Policy[]): void {
  app.get('/api/policies', async ({ query }): Promise<PolicyList> => {
    noQuery(query)
    return { policies: policies() }
  })
}
