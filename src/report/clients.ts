/**
 * Contacts put together: the figures of a category, and of each client and
 * service a row, of which the ones with most contacts are kept. Parts come in
 * the order of clients, so what is held is a client and the rows to be shown,
 * however many there are.
 */

import { type Category, CONFIDENCES, type TriageState, USES, type Use } from '../events/alert.ts'
import type { ContactPart } from '../store/period.ts'
import type { Figures } from './report.ts'
import type { Zone } from './zone.ts'

const TRIAGE_STATES = ['new', 'acknowledged', 'escalated', 'closed'] as const satisfies readonly TriageState[]
/** Days that are told apart; more than eleven years are what a broken clock makes. */
const DAYS_MAX = 4000

/** A client and a service: sums of its contacts. */
export interface ClientSum {
  client: string
  service: string
  role: ContactPart['role']
  contacts: number
  alerts: number
  days: number
  firstUs: number
  lastUs: number
  bytesOut: number
  bytesIn: number
  /** Index in CONFIDENCES. */
  confidence: number
  best: string
  use: Use | null
  states: Record<TriageState, number>
  lossy: number
  /** The last day that was counted. */
  lastDay: number
}

export interface SectionSums {
  figures: Figures
  used: TopList
  attempted: TopList
  /** Contacts by day, of the kind in which the service answered, and of the other. */
  contactsByDay: Map<number, number>
  attemptsByDay: Map<number, number>
}

export class ClientBook {
  readonly #zone: Zone
  readonly #span: { firstDay: number; lastDay: number }
  readonly #rowsMax: number
  readonly #sections = new Map<Category, SectionSums>()
  readonly #services = new Map<Category, Set<string>>()
  /** Alerts of all categories by what was decided on them. */
  readonly states: Record<TriageState, number> = { new: 0, acknowledged: 0, escalated: 0, closed: 0 }
  /** Of the client whose turn it is. */
  #client: string | null = null
  #rows = new Map<string, { category: Category; isUse: boolean; sum: ClientSum }>()
  #exempt = new Set<Category>()

  /** @param span days of the period: those of a contact that lie outside do not count */
  constructor(zone: Zone, span: { firstDay: number; lastDay: number }, rowsMax: number) {
    this.#zone = zone
    this.#span = span
    this.#rowsMax = rowsMax
  }

