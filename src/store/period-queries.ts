/** The statements of period.ts. An alert touches a span as in filter.ts: last seen at or after `from`, first seen before `to`. */

import { CONFIDENCES, USES } from '../events/alert.ts'
import { COVERAGE_COUNTS } from '../events/coverage.ts'

const TOUCHES = 'alerts.last_seen >= @from AND alerts.first_seen < @to'

/**
 * As `isAttempt` of contacts.ts says it, of the text that record.ts writes: a quotation mark in a value has a backslash
 * in front, so what is looked for are the keys alone.
 */
const IS_ATTEMPT = `(attempt = 1 OR instr(
  replace(replace(evidence, '{"kind":"dns_question"', ''), '{"kind":"dns_answer"', ''), '{"kind":"') = 0)`

const USE_RANK = `CASE use ${USES.map((use, i) => `WHEN '${use}' THEN ${i}`).join(' ')} ELSE ${USES.length} END`

/** What of an alert is summed up. The limit keeps SQLite from putting whole rows, evidence and all, into its sorter. */
function summands(from: string, where: string): string {
  return `
    SELECT
      contact, category, state = 'exempt' AS is_exempt, ${IS_ATTEMPT} AS is_attempt,
      (${CONFIDENCES.length - 1} - confidence) || id AS best, client_role, ${USE_RANK} AS use, bytes_out, bytes_in,
      first_seen, last_seen, state, lossy
    FROM ${from} WHERE ${where} AND ${TOUCHES} LIMIT -1`
}

/** The parts of contacts: of one category, exempt or not. */
function parts(from: string, where: string): string {
  return `
    SELECT
      contact, category, is_exempt, count(*) AS alerts, sum(is_attempt) AS attempts, min(best) AS best,
      max(client_role = 'proxy') AS is_proxy, max(client_role = 'resolver') AS is_resolver, min(use) AS use,
      sum(bytes_out) AS bytes_out, sum(bytes_in) AS bytes_in, min(first_seen) AS first_us, max(last_seen) AS last_us,
      sum(state = 'new') AS new, sum(state = 'acknowledged') AS acknowledged, sum(state = 'escalated') AS escalated,
      sum(state = 'closed') AS closed, sum(lossy) AS lossy
    FROM (${summands(from, where)}) GROUP BY contact, category, is_exempt`
}

/**
 * All alerts are read in the order in which they lie, and what is small is sorted. To read them in the order of clients
 * took four times as long: each lies on another page.
 */
export const PARTS_BY_CLIENT = `
  SELECT contacts.id, contacts.client, contacts.service, part.*
  FROM (${parts('alerts INDEXED BY alerts_contact', 'true')}) AS part JOIN contacts ON contacts.key = part.contact
  ORDER BY contacts.client, contacts.service, contacts.last_seen, contacts.key, part.category, part.is_exempt`

/** Where a contact stands in the order of time. */
export interface ContactPlace {
  key: number
  id: string
  client: string
  service: string
  last_seen: number
}

export const CONTACTS_BY_TIME = `
  SELECT key, id, client, service, last_seen FROM contacts INDEXED BY contacts_time
  WHERE (last_seen, id, key) > (@last_seen, @id, @key) AND last_seen >= @from AND first_seen < @to
  ORDER BY last_seen, id, key LIMIT @limit`

export const PARTS_OF_CONTACT = parts('alerts INDEXED BY alerts_contact', 'contact = @contact')

/** Of one part of it. */
export const NAMES_OF_PART = `
  SELECT name FROM alerts INDEXED BY alerts_contact
  WHERE contact = @contact AND category = @category AND (state = 'exempt') = @isExempt AND ${TOUCHES}
  GROUP BY name ORDER BY count(*) DESC, name LIMIT @limit`

