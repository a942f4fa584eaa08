/** `seekwatch alerts`: search, list and export what a database holds. One alert is shown by alerts-show.ts, what was decided on it set by alerts-triage.ts. */

import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import { printable } from '../bytes/text.ts'
import { type Alert, CATEGORIES, CONFIDENCES, SEVERITIES, STATES } from '../events/alert.ts'
import type { AlertQuery } from '../events/api.ts'
import { ALERT_FORMATS, alertFormat } from '../outputs/format/alert-formats.ts'
import type { Store } from '../store/store.ts'
import { CSV_TITLES, csvAlert, FORMATS, type Format, tableLines } from './alerts-format.ts'
import { showCommand } from './alerts-show.ts'
import { triageCommand } from './alerts-triage.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

/** Rows of a table when nobody says how many; exports give all. */
const TABLE_ROWS = 200
/** Bytes that are written at once. */
const CHUNK_BYTES = 65_536

interface AlertsOptions {
  db: string
  format: Format
  limit?: string
}

type Filters = Record<string, string>

/** The command, to be added to the program. */
export function alertsCommand(): Command {
  return new Command('alerts')
    .description('Searches, lists and exports the alerts of a database, oldest first.')
    .option('--db <file>', 'database to read', 'seekwatch.db')
    .addOption(new Option('--format <format>', 'how to print them').choices(FORMATS).default('table'))
    .option('--client <address>', 'address or CIDR of the client')
    .option('--text <text>', 'part of a name or address')
    .option('--service <name>', 'for example DeepSeek')
    .option('--category <category>', CATEGORIES.join(', '))
    .option('--severity <severity>', `this or stronger: ${SEVERITIES.join(', ')}`)
    .option('--confidence <confidence>', `this or stronger: ${CONFIDENCES.join(', ')}`)
    .option('--state <states>', `one of these, joined by commas: ${STATES.join(', ')}`)
    .option('--contact <id>', 'alerts of this contact')
    .option(
      '--from <time>',
      'last seen at or after: 2025-07-10, "2025-07-10 12:00" (UTC), 2025-07-10T12:00:00+02:00',
      inUtc,
    )
    .option('--to <time>', 'first seen before; a day means its first moment', inUtc)
    .option('--limit <count>', `only the newest; ${TABLE_ROWS} in a table, else all`)
    .addHelpText('after', FORMATS_NOTE)
    .allowExcessArguments()
    .action(listAlerts)
    .enablePositionalOptions()
    .addCommand(showCommand())
    .addCommand(triageCommand('ack', 'acknowledged', 'Says that somebody has seen these alerts.'))
    .addCommand(triageCommand('escalate', 'escalated', 'Says that somebody else has to look at these alerts.'))
    .addCommand(triageCommand('close', 'closed', 'Says that nothing is left to do about these alerts.'))
    .addCommand(triageCommand('reopen', 'new', 'Puts these alerts back where new ones are.'))
}

const FORMATS_NOTE = `
Formats for other systems, a line per alert:
${ALERT_FORMATS.map(({ name, what }) => `  ${name.padEnd(6)} ${what}`).join('\n')}

A CSV cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a carriage
return) has an apostrophe in front; control characters are written as \\xNN.`

async function listAlerts({ db, format, limit, ...filters }: AlertsOptions & Filters, command: Command): Promise<void> {
  const [word] = command.args
  if (word !== undefined) throw new UsageError(`alerts: ${noCommand(printable(word), command)}`)
  const [{ alertQuery }, { QueryError }, { openStore }] = await Promise.all([
    import('../server/api/query.ts'),
    import('../store/errors.ts'),
    import('../store/store.ts'),
  ])
  const rows = rowsWanted(limit, format)
  let query: AlertQuery
  try {
    query = alertQuery(filters)
  } catch (error) {
    throw error instanceof QueryError ? new UsageError(`--${error.message}`, { cause: error }) : error
  }
  const store = openStore(db, { readonly: true })
  try {
    const services = query.service === undefined ? [] : store.services()
    const service = services.find((name) => name.toLowerCase() === query.service!.trim().toLowerCase())
    if (service !== undefined) query.service = service
    const { total, shown } = await printAlerts(store, query, format, rows, process.stdout)
    if (total === 0) process.stderr.write(`seekwatch: ${noneFound(query, service, services)}\n`)
    if (format === 'table' && shown < total)
      process.stderr.write(`seekwatch: the newest ${shown} of ${total} alerts; --limit ${total} shows all\n`)
  } finally {
    store.close()
  }
}

