/**
 * The report's figures beside the same counted in another way: in memory, from the stored alerts, contact by contact, as
 * the sentences of report.ts say it.
 */

import { describe, expect, onTestFinished, test } from 'vitest'
import { microseconds, rfc3339 } from '../../src/bytes/time.ts'
import { coverTest } from '../../src/detect/exemption.ts'
import { type Alert, CATEGORIES, CONFIDENCES, INBOX_STATES, type TriageState, USES } from '../../src/events/alert.ts'
import type { ReportOptions } from '../../src/report/model.ts'
import type { ClientRow, Report } from '../../src/report/report.ts'
import { Zone } from '../../src/report/zone.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { batchOf, makeAlert, NINE_O_CLOCK, SUMMARY } from '../support/alerts.ts'
import { makeExemption, minute } from '../support/exemptions.ts'
import { replayInto } from '../support/replay.ts'
import { readThemes } from '../support/scenarios.ts'
import { reportOf } from './support.ts'

const AUTHOR = { who: 'Jana', via: 'test', note: '' }

function emptyStore(): Store {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  return store
}

/** As Map.groupBy of later versions. */
function groupBy(alerts: readonly Alert[], key: (alert: Alert) => string): Map<string, Alert[]> {
  const groups = new Map<string, Alert[]>()
  for (const alert of alerts) groups.set(key(alert), [...(groups.get(key(alert)) ?? []), alert])
  return groups
}

/** The same by the plainest code there is, from all alerts at once. */
function countedAnew(store: Store, { fromUs, toUs, zone }: Pick<ReportOptions, 'fromUs' | 'toUs' | 'zone'>) {
  const from = fromUs ?? Number.NEGATIVE_INFINITY
  const to = toUs ?? Number.POSITIVE_INFINITY
  const alerts = [...store.eachAlert({})].filter(
    ({ first_seen, last_seen }) => microseconds(last_seen) >= from && microseconds(first_seen) < to,
  )
  const isDns = ({ evidence }: Alert): boolean => evidence.every(({ kind }) => /^dns_(question|answer)$/.test(kind))
  const isTry = (alert: Alert): boolean => alert.attempt || isDns(alert)
  const daysOf = (some: Alert[]): Set<number> => {
    const days = new Set<number>()
    // a contact has no gap of more than half an hour, so it is of every day between its ends
    for (const contact of groupBy(some, (alert) => alert.contact).values()) {
      const first = Math.max(from, Math.min(...contact.map((alert) => microseconds(alert.first_seen))))
      const last = Math.min(to - 1, Math.max(...contact.map((alert) => microseconds(alert.last_seen))))
      for (let at = first; at < last; at += 600e6) days.add(zone.dayOf(at))
      days.add(zone.dayOf(last))
    }
    return days
  }
  return Object.fromEntries(
    CATEGORIES.map((category) => {
      const all = alerts.filter((alert) => alert.category === category)
      const shown = all.filter(({ state }) => state !== 'exempt')
      const hidden = all.filter(({ state }) => state === 'exempt')
      const contacts = [...groupBy(shown, ({ contact }) => contact).values()]
      const used = contacts.filter((contact) => !contact.every(isTry))
      const tried = contacts.filter((contact) => contact.every(isTry))
      const clients = (some: Alert[][]): Set<string> => new Set(some.flat().map(({ client }) => client.ip))
      const usedClients = clients(used)
      const rows = (some: Alert[][]) =>
        [...groupBy(some.flat(), ({ client, service }) => `${client.ip} ${service}`).values()].map((of) => {
          const best = of.toSorted(
            (a, b) => CONFIDENCES.indexOf(b.confidence) - CONFIDENCES.indexOf(a.confidence) || (a.id < b.id ? -1 : 1),
          )[0]!
          return {
            client: of[0]!.client.ip,
            service: of[0]!.service,
            contacts: new Set(of.map(({ contact }) => contact)).size,
            alerts: of.length,
            days: daysOf(of).size,
            first_seen: of.map((alert) => alert.first_seen).sort()[0],
            last_seen: of
              .map((alert) => alert.last_seen)
              .sort()
              .at(-1),
            bytes_out: of.reduce((sum, alert) => sum + alert.bytes_out, 0),
            bytes_in: of.reduce((sum, alert) => sum + alert.bytes_in, 0),
            confidence: best.confidence,
            alert: best.id,
            use: USES.find((use) => of.some((alert) => alert.use === use)) ?? null,
            lossy: of.filter(({ lossy }) => lossy).length,
            role: of.some((a) => a.client_role === 'proxy')
              ? 'proxy'
              : (of.find((a) => a.client_role === 'resolver')?.client_role ?? 'host'),
          }
        })
      const figures = {
        clients: usedClients.size,
        clients_standing_for_others: [...usedClients].filter((ip) =>
          shown.some(({ client, client_role }) => client.ip === ip && client_role !== 'host'),
        ).length,
        clients_high: clients(used.map((contact) => contact.filter(({ confidence }) => confidence === 'high'))).size,
        clients_attempt_only: [...clients(tried)].filter((ip) => !usedClients.has(ip)).length,
        contacts: used.length,
        attempts: tried.length,
        alerts: shown.length,
        days: daysOf(used.flat()).size,
        bytes_out: shown.reduce((sum, alert) => sum + alert.bytes_out, 0),
        bytes_in: shown.reduce((sum, alert) => sum + alert.bytes_in, 0),
        exempt_alerts: hidden.length,
        exempt_clients: new Set(hidden.map(({ client }) => client.ip)).size,
      }
      return [category, { figures, used: rows(used), tried: rows(tried) }]
    }),
  )
}

