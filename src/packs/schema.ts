/**
 * The forms of the files of a rule folder, as schemas: a rule pack, a list of
 * policies, a list of names that must never raise an alert, and the overrides
 * of a site. Described for people in rules/README.md, and for their editors in
 * rules/pack.schema.json, which is made from here (json-schema.ts).
 *
 * An entry may hold one value, a list, or the name of a file with one value a
 * line: `name`, `names`, `names_file`.
 */

import { z } from 'zod'
import { CATEGORIES, CONFIDENCES, SEVERITIES, USES } from '../events/alert.ts'
import { canonicalName, nameProblem } from './domain-name.ts'
import { JA3_FORM, JA4_FORM } from './fingerprint-form.ts'
import {
  cidr,
  cidrs,
  day,
  domain,
  domains,
  entry,
  exactlyOne,
  id,
  isDay,
  listOf,
  oneOf,
  quote,
  seen,
  text,
  within,
} from './form.ts'

const RULES_MAX = 1000
const SOURCES_MAX = 100
/** Each alert carries the ids of a rule. */
const IDS_MAX = 100
const LABELS_BETWEEN_MAX = 4
const GLOB_CHARACTERS_MAX = 256
const GLOB_LETTERS_MIN = 4

const SOURCED = {
  role: text.describe('What the entry stands for, in words that fit into an alert: web chat'),
  confidence: oneOf(CONFIDENCES).describe(
    'How sure it is that the entry belongs to the service. high: a primary source, or two that do not depend on each other; medium: one good technical source; low: a single weak claim',
  ),
  seen: seen.optional().describe("When it was seen in use, in quotes: '2026', '2026-05-21' or '2026-05-21/2026-09-24'"),
  use: oneOf(USES).optional().describe('What somebody who contacts it most likely does'),
  sources: listOf(text, 'texts', 'is empty; write where the entry is known from')
    .refine((list) => list.length <= SOURCES_MAX, `sources has more than ${SOURCES_MAX} entries; keep the best ones`)
    .describe('Where the entry is known from'),
}

const MATCH = oneOf(['suffix', 'exact'])
  .optional()
  .describe('suffix (when left out): the name and all below it; exact: the name alone')

const listFile = z
  .string('must be text')
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/,
    'is not the name of a file beside the pack; write it without a path, names.txt',
  )

const NAMES = {
  name: domain.optional().describe('A domain name'),
  names: domains('is empty; write at least one name').optional().describe('Domain names that share the other keys'),
  names_file: listFile.optional().describe('A text file beside the pack with one domain name a line'),
}
const NAME_KEYS = ['name', 'names', 'names_file']

const DOMAIN = entry({ ...NAMES, match: MATCH, ...SOURCED }).superRefine((value, context) =>
  exactlyOne(value, NAME_KEYS, context),
)

const cdn = z.string('must be text').superRefine((value, context) => {
  const problem = cdnProblem(value)
  if (problem !== '') context.addIssue({ code: 'custom', message: `${quote(value)} ${problem}` })
})

const FRONTED = entry({
  name: domain.optional().describe('The watched name that stands in front: itself or anything below it'),
  names: domains('is empty; write at least one name').optional(),
  cdn: cdn
    .optional()
    .describe('Suffix of the CDN behind it; a * stands for any characters within one label: cdnhwc*.com'),
  cdns: listOf(cdn, 'names', 'is empty; write at least one name').optional(),
  labels_between: z
    .int('must be a number, 0 to 4')
    .min(0, 'must be 0 or more')
    .max(LABELS_BETWEEN_MAX, `must be ${LABELS_BETWEEN_MAX} or less`)
    .optional()
    .describe('Most labels between the two; 0 when left out'),
  ...SOURCED,
}).superRefine((value, context) => {
  exactlyOne(value, ['name', 'names'], context)
  exactlyOne(value, ['cdn', 'cdns'], context)
})

const NETWORK = entry({
  cidr: cidr.optional().describe('A range of addresses with its prefix length: 192.0.2.10/32'),
  cidrs: cidrs('is empty; write at least one network').optional(),
  cidrs_file: listFile.optional().describe('A text file beside the pack with one range a line'),
  shared: z
    .boolean('must be true (others answer there too) or false')
    .describe('true where others answer on it, too: then it is never evidence alone'),
  ...SOURCED,
}).superRefine((value, context) => exactlyOne(value, ['cidr', 'cidrs', 'cidrs_file'], context))

const HOSTING = entry({
  country: z
    .string('must be text')
    .regex(/^[A-Z]{2}$/, 'is not a country code; write two capital letters, CN')
    .optional()
    .describe('ISO 3166 code of the country; left out for any'),
  asn: z
    .int('is not the number of an autonomous system; write the number alone, 55990')
    .min(1, 'is not the number of an autonomous system; write 1 or more')
    .max(0xffffffff, 'is not the number of an autonomous system; it has more than 32 bits')
    .optional()
    .describe('Number of the autonomous system; left out for any'),
  ...SOURCED,
}).superRefine((value, context) => {
  if (value.country === undefined && value.asn === undefined)
    context.addIssue({ code: 'custom', message: 'write country, asn or both' })
})

