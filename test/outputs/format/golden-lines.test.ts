/**
 * Real alerts, those of some golden captures, in each form for SIEMs, byte for
 * byte: golden/FORM.txt. `npm run golden` writes them anew; the review is
 * `git diff`.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Alert } from '../../../src/events/alert.ts'
import { alertFormat } from '../../../src/outputs/format/alert-formats.ts'

const CAPTURES = join(import.meta.dirname, '../../../captures')
const GOLDEN = join(import.meta.dirname, 'golden')
const CASES = ['tls13-openssl', 'quic-chromium', 'ipv6', 'nxdomain', 'socks-curl', 'hosting-cn', 'lookalike']

/** The records of the alerts of a case, as its EVE lines hold them. */
function alertsOf(name: string): Alert[] {
  const lines = readFileSync(join(CAPTURES, name, 'expected.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
  const events = lines.map((line) => JSON.parse(line))
  return events.filter(({ event_type }) => event_type === 'alert').map(({ seekwatch }) => seekwatch)
}

test.each(['ecs', 'ocsf', 'cef', 'leef'] as const)('%s', (name) => {
  const { write } = alertFormat(name)
  const lines = CASES.flatMap(alertsOf).map((alert) => `${write(alert, { version: '0.0.0' })}\n`)
  expect(lines.length).toBeGreaterThanOrEqual(CASES.length)
  const file = join(GOLDEN, `${name}.txt`)
  if (process.env['GOLDEN'] === 'update') writeFileSync(file, lines.join(''))
  expect(lines.join('')).toBe(readFileSync(file, 'utf8'))
})
