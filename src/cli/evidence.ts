/** `seekwatch evidence`: one file that proves an alert to somebody who has nothing else. */

import { rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { isSystemError, systemReason } from '../bytes/system-error.ts'
import { printable, readable } from '../bytes/text.ts'
import { microseconds, rfc3339 } from '../bytes/time.ts'
import type { Alert } from '../events/alert.ts'
import type { Case, Custody } from '../evidence/case.ts'
import type { Taken } from '../evidence/taken.ts'
import { agreedNowUs } from './agreed-clock.ts'
import { jsonLine } from './alerts-format.ts'
import { alertOf } from './alerts-show.ts'
import { type AuthorOptions, authorOf } from './author.ts'
import { counted } from './counted.ts'
import { caseOf } from './evidence-case.ts'
import { checkNewFile, makeNewFile, scratchFor } from './new-file.ts'
import { unwritable } from './out-file.ts'
import { addRuleOptions, type RuleOptions } from './rule-options.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

const EXIT_INPUT = 3
const EXIT_INTERRUPTED = 130

interface EvidenceOptions extends RuleOptions, AuthorOptions {
  db: string
  out?: string
  captures?: string[]
  contact?: boolean
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
    .option('--captures <path...>', 'files and folders in which captures are looked for that are not where they were')
    .option('--contact', 'the packets of all alerts of its contact, and not only its own')
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
Packets are cut out of the capture files that the alert names: where the name leads, from here or from the
database's folder, else from --captures. A file counts only if the packets with the numbers of the evidence have
its times and addresses. Without packets, or without some, the bundle says so, and the exit code is 3.

The same database, rules and captures give the same bundle, byte by byte, unless --by or --note ask for the time in
it; SOURCE_DATE_EPOCH sets that time.`

async function run(id: string, options: EvidenceOptions): Promise<number> {
  const custody = custodyOf(options)
  for (const path of options.captures ?? []) await checkThere(path)
  const { openStore } = await import('../store/store.ts')
  const store = openStore(options.db, { readonly: true })
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const alert = alertOf(store, id.trim(), options.db)
    const known = await caseOf(store, alert, options)
    return await makeBundle(known, custody, options, stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    process.stderr.write('seekwatch: ended by a signal; nothing was written\n')
    return EXIT_INTERRUPTED
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt)
    store.close()
  }
}

async function makeBundle(
  known: Case,
  custody: Custody | null,
  options: EvidenceOptions,
  signal: AbortSignal,
): Promise<number> {
  const [{ bundleName, bundleParts }, { writeArchive }] = await Promise.all([
    import('../evidence/bundle.ts'),
    import('../evidence/archive.ts'),
  ])
  const { alert } = known
  const name = bundleName(alert.id)
  const file = { path: await outPath(options.out, `${name}.zip`), isForced: options.force === true }
  await checkNewFile(file)
  const scratch = await scratchFor(file.path)
  try {
    const taken = await packetsOf(known, scratch, file.path, options, signal)
    const parts = bundleParts(known, taken, custody, version())
    await makeNewFile(file, (out) => writeArchive(out, name, parts, microseconds(alert.last_seen), signal))
    say(file.path, taken, options)
    return taken.missing.length > 0 ? EXIT_INPUT : 0
  } finally {
    await rm(scratch, { force: true })
  }
}

/** The packets in the file `scratch`, tried whether the alert comes out of them again. */
async function packetsOf(
  known: Case,
  scratch: string,
  path: string,
  options: EvidenceOptions,
  signal: AbortSignal,
): Promise<Taken> {
  const [{ takePackets }, { contactBegin }, { ChangedError }, { replayed }] = await Promise.all([
    import('../evidence/packets.ts'),
    import('../evidence/identity.ts'),
    import('../evidence/cut.ts'),
    import('./evidence-check.ts'),
  ])
  const { alert } = known
  try {
    const taken = await takePackets({
      alerts: options.contact ? [alert, ...known.alerts.filter(({ id }) => id !== alert.id)] : [alert],
      begin: contactBegin(alert, known.alerts) ?? null,
      isLive: known.run?.command === 'live' && !(await hasFile(alert)),
      captures: options.captures ?? [],
      home: dirname(options.db),
      out: scratch,
      signal,
    })
    const missing = options.contact ? [...taken.missing, ...alertsLeft(known)] : taken.missing
    if (taken.file === null) return { ...taken, missing }
    const { isSame, text } = await replayed(scratch, alert, options, signal)
    return { ...taken, missing, check: text, remarks: isSame ? taken.remarks : [...taken.remarks, text] }
  } catch (error) {
    if (error instanceof ChangedError)
      throw new UsageError(`${error.message}: was changed while it was read; make the bundle when it is at rest`)
    throw isSystemError(error) ? unwritable(path, error) : error
  }
}

/** What is said of a contact that is larger than a bundle. */
function alertsLeft({ alerts, alertsTotal }: Case): string[] {
  if (alerts.length === alertsTotal) return []
  return [
    `Of the ${alertsTotal} alerts of the contact the packets of ${alerts.length} were looked for: a bundle holds no more.`,
  ]
}

/** A replay may have told more of an alert that a live sensor told first: then its evidence is in a file. */
async function hasFile({ evidence }: Alert): Promise<boolean> {
  for (const { file } of evidence) if ((await stat(file).catch(() => undefined))?.isFile()) return true
  return false
}

async function checkThere(path: string): Promise<void> {
  try {
    await stat(path)
  } catch (error) {
    throw new UsageError(`--captures ${printable(path)}: ${printable(systemReason(error))}; check the path`)
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
  return { by: who, note, at: rfc3339(agreedNowUs()) }
}

function say(path: string, taken: Taken, { json }: EvidenceOptions): void {
  for (const text of [...taken.missing, ...taken.remarks]) process.stderr.write(`seekwatch: ${readable(text)}\n`)
  if (json) {
    const { packets, sources, missing, remarks, check } = taken
    process.stdout.write(jsonLine({ file: path, packets, sources, missing, remarks, check }))
    return
  }
  const packets = taken.file === null ? 'no packets' : counted(taken.packets, 'packet')
  process.stderr.write(`seekwatch: ${printable(path)} was written, with ${packets}\n`)
}
