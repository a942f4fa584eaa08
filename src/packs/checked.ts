/**
 * The rules that come with the program, checked when it was built: reading and
 * checking YAML takes longer than a small capture. The files of the folder are
 * still read at each start, since a table made of them counts only as long as
 * not a byte of them has changed. Any other folder is read and checked in full.
 *
 * The table is dist/packs/checked.json, made by build-checked.ts.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RuleSet } from './pack.ts'

const TABLE = join(import.meta.dirname, 'checked.json')
/** More than that is nothing we ship. */
const FILES_MAX = 256
const BYTES_MAX = 16 << 20

export interface CheckedRules {
  /** Hash of the files they were made of. */
  key: string
  rules: RuleSet
}

/** As `loadRules` of load.ts, at once when nothing has changed since the build. Rejects with what that throws. */
export async function readyRules(folder: string, table = TABLE): Promise<RuleSet> {
  const checked = readTable(table)
  if (checked !== undefined && checked.key === keyOf(folder)) return checked.rules
  const { loadRules } = await import('./load.ts')
  return loadRules(folder)
}

/** A hash of all that lies in the folder; undefined when that cannot be read, or is too much. */
export function keyOf(folder: string): string | undefined {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
    if (names.length > FILES_MAX) return undefined
    for (const name of names) {
      const file = join(folder, name)
      const found = statSync(file)
      bytes += found.size
      if (bytes > BYTES_MAX) return undefined
      if (!found.isFile() && !found.isDirectory()) return undefined
      hash.update(`${name.length} ${name} ${found.isFile() ? found.size : 'folder'}\n`)
      if (found.isFile()) hash.update(readFileSync(file))
    }
  } catch {
    return undefined // whoever reads it in full will say why
  }
  return hash.digest('hex')
}

function readTable(table: string): CheckedRules | undefined {
  try {
    return JSON.parse(readFileSync(table, 'utf8'))
  } catch {
    return undefined // not built, or half of it
  }
}