const agent = z.string('must be text').superRefine((value, context) => {
  const problem = globProblem(value)
  if (problem !== '') context.addIssue({ code: 'custom', message: `${quote(value)} ${problem}` })
})

const USER_AGENT = entry({
  agent: agent.optional().describe('The whole user agent; a * stands for any characters: Example/* Android/*'),
  agents: listOf(agent, 'texts', 'is empty; write at least one').optional(),
  ...SOURCED,
}).superRefine((value, context) => exactlyOne(value, ['agent', 'agents'], context))

const FINGERPRINT = entry({
  ja3: z.string('must be text').regex(JA3_FORM, 'is not a JA3; write its 32 hexadecimal digits').optional(),
  ja4: z
    .string('must be text')
    .regex(JA4_FORM, 'is not a JA4; write it whole, t13d1516h2_8daaf6152771_b186095e22b6')
    .optional(),
  ...SOURCED,
}).superRefine((value, context) => exactlyOne(value, ['ja3', 'ja4'], context))

const CERTIFICATE = entry({ ...NAMES, match: MATCH, ...SOURCED }).superRefine((value, context) =>
  exactlyOne(value, NAME_KEYS, context),
)

const NEARBY = entry({
  rules: fewIds(listOf(id, 'ids of rules', 'is empty; write at least one id')).describe('Ids of rules, of any pack'),
  within: within.describe('How far away in time they may be: 5m'),
})

const UNLESS = entry({
  domains: listOf(
    entry({ name: domain.optional(), names: domains().optional(), match: MATCH }).superRefine((value, context) =>
      exactlyOne(value, ['name', 'names'], context),
    ),
    'entries',
  )
    .optional()
    .describe('Names on which the rule is silent'),
  networks: cidrs().optional().describe('Server addresses on which it is silent'),
  clients: cidrs().optional().describe('Clients for which it is silent'),
})

const ENTRIES = {
  domains: listOf(DOMAIN, 'entries').optional().describe('Names of servers'),
  fronted: listOf(FRONTED, 'entries').optional().describe('Watched names in front of names of CDNs'),
  networks: listOf(NETWORK, 'entries').optional().describe('Addresses of servers'),
  hosting: listOf(HOSTING, 'entries').optional().describe('Networks by country and autonomous system'),
  user_agents: listOf(USER_AGENT, 'entries').optional().describe('User agents of HTTP requests and QUIC hellos'),
  fingerprints: listOf(FINGERPRINT, 'entries').optional().describe('JA3 and JA4 of clients'),
  certificates: listOf(CERTIFICATE, 'entries').optional().describe('Names that count only in certificates'),
}

/** The keys of a rule that hold entries. */
export const ENTRY_KEYS = Object.keys(ENTRIES) as Array<keyof typeof ENTRIES>

const RULE = entry({
  id: id.describe('Id of the rule; no other rule of any pack may have it'),
  title: text.describe('What the alert is called'),
  service: text.describe('What the alerts of one client are grouped by'),
  category: oneOf(CATEGORIES),
  severity: oneOf(SEVERITIES),
  policies: fewIds(listOf(id, 'ids')).optional().describe('Ids of the policies that the rule serves'),
  attack: fewIds(
    listOf(
      z
        .string('must be text')
        .regex(/^(AML\.)?T\d{4}(\.\d{3})?$/, 'is not an ATT&CK technique; write its id, T1567 or T1071.001'),
      'ids',
    ),
  )
    .optional()
    .describe('MITRE ATT&CK techniques'),
  ...ENTRIES,
  strengthens: NEARBY.optional().describe('Never an alert of its own: what it meets is added to alerts of these rules'),
  needs: NEARBY.optional().describe('An alert only beside an alert of one of these rules'),
  unless: UNLESS.optional().describe('What keeps the rule silent'),
}).superRefine((rule, context) => {
  if (ENTRY_KEYS.every((key) => rule[key] === undefined))
    context.addIssue({
      code: 'custom',
      message: `the rule matches nothing; write ${ENTRY_KEYS.slice(0, -1).join(', ')} or ${ENTRY_KEYS.at(-1)}`,
    })
  if (rule.strengthens !== undefined && rule.needs !== undefined)
    context.addIssue({ code: 'custom', message: 'write strengthens or needs, and not both' })
})

