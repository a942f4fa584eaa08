/** Checks what people write as filters, in an address or on the command line, and says what to write instead. */

import { z } from 'zod'
import { shownValue } from '../../bytes/text.ts'
import { microseconds } from '../../bytes/time.ts'
import { CATEGORIES, CONFIDENCES, SEVERITIES, STATES } from '../../events/alert.ts'
import type { AlertQuery, AuditQuery } from '../../events/api.ts'
import { addressRange } from '../../store/address-key.ts'
import { QueryError } from '../../store/errors.ts'
import type { TimelineQuery } from '../../store/timeline.ts'

const TEXT_LENGTH_MAX = 256
const LIMIT_MAX = 1000
const OFFSET_MAX = 1e9
const STEP_MAX = 366 * 86_400

const time = text().refine((value) => !Number.isNaN(microseconds(value)), {
  error: ({ input }) => `${shownValue(input)} is no time; write 2025-07-10T12:00:00Z or 2025-07-10`,
})

const FILTERS = {
  client: text()
    .refine((value) => addressRange(value) !== null, {
      error: ({ input }) =>
        `${shownValue(input)} is no address or CIDR; write 192.0.2.7, 10.1.2.0/24 or 2001:db8::/32, and a name as text`,
    })
    .exactOptional(),
  text: text().exactOptional(),
  service: text().exactOptional(),
  category: oneOf(CATEGORIES).exactOptional(),
  severity: oneOf(SEVERITIES).exactOptional(),
  confidence: oneOf(CONFIDENCES).exactOptional(),
  state: listOf(STATES).exactOptional(),
  contact: text().exactOptional(),
  from: time.exactOptional(),
  to: time.exactOptional(),
}

const ALERT_QUERY = z.strictObject({
  ...FILTERS,
  limit: whole(1, LIMIT_MAX).exactOptional(),
  offset: whole(0, OFFSET_MAX).exactOptional(),
})

const TIMELINE_QUERY = z.strictObject({
  from: FILTERS.from,
  to: FILTERS.to,
  step: whole(1, STEP_MAX).exactOptional(),
})

const SPAN_QUERY = z.strictObject({ from: FILTERS.from, to: FILTERS.to })
const AUDIT_QUERY = z.strictObject({
  subject: text().exactOptional(),
  limit: ALERT_QUERY.shape.limit,
  offset: ALERT_QUERY.shape.offset,
})

const EMPTY_QUERY = z.strictObject({})

/** The filters in `values`, all of them text. Throws QueryError: `severity: "huge" is none of info, low, ...`. */
export function alertQuery(values: unknown): AlertQuery {
  return checked(ALERT_QUERY, values)
}

/** As `alertQuery`, for the timeline. */
export function timelineQuery(values: unknown): TimelineQuery {
  return checked(TIMELINE_QUERY, values)
}

/** A span of time. */
export function spanQuery(values: unknown): { from?: string; to?: string } {
  return checked(SPAN_QUERY, values)
}

/** As `alertQuery`, for the log of changes. */
export function auditQuery(values: unknown): AuditQuery {
  return checked(AUDIT_QUERY, values)
}

/** Refuses any parameter. */
export function noQuery(values: unknown): void {
  checked(EMPTY_QUERY, values)
}

function checked<Shape extends z.ZodRawShape, T extends object>(
  schema: z.ZodObject<Shape, z.core.$strict> & z.ZodType<T>,
  values: unknown,
): T {
  const answer = schema.safeParse(values)
  if (!answer.success) throw new QueryError(answer.error.issues.map((issue) => sentence(issue, schema)).join('; '))
  const { from, to } = answer.data as { from?: string; to?: string }
  if (from !== undefined && to !== undefined && microseconds(from) >= microseconds(to))
    throw new QueryError(
      'from: is not before to; write the earlier time as from, and for the whole of a day the next one as to',
    )
  return answer.data
}

function sentence(issue: z.core.$ZodIssue, schema: z.ZodObject): string {
  if (issue.code !== 'unrecognized_keys') return `${String(issue.path[0])}: ${issue.message}`
  const known = Object.keys(schema.shape)
  const which = known.length === 0 ? 'there are none here' : `known are ${known.join(', ')}`
  return `${issue.keys.map(shownValue).join(', ')}: unknown parameter; ${which}`
}

function text(): z.ZodString {
  return z
    .string({ error: 'given more than once; write it once' })
    .max(TEXT_LENGTH_MAX, { error: `longer than ${TEXT_LENGTH_MAX} characters; write a part of it` })
}

function oneOf<const T extends readonly string[]>(words: T): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(words, { error: ({ input }) => `${shownValue(input)} is none of ${words.join(', ')}` })
}

/** Words joined by commas. */
function listOf<const T extends readonly string[]>(words: T): z.ZodType<Array<T[number]>, string> {
  return text()
    .transform((value) => value.split(','))
    .pipe(z.array(oneOf(words)))
}

function whole(min: number, max: number): z.ZodType<number, string> {
  const error = ({ input }: { input?: unknown }): string =>
    `${shownValue(input)} is no whole number from ${min} to ${max}`
  return z
    .string({ error })
    .refine((value) => /^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max, { error })
    .transform(Number)
}
