/**
 * How SQLite answers the questions of lists. Among a million alerts one that is read whole for every alert that passes
 * a filter takes seconds, in which a sensor with a page does not look at packets.
 */

import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { AlertQuery } from '../../src/events/api.ts'
import { filterOf } from '../../src/store/filter.ts'
import { migrate, readMigrations } from '../../src/store/migrate.ts'
import * as sql from '../../src/store/queries.ts'

function planOf(text: string, values: object = {}): string[] {
  const db = new Database(':memory:')
  onTestFinished(() => {
    db.close()
  })
  migrate(db, ':memory:', readMigrations())
  const explain = db.prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
  return explain.all({ ...values, limit: 200, offset: 0 }).map(({ detail }) => detail)
}

const filters: AlertQuery[] = [
  { client: '192.0.2.10' },
  { client: '192.0.2.0/24', category: 'service' },
  { text: 'chat' },
  { service: 'DeepSeek', severity: 'high' },
  { category: 'lookalike', confidence: 'medium' },
  { state: ['new'] },
  { from: '2026-11-22', to: '2026-11-23' },
]

test.each(filters)('a page of alerts is found in the index alone: %o', (query) => {
  const { from, where, values } = filterOf(query)
  const plan = planOf(sql.alertPage(from, where), values)
  const page = plan.slice(plan.findIndex((step) => step.startsWith('LIST SUBQUERY')) + 1)
  expect(page[0]).toMatch(/^(SCAN|SEARCH) alerts USING COVERING INDEX alerts_list/)
  // at most the page itself is sorted
  expect(plan.filter((step) => step.startsWith('USE TEMP B-TREE')).length).toBeLessThanOrEqual(1)
  expect(planOf(`${sql.COUNT_ALERTS} ${from} ${where}`, values)[0]).toMatch(/COVERING INDEX alerts_list/)
})

test('without a filter it is no other', () => {
  const { from, where, values } = filterOf({})
  expect(planOf(sql.alertPage(from, where), values).join()).toMatch(/alerts USING COVERING INDEX alerts_(time|list)/)
})

test('the alerts of a contact are found by the contact', () => {
  const { from, where, values } = filterOf({ contact: 'abc' })
  expect(planOf(sql.alertPage(from, where), values).join()).toContain('alerts_contact')
})

test.each(filters)('contacts: alerts are looked through in the index alone: %o', (query) => {
  const { from, where, values } = filterOf(query)
  const plan = planOf(sql.contactPage(`WHERE contacts.key IN (SELECT alerts.contact FROM ${from} ${where})`), values)
  expect(plan.join()).toMatch(/(SCAN|SEARCH) alerts USING COVERING INDEX alerts_list/)
})

test('the two ends of time are found without looking at what lies between', () => {
  expect(planOf(sql.FIRST_SEEN_RANGE).filter((step) => /^SEARCH alerts USING COVERING INDEX/.test(step))).toHaveLength(
    2,
  )
})

test('stored alerts are judged anew in the order of an index, without sorting them for each portion', () => {
  const conditions = 'alerts.first_seen >= 1 AND alerts.last_seen < 9 AND (alerts.first_seen, alerts.id) < (5, 5)'
  const added = planOf(
    `${sql.selectAlerts(sql.LISTED_ALERTS)} WHERE ${conditions} ORDER BY alerts.first_seen DESC, alerts.id DESC`,
  )
  expect(added[0]).toBe('SEARCH alerts USING INDEX alerts_list (first_seen>? AND (first_seen,id)<(?,?))')
  const ended = planOf(sql.ALERTS_OF_EXEMPTION, { id: 'a', at: 0 })
  expect(ended[0]).toBe('SEARCH alerts USING INDEX alerts_exemption (exemption=? AND rowid>?)')
  expect([...added, ...ended].join()).not.toContain('TEMP B-TREE')
})
