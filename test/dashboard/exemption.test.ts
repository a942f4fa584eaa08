import { describe, expect, test } from 'vitest'
import {
  draftOf,
  EMPTY_FORM,
  formFor,
  grouped,
  instant,
  localInput,
  scopeWords,
  standingOf,
} from '../../dashboard/src/exemption.ts'
import type { ExemptionView } from '../../src/events/api.ts'
import { makeAlert } from '../support/alerts.ts'
import { makeExemption } from '../support/exemptions.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const DAY = 86_400_000

function view(id: string, startDays: number, endDays: number): ExemptionView {
  const at = (days: number): string => new Date(NOW + days * DAY).toISOString()
  return {
    ...makeExemption({ client: '192.0.2.10' }, { id, start: at(startDays), end: at(endDays) }),
    status: 'active',
    alerts: 0,
  }
}

describe('standing', () => {
  test.each<[startDays: number, endDays: number, standing: string]>([
    [-1, 30, 'active'],
    [-1, 7, 'ending soon'],
    [-1, 7.01, 'active'],
    [-1, 0, 'ended'],
    [0, 30, 'active'],
    [0.01, 2, 'planned'],
    [-9, -8, 'ended'],
  ])('from %d to %d days: %s', (start, end, standing) => expect(standingOf(view('a', start, end), NOW)).toBe(standing))

  test('groups: what ends first comes first, what has ended last the newest first; empty ones are left out', () => {
    const views = [view('a', -1, 30), view('b', -1, 20), view('c', -9, -8), view('d', -9, -2), view('e', -1, 1)]
    expect(grouped(views, NOW).map(([standing, list]) => [standing, list.map(({ id }) => id).join('')])).toEqual([
      ['ending soon', 'e'],
      ['active', 'ba'],
      ['ended', 'dc'],
    ])
  })
})

describe('the form', () => {
  test('of an alert names its client and begins not after it', () => {
    const alert = makeAlert('a', { minute: 10.5 })
    const form = formFor(alert)
    expect(form).toMatchObject({ client: '192.0.2.10', mac: '', rule: '', end: '' })
    expect(Date.parse(instant(form.start))).toBeLessThanOrEqual(Date.parse(alert.first_seen))
    expect(Date.parse(instant(form.start))).toBeGreaterThan(Date.parse(alert.first_seen) - 60_000)
  })

  test('says only what was written', () => {
    expect(draftOf(EMPTY_FORM)).toEqual({ scope: {} })
    expect(
      draftOf({ ...EMPTY_FORM, client: '10.0.0.0/8', everyone: true, kind: 'testing', end: 'x', category: 'hosting' }),
    ).toEqual({
      kind: 'testing',
      scope: { client: '10.0.0.0/8', everyone: true, category: 'hosting' },
    })
  })

  test('times go there and back', () => {
    expect(instant(localInput('2026-11-22T09:10:00.000000Z'))).toBe('2026-11-22T09:10:00.000Z')
    expect(instant('')).toBe('')
    expect(instant('not a time')).toBe('')
  })

  test('scopes in words', () => {
    expect(scopeWords({ everyone: true, rule: 'r' })).toBe('everyone, rule r')
    expect(scopeWords({ client: '10.0.0.1', mac: 'm' })).toBe('client 10.0.0.1, mac m')
  })
})
