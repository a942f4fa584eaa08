/** `seekwatch alerts show`: all that is known of one alert. */

import { Command, Option } from 'commander'
import { printable } from '../bytes/text.ts'
import type { Alert } from '../events/alert.ts'
import type { Policy } from '../events/rules.ts'
import { PackError } from '../packs/problem.ts'
import type { Store } from '../store/store.ts'
import { jsonLine } from './alerts-format.ts'
import { addRuleOptions, type RuleOptions, rulesOf } from './rule-options.ts'
import { UsageError } from './usage-error.ts'

/** Ids that are told when a beginning fits several alerts. */
const IDS_SHOWN = 5
const ID_CHARACTERS_MAX = 100

interface ShowOptions extends RuleOptions {
  db?: string
  format: 'text' | 'json'
}

/** The command, to be added to `alerts`. */
export function showCommand(): Command {
  return addRuleOptions(new Command('show'))
    .description(
      'Shows all that is known of one alert: why, evidence, policies, contact, exemption, who changed its state.',
    )
    .argument('<id>', 'its id, as "seekwatch alerts" and EVE (seekwatch.id) give it, or a beginning that no other has')
    .addOption(new Option('--format <format>', 'text, or the record').choices(['text', 'json']).default('text'))
    .option('--db <file>', 'database that holds it (default: "seekwatch.db")')
    .action(show)
}

async function show(id: string, options: ShowOptions, command: Command): Promise<void> {
  const [{ openStore }, { alertLines }] = await Promise.all([import('../store/store.ts'), import('./alert-print.ts')])
  // "alerts --db FILE show ID" means the same
  const db = options.db ?? command.parent?.opts<{ db: string }>().db ?? 'seekwatch.db'
  const store = openStore(db, { readonly: true })
  try {
    const alert = alertOf(store, id.trim(), db)
    if (options.format === 'json') {
      process.stdout.write(jsonLine(alert))
      return
    }
    const around = {
      contact: store.contacts({ contact: alert.contact, limit: 1 }).contacts[0] ?? null,
      exemption: alert.exemption === undefined ? null : store.exemption(alert.exemption),
      policies: await policiesOf(options),
      audit: store.auditEntries({ subject: alert.id }),
    }
    const width = process.stdout.isTTY ? process.stdout.columns : null
    process.stdout.write(alertLines(alert, around, width).join(''))
  } finally {
    store.close()
  }
}

/** The alert with this id, or the only one whose id begins like this. Throws UsageError. */
export function alertOf(store: Store, id: string, db: string): Alert {
  const shown = printable(id.slice(0, ID_CHARACTERS_MAX))
  const found = id === '' ? [] : store.alertsById(id, IDS_SHOWN + 1)
  const [first] = found
  if (first === undefined)
    throw new UsageError(`${db}: there is no alert "${shown}"; "seekwatch alerts --db ${db}" lists them`)
  if (found.length === 1 || first.id === id) return first
  const ids = found.slice(0, IDS_SHOWN).map((alert) => printable(alert.id))
  const more = found.length > IDS_SHOWN ? ', and more' : ''
  throw new UsageError(`${db}: several alerts begin with "${shown}": ${ids.join(', ')}${more}; write more of it`)
}

/** What the policies that alerts cite say. Wrong packs are told, and do not keep an alert from being shown. */
async function policiesOf(options: RuleOptions): Promise<readonly Policy[]> {
  try {
    return (await rulesOf(options, () => {})).policies
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    process.stderr.write(
      `seekwatch: what policies say is not shown, because the rule packs cannot be used:\n${error.message}\n`,
    )
    return []
  }
}
