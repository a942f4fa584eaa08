import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { microseconds } from '../../src/bytes/time.ts'
import { coverTest } from '../../src/detect/exemption.ts'
import type { Alert } from '../../src/events/alert.ts'
import type { AlertUpdate } from '../../src/events/batch.ts'
import type { ExemptionScope } from '../../src/events/exemption.ts'
import { QueryError } from '../../src/store/errors.ts'
import { ExemptionList } from '../../src/store/exemption-list.ts'
import { newExemption } from '../../src/store/exemptions.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { makeDraft, makeExemption, minute } from '../support/exemptions.ts'
import { temporaryFolder } from '../support/folder.ts'

const BY = { who: 'eva', via: 'test', note: '' }
const CLIENT = '192.0.2.10'

/** A store, and a way to write to it as the sensor does. */
function sensorStore(path = ':memory:'): { store: Store; write: (...alerts: Alert[]) => void } {
  const store = openStore(path)
  onTestFinished(() => store.close())
  const list = new ExemptionList(store, coverTest)
  return { store, write: (...alerts) => void store.write(batchOf(...alerts), list.covering) }
}

function add(store: Store, scope: ExemptionScope, changes = {}): number {
  return store.addExemptions([makeExemption(scope, changes)], BY, coverTest)
}

function standing(store: Store, id: string): string {
  const { state, exemption } = store.alert(id)!
  return exemption === undefined ? state : `${state} by ${exemption}`
}

const freed = (store: Store): string[] => store.freedAlerts(100).map(({ id }) => id)

describe('an alert that comes', () => {
  test('is exempt when an exemption covers it, and says which', () => {
    const { store, write } = sensorStore()
    add(store, { client: CLIENT })
    write(makeAlert('a', { minute: 10 }), makeAlert('b', { minute: 10, client: { ip: '192.0.2.11', port: 1 } }))
    expect(standing(store, 'a')).toBe('exempt by ex-00000001')
    expect(standing(store, 'b')).toBe('new')
    expect(freed(store)).toEqual([])
  })

  test('stays exempt however often it is told again', () => {
    const { store, write } = sensorStore()
    add(store, { client: CLIENT })
    for (let i = 1; i < 4; i++) write(makeAlert('a', { minute: 10, bytes_in: i * 1000 }))
    expect(standing(store, 'a')).toBe('exempt by ex-00000001')
    expect(store.auditEntries({ subject: 'a' }).total).toBe(0)
  })

  test('that goes on after the end is new, waits to be forwarded, and the log says why', () => {
    const { store, write } = sensorStore()
    add(store, { client: CLIENT })
    write(makeAlert('a', { minute: 50 }))
    write(makeAlert('a', { minute: 50, last_seen: minute(61) }))
    expect(standing(store, 'a')).toBe('new')
    expect(freed(store)).toEqual(['a'])
    expect(store.auditEntries({ subject: 'a' }).entries).toMatchObject([
      {
        who: 'sensor',
        note: 'goes beyond exemption ex-00000001',
        before: { state: 'exempt' },
        after: { state: 'new' },
      },
    ])
  })

  test('whose other half lies outside, seen by two sensors, is new', () => {
    const { store, write } = sensorStore()
    add(store, { client: CLIENT })
    write(makeAlert('a', { first_seen: minute(10), last_seen: minute(20) }))
    write(makeAlert('a', { first_seen: minute(-10), last_seen: minute(15) }))
    expect(standing(store, 'a')).toBe('new')
  })

  test('becomes exempt when its name is learned', () => {
    const { store, write } = sensorStore()
    add(store, { name: 'laptop-7' })
    const known = makeAlert('a', { minute: 10, bytes_in: 9000, count: 2 })
    known.client = { ...known.client, name: 'Laptop-7' }
    write(makeAlert('a', { minute: 10 }))
    expect(standing(store, 'a')).toBe('new')
    write(known)
    expect(standing(store, 'a')).toBe('exempt by ex-00000001')
  })

  test.each(['acknowledged', 'escalated', 'closed'] as const)('that somebody %s keeps that', (state) => {
    const { store, write } = sensorStore()
    write(makeAlert('a', { minute: 10 }))
    store.triage(['a'], state, BY)
    expect(add(store, { client: CLIENT })).toBe(0)
    write(makeAlert('a', { minute: 10, bytes_in: 9e6 }))
    expect(standing(store, 'a')).toBe(state)
  })

  test('that somebody reopened under an exemption stays new', () => {
    const { store, write } = sensorStore()
    write(makeAlert('a', { minute: 10 }))
    store.triage(['a'], 'closed', BY)
    add(store, { client: CLIENT })
    store.triage(['a'], 'new', BY)
    write(makeAlert('a', { minute: 10, bytes_in: 9e6 }))
    expect(standing(store, 'a')).toBe('new')
  })

  test('without a list of exemptions is as it came', () => {
    const { store } = sensorStore()
    add(store, { client: CLIENT })
    store.write(batchOf(makeAlert('a', { minute: 10 })))
    expect(standing(store, 'a')).toBe('new')
  })

  test('obeys what another process changed, from the next batch on', () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const { store, write } = sensorStore(path)
    const other = openStore(path)
    onTestFinished(() => other.close())
    write(makeAlert('a', { minute: 10 }))
    add(other, { client: CLIENT }, { start: minute(11) })
    write(makeAlert('b', { minute: 12 }))
    other.endExemption('ex-00000001', microseconds(minute(15)), BY, coverTest)
    write(makeAlert('c', { minute: 20 }))
    expect(['a', 'b', 'c'].map((id) => standing(store, id))).toEqual(['new', 'exempt by ex-00000001', 'new'])
  })
})

