/**
 * The small forms that the files of a rule folder are made of, as schemas, and
 * how what is wrong with a value becomes words.
 *
 * Whatever is written as a list may be long, and all of it may be wrong: lists
 * are checked here, value by value, and stop adding problems when nobody would
 * read more. (zod's own arrays make an object of each problem, which for a
 * hostile file of 16 MiB is gigabytes.)
 */

import { z } from 'zod'
import { parseCidr } from '../bytes/cidr.ts'
import { printable } from '../bytes/text.ts'
import { nameProblem } from './domain-name.ts'
import { PROBLEMS_MAX } from './problem.ts'

const TEXT_CHARACTERS_MAX = 1000
const WITHIN_SECONDS_MAX = 24 * 3600

/** A step from a value into one that lies in it. */
export type Path = ReadonlyArray<string | number>

/** What is wrong at one place of a file. */
export interface FormProblem {
  /** Keys and indices from the top of the file to the place. */
  path: Path
  message: string
}

/** The problems of a form, and how many more there are. */
export interface FormProblems {
  problems: FormProblem[]
  more: number
}

export const text = z
  .string('must be text')
  .min(1, 'is empty; write some text')
  .max(TEXT_CHARACTERS_MAX, `is longer than ${TEXT_CHARACTERS_MAX} characters; shorten it`)
  // Texts of a pack reach terminals, pages and logs: nothing in them may steer a terminal or turn the line around.
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'holds a control or invisible character; remove it')

export const id = z
  .string('must be text')
  .regex(
    /^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$/,
    'is not an id; write lower-case words joined by hyphens, deepseek-service',
  )

const DAY = '\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01]))?)?'

export const day = z
  .string("must be text; write it in quotes, '2025-07-10'")
  .regex(new RegExp(`^${DAY}$`), "is not a date; write '2025', '2025-07' or '2025-07-10'")
  .refine((value) => areThere(value), 'date is not a day that there is')

export const seen = z
  .string("must be text; write it in quotes, '2026'")
  .regex(new RegExp(`^${DAY}(/${DAY})?$`), "is not a date; write '2026', '2026-05-21' or '2026-05-21/2026-09-24'")
  .refine((value) => areThere(...value.split('/')), 'seen is not a day that there is')
  .refine((value) => {
    const [first, last] = value.split('/')
    // a month or year alone goes to its end
    return last === undefined || !areThere(first!, last) || first!.slice(0, last.length) <= last
  }, 'seen ends before it begins')

const ONE_DAY = new RegExp(`^${DAY}$`)

/** Are these dates of the calendar? True, too, where one has another form, which is told as that. */
function areThere(...dates: string[]): boolean {
  return dates.some((date) => !ONE_DAY.test(date)) || dates.every((date) => date.length < 10 || isDay(date))
}

/** Is `2026-02-28` a day of the calendar? */
export function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date)
}

export const domain = z
  .string('must be text')
  .superRefine((value, context) => {
    const problem = nameProblem(value)
    if (problem !== '') context.addIssue({ code: 'custom', message: `${quote(value)} ${problem}` })
  })
  .meta({ pattern: '^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)+\\.?$' })

/** Domain names, of which a list may hold a hundred thousand. */
export function domains(empty?: string) {
  return listOf(domain, 'names', empty, (value) => typeof value === 'string' && nameProblem(value) === '')
}

export const cidr = z
  .string('must be text')
  .superRefine((value, context) => {
    const problem = cidrProblem(value)
    if (problem !== '') context.addIssue({ code: 'custom', message: `${quote(value)} ${problem}` })
  })
  .meta({ pattern: '^[0-9A-Fa-f.:]+/[0-9]{1,3}$' })

/** Ranges, of which a list may hold a hundred thousand. */
export function cidrs(empty?: string) {
  return listOf(cidr, 'networks', empty, (value) => typeof value === 'string' && cidrProblem(value) === '')
}

function cidrProblem(text: string): string {
  try {
    parseCidr(text)
    return ''
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return error.message
  }
}

/** A span of time, `5m`, in microseconds. */
export const within = z
  .string('must be text like 5m')
  .regex(/^[1-9]\d{0,4}[smh]$/, 'is not a span of time; write 30s, 5m or 1h')
  .refine((value) => secondsOf(value) <= WITHIN_SECONDS_MAX, 'within is longer than a day; write 24h or less')

/** `5m` in microseconds. */
export function microseconds(span: string): number {
  return secondsOf(span) * 1e6
}

function secondsOf(span: string): number {
  return Number.parseInt(span, 10) * { s: 1, m: 60, h: 3600 }[span.at(-1) as 's' | 'm' | 'h']
}

/** A map that knows all of its keys: others are errors, and the message names those there are. */
export function entry<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ')
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `is not a key of this place; it has ${known}` : `must be a map of ${known}`,
  })
}

