/**
 * Rules for Suricata 7 and newer, with lists (data sets) for long rows of names.
 *
 * A name is looked for in TLS and QUIC hellos, DNS questions and HTTP hosts,
 * and only on label borders. `dotprefix` puts a dot in front of what was seen,
 * so one pattern at the end of it meets `deepseek.com` and all below it, and
 * not `notdeepseek.com`:
 *
 *   tls.sni; to_lowercase; dotprefix; content:".deepseek.com"; endswith;
 *
 * Everything is made lower case first. For `http.host` Suricata refuses
 * `nocase`, because it is lower case anyway; in 7.0.10 it is not.
 *
 * Numbers (`sid`) stay what they are from version to version: identity.ts.
 * `rev` is the version of the pack, `priority` the severity of the rule, as in
 * our own EVE lines. Free text of a pack stands in `msg` and nowhere else.
 */

import { SEVERITIES } from '../../events/alert.ts'
import type { FingerprintIndicator, FrontedIndicator, NetworkIndicator, UserAgentIndicator } from '../pack.ts'
import type { Entry, ExportFile, LeftOut } from './entry.ts'
import { entryKey, SIDS_PER_ENTRY, SidBook, serialOf } from './identity.ts'
import { exceptionsBelow, isWellFormed, leaveOut, type Name, type NamedEntry, nameList, splitNames } from './name.ts'
import { cidrOf, isNetwork, networksOf } from './network.ts'
import { wildcardPattern } from './pattern.ts'

/** With more names than this that stand for themselves alone, those of a rule become a list. */
const NAMES_MAX = 500
const LIST_HASH_MIN = 1024
/** Ranges in one line: Suricata reads 8192 characters of it, and a range of IPv6 has up to 43. */
const RANGES_MAX = 100

/** Where a name can stand. */
const NAME_BUFFERS = [
  { protocol: 'tls', buffer: 'tls.sni; to_lowercase;' },
  { protocol: 'quic', buffer: 'quic.sni; to_lowercase;' },
  { protocol: 'dns', buffer: 'dns.query; to_lowercase;' },
  { protocol: 'http', buffer: 'http.host; to_lowercase;' },
] as const

const JA3 = /^[0-9a-f]{32}$/
const JA4 = /^[a-z0-9]{10}_[0-9a-f]{12}_[0-9a-f]{12}$/

const HEADER =
  '# Rules of Seekwatch for Suricata 7 or newer, made from rule packs. What is changed here is lost with the next export.\n'

/** The file of rules, and the lists that it loads from the folder it lies in. */
export function writeSuricata(entries: readonly Entry[], left: LeftOut): ExportFile[] {
  const writer = new Writer(left)
  for (const ofRule of byRule(entries)) writer.addRule(ofRule)
  return writer.files()
}

class Writer {
  readonly #left: LeftOut
  readonly #sids = new SidBook()
  readonly #lists: ExportFile[] = []
  readonly #lines: string[] = [HEADER]

  constructor(left: LeftOut) {
    this.#left = left
  }

  files(): ExportFile[] {
    return [{ name: 'seekwatch.rules', text: this.#lines.join('') }, ...this.#lists]
  }

  /** All entries of one rule of a pack. */
  addRule(entries: readonly Entry[]): void {
    const { rule, pack } = entries[0]!
    const about = `rule ${plain(rule.id)}, category ${rule.category}, pack ${plain(pack.id)} ${plain(pack.version)}`
    const before = this.#lines.push(`\n# ${about}\n`)
    const { named, others } = splitNames(entries, this.#left)
    // A name below a suffix of the same rule is met by that one already, and one fact shall be one alert.
    const { names } = nameList(named)
    const single = names.filter(({ match }) => match === 'exact')
    const isList = single.length > NAMES_MAX
    for (const name of isList ? names.filter(({ match }) => match === 'suffix') : names) this.#addName(name)
    if (isList) this.#addList(single)
    for (const entry of others) this.#addOther(entry)
    if (this.#lines.length === before) this.#lines.pop()
  }

  #addName(name: NamedEntry): void {
    const excepted = exceptionsBelow(name).map((exception) => nameContent(exception, '!'))
    const contents = ['dotprefix;', nameContent(name, ''), ...excepted].join(' ')
    this.#addForNames(name.entry, this.#sids.first(entryKey(name.entry)), contents, name.value)
  }

  /** Names that stand for themselves alone, in a file of their own: base64, one in a line. */
  #addList(names: readonly NamedEntry[]): void {
    const { entry } = names[0]!
    const id = plain(entry.rule.id)
    const first = this.#sids.first([entry.rule.id, 'list'])
    const file = `seekwatch-${id}.lst`
    this.#lists.push({ name: file, text: names.map(({ value }) => `${btoa(value)}\n`).join('') })
    const hash = 2 ** Math.ceil(Math.log2(Math.max(names.length, LIST_HASH_MIN)))
    // The name of a data set has 63 characters at most, the id of a rule 64.
    const set = `dataset:isset,sw-${id.slice(0, 40)}-${first},type string,load ${file},hashsize ${hash};`
    this.#addForNames(entry, first, set, file)
  }

  #addOther(entry: Entry): void {
    const { indicator } = entry
    if (isNetwork(entry)) this.#addNetwork(entry)
    else if (indicator.kind === 'fronted' && isWellFormed(indicator))
      this.#addForNames(entry, this.#sids.first(entryKey(entry)), frontedContent(indicator), indicator.value)
    else if (indicator.kind === 'user_agent') this.#addUserAgent(entry, indicator)
    else if (indicator.kind === 'fingerprint') this.#addFingerprint(entry, indicator)
    else leaveOut(entry, this.#left)
  }

  /** A rule for each place where a name can stand, numbered from `first`. */
  #addForNames(entry: Entry, first: number, contents: string, shown: string): void {
    NAME_BUFFERS.forEach(({ protocol, buffer }, i) => {
      this.#add(entry, { protocol, content: `${buffer} ${contents}`, sid: first + i }, shown)
    })
  }

  #addNetwork(entry: Entry<NetworkIndicator>): void {
    const ranges = networksOf(entry, this.#left).map(({ text }) => text)
    const first = this.#sids.first(entryKey(entry))
    if (ranges.length > RANGES_MAX * SIDS_PER_ENTRY) {
      this.#left.entry('networks with too many exceptions')
      return
    }
    for (let part = 0; part * RANGES_MAX < ranges.length; part++) {
      const servers = `[${ranges.slice(part * RANGES_MAX, (part + 1) * RANGES_MAX).join(',')}]`
      this.#add(entry, { protocol: 'ip', content: '', sid: first + part, servers }, entry.indicator.value)
    }
  }

  #addUserAgent(entry: Entry, { value }: UserAgentIndicator): void {
    const longest = value.split('*').reduce((a, b) => (b.length > a.length ? b : a))
    if (longest === '') {
      this.#left.entry('user agents that any text meets')
      return
    }
    const content = `content:"${hexBytes(longest)}"; pcre:"/^${wildcardPattern(value, '.*')}$/s";`
    const first = this.#sids.first(entryKey(entry))
    this.#add(entry, { protocol: 'http', content: `http.user_agent; ${content}`, sid: first }, 'user_agent')
    this.#add(entry, { protocol: 'quic', content: `quic.ua; ${content}`, sid: first + 1 }, 'user_agent')
  }

