/** What commands that change a database have in common: who does it, and the database that must be there. */

import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Author } from '../store/audit.ts'
import { QueryError } from '../store/errors.ts'
import { openStore, type Store } from '../store/store.ts'
import { UsageError } from './usage-error.ts'

const NAME_MAX = 100
const NOTE_MAX = 500

/** Options of every command that changes something. */
export interface AuthorOptions {
  by?: string
  note?: string
}

/** Who gives this command: as they say, or the name of their account. Throws UsageError. */
export function authorOf({ by, note = '' }: AuthorOptions): Author {
  const who = (by ?? accountName()).trim()
  if (who === '' || who.length > NAME_MAX) throw new UsageError(`--by: write a name of 1 to ${NAME_MAX} characters`)
  if (note.length > NOTE_MAX) throw new UsageError(`--note: is longer than ${NOTE_MAX} characters; shorten it`)
  return { who, via: 'command line', note: note.trim() }
}

function accountName(): string {
  try {
    return userInfo().username
  } catch {
    // an account without a name, as in containers
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}

/** Opens a database that is there, to change it. Throws StoreError. */
export function openExisting(path: string): Store {
  // a missing one is refused with what to do, as when it is only read
  return openStore(path, { readonly: !existsSync(path) })
}

/** Runs `work`; what it refuses is the mistake of whoever gave the command. */
export function told<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    // of what it names only the time is an option, everything else the argument
    const text = error.message.replace(/^(\w+): /, (_, field) => (field === 'at' ? '--at: ' : ''))
    throw new UsageError(text, { cause: error })
  }
}
