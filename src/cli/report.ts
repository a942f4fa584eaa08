/** `seekwatch report`: what a database knows of a period, for who answers for it. */

import { Command, Option } from 'commander'
import { asciiJson } from '../bytes/json-writer.ts'
import { printable, readable } from '../bytes/text.ts'
import type { ReportOptions as MakeOptions, RulesInPlace } from '../report/model.ts'
import { LANGUAGES, type Language, type Words } from '../report/words.ts'
import type { Zone } from '../report/zone.ts'
import type { Store } from '../store/store.ts'
import { agreedNowUs } from './agreed-clock.ts'
import { printChunks, refuseCapture, writeWhole } from './out-file.ts'
import { addRuleOptions, type RuleOptions, rulesOf } from './rule-options.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'
import { whole } from './whole.ts'

const FORMATS = ['html', 'json', 'csv'] as const
/** Clients in a list, of which each is looked up anew. */
const ROWS_DEFAULT = 100
const ROWS_MAX = 10_000
const TITLE_CHARACTERS_MAX = 200

interface ReportOptions extends RuleOptions {
  db: string
  from?: string
  to?: string
  period?: string
  timezone: string
  format: (typeof FORMATS)[number]
  lang: Language
  rows: number
  title: string
  out?: string
}

/** The command, to be added to the program. */
export function reportCommand(): Command {
  return addRuleOptions(new Command('report'))
    .description('Reports on a period: contacts, exemptions, decisions, and what could not be seen.')
    .option('--db <file>', 'database to read', 'seekwatch.db')
    .option('--period <period>', 'a day, month, quarter or year: 2026-10-31, 2026-10, 2026-Q4, 2026')
    .option('--from <time>', 'where it begins, instead of --period: 2026-10-01, 2026-10, 2026-10-01T00:00:00Z')
    .option('--to <time>', 'where it ends, this moment excluded: with 2026-11-01 or 2026-11 October is the last of it')
    .option('--timezone <zone>', 'time zone of days and of times that name none, as Europe/Prague', 'UTC')
    .addOption(new Option('--format <format>', 'form of the report').choices(FORMATS).default('html'))
    .addOption(new Option('--lang <language>', 'language of html').choices(LANGUAGES).default('en'))
    .option(
      '--rows <count>',
      'most clients in a list; how many are left out is said',
      whole('--rows', ROWS_MAX),
      ROWS_DEFAULT,
    )
    .option('--title <text>', 'its title', '')
    .option('--out <file>', 'file to write to, instead of standard output')
    .addHelpText('after', NOTES)
    .action(report)
}

const NOTES = `
Without --period, --from and --to it is about the whole database. The time at which it was made is the only thing in
it that another run changes; SOURCE_DATE_EPOCH (seconds since 1970) sets it. CSV has a line for each contact, the same
in every language: json and html have as many clients as --rows says.`

async function report(options: ReportOptions): Promise<void> {
  const { out } = options
  const [{ openStore }, { Zone }] = await Promise.all([import('../store/store.ts'), import('../report/zone.ts')])
  if (options.title.length > TITLE_CHARACTERS_MAX)
    throw new UsageError(`--title: is longer than ${TITLE_CHARACTERS_MAX} characters; write a shorter one`)
  const zone = zoneOf(options.timezone, Zone)
  const span = await spanOf(options, zone)
  const rules = await rulesInPlace(options)
  if (out !== undefined) await refuseCapture(out)
  const store = openStore(options.db, { readonly: true })
  try {
    const about = { ...span, zone, title: readable(options.title), seekwatch: version(), madeUs: agreedNowUs(), rules }
    const chunks = await chunksOf(store, { ...about, rowsMax: options.rows }, options)
    if (out === undefined) await printChunks(chunks)
    else await writeWhole(out, chunks)
  } finally {
    store.close()
  }
}

/** The report in the form that is wanted, in pieces. */
async function chunksOf(store: Store, about: MakeOptions, { format, lang }: ReportOptions): Promise<Iterable<string>> {
  const { makeReport, spanOf } = await import('../report/model.ts')
  if (format === 'csv') {
    const { contactsCsv } = await import('../report/csv.ts')
    return contactsCsv(store, spanOf(about, store.knownSpan()))
  }
  if (format === 'json') return [`${asciiJson(makeReport(store, about))}\n`]
  const [{ page }, { textsOf }, { Words }] = await Promise.all([
    import('../report/page.ts'),
    import('../report/text.ts'),
    import('../report/words.ts'),
  ])
  const words = wordsOf(() => new Words(lang, about.zone.name), lang)
  return [page(makeReport(store, about), textsOf(words), words)]
}

function wordsOf(make: () => Words, language: Language): Words {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const problem = 'this Node.js was built without that language; take one with full ICU, or --lang en'
    throw new UsageError(`--lang ${language}: ${problem}`, { cause: error })
  }
}

function zoneOf(name: string, make: new (name: string) => Zone): Zone {
  try {
    return new make(name)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UsageError(`--timezone: there is no time zone "${printable(name)}"; write UTC or Europe/Prague`, {
      cause: error,
    })
  }
}

async function spanOf(
  { from, to, period }: ReportOptions,
  zone: Zone,
): Promise<{ fromUs: number | null; toUs: number | null }> {
  const { momentOf, periodOf, PERIOD_EXAMPLES, TIME_EXAMPLES } = await import('../report/period-text.ts')
  if (period !== undefined) {
    if (from !== undefined || to !== undefined)
      throw new UsageError('--period: says both ends already; leave --from and --to out, or it')
    const span = periodOf(period, zone)
    if (span === null) throw new UsageError(`--period: "${printable(period)}" is no period; write ${PERIOD_EXAMPLES}`)
    return span
  }
  const read = (option: string, text: string | undefined): number | null => {
    if (text === undefined) return null
    const timeUs = momentOf(text, zone)
    if (Number.isNaN(timeUs)) throw new UsageError(`${option}: "${printable(text)}" is no time; write ${TIME_EXAMPLES}`)
    return timeUs
  }
  const span = { fromUs: read('--from', from), toUs: read('--to', to) }
  if (span.fromUs !== null && span.toUs !== null && span.fromUs >= span.toUs)
    throw new UsageError('--to: is not after --from, and no time lies between; --to itself is excluded')
  return span
}

async function rulesInPlace(options: RuleOptions): Promise<RulesInPlace> {
  const { packs, policies } = await rulesOf(options, (text) => process.stderr.write(`seekwatch: ${text}\n`))
  const rules = packs.flatMap((pack) => pack.rules)
  return {
    packs: packs.map(({ id, version }) => ({ pack: id, version })),
    services: rules.filter(({ category }) => category === 'service').map(({ service }) => service),
    cited: new Set(rules.flatMap(({ policy }) => policy)),
    policies,
  }
}
