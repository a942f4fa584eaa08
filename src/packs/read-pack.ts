/**
 * From the checked form of a file to what the engine works with: a pack, a
 * policy, a name that must never raise an alert. Knows no files: a list that
 * lies in one comes through `lists`, and a problem carries the path of keys to
 * its place.
 */

import { canonicalCidr } from '../bytes/cidr.ts'
import type { Policy } from '../events/rules.ts'
import { canonicalName } from './domain-name.ts'
import { type FormProblem, type FormProblems, microseconds, type Path, quote } from './form.ts'
import type { Exceptions, Indicator, Nearby, NeverName, Pack, Rule } from './pack.ts'
import { PROBLEMS_MAX } from './problem.ts'
import type { EntriesForm, NeverForm, PackForm, PolicyForm, RuleForm, UnlessForm } from './schema.ts'

/** The values in the lines of a file that an entry names, in canonical form. */
export type Lists = (file: string, kind: 'name' | 'cidr', path: Path) => ReadonlySet<string>

/** The same lists, for whoever knows only the rest of the path. */
export function below(lists: Lists, path: Path): Lists {
  return (file, kind, rest) => lists(file, kind, [...path, ...rest])
}

/** The values of one entry of a form, which differ in nothing else. */
interface Values {
  /** What values must have in common, besides themselves, to be the same. */
  kind: string
  /** In canonical form; a list of a file may hold a hundred thousand, each once. */
  values: readonly string[] | ReadonlySet<string>
  toIndicator: (value: string) => Indicator
  /** From the rule or override on, to where a value stands. */
  pathOf: (index: number) => Path
}

/** The pack that `form` describes, and entries that stand twice in it. */
export function toPack(form: PackForm, lists: Lists): { pack: Pack } & FormProblems {
  const twice = new Twice()
  const rules = form.rules.map((rule, r) => {
    const place = ['rules', r]
    twice.check('rule', [rule.id], () => [...place, 'id'])
    const all = valuesOfEach(rule, below(lists, place))
    for (const { kind, values, pathOf } of all) twice.check(kind, values, (index) => [...place, ...pathOf(index)])
    return toRule(rule, all.flatMap(toIndicators))
  })
  const pack = { id: form.pack, title: form.title, version: form.version, licence: form.licence, rules }
  return { pack, problems: twice.problems, more: twice.more }
}

/** What entries of a rule, or of an override, stand for. */
export function indicatorsOf(form: EntriesForm, lists: Lists): Indicator[] {
  return valuesOfEach(form, lists).flatMap(toIndicators)
}

/** What keeps a rule silent, in canonical form. */
export function exceptionsOf(form: UnlessForm | undefined): Exceptions {
  const domains = (form?.domains ?? []).flatMap(({ match = 'suffix', ...entry }) =>
    Array.from(inPlace('name', entry.name, entry.names, [], canonicalName).values, (value) => ({ value, match })),
  )
  return {
    domains,
    networks: (form?.networks ?? []).map(canonicalCidr),
    clients: (form?.clients ?? []).map(canonicalCidr),
  }
}

/** A policy with nothing but its own keys. */
export function toPolicy(form: PolicyForm): Policy {
  const { id, title, country, authority, date, reference, scope, sources } = form
  return { id, title, country, authority, date, reference, scope, sources }
}

/** @param path to the entry */
export function toNever(form: NeverForm, lists: Lists, path: Path): NeverName[] {
  const { match = 'suffix', why, categories } = form
  return Array.from(namesOf(form, path, lists).values, (value) => ({ value, match, why, categories }))
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

/** The first problems about values that stand twice. One of them would never match, and which one a matter of order. */
class Twice {
  readonly problems: FormProblem[] = []
  more = 0
  /** Of each kind the values so far: those of a list of a file apart, which are many and not copied. */
  readonly #known = new Map<string, { list: ReadonlySet<string>; others: Set<string> }>()

  check(kind: string, values: Values['values'], pathOf: Values['pathOf']): void {
    const known = this.#known.get(kind)
    if (known === undefined && values instanceof Set) {
      this.#known.set(kind, { list: values, others: new Set() }) // a list holds nothing twice
      return
    }
    const { list, others } = known ?? { list: new Set(), others: new Set() }
    if (known === undefined) this.#known.set(kind, { list, others })
    let index = 0
    for (const value of values) {
      if (list.has(value) || others.has(value)) this.#tell(kind, value, pathOf(index))
      others.add(value)
      index++
    }
  }

  #tell(kind: string, value: string, path: Path): void {
    const message = `${kind === 'rule' ? 'the rule ' : ''}${quote(value)} stands twice in this pack; remove one`
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ path, message })
    else this.more++
  }
}

