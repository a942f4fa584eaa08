/**
 * Keeps the table `contacts` true while alerts arrive in any order.
 *
 * The sensor groups the alerts of one run. Here the runs meet: live and
 * replay, a capture before the one already read. An arriving alert is a
 * contact of one; whatever it touches (a gap of 30 minutes at most, or the
 * sensor's own word) becomes one contact with it, under the id that the
 * sensor gave to the earliest of them.
 *
 * All figures of a contact but the two counts can only grow (see merge.ts), so each write adds a
 * difference and never reads the other alerts: a busy client costs the same
 * with its millionth alert as with its first.
 */

import type { Database, Statement } from 'better-sqlite3'
import { microseconds } from '../bytes/time.ts'
import { type Alert, CONFIDENCES, QUIET_GAP_US, SEVERITIES, USES } from '../events/alert.ts'
import * as sql from './queries.ts'
import { categoryRank, nameOf, useRank } from './record.ts'

/** A row of `contacts`; see schema/. */
export interface ContactRow {
  key: number
  id: string
  client: string
  service: string
  category: number
  severity: number
  confidence: number
  attempt: number
  alerts: number
  exempt: number
  best: string
  bytes_out: number
  bytes_in: number
  first_seen: number
  last_seen: number
  use: number
  use_alert: string
}

export class ContactBook {
  readonly #touching: Statement<[object], ContactRow>
  readonly #insert: Statement<[ContactRow]>
  readonly #update: Statement<[ContactRow]>
  readonly #moveAlerts: Statement<[{ from: number; to: number }]>
  readonly #moveNames: Statement<[{ from: number; to: number }]>
  readonly #deleteNames: Statement<[number]>
  readonly #delete: Statement<[number]>
  readonly #countName: Statement<[{ contact: number; name: string }]>
  readonly #uncountName: Statement<[{ contact: number; name: string }]>
  readonly #deleteUncounted: Statement<[{ contact: number; name: string }]>

  constructor(db: Database) {
    this.#touching = db.prepare(sql.TOUCHING_CONTACTS)
    this.#insert = db.prepare(sql.INSERT_CONTACT)
    this.#update = db.prepare(sql.UPDATE_CONTACT)
    this.#moveAlerts = db.prepare(sql.MOVE_ALERTS)
    this.#moveNames = db.prepare(sql.MOVE_NAMES)
    this.#deleteNames = db.prepare(sql.DELETE_NAMES)
    this.#delete = db.prepare(sql.DELETE_CONTACT)
    this.#countName = db.prepare(sql.COUNT_NAME)
    this.#uncountName = db.prepare(sql.UNCOUNT_NAME)
    this.#deleteUncounted = db.prepare(sql.DELETE_UNCOUNTED_NAME)
  }

  /**
   * The key of the contact that an alert belongs to, with the contact brought up to date.
   * @param arrived as the sensor told it, with the sensor's contact
   * @param before as it was stored, null for a new one
   * @param after as it will be stored
   */
  place(arrived: Alert, before: Alert | null, after: Alert): number {
    const [contact = emptyContact(after), ...others] = this.#touchingContacts(arrived, after)
    for (const other of others) this.#absorb(contact, other)
    nameAfterOldest(contact, microseconds(arrived.first_seen), arrived.contact)
    addDifference(contact, before, after)
    if (contact.key === 0) contact.key = Number(this.#insert.run(contact).lastInsertRowid)
    else this.#update.run(contact)
    this.#countNames(contact.key, before, after)
    return contact.key
  }

  /** Most alerts first, so that the fewest have to move. */
  #touchingContacts(arrived: Alert, after: Alert): ContactRow[] {
    const who = { client: after.client.ip, service: after.service, id: arrived.contact }
    let from = microseconds(after.first_seen) - QUIET_GAP_US
    let to = microseconds(after.last_seen) + QUIET_GAP_US
    for (;;) {
      const found = this.#touching.all({ ...who, from, to })
      // One that is here by the sensor's word alone may lie far off, with others between: look again.
      const afar = found.filter((contact) => contact.last_seen < from || contact.first_seen > to)
      if (afar.length === 0) return found
      from = Math.min(from, ...afar.map((contact) => contact.first_seen))
      to = Math.max(to, ...afar.map((contact) => contact.last_seen))
    }
  }

