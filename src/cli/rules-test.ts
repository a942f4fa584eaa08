/** `seekwatch rules test`: which rules something would meet that was seen on the wire, why, and how sure an alert could be. */

import { Command } from 'commander'
import { type Cidr, parseCidr } from '../bytes/cidr.ts'
import { printable } from '../bytes/text.ts'
import type { Basis } from '../detect/confidence.ts'
import type { Match } from '../detect/match.ts'
import type { IndicatorRef } from '../events/alert.ts'
import type { Indicator, RuleSet } from '../packs/pack.ts'
import type { Asked, Whereabouts } from './asked.ts'
import { addRuleOptions, type RuleOptions, rulesOf } from './rule-options.ts'
import { UsageError } from './usage-error.ts'

/** The command, to be added to `rules`. */
export function testCommand(): Command {
  return addRuleOptions(new Command('test'))
    .description('Says which rules something would meet, why, and how sure an alert could be at most.')
    .argument(
      '[what]',
      'a domain name, an IPv4 or IPv6 address, a range (192.0.2.0/24), what was pasted with one in it (https://...), an autonomous system (AS55990), a country (CN), a JA3 or JA4 fingerprint',
    )
    .option('--user-agent <text>', 'a user agent, whole, instead')
    .option('--json', 'print it as one JSON object')
    .action(test)
}

interface TestOptions extends RuleOptions {
  userAgent?: string
  json?: boolean
}

interface Met {
  pack: string
  rule: string
  title: string
  category: string
  severity: string
  alerts: string
  indicator: Pick<IndicatorRef, 'kind' | 'value' | 'role' | 'confidence' | 'sources'> & { seen: string }
  policies: string[]
}

/** An entry that is met, what an alert would rest on, and for which part of what was asked, if not for all. */
interface Found extends Pick<Match, 'pack' | 'rule'> {
  indicator: Indicator
  basis: Basis
  part: string
}

type Question = Asked | { userAgent: string }

/** What an alert that rests on it has seen. */
const SEEN: Partial<Record<Basis, string>> = {
  visible_name: 'the name in a hello or request, and an answer',
  certificate: 'the name in a certificate that names nothing else',
  own_address: 'the address without a visible name',
  hosting_network: 'an address there without a visible name',
  user_agent: 'in a request that can be read, or in a QUIC hello; any program can say so',
  fingerprint: 'in the hello of a client; other programs may have it, too',
}