function toIndicators({ values, toIndicator }: Values): Indicator[] {
  return Array.from(values, toIndicator)
}

function valuesOfEach(form: EntriesForm, lists: Lists): Values[] {
  const all: Values[] = []
  for (const key of ['domains', 'certificates'] as const) {
    const kind = key === 'domains' ? 'domain' : 'certificate'
    form[key]?.forEach((entry, i) => {
      const { match = 'suffix' } = entry
      const from = sourced(entry)
      all.push({
        kind: match === 'exact' ? `exact ${kind}` : kind,
        ...namesOf(entry, [key, i], lists),
        toIndicator: (value) => ({ kind, value, match, ...from }),
      })
    })
  }
  form.fronted?.forEach((entry, i) => {
    const { labels_between: labelsBetween = 0 } = entry
    const from = sourced(entry)
    const { values: names, pathOf } = namesOf(entry, ['fronted', i], lists)
    const cdns = inPlace('cdn', entry.cdn, entry.cdns, ['fronted', i], canonicalName).values
    Array.from(names).forEach((name, n) => {
      for (const cdn of cdns)
        all.push({
          kind: 'fronted',
          values: [`${name} in front of ${cdn}`],
          toIndicator: (value) => ({ kind: 'fronted', value, name, cdn, labelsBetween, ...from }),
          pathOf: () => pathOf(n),
        })
    })
  })
  form.networks?.forEach((entry, i) => {
    const { cidr, cidrs, cidrs_file, shared } = entry
    const from = sourced(entry)
    all.push({
      kind: 'network',
      ...(cidrs_file === undefined
        ? inPlace('cidr', cidr, cidrs, ['networks', i], canonicalCidr)
        : inList(cidrs_file, 'cidr', ['networks', i, 'cidrs_file'], lists)),
      toIndicator: (value) => ({ kind: 'network', value, shared, ...from }),
    })
  })
  form.hosting?.forEach((entry, i) => {
    const { country = '', asn = 0 } = entry
    all.push({
      kind: 'hosting',
      values: [[country, asn === 0 ? '' : `AS${asn}`].filter((word) => word !== '').join(' ')],
      toIndicator: (value) => ({ kind: 'hosting', value, country, asn, ...sourced(entry) }),
      pathOf: () => ['hosting', i, asn === 0 ? 'country' : 'asn'],
    })
  })
  form.user_agents?.forEach((entry, i) => {
    const from = sourced(entry)
    all.push({
      kind: 'user_agent',
      ...inPlace('agent', entry.agent, entry.agents, ['user_agents', i], (agent) => agent),
      toIndicator: (value) => ({ kind: 'user_agent', value, ...from }),
    })
  })
  form.fingerprints?.forEach((entry, i) => {
    const method = entry.ja3 === undefined ? 'ja4' : 'ja3'
    const value = entry[method]!
    all.push({
      kind: method,
      // The digits of JA3 are hexadecimal; in JA4 the two letters of ALPN are letters, so case matters.
      values: [method === 'ja3' ? value.toLowerCase() : value],
      toIndicator: (kept) => ({ kind: 'fingerprint', method, value: kept, ...sourced(entry) }),
      pathOf: () => ['fingerprints', i, method],
    })
  })
  return all
}

type NamesForm = Readonly<Partial<Record<'name' | 'names_file', string | undefined>>> & {
  names?: readonly string[] | undefined
}

type Written = Pick<Values, 'values' | 'pathOf'>

/** The names that an entry at `place` says in one of the three ways. */
function namesOf({ name, names, names_file }: NamesForm, place: Path, lists: Lists): Written {
  if (names_file === undefined) return inPlace('name', name, names, place, canonicalName)
  return inList(names_file, 'name', [...place, 'names_file'], lists)
}

/** The one value under `key`, or the list of them under its plural. */
function inPlace(
  key: string,
  one: string | undefined,
  many: readonly string[] = [],
  place: Path,
  canonical: (value: string) => string,
): Written {
  if (one !== undefined) return { values: [canonical(one)], pathOf: () => [...place, key] }
  return { values: many.map(canonical), pathOf: (index) => [...place, `${key}s`, index] }
}

function inList(file: string, kind: 'name' | 'cidr', path: Path, lists: Lists): Written {
  return { values: lists(file, kind, path), pathOf: () => path }
}

type SourcedForm = Pick<Indicator, 'role' | 'confidence' | 'sources'> & {
  seen?: string | undefined
  use?: Indicator['use'] | undefined
}

function sourced({ role, confidence, seen = '', sources, use = null }: SourcedForm) {
  return { role, confidence, seen, sources, use }
}
