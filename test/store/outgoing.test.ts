/** The queue of what other systems are told: which alerts come into it, when again, and how far each destination is. */

import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { microseconds } from '../../src/bytes/time.ts'
import { finishReviews } from '../../src/cli/reviewing.ts'
import { coverTest } from '../../src/detect/exemption.ts'
import type { Alert } from '../../src/events/alert.ts'
import { ExemptionList } from '../../src/store/exemption-list.ts'
import { migrate, readMigrations } from '../../src/store/migrate.ts'
import * as sql from '../../src/store/queries.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { makeAlert } from '../support/alerts.ts'
import { makeExemption, minute } from '../support/exemptions.ts'

const BY = { who: 'eva', via: 'test', note: '' }

interface Trial {
  store: Store
  /** Stores an alert as a sensor tells it. */
  tell: (alert: Alert, isFinal?: boolean) => void
  /** What a destination that has come so far is told next: ids with their confidence; moves on behind them. */
  told: () => string[]
}

function trial(): Trial {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  const exemptions = new ExemptionList(store, coverTest)
  let mark = 0
  return {
    store,
    tell: (alert, isFinal = true) => {
      store.write({ observations: [], alerts: [{ alert, final: isFinal }] }, exemptions.covering)
    },
    told: () => {
      const news = store.outgoing.portion(mark, 1000)
      mark = news.at(-1)?.number ?? mark
      return news.map(({ alert }) => `${alert.id} ${alert.confidence}${alert.attempt ? ' attempt' : ''}`)
    },
  }
}

function exempt(store: Store): void {
  store.addExemptions([makeExemption({ client: '192.0.2.10' })], BY, coverTest)
}

function end(store: Store, minutes = 0): void {
  store.endExemption('ex-00000001', microseconds(minute(minutes)), BY, coverTest)
}

const attempt = { confidence: 'medium', attempt: true } as const

describe('an alert is told', () => {
  test('as soon as it is stored, and not again when it ends as it began', () => {
    const { tell, told } = trial()
    tell(makeAlert('a'), false)
    expect(told()).toEqual(['a high'])
    tell(makeAlert('a', { bytes_in: 9e6 }), false)
    tell(makeAlert('a', { bytes_in: 9e7 }))
    tell(makeAlert('a', { bytes_in: 9e7 }))
    expect(told()).toEqual([])
  })

  test('again when an attempt has become a use', () => {
    const { tell, told } = trial()
    tell(makeAlert('a', attempt), false)
    expect(told()).toEqual(['a medium attempt'])
    tell(makeAlert('a', { confidence: 'medium' }), false)
    expect(told()).toEqual(['a medium'])
    tell(makeAlert('a', { confidence: 'high' }))
    expect(told()).toEqual(['a high'])
    tell(makeAlert('a', { confidence: 'high' }))
    expect(told()).toEqual([])
  })

  test('again when it is surer after it was final, as by a replay of what the sensor lost; never when less is known', () => {
    const { tell, told } = trial()
    tell(makeAlert('a', { confidence: 'low' }))
    expect(told()).toEqual(['a low'])
    tell(makeAlert('a', { confidence: 'medium' }))
    expect(told()).toEqual(['a medium'])
    tell(makeAlert('a', { confidence: 'low', attempt: true }))
    expect(told()).toEqual([])
  })

  test('only once, as it is by then, to who comes late', () => {
    const { tell, told } = trial()
    tell(makeAlert('a', attempt), false)
    tell(makeAlert('b'))
    tell(makeAlert('a', { confidence: 'high' }))
    expect(told()).toEqual(['b high', 'a high'])
  })

  test('whatever somebody has made of it on the page', () => {
    const { store, tell, told } = trial()
    tell(makeAlert('a'))
    store.triage(['a'], 'closed', BY)
    expect(told()).toEqual(['a high'])
    store.triage(['a'], 'new', BY)
    expect(told()).toEqual([])
  })
})

describe('an exempt alert', () => {
  test('is not told, nor when it changes', () => {
    const { store, tell, told } = trial()
    exempt(store)
    tell(makeAlert('a', { minute: 10, ...attempt }), false)
    tell(makeAlert('a', { minute: 10 }))
    tell(makeAlert('b', { minute: 10, client: { ip: '192.0.2.11', port: 1 } }))
    expect(told()).toEqual(['b high'])
  })

  test('is told once when the exemption is ended', () => {
    const { store, tell, told } = trial()
    exempt(store)
    tell(makeAlert('a', { minute: 10 }))
    tell(makeAlert('b', { minute: 20 }))
    end(store, 15)
    expect(told()).toEqual(['b high'])
    tell(makeAlert('b', { minute: 20 }))
    expect(told()).toEqual([])
  })

  test('is told when it outgrows the exemption', () => {
    const { store, tell, told } = trial()
    exempt(store)
    tell(makeAlert('a', { minute: 50 }), false)
    tell(makeAlert('a', { minute: 50, last_seen: minute(61) }))
    expect(told()).toEqual(['a high'])
  })

  test('that was not one when it was stored is not told to who comes late, and is once it is freed', async () => {
    const { store, tell, told } = trial()
    tell(makeAlert('a', { minute: 10 }))
    exempt(store)
    expect(told()).toEqual([])
    end(store)
    await finishReviews(store)
    expect(told()).toEqual(['a high'])
  })
})

