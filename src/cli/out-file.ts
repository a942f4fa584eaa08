/** What `--out` names: a file that is written whole or not at all, and never in the place of something that cannot be made again. */

import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { systemReason } from '../bytes/system-error.ts'
import { printable } from '../bytes/text.ts'
import { beginning } from '../outputs/transport/lines.ts'
import { UsageError } from './usage-error.ts'

/** https://www.sqlite.org/fileformat.html section 1.3.1. */
const SQLITE_BEGIN = 'SQLite format 3\0'
/** Of a file's name; in UTF-8 that leaves room for the rest of a name beside it, which may have 255 bytes. */
const BESIDE_CHARACTERS_MAX = 50

/** Who gives the name of a capture or a database in the place of the output's shall not lose it. Throws UsageError. */
export async function refuseCapture(path: string): Promise<void> {
  const head = beginning(path, SQLITE_BEGIN.length)
  if (head === '') return
  const { openReader } = await import('../capture/open.ts')
  const reader = await openReader(path, { framesPerBlock: 1 })
  await reader.close()
  const isCapture = reader.format === 'pcap' || reader.format === 'pcapng'
  if (!isCapture && head !== SQLITE_BEGIN) return
  const what = isCapture ? `a capture (${reader.format})` : 'an SQLite database'
  throw new UsageError(`--out ${printable(path)}: is left as it is, because it holds ${what}; name another file`)
}

/**
 * The old file or the new one, never a part: something may fetch it at any moment. A link stays one, and what is no
 * file (`/dev/stdout`, a pipe) is written to: a file put in its place would be the end of it. Throws UsageError when it
 * cannot be written, and whatever `chunks` throws; then the old file is as it was, as it is when a signal ends us.
 */
export async function writeWhole(path: string, chunks: Iterable<string>): Promise<void> {
  const found = tried(path, () => statSync(path, { throwIfNoEntry: false }))
  if (found !== undefined && !found.isFile()) {
    await writeChunks(path, path, chunks)
    return
  }
  const file = found === undefined ? path : tried(path, () => realpathSync(path))
  const beside = besideOf(file)
  const end = (signal: NodeJS.Signals) => {
    rmSync(beside, { force: true })
    process.kill(process.pid, signal) // which nobody hears now, so it does what it does
  }
  process.once('SIGINT', end).once('SIGTERM', end)
  try {
    await writeChunks(path, beside, chunks)
    tried(path, () => renameSync(beside, file))
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  } finally {
    process.removeListener('SIGINT', end).removeListener('SIGTERM', end)
  }
}

/** Where a file is made before it gets its name: beside it, because a rename does not leave a disk. */
export function besideOf(file: string, what = 'new'): string {
  const name = basename(file).slice(0, BESIDE_CHARACTERS_MAX)
  return join(dirname(file), `.${name}.${process.pid}.${what}`)
}

/** The failure to write `path`, for people. */
export function unwritable(path: string, error: unknown): UsageError {
  const reason = printable(systemReason(error))
  return new UsageError(`--out ${printable(path)}: cannot be written: ${reason}; name another place`, { cause: error })
}

/** Says whether all was written; what is wrong with standard output `main` tells, as it does for every command. */
export async function printChunks(chunks: Iterable<string>): Promise<boolean> {
  try {
    await pipeline(Readable.from(chunks), process.stdout, { end: false })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return false
  }
}

/** @param named as it is told where `file` cannot be written */
async function writeChunks(named: string, file: string, chunks: Iterable<string>): Promise<void> {
  const fd = tried(named, () => openSync(file, 'w'))
  try {
    for (const chunk of chunks) {
      tried(named, () => writeFileSync(fd, chunk))
      await setImmediate() // a signal is heard
    }
  } finally {
    closeSync(fd)
  }
}

function tried<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unwritable(path, error)
  }
}
