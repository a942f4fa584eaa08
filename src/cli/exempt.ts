/** `seekwatch exempt`: who may contact a watched service for a while, on record. One function per subcommand. */

import { existsSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { printable } from '../bytes/text.ts'
import { microseconds } from '../bytes/time.ts'
import { CATEGORIES } from '../events/alert.ts'
import type { Preview } from '../events/api.ts'
import { EXEMPTION_KINDS, type ExemptionDraft } from '../events/exemption.ts'
import type { Store } from '../store/store.ts'
import { jsonLine, tableLines } from './alerts-format.ts'
import type { AuthorOptions } from './author.ts'
import { counted } from './counted.ts'
import type { DraftOptions } from './exempt-form.ts'
import { auditLines, listLines, showLines, spanText, warnings } from './exempt-print.ts'
import { addRuleOptions, type RuleOptions, rulesOf } from './rule-options.ts'
import { UsageError } from './usage-error.ts'
import { whole } from './whole.ts'

const DB_DEFAULT = 'seekwatch.db'
const DAYS_DEFAULT = 30
const DAYS_MAX = 36_500
const DAY_US = 86_400e6
const AUDIT_ROWS_MAX = 1000

interface DbOptions {
  db: string
}

interface AddOptions extends DraftOptions, AuthorOptions, DbOptions, RuleOptions {
  preview?: boolean
  days: number
  json?: boolean
}

/** The command with its subcommands, to be added to the program. */
export function exemptCommand(): Command {
  return new Command('exempt')
    .description('Exempts clients from being alerted on, for a while and on record; alerts are kept and shown apart.')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(endCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(auditCommand())
}

function addCommand(): Command {
  return addRuleOptions(new Command('add'))
    .description('Puts an exemption on record. Alerts of it that are stored and new become exempt, too.')
    .option('--client <address>', 'address of the client, or a network: 192.0.2.7, 10.1.2.0/24', once('client'))
    .option('--mac <address>', 'hardware address of the client', once('mac'))
    .option('--name <name>', 'name that alerts show for the client', once('name'))
    .option('--everyone', 'all clients; has to be said where no client is named')
    .option('--rule <id>', 'only alerts of this rule', once('rule'))
    .option('--category <category>', `only alerts of this category: ${CATEGORIES.join(', ')}`, once('category'))
    .option('--indicator <value>', 'only alerts by this entry of a pack: deepseek.com', once('indicator'))
    .option(
      '--network <network>',
      'only servers there: an address, a network, AS64500, or a country: CN',
      once('network'),
    )
    .option('--kind <kind>', EXEMPTION_KINDS.join(', '), once('kind'))
    .option('--reason <text>', 'why', once('reason'))
    .option('--owner <name>', 'person or team that answers for it', once('owner'))
    .option('--ticket <number>', 'where it was asked for', once('ticket'))
    .option('--start <time>', 'when it begins; now when left out', once('start'))
    .option('--end <time>', 'when it is over; a day is covered to its last moment', once('end'))
    .option('--preview', 'say which alerts it would have covered, and add nothing')
    .option('--days <count>', 'how many days --preview looks back', whole('--days', DAYS_MAX), DAYS_DEFAULT)
    .option('--by <name>', 'who adds it; the name of your account when left out')
    .option('--note <text>', 'a note for the log')
    .option('--json', 'print the exemption, or what the preview found, as one JSON object')
    .option('--db <file>', 'database it is kept in', DB_DEFAULT)
    .addHelpText('after', ADD_NOTES)
    .action(add)
}

const ADD_NOTES = `
All parts that are given must hold. An alert is covered when all of it, from its first packet to its last,
lies inside the time; one that goes on after the end is not. Times are RFC 3339, or without a zone those of
this machine.

  seekwatch exempt add --client 10.1.2.7 --kind research --owner "Red team" --reason "Study of the app" \\
      --end 2026-12-24 --preview`

async function add(options: AddOptions): Promise<void> {
  const [{ draftOf, optionText, unknownParts }, { authorOf, told }, { newExemption }, { openStore }] =
    await Promise.all([
      import('./exempt-form.ts'),
      import('./author.ts'),
      import('../store/exemptions.ts'),
      import('../store/store.ts'),
    ])
  const { coverTest } = await import('../detect/exemption.ts')
  const draft = draftOf(options)
  const author = authorOf(options)
  if (draft.scope.rule !== undefined || draft.scope.indicator !== undefined) {
    const { packs } = await rulesOf(options, say)
    const unknown = unknownParts(draft, packs, [options.rules, options.siteRules])
    if (unknown.length > 0) throw new UsageError(unknown.map(optionText).join('\nseekwatch: '))
  }
  const isNew = !existsSync(options.db)
  const store = openStore(options.db)
  try {
    if (isNew) say(`take care: ${printable(options.db)} was not there, and is a new database now`)
    const preview = store.previewExemption(draft, Date.now() * 1000 - options.days * DAY_US, coverTest)
    if (options.preview) {
      printPreview(store, draft, preview, options)
      return
    }
    const exemption = newExemption(draft, author)
    const covered = await inAll(
      store,
      told(() => store.addExemptions([exemption], author, coverTest)),
    )
    process.stdout.write(options.json ? jsonLine(exemption) : `${exemption.id}\n`)
    sayAll(draft, preview)
    say(`${counted(covered, 'stored alert')} made exempt; "seekwatch exempt end ${exemption.id}" ends it`)
  } finally {
    store.close()
  }
}

function printPreview(store: Store, draft: ExemptionDraft, preview: Preview, { json, days: count }: AddOptions): void {
  const { total, clients, now, looked_at, has_older, alerts } = preview
  if (json) process.stdout.write(jsonLine(preview))
  else if (total > 0) process.stdout.write(tableLines(alerts.toReversed(), terminalWidth(), false).join(''))
  sayAll(draft, preview)
  if (alerts.length < total) say(`the newest ${alerts.length} of ${total} are shown`)
  say(
    `it would have covered ${total} of ${counted(looked_at, 'alert')}, of ${counted(clients, 'client')}, in the last ${counted(count, 'day')}`,
  )
  if (has_older) say(`take care: only the newest ${looked_at} of these days were looked at, so it may be more`)
  const newest = store.overview().last_seen
  if (total === 0 && newest !== null && microseconds(newest) < Date.now() * 1000 - count * DAY_US) {
    const back = Math.ceil((Date.now() * 1000 - microseconds(newest)) / DAY_US) + count
    say(`the newest alert of the database is of ${newest.slice(0, 10)}: --days ${back} looks that far back`)
  }
  say(`${counted(now, 'stored alert')} would be exempt at once; nothing was added`)
}

function sayAll(draft: ExemptionDraft, preview: Preview): void {
  say(spanText(draft))
  for (const warning of warnings(draft, preview)) say(`take care: ${warning}`)
}

function listCommand(): Command {
  return new Command('list')
    .description('Lists the exemptions: what holds now, what is planned, what has ended.')
    .addOption(new Option('--format <format>', 'how to print them').choices(['table', 'jsonl']).default('table'))
    .option('--db <file>', 'database to read', DB_DEFAULT)
    .action(async ({ db, format }: DbOptions & { format: string }) => {
      await reading(db, (store) => {
        const views = store.exemptionViews()
        const lines = format === 'jsonl' ? views.map(jsonLine) : listLines(views, terminalWidth())
        process.stdout.write(lines.join(''))
      })
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('Shows one exemption, and what was done to it.')
    .argument('<id>', 'its id, as "seekwatch exempt list" gives it')
    .option('--db <file>', 'database to read', DB_DEFAULT)
    .action(async (id: string, { db }: DbOptions) => {
      await reading(db, (store) => {
        const view = store.exemptionViews().find((one) => one.id === id)
        if (view === undefined) throw noSuch(id)
        process.stdout.write(showLines(view).join(''))
        const { entries } = store.auditEntries({ subject: id })
        process.stdout.write(`\n${auditLines(entries, terminalWidth()).join('')}`)
      })
    })
}

function endCommand(): Command {
  return new Command('end')
    .description('Ends an exemption now or at an earlier time. What it hid after that alerts, and is forwarded once.')
    .argument('<id>', 'its id, as "seekwatch exempt list" gives it')
    .option('--at <time>', 'when it ended; now when left out')
    .option('--by <name>', 'who ends it; the name of your account when left out')
    .option('--note <text>', 'a note for the log')
    .option('--db <file>', 'database it is kept in', DB_DEFAULT)
    .action(end)
}

async function end(id: string, options: DbOptions & AuthorOptions & { at?: string }): Promise<void> {
  const [{ authorOf, openExisting, told }, { coverTest }, { localMoment, MOMENT_EXAMPLES }] = await Promise.all([
    import('./author.ts'),
    import('../detect/exemption.ts'),
    import('./moment.ts'),
  ])
  const author = authorOf(options)
  const atUs = options.at === undefined ? null : localMoment(options.at, 'start')
  if (Number.isNaN(atUs))
    throw new UsageError(`--at: ${JSON.stringify(options.at)} is no time; write ${MOMENT_EXAMPLES}`)
  const store = openExisting(options.db)
  try {
    const known = store.exemption(id)
    if (known === null) throw noSuch(id)
    const nowUs = Date.now() * 1000
    // One that is over, or has not begun, is not made longer by ending it now.
    const endUs = atUs ?? Math.max(microseconds(known.start), Math.min(nowUs, microseconds(known.end)))
    const ended = told(() => store.endExemption(id, endUs, author, coverTest))
    const freed = await inAll(store, ended.freed)
    if (atUs === null && microseconds(known.end) <= nowUs) say('it was over already; --at TIME ends it earlier')
    say(`${id} covers ${spanText(ended.exemption)}`)
    say(
      `${counted(freed, 'alert')} that it hid made new again${freed === 0 ? '' : '; they go to EVE with the run that is under way, or with the next one'}`,
    )
  } finally {
    store.close()
  }
}

function exportCommand(): Command {
  return new Command('export')
    .description('Writes all exemptions as YAML to standard output.')
    .option('--db <file>', 'database to read', DB_DEFAULT)
    .action(async ({ db }: DbOptions) => {
      const { exemptionsYaml } = await import('./exempt-yaml.ts')
      await reading(db, (store) => process.stdout.write(exemptionsYaml(store.exemptions())))
    })
}

function importCommand(): Command {
  return addRuleOptions(new Command('import'))
    .description('Adds the exemptions of a YAML file, all or none; those that are on record already stay.')
    .argument('<file>', 'a file as "seekwatch exempt export" writes it, - for standard input')
    .option('--by <name>', 'who adds them; the name of your account when left out')
    .option('--note <text>', 'a note for the log')
    .option('--db <file>', 'database they are added to', DB_DEFAULT)
    .action(async (file: string, options: DbOptions & AuthorOptions & RuleOptions) => {
      const [{ authorOf, told }, { unknownParts }, { exemptionsIn, readYaml }, { coverTest }, { openStore }] =
        await Promise.all([
          import('./author.ts'),
          import('./exempt-form.ts'),
          import('./exempt-yaml.ts'),
          import('../detect/exemption.ts'),
          import('../store/store.ts'),
        ])
      const author = authorOf(options)
      const source = await readYaml(file)
      const store = openStore(options.db)
      try {
        const added = exemptionsIn(source, author, (id) => store.exemption(id))
        const covered = await inAll(
          store,
          told(() => store.addExemptions(added, author, coverTest)),
        )
        say(`${counted(added.length, 'exemption')} added, ${counted(covered, 'stored alert')} made exempt`)
        if (!added.some(({ scope }) => scope.rule !== undefined || scope.indicator !== undefined)) return
        const { packs } = await rulesOf(options, say)
        for (const exemption of added) {
          for (const { message } of unknownParts(exemption, packs, [options.rules, options.siteRules]))
            say(`take care: ${exemption.id} covers nothing as it is: ${message}`)
        }
      } finally {
        store.close()
      }
    })
}

function auditCommand(): Command {
  return new Command('audit')
    .description('Lists who changed what, and when: exemptions and the states of alerts, the newest first.')
    .argument('[id]', 'only changes of this exemption or alert')
    .addOption(new Option('--format <format>', 'how to print them').choices(['table', 'jsonl']).default('table'))
    .option('--limit <count>', 'how many', whole('--limit', AUDIT_ROWS_MAX), 200)
    .option('--db <file>', 'database to read', DB_DEFAULT)
    .action(async (id: string | undefined, { db, format, limit }: DbOptions & { format: string; limit: number }) => {
      await reading(db, (store) => {
        const { entries, total } = store.auditEntries({ limit, ...(id === undefined ? {} : { subject: id }) })
        const lines = format === 'jsonl' ? entries.map(jsonLine) : auditLines(entries, terminalWidth())
        process.stdout.write(lines.join(''))
        if (total === 0)
          say(id === undefined ? 'nothing was changed yet' : `no change of "${printable(id)}" is on record`)
        if (entries.length < total) say(`the newest ${entries.length} of ${total} changes`)
      })
    })
}

/** Alerts that a change of exemptions has changed when it is done with all that are stored. @param already how many it has */
async function inAll(store: Store, already: number): Promise<number> {
  if (!store.isReviewing()) return already
  say(`${already} stored alerts so far; the others follow, by a running sensor or the next "exempt" if you end this`)
  const { finishReviews } = await import('./reviewing.ts')
  return already + (await finishReviews(store))
}

async function reading(db: string, work: (store: Store) => void): Promise<void> {
  const { openStore } = await import('../store/store.ts')
  const store = openStore(db, { readonly: true })
  try {
    work(store)
  } finally {
    store.close()
  }
}

function noSuch(id: string): UsageError {
  return new UsageError(`there is no exemption ${JSON.stringify(id)}; "seekwatch exempt list" lists them`)
}

function terminalWidth(): number | null {
  return process.stdout.isTTY ? process.stdout.columns : null
}

function once(name: string): (value: string, before: string | undefined) => string {
  return (value, before) => {
    if (before !== undefined)
      throw new InvalidArgumentError(
        `given twice: an exemption has one --${name}; add another exemption for the other.`,
      )
    return value
  }
}

function say(text: string): void {
  process.stderr.write(`seekwatch: ${text}\n`)
}
