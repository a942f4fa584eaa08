/** `seekwatch replay`: captures in, alerts out. */

import { existsSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { Command, Option } from 'commander'
import { printable } from '../bytes/text.ts'
import type { CaptureFault, Remark } from '../capture/block.ts'
import { LIMITS } from '../config/limits.ts'
import type { FreshRules, RuleSource } from '../detect/rule-source.ts'
import { INBOX_STATES } from '../events/alert.ts'
import type { EventKind } from '../sensor/sensor.ts'
import { Console } from './console.ts'
import { counted } from './counted.ts'
import { addRuleOptions, type RuleOptions, ruleSource, rulesOf } from './rule-options.ts'
import type { RunResult } from './run.ts'
import { sensorName } from './sensor-name.ts'
import { withSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'
import { whole } from './whole.ts'

export const EVENT_KINDS: ReadonlyArray<EventKind | 'alert'> = [
  'alert',
  'tls',
  'quic',
  'dns',
  'http',
  'socks',
  'flow',
  'stats',
]

const EXIT_OURS = 1
const EXIT_INPUT = 3
const EXIT_INTERRUPTED = 130
const CONTACTS_SHOWN = 1000
const REMARKS_SHOWN = 20
const NOTHING_READ = 'No packet was read, so nothing can be said of contacts.\n'
const JOBS_MAX = 64
/** Each may hold 32 MiB. */
const JOBS_DEFAULT_MAX = 4

interface ReplayOptions extends RuleOptions {
  db: string
  store: boolean
  eve?: string
  events: string
  sensor: string
  jobs: number
  quiet?: boolean
  json?: boolean
}

/** The command, to be added to the program. */
export function replayCommand(): Command {
  return addRuleOptions(withSettings(new Command('replay')))
    .description('Reads capture files and reports who talked to watched services.')
    .argument(
      '<paths...>',
      'pcap or pcapng files (also gzip or zstd), folders with all in them, or - for standard input',
    )
    .option('--db <file>', 'database that alerts are added to', 'seekwatch.db')
    .addOption(new Option('--no-store', 'keep nothing'))
    .option('--eve <file>', 'write EVE JSON lines to this file, - for standard output')
    .option('--events <kinds>', `what goes to EVE, joined by commas: ${EVENT_KINDS.join(', ')}`, 'alert')
    .option('--sensor <name>', 'name of this sensor in alerts', sensorName, hostname())
    .addOption(
      new Option(
        '--jobs <n>',
        'compressed files that are decompressed at once, each by a thread; what is found does not depend on it',
      )
        .argParser(whole('--jobs', JOBS_MAX))
        .default(
          Math.min(availableParallelism(), JOBS_DEFAULT_MAX),
          `as many as there are processors, at most ${JOBS_DEFAULT_MAX}`,
        ),
    )
    .option('--quiet', 'say nothing but errors')
    .option('--json', 'print the summary as one JSON object instead of the table of contacts')
    .action(async (paths: string[], options: ReplayOptions) => {
      process.exitCode = await run(paths, options)
    })
}

async function run(paths: string[], options: ReplayOptions): Promise<number> {
  const events = eventKinds(options.events)
  if (options.eve === '-' && options.json) {
    throw new UsageError('--eve - and --json both want standard output; write EVE to a file: --eve eve.json --json')
  }
  const [{ loadNetworks }, { compileRules }, { openStore }, { LineWriter }, { replay }] = await Promise.all([
    import('../enrich/networks.ts'),
    import('../detect/compile.ts'),
    import('../store/store.ts'),
    import('../outputs/transport/lines.ts'),
    import('./replay-run.ts'),
  ])
  const screen = new Console({ quiet: options.quiet ?? false })
  const { packs } = await rulesOf(options, (text) => screen.error(text))
  const rules = compileRules({ packs })
  // a path that was mistyped leaves no database behind
  const db = options.store && paths.some((path) => path === '-' || existsSync(path)) ? options.db : null
  const store = openStore(db ?? ':memory:')
  const eve = options.eve === undefined ? null : new LineWriter(options.eve)
  const stop = new AbortController()
  const interrupt = () => {
    stop.abort()
    screen.error('ending with what was read; a second signal ends at once')
  }
  let reload = (): void => {}
  const hangUp = () => reload()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt).on('SIGHUP', hangUp)
  try {
    const result = await replay({
      paths,
      jobs: options.jobs,
      packs,
      rules,
      networks: loadNetworks(),
      limits: LIMITS,
      sensor: options.sensor,
      store,
      eve,
      events,
      onProgress: (progress) => screen.progress(progress),
      onAlerts: () => {},
      onFault: (fault) => screen.error(faultText(fault)),
      onRemarks: (remarks, passedOver) => sayRemarks(remarks, passedOver, screen),
      signal: stop.signal,
      onSensor: (sensor) => {
        // the thread that reads rules is only made when somebody asks
        const say = (text: string, isProblem: boolean) => (isProblem ? screen.error(text) : screen.say(text))
        const use = (fresh: FreshRules) => sensor.useRules(fresh.rules)
        let source: Promise<RuleSource> | undefined
        reload = () => {
          source ??= ruleSource({ ...options, current: rules, isPublished: false, use, say })
          void source.then((source) => source.reload())
        }
      },
    })
    await eve?.close()
    screen.endProgress()
    if (options.json) process.stdout.write(`${JSON.stringify(result.summary)}\n`)
    else if (!options.quiet && options.eve !== '-') {
      const { contactTable } = await import('./contact-table.ts')
      const { packets, contacts: here } = result.summary
      const { contacts, total } = store.contacts({ limit: CONTACTS_SHOWN, state: INBOX_STATES })
      process.stdout.write(packets === 0 && total === 0 ? NOTHING_READ : contactTable(contacts))
      if (total > CONTACTS_SHOWN) screen.say(`the newest ${CONTACTS_SHOWN} of ${total} contacts`)
      if (total > here) screen.say(`the table has all contacts of ${printable(options.db)}, also those of other runs`)
    }
    if (!options.quiet) screen.say(summaryText(result, db))
    return exitCode(result, screen, stop.signal.aborted)
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt).removeListener('SIGHUP', hangUp)
    screen.endProgress()
    store.close()
  }
}

