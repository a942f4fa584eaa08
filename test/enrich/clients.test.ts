import { expect, test } from 'vitest'
import { Resolvers } from '../../src/enrich/clients.ts'

test('resolvers: who answered is one', () => {
  const resolvers = new Resolvers(10)
  resolvers.answered('192.0.2.53')
  expect(resolvers.has('192.0.2.53')).toBe(true)
  expect(resolvers.has('192.0.2.5')).toBe(false)
})

test('resolvers: when there are too many, the first ones stay', () => {
  const resolvers = new Resolvers(2)
  for (const address of ['a', 'b', 'a', 'c', 'd']) resolvers.answered(address)
  expect(['a', 'b', 'c', 'd'].map((address) => resolvers.has(address))).toEqual([true, true, false, false])
})
