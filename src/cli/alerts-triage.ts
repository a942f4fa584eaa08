/** `seekwatch alerts ack`, `escalate`, `close` and `reopen`: what somebody decided on alerts, with a note for the log. */

import { Command } from 'commander'
import type { TriageState } from '../events/alert.ts'
import type { AuthorOptions } from './author.ts'
import { counted } from './counted.ts'

interface TriageOptions extends AuthorOptions {
  db?: string
}

/** The command `name`, which sets `state`. */
export function triageCommand(name: string, state: TriageState, what: string): Command {
  return new Command(name)
    .description(`${what} The log keeps who did it, when, and the note.`)
    .argument('<ids...>', 'ids of alerts, as "seekwatch alerts" gives them')
    .option('--note <text>', 'why')
    .option('--by <name>', 'who; the name of your account when left out')
    .option('--db <file>', 'database that holds them (default: "seekwatch.db")')
    .action(async (ids: string[], options: TriageOptions, command: Command) => {
      const { authorOf, openExisting, told } = await import('./author.ts')
      const author = authorOf(options)
      // "alerts --db FILE ack ID" means the same
      const store = openExisting(options.db ?? command.parent?.opts<{ db: string }>().db ?? 'seekwatch.db')
      try {
        told(() => store.triage(ids, state, author))
        process.stderr.write(`seekwatch: ${counted(new Set(ids).size, 'alert')} ${state}\n`)
      } finally {
        store.close()
      }
    })
}
