/**
 * The scenario suite as data: what each case expects, where its capture is, and
 * what the command says about it, in lines that can be compared.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Alert, CATEGORIES, CONFIDENCES, EVIDENCE_KINDS, SEVERITIES, STATES } from '../../src/events/alert.ts'
import { EXEMPTION_KINDS, type Exemption } from '../../src/events/exemption.ts'

const CAPTURES = join(import.meta.dirname, '../../captures')
const CASES = join(CAPTURES, 'scenarios/cases')

const EXPECTED = z.strictObject({
  client: z.string(),
  category: z.enum(CATEGORIES),
  severity: z.enum(SEVERITIES),
  confidence: z.enum(CONFIDENCES),
  evidence: z.array(z.enum(EVIDENCE_KINDS)).min(1),
  /** Value of the first evidence: the name or address as it was seen. */
  on: z.string(),
  /** Alerts of one contact have the same letter. */
  contact: z.string().regex(/^[a-z]$/),
  attempt: z.boolean().default(false),
  role: z.enum(['host', 'resolver', 'proxy']).default('host'),
  state: z.enum(STATES).default('new'),
  /** Compared only where it is written. */
  count: z.int().optional(),
})

/** As in a file for `seekwatch exempt import`, without ids and makers. */
const EXEMPTION = z.strictObject({
  kind: z.enum(EXEMPTION_KINDS),
  reason: z.string(),
  owner: z.string(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  scope: z.record(z.string(), z.union([z.string(), z.literal(true)])),
})

const THEME = z.strictObject({
  theme: z.string(),
  title: z.string(),
  cases: z.array(
    z.strictObject({
      case: z.string().regex(/^[a-z0-9-]+$/),
      why: z.string(),
      /** A golden case whose capture is used. Without this and the next, `npm run scenarios` builds it. */
      golden: z.string().optional(),
      /** One that `captures/record.sh` recorded for this suite alone. */
      recorded: z.string().optional(),
      /** On record when the capture is replayed. */
      exemptions: z.array(EXEMPTION).default([]),
      expect: z.array(EXPECTED),
    }),
  ),
})

export type Expected = z.output<typeof EXPECTED>

export interface Scenario {
  theme: string
  name: string
  why: string
  /** Its capture, absolute. */
  capture: string
  /** Recorded from real clients, or built byte by byte. */
  origin: 'recorded' | 'built'
  /** What must come out: nothing at all, only what is weak or about others than the service, or a sure alert. */
  kind: 'nothing' | 'weak' | 'alert'
  exemptions: Exemption[]
  expect: Expected[]
}

export interface Theme {
  theme: string
  title: string
  scenarios: Scenario[]
}

/** All cases, by theme. Throws when a file is not in the form. */
export function readThemes(): Theme[] {
  return readdirSync(CASES)
    .sort()
    .map((file) => {
      const { theme, title, cases } = THEME.parse(parse(readFileSync(join(CASES, file), 'utf8')))
      return {
        theme,
        title,
        scenarios: cases.map(({ case: name, why, golden, recorded, exemptions, expect }) => ({
          theme,
          name,
          why,
          capture: golden ? recordedCapture(golden) : recorded ? ownRecording(recorded) : builtCapture(theme, name),
          origin: golden || recorded ? 'recorded' : 'built',
          kind: kindOf(expect),
          exemptions: exemptions.map((exemption, i) => ({
            ...exemption,
            id: `ex-${i + 1}`,
            created_by: 'scenarios',
            created_at: exemption.start,
          })),
          expect,
        })),
      }
    })
}

/** Where `npm run scenarios` puts the capture of a case. */
export function builtCapture(theme: string, name: string): string {
  return join(CAPTURES, 'scenarios/pcap', `${theme}-${name}.pcap`)
}

function recordedCapture(golden: string): string {
  const file = join(CAPTURES, golden, 'input.pcap')
  return existsSync(file) ? file : `${file}ng`
}

function ownRecording(name: string): string {
  return recordedCapture(join('scenarios/recorded', name))
}

function kindOf(expect: readonly Expected[]): Scenario['kind'] {
  if (expect.length === 0) return 'nothing'
  return expect.some(({ category, confidence }) => category === 'service' && confidence === 'high') ? 'alert' : 'weak'
}

/** One line for each alert that is expected, in an order that does not depend on how they are written down. */
export function expectedLines(expect: readonly Expected[]): string[] {
  return lines(expect)
}

/** The same of alerts. A count is left out of those of which `expect` says none. */
export function alertLines(alerts: readonly Alert[], expect: readonly Expected[]): string[] {
  const counted = new Set(expect.filter(({ count }) => count !== undefined).map(words))
  const inTime = alerts.toSorted((a, b) => (a.first_seen < b.first_seen ? -1 : a.first_seen > b.first_seen ? 1 : 0))
  return lines(
    inTime.map((alert) => {
      const line: Line = {
        client: alert.client.ip,
        category: alert.category,
        severity: alert.severity,
        confidence: alert.confidence,
        evidence: alert.evidence.map(({ kind }) => kind),
        on: alert.evidence[0]?.value ?? '',
        contact: alert.contact,
        attempt: alert.attempt,
        role: alert.client_role,
        state: alert.state,
      }
      return counted.has(words(line)) ? { ...line, count: alert.count } : line
    }),
  )
}

type Line = Omit<Expected, 'contact'> & { contact: string }

/** Contacts get letters in the order of the sorted lines, so that only their grouping is compared. */
function lines(alerts: readonly Line[]): string[] {
  const sorted = alerts.map(({ count, contact, ...alert }) => {
    const times = count === undefined ? '' : `, ${count} times`
    return { text: `${words(alert)}${times}`, contact }
  })
  sorted.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
  const letters = new Map<string, string>()
  return sorted.map(({ text, contact }) => {
    const letter = letters.get(contact) ?? String.fromCharCode(97 + letters.size)
    letters.set(contact, letter)
    return `${text}, contact ${letter}`
  })
}

function words(line: Omit<Line, 'contact' | 'count'>): string {
  const { client, category, severity, confidence, evidence, on, attempt, role, state } = line
  const kinds = [...new Set(evidence)].sort().join(' + ')
  const marks = [attempt ? 'attempt' : '', role === 'host' ? '' : role, state === 'new' ? '' : state]
  const extra = marks.filter((mark) => mark !== '').map((mark) => `, ${mark}`)
  return `${client} ${category}/${severity}, confidence ${confidence}, by ${kinds} "${on}"${extra.join('')}`
}
