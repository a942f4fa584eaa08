/** Questions about a span of time: what SQLite makes of them, and that an attempt is one in SQL as it is in contacts.ts. */

import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { EVIDENCE_KINDS, type Evidence } from '../../src/events/alert.ts'
import { migrate, readMigrations } from '../../src/store/migrate.ts'
import * as sql from '../../src/store/period-queries.ts'
import { openStore } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { random } from '../support/random.ts'

const ALWAYS = { fromUs: -9e18, toUs: 9e18 }
const HOSTILE = [
  'x',
  '{"kind":"tls_sni"',
  '{"kind":"dns_question"',
  '\\',
  '"},{"kind":"tls_sni","value":"',
  '\\"{"kind":"',
]

test('an attempt is the same in SQL, whatever names of strangers look like', () => {
  const next = random(1)
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  const few = ['dns_question', 'dns_answer', EVIDENCE_KINDS[0]!] as const
  const alerts = Array.from({ length: 400 }, (_, i) => {
    const evidence = Array.from({ length: next(4) }, (): Evidence => {
      const kind = next(4) === 0 ? EVIDENCE_KINDS[next(EVIDENCE_KINDS.length)]! : few[next(3)]!
      return { kind, value: HOSTILE[next(HOSTILE.length)]!, packet: 1, file: HOSTILE[next(HOSTILE.length)]!, time: '' }
    })
    return makeAlert(`a${i}`, { evidence, attempt: next(5) === 0, minute: i * 60 })
  })
  store.write(batchOf(...alerts))
  const wanted = new Map(store.contacts({ limit: 1000 }).contacts.map(({ id, attempt }) => [id, attempt]))
  expect(wanted.size).toBe(400)
  expect(new Set(wanted.values()).size).toBe(2)
  const parts = store.inPeriod(ALWAYS, (period) => [...period.contactsByClient()])
  expect(parts.map(({ contact, attempts }) => [contact, attempts === 1])).toEqual([...wanted].reverse())
  expect([...store.eachContact(ALWAYS)].map(({ names: _, ...part }) => part)).toEqual(parts)
})

test('what is written meanwhile is in no answer', () => {
  const path = join(temporaryFolder(), 'a.db')
  const writer = openStore(path)
  onTestFinished(() => writer.close())
  writer.write(batchOf(makeAlert('a')))
  const reader = openStore(path, { readonly: true })
  onTestFinished(() => reader.close())
  const counts = reader.inPeriod(ALWAYS, (period) => {
    const count = () => period.sources().reduce((sum, { alerts }) => sum + alerts, 0)
    const before = count()
    writer.write(batchOf(makeAlert('b')))
    return [before, count()]
  })
  expect(counts).toEqual([1, 1])
  expect(reader.inPeriod(ALWAYS, (period) => period.sources()[0]!.alerts)).toBe(2)
})

function planOf(text: string): string[] {
  const db = new Database(':memory:')
  onTestFinished(() => {
    db.close()
  })
  migrate(db, ':memory:', readMigrations())
  const values = { from: 0, to: 1, limit: 1, contact: 1, category: '', isExempt: 0, client: Buffer.of(), service: '' }
  const more = { last_seen: 0, id: '', key: 0 }
  const explain = db.prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
  return explain.all({ ...values, ...more }).map(({ detail }) => detail)
}

test('alerts are read in the order in which they lie, and what is sorted is small', () => {
  const plan = planOf(sql.PARTS_BY_CLIENT)
  expect(plan).toContain('SCAN alerts USING INDEX alerts_contact')
  // the rows of alerts are not in a sorter: that would be the query in the query
  const inner = plan.indexOf('SCAN alerts USING INDEX alerts_contact')
  expect(plan[inner - 1]).toMatch(/^CO-ROUTINE \(subquery/)
})

test('contacts come by an index in portions, each with its alerts by another', () => {
  expect(planOf(sql.CONTACTS_BY_TIME)).toEqual([expect.stringMatching(/^SEARCH contacts USING INDEX contacts_time/)])
  for (const text of [sql.PARTS_OF_CONTACT, sql.NAMES_OF_PART])
    expect(planOf(text).join()).toContain('SEARCH alerts USING INDEX alerts_contact (contact=?)')
  for (const text of [sql.NAMES_OF_CLIENT, sql.OWN_NAMES])
    expect(planOf(text).join()).toContain('SEARCH alerts USING INDEX alerts_client (client_key=?')
})

test('the ends of what is known are found at the ends of indexes', () => {
  expect(planOf(sql.KNOWN_ENDS).join()).not.toMatch(/SCAN (alerts|contacts|coverage)/)
})
