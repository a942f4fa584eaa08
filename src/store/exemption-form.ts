/**
 * Exemptions as people write them, on the command line, in YAML or to the API:
 * checked, and brought into the one form in which they are kept. All problems
 * are told at once, each with what to write instead.
 */

import { z } from 'zod'
import { parseRange } from '../bytes/cidr.ts'
import { isReadable, shownValue } from '../bytes/text.ts'
import { rfc3339 } from '../bytes/time.ts'
import { CATEGORIES } from '../events/alert.ts'
import { EXEMPTION_KINDS, type Exemption, type ExemptionDraft } from '../events/exemption.ts'

/** What is wrong with the value at `path`. */
export interface FormProblem {
  path: Array<string | number>
  /** Follows the name of the value: `is missing; write ...`. */
  message: string
}

/** Reads a time as its writer means it: microseconds, NaN when it is none. A day is its beginning or its end. */
export type TimeReader = (text: string, edge: 'start' | 'end') => number

export interface TimeForms {
  read: TimeReader
  /** What a time looks like: `2026-12-24 or 2026-12-24T18:00:00Z`. */
  examples: string
  /** Start of exemptions that name none, in microseconds. */
  nowUs: number
}

/** A checked value, or why it is none. */
export type Checked<T> = { value: T; problems: null } | { value: null; problems: FormProblem[] }

const REASON_MAX = 500
const WORD_MAX = 100
const NAME_MAX = 253
const INDICATOR_MAX = 300

/** zod's own words stay for keys that are not known. */
const NOT_AN_OBJECT = {
  error: ({ code }: { code: string }) =>
    code === 'unrecognized_keys' ? undefined : 'is no exemption; write kind, reason, owner, end and scope',
}

const KIND = z.enum(EXEMPTION_KINDS, {
  error: ({ input }) =>
    input === undefined
      ? `is missing; write one of ${EXEMPTION_KINDS.join(', ')}`
      : `${shownValue(input)} is none of ${EXEMPTION_KINDS.join(', ')}`,
})

const SCOPE = z
  .strictObject(
    {
      client: range('of the client').exactOptional(),
      mac: text('a hardware address such as 00:00:5e:00:53:01', 40).transform(macAddress).exactOptional(),
      name: text('the name that alerts show for the client', NAME_MAX).transform(assetName).exactOptional(),
      everyone: z.literal(true, { error: 'is true or left out' }).exactOptional(),
      rule: text('the id of a rule; "seekwatch rules list" lists them', WORD_MAX).exactOptional(),
      category: z
        .enum(CATEGORIES, { error: ({ input }) => `${shownValue(input)} is none of ${CATEGORIES.join(', ')}` })
        .exactOptional(),
      indicator: text('the entry of a pack that matched', INDICATOR_MAX).exactOptional(),
      network: text('an address, a network, AS64500 or a country as CN', WORD_MAX).transform(network).exactOptional(),
    },
    {
      error: ({ code }) =>
        code === 'unrecognized_keys' ? undefined : 'is missing; write whom it covers: client: 192.0.2.7',
    },
  )
  .check(({ value, issues }) => {
    const { client, mac, name, everyone } = value
    const namesClient = client !== undefined || mac !== undefined || name !== undefined
    if (!namesClient && everyone !== true)
      issues.push({
        code: 'custom',
        input: value,
        message: 'names no client and would cover everybody; write client, mac or name, or everyone if that is meant',
      })
    if (namesClient && everyone === true)
      issues.push({
        code: 'custom',
        input: value,
        path: ['everyone'],
        message: 'is said beside a client; leave out one of them',
      })
  })

/** Checks `value` as an exemption somebody asks for. */
export function readDraft(value: unknown, times: TimeForms): Checked<ExemptionDraft> {
  return checked(z.strictObject(draftShape(times), NOT_AN_OBJECT), value, times) as Checked<ExemptionDraft>
}

/** As `readDraft`, with what only an exemption on record has; null where it is not said. */
export type WrittenExemption = ExemptionDraft & { [key in 'id' | 'created_by' | 'created_at']: string | null }

/** Checks `value` as an exemption from a file: one that was exported, or one that somebody wrote. */
export function readWritten(value: unknown, times: TimeForms): Checked<WrittenExemption> {
  const shape = {
    id: text('an id such as ex-0123abcd', WORD_MAX)
      .refine((id) => /^[A-Za-z0-9._-]+$/.test(id), { error: 'may hold letters, digits and . _ - only' })
      .exactOptional(),
    ...draftShape(times),
    created_by: text('a name', WORD_MAX).exactOptional(),
    created_at: time(times, 'start', 'a time').exactOptional(),
  }
  const answer = checked(z.strictObject(shape, NOT_AN_OBJECT), value, times) as Checked<
    ExemptionDraft & Partial<Exemption>
  >
  if (answer.problems !== null) return answer
  return { problems: null, value: { id: null, created_by: null, created_at: null, ...answer.value } }
}

