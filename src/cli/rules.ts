/** `seekwatch rules`: what the rule packs hold, whether they are right, and what a name or an address would meet. */

import { Command, Option } from 'commander'
import { printable } from '../bytes/text.ts'
import type { Match } from '../detect/match.ts'
import type { IndicatorRef } from '../events/alert.ts'
import type { RuleSet } from '../packs/pack.ts'
import { columnLines } from './columns.ts'
import { addRuleOptions, type RuleOptions, rulesOf } from './rule-options.ts'
import { exportCommand } from './rules-export.ts'
import { UsageError } from './usage-error.ts'

const MAX_AGE_DAYS = 730
const DAY_CHARACTERS = 10

interface JsonOption {
  json?: boolean
}

/** The command with its subcommands, to be added to the program. */
export function rulesCommand(): Command {
  return new Command('rules')
    .description('Checks, lists, tests and exports the rule packs.')
    .addCommand(checkCommand())
    .addCommand(listCommand())
    .addCommand(testCommand())
    .addCommand(exportCommand())
}

function checkCommand(): Command {
  return addRuleOptions(new Command('check'))
    .description('Reads the rule packs and says what is wrong, with file, line, column and what to write instead.')
    .addOption(
      new Option('--max-age <days>', 'say which entries were last seen longer ago')
        .default(MAX_AGE_DAYS)
        .argParser(days),
    )
    .option('--json', 'print the findings as one JSON object')
    .addHelpText(
      'after',
      `
What is wrong keeps the packs from being used: exit code 2. What is told besides does no harm to the sensor: entries
that can never answer or alert twice, ids that lead nowhere, old entries and days to come. An entry that would meet a
name that must raise no alert, or a good part of the internet, is told with exit code 2 as well.`,
    )
    .action(check)
}

