/** A file that is made whole or not at all, for its owner alone, and never over another one unless that is said. */

import type { Stats } from 'node:fs'
import { createWriteStream } from 'node:fs'
import { link, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { isSystemError, systemCode } from '../bytes/system-error.ts'
import { printable } from '../bytes/text.ts'
import { besideOf, refuseCapture, unwritable } from './out-file.ts'
import { UsageError } from './usage-error.ts'

const MODE = 0o600
/** What a file system says that has no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

export interface NewFileOptions {
  /** What `--out` says, or the file's own name. */
  path: string
  /** A file that is there may be replaced, unless it is a capture or a database. */
  isForced: boolean
}

/** Refuses a place where the file cannot be, before any work is done for it. Throws UsageError. */
export async function checkNewFile({ path, isForced }: NewFileOptions): Promise<void> {
  const found = await statOf(path)
  if (!found?.isFile()) return
  if (!isForced) throw alreadyThere(path)
  await refuseCapture(path)
}

/**
 * Makes the file of what `write` puts into the stream, which it ends before it is done. A link that is there stays one; what is no file
 * (`/dev/stdout`, a pipe) is written to. Throws UsageError when it cannot be written, and whatever `write` throws.
 */
export async function makeNewFile(options: NewFileOptions, write: (out: Writable) => Promise<void>): Promise<void> {
  await checkNewFile(options)
  const { path, isForced } = options
  const found = await statOf(path)
  if (found !== undefined && !found.isFile()) {
    await filled(path, createWriteStream(path), write)
    return
  }
  const file = found === undefined ? path : await realpath(path)
  const beside = besideOf(file)
  try {
    await filled(path, createWriteStream(beside, { flags: 'wx', mode: MODE, flush: true }), write)
    if (isForced) await tried(path, () => rename(beside, file))
    else await putInPlace(path, beside)
    await syncFolder(dirname(file))
  } finally {
    await rm(beside, { force: true })
  }
}

/** A name for something that is needed until the file is made: on the same disk, or where such things lie. */
export async function scratchFor(path: string): Promise<string> {
  const found = await statOf(path)
  return besideOf(found === undefined || found.isFile() ? path : join(tmpdir(), basename(path)), 'packets')
}

/** A failure of the stream is told as one of the file; any other is the writer's own. */
async function filled(path: string, out: Writable, write: (out: Writable) => Promise<void>): Promise<void> {
  let failure: unknown = null
  out.once('error', (error) => {
    failure = error
  })
  try {
    await write(out)
  } catch (error) {
    throw failure !== null && error === failure && isSystemError(error) ? unwritable(path, error) : error
  }
}

/** Gives the file its name unless that was taken meanwhile. */
async function putInPlace(path: string, beside: string): Promise<void> {
  try {
    await link(beside, path)
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw alreadyThere(path)
    if (!NO_LINKS.includes(systemCode(error))) throw unwritable(path, error)
    await tried(path, () => rename(beside, path))
  }
}

/** So that the name outlives a loss of power. Not every file system lets a folder be synced: the file itself was. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch (error) {
    if (systemCode(error) === '') throw error
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw unwritable(path, error)
  }
}

function alreadyThere(path: string): UsageError {
  return new UsageError(
    `${printable(path)}: is there already and is left as it is; name another file with --out, or replace it with --force`,
  )
}

async function tried<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw unwritable(path, error)
  }
}
