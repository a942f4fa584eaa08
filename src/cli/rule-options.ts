/** Where rules come from: the options that say it, the rules they mean, and those rules again when they change. */

import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import type { CompiledRules } from '../detect/compile.ts'
import type { RuleSource } from '../detect/rule-source.ts'
import type { Pack, RuleSet } from '../packs/pack.ts'

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
 * Everything in the folders.
 * @param warn told what does no harm but is not what somebody meant, with its place
 * @throws PackError when anything is wrong
 */
export async function rulesOf({ rules, siteRules }: RuleOptions, warn: (text: string) => void): Promise<RuleSet> {
  const [{ loadRules }, { problemText }] = await Promise.all([
    import('../packs/load.ts'),
    import('../packs/problem.ts'),
  ])
  return loadRules(rules, siteRules, (warning) => warn(problemText(warning)))
}

/** The packs alone, at once where they are those that came with the program; see `rulesOf`. */
export async function packsOf(options: RuleOptions, warn: (text: string) => void): Promise<Pack[]> {
  if (options.siteRules !== undefined) return (await rulesOf(options, warn)).packs
  const { readyPacks } = await import('../packs/checked.ts')
  return readyPacks(options.rules)
}

/** What a running sensor needs to change its rules. */
export interface ReloadOptions extends RuleOptions {
  current: CompiledRules
  use: (rules: CompiledRules) => void
  /** Takes lines for people: what was added and removed, or why the rules stay. */
  say: (text: string, isProblem: boolean) => void
}

/** The rules of the folders, to be read again. A wrong pack is told and changes nothing. */
export async function ruleSource({ rules, siteRules, current, use, say }: ReloadOptions): Promise<RuleSource> {
  const [{ RuleSource }, { changeText }] = await Promise.all([
    import('../detect/rule-source.ts'),
    import('../detect/rule-change.ts'),
  ])
  return new RuleSource({
    folder: rules,
    site: siteRules,
    current,
    onRules: (fresh, change) => {
      use(fresh)
      say(`the rules were read again: ${changeText(change)}`, false)
    },
    onProblem: (message) =>
      say(`the rules stay what they were, because those in the folder are wrong:\n${message}`, true),
    onWarning: (message) => say(message, true),
  })
}
