/** From the options of `exempt add` to a checked exemption, and what is wrong with them in words of options. */

import { nearest } from '../bytes/near.ts'
import type { ExemptionDraft } from '../events/exemption.ts'
import type { Pack } from '../packs/pack.ts'
import { type FormProblem, readDraft, type TimeForms } from '../store/exemption-form.ts'
import { localMoment, MOMENT_EXAMPLES } from './moment.ts'
import { UsageError } from './usage-error.ts'

export interface ScopeOptions {
  client?: string
  mac?: string
  name?: string
  everyone?: true
  rule?: string
  category?: string
  indicator?: string
  network?: string
}

export interface DraftOptions extends ScopeOptions {
  kind?: string
  reason?: string
  owner?: string
  ticket?: string
  start?: string
  end?: string
}

/** How times are written on the command line and in files. */
export function timeForms(): TimeForms {
  return { read: localMoment, examples: MOMENT_EXAMPLES, nowUs: Date.now() * 1000 }
}

/** The exemption that the options ask for. Throws UsageError with all that is wrong, one line each. */
export function draftOf(options: DraftOptions): ExemptionDraft {
  const { kind, reason, owner, ticket, start, end, client, mac, name, everyone, rule, category, indicator, network } =
    options
  const scope = given({ client, mac, name, everyone, rule, category, indicator, network })
  const { value, problems } = readDraft(given({ kind, reason, owner, ticket, start, end, scope }), timeForms())
  if (problems !== null) throw new UsageError(problems.map(optionText).join('\nseekwatch: '))
  return value
}

/** What of a draft no pack knows, in words; each with what is near. A scope may name what only a site's packs have. */
export function unknownParts(
  { scope }: ExemptionDraft,
  packs: readonly Pack[],
  folders: ReadonlyArray<string | undefined>,
): FormProblem[] {
  const folder = folders.filter((one) => one !== undefined).join(' and ')
  const rules = packs.flatMap((pack) => pack.rules)
  const problems: FormProblem[] = []
  if (scope.rule !== undefined && !rules.some(({ id }) => id === scope.rule)) {
    const ids = rules.map(({ id }) => id)
    problems.push({ path: ['scope', 'rule'], message: unknown(scope.rule, 'rule', ids, folder) })
  }
  if (scope.indicator !== undefined) {
    const values = rules.flatMap(({ indicators }) => indicators.map(({ value }) => value))
    const wanted = scope.indicator.toLowerCase()
    if (!values.some((value) => value.toLowerCase() === wanted))
      problems.push({ path: ['scope', 'indicator'], message: unknown(scope.indicator, 'entry', values, folder) })
  }
  return problems
}

/** A problem in words of options: `--end: is missing: ...`. */
export function optionText({ path, message }: FormProblem): string {
  const option = path.at(-1)
  if (option === 'client' && message.includes('is not a network'))
    return `--client: ${message.replace(/is not a network.*/, 'is no address or network; write 192.0.2.7 or 10.1.2.0/24, and a name with --name')}`
  return option === 'scope'
    ? `--client: ${message.replace('client, mac or name, or everyone', '--client, --mac or --name, or --everyone')}`
    : `--${option}: ${message}`
}

function unknown(text: string, what: string, words: readonly string[], folder: string): string {
  const near = nearest(text, words)
  const advice = near.length === 0 ? `"seekwatch rules list" lists them` : `did you mean ${near.join(', ')}?`
  return `no pack of ${folder} has the ${what} ${JSON.stringify(text)}; ${advice} (--rules and --site-rules name other folders)`
}

/** Without what is not there. */
function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