describe('a destination', () => {
  const SIEM = { name: 'siem', url: 'syslog+tcp://siem:514' }

  test('that is new begins with what comes from now on', () => {
    const { store, tell } = trial()
    tell(makeAlert('a'))
    tell(makeAlert('b'))
    expect(store.outgoing.begin(SIEM, false)).toBe(2)
    tell(makeAlert('c'))
    expect(store.outgoing.states()).toMatchObject([{ ...SIEM, outstanding: 1, sent: 0, sent_us: null, reason: '' }])
  })

  test('that is new in an empty database is told all that comes', () => {
    const { store, tell } = trial()
    expect(store.outgoing.begin(SIEM, false)).toBe(0)
    tell(makeAlert('a'))
    expect(store.outgoing.portion(store.outgoing.mark('siem'), 9).map(({ alert }) => alert.id)).toEqual(['a'])
  })

  test('that is not on record has no place, not the first', () => {
    const { store } = trial()
    expect(() => store.outgoing.mark('siem')).toThrow('it holds no longer how far siem is: start again')
  })

  test('that is new begins at the start when it is asked for, and one that is known goes on', () => {
    const { store, tell } = trial()
    tell(makeAlert('a'))
    expect(store.outgoing.begin(SIEM, true)).toBe(0)
    const [news] = store.outgoing.portion(0, 1)
    store.outgoing.failed('siem', 'nobody listens there')
    store.outgoing.failed('siem', 'no answer')
    expect(store.outgoing.states()).toMatchObject([{ outstanding: 1, reason: 'no answer' }])
    expect(store.outgoing.states()[0]!.failing_us).toBeGreaterThan(1e15)
    store.outgoing.arrived('siem', news!.number, 1, 0)
    expect(store.outgoing.begin({ ...SIEM, url: 'syslog+tls://siem:6514' }, true), 'known').toBe(null)
    expect(store.outgoing.states()).toMatchObject([
      { url: 'syslog+tls://siem:6514', outstanding: 0, sent: 1, failing_us: null, reason: '' },
    ])
    expect(store.outgoing.forget('siem')).toBe(true)
    expect(store.outgoing.forget('siem')).toBe(false)
    expect(store.outgoing.begin(SIEM, true)).toBe(0)
    expect(store.outgoing.states()).toMatchObject([{ outstanding: 1, sent: 0 }])
  })

  test('never misses a number: they are not given again', () => {
    const { store, tell, told } = trial()
    tell(makeAlert('a', { minute: 10 }))
    expect(told()).toEqual(['a high'])
    exempt(store) // takes the last one away
    tell(makeAlert('b', { minute: 10, client: { ip: '192.0.2.11', port: 1 } }))
    expect(told()).toEqual(['b high'])
  })
})

test('what an older database holds is in the queue, but for what is exempt', () => {
  const db = new Database(':memory:')
  onTestFinished(() => {
    db.close()
  })
  const migrations = readMigrations()
  migrate(db, ':memory:', migrations.slice(0, 6))
  db.exec(`INSERT INTO contacts (id, client, service, category, severity, confidence, attempt, alerts, best, bytes_out,
    bytes_in, first_seen, last_seen) VALUES ('c', '', '', 0, 3, 2, 0, 1, 'a', 0, 0, 0, 0)`)
  const columns = db.pragma('table_info(alerts)') as Array<{ name: string; type: string; notnull: number }>
  const needed = columns.filter(({ name, notnull }) => notnull === 1 && name !== 'arrival')
  for (const [id, state] of [
    ['a', 'new'],
    ['b', 'exempt'],
    ['c', 'closed'],
  ]) {
    const values = needed.map(({ name, type }) => {
      if (name === 'id') return id
      if (name === 'state') return state
      return name === 'contact' ? 1 : type === 'BLOB' ? Buffer.of(4) : type === 'TEXT' ? '' : 0
    })
    const names = needed.map(({ name }) => name).join()
    db.prepare(`INSERT INTO alerts (${names}) VALUES (${needed.map(() => '?').join()})`).run(...values)
  }
  migrate(db, ':memory:', migrations)
  expect(db.prepare(sql.NEWS_AFTER).all(0, 9)).toMatchObject([{ id: 'a' }, { id: 'c' }])
})

test('news is found by its number alone, however many alerts there are', () => {
  const db = new Database(':memory:')
  onTestFinished(() => {
    db.close()
  })
  migrate(db, ':memory:', readMigrations())
  const plan = db.prepare<[number, number], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.NEWS_AFTER}`).all(1, 1)
  expect(plan.map(({ detail }) => detail)).toEqual([
    'SEARCH news USING INTEGER PRIMARY KEY (rowid>?)',
    'SEARCH alerts USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH contacts USING INTEGER PRIMARY KEY (rowid=?)',
  ])
})