function draftShape(times: TimeForms) {
  return {
    kind: KIND,
    reason: text('why it is granted', REASON_MAX),
    owner: text('the person or team that answers for it', WORD_MAX),
    ticket: text('the number of a ticket', WORD_MAX).exactOptional(),
    start: time(times, 'start', 'the time from which it holds').default(times.nowUs),
    end: time(times, 'end', 'an exemption always has an end'),
    scope: SCOPE,
  }
}

function checked(schema: z.ZodType, value: unknown, times: TimeForms): Checked<unknown> {
  const answer = schema.safeParse(value)
  if (!answer.success) return { value: null, problems: answer.error.issues.flatMap(problems) }
  const { start, end, created_at, ...rest } = answer.data as { start: number; end: number; created_at?: number }
  if (end <= start) {
    const message = `is not after the start, ${rfc3339(start)}; write a later time such as ${times.examples}`
    return { value: null, problems: [{ path: ['end'], message }] }
  }
  const created = created_at === undefined ? {} : { created_at: rfc3339(created_at) }
  return { value: { ...rest, ...created, start: rfc3339(start), end: rfc3339(end) }, problems: null }
}

function problems(issue: z.core.$ZodIssue): FormProblem[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
  return issue.keys.map((key) => ({ path: [...path, key], message: 'is not known here; leave it out' }))
}

/** @param what the value is, for who left it out */
function text(what: string, max: number) {
  return z
    .string({
      error: ({ input }) => (input === undefined ? `is missing; write ${what}` : 'must be text, in quotes if need be'),
    })
    .trim()
    .min(1, { error: `is empty; write ${what}` })
    .max(max, { error: `is longer than ${max} characters; shorten it` })
    .refine(isReadable, {
      error: 'holds control characters or marks of direction; write it without them',
    })
}

function time({ read, examples }: TimeForms, edge: 'start' | 'end', what: string) {
  return z
    .string({
      error: ({ input }) =>
        input === undefined ? `is missing: ${what}; write ${examples}` : `must be text; write ${examples}`,
    })
    .transform((value, context) => {
      const timeUs = read(value.trim(), edge)
      if (Number.isNaN(timeUs))
        context.addIssue({ code: 'custom', message: `${shownValue(value)} is no time; write ${examples}` })
      return timeUs
    })
}

function range(whose: string) {
  return text(`an address or network ${whose}`, WORD_MAX).transform((value, context) => {
    const parsed = rangeOrReason(value)
    if (typeof parsed === 'string') return parsed
    context.addIssue({ code: 'custom', message: parsed.reason })
    return value
  })
}

function network(value: string, context: z.RefinementCtx): string {
  if (/^[A-Za-z]{2}$/.test(value)) return value.toUpperCase()
  const asn = /^AS(\d{1,10})$/i.exec(value)
  if (asn !== null) return `AS${Number(asn[1])}`
  const parsed = rangeOrReason(value)
  if (typeof parsed === 'string') return parsed
  context.addIssue({
    code: 'custom',
    message: `${parsed.reason}; a country is written as CN, an autonomous system as AS64500`,
  })
  return value
}

/** An address without its /32, a network in its canonical form, or what is wrong. */
function rangeOrReason(value: string): string | { reason: string } {
  try {
    const { text, start, end } = parseRange(value)
    if (text.endsWith('/0'))
      return {
        reason: `${shownValue(value)} is every address there is; leave it out, and say everyone if that is meant`,
      }
    return start === end ? text.slice(0, text.indexOf('/')) : text
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { reason: `${shownValue(value)} ${error.message}` }
  }
}

function macAddress(value: string, context: z.RefinementCtx): string {
  const digits = value.replace(/[:.-]/g, '').toLowerCase()
  if (/^[0-9a-f]{12}$/.test(digits)) return digits.replace(/..(?=.)/g, '$&:')
  context.addIssue({ code: 'custom', message: `${shownValue(value)} is no hardware address; write 00:00:5e:00:53:01` })
  return value
}

function assetName(value: string, context: z.RefinementCtx): string {
  if (value.includes('*'))
    context.addIssue({
      code: 'custom',
      message: `${shownValue(value)}: a name is compared as a whole, and * stands for nothing; write it out`,
    })
  return value.toLowerCase().replace(/\.$/, '')
}
