/**
 * An event of MISP in its core format (draft-dulaunoy-misp-core-format): an
 * attribute for each entry, with an id that stays from version to version, so
 * an import of the next version changes the event instead of adding one.
 *
 * `to_ids` is set where the value alone is evidence. What is not (shared
 * addresses, telemetry, networks of hosting companies, low confidence) is in
 * the event for people who look something up.
 *
 * Numbers that an instance of MISP gives (of the event, its organisations and
 * attributes) are left out: whoever imports the event gives them.
 */

import { CATEGORIES, type Category } from '../../events/alert.ts'
import type { Indicator } from '../pack.ts'
import type { Entry, ExportFile, LeftOut } from './entry.ts'
import { commonSerial, entryKey, timeOf, uuidOf } from './identity.ts'
import { nameOf } from './name.ts'
import { cidrOf, shortText } from './network.ts'

const UNDEFINED_THREAT = '4'
const ANALYSIS_DONE = '2'
const YOUR_ORGANISATION = '0'
const AS_THE_EVENT = '5'
const NO_SHARING_GROUP = '0'
const NEVER = '0'
/** The draft wants no more. */
const INFO_CHARACTERS_MAX = 256
const CATEGORY = 'Network activity'

/** Categories of which a hit is worth an alarm. */
const ALARMING: ReadonlySet<Category> = new Set<Category>(
  CATEGORIES.filter((one) => one !== 'hosting' && one !== 'indirect'),
)

/** One file, `seekwatch-misp.json`. */
export function writeMisp(entries: readonly Entry[], left: LeftOut): ExportFile[] {
  const versions = [...new Map(entries.map(({ pack }) => [pack.id, pack.version])).values()]
  const newest = Math.max(0, ...versions.map(timeOf))
  const services = [...new Set(entries.map(({ rule }) => rule.service))]
  const rules = [...new Set(entries.map(({ rule }) => rule.id))].sort()
  const attributes = attributesOf(entries, left)
  const event = {
    uuid: uuidOf('misp event', ...rules),
    info: infoOf(services, String(commonSerial(versions))),
    date: new Date(newest).toISOString().slice(0, 10),
    timestamp: seconds(newest),
    threat_level_id: UNDEFINED_THREAT,
    analysis: ANALYSIS_DONE,
    distribution: YOUR_ORGANISATION,
    sharing_group_id: NO_SHARING_GROUP,
    published: false,
    publish_timestamp: NEVER,
    attribute_count: String(attributes.length),
    Orgc: { name: 'Seekwatch', uuid: uuidOf('organisation', 'seekwatch') },
    Attribute: attributes,
  }
  return [{ name: 'seekwatch-misp.json', text: `${JSON.stringify({ Event: event }, null, 2)}\n` }]
}

/** One line, cut where there are many services. */
function infoOf(services: readonly string[], version: string): string {
  const [before, after] = ['Seekwatch rule packs: ', ` (version ${version})`]
  const room = INFO_CHARACTERS_MAX - before.length - after.length
  const named = services.join(', ').replace(/\s+/g, ' ')
  return `${before}${named.length > room ? `${named.slice(0, room - 3)}...` : named}${after}`
}

/** MISP takes a value of a type once in an event: the first that is evidence, or else the first. */
function attributesOf(entries: readonly Entry[], left: LeftOut) {
  const attributes = new Map<string, ReturnType<typeof attributeOf>>()
  for (const attribute of entries.map(attributeOf)) {
    const key = `${attribute.type} ${attribute.value}`
    const known = attributes.get(key)
    if (known !== undefined) left.entry('with the value of another entry, which MISP takes only once')
    if (known === undefined || (attribute.to_ids && !known.to_ids)) attributes.set(key, attribute)
  }
  return [...attributes.values()]
}

function attributeOf(entry: Entry) {
  const { pack, rule, indicator } = entry
  const { type, value } = typedValue(indicator)
  return {
    uuid: uuidOf('misp attribute', ...entryKey(entry)),
    type,
    category: CATEGORY,
    value,
    to_ids: type !== 'other' && isEvidence(entry),
    comment: commentOf(entry),
    timestamp: seconds(timeOf(pack.version)),
    distribution: AS_THE_EVENT,
    sharing_group_id: NO_SHARING_GROUP,
    deleted: false,
    disable_correlation: indicator.kind === 'hosting',
    Tag: [`seekwatch:category="${rule.category}"`, `seekwatch:confidence="${indicator.confidence}"`].map((name) => ({
      name,
    })),
  }
}

/** The type of attribute that an indicator is, `other` where MISP has none. */
function typedValue(indicator: Indicator): { type: string; value: string } {
  const { value } = indicator
  const name = nameOf(indicator)
  if (name !== null) return { type: name.match === 'suffix' ? 'domain' : 'hostname', value: name.value }
  switch (indicator.kind) {
    case 'network': {
      const range = cidrOf(value)
      return range === null ? { type: 'other', value } : { type: 'ip-dst', value: shortText(range) }
    }
    case 'hosting':
      return indicator.asn > 0 ? { type: 'AS', value: `AS${indicator.asn}` } : { type: 'other', value }
    case 'user_agent':
      return { type: value.includes('*') ? 'other' : 'user-agent', value }
    case 'fingerprint':
      return { type: indicator.method === 'ja3' ? 'ja3-fingerprint-md5' : 'other', value }
    default:
      return { type: 'other', value }
  }
}

function isEvidence({ rule, indicator }: Entry): boolean {
  if (rule.strengthens !== null || rule.needs !== null || !ALARMING.has(rule.category)) return false
  return indicator.confidence !== 'low' && !(indicator.kind === 'network' && indicator.shared)
}

function commentOf({ rule, indicator }: Entry): string {
  const parts = [
    `${rule.title}: ${indicator.role}`,
    indicator.kind === 'network' && indicator.shared ? 'shared with others' : '',
    indicator.kind === 'hosting' && indicator.country !== '' ? `only networks in ${indicator.country}` : '',
    indicator.seen === '' ? '' : `seen ${indicator.seen}`,
  ]
  return parts.filter((part) => part !== '').join('; ')
}

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000))
}
