/**
 * One sensor per database, and one forwarder per destination. The lock is
 * SQLite's own, on a small file beside the database, held as long as the process
 * lives: the system takes it back when the process dies, however it dies, so a
 * lock is never stale. The file says who holds it; readers may see that while it
 * is held.
 */

import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import Database from 'better-sqlite3'
import { explained, StoreError } from './errors.ts'

export interface Lock {
  release(): void
}

/** Another process has the lock; the message says which, and what to do. */
export class LockedError extends StoreError {
  override name = 'LockedError'
}

/** In the words of the message: `the sensor with process id 7 on border-1 writes to it since ...; end it`. */
interface Holder {
  who: string
  does: string
  advice: string
}

/** Takes the lock of the database at `path`. Throws LockedError when a sensor already writes to it. */
export function lockForSensor(path: string): Lock {
  const advice = 'end it, or name another database with --db'
  return lock(path, 'sensor', { who: 'sensor', does: 'writes to it', advice })
}

/** Takes the lock of a destination of the alerts in `path`. Throws LockedError when another process forwards to it. */
export function lockForDestination(path: string, name: string): Lock {
  const advice = 'end it, or leave it to it: two would send everything twice'
  const file = `to-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`
  return lock(path, file, { who: 'process', does: `forwards to ${name}`, advice })
}

function lock(path: string, name: string, holder: Holder): Lock {
  const file = `${realpathSync(path)}-${name}`
  return explained(file, () => {
    const db = new Database(file, { timeout: 100 })
    try {
      if (!take(db)) throw new LockedError(`${path}: ${held(db, holder)}; ${holder.advice}`)
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

function held(db: Database.Database, { who, does }: Holder): string {
  const row = db.prepare<[], { pid: number; host: string; since: string }>('SELECT pid, host, since FROM holder').get()
  return row === undefined
    ? `another ${who} is about to do what this one would: it ${does}`
    : `the ${who} with process id ${row.pid} on ${row.host} ${does} since ${row.since}`
}