/** One of some words, which the message names. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, `is none of the words for it; write ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`)
}

/** The items of each list that `listOf` made, by what checks it, for whoever writes the schema down in another language. */
export const LIST_ITEMS = new WeakMap<object, { item: z.ZodType; least: number }>()

/**
 * A list of any length.
 * @param what what it is a list of, for the message: `names`
 * @param empty what to say when it holds nothing; absent where that is allowed
 * @param isRight says quickly of most right values that they are: the schema is asked about the others
 */
export function listOf<Item extends z.ZodType>(
  item: Item,
  what: string,
  empty?: string,
  isRight?: (value: unknown) => boolean,
) {
  const list = z.unknown().transform((value, context): Array<z.output<Item>> => {
    const complain = (message: string): void => {
      context.issues.push({ code: 'custom', input: value, message, params: { about: 'key' } })
    }
    if (!Array.isArray(value)) {
      complain(`must be a list of ${what}`)
      return z.NEVER
    }
    if (value.length === 0 && empty !== undefined) complain(empty)
    const checked: Array<z.output<Item>> = []
    const below: Faults = { faults: [], more: 0 }
    for (let i = 0; i < value.length && below.more < STOP_AFTER; i++) {
      if (isRight?.(value[i])) {
        checked.push(value[i])
        continue
      }
      const result = item.safeParse(value[i], { reportInput: true })
      if (result.success) checked.push(result.data)
      else addAll(below, faultsOf(result.error.issues), [i])
    }
    if (below.faults.length > 0) context.issues.push({ code: 'custom', input: value, message: '', params: { below } })
    return checked
  })
  LIST_ITEMS.set(list.def.out, { item, least: empty === undefined ? 0 : 1 })
  return list
}

/** Problems of one list after which the rest of it is not looked at. */
export const STOP_AFTER = 10_000

/** Adds an issue unless exactly one of the keys is there. */
export function exactlyOne(
  value: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  context: z.RefinementCtx,
): void {
  if (keys.filter((key) => value[key] !== undefined).length === 1) return
  const isList = (key: string) => key.endsWith('s')
  const words = keys.map((key) => {
    if (key.endsWith('_file')) return `${key} for a file`
    return keys.some(isList) ? `${key} for ${isList(key) ? 'a list' : 'one'}` : key
  })
  const listed = words.length === 2 ? words.join(' or ') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  context.addIssue({ code: 'custom', message: `write ${listed}, and only one of them` })
}

/** A value as it may be shown: short, in quotes, harmless. */
export function quote(value: string): string {
  const shown = value.length > 80 ? `${value.slice(0, 80)}...` : value
  return `"${printable(shown)}"`
}

/** Issues of zod in words. What zod finds itself is told with the key it is about. */
export function problemsOf(issues: readonly z.core.$ZodIssue[]): FormProblems {
  const { faults, more } = faultsOf(issues)
  return { problems: faults.map((fault) => ({ path: fault.path, message: wordsOf(fault) })), more }
}

/** What is wrong below some place; its words wait for the whole path, because the key may be further up. */
interface Fault {
  path: Path
  message: string
  about: 'value' | 'key' | 'missing'
}

interface Faults {
  faults: Fault[]
  more: number
}

function wordsOf({ path, message, about }: Fault): string {
  if (about === 'value') return message
  const key = path.findLast((step) => typeof step === 'string') ?? 'the file'
  return about === 'missing' ? `${key} is missing; write it` : `${key} ${message}`
}

function faultsOf(issues: readonly z.core.$ZodIssue[]): Faults {
  const all: Faults = { faults: [], more: 0 }
  for (const issue of issues) addAll(all, faultsOfOne(issue), [])
  return all
}

function faultsOfOne(issue: z.core.$ZodIssue): Faults {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  if (issue.code === 'unrecognized_keys') {
    const faults = issue.keys.slice(0, PROBLEMS_MAX).map((key): Fault => {
      return { path: [...path, key], message: `${quote(key)} ${issue.message}`, about: 'value' }
    })
    return { faults, more: issue.keys.length - faults.length }
  }
  const below = issue.code === 'custom' ? (issue.params?.['below'] as Faults | undefined) : undefined
  if (below !== undefined) {
    const all: Faults = { faults: [], more: 0 }
    addAll(all, below, path)
    return all
  }
  const isWhole = issue.code === 'custom' && issue.params?.['about'] !== 'key'
  const isMissing = issue.input === undefined && typeof path.at(-1) === 'string'
  return {
    faults: [{ path, message: issue.message, about: isWhole ? 'value' : isMissing ? 'missing' : 'key' }],
    more: 0,
  }
}

function addAll(to: Faults, from: Faults, below: Path): void {
  const room = Math.max(PROBLEMS_MAX - to.faults.length, 0)
  for (const fault of from.faults.slice(0, room)) to.faults.push({ ...fault, path: [...below, ...fault.path] })
  to.more += from.more + Math.max(from.faults.length - room, 0)
}