  #absorb(contact: ContactRow, other: ContactRow): void {
    const move = { from: other.key, to: contact.key }
    this.#moveAlerts.run(move)
    this.#moveNames.run(move)
    this.#deleteNames.run(other.key)
    this.#delete.run(other.key)
    nameAfterOldest(contact, other.first_seen, other.id)
    if (isBetter(other.confidence, other.best, contact)) contact.best = other.best
    takeUse(contact, other.use, other.use_alert)
    widen(contact, other)
    contact.alerts += other.alerts
    contact.exempt += other.exempt
    contact.bytes_out += other.bytes_out
    contact.bytes_in += other.bytes_in
  }

  #countNames(contact: number, before: Alert | null, after: Alert): void {
    const name = nameOf(after)
    const nameBefore = before === null ? null : nameOf(before)
    if (name === nameBefore) return
    this.#countName.run({ contact, name })
    if (nameBefore === null) return
    this.#uncountName.run({ contact, name: nameBefore })
    this.#deleteUncounted.run({ contact, name: nameBefore })
  }
}

function emptyContact(alert: Alert): ContactRow {
  return {
    key: 0,
    id: alert.contact,
    client: alert.client.ip,
    service: alert.service,
    category: categoryRank(alert),
    severity: 0,
    confidence: 0,
    attempt: 1,
    alerts: 0,
    exempt: 0,
    best: alert.id,
    bytes_out: 0,
    bytes_in: 0,
    first_seen: microseconds(alert.first_seen),
    last_seen: microseconds(alert.last_seen),
    use: USES.length,
    use_alert: '',
  }
}

/** Of ids of the same moment the smaller one counts, so that the order of arrival does not. */
function nameAfterOldest(contact: ContactRow, firstSeen: number, id: string): void {
  if (firstSeen < contact.first_seen || (firstSeen === contact.first_seen && id < contact.id)) contact.id = id
}

function addDifference(contact: ContactRow, before: Alert | null, after: Alert): void {
  const confidence = CONFIDENCES.indexOf(after.confidence)
  if (isBetter(confidence, after.id, contact)) contact.best = after.id
  takeUse(contact, useRank(after), after.id)
  widen(contact, {
    category: categoryRank(after),
    severity: SEVERITIES.indexOf(after.severity),
    confidence,
    attempt: Number(isAttempt(after)),
    first_seen: microseconds(after.first_seen),
    last_seen: microseconds(after.last_seen),
  })
  contact.alerts += Number(after.state !== 'exempt') - Number(before !== null && before.state !== 'exempt')
  contact.exempt += Number(after.state === 'exempt') - Number(before?.state === 'exempt')
  contact.bytes_out += after.bytes_out - (before?.bytes_out ?? 0)
  contact.bytes_in += after.bytes_in - (before?.bytes_in ?? 0)
}

/**
 * DNS alone shows no answer of the service's own server, whoever answered the question. period-queries.ts says the same in
 * SQL; a test holds the two together.
 */
function isAttempt({ attempt, evidence }: Alert): boolean {
  return attempt || evidence.every(({ kind }) => kind === 'dns_question' || kind === 'dns_answer')
}

type Extremes = Pick<ContactRow, 'category' | 'severity' | 'confidence' | 'attempt' | 'first_seen' | 'last_seen'>

function widen(contact: ContactRow, other: Extremes): void {
  contact.category = Math.min(contact.category, other.category)
  contact.severity = Math.max(contact.severity, other.severity)
  contact.confidence = Math.max(contact.confidence, other.confidence)
  contact.attempt = Math.min(contact.attempt, other.attempt)
  contact.first_seen = Math.min(contact.first_seen, other.first_seen)
  contact.last_seen = Math.max(contact.last_seen, other.last_seen)
}

/** The use that matters most speaks for the contact; of equals that of the alert with the smaller id. */
function takeUse(contact: ContactRow, use: number, alert: string): void {
  const isBetterUse = use < contact.use || (use === contact.use && alert < contact.use_alert)
  if (use < USES.length && isBetterUse) Object.assign(contact, { use, use_alert: alert })
}

/** The most confident alert speaks for the contact; of equals the one with the smaller id. */
function isBetter(confidence: number, id: string, than: ContactRow): boolean {
  return confidence > than.confidence || (confidence === than.confidence && id < than.best)
}
