import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Alert } from '../../src/events/alert.ts'
import type { AlertQuery } from '../../src/events/api.ts'
import { QueryError } from '../../src/store/errors.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { batchOf, makeAlert, NINE_O_CLOCK } from '../support/alerts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { fuzz } from '../support/random.ts'

function storeOf(...alerts: Alert[]): Store {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  store.write(batchOf(...alerts))
  return store
}

const ids = (store: Store, query: AlertQuery): string[] => store.alerts(query).alerts.map((alert) => alert.id)

describe('filters', () => {
  const named = (id: string, name: string, changes: Parameters<typeof makeAlert>[1] = {}): Alert => {
    const alert = makeAlert(id, changes)
    alert.server = { ip: '198.51.100.7', port: 443, name }
    alert.evidence[0]!.value = name
    return alert
  }
  const alerts = [
    named('a', 'chat.deepseek.com'),
    named('b', 'api_deepseek.com', { minute: 60, confidence: 'medium', client: { ip: '192.0.2.200', port: 1 } }),
    named('c', '100%.example', {
      minute: 120,
      severity: 'medium',
      category: 'lookalike',
      client: { ip: '2001:db8::5', port: 1 },
    }),
    named('d', 'O\'Brien\\"; --', {
      minute: 180,
      confidence: 'low',
      severity: 'info',
      category: 'hosting',
      service: 'x',
    }),
    named('e', 'nul\0behind.example', { minute: 240, state: 'exempt', contact: 'the-last' }),
    named('f', 'ČESKY-Ü.example', { minute: 300, client: { ip: '192.0.2.10', port: 1, name: 'Reception-PC' } }),
  ]
  test.each<[name: string, query: AlertQuery, expected: string]>([
    ['nothing: all, newest first', {}, 'fedcba'],
    ['client address', { client: '192.0.2.200' }, 'b'],
    ['client network', { client: '192.0.2.0/25' }, 'feda'],
    ['client network of IPv6', { client: '2001:db8::/64' }, 'c'],
    ['all of IPv4', { client: '0.0.0.0/0' }, 'fedba'],
    ['text without case', { text: 'DEEPSEEK' }, 'ba'],
    ['_ is no wildcard', { text: 'api_' }, 'b'],
    ['_ does not match a dot', { text: 'chat_deepseek' }, ''],
    ['% is no wildcard', { text: '%' }, 'c'],
    ['a percent sign alone does not find all', { text: '100%.e' }, 'c'],
    ['a quote', { text: "o'brien" }, 'd'],
    ['a backslash', { text: '\\"' }, 'd'],
    ['SQL', { text: "' OR 1=1 --" }, ''],
    ['what stands behind a zero byte', { text: 'behind' }, 'e'],
    ['letters beyond ASCII', { text: 'česky-ü' }, 'f'],
    ['a server address', { text: '198.51.100.7' }, 'fedcba'],
    ["the client's name", { text: 'reception' }, 'f'],
    ['the indicator was not seen', { text: 'deepseek.com' }, 'ba'],
    ['empty text is no filter', { text: '' }, 'fedcba'],
    ['service', { service: 'x' }, 'd'],
    ['service is exact', { service: 'X' }, ''],
    ['category', { category: 'lookalike' }, 'c'],
    ['severity or stronger', { severity: 'medium' }, 'fecba'],
    ['confidence or stronger', { confidence: 'medium' }, 'fecba'],
    ['state', { state: ['exempt'] }, 'e'],
    ['one of the states', { state: ['exempt', 'new'] }, 'fedcba'],
    ['no state', { state: [] }, ''],
    ['contact', { contact: 'the-last' }, 'e'],
    ['from: last seen at or after', { from: '2026-11-22T13:00:10Z' }, 'fe'],
    ['to: first seen before', { to: '2026-11-22T10:00:00Z' }, 'a'],
    ['to, a microsecond later', { to: '2026-11-22T10:00:00.000001Z' }, 'ba'],
    ['a day', { from: '2026-11-22', to: '2026-11-23' }, 'fedcba'],
    ['another day', { from: '2026-11-23' }, ''],
    ['two at once', { confidence: 'high', client: '192.0.2.10' }, 'fea'],
    ['limit', { limit: 2 }, 'fe'],
    ['limit and offset', { limit: 2, offset: 4 }, 'ba'],
    ['behind the end', { offset: 99 }, ''],
  ])('%s', (_, query, expected) => {
    const store = storeOf(...alerts)
    expect(ids(store, query).join('')).toBe(expected)
    const { limit: _limit, offset: _offset, ...all } = query
    expect(store.alerts(query).total).toBe(store.alerts(all).alerts.length)
    expect([...store.eachAlert(all)].map((alert) => alert.id).join('')).toBe(ids(store, all).reverse().join(''))
    expect(store.contacts(all).total).toBe(new Set(store.alerts(all).alerts.map((alert) => alert.contact)).size)
  })

  test.each<[query: AlertQuery, message: RegExp]>([
    [{ client: "10.0.0.0/8' --" }, /^client: .*write 10\.1\.2\.0\/24/],
    [{ from: 'yesterday' }, /^from: "yesterday" is no time; write/],
    [{ to: '2025-02-30' }, /^to: /],
  ])('%j is refused', (query, message) => {
    const store = storeOf()
    expect(() => store.alerts(query)).toThrow(message)
    expect(() => store.contacts(query)).toThrow(QueryError)
    expect(() => [...store.eachAlert(query)]).toThrow(QueryError)
  })

  test('any text finds exactly the names that hold it', () => {
    const piece = fc.string({
      unit: fc.constantFrom('%', '_', '\\', "'", '"', 'a', 'B', '\0', 'é', '*', '['),
      maxLength: 3,
    })
    let found = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), piece, (names, text) => {
        const store = openStore(':memory:')
        store.write(batchOf(...names.map((name, i) => named(`${i}`, `<${name}>`))))
        const expected = names.filter((name) => `<${name}>`.toLowerCase().includes(text.toLowerCase())).length
        // other names of the alert have letters, and none of the rest
        if (!/[ab]/i.test(text) || text.length > 1) expect(store.alerts({ text }).total).toBe(expected)
        if (expected > 0 && text !== '') found++
        store.close()
      }),
      fuzz(100),
    )
    expect(found).toBeGreaterThan(5)
  })
})