export const NAMES_OF_CLIENT = `
  SELECT name FROM alerts INDEXED BY alerts_client
  WHERE client_key = @client AND service = @service AND state <> 'exempt' AND ${TOUCHES}
  GROUP BY name ORDER BY count(*) DESC, name LIMIT @limit`

export const OWN_NAMES = `
  SELECT DISTINCT client ->> '$.name' AS name FROM alerts INDEXED BY alerts_client
  WHERE client_key = @client AND client ->> '$.name' IS NOT NULL AND ${TOUCHES} ORDER BY name LIMIT @limit`

export const ALERTS_BY_SOURCE = `
  SELECT pack, pack_version, sensor, policy, count(*) AS alerts FROM alerts WHERE state <> 'exempt' AND ${TOUCHES}
  GROUP BY pack, pack_version, sensor, policy ORDER BY pack, pack_version, sensor, policy`

export const ALERTS_BY_EXEMPTION = `
  SELECT exemption, count(*) AS alerts, count(DISTINCT client_key) AS clients FROM alerts
  WHERE exemption IS NOT NULL AND ${TOUCHES} GROUP BY exemption`

export const EARLY_ENDS = `
  SELECT subject AS exemption, who, at_us AS atUs FROM audit WHERE action = 'exemption.end' ORDER BY number`

/**
 * By people: what exemptions do to alerts stands with the exemptions. A note alone, without a change, is a decision, too.
 * With each row comes how many there are in all.
 */
export const DECISIONS = `
  SELECT audit.who, audit.via, audit.note, audit.after ->> '$.state' AS state, max(audit.at_us) AS atUs,
    count(DISTINCT audit.subject) AS alerts, count(*) OVER () AS total
  FROM audit JOIN alerts ON alerts.id = audit.subject
  WHERE audit.action = 'alert.state' AND audit.before ->> '$.state' <> 'exempt' AND audit.after ->> '$.state' <> 'exempt'
    AND ${TOUCHES}
  GROUP BY audit.who, audit.via, audit.note, audit.after ->> '$.state', audit.at_us / 60000000
  ORDER BY max(audit.number) DESC LIMIT @limit`

export const HOURS = `
  SELECT hour_us AS hourUs, sum(packets) AS packets FROM coverage WHERE hour_us >= @from AND hour_us < @to
  GROUP BY hour_us ORDER BY hour_us`

export const INTERFACES = `
  SELECT sensor, interface, count(*) AS hours, sum(packets > 0) AS hoursWithPackets,
    ${COVERAGE_COUNTS.map((name) => `sum(${name}) AS ${name}`).join(', ')}
  FROM coverage WHERE hour_us >= @from AND hour_us < @to GROUP BY sensor, interface ORDER BY sensor, interface`

export const NOT_DECODED = `
  SELECT reason, sum(packets) AS packets FROM coverage_reasons WHERE hour_us >= @from AND hour_us < @to
  GROUP BY reason ORDER BY packets DESC, reason`

export const GAPS = `
  SELECT sensor, interface, kind, from_us AS fromUs, to_us AS toUs, reason, alerts_lost AS alertsLost FROM gaps
  WHERE from_us < @to AND (to_us IS NULL OR to_us > @from OR from_us >= @from) ORDER BY from_us, key`

export const RUNS =
  'SELECT id, command, started_us AS startedUs, summary FROM runs ORDER BY started_us DESC, rowid DESC'

/** Each end by an index of its own; the last of alerts is that of contacts, which have an index for it. */
export const KNOWN_ENDS = `
  SELECT (SELECT min(first_seen) FROM alerts) AS first, (SELECT max(last_seen) FROM contacts) AS last
  UNION ALL SELECT (SELECT min(hour_us) FROM coverage), (SELECT max(hour_us) + 3599999999 FROM coverage)
  UNION ALL SELECT min(from_us), max(ifnull(to_us, from_us)) FROM gaps`

export const SUMMARIES = 'SELECT summary FROM runs WHERE summary IS NOT NULL'