async function test(given: string | undefined, options: TestOptions): Promise<void> {
  const [question, { confidenceOf }] = await Promise.all([
    questionOf(given, options),
    import('../detect/confidence.ts'),
  ])
  const set = await rulesOf(options, (text) => process.stderr.write(`${text}\n`))
  const tested = testedText(question)
  const found =
    'range' in question
      ? inRange(set, question.range)
      : 'where' in question
        ? inNetworks(set, question.where)
        : await metBy(set, question)
  const met = found.map(({ pack, rule, indicator, basis, part }): Met => {
    const { kind, value, role, confidence, sources, seen } = indicator
    const isShared = indicator.kind === 'network' && indicator.shared
    const most = confidenceOf(basis, true, confidence, rule.category)
    return {
      pack: `${pack.id} ${pack.version}`,
      rule: rule.id,
      title: rule.title,
      category: rule.category,
      severity: rule.severity,
      alerts: rule.strengthens
        ? `never alone; strengthens ${rule.strengthens.rules.join(', ')}`
        : isShared
          ? `never alone: others answer on the address, too${part}`
          : rule.needs
            ? `only beside ${rule.needs.rules.join(', ')}`
            : `yes, confidence ${most} at most: ${SEEN[basis]!}${part}`,
      indicator: { kind, value, role, confidence, sources, seen },
      policies: rule.policy,
    }
  })
  const never = 'name' in question ? mustNot(set, question.name) : []
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ asked: given ?? tested, tested, matches: met, never })}\n`)
    return
  }
  if (given !== undefined && tested !== given) process.stderr.write(`seekwatch: tested ${tested}\n`)
  for (const text of never) process.stderr.write(`seekwatch: ${printable(text)}\n`)
  process.stdout.write(met.length === 0 ? `${printable(tested)} meets no rule\n` : met.map(metText).join('\n'))
}

async function questionOf(given: string | undefined, { userAgent }: TestOptions): Promise<Question> {
  if (given === undefined && !userAgent)
    throw new UsageError(
      'rules test: write what to test: a name, an address, AS55990, a fingerprint, or --user-agent TEXT',
    )
  if (given !== undefined && userAgent !== undefined)
    throw new UsageError(`rules test: "${printable(given)}" and --user-agent are two questions; ask one at a time`)
  return userAgent === undefined ? (await import('./asked.ts')).readAsked(given!) : { userAgent }
}

/** What is tested, in one form however it was written. */
function testedText(question: Question): string {
  if ('address' in question) return question.address.text.split('/')[0]!
  if ('range' in question) return question.range.text
  if ('where' in question) return whereText(question.where)
  return Object.values(question)[0]!
}

/** As the entries of packs are shown: `CN AS55990`, `CN`, `AS55990`. */
function whereText({ country, asn }: Whereabouts): string {
  return [country, asn === 0 ? '' : `AS${asn}`].filter((part) => part !== '').join(' ')
}

/** What something meets that is seen as a whole. */
async function metBy(
  set: RuleSet,
  question: Exclude<Question, { range: Cidr } | { where: Whereabouts }>,
): Promise<Found[]> {
  const [{ compileRules }, { Matcher }] = await Promise.all([
    import('../detect/compile.ts'),
    import('../detect/match.ts'),
  ])
  const matcher = new Matcher(compileRules(set))
  const found = (basis: Basis, matches: Match[]): Found[] => matches.map((match) => ({ ...match, basis, part: '' }))
  if ('name' in question)
    return [
      ...found('visible_name', matcher.byName(question.name)),
      ...found('certificate', matcher.byCertificate(question.name)),
    ]
  if ('userAgent' in question) return found('user_agent', matcher.byUserAgent(question.userAgent))
  if ('ja3' in question) return found('fingerprint', matcher.byFingerprint(question.ja3, ''))
  if ('ja4' in question) return found('fingerprint', matcher.byFingerprint('', question.ja4))
  const { start, family } = question.address
  const address = Buffer.from(start.toString(16).padStart(family === 4 ? 8 : 32, '0'), 'hex')
  const networks = (await import('../enrich/networks.ts')).loadNetworks()
  const country = networks.country(address, 0, address.length)
  const asn = networks.asn(address, 0, address.length)?.asn ?? 0
  return [
    ...found('own_address', matcher.byAddress(address, 0, address.length)),
    ...found('hosting_network', matcher.byHosting(country, asn)),
  ]
}

/** The entries that have an address in common with a range. */
function inRange(set: RuleSet, range: Cidr): Found[] {
  return entriesOf(set, 'own_address', (indicator) => {
    if (indicator.kind !== 'network') return null
    const { family, start, end } = parseCidr(indicator.value)
    if (family !== range.family || end < range.start || start > range.end) return null
    return start <= range.start && range.end <= end ? '' : ', for a part of the range'
  })
}

/** The entries for hosting networks that may have an address in common with a system, a country, or one in the other. */
function inNetworks(set: RuleSet, { country, asn }: Whereabouts): Found[] {
  return entriesOf(set, 'hosting_network', (indicator) => {
    if (indicator.kind !== 'hosting') return null
    const isElsewhere = country !== '' && indicator.country !== '' && country !== indicator.country
    const isOther = asn !== 0 && indicator.asn !== 0 && asn !== indicator.asn
    if (isElsewhere || isOther) return null
    const more = whereText({
      country: country === '' ? indicator.country : '',
      asn: asn === 0 ? indicator.asn : 0,
    })
    return more === '' ? '' : `, as far as it is in ${more}`
  })
}

/** The entries of all rules for which `partOf` is not null: empty, or the part of what was asked that they meet. */
function entriesOf({ packs }: RuleSet, basis: Basis, partOf: (indicator: Indicator) => string | null): Found[] {
  return packs.flatMap((pack) =>
    pack.rules.flatMap((rule) =>
      rule.indicators.flatMap((indicator): Found[] => {
        const part = partOf(indicator)
        return part === null ? [] : [{ pack, rule, indicator, basis, part }]
      }),
    ),
  )
}

/** What says that the name must raise no alert. */
function mustNot({ never }: RuleSet, name: string): string[] {
  return never
    .filter(({ value, match }) => name === value || (match === 'suffix' && name.endsWith(`.${value}`)))
    .map(({ value, categories, why }) => `${value} must raise no alert of ${categories.join(', ')}: ${why}`)
}

function metText({ pack, rule, title, category, severity, alerts, indicator, policies }: Met): string {
  const lines = [
    `${rule} (${pack}): ${title}`,
    `  entry       ${indicator.kind} ${indicator.value}: ${indicator.role}`,
    `  sure        ${indicator.confidence}${indicator.seen === '' ? '' : `, seen ${indicator.seen}`}`,
    `  alert       ${alerts}`,
    `  category    ${category}, severity ${severity}`,
    ...(policies.length > 0 ? [`  policies    ${policies.join(', ')}`] : []),
    ...indicator.sources.map((source, i) => `  ${i === 0 ? 'sources     ' : '            '}${source}`),
  ]
  return `${lines.join('\n')}\n`
}
