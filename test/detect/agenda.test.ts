import { describe, expect, test } from 'vitest'
import { Agenda, type Appointment, NOWHERE } from '../../src/detect/agenda.ts'
import { random } from '../support/random.ts'

const SECOND = 1e6

interface Thing extends Appointment {
  name: string
}

function thing(name: string): Thing {
  return { name, dueSecond: NOWHERE }
}

function names(things: readonly Thing[]): string[] {
  return things.map(({ name }) => name)
}

describe('an agenda', () => {
  test('gives what is due, once, the earliest first', () => {
    const agenda = new Agenda<Thing>()
    const [late, early, never] = [thing('late'), thing('early'), thing('never')]
    agenda.put(late, 7 * SECOND)
    agenda.put(never, 1000 * SECOND)
    agenda.put(early, 2.9 * SECOND)
    expect(names(agenda.take(1.9 * SECOND))).toEqual([])
    expect(names(agenda.take(100 * SECOND))).toEqual(['early', 'late'])
    expect(names(agenda.take(100 * SECOND))).toEqual([])
  })

  test('gives what was due before 1970, too: a capture may say so', () => {
    const agenda = new Agenda<Thing>()
    for (const second of [-2.5, -1, -0.5]) agenda.put(thing(`${second}`), second * SECOND)
    expect(names(agenda.take(0))).toEqual(['-2.5', '-1', '-0.5'])
  })

  test('what was put off is not given at its first time', () => {
    const agenda = new Agenda<Thing>()
    const one = thing('one')
    agenda.put(one, 2 * SECOND)
    agenda.put(one, 9 * SECOND)
    expect(names(agenda.take(5 * SECOND))).toEqual([])
    expect(names(agenda.take(9 * SECOND))).toEqual(['one'])
  })

  test('what went to and fro is given once', () => {
    const agenda = new Agenda<Thing>()
    const one = thing('one')
    for (const at of [2, 9, 2, 9, 2]) agenda.put(one, at * SECOND)
    expect(names(agenda.take(20 * SECOND))).toEqual(['one'])
  })

  test('what was dropped is not given, and what stands beside it is', () => {
    const agenda = new Agenda<Thing>()
    const [one, other] = [thing('one'), thing('other')]
    for (const each of [one, other]) agenda.put(each, 2 * SECOND)
    agenda.drop(one)
    agenda.drop(thing('never put'))
    expect(one.dueSecond).toBe(NOWHERE)
    expect(names(agenda.take(5 * SECOND))).toEqual(['other'])
  })

  test('what was due long ago is given at the next look, also where time is before the beginning', () => {
    const agenda = new Agenda<Thing>()
    agenda.put(thing('past'), Number.NEGATIVE_INFINITY)
    agenda.put(thing('before 1970'), -5 * SECOND)
    expect(names(agenda.take(0))).toEqual(['past', 'before 1970'])
  })

  for (const seed of [1, 2, 3]) {
    test(`agrees with a list that is searched (seed ${seed})`, () => {
      const next = random(seed)
      const agenda = new Agenda<Thing>()
      const things = Array.from({ length: 40 }, (_, i) => thing(`thing-${i}`))
      const due = new Map<Thing, number>()
      let nowUs = 0
      let given = 0
      for (let step = 0; step < 3000; step++) {
        if (next(3) > 0) {
          const one = things[next(things.length)]!
          const atUs = nowUs + next(20 * SECOND)
          agenda.put(one, atUs)
          due.set(one, Math.floor(atUs / SECOND))
          continue
        }
        nowUs += next(3 * SECOND)
        const want = [...due].filter(([, second]) => second * SECOND <= nowUs)
        const got = agenda.take(nowUs)
        expect(names(got).sort()).toEqual(names(want.map(([one]) => one)).sort())
        const seconds = got.map((one) => due.get(one)!)
        expect(seconds).toEqual([...seconds].sort((a, b) => a - b))
        for (const one of got) due.delete(one)
        given += got.length
      }
      expect(given).toBeGreaterThan(500)
    })
  }
})