function byClient(rows: Array<{ client: string; service: string }>): unknown[] {
  return rows.toSorted((a, b) => (`${a.client} ${a.service}` < `${b.client} ${b.service}` ? -1 : 1))
}

/** Fails where a figure of the report is not what was counted anew. */
function compare(report: Report, anew: ReturnType<typeof countedAnew>): void {
  for (const category of CATEGORIES) {
    const { figures, used, attempted } = report.sections[category]
    expect(figures, category).toEqual(anew[category]!.figures)
    const same = ({ names: _n, evidence: _e, reasons: _r, contacted: _c, states: _s, ...row }: ClientRow) => row
    expect(byClient(used.listed.map(same)), category).toEqual(byClient(anew[category]!.used))
    expect(byClient(attempted.listed.map(same)), category).toEqual(byClient(anew[category]!.tried))
  }
}

describe('figures', () => {
  test('of all scenarios together are those counted from the stored alerts, for any span and zone', async () => {
    const store = emptyStore()
    const scenarios = readThemes().flatMap((theme) => theme.scenarios)
    const exemptions = scenarios.flatMap((scenario) => scenario.exemptions)
    store.addExemptions(
      exemptions.map((exemption, i) => ({ ...exemption, id: `ex-${i}` })),
      AUTHOR,
      coverTest,
    )
    await replayInto(store, [...new Set(scenarios.map(({ capture }) => capture))], new Set(['alert']))
    const all = { fromUs: null, toUs: null, zone: new Zone('UTC') }
    const whole = reportOf(store, all)
    compare(whole, countedAnew(store, all))
    expect(whole.exempt_alerts).toBe(store.overview().exempt)
    expect(whole.sections.service.figures.contacts).toBeGreaterThan(5)
    expect(whole.sections.service.figures.attempts).toBeGreaterThan(0)
    expect(whole.exempt_alerts).toBeGreaterThan(0)
    for (const category of CATEGORIES)
      expect(whole.sections[category].figures.alerts, category).toBe(
        store.alerts({ category, state: INBOX_STATES }).total,
      )
    // one that cuts contacts in two
    const times = [...store.eachAlert({})].map(({ first_seen }) => microseconds(first_seen)).sort((a, b) => a - b)
    const middle = times[times.length >> 1]! + 1
    for (const zone of [new Zone('Europe/Prague'), new Zone('Pacific/Kiritimati'), new Zone('America/St_Johns')]) {
      for (const span of [
        { fromUs: null, toUs: middle, zone },
        { fromUs: middle, toUs: null, zone },
      ])
        compare(reportOf(store, span), countedAnew(store, span))
    }
  })

  test('a contact that an exemption covers in part counts with the rest alone', () => {
    const store = emptyStore()
    const exemption = makeExemption({ client: '192.0.2.10' }, { end: minute(20) })
    store.addExemptions([exemption], AUTHOR, coverTest)
    const inside = makeAlert('a', { minute: 10, use: 'chat', contact: 'one', client_role: 'proxy' })
    const after = makeAlert('b', { minute: 30, contact: 'one', attempt: true, confidence: 'medium', bytes_in: 7 })
    const covers = coverTest([exemption])
    store.write(batchOf(inside, after), covers)
    const report = reportOf(store)
    expect(report.finding).toBe('attempt')
    expect(report.sections.service.figures).toMatchObject({ contacts: 0, attempts: 1, alerts: 1, bytes_in: 7 })
    expect(report.sections.service.figures).toMatchObject({ exempt_alerts: 1, exempt_clients: 1, clients_high: 0 })
    expect(report.sections.service.attempted.listed).toMatchObject([
      { client: '192.0.2.10', confidence: 'medium', use: null, role: 'host', first_seen: after.first_seen },
    ])
    expect(report.exemptions.listed).toMatchObject([{ id: exemption.id, alerts: 1, clients: 1, ended_early: null }])
  })

  test('lists have a bound, and say how many are left out; the most contacts come first', () => {
    const store = emptyStore()
    const clients = Array.from({ length: 30 }, (_, i) => `192.0.2.${100 + i}`)
    for (const [i, ip] of clients.entries())
      for (let n = 0; n <= i; n++)
        store.write(batchOf(makeAlert(`${ip}-${n}`, { client: { ip, port: 1, name: `pc-${i}` }, minute: n * 60 })))
    const { used } = reportOf(store, { rowsMax: 4 }).sections.service
    expect(used.listed.map(({ client, contacts }) => `${client} ${contacts}`)).toEqual(
      [30, 29, 28, 27].map((contacts) => `${clients[contacts - 1]} ${contacts}`),
    )
    expect(used.left_out).toBe(26)
    expect(used.listed[0]!.names).toEqual(['pc-29'])
  })
})