  /** Takes the next part; those of one client come together, those of one service in order of time. */
  add(part: ContactPart): void {
    if (part.client !== this.#client) this.#endClient()
    this.#client = part.client
    this.#named(part)
    const section = this.section(part.category)
    const { figures } = section
    if (part.isExempt) {
      figures.exempt_alerts += part.alerts
      this.#exempt.add(part.category)
      return
    }
    for (const state of TRIAGE_STATES) this.states[state] += part.states[state]
    const isUse = part.attempts < part.alerts
    figures.alerts += part.alerts
    figures.bytes_out += part.bytesOut
    figures.bytes_in += part.bytesIn
    if (isUse) figures.contacts++
    else figures.attempts++
    const row = this.#row(part, isUse)
    this.#addDays(row, part, isUse ? section.contactsByDay : section.attemptsByDay)
    addTo(row, part)
  }

  /** Says that all parts were given. */
  finish(): void {
    this.#endClient()
    for (const { figures, contactsByDay } of this.#sections.values()) figures.days = contactsByDay.size
  }

  /** The services that contacts of a category are with. */
  services(category: Category): string[] {
    return [...(this.#services.get(category) ?? [])]
  }

  /** The sums of a category. */
  section(category: Category): SectionSums {
    let section = this.#sections.get(category)
    if (section === undefined) {
      section = {
        figures: noFigures(),
        used: new TopList(this.#rowsMax),
        attempted: new TopList(this.#rowsMax),
        contactsByDay: new Map(),
        attemptsByDay: new Map(),
      }
      this.#sections.set(category, section)
    }
    return section
  }

  #named({ category, service }: ContactPart): void {
    const known = this.#services.get(category)
    if (known === undefined) this.#services.set(category, new Set([service]))
    else known.add(service)
  }

  #row({ client, service, category, firstUs, lastUs, confidence, best }: ContactPart, isUse: boolean): ClientSum {
    const key = `${isUse} ${category} ${service}`
    let row = this.#rows.get(key)
    if (row === undefined) {
      const sum: ClientSum = {
        client,
        service,
        role: 'host',
        contacts: 0,
        alerts: 0,
        days: 0,
        firstUs,
        lastUs,
        bytesOut: 0,
        bytesIn: 0,
        confidence: CONFIDENCES.indexOf(confidence),
        best,
        use: null,
        states: { new: 0, acknowledged: 0, escalated: 0, closed: 0 },
        lossy: 0,
        lastDay: Number.NEGATIVE_INFINITY,
      }
      row = { category, isUse, sum }
      this.#rows.set(key, row)
    }
    return row.sum
  }

  #addDays(row: ClientSum, { firstUs, lastUs }: ContactPart, byDay: Map<number, number>): void {
    const first = Math.max(this.#zone.dayOf(firstUs), this.#span.firstDay)
    const last = Math.min(this.#zone.dayOf(lastUs), this.#span.lastDay, first + DAYS_MAX)
    for (let day = first; day <= last; day++) {
      if (day > row.lastDay) row.days++
      const known = byDay.get(day)
      if (known !== undefined || byDay.size < DAYS_MAX) byDay.set(day, (known ?? 0) + 1)
    }
    row.lastDay = Math.max(row.lastDay, last)
  }

  #endClient(): void {
    const roles = new Map<Category, { isUse: boolean; isHigh: boolean; standsForOthers: boolean }>()
    for (const { category, isUse, sum } of this.#rows.values()) {
      const section = this.section(category)
      if (isUse) section.used.add(sum)
      else section.attempted.add(sum)
      const before = roles.get(category)
      roles.set(category, {
        isUse: isUse || before?.isUse === true,
        isHigh: (isUse && sum.confidence === CONFIDENCES.length - 1) || before?.isHigh === true,
        standsForOthers: sum.role !== 'host' || before?.standsForOthers === true,
      })
    }
    for (const [category, { isUse, isHigh, standsForOthers }] of roles) {
      const { figures } = this.section(category)
      if (!isUse) figures.clients_attempt_only++
      else {
        figures.clients++
        if (isHigh) figures.clients_high++
        if (standsForOthers) figures.clients_standing_for_others++
      }
    }
    for (const category of this.#exempt) this.section(category).figures.exempt_clients++
    this.#rows = new Map()
    this.#exempt = new Set()
  }
}

/** The rows with most contacts; of equals the one with more bytes, then the smaller address. */
export class TopList {
  readonly rows: ClientSum[] = []
  leftOut = 0
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  add(row: ClientSum): void {
    let low = 0
    let high = this.rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compare(this.rows[middle]!, row) < 0) low = middle + 1
      else high = middle
    }
    this.rows.splice(low, 0, row)
    if (this.rows.length <= this.#max) return
    this.rows.pop()
    this.leftOut++
  }
}

function compare(a: ClientSum, b: ClientSum): number {
  const difference = b.contacts - a.contacts || b.bytesOut + b.bytesIn - (a.bytesOut + a.bytesIn)
  if (difference !== 0) return difference
  return a.client < b.client || (a.client === b.client && a.service < b.service) ? -1 : 1
}

function addTo(row: ClientSum, part: ContactPart): void {
  row.contacts++
  row.alerts += part.alerts
  row.firstUs = Math.min(row.firstUs, part.firstUs)
  row.lastUs = Math.max(row.lastUs, part.lastUs)
  row.bytesOut += part.bytesOut
  row.bytesIn += part.bytesIn
  if (part.role === 'proxy' || row.role === 'host') row.role = part.role
  const confidence = CONFIDENCES.indexOf(part.confidence)
  if (confidence > row.confidence || (confidence === row.confidence && part.best < row.best))
    Object.assign(row, { confidence, best: part.best })
  if (part.use !== null && (row.use === null || USES.indexOf(part.use) < USES.indexOf(row.use))) row.use = part.use
  for (const state of TRIAGE_STATES) row.states[state] += part.states[state]
  row.lossy += part.lossy
}

function noFigures(): Figures {
  return {
    clients: 0,
    clients_standing_for_others: 0,
    clients_high: 0,
    clients_attempt_only: 0,
    contacts: 0,
    attempts: 0,
    alerts: 0,
    days: 0,
    bytes_out: 0,
    bytes_in: 0,
    exempt_alerts: 0,
    exempt_clients: 0,
  }
}
