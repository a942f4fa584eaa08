import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { ContactBook } from '../../src/detect/contact.ts'
import { QUIET_GAP_US } from '../../src/events/alert.ts'
import { random } from '../support/random.ts'

const MINUTE = 60e6

const stories: Array<{ name: string; minutes: number[]; contacts: number }> = [
  { name: 'one thing', minutes: [0], contacts: 1 },
  { name: 'a gap of exactly 30 minutes is no gap', minutes: [0, 30], contacts: 1 },
  { name: 'a gap of a little more', minutes: [0, 30 + 1e-6], contacts: 2 },
  { name: 'a long contact without a gap', minutes: [0, 25, 50, 75, 100], contacts: 1 },
  { name: 'two contacts', minutes: [0, 10, 60, 70], contacts: 2 },
  { name: 'time that goes back does not make the contact older', minutes: [100, 80, 125], contacts: 1 },
  { name: 'time that goes far back', minutes: [100, 1, 101], contacts: 1 },
]

for (const { name, minutes, contacts } of stories) {
  test(`contacts: ${name}`, () => {
    const book = new ContactBook(10)
    const ids = minutes.map((minute) => book.touch('client', 'Acme', Math.round(minute * MINUTE)).id)
    expect(new Set(ids).size).toBe(contacts)
  })
}

test('contacts: client and service tell them apart, and the id does not depend on what else there is', () => {
  const book = new ContactBook(10)
  const ids = [book.touch('a', 'x', 0), book.touch('b', 'x', 0), book.touch('a', 'y', 0)].map(({ id }) => id)
  expect(new Set(ids).size).toBe(3)
  expect(book.touch('a', 'x', 1).id).toBe(ids[0])
  expect(new ContactBook(10).touch('a', 'x', 0).id).toBe(ids[0])
})

test('contacts: one is open until the gap is over', () => {
  const book = new ContactBook(10)
  book.touch('a', 'x', 5)
  expect(book.endsUs('a', 'x')).toBe(5 + QUIET_GAP_US)
  book.touch('a', 'x', 3)
  expect(book.endsUs('a', 'x'), 'an older moment does not shorten it').toBe(5 + QUIET_GAP_US)
  expect(book.endsUs('b', 'x')).toBeLessThan(0)
})

test('contacts: when there are too many, the quietest goes', () => {
  const book = new ContactBook(2)
  const first = book.touch('a', 'x', 0)
  book.touch('b', 'x', 1)
  book.touch('a', 'x', 2)
  book.touch('c', 'x', 3)
  expect(book.endsUs('b', 'x'), 'it was busy longest ago').toBeLessThan(0)
  expect(book.touch('a', 'x', 4)).toBe(first)
})

for (const seed of [1, 2, 3]) {
  test(`contacts: agree with a list that is searched (seed ${seed})`, () => {
    const next = random(seed)
    const book = new ContactBook(1000)
    const list: Array<{ key: string; id: string; lastUs: number }> = []
    const met = { begun: 0, continued: 0, back: 0 }
    let nowUs = 0
    for (let step = 0; step < 5000; step++) {
      nowUs += next(8) === 0 ? next(40) * MINUTE : next(3) * MINUTE
      const timeUs = Math.max(0, nowUs - (next(6) === 0 ? next(50) * MINUTE : 0))
      const client = `client-${next(12)}`
      const service = `service-${next(2)}`
      const key = `${client} ${service}`
      const known = list.findLast((contact) => contact.key === key)
      const isOpen = known !== undefined && timeUs - known.lastUs <= 30 * MINUTE
      assert.equal(timeUs <= book.endsUs(client, service), isOpen)
      const { id } = book.touch(client, service, timeUs)
      if (isOpen) {
        assert.equal(id, known.id)
        if (timeUs < known.lastUs) met.back++
        known.lastUs = Math.max(known.lastUs, timeUs)
        met.continued++
      } else {
        assert.ok(!list.some((contact) => contact.id === id), 'a new contact has a new id')
        list.push({ key, id, lastUs: timeUs })
        met.begun++
      }
    }
    for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(50)
  })
}
