/** `seekwatch alerts ack`, `escalate`, `close` and `reopen`: what somebody decided on alerts, with a note for the log. */

import { Command } from 'commander'
import type { TriageState } from '../events/alert.ts'
import type { AuthorOptions } from './author.ts'
import { counted } from './counted.ts'

interface TriageOptions extends AuthorOptions {
  db?: string
  wholeContact?: boolean
}

/** The command `name`, which sets `state`. */
export function triageCommand(name: string, state: TriageState, what: string): Command {
  return new Command(name)
    .description(`${what} The log keeps who did it, when, and the note.`)
    .argument('<ids...>', 'ids of alerts, as "seekwatch alerts" gives them, or beginnings that no others have')
    .option(
      '--whole-contact',
      `also the other alerts of their contacts${state === 'acknowledged' ? ' that are new' : ''}`,
    )
    .option('--note <text>', 'why')
    .option('--by <name>', 'who; the name of your account when left out')
    .option('--db <file>', 'database that holds them (default: "seekwatch.db")')
    .action(async (ids: string[], options: TriageOptions, command: Command) => {
      const [{ authorOf, openExisting, told }, { alertOf }] = await Promise.all([
        import('./author.ts'),
        import('./alerts-show.ts'),
      ])
      const author = authorOf(options)
      // "alerts --db FILE ack ID" means the same
      const db = options.db ?? command.parent?.opts<{ db: string }>().db ?? 'seekwatch.db'
      const store = openExisting(db)
      try {
        const whole = ids.map((id) => alertOf(store, id.trim(), db).id)
        const count = told(() => store.triage(whole, state, author, { wholeContacts: options.wholeContact ?? false }))
        process.stderr.write(`seekwatch: ${counted(count, 'alert')} ${state}\n`)
      } finally {
        store.close()
      }
    })
}
