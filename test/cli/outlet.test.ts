import { describe, expect, onTestFinished, test } from 'vitest'
import { microseconds } from '../../src/bytes/time.ts'
import { Outlet } from '../../src/cli/outlet.ts'
import { finishReviews } from '../../src/cli/reviewing.ts'
import { coverTest } from '../../src/detect/exemption.ts'
import type { Alert } from '../../src/events/alert.ts'
import type { AlertUpdate } from '../../src/events/batch.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { makeAlert } from '../support/alerts.ts'
import { makeExemption, minute } from '../support/exemptions.ts'

const BY = { who: 'eva', via: 'test', note: '' }

interface Trial {
  store: Store
  outlet: Outlet
  /** Ids that went to EVE, as often as they did. */
  eve: string[]
  told: Alert[]
  take: (alert: Alert, final?: boolean) => Promise<void>
}

function trial(store = openStore(':memory:'), events: 'alert' | 'tls' = 'alert'): Trial {
  onTestFinished(() => store.close())
  const eve: string[] = []
  const told: Alert[] = []
  const outlet = new Outlet({
    store,
    sensor: 's',
    eve: { write: (line) => eve.push(JSON.parse(String(line)).seekwatch.id), flush: async () => {} },
    events: new Set([events]),
    onAlerts: (alerts) => told.push(...alerts),
  })
  const take = async (alert: Alert, final = true): Promise<void> => {
    const update: AlertUpdate = { alert, final }
    outlet.take({ observations: [], alerts: [update] })
    await outlet.flush()
  }
  return { store, outlet, eve, told, take }
}

function exempt(store: Store): void {
  store.addExemptions([makeExemption({ client: '192.0.2.10' })], BY, coverTest)
}

function end(store: Store, minutes = 0): void {
  store.endExemption('ex-00000001', microseconds(minute(minutes)), BY, coverTest)
}

describe('exempt alerts', () => {
  test('are stored and told, counted apart, and not forwarded', async () => {
    const { store, outlet, eve, told, take } = trial()
    exempt(store)
    await take(makeAlert('a', { minute: 10 }), false)
    await take(makeAlert('a', { minute: 10, bytes_in: 9e6 }))
    await take(makeAlert('b', { minute: 70 }))
    await outlet.forwardFreed()
    expect(eve).toEqual(['b'])
    expect(told.map(({ id, state }) => `${id} ${state}`)).toEqual(['a exempt', 'a exempt', 'b new'])
    expect([outlet.added, outlet.exempt]).toEqual([2, 1])
  })

  test('are counted by contact, each once however often it is told of', async () => {
    const { outlet, take } = trial()
    for (const [id, contact] of [
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'x'],
      ['a', 'x'],
    ] as const)
      await take(makeAlert(id, { minute: 10, contact }))
    expect(outlet.contacts).toBe(2)
  })

  test('that outgrow their exemption are forwarded once', async () => {
    const { store, outlet, eve, take } = trial()
    exempt(store)
    await take(makeAlert('a', { minute: 50 }), false)
    await take(makeAlert('a', { minute: 50, last_seen: minute(61) }))
    await outlet.forwardFreed()
    expect(eve).toEqual(['a'])
  })

  test('that were known under an exemption which has ended since are forwarded once, by the run that sees them again', async () => {
    const { store, outlet, eve, take } = trial()
    exempt(store)
    await take(makeAlert('a', { minute: 10 }))
    end(store)
    await take(makeAlert('a', { minute: 10 }))
    await outlet.forwardFreed()
    await outlet.forwardFreed()
    expect(eve).toEqual(['a'])
  })

  test('that are freed while it runs are forwarded once, by whatever run comes first', async () => {
    const { store, outlet, eve, take } = trial()
    exempt(store)
    await take(makeAlert('a', { minute: 10 }))
    await take(makeAlert('b', { minute: 20 }))
    end(store, 15)
    await outlet.forwardFreed()
    expect(eve).toEqual(['b'])
    const later = new Outlet({
      store,
      sensor: 's',
      eve: { write: (line) => eve.push(String(line)), flush: async () => {} },
      events: new Set(['alert']),
      onAlerts: () => {},
    })
    await later.forwardFreed()
    expect(eve).toEqual(['b'])
  })

  test('wait for a run that forwards alerts', async () => {
    const { store, outlet, eve, take } = trial(openStore(':memory:'), 'tls')
    exempt(store)
    await take(makeAlert('a', { minute: 10 }))
    end(store)
    await outlet.forwardFreed()
    expect(eve).toEqual([])
    expect(store.freedAlerts(9).map(({ id }) => id)).toEqual(['a'])
  })

  test('are forwarded once where EVE is slow and it is asked for again meanwhile', async () => {
    const { store, outlet, eve, take } = trial()
    exempt(store)
    await take(makeAlert('a', { minute: 10 }))
    end(store)
    await Promise.all([outlet.forwardFreed(), outlet.forwardFreed()])
    expect(eve).toEqual(['a'])
  })

  test('more than are read at once are all forwarded', async () => {
    const { store, outlet, eve } = trial()
    exempt(store)
    const alerts = Array.from({ length: 1001 }, (_, i) => ({ alert: makeAlert(`a${i}`, { minute: 10 }), final: true }))
    outlet.take({ observations: [], alerts })
    await outlet.flush()
    end(store)
    await finishReviews(store)
    await outlet.forwardFreed()
    expect(new Set(eve).size).toBe(1001)
    expect(eve).toHaveLength(1001)
  })
})
