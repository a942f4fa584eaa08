/** `seekwatch live`: watches network interfaces until it is told to end. */

import { hostname } from 'node:os'
import { Command, Option } from 'commander'
import { ADAPTER_NAMES, type Adapter, type AdapterName } from '../capture/live/adapter.ts'
import type { Refusal } from '../capture/live/live.ts'
import { LIMITS } from '../config/limits.ts'
import { coverTest } from '../detect/exemption.ts'
import { DASHBOARD_DIR, LISTEN_DEFAULT, mayWrite, parseListen } from './listen.ts'
import type { LiveResult, LiveRun } from './live-run.ts'
import { LOG_LEVELS } from './log.ts'
import { EVENT_KINDS, eventKinds, RULES_SHIPPED } from './replay.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

/** A write does not wait for other processes for long: packets come meanwhile, and it is tried again. */
const BUSY_MS = 100
const WORKERS_MAX = 32
const RING_MIB_MAX = 16_384
const EXIT_OURS = 1
const EXIT_AT_ONCE = 130

interface LiveCommandOptions {
  interface: string[]
  capture: AdapterName | 'auto'
  filter: string
  workers: number
  ring: number
  db: string
  eve?: string
  events: string
  rules: string
  sensor: string
  serve: boolean
  listen: string
  allowHost: string[]
  allowWrites?: boolean
  logLevel: string
  json?: boolean
}

/** The command, to be added to the program. */
export function liveCommand(): Command {
  return new Command('live')
    .description(
      'Watches network interfaces, stores what it finds and shows it on the dashboard, until it is told to end.',
    )
    .requiredOption('-i, --interface <name>', 'network interface to watch (may be given again)', collect, [])
    .addOption(
      new Option(
        '--capture <program>',
        'what captures: the first of tcpdump, dumpcap and cap that works, or one of them',
      )
        .choices(['auto', ...ADAPTER_NAMES])
        .default('auto'),
    )
    .option('--filter <expression>', 'what to look at, in the language of pcap-filter(7)', '')
    .option(
      '--workers <n>',
      'capturing programs per interface, among which flows are split',
      whole('--workers', 1, WORKERS_MAX),
      1,
    )
    .option('--ring <MiB>', "size of the kernel's ring for each of them", whole('--ring', 1, RING_MIB_MAX), 128)
    .option('--db <file>', 'database that alerts are added to', 'seekwatch.db')
    .option('--eve <file>', 'add EVE JSON lines to this file, - for standard output; SIGHUP opens it again')
    .option('--events <kinds>', `what goes to EVE, joined by commas: ${EVENT_KINDS.join(', ')}`, 'alert')
    .option('--rules <folder>', 'folder with rule packs', RULES_SHIPPED)
    .option('--sensor <name>', 'name of this sensor in alerts', hostname())
    .option('--no-serve', 'no dashboard')
    .option('--listen <address:port>', 'where the dashboard listens; [ADDRESS]:PORT for IPv6', LISTEN_DEFAULT)
    .option(
      '--allow-host <name>',
      'also answer to this name, that of a reverse proxy (may be given again)',
      collect,
      [],
    )
    .option('--allow-writes', 'let the page change states and exemptions also where others can reach it')
    .addOption(new Option('--log-level <level>', 'least weight of what is logged').choices(LOG_LEVELS).default('info'))
    .option('--json', 'print the summary as one JSON object at the end')
    .action(async (options: LiveCommandOptions) => {
      process.exitCode = await run(options)
    })
}