describe('the finding', () => {
  const cases: Array<[name: string, alerts: Alert[], want: Report['finding']]> = [
    ['of nothing', [], 'unknown'],
    ['of a contact', [makeAlert('a')], 'contact'],
    ['of an attempt', [makeAlert('a', { attempt: true })], 'attempt'],
    ['of others than the service', [makeAlert('a', { category: 'lookalike', service: 'x' })], 'unknown'],
    ['of what exemptions cover', [makeAlert('a', { state: 'exempt', exemption: 'ex-1' })], 'exempt'],
  ]
  test.each(cases)('%s', (_, alerts, want) => {
    const store = emptyStore()
    store.write(batchOf(...alerts))
    expect(reportOf(store).finding).toBe(want)
  })

  test('where traffic was looked at and nothing found is "none", and only then', () => {
    const store = emptyStore()
    store.addCoverage('s', [hour(0, { packets: 5 })], NINE_O_CLOCK)
    expect(reportOf(store).finding).toBe('none')
    const later = reportOf(store, { fromUs: NINE_O_CLOCK + 3600e6, toUs: NINE_O_CLOCK + 7200e6 })
    expect(later.finding).toBe('unknown')
  })
})

function hour(hours: number, changes: Record<string, number>, device = 'eth0', notDecoded = {}) {
  const counts = { packets: 0, bytes: 0, lost_kernel: 0, lost_interface: 0, cut: 0, copies: 0, flows: 0 }
  const more = { flow_table_full: 0, midstream: 0, tls_flows: 0, tls_named: 0, ech: 0, encrypted_dns: 0 }
  const all = { ...counts, ...more, ...changes }
  return { interface: device, hourUs: NINE_O_CLOCK + hours * 3600e6, counts: all, notDecoded }
}

