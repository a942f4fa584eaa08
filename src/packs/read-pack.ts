/**
 * From the checked form of a file to what the engine works with: a pack, a
 * policy, a name that must never raise an alert. Knows no files: a list that
 * lies in one comes through `lists`, and a problem carries the path of keys to
 * its place.
 */

import { parseCidr } from '../bytes/cidr.ts'
import type { Policy } from '../events/rules.ts'
import { canonicalName } from './domain-name.ts'
import { type FormProblem, type FormProblems, microseconds, type Path, quote } from './form.ts'
import type { Exceptions, Indicator, Nearby, NeverName, Pack, Rule } from './pack.ts'
import { PROBLEMS_MAX } from './problem.ts'
import type { EntriesForm, NeverForm, PackForm, PolicyForm, RuleForm, UnlessForm } from './schema.ts'

/** The values in the lines of a file that an entry names, in canonical form. */
export type Lists = (file: string, kind: 'name' | 'cidr', path: Path) => readonly string[]

/** The same lists, for whoever knows only the rest of the path. */
export function below(lists: Lists, path: Path): Lists {
  return (file, kind, rest) => lists(file, kind, [...path, ...rest])
}

/** An indicator and where its value stands. */
interface Placed {
  indicator: Indicator
  path: Path
}

/** The pack that `form` describes, and entries that stand twice in it. */
export function toPack(form: PackForm, lists: Lists): { pack: Pack } & FormProblems {
  const twice = new Twice()
  const rules = form.rules.map((rule, r) => {
    twice.check(RULE, rule.id, ['rules', r, 'id'])
    const placed = placedIndicators(rule, below(lists, ['rules', r]))
    for (const { indicator, path } of placed) twice.check(kindOf(indicator), indicator.value, ['rules', r, ...path])
    return toRule(
      rule,
      placed.map(({ indicator }) => indicator),
    )
  })
  const pack = { id: form.pack, title: form.title, version: form.version, licence: form.licence, rules }
  return { pack, problems: twice.problems, more: twice.more }
}

/** What entries of a rule, or of an override, stand for. */
export function indicatorsOf(form: EntriesForm, lists: Lists): Indicator[] {
  return placedIndicators(form, lists).map(({ indicator }) => indicator)
}

export function exceptionsOf(form: UnlessForm | undefined): Exceptions {
  const domains = (form?.domains ?? []).flatMap(({ name, names, match = 'suffix' }) =>
    valuesOf(name, names).map((value) => ({ value: canonicalName(value), match })),
  )
  return {
    domains,
    networks: (form?.networks ?? []).map((cidr) => parseCidr(cidr).text),
    clients: (form?.clients ?? []).map((cidr) => parseCidr(cidr).text),
  }
}

export function toPolicy(form: PolicyForm): Policy {
  const { id, title, country, authority, date, reference, scope, sources } = form
  return { id, title, country, authority, date, reference, scope, sources }
}

/** @param path to the entry */
export function toNever(form: NeverForm, lists: Lists, path: Path): NeverName[] {
  const { match = 'suffix', why, categories } = form
  const listed = form.names_file === undefined ? [] : lists(form.names_file, 'name', [...path, 'names_file'])
  return [...valuesOf(form.name, form.names), ...listed].map((name) => ({
    value: canonicalName(name),
    match,
    why,
    categories,
  }))
}

function toRule(form: RuleForm, indicators: Indicator[]): Rule {
  return {
    id: form.id,
    title: form.title,
    service: form.service,
    category: form.category,
    severity: form.severity,
    policy: form.policies ?? [],
    attack: form.attack ?? [],
    indicators,
    strengthens: toNearby(form.strengthens),
    needs: toNearby(form.needs),
    unless: exceptionsOf(form.unless),
  }
}

function toNearby(form: RuleForm['needs']): Nearby | null {
  return form === undefined ? null : { rules: form.rules, withinUs: microseconds(form.within) }
}

/** What indicators must have in common, besides their value, to be the same. */
function kindOf(indicator: Indicator): string {
  const { kind } = indicator
  if (kind === 'domain' || kind === 'certificate') return indicator.match === 'exact' ? `exact ${kind}` : kind
  return kind === 'fingerprint' ? indicator.method : kind
}

/** The first problems about values that stand twice. One of them would never match, and which one a matter of order. */
class Twice {
  readonly problems: FormProblem[] = []
  more = 0
  readonly #known = new Map<string, Set<string>>()