describe('an exemption that is added', () => {
  test('covers the new alerts that are stored inside its time, and no others', () => {
    const { store, write } = sensorStore()
    write(
      makeAlert('before', { minute: -1 }),
      makeAlert('in', { minute: 10 }),
      makeAlert('across', { minute: 59, last_seen: minute(60) }),
      makeAlert('triaged', { minute: 12 }),
      makeAlert('other', { minute: 10, client: { ip: '192.0.2.11', port: 1 } }),
    )
    store.triage(['triaged'], 'escalated', BY)
    expect(add(store, { client: CLIENT })).toBe(1)
    expect(['before', 'in', 'across', 'triaged', 'other'].map((id) => standing(store, id))).toEqual([
      'new',
      'exempt by ex-00000001',
      'new',
      'escalated',
      'new',
    ])
  })

  test('is written down, and so is each alert that it covers', () => {
    const { store, write } = sensorStore()
    write(makeAlert('a', { minute: 10 }))
    add(store, { client: CLIENT })
    const [ofAlert, ofExemption] = store.auditEntries({}).entries
    expect(ofExemption).toMatchObject({ action: 'exemption.add', subject: 'ex-00000001', who: 'eva', before: null })
    expect(ofExemption!.after).toEqual(makeExemption({ client: CLIENT }))
    expect(ofAlert).toMatchObject({
      action: 'alert.state',
      subject: 'a',
      note: 'covered by the new exemption ex-00000001',
      before: { state: 'new', exemption: null },
      after: { state: 'exempt', exemption: 'ex-00000001' },
    })
    expect(Math.abs(microseconds(ofAlert!.at) / 1000 - Date.now())).toBeLessThan(60_000)
  })

  test('comes back as it went in, whatever order its scope has', () => {
    const { store } = sensorStore()
    const scope = {
      network: 'CN',
      indicator: 'x"y',
      rule: "r'",
      name: 'n',
      mac: 'm',
      client: CLIENT,
      category: 'hosting',
    } as const
    add(store, scope, { ticket: 'SEC-1', reason: 'Příliš žluťoučký' })
    const { store: other } = sensorStore()
    const { category: _category, ...ofOthers } = scope
    add(other, { ...ofOthers, category: 'hosting' }, { ticket: 'SEC-1', reason: 'Příliš žluťoučký' })
    expect(store.exemptions()).toEqual([makeExemption(scope, { ticket: 'SEC-1', reason: 'Příliš žluťoučký' })])
    expect(JSON.stringify(store.exemptions())).toBe(JSON.stringify(other.exemptions()))
  })

  test('covers alerts of any time that a date can have', () => {
    const { store, write } = sensorStore()
    const far = '+275760-01-01T00:00:00.000000Z'
    write(makeAlert('far', { first_seen: far, last_seen: far }), makeAlert('early', { minute: -60 * 24 * 365 * 100 }))
    expect(add(store, { client: CLIENT }, { start: '1900-01-01T00:00:00Z', end: '+275760-09-01T00:00:00Z' })).toBe(2)
  })

  test('with an id that is taken changes nothing, and neither do those beside it', () => {
    const { store, write } = sensorStore()
    write(makeAlert('a', { minute: 10 }))
    add(store, { client: '192.0.2.99' })
    const list = [makeExemption({ client: CLIENT }, { id: 'ex-2' }), makeExemption({ client: CLIENT })]
    expect(() => store.addExemptions(list, BY, coverTest)).toThrow(QueryError)
    expect(store.exemptions()).toHaveLength(1)
    expect(standing(store, 'a')).toBe('new')
    expect(store.auditMark()).toBe(1)
  })

  test('new ids differ', () => {
    const ids = Array.from({ length: 20 }, () => newExemption(makeDraft({ client: CLIENT }), BY).id)
    expect(new Set(ids).size).toBe(20)
    expect(ids[0]).toMatch(/^ex-[0-9a-f]{8}$/)
  })
})