describe('eachAlert', () => {
  test('gives the same bytes each time, from one store or another, however the alerts came', () => {
    const alerts = Array.from({ length: 50 }, (_, i) => makeAlert(`a${i}`, { minute: i % 7 }))
    const one = storeOf(...alerts)
    const other = storeOf(...alerts.toReversed())
    const text = (store: Store): string => [...store.eachAlert({})].map((alert) => JSON.stringify(alert)).join('\n')
    expect(text(one)).toBe(text(one))
    expect(text(other)).toBe(text(one))
  })

  test('more than are read at once: each once, many of the same moment, from an offset and up to a limit', () => {
    const store = storeOf(...Array.from({ length: 2500 }, (_, i) => makeAlert(`a${i}`, { minute: i % 3 })))
    const all = [...store.eachAlert({})].map(({ id }) => id)
    expect(new Set(all).size).toBe(2500)
    expect(all.slice(-1000)).toEqual(ids(store, { limit: 1000 }).reverse())
    const page = (query: AlertQuery) => [...store.eachAlert(query)].map(({ id }) => id)
    expect(page({ offset: 400, limit: 1900 })).toEqual(all.slice(400, 2300))
    expect(page({ client: '192.0.2.0/24', offset: 1000 })).toEqual(all.slice(1000))
    expect(page({ offset: 2500 })).toEqual([])
  })

  test('lets others write while its alerts are looked at', () => {
    const store = storeOf(...Array.from({ length: 1500 }, (_, i) => makeAlert(`a${i}`, { minute: i / 60 })))
    const alerts = store.eachAlert({})
    expect(alerts.next().value!.id).toBe('a0')
    store.write(batchOf(makeAlert('meanwhile', { minute: 100 })))
    expect([...alerts].at(-1)!.id).toBe('meanwhile')
  })
})

