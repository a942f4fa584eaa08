/** `seekwatch rules`: what the rule packs hold, whether they are right, and what a name or an address would meet. */

import { Command, Option } from 'commander'
import { printable } from '../bytes/text.ts'
import type { RuleSet } from '../packs/pack.ts'
import { columnLines } from './columns.ts'
import { counted } from './counted.ts'
import { addRuleOptions, type RuleOptions, rulesOf } from './rule-options.ts'
import { exportCommand } from './rules-export.ts'
import { testCommand } from './rules-test.ts'
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
    .allowExcessArguments()
    .action(check)
}

async function check(options: RuleOptions & JsonOption & { maxAge: number }, { args }: Command): Promise<void> {
  refuseFolder('check', args)
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
      `seekwatch: ${counted(set.packs.length, 'pack')} with ${counted(rules.length, 'rule')} and ${counted(entries, 'entry', 'entries')}, ${told === 0 ? 'all right' : `${counted(told, 'thing')} to look at`}\n`,
    )
  }
  if (isWrong) process.exitCode = 2
}

/** A folder without its option is what people write first. */
function refuseFolder(command: string, [folder]: readonly string[]): void {
  if (folder === undefined) return
  const shown = printable(folder)
  throw new UsageError(
    `rules ${command}: "${shown}" has no place; write --site-rules ${shown} for packs beside ours, --rules ${shown} for those of this folder alone`,
  )
}

function listCommand(): Command {
  return addRuleOptions(new Command('list'))
    .description('Lists the rules, how many entries of each kind they have, and the policies that they cite.')
    .option('--json', 'print everything that the packs hold as one JSON object')
    .allowExcessArguments()
    .action(list)
}

async function list(options: RuleOptions & JsonOption, { args }: Command): Promise<void> {
  refuseFolder('list', args)
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

function days(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new UsageError(`--max-age: "${printable(text)}" is no number of days; write 365`)
  return Number(text)
}