describe('an exemption that is ended', () => {
  function covered(): { store: Store; write: (...alerts: Alert[]) => void } {
    const both = sensorStore()
    add(both.store, { client: CLIENT })
    both.write(makeAlert('early', { minute: 10 }), makeAlert('late', { minute: 30 }))
    return both
  }
  const end = (store: Store, minutes: number) =>
    store.endExemption('ex-00000001', microseconds(minute(minutes)), BY, coverTest)

  test('alerts again, also for what it hid while it should not have', () => {
    const { store, write } = covered()
    expect(end(store, 20)).toMatchObject({ freed: 1, exemption: { end: minute(20) } })
    write(makeAlert('later', { minute: 40 }))
    expect(['early', 'late', 'later'].map((id) => standing(store, id))).toEqual(['exempt by ex-00000001', 'new', 'new'])
    expect(freed(store)).toEqual(['late'])
  })

  test('what it freed is forwarded once', () => {
    const { store, write } = covered()
    end(store, 20)
    store.setForwarded(['late', 'early', 'nobody'])
    expect(freed(store)).toEqual([])
    write(makeAlert('late', { minute: 30, bytes_in: 9e6 }))
    expect(freed(store)).toEqual([])
  })

  test('what may still change is forwarded when it is final', () => {
    const { store } = sensorStore()
    const list = new ExemptionList(store, coverTest)
    add(store, { client: CLIENT })
    const open: AlertUpdate = { alert: makeAlert('a', { minute: 10 }), final: false }
    store.write({ observations: [], alerts: [open] }, list.covering)
    end(store, 0)
    expect(freed(store)).toEqual([])
    store.write({ observations: [], alerts: [{ ...open, final: true }] }, list.covering)
    expect(freed(store)).toEqual(['a'])
  })

  test('at its very start has covered nothing', () => {
    const { store } = covered()
    expect(end(store, 0).freed).toBe(2)
    expect(freed(store)).toEqual(['early', 'late'])
  })

  test('leaves alerts to another one that covers them, too', () => {
    const { store } = covered()
    add(store, { client: '192.0.2.0/24' }, { id: 'ex-2', created_at: minute(-1) })
    end(store, 0)
    expect(standing(store, 'early')).toBe('exempt by ex-2')
    expect(freed(store)).toEqual([])
  })

  test('is written down, with what it was before', () => {
    const { store } = covered()
    end(store, 20)
    expect(store.auditEntries({ subject: 'ex-00000001' }).entries[0]).toMatchObject({
      action: 'exemption.end',
      before: { end: minute(60) },
      after: { end: minute(20) },
    })
  })

  test('at the same time again changes nothing', () => {
    const { store } = covered()
    end(store, 20)
    const mark = store.auditMark()
    expect(end(store, 20).freed).toBe(0)
    expect(store.auditMark()).toBe(mark)
  })

  test.each<[minutes: number, message: RegExp]>([
    [61, /^at: the exemption ends at 2026-11-22T10:00:00\.000000Z already.*add another/],
    [-1, /^at: is before its start; write 2026-11-22T09:00:00\.000000Z/],
  ])('not at minute %i', (minutes, message) => {
    const { store } = covered()
    expect(() => end(store, minutes)).toThrow(message)
    expect(standing(store, 'late')).toBe('exempt by ex-00000001')
  })

  test('one that is none', () => {
    const { store } = covered()
    expect(() => store.endExemption("x' OR 1", 0, BY, coverTest)).toThrow(/^id: there is no exemption "x' OR 1"/)
  })
})

