/**
 * The form of a rule pack in YAML (described for people in rules/README.md),
 * and how it becomes a `Pack`.
 *
 * `readPack` takes what the YAML parser made of a file and knows no files: a
 * problem carries the path of keys to its place, and the loader knows in which
 * line that is. An entry may hold one name or a list (`name` or `names`, `cidr`
 * or `cidrs`); in the `Pack` each name is an indicator of its own.
 */

import { z } from 'zod'
import { parseCidr } from '../bytes/cidr.ts'
import { printable } from '../bytes/text.ts'
import { CATEGORIES, CONFIDENCES, SEVERITIES } from '../events/alert.ts'
import { canonicalName, nameProblem } from './domain-name.ts'
import type { Indicator, Pack, Rule } from './pack.ts'

const TEXT_CHARACTERS_MAX = 1000
const RULES_MAX = 1000
const SOURCES_MAX = 100

/** What is wrong at one place of a pack. */
export interface FormProblem {
  /** Keys and indices from the top of the file to the place. */
  path: ReadonlyArray<string | number>
  message: string
}

/** The pack that `form` describes, or all that is wrong with it; then the pack is null. */
export function readPack(form: unknown): { pack: Pack | null; problems: FormProblem[] } {
  const checked = PACK.safeParse(form, { reportInput: true })
  if (!checked.success) return { pack: null, problems: checked.error.issues.flatMap(problemsOf) }
  const problems = duplicates(checked.data)
  return problems.length > 0 ? { pack: null, problems } : { pack: toPack(checked.data), problems }
}

const text = z
  .string('must be text')
  .min(1, 'is empty; write some text')
  .max(TEXT_CHARACTERS_MAX, `is longer than ${TEXT_CHARACTERS_MAX} characters; shorten it`)
  // Texts of a pack reach terminals, pages and logs: nothing in them may steer a terminal or turn the line around.
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'holds a control or invisible character; remove it')
const id = z
  .string('must be text')
  .regex(
    /^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$/,
    'is not an id; write lower-case words joined by hyphens, deepseek-service',
  )
const DAY = '\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01]))?)?'
const seen = z
  .string("must be text; write it in quotes, '2026'")
  .regex(new RegExp(`^${DAY}(/${DAY})?$`), "is not a date; write '2026', '2026-05-21' or '2026-05-21/2026-09-24'")

const domain = z.string('must be text').superRefine((value, context) => {
  const problem = nameProblem(value)
  if (problem !== '') context.addIssue({ code: 'custom', message: `${quote(value)} ${problem}` })
})
const cidr = z.string('must be text').superRefine((value, context) => {
  try {
    parseCidr(value)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    context.addIssue({ code: 'custom', message: `${quote(value)} ${error.message}` })
  }
})

const SOURCED = {
  role: text,
  confidence: oneOf(CONFIDENCES),
  seen: seen.optional(),
  sources: z
    .array(text, 'must be a list of texts')
    .min(1, 'is empty; write where the entry is known from')
    .max(SOURCES_MAX, `has more than ${SOURCES_MAX} entries; keep the best ones`),
}

const DOMAIN_ENTRY = entry({
  name: domain.optional(),
  names: z.array(domain, 'must be a list of names').min(1, 'is empty; write at least one name').optional(),
  match: oneOf(['suffix', 'exact']).optional(),
  ...SOURCED,
}).superRefine((value, context) => exactlyOne('name', value.name, 'names', value.names, context))

const NETWORK_ENTRY = entry({
  cidr: cidr.optional(),
  cidrs: z.array(cidr, 'must be a list of networks').min(1, 'is empty; write at least one network').optional(),
  shared: z.boolean('must be true (others answer there too) or false'),
  ...SOURCED,
}).superRefine((value, context) => exactlyOne('cidr', value.cidr, 'cidrs', value.cidrs, context))

const HOSTING_ENTRY = entry({
  country: z.string('must be text').regex(/^[A-Z]{2}$/, 'is not a country code; write two capital letters, CN'),
  asn: z
    .int('is not the number of an autonomous system; write the number alone, 55990')
    .min(1, 'is not the number of an autonomous system; write 1 or more')
    .max(0xffffffff, 'is not the number of an autonomous system; it has more than 32 bits'),
  ...SOURCED,
})

const RULE = entry({
  id,
  title: text,
  service: text,
  category: oneOf(CATEGORIES),
  severity: oneOf(SEVERITIES),
  policies: z.array(id, 'must be a list of ids').optional(),
  attack: z
    .array(
      z
        .string('must be text')
        .regex(/^(AML\.)?T\d{4}(\.\d{3})?$/, 'is not an ATT&CK technique; write its id, T1567 or T1071.001'),
      'must be a list of ids',
    )
    .optional(),
  domains: z.array(DOMAIN_ENTRY, 'must be a list of entries').optional(),
  networks: z.array(NETWORK_ENTRY, 'must be a list of entries').optional(),
  hosting: z.array(HOSTING_ENTRY, 'must be a list of entries').optional(),
}).superRefine((rule, context) => {
  if ((rule.domains ?? rule.networks ?? rule.hosting) === undefined)
    context.addIssue({ code: 'custom', message: 'the rule matches nothing; write domains, networks or hosting' })
})

