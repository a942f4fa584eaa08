/** How far the files of watched folders are read, so that each is read once and only once, also across restarts. */

import type { Database, Statement } from 'better-sqlite3'

export interface WatchedFile {
  /** What the file is known by, whatever it is called. */
  id: string
  path: string
  /** How many of its packets were read. */
  packets: number
  /** Why it was set aside; empty when it was not. */
  fault: string
}

const FIND = 'SELECT id, path, packets, fault FROM watched_files WHERE id = ?'

const PUT = `
  INSERT INTO watched_files (id, path, packets, fault, seen_us) VALUES (@id, @path, @packets, @fault, @seenUs)
  ON CONFLICT (id) DO UPDATE SET
    path = excluded.path, packets = max(packets, excluded.packets), fault = excluded.fault, seen_us = excluded.seen_us`

export class WatchedFiles {
  readonly #find: Statement<[string], WatchedFile>
  readonly #put: Statement<[object]>

  constructor(db: Database) {
    this.#find = db.prepare(FIND)
    this.#put = db.prepare(PUT)
  }

  find(id: string): WatchedFile | null {
    return this.#find.get(id) ?? null
  }

  put(file: WatchedFile, seenUs: number): void {
    this.#put.run({ ...file, seenUs })
  }
}