describe('what could be seen', () => {
  test('hours with packets, silent ones, those not on record and those to come', () => {
    const store = emptyStore()
    store.addCoverage(
      's',
      [
        hour(0, { packets: 10, lost_kernel: 2, tls_flows: 4, tls_named: 3 }, 'eth0', { not_ip: 1 }),
        hour(0, { packets: 5, cut: 1 }, 'eth1', { not_ip: 2, too_deep: 1 }),
        hour(1, {}),
        hour(3, { packets: 1 }),
        hour(9, { packets: 1 }),
      ],
      NINE_O_CLOCK,
    )
    const span = { fromUs: NINE_O_CLOCK + 60e6, toUs: NINE_O_CLOCK + 8 * 3600e6, madeUs: NINE_O_CLOCK + 4.5 * 3600e6 }
    const { watched } = reportOf(store, span)
    expect(watched).toMatchObject({ hours: 5, hours_to_come: 3, hours_with_packets: 2, hours_silent: 1 })
    expect(watched).toMatchObject({ hours_unwatched: 2, days: 1, days_with_packets: 1 })
    expect(watched.seen).toMatchObject({ packets: 16, lost_kernel: 2, cut: 1, tls_flows: 4, tls_named: 3 })
    expect(watched.seen.not_decoded).toEqual({ not_ip: 3, too_deep: 1 })
    expect(watched.interfaces.listed.map((row) => [row.interface, row.hours, row.hours_with_packets])).toEqual([
      ['eth0', 3, 2],
      ['eth1', 1, 1],
    ])
  })

  test('gaps: overlapping ones count once, one that goes on up to now, and only what lies inside', () => {
    const store = emptyStore()
    const gap = (from: number, to: number | null, kind: 'capture' | 'store' | 'off', alertsLost = 0) =>
      store.addGap('s', {
        interface: 'eth0',
        kind,
        fromUs: NINE_O_CLOCK + from * 60e6,
        toUs: to === null ? null : NINE_O_CLOCK + to * 60e6,
        reason: 'r',
        alertsLost,
      })
    gap(-30, -10, 'off')
    gap(-10, 10, 'capture')
    gap(5, 20, 'off')
    gap(30, 40, 'store', 3)
    gap(100, null, 'capture')
    const { watched } = reportOf(store, {
      fromUs: NINE_O_CLOCK,
      toUs: NINE_O_CLOCK + 7200e6,
      madeUs: NINE_O_CLOCK + 110 * 60e6,
    })
    expect(watched.gap_counts).toEqual({ capture: 2, clock: 0, store: 1, killed: 0, off: 1 })
    expect(watched.gap_seconds).toBe((20 + 10) * 60)
    expect(watched.alerts_lost).toBe(3)
    expect(watched.gaps.listed.map(({ from }) => from)).toEqual([minute(100), minute(30), minute(5), minute(-10)])
  })

  test('gaps alone are something that is known', () => {
    const store = emptyStore()
    const gap = { interface: 'eth0', kind: 'capture' as const, reason: 'r', alertsLost: 0 }
    store.addGap('s', { ...gap, fromUs: NINE_O_CLOCK, toUs: null })
    const report = reportOf(store)
    expect(report.period.from).toBe(minute(0))
    expect(report.watched.gaps.listed).toHaveLength(1)
    expect(report.finding).toBe('unknown')
  })

  test('a replay counts where its packets are, and where that is not known', async () => {
    const store = emptyStore()
    const [scenario] = readThemes()[0]!.scenarios
    const { summary } = await replayInto(store, [scenario!.capture], new Set(['alert']))
    const { replayed } = reportOf(store)
    expect(replayed).toMatchObject({ runs: 1, undated: 0, unfinished: 0, files: 1, files_failed: 0 })
    expect(replayed.seen).toMatchObject({ packets: summary.packets, flows: summary.flows })
    expect(replayed.first_packet).toBe(summary.first_packet)
    const after = microseconds(summary.last_packet!) + 1
    expect(reportOf(store, { fromUs: after, toUs: after + 1 }).replayed.runs).toBe(0)
    expect(reportOf(store, { fromUs: after - 1, toUs: after + 1 }).replayed.runs).toBe(1)
    const { first_packet: _f, last_packet: _l, ...old } = summary
    store.startRun({ id: 'old', command: 'replay' })
    expect(reportOf(store, { fromUs: after, toUs: after + 1 }).replayed).toMatchObject({ runs: 1, unfinished: 1 })
    store.finishRun('old', old)
    expect(reportOf(store, { fromUs: after, toUs: after + 1 }).replayed).toMatchObject({ runs: 1, undated: 1 })
  })
})

