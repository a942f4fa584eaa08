/** `seekwatch rules export`: the entries of the packs, for other tools. */

import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, Command, Option } from 'commander'
import { nearest } from '../bytes/near.ts'
import { printable } from '../bytes/text.ts'
import { CATEGORIES, type Category, CONFIDENCES, type Confidence } from '../events/alert.ts'
import type { ExportFile, Wishes } from '../packs/export/entry.ts'
import type { Exported } from '../packs/export/export.ts'
import { FORMAT_NAMES, FORMATS, type FormatName } from '../packs/export/format.ts'
import type { RuleSet } from '../packs/pack.ts'
import { counted } from './counted.ts'
import { printChunks, refuseCapture, unwritable, writeWhole } from './out-file.ts'
import { addRuleOptions, type RuleOptions, rulesOf } from './rule-options.ts'
import { UsageError } from './usage-error.ts'

interface ExportOptions extends RuleOptions {
  out?: string
  rule?: string[]
  category?: Category[]
  minConfidence?: Confidence
}

/** The command, to be added to `rules`. */
export function exportCommand(): Command {
  return addRuleOptions(new Command('export'))
    .description('Writes the entries of the rule packs in a form that other tools read.')
    .addArgument(new Argument('<format>', 'what to write').choices(FORMAT_NAMES))
    .option('--out <path>', 'file or folder to write to, instead of standard output')
    .option('--rule <id>', 'only entries of this rule (may be given again)', (id: string, known?: string[]) =>
      collect(id, known),
    )
    .addOption(
      new Option(
        '--category <category>',
        `only this category (may be given again): ${CATEGORIES.join(', ')}`,
      ).argParser((value: string, known: Category[] | undefined) =>
        collect(oneOf(value, CATEGORIES, '--category'), known),
      ),
    )
    .addOption(new Option('--min-confidence <confidence>', 'only entries as sure as this').choices(CONFIDENCES))
    .addHelpText('after', helpOnFormats())
    .action(writeExport)
}

function helpOnFormats(): string {
  const formats = FORMAT_NAMES.map((name) => `  ${name}: ${FORMATS[name].about}.\n    ${FORMATS[name].limits}\n`)
  return `
Formats:
${formats.join('')}
What blocks (rpz, unbound, nftables, edl, list) gets no entries of low confidence unless --min-confidence low asks for
them; rpz, unbound and list get the categories service and affiliate unless --category asks for others. Addresses
that others share, and entries that count only beside other evidence, are in misp and csv alone.
What is left out is said on standard error, with counts.`
}

async function writeExport(format: FormatName, options: ExportOptions): Promise<void> {
  const { exportRules } = await import('../packs/export/export.ts')
  const rules = await rulesOf(options, (text) => process.stderr.write(`seekwatch: ${text}\n`))
  const exported = exportRules(rules, format, wishesOf(options, rules))
  if (await writeFiles(format, exported.files, options.out)) process.stderr.write(accountOf(format, exported))
}

function wishesOf({ rule, category, minConfidence }: ExportOptions, { packs }: RuleSet): Wishes {
  const known = new Set(packs.flatMap((pack) => pack.rules.map(({ id }) => id)))
  for (const id of rule ?? []) {
    if (known.has(id)) continue
    const near = nearest(id, known)
    const advice = near.length > 0 ? `did you mean ${near.join(', ')}?` : '"seekwatch rules list" has all'
    throw new UsageError(`--rule: there is no rule "${printable(id)}"; ${advice}`)
  }
  return {
    rules: rule === undefined ? null : new Set(rule),
    categories: category === undefined ? null : new Set(category),
    minConfidence: minConfidence ?? null,
  }
}

/** What was written and what not, in lines for people. */
export function accountOf(format: FormatName, { files, written, left }: Exported): string {
  const lines = [
    `${format}: ${counted(written, 'entry', 'entries')} in ${counted(files.length, 'file', 'files')}`,
    ...[...left.entries].map(([reason, count]) => `  ${count} left out: ${reason}`),
    ...[...left.notes].map(([note, count]) => `  ${count} ${note}`),
  ]
  return lines.map((line) => `seekwatch: ${line}\n`).join('')
}

/**
 * Writes to standard output when there is no `out`, to a file, or to a folder, which is made if it is not there. False
 * when nobody takes the output.
 */
async function writeFiles(format: FormatName, files: readonly ExportFile[], out: string | undefined): Promise<boolean> {
  const [first] = files
  if (files.length === 1 && !(out !== undefined && isFolder(out))) {
    if (out === undefined) return printChunks([first!.text])
    await refuseCapture(out)
    await writeWhole(out, [first!.text])
    return true
  }
  if (out === undefined)
    throw new UsageError(`${format}: these are ${files.length} files; name a folder for them: --out ${format}/`)
  try {
    mkdirSync(out, { recursive: true })
  } catch (error) {
    throw unwritable(out, error)
  }
  for (const { name } of files) await refuseCapture(join(out, name))
  for (const { name, text } of files) await writeWhole(join(out, name), [text])
  return true
}

function isFolder(path: string): boolean {
  if (path.endsWith('/')) return true
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // what it is then, writing to it tells
  }
}

function collect<Value>(value: Value, known: Value[] | undefined): Value[] {
  return [...(known ?? []), value]
}

function oneOf<Word extends string>(value: string, words: readonly Word[], option: string): Word {
  const word = words.find((one) => one === value)
  if (word === undefined) throw new UsageError(`${option}: "${printable(value)}" is none of ${words.join(', ')}`)
  return word
}
