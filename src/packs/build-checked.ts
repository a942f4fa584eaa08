/**
 * Builds dist/packs/checked.json, after tsc: `node dist/packs/build-checked.js`.
 * Fails, with all problems, when the packs that come with the program are wrong.
 */

import { realpathSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CheckedRules, keyOf } from './checked.ts'
import { loadRules } from './load.ts'

/** Writes the table of the rules in `folder` to `file`. Throws a PackError, and an Error when the folder is too large. */
export function buildChecked(folder: string, file: string): void {
  const key = keyOf(folder)
  if (key === undefined) throw new Error(`${folder}: cannot be read, or is too large to come with the program`)
  const checked: CheckedRules = { key, rules: loadRules(folder) }
  // A build that is stopped half way leaves the old file or none, never half of one.
  const unfinished = `${file}.${process.pid}.unfinished`
  writeFileSync(unfinished, JSON.stringify(checked))
  renameSync(unfinished, file)
}

const started = process.argv[1]
if (started !== undefined && realpathSync(started) === import.meta.filename)
  buildChecked(join(import.meta.dirname, '../../rules'), join(import.meta.dirname, 'checked.json'))
