/**
 * What commands have in common that stay up until they are told to end: the
 * options, the database with its lock, EVE, the dashboard, the log, signals.
 *
 * The first SIGINT or SIGTERM ends the work in order, the second at once.
 * SIGHUP opens the EVE file again, as log rotation wants it, and reads the
 * rules again, as a change of their files does.
 */

import { hostname } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { Command, Option } from 'commander'
import type { Logger } from 'pino'
import { LIMITS } from '../config/limits.ts'
import { LOG_LEVELS } from '../config/log-levels.ts'
import type { CompiledRules } from '../detect/compile.ts'
import type { PublishedRules } from '../events/rules.ts'
import type { Vitals } from '../events/vitals.ts'
import { beginDestination, checkedDestinations, collectDestinations } from './forward-options.ts'
import { addHost, DASHBOARD_DIR, LISTEN_DEFAULT, listenText, mayWrite, parseListen } from './listen.ts'
import { EVENT_KINDS, eventKinds } from './replay.ts'
import { addRuleOptions, type RuleOptions, ruleSource, rulesOf } from './rule-options.ts'
import type { RunOptions, RunResult } from './run.ts'
import { sensorName } from './sensor-name.ts'
import { withSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

/** A write does not wait for other processes for long: packets come meanwhile, and it is tried again. */
const BUSY_MS = 100
const EXIT_AT_ONCE = 130
const EXIT_OURS = 1

/** V8 would let the heap grow to several times what is in use before it collects; a sensor has months for it. */
const HEAP_GROWTH = '--heap-growing-percent=10'

export interface ServiceOptions extends RuleOptions {
  db: string
  eve?: string
  events: string
  forward: string[]
  sensor: string
  serve: boolean
  listen: string
  allowHost: string[]
  allowWrites?: boolean
  logLevel: (typeof LOG_LEVELS)[number]
  json?: boolean
}

/** What a command's work is given. */
export interface Service {
  log: Logger
  /** What every run needs. */
  run: Omit<RunOptions, 'run' | 'command' | 'patience'>
  /** EVE lines that were given up. */
  eveDropped: () => number
  /** Aborts at the first signal to end. */
  signal: AbortSignal
  /** Where the dashboard is; empty when there is none. */
  url: string
  /** How the sensor is, from now on. */
  setVitals(vitals: () => Vitals): void
  /** What is done at once when a second signal comes. */
  onSecondSignal(atOnce: () => void): void
}

/** The command `name` with the options of a service. */
export function serviceCommand(name: string): Command {
  return addRuleOptions(withSettings(new Command(name)))
    .option('--db <file>', 'database that alerts are added to', 'seekwatch.db')
    .option(
      '--eve <file>',
      'add EVE JSON lines to this file, - for standard output; SIGHUP opens it again, and reads the rules again',
    )
    .option('--events <kinds>', `what goes to EVE, joined by commas: ${EVENT_KINDS.join(', ')}`, 'alert')
    .option(
      '--forward <url>',
      'send alerts to a SIEM, too: syslog+tls://HOST:PORT?format=cef; "forward --help" has the settings (may be given again)',
      collectDestinations('--forward'),
      [],
    )
    .option('--sensor <name>', 'name of this sensor in alerts', sensorName, hostname())
    .option('--no-serve', 'no dashboard')
    .option(
      '--listen <address:port>',
      'where the dashboard listens; [ADDRESS]:PORT for IPv6',
      listenText,
      LISTEN_DEFAULT,
    )
    .option(
      '--allow-host <name>',
      'also answer to this name, that of a reverse proxy (may be given again)',
      addHost,
      [],
    )
    .option('--allow-writes', 'let the page change states and exemptions also where others can reach it')
    .addOption(new Option('--log-level <level>', 'least weight of what is logged').choices(LOG_LEVELS).default('info'))
    .option('--json', 'print the summary as one JSON object at the end')
}

/** Runs `work` with all of that; returns the exit code. Throws what the user has to mend. */
export async function serve(options: ServiceOptions, work: (service: Service) => Promise<number>): Promise<number> {
  const events = eventKinds(options.events)
  const address = parseListen(options.listen)
  const destinations = await checkedDestinations(options.forward, '--forward')
  if (options.eve === '-' && options.json) {
    throw new UsageError('--eve - and --json both want standard output; write EVE to a file: --eve eve.json --json')
  }
  const [
    { compileRules },
    { coverTest },
    { loadNetworks },
    { openStore },
    { lockForSensor },
    { LogFile },
    { openLog },
    { publish },
    { keepReviewing },
  ] = await Promise.all([
    import('../detect/compile.ts'),
    import('../detect/exemption.ts'),
    import('../enrich/networks.ts'),
    import('../store/store.ts'),
    import('../store/lock.ts'),
    import('../outputs/transport/log-file.ts'),
    import('./log.ts'),
    import('../packs/publish.ts'),
    import('./reviewing.ts'),
  ])
  setFlagsFromString(HEAP_GROWTH)
  const log = openLog(options.logLevel)
  const set = await rulesOf(options, (text) => log.warn(text))
  const rules = compileRules(set)
  let published: PublishedRules = options.serve ? publish(set) : { rules: [], policies: [], feeds: [] }
  const store = openStore(options.db, { busyMs: BUSY_MS })
  const ends: Array<() => void | Promise<void>> = [() => store.close()]
  try {
    const lock = lockForSensor(options.db)
    ends.push(() => lock.release())
    if (destinations.length > 0) {
      // before the first packet: what comes from now on is what they are told
      const say = (level: 'info' | 'warn' | 'error', text: string): void => log[level](text)
      for (const destination of destinations) beginDestination(store, destination, say)
      const product = { version: version() }
      const { BackgroundForwarding } = await import('../forward/background.ts')
      const forwarding = new BackgroundForwarding({ path: options.db, destinations, product, say })
      ends.push(() => forwarding.stop())
    }
    const eve = options.eve === undefined ? null : new LogFile(options.eve)
    ends.push(() => {
      eve?.close()
      if (eve === null || eve.dropped === 0) return
      const why = eve.trouble || 'it could not be written for too long, or an earlier run left a line cut'
      log.warn(`${options.eve}: ${eve.dropped} events were given up: ${why}`)
    })
    let vitals = (): Vitals => STARTING
    const mayChange = mayWrite({ ...options, host: address.host, allowWrites: options.allowWrites ?? false })
    const server = !options.serve
      ? null
      : await (await import('../server/http.ts')).startServer({
          ...address,
          store,
          dashboardDir: DASHBOARD_DIR,
          version: version(),
          allowedHosts: options.allowHost,
          ...(mayChange ? { covers: coverTest } : {}),
          rules: () => published,
          logger: log.child({}, { level: log.isLevelEnabled('debug') ? 'debug' : 'warn' }),
          vitals: () => vitals(),
        })
    if (server !== null) ends.push(() => server.close())
    ends.push(keepReviewing(store, () => server?.publish.reload()))
    let useRules = (_: CompiledRules): void => {}
    const source = await ruleSource({
      ...options,
      current: rules,
      isPublished: options.serve,
      use: (fresh) => {
        useRules(fresh.rules)
        published = fresh.published ?? published
        server?.publish.reload()
      },
      say: (text, isProblem) => (isProblem ? log.error(text) : log.info(text)),
    })
    ends.push(() => source.close())
    source.watch()
    const signals = new Signals(() => {
      void source.reload()
      eve?.reopen()
    })
    ends.push(() => signals.forget())
    return await work({
      log,
      run: {
        rules,
        onSensor: (sensor) => {
          useRules = (fresh) => sensor.useRules(fresh)
        },
        networks: loadNetworks(),
        limits: LIMITS,
        sensor: options.sensor,
        store,
        eve,
        events,
        onAlerts: (alerts) => server?.publish.alerts(alerts),
      },
      eveDropped: () => eve?.dropped ?? 0,
      signal: signals.signal,
      url: server?.url ?? '',
      setVitals: (now) => {
        vitals = now
      },
      onSecondSignal: (atOnce) => {
        signals.atOnce = atOnce
      },
    })
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

const STARTING: Vitals = {
  trouble: 'the sensor is starting',
  interfaces: [],
  counters: {},
  alerts: 0,
  alerts_waiting: 0,
  alerts_lost: 0,
  eve_dropped: 0,
  gaps: 0,
  record_lost: 0,
}

/** Says how a run ended; returns the exit code, as far as it is about failures of ours. */
export function sayEnd({ log }: Service, { summary, crashes }: RunResult, unstored: number, lost?: number): number {
  const { packets, flows, alerts, alerts_new, contacts, seconds } = summary
  const losses = lost === undefined ? '' : ` (${lost} lost)`
  log.info(
    `${packets} packets${losses}, ${flows} flows, ${contacts} contacts, ${alerts} alerts, ${alerts_new} of them new, in ${seconds.toFixed(0)} s`,
  )
  if (unstored > 0) log.error(`${unstored} alerts could not be stored`)
  for (const { file, packet, message } of crashes)
    log.error(`${file}: packet ${packet}: a failure of ours, please report it: ${message}`)
  return crashes.length > 0 || unstored > 0 ? EXIT_OURS : 0
}

class Signals {
  readonly #stop = new AbortController()
  readonly #onHangup: () => void
  atOnce = (): void => {}

  constructor(onHangup: () => void) {
    this.#onHangup = onHangup
    process.on('SIGINT', this.#end).on('SIGTERM', this.#end).on('SIGHUP', onHangup)
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  forget(): void {
    process
      .removeListener('SIGINT', this.#end)
      .removeListener('SIGTERM', this.#end)
      .removeListener('SIGHUP', this.#onHangup)
  }

  readonly #end = (): void => {
    if (this.#stop.signal.aborted) {
      this.atOnce()
      process.exit(EXIT_AT_ONCE)
    }
    this.#stop.abort()
  }
}

/** For options that may be given again. */
export function collect(value: string, values: string[]): string[] {
  return [...values, value]
}
