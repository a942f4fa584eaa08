/** `seekwatch rules test`: which rules a name, an address or a range would meet, why, and how sure an alert could be. */

import { Command } from 'commander'
import { type Cidr, parseCidr } from '../bytes/cidr.ts'
import { printable } from '../bytes/text.ts'
import type { Match } from '../detect/match.ts'
import type { IndicatorRef } from '../events/alert.ts'
import type { Indicator, RuleSet } from '../packs/pack.ts'
import { addRuleOptions, type RuleOptions, rulesOf } from './rule-options.ts'

/** The command, to be added to `rules`. */
export function testCommand(): Command {
  return addRuleOptions(new Command('test'))
    .description('Says which rules a name or an address would meet, why, and how sure an alert could be at most.')
    .argument(
      '<name-or-address>',
      'a domain name, an IPv4 or IPv6 address, a range (192.0.2.0/24), or what was pasted with one in it (https://...)',
    )
    .option('--json', 'print it as one JSON object')
    .action(test)
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

type Found = Pick<Match, 'pack' | 'rule'> & { indicator: Indicator; how: string; isAddress: boolean }

async function test(given: string, options: RuleOptions & { json?: boolean }): Promise<void> {
  const [{ readAsked }, { confidenceOf }] = await Promise.all([import('./asked.ts'), import('../detect/confidence.ts')])
  const asked = readAsked(given)
  const set = await rulesOf(options, (text) => process.stderr.write(`${text}\n`))
  const tested =
    'name' in asked ? asked.name : 'address' in asked ? asked.address.text.split('/')[0]! : asked.range.text
  const found =
    'range' in asked ? overlaps(set, asked.range) : await metBy(set, 'name' in asked ? asked.name : asked.address)
  const met = found.map(({ pack, rule, indicator, how, isAddress }): Met => {
    const { kind, value, role, confidence, sources, seen } = indicator
    const isShared = indicator.kind === 'network' && indicator.shared
    const basis = kind === 'network' ? 'own_address' : kind === 'hosting' ? 'hosting_network' : 'visible_name'
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
          ? `never alone: others answer on the address, too${how}`
          : rule.needs
            ? `only beside ${rule.needs.rules.join(', ')}`
            : `yes, confidence ${most} at most: ${isAddress ? 'the address without a visible name' : 'the name in a hello or request, and an answer'}${how}`,
      indicator: { kind, value, role, confidence, sources, seen },
      policies: rule.policy,
    }
  })
  const never = 'name' in asked ? mustNot(set, asked.name) : []
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ asked: given, tested, matches: met, never })}\n`)
    return
  }
  if (tested !== given) process.stderr.write(`seekwatch: tested ${tested}\n`)
  for (const text of never) process.stderr.write(`seekwatch: ${printable(text)}\n`)
  process.stdout.write(met.length === 0 ? `${tested} meets no rule\n` : met.map(metText).join('\n'))
}

/** What a name or an address meets. */
async function metBy(set: RuleSet, asked: string | Cidr): Promise<Found[]> {
  const [{ compileRules }, { Matcher }, { loadNetworks }] = await Promise.all([
    import('../detect/compile.ts'),
    import('../detect/match.ts'),
    import('../enrich/networks.ts'),
  ])
  const matcher = new Matcher(compileRules(set))
  if (typeof asked === 'string') {
    return [
      ...matcher.byName(asked).map((match) => ({ ...match, how: '', isAddress: false })),
      ...matcher.byCertificate(asked).map((match) => ({ ...match, how: ', in a certificate only', isAddress: false })),
    ]
  }
  const address = Buffer.from(asked.start.toString(16).padStart(asked.family === 4 ? 8 : 32, '0'), 'hex')
  const networks = loadNetworks()
  const country = networks.country(address, 0, address.length)
  const asn = networks.asn(address, 0, address.length)?.asn ?? 0
  return [...matcher.byAddress(address, 0, address.length), ...matcher.byHosting(country, asn)].map((match) => ({
    ...match,
    how: '',
    isAddress: true,
  }))
}

/** The entries that have an address in common with a range. */
function overlaps({ packs }: RuleSet, range: Cidr): Found[] {
  return packs.flatMap((pack) =>
    pack.rules.flatMap((rule) =>
      rule.indicators.flatMap((indicator): Found[] => {
        if (indicator.kind !== 'network') return []
        const { family, start, end } = parseCidr(indicator.value)
        if (family !== range.family || end < range.start || start > range.end) return []
        const isAll = start <= range.start && range.end <= end
        return [{ pack, rule, indicator, isAddress: true, how: isAll ? '' : ', for a part of the range' }]
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