describe('counts', () => {
  test('leave exempt alerts out, and give them apart', () => {
    const { store, write } = sensorStore()
    add(store, { client: CLIENT }, { start: minute(5) })
    const contact = 'one'
    write(
      makeAlert('a', { contact }),
      makeAlert('b', { minute: 6, contact }),
      makeAlert('c', { minute: 7, contact, category: 'hosting' }),
    )
    write(makeAlert('d', { minute: 8, client: { ip: '192.0.2.10', port: 1 }, service: 'Other' }))
    expect(store.overview()).toMatchObject({
      alerts: 1,
      exempt: 3,
      contacts: 1,
      clients: 1,
      by_category: { service: 1 },
    })
    expect(store.contacts({}).contacts.map(({ service, alerts, exempt }) => [service, alerts, exempt])).toEqual([
      ['Other', 0, 1],
      ['DeepSeek', 1, 2],
    ])
    expect(store.timeline({ step: 3600 }).high).toEqual([1])
    expect(store.contacts({ state: ['new'] }).total).toBe(1)
    store.endExemption('ex-00000001', microseconds(minute(5)), BY, coverTest)
    expect(store.overview()).toMatchObject({ alerts: 4, exempt: 0, contacts: 2 })
    expect(store.contacts({}).contacts.map(({ alerts, exempt }) => [alerts, exempt])).toEqual([
      [1, 0],
      [3, 0],
    ])
  })

  test('of each exemption, with its status', () => {
    const { store, write } = sensorStore()
    add(store, { client: CLIENT })
    add(store, { client: CLIENT }, { id: 'ex-2', created_at: minute(-1), end: '2999-01-01T00:00:00.000000Z' })
    add(
      store,
      { client: CLIENT },
      { id: 'ex-3', created_at: minute(-1), start: '2998-01-01T00:00:00.000000Z', end: '2999-01-01T00:00:00.000000Z' },
    )
    write(makeAlert('a', { minute: 10 }), makeAlert('b', { minute: 70 }))
    const views = store.exemptionViews()
    expect(views.map(({ id, alerts }) => [id, alerts])).toEqual([
      ['ex-00000001', 1],
      ['ex-2', 1],
      ['ex-3', 0],
    ])
    expect(views.at(-1)!.status).toBe('planned')
  })
})