  #addFingerprint(entry: Entry, { value, method }: FingerprintIndicator): void {
    if (!(method === 'ja3' ? JA3 : JA4).test(value)) {
      this.#left.entry('fingerprints that are not of the form of their method')
      return
    }
    const first = this.#sids.first(entryKey(entry))
    const content = `${method === 'ja4' ? 'requires:feature ja4; ' : ''}${method}.hash; content:"${value}";`
    this.#add(entry, { protocol: 'tls', content, sid: first }, value)
    this.#add(entry, { protocol: 'quic', content, sid: first + 1 }, value)
  }

  /** A line; `shown` is what of the entry stands in its metadata. */
  #add(entry: Entry, one: { protocol: string; content: string; sid: number; servers?: string }, shown: string): void {
    const { rule, pack, indicator } = entry
    // A question of DNS goes to a resolver, not to a server that the rule excepts.
    const servers = one.servers ?? (one.protocol === 'dns' ? 'any' : anyBut(rule.unless.networks))
    const options = [
      `msg:"${messageText(rule.title)}";`,
      one.content,
      `classtype:${rule.category === 'service' || rule.category === 'affiliate' ? 'policy-violation' : 'misc-activity'};`,
      `priority:${SEVERITIES.length - SEVERITIES.indexOf(rule.severity)};`,
      `sid:${one.sid};`,
      `rev:${serialOf(pack.version)};`,
      `metadata:${metadata([
        ['seekwatch_rule', rule.id],
        ['seekwatch_indicator', shown],
        ['category', rule.category],
        ['confidence', indicator.confidence],
        ['pack', pack.id],
        ['pack_version', pack.version],
        ...rule.policy.map((id): [string, string] => ['policy', id]),
        ...rule.attack.map((id): [string, string] => ['mitre_technique_id', id]),
      ])};`,
    ]
    const line = options.filter((option) => option !== '').join(' ')
    this.#lines.push(`alert ${one.protocol} ${anyBut(rule.unless.clients)} any -> ${servers} any (${line})\n`)
  }
}

function byRule(entries: readonly Entry[]): Entry[][] {
  const rules = new Map<string, Entry[]>()
  for (const entry of entries) {
    const known = rules.get(entry.rule.id)
    if (known === undefined) rules.set(entry.rule.id, [entry])
    else known.push(entry)
  }
  return [...rules.values()]
}

/** A name in a buffer that begins with a dot; the whole buffer for one that stands for itself alone. */
function nameContent({ value, match }: Name, not: '' | '!'): string {
  return `content:${not}".${value}";${match === 'exact' ? ' startswith;' : ''} endswith;`
}

function frontedContent({ name, cdn, labelsBetween }: FrontedIndicator): string {
  const between = `(?:\\.[^.]+){0,${labelsBetween}}`
  const pattern = `(?:^|\\.)${wildcardPattern(name, '')}${between}\\.${wildcardPattern(cdn, '[^.]*')}$`
  return `content:"${hexBytes(`${name}.`)}"; pcre:"/${pattern}/";`
}

/** `text` for `content`, which has `|2d 3b|` for bytes. */
function hexBytes(text: string): string {
  return text.replace(/[^a-z0-9._/-]+/gi, (some) => `|${Buffer.from(some).toString('hex').replace(/..\B/g, '$& ')}|`)
}

/** Free text for `msg`, on one line. */
function messageText(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').replace(/["\\;:]/g, '\\$&')
}

function metadata(pairs: ReadonlyArray<[string, string]>): string {
  return pairs.map(([key, value]) => `${key} ${plain(value)}`).join(', ')
}

/** What has no form that anything could break out of: letters, digits and a few signs. */
function plain(text: string): string {
  return text.replace(/[^a-z0-9._:/-]/gi, '_')
}

/** Every address but those of `ranges`. */
function anyBut(ranges: readonly string[]): string {
  const known = ranges.map(cidrOf).filter((cidr) => cidr !== null)
  return known.length === 0 ? 'any' : `![${known.map(({ text }) => text).join(',')}]`
}