export const PACK = entry({
  pack: id.describe('Id of the pack; stands in each alert'),
  title: text.describe('Name of the pack for people'),
  version: z
    .string("must be text; write it in quotes, '2026.11.22'")
    .regex(
      /^\d{4}\.\d{2}\.\d{2}(\.\d+)?$/,
      'is not a version; write the day of the review, 2026.11.22, or 2026.11.22.1',
    )
    .refine(
      (version) => !/^[0-9.]{10}/.test(version) || isDay(version.slice(0, 10).replaceAll('.', '-')),
      'version is not a day that there is',
    )
    .describe('The day on which the entries were reviewed: 2026.11.22'),
  licence: text.describe('SPDX id of the licence'),
  description: z.string('must be text').optional(),
  sources: listOf(text, 'texts').optional(),
  rules: listOf(RULE, 'rules', 'is empty; write at least one rule').refine(
    (rules) => rules.length <= RULES_MAX,
    `the pack has more than ${RULES_MAX} rules; split it`,
  ),
})

export const POLICIES = entry({
  policies: listOf(
    entry({
      id: id.describe('Id by which rules cite it: cz-nukib-2025-07-10'),
      title: text,
      country: z
        .string('must be text')
        .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'is not a country code; write CZ, or US-TX for a part of one')
        .describe('ISO 3166: CZ, US-TX'),
      authority: text,
      date: day,
      reference: text.describe('Number or name of the act'),
      scope: text.describe('What it forbids or warns of, and whom it binds'),
      sources: listOf(text, 'texts', 'is empty; write where it is known from'),
    }),
    'policies',
    'is empty; write at least one policy',
  ).describe('Which authority forbids or warns of what, and since when'),
})

export const NEVER = entry({
  never: listOf(
    entry({
      ...NAMES,
      match: MATCH,
      why: text.describe('Why a contact with it is no finding'),
      categories: listOf(oneOf(CATEGORIES), 'categories', 'is empty; write at least one').describe(
        'Categories of which it must raise no alert',
      ),
      sources: listOf(text, 'texts').optional(),
    }).superRefine((value, context) => exactlyOne(value, NAME_KEYS, context)),
    'entries',
    'is empty; write at least one entry',
  ).describe('Names that must raise no alert: packs are checked against them'),
})

export const OVERRIDES = entry({
  overrides: listOf(
    entry({
      rule: id.describe('Id of the rule that is changed'),
      why: text.describe('Why, for whoever reads it in a year'),
      disable: z.literal(true, 'must be true, or be left out').optional().describe('true: the rule is off'),
      severity: oneOf(SEVERITIES).optional().describe('The severity here'),
      without: listOf(text, 'values of entries').optional().describe('Entries that are off, as written in the pack'),
      ...ENTRIES,
      unless: UNLESS.optional().describe('Exceptions that are added'),
    }).superRefine((value, context) => {
      const others = ['severity', 'without', 'unless', ...ENTRY_KEYS].filter((key) => Object.hasOwn(value, key))
      if (value.disable === undefined && others.length === 0)
        context.addIssue({
          code: 'custom',
          message: 'changes nothing; write disable, severity, without, unless or entries',
        })
    }),
    'overrides',
    'is empty; write at least one override',
  ).describe('What this site changes about rules of other packs'),
})

/** The form of a file, by the key that tells it from the others. */
export const FORMS = { pack: PACK, policies: POLICIES, never: NEVER, overrides: OVERRIDES } as const
export type FormKind = keyof typeof FORMS

export type PackForm = z.output<typeof PACK>
export type RuleForm = PackForm['rules'][number]
export type PolicyForm = z.output<typeof POLICIES>['policies'][number]
export type NeverForm = z.output<typeof NEVER>['never'][number]
export type OverrideForm = z.output<typeof OVERRIDES>['overrides'][number]
/** Lists of entries, as a rule and an override hold them. */
export type EntriesForm = Pick<RuleForm, keyof typeof ENTRIES>
export type UnlessForm = z.output<typeof UNLESS>

/** A list of ids that an alert may carry whole. */
function fewIds<List extends z.ZodType<readonly string[]>>(list: List) {
  return list.refine((ids) => ids.length <= IDS_MAX, `there are more than ${IDS_MAX} ids here; keep those that matter`)
}

/** Why `text` cannot be the suffix of a CDN; empty when it can. */
function cdnProblem(text: string): string {
  const labels = canonicalName(text).split('.')
  // Without a name of its own in the last two labels it would be everybody's suffix.
  const isOpen = labels.slice(-2).some((label) => label.replaceAll('*', '').length < 2)
  const problem = nameProblem(text.replaceAll('*', 'x'))
  if (problem !== '') return problem
  if (isOpen || labels.at(-1)!.includes('*')) return 'would match nearly any name; write more of the name of the CDN'
  return ''
}

/** Why `text` cannot be a pattern for user agents; empty when it can. */
function globProblem(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) return 'holds a character that user agents do not have; write ASCII'
  if (text.length > GLOB_CHARACTERS_MAX) return `is longer than ${GLOB_CHARACTERS_MAX} characters; shorten it`
  if (text.replace(/[^A-Za-z0-9]/g, '').length < GLOB_LETTERS_MIN)
    return `would match nearly any user agent; write at least ${GLOB_LETTERS_MIN} letters or digits of it`
  return ''
}
