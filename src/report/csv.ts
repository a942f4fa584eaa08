/**
 * The contacts of a period as CSV, a record each: for who wants to count for
 * himself, or has more clients than a page lists. A contact that exemptions
 * cover in part, or that has alerts of two categories, has a record for each
 * part. Without `exempt` the sums are those of the report. Titles and words
 * are the same in every language.
 */

import { csvLine } from '../bytes/csv.ts'
import { rfc3339 } from '../bytes/time.ts'
import type { NamedPart, Span } from '../store/period.ts'
import type { Store } from '../store/store.ts'

/** Characters that are given out at once. */
const CHUNK_CHARACTERS = 65_536

const TITLES = csvLine([
  'contact',
  'client',
  'role',
  'service',
  'names',
  'category',
  'exempt',
  'attempt',
  'confidence',
  'use',
  'first_seen',
  'last_seen',
  'bytes_out',
  'bytes_in',
  'alerts',
  'new',
  'acknowledged',
  'escalated',
  'closed',
  'lossy',
  'alert',
])

/** Pieces of the text; the contact seen last comes last. The last column is the id of the surest alert. */
export function* contactsCsv(store: Store, span: Span): Iterable<string> {
  let chunk = TITLES
  for (const part of store.eachContact(span)) {
    chunk += record(part)
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

function record(part: NamedPart): string {
  const { states } = part
  return csvLine([
    part.contact,
    part.client,
    part.role,
    part.service,
    part.names.join(' '),
    part.category,
    String(part.isExempt),
    String(part.attempts === part.alerts),
    part.confidence,
    part.use ?? '',
    rfc3339(part.firstUs),
    rfc3339(part.lastUs),
    part.bytesOut,
    part.bytesIn,
    part.alerts,
    states.new,
    states.acknowledged,
    states.escalated,
    states.closed,
    part.lossy,
    part.best,
  ])
}
