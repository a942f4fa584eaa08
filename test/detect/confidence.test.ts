import { expect, test } from 'vitest'
import { BASES, type Basis, confidenceOf, weaker } from '../../src/detect/confidence.ts'
import { CONFIDENCES, type Confidence } from '../../src/events/alert.ts'

/** The table of the documentation. */
const table: Array<{ basis: Basis; answered: Confidence; attempt: Confidence }> = [
  { basis: 'visible_name', answered: 'high', attempt: 'medium' },
  { basis: 'told_address', answered: 'high', attempt: 'medium' },
  { basis: 'certificate', answered: 'high', attempt: 'high' },
  { basis: 'shared_certificate', answered: 'low', attempt: 'low' },
  { basis: 'user_agent', answered: 'medium', attempt: 'medium' },
  { basis: 'fingerprint', answered: 'low', attempt: 'low' },
  { basis: 'told_shared_address', answered: 'medium', attempt: 'low' },
  { basis: 'own_address', answered: 'medium', attempt: 'low' },
  { basis: 'resolved', answered: 'medium', attempt: 'medium' },
  { basis: 'asked', answered: 'low', attempt: 'low' },
  { basis: 'hosting_network', answered: 'low', attempt: 'low' },
]

for (const { basis, answered, attempt } of table) {
  test(`confidence: ${basis}`, () => {
    expect([confidenceOf(basis, true, 'high', 'service'), confidenceOf(basis, false, 'high', 'service')]).toEqual([
      answered,
      attempt,
    ])
    for (const indicator of CONFIDENCES) {
      expect(confidenceOf(basis, true, indicator, 'service'), `${indicator} indicator`).toBe(
        weaker(answered, indicator),
      )
      expect(confidenceOf(basis, false, indicator, 'service'), `${indicator} indicator`).toBe(
        weaker(attempt, indicator),
      )
    }
  })
}

test('confidence: an answer never makes it less, and a doubtful indicator never more', () => {
  for (const { basis } of table) {
    for (const indicator of CONFIDENCES) {
      const rank = (confidence: Confidence): number => CONFIDENCES.indexOf(confidence)
      expect(rank(confidenceOf(basis, true, indicator, 'service'))).toBeGreaterThanOrEqual(
        rank(confidenceOf(basis, false, indicator, 'service')),
      )
      expect(rank(confidenceOf(basis, true, indicator, 'service'))).toBeLessThanOrEqual(rank(indicator))
    }
  }
})

test('confidence: the table has a row for each basis', () => {
  expect(table.map(({ basis }) => basis).sort()).toEqual([...BASES].sort())
})

test('confidence: what may end at the service, and what only lies in a country, is never more than low', () => {
  for (const category of ['indirect', 'hosting'] as const) {
    for (const basis of BASES) expect(confidenceOf(basis, true, 'high', category), basis).toBe('low')
  }
  for (const category of ['service', 'affiliate', 'lookalike'] as const) {
    expect(confidenceOf('visible_name', true, 'high', category)).toBe('high')
  }
})

test('confidence: the weaker of two', () => {
  expect([weaker('high', 'low'), weaker('low', 'high'), weaker('medium', 'high'), weaker('medium', 'medium')]).toEqual([
    'low',
    'low',
    'medium',
    'medium',
  ])
})
