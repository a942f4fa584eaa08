/** /api/exemptions: the list, adding, previewing and ending; GET /api/audit; POST /api/alerts/state. */

import type { FastifyInstance } from 'fastify'
import { nearest } from '../../bytes/near.ts'
import { microseconds } from '../../bytes/time.ts'
import type {
  AddedExemption,
  AuditPage,
  EndedExemption,
  ExemptionView,
  Preview,
  PreviewAnswer,
} from '../../events/api.ts'
import type { CoverTestMaker, ExemptionDraft } from '../../events/exemption.ts'
import { newExemption } from '../../store/exemptions.ts'
import type { Store } from '../../store/store.ts'
import type { Publisher } from '../live.ts'
import { ProblemError } from '../problem.ts'
import { writeRoute } from '../write-check.ts'
import { addBody, endBody, previewBody, triageBody } from './body.ts'
import { auditQuery, noQuery } from './query.ts'

/** Alerts of a preview that are sent; the figures are of all. */
const PREVIEW_ALERTS = 50
const DAY_US = 86_400e6

/**
 * @param covers is null where nothing may be changed
 * @param rules ids of the rules in force; empty where they are not known
 */
export function addExemptionRoutes(
  app: FastifyInstance,
  store: Store,
  publish: Publisher,
  covers: CoverTestMaker | null,
  rules: () => readonly string[],
): void {
  app.get('/api/exemptions', async ({ query }): Promise<{ exemptions: ExemptionView[] }> => {
    noQuery(query)
    return { exemptions: store.exemptionViews() }
  })

  app.get('/api/audit', async ({ query }): Promise<AuditPage> => store.auditEntries(auditQuery(query)))

  const options = writeRoute(covers !== null)
  const make: CoverTestMaker = covers ?? (() => () => null)

  app.post('/api/exemptions', options, async (request, reply): Promise<AddedExemption> => {
    const { draft, author } = addBody(request)
    const exemption = newExemption(draft, author)
    const covered = store.addExemptions([exemption], author, make)
    publish.reload()
    reply.code(201)
    return { exemption, covered, warnings: warnings(draft, rules()) }
  })

  app.post('/api/exemptions/preview', options, async (request): Promise<PreviewAnswer> => {
    const { draft, days } = previewBody(request)
    const preview = store.previewExemption(draft, Date.now() * 1000 - days * DAY_US, make)
    const older = preview.has_older ? [olderText(preview)] : []
    return {
      ...preview,
      alerts: preview.alerts.slice(0, PREVIEW_ALERTS),
      warnings: [...warnings(draft, rules()), ...older],
    }
  })

  app.post<{ Params: { id: string } }>('/api/exemptions/:id/end', options, async (request): Promise<EndedExemption> => {
    const { atUs, author } = endBody(request)
    const known = store.exemption(request.params.id)
    if (known === null) throw new ProblemError(404, 'No exemption has this id; GET /api/exemptions lists them.')
    const nowUs = Math.max(microseconds(known.start), Math.min(Date.now() * 1000, microseconds(known.end)))
    const ended = store.endExemption(known.id, atUs ?? nowUs, author, make)
    publish.reload()
    return { exemption: ended.exemption, freed: ended.freed }
  })

  app.post('/api/alerts/state', options, async (request): Promise<{ changed: number }> => {
    const { ids, state, author, wholeContacts } = triageBody(request)
    const changed = store.triage(ids, state, author, { wholeContacts })
    publish.reload()
    return { changed }
  })
}

function olderText({ looked_at }: Preview): string {
  return `Only the newest ${looked_at.toLocaleString('en-US')} alerts of these days were looked at, so it may be more; ask for fewer days`
}

/** A rule of a pack that is not loaded may be meant, so it is no reason to refuse. */
function warnings({ scope: { rule } }: ExemptionDraft, rules: readonly string[]): string[] {
  if (rule === undefined || rules.length === 0 || rules.includes(rule)) return []
  const near = nearest(rule, rules)
  const advice = near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`
  return [`No rule in force has the id ${JSON.stringify(rule)}, so this covers nothing as it is${advice}`]
}
