/**
 * Brings a database to the newest form: numbered SQL files, each applied in
 * one transaction that also sets `user_version`, so a database is always in
 * exactly one of the forms.
 */

import { readdirSync, readFileSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import { StoreError } from './errors.ts'

/** Marks a database as ours in its header: `Seek`. */
export const APPLICATION_ID = 0x5365656b

const FOLDER = new URL('./schema/', import.meta.url)

/** The SQL of the migrations, oldest first; number i+1 leads from version i to i+1. */
export function readMigrations(): string[] {
  const names = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  return names.map((name, index) => {
    if (Number(name.slice(0, 4)) !== index + 1) throw new Error(`${name}: migrations are numbered without gaps`)
    return readFileSync(new URL(name, FOLDER), 'utf8')
  })
}

/**
 * Refuses a database that is not ours or newer than the program; reads only.
 * Returns how many migrations it has behind it, 0 for an empty file.
 */
export function versionOf(db: Database, path: string, newest: number): number {
  const application = db.pragma('application_id', { simple: true })
  const version = db.pragma('user_version', { simple: true }) as number
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number
  if (application === 0 && version === 0 && tables === 0) return 0
  if (application !== APPLICATION_ID)
    throw new StoreError(`${path}: a SQLite database of another program: name another file with --db`)
  if (version > newest)
    throw new StoreError(
      `${path}: written by a newer Seekwatch (form ${version}; this one knows up to ${newest}): update this program, or name another file with --db`,
    )
  return version
}

/** Applies what is missing. Safe when two processes do it at once: the second finds the work done. */
export function migrate(db: Database, path: string, migrations: readonly string[]): void {
  const step = db.transaction((): boolean => {
    const version = versionOf(db, path, migrations.length)
    const sql = migrations[version]
    if (sql === undefined) return false
    db.exec(sql)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${version + 1}`)
    return true
  })
  while (step.immediate()) {
    // one transaction for each missing form
  }
}
