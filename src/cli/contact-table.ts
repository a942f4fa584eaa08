/** Contacts as a table for a terminal or a pipe. */

import Table from 'cli-table3'
import { printable } from '../bytes/text.ts'
import type { Contact } from '../events/alert.ts'

const WIDTH_MIN = 100
const WIDTH_DEFAULT = 160
const NAMES_SHOWN = 4
const REASONS_SHOWN = 3
const HEAD = ['client', 'service', 'names', 'first - last (UTC)', 'up / down', 'confidence', 'why']
const PADDING = 2 // a blank on either side of a cell
const FIXED_WIDTHS = [17, 16, 0, 21, 12, 12, 0]

/**
 * The table, with its line end; a sentence when there are no contacts. Names from the wire are made printable.
 * @param width columns to fill; without it those of the terminal
 */
export function contactTable(contacts: readonly Contact[], width = process.stdout.columns ?? WIDTH_DEFAULT): string {
  if (contacts.length === 0) return 'No contacts with watched services were found.\n'
  const columns = columnWidths(Math.max(width, WIDTH_MIN))
  const table = new Table({
    head: HEAD,
    colWidths: columns,
    wordWrap: true,
    style: { head: [], border: [] },
  })
  for (const contact of contacts) table.push(rowOf(contact).map((cell, i) => fold(cell, columns[i]! - PADDING)))
  return `${table.toString()}\n`
}

function rowOf(contact: Contact): string[] {
  const {
    client,
    service,
    names,
    first_seen,
    last_seen,
    bytes_out,
    bytes_in,
    confidence,
    attempt,
    reasons,
    use_reason,
  } = contact
  return [
    printable(client),
    printable(service),
    lines(names.map(printable), NAMES_SHOWN),
    `${seconds(first_seen)}\n${seconds(last_seen)}`,
    `${bytes(bytes_out)}\n${bytes(bytes_in)}`,
    attempt ? `${confidence}\n(attempt)` : confidence,
    lines(use_reason === '' ? reasons : [reasons[0]!, use_reason, ...reasons.slice(1)], REASONS_SHOWN),
  ]
}

function columnWidths(width: number): number[] {
  const borders = HEAD.length + 1
  const free = width - borders - FIXED_WIDTHS.reduce((a, b) => a + b, 0)
  const names = Math.floor(free * 0.4)
  return FIXED_WIDTHS.map((fixed, i) => fixed || (i === 2 ? names : free - names))
}

/** Breaks words that are longer than a line: the table itself only breaks between words, and cuts these. */
function fold(text: string, width: number): string {
  return text.replace(new RegExp(`\\S{${width}}(?=\\S)`, 'g'), '$&\n')
}

function lines(all: readonly string[], most: number): string {
  const left = all.length - most
  return [...all.slice(0, most), ...(left > 0 ? [`and ${left} more`] : [])].join('\n')
}

function seconds(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)}`
}

/** `812 B`, `4.2 kB`, `1.3 GB`: powers of a thousand. */
function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = count
  while (Number(value.toFixed(1)) >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
