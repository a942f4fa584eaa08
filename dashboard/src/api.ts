/**
 * Questions to the server. Addresses are relative to the page, so it also
 * works below a path of a reverse proxy.
 */
import type { Alert, TriageState } from '../../src/events/alert.ts'
import type {
  AddedExemption,
  AlertPage,
  AlertQuery,
  AuditPage,
  ContactPage,
  EndedExemption,
  ExemptionView,
  Overview,
  PolicyList,
  PreviewAnswer,
  Problem,
  Timeline,
} from '../../src/events/api.ts'
import type { CoverageReport } from '../../src/events/coverage.ts'
import type { AuditEntry, ExemptionDraft } from '../../src/events/exemption.ts'
import type { Policy } from '../../src/events/rules.ts'

/** `GET /api/alerts`. Throws an `Error` whose message is for people; so do all functions below. */
export function getAlerts(query: AlertQuery, signal: AbortSignal): Promise<AlertPage> {
  return get('alerts', query, signal)
}

/** `GET /api/alerts/:id`. */
export function getAlert(id: string, signal: AbortSignal): Promise<Alert> {
  return get(`alerts/${encodeURIComponent(id)}`, {}, signal)
}

/** `GET /api/contacts`. */
export function getContacts(query: AlertQuery, signal: AbortSignal): Promise<ContactPage> {
  return get('contacts', query, signal)
}

/** `GET /api/timeline`, of all time or of a part of it. */
export function getTimeline(range: Pick<AlertQuery, 'from' | 'to'>, signal: AbortSignal): Promise<Timeline> {
  return get('timeline', range, signal)
}

/** `GET /api/overview`. */
export function getOverview(signal: AbortSignal): Promise<Overview> {
  return get('overview', {}, signal)
}

/** `GET /api/coverage`, of the newest day. */
export function getCoverage(signal: AbortSignal): Promise<CoverageReport> {
  return get('coverage', {}, signal)
}

/** `GET /api/policies`. */
export async function getPolicies(signal: AbortSignal): Promise<readonly Policy[]> {
  return (await get<PolicyList>('policies', {}, signal)).policies
}

/** `GET /api/exemptions`. */
export async function getExemptions(signal: AbortSignal): Promise<ExemptionView[]> {
  return (await get<{ exemptions: ExemptionView[] }>('exemptions', {}, signal)).exemptions
}

/** `GET /api/audit` of one alert or exemption: the newest 50 changes. */
export async function getAudit(subject: string): Promise<AuditEntry[]> {
  const place = `audit?${new URLSearchParams({ subject, limit: '50' })}`
  return (await ask<AuditPage>(place, { headers: { accept: 'application/json' } })).entries
}

/** `POST /api/alerts/state`. */
export function setState(body: {
  by: string
  note: string
  state: TriageState
  ids: string[]
  whole_contacts: boolean
}): Promise<{ changed: number }> {
  return post('alerts/state', body)
}

/** `POST /api/exemptions`. */
export function addExemption(body: { by: string; exemption: Partial<ExemptionDraft> }): Promise<AddedExemption> {
  return post('exemptions', body)
}

/** `POST /api/exemptions/preview`. */
export function previewExemption(body: { exemption: Partial<ExemptionDraft>; days: number }): Promise<PreviewAnswer> {
  return post('exemptions/preview', body)
}

/** `POST /api/exemptions/:id/end`. */
export function endExemption(id: string, body: { by: string; at?: string }): Promise<EndedExemption> {
  return post(`exemptions/${encodeURIComponent(id)}/end`, body)
}

function post<T>(path: string, body: object): Promise<T> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

function get<T>(path: string, query: AlertQuery, signal: AbortSignal): Promise<T> {
  const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
  const place = `${path}${parameters.size > 0 ? `?${parameters}` : ''}`
  return ask(place, { signal, headers: { accept: 'application/json' } })
}

async function ask<T>(path: string, request: RequestInit): Promise<T> {
  const place = `api/${path}`
  let answer: Response
  try {
    answer = await fetch(place, request)
  } catch (error) {
    if (request.signal?.aborted) throw error
    throw new Error('The server does not answer. Check that "seekwatch serve", "live" or "watch" is running.')
  }
  if (!answer.ok) throw new Error(`The server refused ${place}: ${await reason(answer)}`)
  return (await answer.json()) as T
}

async function reason(answer: Response): Promise<string> {
  try {
    const problem = (await answer.json()) as Partial<Problem>
    if (typeof problem.detail === 'string') return problem.detail
  } catch {
    // Not a problem document (a proxy's error page, say): the status is all there is.
  }
  return `status ${answer.status}`
}
