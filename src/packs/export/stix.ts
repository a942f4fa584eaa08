/**
 * A bundle of STIX 2.1 (docs.oasis-open.org/cti/stix/v2.1): an identity that
 * made it, a statement with the licence of each pack, and an indicator for
 * each entry.
 *
 * An indicator keeps its id from version to version; `modified` is the day of
 * the pack's version. When the first version of an entry was made is not
 * known, and `created` must never change, so it is the same for all.
 */

import type { Cidr } from '../../bytes/cidr.ts'
import type { Category, Confidence } from '../../events/alert.ts'
import type { Policy } from '../../events/rules.ts'
import type { FrontedIndicator, Pack, UserAgentIndicator } from '../pack.ts'
import type { Entry, ExportFile, LeftOut } from './entry.ts'
import { entryKey, firstSeen, timeOf, uuidOf } from './identity.ts'
import { exceptionsBelow, isWellFormed, leaveOut, type Name, type NamedEntry, splitNames } from './name.ts'
import { isNetwork, isOneAddress, networksOf, shortText } from './network.ts'
import { wildcardPattern } from './pattern.ts'

const CREATED_MS = Date.UTC(2025, 0, 1)
const SPEC = { spec_version: '2.1' } as const

/** The middle of each range of the scale None / Low / Med / High (STIX 2.1 appendix A). */
const CONFIDENCE: Readonly<Record<Confidence, number>> = { low: 15, medium: 50, high: 85 }

/** Words of indicator-type-ov. A service that a policy forbids is not malicious for that. */
const INDICATOR_TYPE: Readonly<Record<Category, string>> = {
  service: 'anomalous-activity',
  affiliate: 'anomalous-activity',
  indirect: 'anomalous-activity',
  hosting: 'anomalous-activity',
  lookalike: 'unknown',
}

/** Sources whose ids have a form in STIX (CVE-2024-1234, CAPEC-66) that no policy's id has. */
const SOURCES_WITH_OWN_IDS: ReadonlySet<string> = new Set(['cve', 'capec'])

const IDENTITY = {
  type: 'identity',
  ...SPEC,
  id: `identity--${uuidOf('identity', 'seekwatch')}`,
  created: timestamp(CREATED_MS),
  modified: timestamp(CREATED_MS),
  name: 'Seekwatch',
  identity_class: 'system',
}

/** One file, `seekwatch-stix.json`. Policies that a rule cites are among the references of its indicators. */
export function writeStix(entries: readonly Entry[], left: LeftOut, policies: readonly Policy[]): ExportFile[] {
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  const { named, others } = splitNames(entries, left)
  const indicators = [
    ...named.map((one) => indicatorOf(one.entry, namePattern(one), byId)),
    ...others.flatMap((entry) => {
      const pattern = patternOf(entry, left)
      return pattern === '' ? [] : [indicatorOf(entry, pattern, byId)]
    }),
  ]
  const packs = new Map(entries.map(({ pack }) => [pack.id, pack]))
  const objects = [IDENTITY, ...[...packs.values()].map(statementOf), ...indicators]
  const versions = objects.map((object) => ('modified' in object ? `${object.id} ${object.modified}` : object.id))
  const bundle = { type: 'bundle', id: `bundle--${uuidOf('bundle', versions.join('\n'))}`, objects }
  return [{ name: 'seekwatch-stix.json', text: `${JSON.stringify(bundle, null, 2)}\n` }]
}

function statementOf({ id, title, version, licence }: Pack) {
  const statement = `${title}, version ${version}, licence ${licence}`
  return {
    type: 'marking-definition',
    ...SPEC,
    // A marking cannot be changed, so another statement is another marking.
    id: statementId({ id, title, version, licence }),
    created_by_ref: IDENTITY.id,
    created: timestamp(timeOf(version)),
    definition_type: 'statement',
    definition: { statement },
  }
}

function statementId({ id, title, version, licence }: Pick<Pack, 'id' | 'title' | 'version' | 'licence'>): string {
  return `marking-definition--${uuidOf('statement', id, title, version, licence)}`
}

