import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Alert, CONFIDENCES } from '../../src/events/alert.ts'
import type { AlertUpdate } from '../../src/events/batch.ts'
import { StoreError } from '../../src/store/errors.ts'
import { openDatabase } from '../../src/store/open.ts'
import { openStore, Store } from '../../src/store/store.ts'
import { batchOf, makeAlert, SUMMARY } from '../support/alerts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { fuzz } from '../support/random.ts'

function emptyStore(): Store {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  return store
}

describe('write', () => {
  test('gives an alert back as it came, whatever its names hold', () => {
    const hostile = ['\x1b[2J', '%_\\', "'; DROP TABLE alerts; --", 'a\0b', '\u202e', '\n', '=1+1', '<script>', 'ÿ\x9b']
    const store = emptyStore()
    hostile.forEach((name, i) => {
      const alert = makeAlert(`a${i}`)
      alert.server.name = name
      alert.evidence[0]!.value = name
      store.write(batchOf(alert))
      expect(store.alert(`a${i}`)).toEqual({ ...alert, contact: 'contact-a0' })
    })
    expect([...store.eachAlert({})]).toHaveLength(hostile.length)
  })

  test('keeps keys in the order of the record, however the object was made', () => {
    const alert = makeAlert('a')
    const reversed = Object.fromEntries(Object.entries(alert).reverse()) as unknown as Alert
    reversed.client = Object.fromEntries(Object.entries(alert.client).reverse()) as unknown as Alert['client']
    const store = emptyStore()
    store.write(batchOf(reversed))
    expect(JSON.stringify(store.alert('a'))).toBe(JSON.stringify(alert))
  })

  test('an alert comes once as new, then as changed, then not at all', () => {
    const store = emptyStore()
    const begun = makeAlert('a', { attempt: true, bytes_in: 0 })
    const ended = makeAlert('a')
    expect(store.write({ observations: [], alerts: [{ alert: begun, final: false }] })).toEqual({
      added: [begun],
      changed: [],
    })
    expect(store.write(batchOf(ended))).toEqual({ added: [], changed: [ended] })
    expect(store.write(batchOf(ended))).toEqual({ added: [], changed: [] })
    expect(store.write({ observations: [], alerts: [{ alert: begun, final: false }] })).toEqual({
      added: [],
      changed: [],
    })
  })

  test('an alert that comes twice in a batch is added once, as it ended', () => {
    const begun: AlertUpdate = { alert: makeAlert('a', { attempt: true }), final: false }
    const ended: AlertUpdate = { alert: makeAlert('a'), final: true }
    expect(emptyStore().write({ observations: [], alerts: [begun, ended, begun] })).toEqual({
      added: [ended.alert],
      changed: [],
    })
  })

  test('a batch with a broken alert leaves nothing behind', () => {
    const store = emptyStore()
    expect(() => store.write(batchOf(makeAlert('a'), makeAlert('b', { last_seen: 'later' })))).toThrow(
      /alert b: "later"/,
    )
    expect(() => store.write(batchOf(makeAlert('a'), makeAlert('b', { client: { ip: 'x', port: 1 } })))).toThrow()
    expect(store.alerts({}).total).toBe(0)
    expect(store.contacts({}).total).toBe(0)
  })

  test("the analyst's state outlives every replay", () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const store = openStore(path)
    store.write(batchOf(makeAlert('a')))
    const other = new Database(path)
    other.exec("UPDATE alerts SET state = 'escalated'")
    other.close()
    store.write(batchOf(makeAlert('a', { bytes_in: 9e9 })))
    expect(store.alert('a')).toMatchObject({ state: 'escalated', bytes_in: 9e9 })
    store.close()
  })

  test('a full disk is said as such, and what was written stays', () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const db = openDatabase(path, false)
    const small = new Store(path, db, false)
    small.write(batchOf(makeAlert('a')))
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
    const flood = Array.from({ length: 200 }, (_, i) => makeAlert(`b${i}`))
    expect(() => small.write(batchOf(...flood))).toThrow(StoreError)
    expect(() => small.write(batchOf(...flood))).toThrow(/seekwatch\.db: the disk is full: make room.*SQLITE_FULL/)
    expect(small.alerts({}).total).toBe(1)
    small.close()
  })

  test('any updates in any order: the second telling changes nothing', () => {
    const update = fc.record({
      id: fc.constantFrom('a', 'b'),
      final: fc.boolean(),
      confidence: fc.constantFrom(...CONFIDENCES),
      attempt: fc.boolean(),
      bytes_in: fc.nat(3),
      minute: fc.nat(100),
      reasons: fc.array(fc.constantFrom('x', 'y'), { minLength: 1, maxLength: 2 }),
    })
    fc.assert(
      fc.property(fc.array(update, { maxLength: 8 }), (updates) => {
        const store = openStore(':memory:')
        const alerts = updates.map(({ id, final, ...changes }) => ({ alert: makeAlert(id, changes), final }))
        store.write({ observations: [], alerts })
        const before = JSON.stringify([...store.eachAlert({})])
        expect(store.write({ observations: [], alerts })).toEqual({ added: [], changed: [] })
        for (const one of alerts) expect(store.write({ observations: [], alerts: [one] }).changed).toEqual([])
        expect(JSON.stringify([...store.eachAlert({})])).toBe(before)
        store.close()
      }),
      fuzz(60),
    )
  })
})

describe('runs', () => {
  test('the same id again begins the run anew', () => {
    const store = emptyStore()
    store.startRun({ id: 'one', command: 'replay a.pcap' })
    store.finishRun('one', SUMMARY)
    store.startRun({ id: 'two', command: 'live -i eth0' })
    expect(store.overview().runs.find((run) => run.id === 'one')?.summary).toEqual(SUMMARY)
    store.startRun({ id: 'one', command: 'replay b.pcap' })
    const { runs } = store.overview()
    expect(runs).toHaveLength(2)
    expect(runs.find((run) => run.id === 'one')).toEqual({ id: 'one', command: 'replay b.pcap', summary: null })
  })

  test('at most 20 are told, the newest', () => {
    const store = emptyStore()
    for (let i = 0; i < 30; i++) store.startRun({ id: `run-${i}`, command: 'replay' })
    const { runs } = store.overview()
    expect(runs).toHaveLength(20)
    expect(runs[0]?.id).toBe('run-29')
  })
})