async function run(options: LiveCommandOptions): Promise<number> {
  const events = eventKinds(options.events)
  const address = parseListen(options.listen)
  if (options.interface.length === 0) throw new UsageError('live: name an interface: seekwatch live -i eth1')
  if (options.eve === '-' && options.json) {
    throw new UsageError('--eve - and --json both want standard output; write EVE to a file: --eve eve.json --json')
  }
  const [{ loadNetworks }, { loadPacks }, { openStore }, { lockForSensor }, { LogFile }, { LiveRun }, { openLog }] =
    await Promise.all([
      import('../enrich/networks.ts'),
      import('../packs/load.ts'),
      import('../store/store.ts'),
      import('../store/lock.ts'),
      import('../outputs/transport/log-file.ts'),
      import('./live-run.ts'),
      import('./log.ts'),
    ])
  const log = openLog(options.logLevel)
  const packs = loadPacks(options.rules)
  const store = openStore(options.db, { busyMs: BUSY_MS })
  let cleanUp = (): void => store.close()
  try {
    const lock = lockForSensor(options.db)
    cleanUp = () => {
      store.close()
      lock.release()
    }
    const eve = options.eve === undefined ? null : new LogFile(options.eve)
    let live: LiveRun | null = null
    const server = options.serve
      ? await (await import('../server/http.ts')).startServer({
          ...address,
          store,
          dashboardDir: DASHBOARD_DIR,
          version: version(),
          allowedHosts: options.allowHost,
          ...(mayWrite({ ...options, host: address.host }) ? { covers: coverTest } : {}),
          logger: log.child({}, { level: 'warn' }),
          vitals: () => live?.vitals ?? STARTING,
        })
      : null
    try {
      const ending = endOfWork(() => live?.kill())
      const started = await LiveRun.start({
        capture: {
          devices: [...new Set(options.interface)],
          adapter: options.capture,
          workers: options.workers,
          filter: options.filter,
          ringMiB: options.ring,
        },
        packs,
        networks: loadNetworks(),
        limits: LIMITS,
        sensor: options.sensor,
        store,
        eve,
        events,
        log,
        eveDropped: () => eve?.dropped ?? 0,
        onAlerts: (alerts) => server?.publish.alerts(alerts),
      })
      live = started.live
      if (live === null) throw new UsageError(refusal(options, started.refusals))
      for (const { adapter, reason } of started.refusals) log.info(`not ${adapter}: ${reason}`)
      log.info(`watching ${options.interface.join(', ')} with ${adapterText(live.adapter)}`)
      if (server !== null) log.info(`the dashboard is at ${server.url}`)
      const rotate = (): void => eve?.reopen()
      process.on('SIGHUP', rotate)
      await ending
      const result = await live.stop()
      process.removeListener('SIGHUP', rotate)
      eve?.close()
      log.info(summaryLine(result))
      if (result.unstored > 0) log.error(`${result.unstored} alerts could not be stored`)
      for (const { file, packet, message } of result.crashes)
        log.error(`${file}: packet ${packet}: a failure of ours, please report it: ${message}`)
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ ...result.summary, packets_lost: result.packetsLost })}\n`)
      }
      return result.crashes.length > 0 || result.unstored > 0 ? EXIT_OURS : 0
    } finally {
      await server?.close()
    }
  } finally {
    cleanUp()
  }
}

const STARTING = {
  trouble: 'the sensor is starting',
  interfaces: [],
  counters: {},
  alerts: 0,
  alerts_waiting: 0,
  alerts_lost: 0,
  eve_dropped: 0,
  gaps: 0,
}

/** Resolves at the first signal to end; the second one ends the process at once, after `atOnce`. */
export function endOfWork(atOnce: () => void): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false
    const end = (): void => {
      if (isAsked) {
        atOnce()
        process.exit(EXIT_AT_ONCE)
      }
      isAsked = true
      resolve()
    }
    process.on('SIGINT', end).on('SIGTERM', end)
  })
}

function adapterText({ name, stamps, tellsLosses, delayMs }: Adapter): string {
  const time = stamps === 'kernel' ? 'time stamps of the kernel' : 'times of arrival, because it has no time stamps'
  const losses = tellsLosses === 'never' ? 'losses unknown, because it does not tell' : `losses told ${tellsLosses}`
  return `${name} (${time}; ${losses}; packets within ${delayMs} ms)`
}

function refusal({ interface: devices, capture }: LiveCommandOptions, refusals: readonly Refusal[]): string {
  const why = refusals.map(({ adapter, reason }) => `  ${adapter}: ${reason}`).join('\n')
  const what = capture === 'auto' ? 'no program can capture' : `${capture} cannot capture`
  return `live: ${what} on ${devices.join(', ')}:\n${why}\n"seekwatch doctor -i ${devices[0]}" says what this machine lacks`
}

function summaryLine({ summary, packetsLost }: LiveResult): string {
  const { packets, flows, alerts, alerts_new, contacts, seconds } = summary
  return `${packets} packets (${packetsLost} lost), ${flows} flows, ${contacts} contacts, ${alerts} alerts, ${alerts_new} of them new, in ${seconds.toFixed(0)} s`
}

function collect(value: string, values: string[]): string[] {
  return [...values, value]
}

function whole(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new UsageError(`${option}: "${text}" is no whole number from ${min} to ${max}`)
    return value
  }
}
