/** Checks the bodies of requests that change something, and says what to write instead. */

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isReadable, shownValue } from '../../bytes/text.ts'
import { microseconds } from '../../bytes/time.ts'
import type { TriageState } from '../../events/alert.ts'
import type { ExemptionDraft } from '../../events/exemption.ts'
import type { Author } from '../../store/audit.ts'
import { QueryError } from '../../store/errors.ts'
import { readDraft, type TimeForms } from '../../store/exemption-form.ts'
import { ALERTS_PER_CHANGE } from '../../store/states.ts'

const NAME_MAX = 100
const NOTE_MAX = 500
const ID_MAX = 100
const DAYS_MAX = 36_500
const TRIAGE_STATES = ['new', 'acknowledged', 'escalated', 'closed'] as const

const by = words('your name', NAME_MAX).min(1, { error: 'is empty; write your name' })
const note = words('text', NOTE_MAX).default('')

const ADD = z.strictObject({ by, note, exemption: z.unknown() })
const PREVIEW = z.strictObject({
  exemption: z.unknown(),
  days: z
    .int({ error: `is no whole number from 1 to ${DAYS_MAX}` })
    .min(1)
    .max(DAYS_MAX)
    .default(30),
})
const END = z.strictObject({ by, note, at: z.string({ error: 'is no text' }).exactOptional() })
const TRIAGE = z.strictObject({
  by,
  note,
  whole_contacts: z.boolean({ error: 'is neither true nor false' }).default(false),
  state: z.enum(TRIAGE_STATES, { error: `is none of ${TRIAGE_STATES.join(', ')}` }),
  ids: z
    .array(z.string({ error: 'is no id' }).max(ID_MAX, { error: 'is no id' }), { error: 'is no list of ids' })
    .min(1, { error: 'names no alert' })
    .max(ALERTS_PER_CHANGE, { error: `names more than ${ALERTS_PER_CHANGE} alerts; change them in parts` }),
})

/** Body of `POST /api/exemptions`. Throws QueryError, as all of these do. */
export function addBody({ body, ip }: FastifyRequest): { draft: ExemptionDraft; author: Author } {
  const { exemption, ...author } = checked(ADD, body)
  return { draft: draftOf(exemption), author: authorAt(author, ip) }
}

/** Body of `POST /api/exemptions/preview`. */
export function previewBody({ body }: FastifyRequest): { draft: ExemptionDraft; days: number } {
  const { exemption, days } = checked(PREVIEW, body)
  return { draft: draftOf(exemption), days }
}

/** Body of `POST /api/exemptions/:id/end`; the time is null for now. */
export function endBody({ body, ip }: FastifyRequest): { atUs: number | null; author: Author } {
  const { at, ...author } = checked(END, body)
  const atUs = at === undefined ? null : readTime(at)
  if (Number.isNaN(atUs)) throw new QueryError(`at: ${shownValue(at)} is no time; write ${TIME_EXAMPLE}`)
  return { atUs, author: authorAt(author, ip) }
}

/** Body of `POST /api/alerts/state`. */
export function triageBody({ body, ip }: FastifyRequest): {
  ids: string[]
  state: TriageState
  author: Author
  wholeContacts: boolean
} {
  const { ids, state, whole_contacts: wholeContacts, ...author } = checked(TRIAGE, body)
  return { ids, state, author: authorAt(author, ip), wholeContacts }
}

const TIME_EXAMPLE = '2026-12-24T18:00:00Z'

/** Only with a zone: the asker's is not ours. */
function readTime(text: string): number {
  return text.includes(':') ? microseconds(text) : Number.NaN
}

function draftOf(exemption: unknown): ExemptionDraft {
  const times: TimeForms = { read: readTime, examples: TIME_EXAMPLE, nowUs: Date.now() * 1000 }
  const { value, problems } = readDraft(exemption, times)
  if (problems !== null)
    throw new QueryError(
      problems.map(({ path, message }) => `${['exemption', ...path].join('.')}: ${message}`).join('; '),
    )
  return value
}

function authorAt({ by: who, note }: { by: string; note: string }, ip: string): Author {
  return { who, via: `page at ${ip}`, note }
}

function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const answer = schema.safeParse(body)
  if (answer.success) return answer.data
  throw new QueryError(answer.error.issues.map(sentence).join('; '))
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.map(shownValue).join(', ')}: not known here; leave it out`
  const place = issue.path.join('.')
  return place === '' ? 'the body: must be a JSON object' : `${place}: ${issue.message}`
}

function words(what: string, max: number): z.ZodString {
  return z
    .string({ error: ({ input }) => (input === undefined ? `is missing; write ${what}` : 'is no text') })
    .trim()
    .max(max, { error: `is longer than ${max} characters; shorten it` })
    .refine(isReadable, { error: 'holds control characters or marks of direction' })
}
