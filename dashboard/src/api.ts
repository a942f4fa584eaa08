/**
 * Questions to the server. Addresses are relative to the page, so it also
 * works below a path of a reverse proxy.
 */
import type { Alert } from '../../src/events/alert.ts'
import type { AlertPage, AlertQuery, ContactPage, Overview, Problem, Timeline } from '../../src/events/api.ts'

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

async function get<T>(path: string, query: AlertQuery, signal: AbortSignal): Promise<T> {
  const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
  const place = `api/${path}${parameters.size > 0 ? `?${parameters}` : ''}`
  let answer: Response
  try {
    answer = await fetch(place, { signal, headers: { accept: 'application/json' } })
  } catch (error) {
    if (signal.aborted) throw error
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