describe('more alerts than a portion holds', () => {
  const COUNT = 1200

  /** Of two clients in turn, a minute apart, and one that was triaged. */
  function manyAlerts(path?: string): ReturnType<typeof sensorStore> {
    const both = sensorStore(path)
    both.write(
      ...Array.from({ length: COUNT }, (_, i) =>
        makeAlert(`a${i}`, { minute: i / 60, client: { ip: CLIENT, port: 1, mac: i % 2 ? 'aa' : 'bb' } }),
      ),
    )
    return both
  }
  const hidden = (store: Store): number => store.overview().exempt
  const finish = (store: Store): number[] => {
    const portions: number[] = []
    while (store.isReviewing()) portions.push(store.goOnReviewing(coverTest))
    return portions
  }

  test('are covered and freed in transactions of a bounded size, all of them, each once', () => {
    const { store } = manyAlerts()
    expect(add(store, { client: CLIENT })).toBe(500)
    expect(finish(store)).toEqual([500, 200])
    expect(hidden(store)).toBe(COUNT)
    expect(store.auditEntries({}).total).toBe(COUNT + 1)
    const { freed: first } = store.endExemption('ex-00000001', microseconds(minute(10)), BY, coverTest)
    expect([first, ...finish(store)]).toEqual([500, 110])
    expect(hidden(store)).toBe(590) // those that ended before minute 10
    expect(store.contacts({}).contacts.reduce((sum, { exempt }) => sum + exempt, 0)).toBe(590)
    expect(store.freedAlerts(COUNT)).toHaveLength(610)
    expect(store.isReviewing()).toBe(false)
  })

  test('of which some fit: none is left out, none is taken', () => {
    const { store } = manyAlerts()
    const covered = add(store, { mac: 'aa' })
    expect(covered + finish(store).reduce((sum, one) => sum + one, 0)).toBe(COUNT / 2)
    expect(store.alerts({ state: ['exempt'], limit: COUNT }).alerts.every(({ client }) => client.mac === 'aa')).toBe(
      true,
    )
  })

  test('of which hardly any fits: a portion has a bound for what it looks at, too', () => {
    const { store, write } = sensorStore()
    const mac = (i: number) => ({ client: { ip: CLIENT, port: 1, mac: i === 0 ? 'aa' : 'bb' } })
    write(...Array.from({ length: 5010 }, (_, i) => makeAlert(`a${i}`, { minute: i / 600, ...mac(i) })))
    expect([add(store, { mac: 'aa' }), hidden(store), store.isReviewing()]).toEqual([0, 0, true])
    expect([finish(store), hidden(store)]).toEqual([[1], 1])
  })

  test('what a process leaves that was ended, the next one goes on with', () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const { store, write } = manyAlerts(path)
    add(store, { client: CLIENT })
    const next = openStore(path)
    onTestFinished(() => next.close())
    expect(next.isReviewing()).toBe(true)
    write(makeAlert('meanwhile', { minute: 5 })) // as it comes, by the exemption that is on record
    expect(standing(store, 'meanwhile')).toBe('exempt by ex-00000001')
    expect(finish(next)).toEqual([500, 200])
    expect([hidden(next), store.isReviewing()]).toEqual([COUNT + 1, false])
  })

  test('an exemption that is ended before it has covered all hides nothing in the end', () => {
    const { store } = manyAlerts()
    add(store, { client: CLIENT })
    store.endExemption('ex-00000001', microseconds(minute(0)), BY, coverTest)
    finish(store)
    expect(hidden(store)).toBe(0)
    expect(store.alerts({ state: ['new'], limit: 1 }).total).toBe(COUNT)
  })

  test('who triages one that is not covered yet is not overruled', () => {
    const { store } = manyAlerts()
    add(store, { client: CLIENT }) // the newest first
    store.triage(['a0'], 'escalated', BY)
    finish(store)
    expect(standing(store, 'a0')).toBe('escalated')
  })

  test('a preview counts the new ones as adding does, whatever the index can tell', () => {
    const { store } = manyAlerts()
    store.triage(['a3'], 'closed', BY)
    const now = (scope: ExemptionScope, most?: number) =>
      store.previewExemption(makeDraft(scope), microseconds(minute(-1)), coverTest, most)
    expect(now({ client: CLIENT }).now).toBe(COUNT - 1)
    expect(now({ everyone: true, category: 'hosting' }).now).toBe(0)
    expect(now({ mac: 'aa' }).now).toBe(COUNT / 2 - 1)
    expect(now({ mac: 'aa' }, 100)).toMatchObject({ now: 50, looked_at: 100, has_older: true })
  })
})

