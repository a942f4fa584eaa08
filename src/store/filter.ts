/** From the filters of a question to a WHERE clause with named parameters. */

import { microseconds } from '../bytes/time.ts'
import { CONFIDENCES, SEVERITIES } from '../events/alert.ts'
import type { AlertQuery } from '../events/api.ts'
import { addressRange } from './address-key.ts'
import { QueryError } from './errors.ts'
import { ALERTS, LISTED_ALERTS } from './queries.ts'

export interface Filter {
  /** ALERTS or LISTED_ALERTS of queries.ts, whichever answers sooner. */
  from: string
  /** Empty, or beginning with WHERE. */
  where: string
  values: Record<string, string | number | Buffer>
}

/**
 * The filter for rows of `alerts`. `instr` finds the text, because to LIKE the `_` of a host name is a wildcard.
 * Throws QueryError when the client is no address or a time is none.
 */
export function filterOf(query: AlertQuery): Filter {
  const conditions: string[] = []
  const values: Filter['values'] = {}
  const add = (condition: string, more: Filter['values']): void => {
    conditions.push(condition)
    Object.assign(values, more)
  }
  if (query.client !== undefined) {
    const range = addressRange(query.client)
    if (range === null) throw new QueryError(`client: "${query.client}" is no address or CIDR; write 10.1.2.0/24`)
    add('alerts.client_key BETWEEN @low AND @high', { low: range.low, high: range.high })
  }
  if (query.text) add('instr(alerts.search, @text) > 0', { text: query.text.toLowerCase() })
  if (query.service !== undefined) add('alerts.service = @service', { service: query.service })
  if (query.category !== undefined) add('alerts.category = @category', { category: query.category })
  if (query.severity !== undefined)
    add('alerts.severity >= @severity', { severity: SEVERITIES.indexOf(query.severity) })
  if (query.confidence !== undefined)
    add('alerts.confidence >= @confidence', { confidence: CONFIDENCES.indexOf(query.confidence) })
  if (query.state !== undefined)
    add('alerts.state IN (SELECT value FROM json_each(@states))', { states: JSON.stringify(query.state) })
  if (query.contact !== undefined)
    add('alerts.contact IN (SELECT key FROM contacts WHERE id = @contact)', { contact: query.contact })
  if (query.from !== undefined) add('alerts.last_seen >= @from', { from: timeOf('from', query.from) })
  if (query.to !== undefined) add('alerts.first_seen < @to', { to: timeOf('to', query.to) })
  const from = conditions.length === 0 || query.contact !== undefined ? ALERTS : LISTED_ALERTS // a contact has few
  return { from, where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values }
}

/** Microseconds of the time in the filter `key`; throws QueryError. */
export function timeOf(key: string, text: string): number {
  const timeUs = microseconds(text)
  if (Number.isNaN(timeUs))
    throw new QueryError(`${key}: "${text}" is no time; write 2025-07-10T12:00:00Z or 2025-07-10`)
  return timeUs
}
