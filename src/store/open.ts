/** Opens the database file: checks first that it is ours, and only then touches it. */

import { type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { systemReason } from '../bytes/system-error.ts'
import { explained, StoreError } from './errors.ts'
import { migrate, readMigrations, versionOf } from './migrate.ts'

/** How long a write waits for another process's, in milliseconds. */
const BUSY_MS = 5000

/**
 * An open connection in the newest form. A missing file is created, unless `readonly`.
 * Throws StoreError when the file cannot be used.
 */
export function openDatabase(path: string, readonly: boolean, busyMs = BUSY_MS): Database.Database {
  if (path !== ':memory:') checkPlace(path, readonly)
  return explained(path, () => {
    const db = new Database(path, { readonly, timeout: busyMs })
    try {
      prepareDatabase(db, path, readonly)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** Of pages, in a process; the system keeps what is read often. Four times as much made no difference to 65,000 alerts. */
const CACHE_KIB = 4000

/** What SQLite would say less clearly. */
function checkPlace(path: string, readonly: boolean): void {
  const file = found(path)
  if (file?.isDirectory()) throw new StoreError(`${path}: a folder, not a database: name a file with --db`)
  if (file === undefined && readonly)
    throw new StoreError(`${path}: no such database: make one with "seekwatch replay PATH --db ${path}"`)
  if (!found(dirname(path))?.isDirectory())
    throw new StoreError(`${path}: its folder does not exist: make it, or name another file with --db`)
}

/** What is at `path`; undefined when nothing is. */
function found(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw new StoreError(`${path}: ${systemReason(error)}: name another file with --db`, { cause: error })
  }
}

function prepareDatabase(db: Database.Database, path: string, readonly: boolean): void {
  // A database from elsewhere may hold triggers and views that call functions with side effects.
  db.pragma('trusted_schema = OFF')
  db.pragma(`cache_size = -${CACHE_KIB}`)
  const migrations = readMigrations()
  const version = versionOf(db, path, migrations.length)
  if (!readonly) {
    db.pragma('journal_mode = WAL')
    // With WAL a power cut may lose the last commits, and never damages the database.
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    migrate(db, path, migrations)
  } else if (version < migrations.length) {
    throw new StoreError(
      version === 0
        ? `${path}: an empty database: fill it with "seekwatch replay PATH --db ${path}"`
        : `${path}: written by an older Seekwatch (form ${version}, this one reads ${migrations.length}): "seekwatch serve --db ${path}" brings it up to date, as does any command that writes to it`,
    )
  }
}
