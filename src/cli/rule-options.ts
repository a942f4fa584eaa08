/**
 * Which rules are in force, for every command: the options that say it, the
 * rules they mean, and those rules again when they change.
 */

import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import type { CompiledRules } from '../detect/compile.ts'
import type { FreshRules, RuleSource } from '../detect/rule-source.ts'
import type { RuleSet } from '../packs/pack.ts'

export const RULES_SHIPPED = fileURLToPath(new URL('../../rules', import.meta.url))

export interface RuleOptions {
  rules: string
  siteRules?: string
}

/** Adds `--rules` and `--site-rules`. */
export function addRuleOptions(command: Command): Command {
  return command
    .option('--rules <folder>', 'folder with rule packs', RULES_SHIPPED)
    .addOption(
      new Option('--site-rules <folder>', 'folder with packs and overrides of your own').env('SEEKWATCH_SITE_RULES'),
    )
}

/**
 * Everything in the folders; at once where it is what came with the program, which was checked when that was built.
 * @param warn told what does no harm but is not what somebody meant, with its place
 * @throws PackError when anything is wrong
 */
export async function rulesOf({ rules, siteRules }: RuleOptions, warn: (text: string) => void): Promise<RuleSet> {
  if (siteRules === undefined) return (await import('../packs/checked.ts')).readyRules(rules)
  const [{ loadRules }, { problemText }] = await Promise.all([
    import('../packs/load.ts'),
    import('../packs/problem.ts'),
  ])
  return loadRules(rules, siteRules, (warning) => warn(problemText(warning)))
}

/** What a running program needs to change its rules. */
export interface ReloadOptions extends RuleOptions {
  current: CompiledRules
  /** Whether what the server shows of them is wanted, too. */
  isPublished: boolean
  use: (fresh: FreshRules) => void
  /** Takes lines for people: what was added and removed, or why the rules stay. */
  say: (text: string, isProblem: boolean) => void
}

/** The rules of the folders, to be read again. A wrong pack is told and changes nothing. */
export async function ruleSource(options: ReloadOptions): Promise<RuleSource> {
  const { rules, siteRules, current, isPublished, use, say } = options
  const [{ RuleSource }, { changeText }] = await Promise.all([
    import('../detect/rule-source.ts'),
    import('../detect/rule-change.ts'),
  ])
  return new RuleSource({
    folder: rules,
    site: siteRules,
    current,
    isPublished,
    onRules: (fresh) => {
      use(fresh)
      say(`the rules were read again: ${changeText(fresh.change)}`, false)
    },
    onProblem: (message) =>
      say(`the rules stay what they were, because those in the folder are wrong:\n${message}`, true),
    onWarning: (message) => say(message, true),
  })
}
