/** What is pushed into the list is what the server would answer: one question, asked in two places. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matches, NO_FILTER, toQuery } from '../../dashboard/src/view.ts'
import { CATEGORIES, CONFIDENCES, SEVERITIES, STATES } from '../../src/events/alert.ts'
import { openStore } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { fuzz } from '../support/random.ts'

const TEXTS = ['', 'a', 'A.Example', 'b_c', '%', 'ž', '10.9', '::5', '\n', 'İ', 'ß', 'ſ', 'K'] as const
const text = fc.constantFrom(...TEXTS)
const minute = fc.integer({ min: 0, max: 3 })

const alert = fc.record({
  minute,
  category: fc.constantFrom(...CATEGORIES),
  severity: fc.constantFrom(...SEVERITIES),
  confidence: fc.constantFrom(...CONFIDENCES),
  state: fc.constantFrom('new' as const, 'exempt' as const),
  client: fc.record({ ip: fc.constantFrom('192.0.2.7', '2001:db8::5'), port: fc.constant(1), name: text }),
  server: fc.record({ ip: fc.constant('198.51.100.7'), port: fc.constant(443), name: text }),
  value: text,
  forwarded: fc.constantFrom<string[]>([], ['10.9.8.7']),
})

const moment = fc.constantFrom('', '2026-11-22T09:00:10.000Z', '2026-11-22T09:01:00.000Z', '2026-11-22T09:02:00.000Z')
/** Most filters are not set, or little would pass them all. */
const rarely = <T>(values: fc.Arbitrary<T>, not: T) => fc.oneof({ weight: 3, arbitrary: fc.constant(not) }, values)
const filter = fc.record({
  text: rarely(text, ''),
  category: rarely(fc.constantFrom('' as const, ...CATEGORIES), ''),
  confidence: rarely(fc.constantFrom(...CONFIDENCES), 'low'),
  state: rarely(fc.constantFrom('' as const, ...STATES), ''),
  info: fc.boolean(),
  contact: rarely(fc.constantFrom('', 'c1'), ''),
  from: rarely(moment, ''),
  to: rarely(moment, ''),
})

test('matches and the store agree', () => {
  let shown = 0
  fc.assert(
    fc.property(
      fc.array(alert, { minLength: 1, maxLength: 12 }),
      fc.array(filter, { minLength: 8, maxLength: 8 }),
      (list, filters) => {
        const store = openStore(':memory:')
        try {
          const alerts = list.map(({ value, forwarded, client, ...changes }, i) => {
            const made = makeAlert(`a${i}`, {
              ...changes,
              contact: client.ip === '192.0.2.7' ? 'c1' : 'c2', // one client has one contact with a service at a time
              client: { ...client, ...(forwarded.length === 0 ? {} : { forwarded_for: forwarded }) },
            })
            made.evidence[0]!.value = value
            return made
          })
          store.write(batchOf(...alerts))
          for (const one of filters) {
            const asked = { ...NO_FILTER, ...one, to: one.from < one.to ? one.to : '' }
            const { alerts: answered } = store.alerts({ ...toQuery(asked), limit: 1000 })
            const stored = answered.map(({ id }) => id).sort()
            const pushed = alerts
              .filter((each) => matches(each, asked))
              .map(({ id }) => id)
              .sort()
            expect(pushed, JSON.stringify(asked)).toEqual(stored)
            shown += stored.length
          }
        } finally {
          store.close()
        }
      },
    ),
    fuzz(80),
  )
  expect(shown).toBeGreaterThan(500)
})