describe('a preview', () => {
  function filled(): Store {
    const { store, write } = sensorStore()
    write(
      makeAlert('old', { minute: -600 }),
      makeAlert('before', { minute: -5 }),
      makeAlert('in', { minute: 10 }),
      makeAlert('closed', { minute: 11 }),
    )
    write(makeAlert('other', { minute: 10, client: { ip: '192.0.2.11', port: 1 } }))
    store.triage(['closed'], 'closed', BY)
    return store
  }
  const since = microseconds(minute(-100))

  test('shows what the scope fits in the days asked about, and what would become exempt now', () => {
    const preview = filled().previewExemption(makeDraft({ client: CLIENT }), since, coverTest)
    expect(preview).toMatchObject({ total: 3, clients: 1, now: 1 })
    expect(preview.alerts.map(({ id }) => id)).toEqual(['closed', 'in', 'before'])
  })

  test('says when there are older alerts that were not looked at', () => {
    const looked = (most: number) => filled().previewExemption(makeDraft({ client: CLIENT }), since, coverTest, most)
    expect(looked(2)).toMatchObject({ total: 2, now: 1, looked_at: 2, has_older: true })
    expect(looked(3)).toMatchObject({ total: 3, now: 1, looked_at: 3, has_older: false })
  })

  test('what becomes exempt now may be older than what was asked about', () => {
    const store = filled()
    const draft = { ...makeDraft({ client: CLIENT }), start: minute(-700) }
    const preview = store.previewExemption(draft, since, coverTest)
    expect(preview).toMatchObject({ total: 3, now: 3, looked_at: 3 })
    const covered = store.addExemptions(
      [{ ...draft, id: 'ex-1', created_by: 'x', created_at: draft.start }],
      BY,
      coverTest,
    )
    expect(preview.now).toBe(covered)
  })

  test('counts the clients', () =>
    expect(filled().previewExemption(makeDraft({ everyone: true }), since, coverTest)).toMatchObject({
      total: 4,
      clients: 2,
    }))

  test.each<[scope: ExemptionScope, total: number]>([
    [{ everyone: true, rule: 'x' }, 0],
    [{ everyone: true, category: 'service' }, 4],
    [{ client: '192.0.2.0/31', network: 'AS64500' }, 0],
    [{ client: '192.0.2.10/31', network: 'AS64500' }, 4],
    [{ client: '192.0.2.0/33' }, 0],
    [{ mac: '00:00:5e:00:53:01' }, 3],
  ])('%j: %i', (scope, total) =>
    expect(filled().previewExemption(makeDraft(scope), since, coverTest).total).toBe(total),
  )

  test('changes nothing', () => {
    const store = filled()
    const mark = store.auditMark()
    store.previewExemption(makeDraft({ everyone: true }), since, coverTest)
    expect([store.auditMark(), store.exemptions().length, standing(store, 'in')]).toEqual([mark, 0, 'new'])
  })
})

