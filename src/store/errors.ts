/** What can go wrong with a database, for people: place, cause, what to do. */

/** The store cannot be used, for a reason outside of the program. */
export class StoreError extends Error {
  override name = 'StoreError'
}

/** A question that the store does not answer, as it is asked. */
export class QueryError extends Error {
  override name = 'QueryError'
}

const ADVICE: ReadonlyArray<[code: RegExp, text: string]> = [
  // the second is what a full disk looks like to whoever opens the database: there is no room for the index of its log
  [/^SQLITE_(FULL|IOERR_SHMSIZE)/, 'the disk is full: make room; what was written before is kept'],
  [/^SQLITE_(BUSY|LOCKED)/, 'another process writes to it and did not let go of it in time: let it finish, or end it'],
  [/^SQLITE_NOTADB/, 'the file is not a SQLite database: name another one with --db'],
  [/^SQLITE_CORRUPT/, 'the database is damaged: restore a copy, or replay the captures into a new one'],
  [
    /^SQLITE_READONLY_DIRECTORY/,
    'its folder may not be written, where SQLite keeps files beside it even to read it: change the permissions, or use a copy in a folder of your own',
  ],
  [/^SQLITE_READONLY/, 'the file or its folder may not be written: change the permissions, or name another one'],
  [
    /^SQLITE_(CANTOPEN|PERM|AUTH)/,
    'it cannot be opened or made: change the permissions of the file and its folder, or name another one with --db',
  ],
  [/^SQLITE_IOERR/, 'the disk did not read or write: look at the system log'],
]

/** `error` as a StoreError that names the database `path`; errors that are not SQLite's come back unchanged. */
export function explain(path: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = (error as Error & { code?: unknown }).code
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error
  const advice = ADVICE.find(([pattern]) => pattern.test(code))?.[1]
  return new StoreError(`${path}: ${advice ?? error.message} (${code})`, { cause: error })
}

/** Runs `work`, explaining what SQLite throws. */
export function explained<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw explain(path, error)
  }
}