const PACK = entry({
  pack: id,
  title: text,
  version: z
    .string("must be text; write it in quotes, '2026.11.22'")
    .regex(
      /^\d{4}\.\d{2}\.\d{2}(\.\d+)?$/,
      'is not a version; write the day of the review, 2026.11.22, or 2026.11.22.1',
    ),
  licence: text,
  description: z.string('must be text').optional(),
  sources: z.array(text, 'must be a list of texts').optional(),
  rules: z
    .array(RULE, 'must be a list of rules')
    .min(1, 'is empty; write at least one rule')
    .max(RULES_MAX, `has more than ${RULES_MAX} rules; split the pack`),
})

type PackForm = z.output<typeof PACK>
type RuleForm = PackForm['rules'][number]

/** A map that knows all of its keys: others are errors, and the message names those there are. */
function entry<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ')
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `is not a key of this place; it has ${known}` : `must be a map of ${known}`,
  })
}

function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, `is none of the words for it; write ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`)
}

function exactlyOne(one: string, a: unknown, many: string, b: unknown, context: z.RefinementCtx): void {
  if ((a === undefined) === (b === undefined))
    context.addIssue({ code: 'custom', message: `write ${one} for one or ${many} for a list, and not both` })
}

function quote(value: string): string {
  const shown = value.length > 80 ? `${value.slice(0, 80)}...` : value
  return `"${printable(shown)}"`
}

/** An issue of zod in words. What zod finds itself is told with the key it is about. */
function problemsOf(issue: z.core.$ZodIssue): FormProblem[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: `${quote(key)} ${issue.message}` }))
  if (issue.code === 'custom') return [{ path, message: issue.message }]
  const key = path.findLast((step) => typeof step === 'string') ?? 'the file'
  if (issue.input === undefined && typeof path.at(-1) === 'string')
    return [{ path, message: `${key} is missing; write it` }]
  return [{ path, message: `${key} ${issue.message}` }]
}

/** Entries that stand twice in a pack. One of them would never match, and which one would be a matter of order. */
function duplicates(form: PackForm): FormProblem[] {
  const problems: FormProblem[] = []
  const known = new Set<string>()
  const check = (key: string, label: string, path: Array<string | number>): void => {
    if (known.has(key)) problems.push({ path, message: `${label} stands twice in this pack; remove one` })
    known.add(key)
  }
  form.rules.forEach((rule, r) => {
    check(`rule ${rule.id}`, `the rule ${quote(rule.id)}`, ['rules', r, 'id'])
    rule.domains?.forEach((domain, i) => {
      eachOf(domain.name, domain.names, 'name', (name, at) => {
        const kept = canonicalName(name)
        check(`${domain.match ?? 'suffix'} ${kept}`, quote(kept), ['rules', r, 'domains', i, ...at])
      })
    })
    rule.networks?.forEach((network, i) => {
      eachOf(network.cidr, network.cidrs, 'cidr', (cidr, at) => {
        const kept = parseCidr(cidr).text
        check(`network ${kept}`, quote(kept), ['rules', r, 'networks', i, ...at])
      })
    })
    rule.hosting?.forEach((hosting, i) => {
      const kept = hostingText(hosting)
      check(`hosting ${kept}`, quote(kept), ['rules', r, 'hosting', i, 'asn'])
    })
  })
  return problems
}

/** Calls back for the one value of an entry, or for each of its list, with the rest of the path to it. */
function eachOf(
  one: string | undefined,
  many: readonly string[] | undefined,
  key: string,
  visit: (value: string, at: Array<string | number>) => void,
): void {
  if (one !== undefined) visit(one, [key])
  many?.forEach((value, i) => {
    visit(value, [`${key}s`, i])
  })
}

function toPack(form: PackForm): Pack {
  return {
    id: form.pack,
    title: form.title,
    version: form.version,
    licence: form.licence,
    rules: form.rules.map(toRule),
  }
}

function toRule(form: RuleForm): Rule {
  return {
    id: form.id,
    title: form.title,
    service: form.service,
    category: form.category,
    severity: form.severity,
    policy: form.policies ?? [],
    attack: form.attack ?? [],
    indicators: indicatorsOf(form),
    strengthens: null,
    needs: null,
    unless: { domains: [], networks: [], clients: [] },
  }
}

function indicatorsOf(form: RuleForm): Indicator[] {
  const indicators: Indicator[] = []
  for (const domain of form.domains ?? []) {
    const { match = 'suffix' } = domain
    eachOf(domain.name, domain.names, 'name', (name) => {
      indicators.push({ kind: 'domain', value: canonicalName(name), match, ...sourced(domain) })
    })
  }
  for (const network of form.networks ?? []) {
    eachOf(network.cidr, network.cidrs, 'cidr', (cidr) => {
      indicators.push({ kind: 'network', value: parseCidr(cidr).text, shared: network.shared, ...sourced(network) })
    })
  }
  for (const hosting of form.hosting ?? []) {
    const { country, asn } = hosting
    indicators.push({ kind: 'hosting', value: hostingText(hosting), country, asn, ...sourced(hosting) })
  }
  return indicators
}

function hostingText(hosting: { country: string; asn: number }): string {
  return `${hosting.country} AS${hosting.asn}`
}

function sourced(entry: Pick<Indicator, 'role' | 'confidence' | 'sources'> & { seen?: string | undefined }) {
  return { role: entry.role, confidence: entry.confidence, seen: entry.seen ?? '', sources: entry.sources, use: null }
}
