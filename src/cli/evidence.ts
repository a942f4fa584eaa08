/** `seekwatch evidence`: one file that proves an alert to somebody who has nothing else. */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { printable, readable } from '../bytes/text.ts'
import { microseconds, rfc3339 } from '../bytes/time.ts'
import type { Custody } from '../evidence/case.ts'
import type { Taken } from '../evidence/taken.ts'
import { alertOf } from './alerts-show.ts'
import { type AuthorOptions, authorOf } from './author.ts'
import { counted } from './counted.ts'
import { caseOf } from './evidence-case.ts'
import { checkNewFile, makeNewFile } from './new-file.ts'
import { addRuleOptions, type RuleOptions } from './rule-options.ts'
import { version } from './version.ts'

const EXIT_INPUT = 3
const EXIT_INTERRUPTED = 130

interface EvidenceOptions extends RuleOptions, AuthorOptions {
  db: string
  out?: string
  force?: boolean
  json?: boolean
}

/** The command, to be added to the program. */
export function evidenceCommand(): Command {
  return addRuleOptions(new Command('evidence'))
    .description('Writes one ZIP with all that proves an alert.')
    .argument('<id>', 'id of the alert, as "seekwatch alerts" gives it, or a beginning that no other has')
    .option('--db <file>', 'database that holds it', 'seekwatch.db')
    .option('--out <file>', 'file or folder to write to (default: seekwatch-evidence-ID.zip, here)')
    .option('--force', 'replace a file that is there, unless it is a capture or a database')
    .option('--by <name>', 'who has the bundle made: puts name and time into it (custody.json)')
    .option('--note <text>', 'a case number, or what it is for; as --by')
    .option('--json', 'print what was written as one JSON object')
    .addHelpText('after', HELP_AFTER)
    .action(async (id: string, options: EvidenceOptions) => {
      process.exitCode = await run(id, options)
    })
}

const HELP_AFTER = `
The same database and the same rules give the same file, byte by byte, unless --by or --note
ask for the time in it; SOURCE_DATE_EPOCH sets that time.`

async function run(id: string, options: EvidenceOptions): Promise<number> {
  const custody = custodyOf(options)
  const [{ openStore }, { bundleName, bundleParts }, { writeArchive }] = await Promise.all([
    import('../store/store.ts'),
    import('../evidence/bundle.ts'),
    import('../evidence/archive.ts'),
  ])
  const store = openStore(options.db, { readonly: true })
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const alert = alertOf(store, id.trim(), options.db)
    const name = bundleName(alert.id)
    const file = { path: await outPath(options.out, `${name}.zip`), isForced: options.force === true }
    await checkNewFile(file)
    const known = await caseOf(store, alert, options)
    const taken: Taken = {
      file: null,
      packets: 0,
      sources: [],
      missing: ['Packets are not cut out of capture files yet; the evidence names file and number of each.'],
      remarks: [],
    }
    const parts = bundleParts(known, taken, custody, version())
    await makeNewFile(file, (out) => writeArchive(out, name, parts, microseconds(alert.last_seen), stop.signal))
    say(file.path, taken, options)
    return taken.missing.length > 0 ? EXIT_INPUT : 0
  } catch (error) {
    if (!stop.signal.aborted) throw error
    process.stderr.write('seekwatch: ended by a signal; nothing was written\n')
    return EXIT_INTERRUPTED
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt)
    store.close()
  }
}

/** A folder gets a file of the bundle's own name. */
async function outPath(out: string | undefined, name: string): Promise<string> {
  if (out === undefined) return name
  const isFolder = out.endsWith('/') || (await stat(out).catch(() => undefined))?.isDirectory() === true
  return isFolder ? join(out, name) : out
}

function custodyOf(options: EvidenceOptions): Custody | null {
  if (options.by === undefined && options.note === undefined) return null
  const { who, note } = authorOf(options)
  const agreed = process.env['SOURCE_DATE_EPOCH']
  const atUs = agreed !== undefined && /^\d{1,10}$/.test(agreed) ? Number(agreed) * 1e6 : Date.now() * 1000
  return { by: who, note, at: rfc3339(atUs) }
}

function say(path: string, taken: Taken, { json }: EvidenceOptions): void {
  for (const text of taken.missing) process.stderr.write(`seekwatch: ${readable(text)}\n`)
  if (json) {
    const { packets, sources, missing } = taken
    process.stdout.write(`${JSON.stringify({ file: path, packets, sources, missing })}\n`)
    return
  }
  const packets = taken.file === null ? 'no packets' : counted(taken.packets, 'packet')
  process.stderr.write(`seekwatch: ${printable(path)} was written, with ${packets}\n`)
}
