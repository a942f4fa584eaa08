/** `seekwatch forward`: sends alerts to a SIEM, as they come or all that are outstanding. */

import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { Command, Option } from 'commander'
import { asciiJson } from '../bytes/json-writer.ts'
import { readable } from '../bytes/text.ts'
import { rfc3339 } from '../bytes/time.ts'
import { LOG_LEVELS } from '../config/log-levels.ts'
import type { ForwardState } from '../events/forward.ts'
import { type Destination, SETTINGS } from '../forward/destination.ts'
import type { Forwarder } from '../forward/forwarder.ts'
import type { Lock } from '../store/lock.ts'
import type { Store } from '../store/store.ts'
import { counted } from './counted.ts'
import { beginDestination, checkedDestinations, collectDestinations } from './forward-options.ts'
import { whenReplaced } from './replaced.ts'
import { withSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

const EXIT_UNSENT = 3

interface ForwardOptions {
  db: string
  to: string[]
  forward: string[]
  once?: boolean
  test?: boolean
  status?: boolean
  forget?: boolean
  json?: boolean
  logLevel: string
}

/** Settings of a destination that are true or left out. */
const FLAGS = ['from-start', 'bom', 'insecure']

/** The command, to be added to the program. */
export function forwardCommand(): Command {
  const command = withSettings(new Command('forward'))
    .description(
      'Sends the alerts of a database to a SIEM over syslog, as they come, until it is told to end. What the SIEM does not take waits in the database.',
    )
    .option('--db <file>', 'database whose alerts are sent', 'seekwatch.db')
    .option(
      '--to <url>',
      'where to: syslog+tls://HOST:PORT, syslog+tcp:// or syslog+udp://; the options below may stand behind it, as ?format=eve&facility=local4 (may be given again)',
      collectDestinations('--to'),
      [],
    )
    .option(
      '--forward <url>',
      'where to, if --to does not say: as live and watch have it, and their settings file',
      collectDestinations('--forward'),
      [],
    )
  for (const [name, what] of Object.entries(SETTINGS))
    command.option(FLAGS.includes(name) ? `--${name}` : `--${name} <value>`, what)
  return command
    .addOption(new Option('--once', 'send what is outstanding, and end').conflicts(['test', 'status', 'forget']))
    .addOption(new Option('--test', 'send one message that says it is a test, and end').conflicts(['status', 'forget']))
    .addOption(new Option('--status', 'say how far each destination of the database is, and end').conflicts('forget'))
    .option('--forget', 'forget how far it is, so that it begins anew, and end')
    .option('--json', 'with --once and --status: print how far each destination is as one JSON object a line')
    .addOption(new Option('--log-level <level>', 'least weight of what is logged').choices(LOG_LEVELS).default('info'))
    .addHelpText('after', NOTE)
    .action(async (options: ForwardOptions) => {
      process.exitCode = await forward(options)
    })
}

const NOTE = `
An alert is sent as soon as it is stored, and again when it is surer or an attempt has become a use.
Exempt ones are not sent; those that an exemption hid, and hides no more, are. Each arrives at least once: after a
broken connection some may come twice, with the same id. A new destination is told what comes from now on, unless
--from-start says otherwise. One process at a time forwards from a database to a destination.

Exit codes: 0 all was sent, or it was told to end; 3 some could not be sent, and waits in the database.`

async function forward(options: ForwardOptions): Promise<number> {
  if (options.status) return await showStates(options)
  const settings = settingsOf(options as unknown as Record<string, unknown>)
  const isNamed = options.to.length > 0
  const destinations = await checkedDestinations(
    isNamed ? options.to : options.forward,
    isNamed ? '--to' : '--forward',
    settings,
  )
  if (destinations.length === 0)
    throw new UsageError('forward: say where to: seekwatch forward --to syslog+tls://siem.example:6514')
  if (options.test) return await sendTests(destinations)
  const store = await openExisting(options.db)
  try {
    return options.forget ? await forget(store, destinations) : await sendAlerts(options, store, destinations)
  } finally {
    store.close()
  }
}

/** What the options say of destinations, by the names of the settings. */
function settingsOf(options: Record<string, unknown>): Record<string, string> {
  const entries = Object.keys(SETTINGS).map((name) => {
    const key = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    return [name, options[key]] as const
  })
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]),
  )
}

async function openExisting(path: string, readonly = false): Promise<Store> {
  const { openStore } = await import('../store/store.ts')
  if (!existsSync(path))
    throw new UsageError(`forward: ${readable(path)}: no such database; name the one that a sensor writes to with --db`)
  return openStore(path, { readonly })
}