  check(kind: string, value: string, path: Path): void {
    const known = this.#known.get(kind) ?? new Set<string>()
    this.#known.set(kind, known)
    const before = known.size
    known.add(value)
    if (known.size > before) return
    if (this.problems.length < PROBLEMS_MAX)
      this.problems.push({
        path,
        message: `${kind === RULE ? 'the rule ' : ''}${quote(value)} stands twice in this pack; remove one`,
      })
    else this.more++
  }
}

const RULE = 'rule'

function placedIndicators(form: EntriesForm, lists: Lists): Placed[] {
  const placed: Placed[] = []
  const add = (indicator: Indicator, path: Path) => placed.push({ indicator, path })

  for (const key of ['domains', 'certificates'] as const) {
    form[key]?.forEach((entry, i) => {
      const { match = 'suffix' } = entry
      const kind = key === 'domains' ? 'domain' : 'certificate'
      const shared = sourced(entry)
      eachOf(entry.name, entry.names, 'name', (name, at) => {
        add({ kind, value: canonicalName(name), match, ...shared }, [key, i, ...at])
      })
      if (entry.names_file !== undefined) {
        const path = [key, i, 'names_file']
        for (const value of lists(entry.names_file, 'name', path)) add({ kind, value, match, ...shared }, path)
      }
    })
  }
  form.fronted?.forEach((entry, i) => {
    const { labels_between: labelsBetween = 0 } = entry
    eachOf(entry.name, entry.names, 'name', (written, at) => {
      const name = canonicalName(written)
      for (const cdn of valuesOf(entry.cdn, entry.cdns).map(canonicalName))
        add({ kind: 'fronted', value: `${name} in front of ${cdn}`, name, cdn, labelsBetween, ...sourced(entry) }, [
          'fronted',
          i,
          ...at,
        ])
    })
  })
  form.networks?.forEach((entry, i) => {
    const shared = { kind: 'network', shared: entry.shared, ...sourced(entry) } as const
    eachOf(entry.cidr, entry.cidrs, 'cidr', (cidr, at) => {
      add({ ...shared, value: parseCidr(cidr).text }, ['networks', i, ...at])
    })
    if (entry.cidrs_file !== undefined) {
      const path = ['networks', i, 'cidrs_file']
      for (const value of lists(entry.cidrs_file, 'cidr', path)) add({ ...shared, value }, path)
    }
  })
  form.hosting?.forEach((entry, i) => {
    const { country = '', asn = 0 } = entry
    const value = [country, asn === 0 ? '' : `AS${asn}`].filter((word) => word !== '').join(' ')
    add({ kind: 'hosting', value, country, asn, ...sourced(entry) }, ['hosting', i, asn === 0 ? 'country' : 'asn'])
  })
  form.user_agents?.forEach((entry, i) => {
    eachOf(entry.agent, entry.agents, 'agent', (value, at) => {
      add({ kind: 'user_agent', value, ...sourced(entry) }, ['user_agents', i, ...at])
    })
  })
  form.fingerprints?.forEach((entry, i) => {
    const method = entry.ja3 === undefined ? 'ja4' : 'ja3'
    const value = entry[method]!
    // The digits of JA3 are hexadecimal; in JA4 the two letters of ALPN are letters, so case matters.
    const kept = method === 'ja3' ? value.toLowerCase() : value
    add({ kind: 'fingerprint', method, value: kept, ...sourced(entry) }, ['fingerprints', i, method])
  })
  return placed
}

/** Calls back for the one value of an entry, or for each of its list, with the rest of the path to it. */
function eachOf(
  one: string | undefined,
  many: readonly string[] | undefined,
  key: string,
  visit: (value: string, at: Path) => void,
): void {
  if (one !== undefined) visit(one, [key])
  many?.forEach((value, i) => {
    visit(value, [`${key}s`, i])
  })
}

function valuesOf(one: string | undefined, many: readonly string[] | undefined): readonly string[] {
  return one === undefined ? (many ?? []) : [one]
}

type SourcedForm = Pick<Indicator, 'role' | 'confidence' | 'sources'> & {
  seen?: string | undefined
  use?: Indicator['use'] | undefined
}

function sourced({ role, confidence, seen = '', sources, use = null }: SourcedForm) {
  return { role, confidence, seen, sources, use }
}