test('a replay of nothing but files that could not be read is told, and is no traffic', () => {
  const store = emptyStore()
  const { packets: _, ...rest } = SUMMARY
  store.startRun({ id: 'r', command: 'replay' })
  store.finishRun('r', { ...rest, packets: 0, files: 2, files_failed: 2 })
  const { replayed, finding } = reportOf(store, { fromUs: 0, toUs: 1 })
  expect(replayed).toMatchObject({ runs: 1, files: 2, files_failed: 2, undated: 0 })
  expect(finding).toBe('unknown')
})

describe('what people decided', () => {
  test('states of alerts, and decisions by whom and when, without what exemptions did', () => {
    const store = emptyStore()
    store.write(batchOf(makeAlert('a'), makeAlert('b', { minute: 1 }), makeAlert('c', { minute: 2 })))
    store.addExemptions([makeExemption({ client: '192.0.2.10' }, { end: minute(0.5) })], AUTHOR, coverTest)
    store.triage(['b', 'c'], 'closed', { ...AUTHOR, note: 'Known' })
    store.triage(['c'], 'escalated', { ...AUTHOR, who: 'Petr' })
    const { states, decisions, exempt_alerts } = reportOf(store)
    expect(states).toEqual({ new: 0, acknowledged: 0, escalated: 1, closed: 1 } satisfies Record<TriageState, number>)
    expect(exempt_alerts).toBe(1)
    expect(decisions.listed.map(({ who, state, alerts, note }) => [who, state, alerts, note])).toEqual([
      ['Petr', 'escalated', 1, ''],
      ['Jana', 'closed', 2, 'Known'],
    ])
    expect(decisions.left_out).toBe(0)
    expect(reportOf(store, { fromUs: 0, toUs: 1 }).decisions).toEqual({ listed: [], left_out: 0 })
  })

  test('an exemption that ends within, one ended early, one before and one after', () => {
    const store = emptyStore()
    const exemption = (id: string, start: number, end: number) =>
      makeExemption({ everyone: true, rule: id }, { id, start: minute(start), end: minute(end) })
    const all = [exemption('before', -60, 0), exemption('within', -60, 30), exemption('early', 10, 90)]
    store.addExemptions([...all, exemption('after', 60, 90)], AUTHOR, coverTest)
    store.endExemption('early', microseconds(minute(10)), { ...AUTHOR, who: 'Petr' }, coverTest)
    const span = { fromUs: NINE_O_CLOCK, toUs: NINE_O_CLOCK + 3600e6 }
    const { exemptions } = reportOf(store, span)
    expect(exemptions.listed.map(({ id, ended_early }) => [id, ended_early?.who])).toEqual([
      ['early', 'Petr'],
      ['within', undefined],
    ])
  })
})

