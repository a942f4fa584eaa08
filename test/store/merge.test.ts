import { describe, expect, test } from 'vitest'
import type { Alert } from '../../src/events/alert.ts'
import type { AlertUpdate } from '../../src/events/batch.ts'
import { mergeAlerts } from '../../src/store/merge.ts'
import { makeAlert } from '../support/alerts.ts'

const known = (changes: Partial<Alert> = {}): AlertUpdate => ({ alert: makeAlert('a', changes), final: false })
const ended = (changes: Partial<Alert> = {}): AlertUpdate => ({ alert: makeAlert('a', changes), final: true })

const sni = makeAlert('a').evidence[0]!
const address = { ...sni, kind: 'address' as const, value: '198.51.100.7' }

describe('an alert that is told again', () => {
  const stories: Array<[name: string, stored: AlertUpdate, arrived: AlertUpdate, expected: Partial<Alert>]> = [
    ['the same changes nothing', known(), known(), {}],
    ['figures grow', known({ bytes_in: 10, count: 1 }), ended({ bytes_in: 20, count: 3 }), { bytes_in: 20, count: 3 }],
    [
      'and never shrink',
      ended({ bytes_out: 20, packets_in: 9 }),
      known({ bytes_out: 10, packets_in: 1 }),
      { bytes_out: 20, packets_in: 9 },
    ],
    [
      'times only widen',
      known({ first_seen: '2026-11-22T09:01:00.000000Z', last_seen: '2026-11-22T09:02:00.000000Z' }),
      ended({ first_seen: '2026-11-22T09:00:00.000000Z', last_seen: '2026-11-22T09:01:30.000000Z' }),
      { first_seen: '2026-11-22T09:00:00.000000Z', last_seen: '2026-11-22T09:02:00.000000Z' },
    ],
    ['an answer once seen stays seen', ended({ attempt: false }), ended({ attempt: true }), { attempt: false }],
    ['an answer seen later counts', known({ attempt: true }), ended({ attempt: false }), { attempt: false }],
    [
      'a stronger confidence comes with its reasons',
      ended({ confidence: 'medium', reasons: ['weak'] }),
      known({ confidence: 'high', reasons: ['strong'] }),
      { confidence: 'high', reasons: ['strong'] },
    ],
    [
      'a weaker one changes neither, even as final',
      known({ confidence: 'high', reasons: ['strong'] }),
      ended({ confidence: 'low', reasons: ['weak'] }),
      { confidence: 'high', reasons: ['strong'] },
    ],
    [
      'final words beat others',
      known({ reasons: ['so far'] }),
      ended({ reasons: ['in the end'] }),
      { reasons: ['in the end'] },
    ],
    [
      'and are not beaten by them',
      ended({ reasons: ['in the end'] }),
      known({ reasons: ['so far'] }),
      { reasons: ['in the end'] },
    ],
    [
      'the use that matters more stays, with its reason',
      ended({ use: 'chat', use_reason: 'long' }),
      ended({ use: 'page', use_reason: 'short', count: 9 }),
      { use: 'chat', use_reason: 'long', count: 9 },
    ],
    [
      'and replaces another, or none',
      ended({ use: null, use_reason: '' }),
      known({ use: 'telemetry', use_reason: 'by itself' }),
      { use: 'telemetry', use_reason: 'by itself' },
    ],
    ['the first of equals stays', ended({ pack_version: '1' }), ended({ pack_version: '2' }), { pack_version: '1' }],
    [
      'more evidence replaces less',
      known({ evidence: [sni] }),
      known({ evidence: [sni, address] }),
      { evidence: [sni, address] },
    ],
    [
      'evidence is that of the reasons, though another account had more',
      ended({
        confidence: 'medium',
        reasons: ['no name was visible'],
        evidence: [address, { ...sni, kind: 'dns_answer' }],
      }),
      ended({ confidence: 'high', reasons: ['the client named it'], evidence: [sni] }),
      { reasons: ['the client named it'], evidence: [sni] },
    ],
    [
      'as much evidence from another file does not',
      ended({ evidence: [{ ...sni, file: 'live' }] }),
      ended({ evidence: [{ ...sni, file: 'replay' }] }),
      { evidence: [{ ...sni, file: 'live' }] },
    ],
    [
      "the analyst's state stays",
      ended({ state: 'closed' }),
      ended({ state: 'new', bytes_in: 9e6 }),
      { state: 'closed', bytes_in: 9e6 },
    ],
    [
      'who told it first stays',
      ended({ run: 'live', sensor: 's1' }),
      ended({ run: 'replay', sensor: 's2' }),
      { run: 'live', sensor: 's1' },
    ],
    ['whose it is stays', known({ service: 'DeepSeek' }), ended({ service: 'Renamed' }), { service: 'DeepSeek' }],
  ]

  test.each(stories)('%s', (_, stored, arrived, expected) => {
    const merged = mergeAlerts(stored, arrived)
    expect(merged.alert).toMatchObject(expected)
    expect(merged.final).toBe(stored.final || arrived.final)
  })

  test.each(stories)('twice is as once: %s', (_, stored, arrived) => {
    const merged = mergeAlerts(stored, arrived)
    expect(mergeAlerts(merged, arrived)).toEqual(merged)
    expect(mergeAlerts(merged, stored)).toEqual(merged)
  })
})
