import { expect, test } from 'vitest'
import { Roles } from '../../src/enrich/roles.ts'

test('roles: who answers questions is a resolver, who is asked for tunnels a proxy, everybody else a host', () => {
  const roles = new Roles(10)
  roles.standsForOthers('192.0.2.53', 'resolver')
  roles.standsForOthers('192.0.2.12', 'proxy')
  expect(['192.0.2.53', '192.0.2.12', '192.0.2.5'].map((address) => roles.of(address))).toEqual([
    'resolver',
    'proxy',
    'host',
  ])
})

test('roles: a proxy that answers questions, too, stays a proxy, and a resolver can become one', () => {
  const roles = new Roles(1)
  roles.standsForOthers('a', 'resolver')
  roles.standsForOthers('a', 'proxy')
  roles.standsForOthers('a', 'resolver')
  expect(roles.of('a')).toBe('proxy')
})

test('roles: when there are too many, the one learned first goes, is learned again, and it is counted', () => {
  const roles = new Roles(2)
  for (const address of ['a', 'b', 'a', 'c', 'd']) roles.standsForOthers(address, 'resolver')
  expect(['a', 'b', 'c', 'd'].map((address) => roles.of(address))).toEqual(['host', 'host', 'resolver', 'resolver'])
  expect(roles.forgotten).toBe(2)
  roles.standsForOthers('a', 'resolver')
  expect(['a', 'c'].map((address) => roles.of(address))).toEqual(['resolver', 'host'])
})
