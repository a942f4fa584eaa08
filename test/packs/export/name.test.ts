import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entriesOf, LeftOut } from '../../../src/packs/export/entry.ts'
import { exceptionsBelow, nameList, nameOf, splitNames } from '../../../src/packs/export/name.ts'
import type { Rule } from '../../../src/packs/pack.ts'
import { fuzz } from '../../support/random.ts'
import { domain, exact, fronted, HOSTILE_NAMES, network, rule, ruleSet } from './support.ts'

type Exception = Rule['unless']['domains'][number]

function except(...domains: Exception[]): Partial<Rule> {
  return { unless: { domains, networks: [], clients: [] } }
}

function listOf(...rules: Rule[]) {
  const left = new LeftOut()
  const { named } = splitNames(entriesOf(ruleSet(...rules)), left)
  const { names, exceptions } = nameList(named)
  const shown = ({ value, match }: Exception) => (match === 'suffix' ? `.${value}` : value)
  return { names: names.map(shown), exceptions: exceptions.map(shown), left }
}

const suffixOf = (value: string): Exception => ({ value, match: 'suffix' })
const exactOf = (value: string): Exception => ({ value, match: 'exact' })

describe('one list of names', () => {
  test('sorted, each once, without what a suffix covers', () => {
    const rules = [
      rule('a', [domain('example.com'), exact('chat.example.com'), exact('example.com'), exact('b.test')]),
      rule('b', [exact('b.test'), domain('sub.example.com'), exact('notexample.com'), exact('a.test')]),
    ]
    expect(listOf(...rules).names).toEqual(['a.test', 'b.test', '.example.com', 'notexample.com'])
  })

  test('an exception below a suffix', () => {
    const found = listOf(
      rule('a', [domain('example.com'), exact('chat.example.com')], except(suffixOf('status.example.com'))),
    )
    expect(found).toMatchObject({ names: ['.example.com'], exceptions: ['.status.example.com'] })
  })

  test('an entry that its rule excepts is left out', () => {
    const found = listOf(rule('a', [domain('a.example.com'), exact('b.example.com')], except(suffixOf('example.com'))))
    expect(found).toMatchObject({ names: [], exceptions: [] })
    expect(found.left.entryCount).toBe(2)
  })

  test('an exception that means nothing here is not in the list', () => {
    expect(listOf(rule('a', [domain('example.com')], except(suffixOf('example.net')))).exceptions).toEqual([])
  })

  test('what another rule means is no exception', () => {
    const a = rule('a', [domain('example.com')], except(exactOf('x.example.com')))
    expect(listOf(a, rule('b', [exact('x.example.com')])).exceptions).toEqual([])
    expect(listOf(a, rule('b', [domain('example.com')])).exceptions).toEqual([])
  })

  test('what another rule means below an exception stays in the list', () => {
    const a = rule('a', [domain('example.com')], except(suffixOf('x.example.com')))
    const found = listOf(a, rule('b', [exact('y.x.example.com')]))
    expect(found).toMatchObject({ names: ['.example.com', 'y.x.example.com'], exceptions: ['.x.example.com'] })
  })
})

describe('the name of an indicator', () => {
  test('a watched name in front of a CDN is a suffix', () => {
    expect(nameOf(fronted('example.com', 'eo.cdn.test'))).toEqual({ value: 'example.com.eo.cdn.test', match: 'suffix' })
  })

  test.each([
    ['labels between', fronted('example.com', 'cdn.test', 1)],
    ['a pattern', fronted('example.com', 'cdn*.test')],
    ['no name', network('192.0.2.1/32')],
  ])('%s: none', (_, indicator) => expect(nameOf(indicator)).toBeNull())

  test.each(HOSTILE_NAMES.map((name) => [name.slice(0, 40), name]))('not a name: %j', (_, name) => {
    expect(nameOf(domain(name))).toBeNull()
  })
})

/** Decides for each name as a resolver does: what is nearest above it counts. */
function decide(name: string, list: ReturnType<typeof nameList>): boolean {
  const has = (all: readonly Exception[], value: string, match: string | null) =>
    all.some((one) => one.value === value && (match === null || one.match === match))
  if (has(list.exceptions, name, null)) return false
  if (has(list.names, name, null)) return true
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const parent = name.slice(dot + 1)
    if (has(list.exceptions, parent, 'suffix')) return false
    if (has(list.names, parent, 'suffix')) return true
  }
  return false
}

test('a list means what its rule means (against all names of a small world)', () => {
  const labels = ['a', 'b']
  const world = ['x.y']
  for (let from = 0; world.length < 62; from++) world.push(...labels.map((label) => `${label}.${world[from]}`))
  const name = fc.constantFrom(...world.slice(0, 15))
  const entry = fc.record({ value: name, match: fc.constantFrom('suffix' as const, 'exact' as const) })
  const met = (list: readonly Exception[], wanted: string) =>
    list.some(({ value, match }) => value === wanted || (match === 'suffix' && wanted.endsWith(`.${value}`)))
  let blocked = 0
  let passed = 0
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 6 }),
      fc.array(entry, { maxLength: 4 }),
      (names, exceptions) => {
        const one = rule(
          'r',
          names.map(({ value, match }) => domain(value, { match })),
          except(...exceptions),
        )
        const { named } = splitNames(entriesOf(ruleSet(one)), new LeftOut())
        const list = nameList(named)
        for (const wanted of world) {
          const want = met(names, wanted) && !met(exceptions, wanted)
          expect(decide(wanted, list), wanted).toBe(want)
          if (want) blocked++
          else passed++
        }
      },
    ),
    fuzz(500),
  )
  expect(blocked > 1000 && passed > 1000).toBe(true)
})

test('exceptions of a rule are those below the name', () => {
  const one = rule(
    'r',
    [domain('example.com'), domain('other.test')],
    except(exactOf('a.example.com'), suffixOf('b.test')),
  )
  const { named } = splitNames(entriesOf(ruleSet(one)), new LeftOut())
  expect(named.map(exceptionsBelow)).toEqual([[exactOf('a.example.com')], []])
})