/** Nothing found may be nothing there, or a slip of whoever asked: the two must not look the same. */
function noneFound(query: AlertQuery, service: string | undefined, services: string[]): string {
  const { contact } = query
  if (query.service === undefined || service !== undefined) {
    if (contact !== undefined) return `no alert matches; a contact has its whole id, as "alerts show" gives it`
    return Object.keys(query).length === 0 ? 'the database holds no alerts' : 'no alert matches'
  }
  const known = services.length === 0 ? 'the database holds none' : `there are ${services.map(printable).join(', ')}`
  return `no alert is of a service "${printable(query.service)}"; ${known}`
}

function noCommand(word: string, { commands }: Command): string {
  const advice = /^[0-9a-f]+$/i.test(word)
    ? `write "alerts show ${word}" for the alert with this id`
    : `there are ${commands.map((one) => one.name()).join(', ')}; without one of them the alerts are listed`
  return `"${word}" is no command; ${advice}`
}

/**
 * Writes the newest `rows` alerts of a question to `output`, oldest first. When the reader goes away, as `head` does,
 * or nothing can be written, it ends; whoever listens to `output` says so.
 */
export async function printAlerts(
  store: Store,
  query: AlertQuery,
  format: Format,
  rows: number,
  output: Writable & { isTTY?: boolean; columns?: number },
): Promise<{ total: number; shown: number }> {
  const { total } = store.alerts({ ...query, limit: 1 })
  const shown = Math.min(rows, total)
  const alerts = store.eachAlert({ ...query, offset: total - shown, limit: shown })
  const isTerminal = output.isTTY ?? false
  const lines =
    format === 'table'
      ? tableLines(alerts, isTerminal ? (output.columns ?? 80) : null, isTerminal && !process.env['NO_COLOR'])
      : exportLines(alerts, format)
  let outputFailure: unknown
  const note = (error: unknown) => {
    outputFailure = error
  }
  output.on('error', note)
  try {
    await pipeline(Readable.from(chunks(lines)), output, { end: false })
  } catch (error) {
    if (error !== outputFailure) throw error
  } finally {
    output.off('error', note)
  }
  return { total, shown }
}

function* exportLines(alerts: Iterable<Alert>, format: Exclude<Format, 'table'>): Iterable<string> {
  if (format === 'csv') {
    yield CSV_TITLES
    for (const alert of alerts) yield csvAlert(alert)
    return
  }
  const { write } = alertFormat(format)
  const product = { version: version() }
  for (const alert of alerts) yield `${write(alert, product)}\n`
}

function* chunks(lines: Iterable<string>): Iterable<string> {
  let chunk = ''
  for (const line of lines) {
    chunk += line
    if (chunk.length < CHUNK_BYTES) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

/** A time without a zone as RFC 3339 in UTC, as the table shows times; any other text as it is. */
function inUtc(text: string): string {
  return text.replace(
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?Z?$/,
    (_, day: string, minute: string, second = ':00') => `${day}T${minute}${second}Z`,
  )
}

function rowsWanted(limit: string | undefined, format: Format): number {
  if (limit === undefined) return format === 'table' ? TABLE_ROWS : Number.POSITIVE_INFINITY
  if (!/^\d{1,9}$/.test(limit) || limit === '0')
    throw new UsageError(`--limit: ${JSON.stringify(limit)} is no whole number from 1 on; write --limit 100`)
  return Number(limit)
}