describe('timeline', () => {
  test('counts by confidence, with empty buckets between', () => {
    const store = storeOf(
      makeAlert('a'),
      makeAlert('b', { minute: 0.5, confidence: 'low' }),
      makeAlert('c', { minute: 2, confidence: 'medium' }),
      makeAlert('d', { minute: 2.9 }),
    )
    const start = NINE_O_CLOCK / 1e6
    expect(store.timeline({ step: 60 })).toEqual({
      step: 60,
      time: [start, start + 60, start + 120],
      high: [1, 0, 1],
      medium: [0, 0, 1],
      low: [1, 0, 0],
    })
  })

  test('nothing stored is no bucket', () => {
    expect(storeOf().timeline({})).toEqual({ step: 60, time: [], high: [], medium: [], low: [] })
  })

  test.each([
    ['the very beginning', '1970-01-01T00:00:00.000000Z'],
    ['before 1970', '1969-12-31T22:36:40.182454Z'],
    ['the last year a number holds exactly', '2255-06-05T23:47:34.737992Z'],
    ['where microseconds are not told apart', '+038504-08-17T21:30:06.849024Z'],
    ['the last time there is', '+275760-09-13T00:00:00.000000Z'],
    ['the first time there is', '-271821-04-20T00:00:00.000000Z'],
  ])('a capture with a broken clock: %s', (_, time) => {
    const { time: times, high } = storeOf(makeAlert('a', { first_seen: time, last_seen: time })).timeline({})
    expect(times).toHaveLength(1)
    expect(high).toEqual([1])
  })

  test('from and to cut, and a range without alerts is zeros', () => {
    const store = storeOf(makeAlert('a'), makeAlert('b', { minute: 10 }))
    const { time, high } = store.timeline({ from: '2026-11-22T09:05:00Z', to: '2026-11-22T09:10:00Z', step: 60 })
    expect(time).toHaveLength(5)
    expect(high).toEqual([0, 0, 0, 0, 0])
    expect(store.timeline({ from: '2026-11-22T10:00:00Z', to: '2026-11-22T09:00:00Z' }).time).toEqual([])
  })

  test('a step that is too fine is refused with one that fits', () => {
    const store = storeOf(makeAlert('a'), makeAlert('b', { minute: 60 }))
    expect(() => store.timeline({ step: 1 })).toThrow(/^step: 1 s makes more than 500 buckets of this time; write 10$/)
    expect(store.timeline({ step: 10 }).time).toHaveLength(361)
  })

  test('a round step is chosen, at most 500 buckets, no alert lost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (minutes) => {
          const store = openStore(':memory:')
          store.write(batchOf(...minutes.map((minute, i) => makeAlert(`a${i}`, { minute }))))
          const { step, time, high } = store.timeline({})
          expect(time.length).toBeLessThanOrEqual(500)
          expect(high.reduce((sum, count) => sum + count, 0)).toBe(minutes.length)
          expect(Object.keys(high)).toHaveLength(time.length)
          expect(time.every((start) => start % step === 0)).toBe(true)
          store.close()
        },
      ),
      fuzz(50),
    )
  })
})

describe('overview', () => {
  test('of nothing', () => {
    expect(storeOf().overview()).toEqual({
      alerts: 0,
      exempt: 0,
      contacts: 0,
      clients: 0,
      by_category: {},
      by_confidence: {},
      first_seen: null,
      last_seen: null,
      runs: [],
    })
  })

  test('of three alerts of two clients', () => {
    const store = storeOf(
      makeAlert('a'),
      makeAlert('b', { minute: 90, confidence: 'low' }),
      makeAlert('c', { minute: 1, category: 'lookalike', client: { ip: '192.0.2.77', port: 5 } }),
    )
    expect(store.overview()).toMatchObject({
      alerts: 3,
      contacts: 3,
      clients: 2,
      by_category: { service: 2, lookalike: 1 },
      by_confidence: { high: 2, low: 1 },
      first_seen: '2026-11-22T09:00:00.000000Z',
      last_seen: '2026-11-22T10:30:10.000000Z',
    })
  })
})

describe('what another process writes', () => {
  test('is noticed, and arrives once and in order', () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const writer = openStore(path)
    writer.write(batchOf(makeAlert('old', { minute: 99 })))
    const reader = openStore(path, { readonly: true })
    onTestFinished(() => {
      writer.close()
      reader.close()
    })
    const version = reader.dataVersion()
    const mark = reader.lastArrival()
    expect(reader.dataVersion()).toBe(version)
    writer.write(batchOf(makeAlert('b'), makeAlert('a')))
    expect(reader.dataVersion()).not.toBe(version)
    const first = reader.arrivals(mark, 1)
    expect(first.alerts.map((alert) => alert.id)).toEqual(['b'])
    const second = reader.arrivals(first.mark, 10)
    expect(second.alerts.map((alert) => alert.id)).toEqual(['a'])
    expect(reader.arrivals(second.mark, 10)).toEqual({ alerts: [], mark: second.mark })
  })
})