async function sendAlerts(options: ForwardOptions, store: Store, destinations: Destination[]): Promise<number> {
  const [{ lockForDestination }, { StoreError }, { Forwarder }, { carrierOf }, { openLog }] = await Promise.all([
    import('../store/lock.ts'),
    import('../store/errors.ts'),
    import('../forward/forwarder.ts'),
    import('../forward/carrier.ts'),
    import('./log.ts'),
  ])
  const log = openLog(options.logLevel)
  const say = options.once ? sayPlainly : (level: 'info' | 'warn' | 'error', text: string) => log[level](text)
  const locks: Lock[] = []
  const stop = new AbortController()
  const end = (): void => stop.abort()
  process.on('SIGINT', end).on('SIGTERM', end)
  let isReplaced = false
  const stopLooking = whenReplaced(options.db, () => {
    isReplaced = true
    end()
  })
  try {
    const forwarders: Forwarder[] = []
    for (const destination of destinations) {
      locks.push(lockForDestination(options.db, destination.name))
      beginDestination(store, destination, say)
      forwarders.push(
        new Forwarder({
          destination,
          queue: store.outgoing,
          dataVersion: () => store.dataVersion(),
          deliver: carrierOf(destination),
          product: { version: version() },
          say,
        }),
      )
    }
    const isDone = await Promise.all(
      forwarders.map((one) => (options.once ? one.sendAll(stop.signal) : one.follow(stop.signal).then(() => true))),
    )
    const states = statesOf(store, destinations)
    for (const [i, { name, outstanding }] of states.entries())
      say('info', `${name}: ${counted(forwarders[i]!.sent, 'alert was', 'alerts were')} sent, ${outstanding} wait`)
    if (options.json) printStates(states)
    if (isReplaced) {
      const advice = 'start this again, and it goes on with the file that is there then'
      throw new StoreError(`${readable(options.db)}: it was moved, deleted or replaced by another file; ${advice}`)
    }
    return isDone.every(Boolean) ? 0 : EXIT_UNSENT
  } finally {
    stopLooking()
    for (const lock of locks) lock.release()
    process.removeListener('SIGINT', end).removeListener('SIGTERM', end)
  }
}

/** Sends a test message to each, and says how that went. */
async function sendTests(destinations: readonly Destination[]): Promise<number> {
  const [{ carrierOf }, { DeliveryError }, { alertFormat }, { syslogMessage }, { testAlert, TEST_KIND }] =
    await Promise.all([
      import('../forward/carrier.ts'),
      import('../outputs/transport/delivery.ts'),
      import('../outputs/format/alert-formats.ts'),
      import('../outputs/format/syslog.ts'),
      import('../forward/test-alert.ts'),
    ])
  const { signal } = new AbortController()
  let isSent = true
  for (const destination of destinations) {
    const { name, format, style, transport } = destination
    const alert = testAlert(hostname(), Date.now() * 1000)
    const { write } = alertFormat(format)
    const { bytes } = syslogMessage(alert, (one) => write(one, { version: version() }), style, TEST_KIND)
    try {
      await carrierOf(destination)([bytes], { signal, silenceMs: 0 })
      const doubt = transport === 'udp' ? '; over UDP nobody says whether it arrived: look for it there' : ''
      sayPlainly('info', `${name}: test message ${alert.id} was sent${doubt}`)
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error
      sayPlainly('error', `${name}: the test message did not arrive: ${error.message}`)
      isSent = false
    }
  }
  return isSent ? 0 : EXIT_UNSENT
}

/** Throws LockedError when a process forwards there, which would lose its place. */
async function forget(store: Store, destinations: readonly Destination[]): Promise<number> {
  const { lockForDestination } = await import('../store/lock.ts')
  for (const { name } of destinations) {
    const lock = lockForDestination(store.path, name)
    const isKnown = store.outgoing.forget(name)
    lock.release()
    if (!isKnown)
      throw new UsageError(`forward: ${name} is not known in ${readable(store.path)}; --status lists what is`)
    sayPlainly('info', `${name} is forgotten: the next time it begins anew`)
  }
  return 0
}

async function showStates({ db, json }: ForwardOptions): Promise<number> {
  const store = await openExisting(db, true)
  try {
    const states = store.outgoing.states()
    if (json) printStates(states)
    else if (states.length === 0) sayPlainly('info', `${readable(db)}: alerts were never forwarded from it`)
    else for (const state of states) process.stdout.write(stateText(state))
    return 0
  } finally {
    store.close()
  }
}

function stateText({
  name,
  url,
  outstanding,
  sent,
  doubtful,
  since_us,
  sent_us,
  failing_us,
  reason,
}: ForwardState): string {
  const last = sent_us === null ? 'nothing yet' : `last at ${second(sent_us)}`
  const doubt = doubtful === 0 ? '' : `, ${doubtful} of them perhaps not read`
  const lines = [
    name === url ? name : `${name} (${url})`,
    `  ${counted(outstanding, 'alert waits', 'alerts wait')}; ${counted(sent, 'message')} sent since ${second(since_us)}${doubt}; ${last}`,
    ...(failing_us === null ? [] : [`  takes nothing since ${second(failing_us)}: ${readable(reason)}`]),
  ]
  return `${lines.join('\n')}\n`
}

function second(timeUs: number): string {
  return `${rfc3339(timeUs).slice(0, 19)}Z`
}

function statesOf(store: Store, destinations: readonly Destination[]): ForwardState[] {
  const states = store.outgoing.states()
  return destinations.flatMap(({ name }) => states.filter((state) => state.name === name))
}

function printStates(states: readonly ForwardState[]): void {
  for (const state of states) process.stdout.write(`${asciiJson(state)}\n`)
}

function sayPlainly(_level: string, text: string): void {
  process.stderr.write(`seekwatch: ${text}\n`)
}
