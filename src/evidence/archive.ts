/**
 * The bundle as a file: a ZIP whose bytes depend on what is in it and on
 * nothing else, so that two people who make it can compare one digest.
 *
 * Entries are stored, not compressed: what deflate makes of the same bytes
 * differs between versions of zlib and kinds of processors. They have one time,
 * that of the alert, in UTC. The names are ours. Decision 0022.
 */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'

/** What ZIP can say: two-second steps from 1980 on; the other stamp in it ends in 2038. */
const TIME_MS_MIN = Date.UTC(1980, 0, 2)
const TIME_MS_MAX = Date.UTC(2038, 0, 1)
const MODE = 0o100644
/** Ours: nothing of what was on the wire gets into a name. */
const NAME = /^[A-Za-z0-9-]+(\.[A-Za-z0-9]+)?$/

export const MANIFEST = 'MANIFEST.sha256'

/** A file of the bundle: its text, or a file on disk that has its bytes. */
export type Part = { name: string; text: string } | { name: string; path: string; sha256: string }

/**
 * Writes the parts and their manifest, all in one folder, to `out`, and ends it. Rejects when a part cannot be read or
 * `out` cannot be written.
 * @param folder letters, digits and hyphens
 * @param timeUs of all entries
 */
export async function writeArchive(
  out: Writable,
  folder: string,
  parts: readonly Part[],
  timeUs: number,
  signal?: AbortSignal,
): Promise<void> {
  const mtime = new UtcDate(Math.min(Math.max(timeUs / 1000, TIME_MS_MIN), TIME_MS_MAX))
  const options = { mtime, mode: MODE, compress: false }
  const zip = new ZipFile()
  const written = new Promise<void>((resolve, reject) => {
    zip.on('error', reject) // of a part that cannot be read
    pipeline(zip.outputStream, out, signal ? { signal } : {}).then(resolve, reject)
  })
  for (const part of [...parts, { name: MANIFEST, text: manifestOf(parts) }]) {
    if (!NAME.test(part.name)) throw new Error(`${part.name} is no name for a part of a bundle`)
    const name = `${folder}/${part.name}`
    if ('text' in part) zip.addBuffer(Buffer.from(part.text, 'utf8'), name, options)
    else zip.addReadStreamLazy(name, options, (give) => give(null, createReadStream(part.path)))
  }
  zip.end()
  await written
}

/** A line for each part, as `sha256sum -c` reads them. */
function manifestOf(parts: readonly Part[]): string {
  return parts.map((part) => `${'text' in part ? sha256(part.text) : part.sha256}  ${part.name}\n`).join('')
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** ZIP has no time zone, and the library takes that of the machine: this one is in UTC wherever it is asked. */
class UtcDate extends Date {
  override getFullYear(): number {
    return this.getUTCFullYear()
  }
  override getMonth(): number {
    return this.getUTCMonth()
  }
  override getDate(): number {
    return this.getUTCDate()
  }
  override getHours(): number {
    return this.getUTCHours()
  }
  override getMinutes(): number {
    return this.getUTCMinutes()
  }
  override getSeconds(): number {
    return this.getUTCSeconds()
  }
}