describe('days', () => {
  test('when clocks are set forward and back, and at the end of a month', () => {
    const zone = new Zone('Europe/Prague')
    const store = emptyStore()
    const at = (id: string, time: string) =>
      makeAlert(id, { first_seen: time, last_seen: rfc3339(microseconds(time) + 1e6), contact: id })
    // b and c are one contact, of two days, and d and e, of which e is outside.
    // 31 October begins at 22:00 of the day before in UTC, as summer time is over; the 24th at 22:00, the 26th at 23:00
    store.write(
      batchOf(
        at('a', '2026-10-24T22:00:00.000000Z'),
        at('b', '2026-10-25T22:59:00.000000Z'),
        at('c', '2026-10-25T23:00:00.000000Z'),
        at('d', '2026-10-31T22:59:59.000000Z'),
        at('e', '2026-10-31T23:00:00.000000Z'),
      ),
    )
    const report = reportOf(store, { zone, fromUs: zone.startOf(20_727), toUs: zone.startOf(20_758) })
    expect(report.period).toMatchObject({ from: '2026-09-30T22:00:00.000000Z', to: '2026-10-31T23:00:00.000000Z' })
    expect(report.days).toHaveLength(31)
    expect(report.days.filter(({ contacts }) => contacts > 0).map(({ day, contacts }) => [day, contacts])).toEqual([
      ['2026-10-25', 2],
      ['2026-10-26', 1],
      ['2026-10-31', 1],
    ])
    expect(report.sections.service.figures).toMatchObject({ contacts: 3, days: 3 })
    expect(report.watched.hours).toBe(31 * 24 + 1)
  })
})

describe('what stands beside', () => {
  test('policies of the rules in place and of alerts, and those that no pack has', () => {
    const store = emptyStore()
    const policy = { title: 't', country: 'CZ', authority: 'a', date: '2025-07-10', reference: 'r', scope: 's' }
    const ids = ['cited-by-rule', 'cited-by-alert', 'cited-by-nobody']
    store.write(
      batchOf(
        makeAlert('a', { policy: ['cited-by-alert', 'gone'], sensor: 'one' }),
        makeAlert('b', { policy: ['gone'], sensor: 'two', pack_version: '2026.12.24' }),
      ),
    )
    const report = reportOf(store, {
      rules: {
        packs: [{ pack: 'deepseek', version: '2027.01.01' }],
        services: ['DeepSeek', 'Another'],
        cited: new Set(['cited-by-rule']),
        policies: ids.map((id) => ({ ...policy, id, sources: [] })),
      },
    })
    expect(report.policies.map(({ id, alerts }) => [id, alerts])).toEqual([
      ['cited-by-rule', 0],
      ['cited-by-alert', 1],
    ])
    expect(report.unknown_policies).toEqual(['gone'])
    expect(report.sensors).toEqual(['one', 'two'])
    expect(report.services).toEqual(['Another', 'DeepSeek'])
    expect(report.packs_of_alerts).toEqual([
      { pack: 'deepseek', version: '2026.11.22' },
      { pack: 'deepseek', version: '2026.12.24' },
    ])
  })

  test('an empty database has no period, and nothing is said', () => {
    const report = reportOf(emptyStore())
    expect(report.period).toEqual({ from: null, to: null, is_whole_database: true })
    expect(report.watched).toMatchObject({ hours: 0, days: 0, hours_unwatched: 0, hours_to_come: 0 })
    expect(report.finding).toBe('unknown')
    expect(report.days).toEqual([])
  })

  test('a clock that was broken makes no list of days and ends', () => {
    const store = emptyStore()
    store.write(
      batchOf(
        makeAlert('a', { first_seen: '-271821-04-20T00:00:00.000000Z', last_seen: '+275760-09-13T00:00:00.000000Z' }),
      ),
    )
    const report = reportOf(store, { zone: new Zone('Europe/Prague') })
    expect(report.days).toEqual([])
    expect(report.sections.service.figures.contacts).toBe(1)
  })
})
