import { expect, test } from 'vitest'
import { type Basis, confidenceOf, weaker } from '../../src/detect/confidence.ts'
import { CONFIDENCES, type Confidence } from '../../src/events/alert.ts'

/** The table of the documentation. */
const table: Array<{ basis: Basis; answered: Confidence; attempt: Confidence }> = [
  { basis: 'visible_name', answered: 'high', attempt: 'medium' },
  { basis: 'told_address', answered: 'high', attempt: 'medium' },
  { basis: 'told_shared_address', answered: 'medium', attempt: 'low' },
  { basis: 'own_address', answered: 'medium', attempt: 'low' },
  { basis: 'resolved', answered: 'medium', attempt: 'medium' },
  { basis: 'asked', answered: 'low', attempt: 'low' },
  { basis: 'hosting_network', answered: 'low', attempt: 'low' },
]

for (const { basis, answered, attempt } of table) {
  test(`confidence: ${basis}`, () => {
    expect([confidenceOf(basis, true, 'high'), confidenceOf(basis, false, 'high')]).toEqual([answered, attempt])
    for (const indicator of CONFIDENCES) {
      expect(confidenceOf(basis, true, indicator), `${indicator} indicator`).toBe(weaker(answered, indicator))
      expect(confidenceOf(basis, false, indicator), `${indicator} indicator`).toBe(weaker(attempt, indicator))
    }
  })
}

test('confidence: an answer never makes it less, and a doubtful indicator never more', () => {
  for (const { basis } of table) {
    for (const indicator of CONFIDENCES) {
      const rank = (confidence: Confidence): number => CONFIDENCES.indexOf(confidence)
      expect(rank(confidenceOf(basis, true, indicator))).toBeGreaterThanOrEqual(
        rank(confidenceOf(basis, false, indicator)),
      )
      expect(rank(confidenceOf(basis, true, indicator))).toBeLessThanOrEqual(rank(indicator))
    }
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