/** The exit code of a replay; says what it is about when it is our fault. */
export function exitCode({ summary, crashes }: RunResult, screen: Console, interrupted: boolean): number {
  for (const { file, packet, message } of crashes) {
    screen.error(
      `${printable(file)}: packet ${packet}: a failure of ours, please report it with this packet: ${message}`,
    )
  }
  if (crashes.length > 0) return EXIT_OURS
  if (interrupted) {
    screen.error('ended by a signal before all was read; the same command again adds the rest, and nothing twice')
    return EXIT_INTERRUPTED
  }
  return summary.files_failed > 0 ? EXIT_INPUT : 0
}

/** One line for people about what could not be read. What stops at the first byte is wrong as a whole. */
export function faultText({ file, offset, reason, advice }: CaptureFault): string {
  const name = file === '-' ? 'standard input' : printable(file)
  const place = offset === 0 ? '' : ` at byte ${offset}:`
  return `${name}:${place} ${printable(reason)}. ${advice}`
}

function sayRemarks(remarks: readonly Remark[], passedOver: number, screen: Console): void {
  for (const { file, remark } of remarks.slice(0, REMARKS_SHOWN)) screen.say(`${printable(file)} ${printable(remark)}`)
  const more = remarks.length - REMARKS_SHOWN
  if (more > 0) screen.say(`and ${more} more; --json has them all`)
  if (passedOver > 0) screen.say(`passed over for being no captures: ${counted(passedOver, 'file')}`)
}

/** What a run did, in a few lines for people. */
export function summaryText({ summary }: RunResult, db: string | null): string {
  const { files, packets, bytes, flows, seconds, alerts, contacts, not_decoded, files_failed } = summary
  const rate = seconds >= 1 ? ` (${(packets / seconds / 1e6).toFixed(2)} M packets/s)` : ''
  const left = Object.entries(not_decoded).map(([reason, count]) => `${reason} ${count}`)
  const share = packets > 0 ? (100 * sum(Object.values(not_decoded))) / packets : 0
  return [
    `${counted(files, 'file')}, ${counted(packets, 'packet')}, ${(bytes / 1e6).toFixed(1)} MB, ${counted(flows, 'flow')} in ${seconds.toFixed(1)} s${rate}`,
    `${counted(contacts, 'contact')}, ${counted(alerts, 'alert')}${db === null ? '' : `, ${summary.alerts_new} of them new in ${printable(db)}`}`,
    ...(summary.alerts_exempt > 0 ? [`${summary.alerts_exempt} of the alerts are exempt (seekwatch exempt list)`] : []),
    ...(left.length > 0 ? [`not decoded: ${share.toFixed(2)} % of packets: ${left.join(', ')}`] : []),
    ...(files_failed > 0 ? [`${files_failed} could not be read to the end (see above)`] : []),
  ].join('\n')
}

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}

/** The kinds of event in `text`, joined by commas. Throws UsageError. */
export function eventKinds(text: string): ReadonlySet<EventKind | 'alert'> {
  const kinds = text.split(',').map((kind) => kind.trim())
  for (const kind of kinds) {
    if (!(EVENT_KINDS as readonly string[]).includes(kind)) {
      throw new UsageError(`--events: there is no kind "${printable(kind)}"; choose from ${EVENT_KINDS.join(', ')}`)
    }
  }
  return new Set(EVENT_KINDS.filter((kind) => kinds.includes(kind)))
}