function indicatorOf(entry: Entry, pattern: string, policies: ReadonlyMap<string, Policy>) {
  const { pack, rule, indicator } = entry
  const modified = timeOf(pack.version)
  const references = referencesOf(entry, policies)
  return {
    type: 'indicator',
    ...SPEC,
    id: `indicator--${uuidOf('indicator', ...entryKey(entry))}`,
    created_by_ref: IDENTITY.id,
    created: timestamp(Math.min(CREATED_MS, modified)),
    modified: timestamp(modified),
    name: `${rule.title}: ${indicator.value}`,
    description: indicator.role,
    indicator_types: [INDICATOR_TYPE[rule.category]],
    pattern,
    pattern_type: 'stix',
    pattern_version: '2.1',
    valid_from: timestamp(firstSeen(indicator.seen) ?? modified),
    confidence: CONFIDENCE[indicator.confidence],
    labels: [rule.category, `rule:${rule.id}`, `pack:${pack.id}`],
    // A list may not be empty in STIX.
    ...(references.length > 0 && { external_references: references }),
    object_marking_refs: [statementId(pack)],
  }
}

function referencesOf({ rule, indicator }: Entry, policies: ReadonlyMap<string, Policy>) {
  return [
    ...indicator.sources.map((description) => ({ source_name: 'source', description })),
    ...rule.attack.map((external_id) => ({
      source_name: external_id.startsWith('AML.') ? 'mitre-atlas' : 'mitre-attack',
      external_id,
    })),
    ...rule.policy.map((id) => {
      const policy = policies.get(id)
      const description = policy && `${policy.title}, ${policy.date}`
      const source = policy === undefined || SOURCES_WITH_OWN_IDS.has(policy.authority) ? 'policy' : policy.authority
      return { source_name: source, external_id: id, ...(description && { description }) }
    }),
  ]
}

/** The pattern of an entry that is no name; empty, and counted, when STIX has no word for it. */
function patternOf(entry: Entry, left: LeftOut): string {
  const { indicator } = entry
  if (isNetwork(entry)) {
    const tests = networksOf(entry, left).map(rangeTest)
    return tests.length === 0 ? '' : `[${tests.join(' OR ')}]`
  }
  if (indicator.kind === 'user_agent') return userAgentPattern(indicator)
  if (indicator.kind === 'fronted' && isWellFormed(indicator)) return frontedPattern(indicator)
  leaveOut(entry, left)
  return ''
}

function namePattern(named: NamedEntry): string {
  const meant = nameTests(named, '').join(' OR ')
  const excepted = exceptionsBelow(named).flatMap((name) => nameTests(name, 'NOT '))
  return excepted.length === 0 ? `[${meant}]` : `[(${meant}) AND ${excepted.join(' AND ')}]`
}

/** Comparisons of which one holds for the name and, for a suffix, for those below it; with `NOT `, all hold for others. */
function nameTests({ value, match }: Name, not: '' | 'NOT '): string[] {
  const alone = `domain-name:value ${not === '' ? '=' : '!='} ${quoted(value)}`
  if (match === 'exact') return [alone]
  // For LIKE an underscore is any character.
  const below = value.includes('_')
    ? `${not}MATCHES ${quoted(`\\.${value.replaceAll('.', '\\.')}$`)}`
    : `${not}LIKE ${quoted(`%.${value}`)}`
  return [alone, `domain-name:value ${below}`]
}

function rangeTest(range: Cidr): string {
  const type = range.family === 4 ? 'ipv4-addr' : 'ipv6-addr'
  const operator = isOneAddress(range) ? '=' : 'ISSUBSET'
  return `${type}:value ${operator} ${quoted(shortText(range))}`
}

function userAgentPattern({ value }: UserAgentIndicator): string {
  const path = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"
  if (!value.includes('*')) return `[${path} = ${quoted(value)}]`
  return `[${path} MATCHES ${quoted(`^${wildcardPattern(value, '.*')}$`)}]`
}

function frontedPattern({ name, cdn, labelsBetween }: FrontedIndicator): string {
  const pattern = `(^|\\.)${wildcardPattern(name, '')}(\\.[^.]+){0,${labelsBetween}}\\.${wildcardPattern(cdn, '[^.]*')}$`
  return `[domain-name:value MATCHES ${quoted(pattern)}]`
}

/** A string of the patterning language, in which quotes and backslashes have a backslash in front. */
function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString()
}