async function check(options: RuleOptions & JsonOption & { maxAge: number }): Promise<void> {
  const { checkRules } = await import('../packs/check.ts')
  const warnings: string[] = []
  const set = await rulesOf(options, (text) => warnings.push(text))
  const findings = checkRules(set, new Date().toISOString().slice(0, DAY_CHARACTERS), options.maxAge)
  const rules = set.packs.flatMap((pack) => pack.rules)
  const entries = rules.reduce((sum, { indicators }) => sum + indicators.length, 0)
  const isWrong = findings.some(({ kind }) => kind === 'never' || kind === 'wide')
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ packs: set.packs.length, rules: rules.length, entries, warnings, findings })}\n`,
    )
  } else {
    for (const text of warnings) process.stderr.write(`${text}\n`)
    for (const { pack, rule, entry, kind, message } of findings)
      process.stderr.write(
        `${[pack, rule].filter((id) => id !== '').join(': ')}: ${entry === '' ? '' : `${printable(entry)} `}${message} [${kind}]\n`,
      )
    const told = findings.length + warnings.length
    process.stderr.write(
      `seekwatch: ${set.packs.length} packs with ${rules.length} rules and ${entries} entries, ${told === 0 ? 'all right' : `${told} things to look at`}\n`,
    )
  }
  if (isWrong) process.exitCode = 2
}

function listCommand(): Command {
  return addRuleOptions(new Command('list'))
    .description('Lists the rules, how many entries of each kind they have, and the policies that they cite.')
    .option('--json', 'print everything that the packs hold as one JSON object')
    .action(list)
}

async function list(options: RuleOptions & JsonOption): Promise<void> {
  const set = await rulesOf(options, (text) => process.stderr.write(`${text}\n`))
  if (options.json) {
    process.stdout.write(`${JSON.stringify(set)}\n`)
    return
  }
  const rows = set.packs.flatMap((pack) =>
    pack.rules.map(({ id, service, category, severity, indicators, strengthens, needs, policy }) => [
      `${pack.id} ${pack.version}`,
      id,
      service,
      category,
      severity,
      kindCounts(indicators.map(({ kind }) => kind)),
      strengthens ? `strengthens ${strengthens.rules.join(' ')}` : needs ? `needs ${needs.rules.join(' ')}` : '',
      policy.join(' '),
    ]),
  )
  const titles = ['pack', 'rule', 'service', 'category', 'severity', 'entries', 'beside others', 'policies']
  const width = process.stdout.isTTY ? process.stdout.columns : null
  const lines = columnLines(
    titles.map((title) => ({ title, isFlexible: title === 'entries' || title === 'policies' })),
    rows,
    width,
  )
  process.stdout.write([...lines, ...policyLines(set, width)].join(''))
}

/** The policies, cited or not, below an empty line. */
function policyLines({ packs, policies }: RuleSet, width: number | null): string[] {
  if (policies.length === 0) return []
  const cited = new Map<string, string[]>()
  for (const { id, policy } of packs.flatMap((pack) => pack.rules))
    for (const one of policy) cited.set(one, [...(cited.get(one) ?? []), id])
  const rows = policies.map(({ id, date, country, authority, title, scope }) => [
    id,
    date,
    `${authority} (${country})`,
    title,
    cited.get(id)?.join(' ') ?? '',
    scope,
  ])
  const titles = ['policy', 'since', 'authority', 'title', 'cited by', 'scope']
  const columns = titles.map((title) => ({ title, isFlexible: title !== 'policy' && title !== 'since' }))
  return ['\n', ...columnLines(columns, rows, width)]
}

function kindCounts(kinds: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}

function testCommand(): Command {
  return addRuleOptions(new Command('test'))
    .description('Says which rules a name or an address would meet, why, and how sure an alert could be at most.')
    .argument('<name-or-address>', 'a domain name, or an IPv4 or IPv6 address')
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

async function test(asked: string, options: RuleOptions & JsonOption): Promise<void> {
  const [{ compileRules }, { confidenceOf }, { Matcher }, { nameProblem }, { parseRange }, { loadNetworks }] =
    await Promise.all([
      import('../detect/compile.ts'),
      import('../detect/confidence.ts'),
      import('../detect/match.ts'),
      import('../packs/domain-name.ts'),
      import('../bytes/cidr.ts'),
      import('../enrich/networks.ts'),
    ])
  const set = await rulesOf(options, (text) => process.stderr.write(`${text}\n`))
  const matcher = new Matcher(compileRules(set))
  const isAddress = asked.includes(':') || /^[0-9.]+$/.test(asked)
  let matches: Match[]
  if (isAddress) {
    const address = addressBytes(asked, parseRange)
    const networks = loadNetworks()
    const country = networks.country(address, 0, address.length)
    const asn = networks.asn(address, 0, address.length)?.asn ?? 0
    matches = [...matcher.byAddress(address, 0, address.length), ...matcher.byHosting(country, asn)]
  } else {
    const problem = nameProblem(asked)
    if (problem !== '') throw new UsageError(`rules test: "${printable(asked)}" ${problem}`)
    matches = matcher.byName(asked)
  }
  const met = matches.map(({ pack, rule, indicator }): Met => {
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
          ? 'never alone: others answer on the address, too'
          : rule.needs
            ? `only beside ${rule.needs.rules.join(', ')}`
            : `yes, confidence ${most} at most: ${isAddress ? 'the address without a visible name' : 'the name in a hello or request, and an answer'}`,
      indicator: { kind, value, role, confidence, sources, seen },
      policies: rule.policy,
    }
  })
  if (options.json) process.stdout.write(`${JSON.stringify({ asked, matches: met })}\n`)
  else process.stdout.write(met.length === 0 ? `${printable(asked)} meets no rule\n` : met.map(metText).join('\n'))
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

function addressBytes(
  asked: string,
  parse: (text: string) => { family: 4 | 6; start: bigint; end: bigint },
): Uint8Array {
  try {
    const { family, start, end } = parse(asked)
    if (start !== end) throw new RangeError('is a range; write one address of it')
    return Buffer.from(start.toString(16).padStart(family === 4 ? 8 : 32, '0'), 'hex')
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UsageError(`rules test: "${printable(asked)}" ${error.message}`, { cause: error })
  }
}

function days(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new UsageError(`--max-age: "${printable(text)}" is no number of days; write 365`)
  return Number(text)
}