describe('triage', () => {
  test('sets states and writes down who, what and why', () => {
    const { store, write } = sensorStore()
    write(makeAlert('a'), makeAlert('b'))
    store.triage(['a', 'b', 'a'], 'acknowledged', { ...BY, note: 'known laptop' })
    store.triage(['a'], 'new', BY)
    expect([standing(store, 'a'), standing(store, 'b')]).toEqual(['new', 'acknowledged'])
    expect(store.auditEntries({}).total).toBe(3)
    expect(store.auditEntries({ subject: 'b' }).entries).toMatchObject([
      { who: 'eva', via: 'test', note: 'known laptop', before: { state: 'new' }, after: { state: 'acknowledged' } },
    ])
  })

  test('of a whole contact: what is exempt stays, and what was escalated or closed is not acknowledged', () => {
    const { store, write } = sensorStore()
    add(store, { client: CLIENT, indicator: 'exempt.example' })
    const exempt = makeAlert('x', { minute: 10 })
    exempt.indicator.value = 'exempt.example'
    write(makeAlert('a'), makeAlert('b'), makeAlert('c'), exempt, makeAlert('other', { contact: 'k2', minute: 500 }))
    const states = () => ['a', 'b', 'c', 'x', 'other'].map((id) => standing(store, id))
    store.triage(['c'], 'escalated', BY)
    expect(states()).toEqual(['new', 'new', 'escalated', expect.stringContaining('exempt'), 'new'])
    const whole = { wholeContacts: true }
    expect(store.triage(['a'], 'acknowledged', { ...BY, note: 'seen' }, whole)).toBe(2)
    expect(states().slice(0, 3)).toEqual(['acknowledged', 'acknowledged', 'escalated'])
    expect(store.auditEntries({ subject: 'b' }).entries).toMatchObject([{ note: 'seen', before: { state: 'new' } }])
    expect(store.triage(['b'], 'closed', BY, whole)).toBe(3)
    expect(states()).toEqual(['closed', 'closed', 'closed', expect.stringContaining('exempt'), 'new'])
  })

  test('a state that it has already is no change, a note is', () => {
    const { store, write } = sensorStore()
    write(makeAlert('a'))
    store.triage(['a'], 'new', BY)
    expect(store.auditMark()).toBe(0)
    store.triage(['a'], 'new', { ...BY, note: 'looked at' })
    expect(store.auditEntries({}).entries).toMatchObject([
      { note: 'looked at', before: { state: 'new' }, after: { state: 'new' } },
    ])
  })

  test('all or none: one that is none', () => {
    const { store, write } = sensorStore()
    write(makeAlert('a'))
    expect(() => store.triage(['a', 'z'], 'closed', BY)).toThrow(/^ids: there is no alert "z"/)
    expect([standing(store, 'a'), store.auditMark()]).toEqual(['new', 0])
  })

  test('one that is exempt', () => {
    const { store, write } = sensorStore()
    add(store, { client: CLIENT })
    write(makeAlert('a', { minute: 10 }))
    expect(() => store.triage(['a'], 'closed', BY)).toThrow(/alert a is exempt \(ex-00000001\).*end that exemption/)
  })

  test('is not undone by a replay', () => {
    const { store, write } = sensorStore()
    write(makeAlert('a'))
    store.triage(['a'], 'closed', BY)
    write(makeAlert('a', { bytes_in: 9e9 }))
    expect(store.alert('a')).toMatchObject({ state: 'closed', bytes_in: 9e9 })
  })
})

describe('the log', () => {
  test.each(['DELETE FROM audit', "UPDATE audit SET who = 'nobody'", 'DELETE FROM exemptions'])('refuses %s', (sql) => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const { store } = sensorStore(path)
    add(store, { client: CLIENT })
    const db = new Database(path)
    onTestFinished(() => void db.close())
    expect(() => db.exec(sql)).toThrow(/only ever added to|ended, not deleted/)
  })

  test('is read by pages, newest first', () => {
    const { store, write } = sensorStore()
    const ids = Array.from({ length: 5 }, (_, i) => `a${i}`)
    write(...ids.map((id) => makeAlert(id)))
    store.triage(ids, 'closed', BY)
    const { entries, total } = store.auditEntries({ limit: 2, offset: 1 })
    expect([total, ...entries.map(({ subject }) => subject)]).toEqual([5, 'a3', 'a2'])
  })
})
