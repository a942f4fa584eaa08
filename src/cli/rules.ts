/** `seekwatch rules`: what the rule packs hold, and whether they are right. One function per subcommand. */

import { Command } from 'commander'
import { RULES_SHIPPED } from './rule-options.ts'
import { exportCommand } from './rules-export.ts'

interface CheckOptions {
  rules: string
}

/** The command with its subcommands, to be added to the program. */
export function rulesCommand(): Command {
  return new Command('rules')
    .description('Checks, lists, tests and exports the rule packs.')
    .addCommand(checkCommand())
    .addCommand(exportCommand())
}

function checkCommand(): Command {
  return new Command('check')
    .description('Reads the rule packs and says what is wrong, with file, line, column and what to write instead.')
    .option('--rules <folder>', 'folder with rule packs', RULES_SHIPPED)
    .action(check)
}

async function check({ rules }: CheckOptions): Promise<void> {
  const { loadPacks } = await import('../packs/load.ts')
  const packs = loadPacks(rules)
  const all = packs.flatMap((pack) => pack.rules)
  const entries = all.reduce((sum, { indicators }) => sum + indicators.length, 0)
  process.stderr.write(`seekwatch: ${packs.length} packs with ${all.length} rules and ${entries} entries, all right\n`)
}
