/**
 * One sensor per database. The lock is SQLite's own, on a small file beside
 * the database, held as long as the process lives: the system takes it back
 * when the process dies, however it dies, so a lock is never stale. The file
 * says who holds it; readers may see that while it is held.
 */

import { realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import Database from 'better-sqlite3'
import { explained, StoreError } from './errors.ts'

export interface SensorLock {
  release(): void
}

/** Takes the lock of the database at `path`. Throws StoreError when a sensor already writes to it. */
export function lockForSensor(path: string): SensorLock {
  const file = `${realpathSync(path)}-sensor`
  return explained(file, () => {
    const db = new Database(file, { timeout: 100 })
    try {
      if (!take(db)) throw new StoreError(`${path}: ${holder(db)}; end it, or name another database with --db`)
    } catch (error) {
      db.close()
      throw error
    }
    return { release: () => db.close() }
  })
}

/** Holds an open write transaction from now on; what it wrote before says who we are. */
function take(db: Database.Database): boolean {
  try {
    db.exec(
      'BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT, since TEXT); DELETE FROM holder',
    )
    db.prepare('INSERT INTO holder VALUES (?, ?, ?)').run(process.pid, hostname(), new Date().toISOString())
    db.exec('COMMIT; BEGIN IMMEDIATE')
    // between the two another one could have come in
    const { pid, host } = db.prepare<[], { pid: number; host: string }>('SELECT pid, host FROM holder').get()!
    return pid === process.pid && host === hostname()
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') return false
    throw error
  }
}

function holder(db: Database.Database): string {
  const row = db.prepare<[], { pid: number; host: string; since: string }>('SELECT pid, host, since FROM holder').get()
  return row === undefined
    ? 'another sensor is about to write to it'
    : `the sensor with process id ${row.pid} on ${row.host} writes to it since ${row.since}`
}
