import { expect, test } from 'vitest'
import { AssetNames } from '../../src/enrich/assets.ts'

const HOUR = 3600e6

test('asset names: what a machine says of itself is not replaced by a lesser source for a day', () => {
  const names = new AssetNames(10)
  names.learn('192.0.2.10', 'pool-10.example', 'dns', 0)
  names.learn('192.0.2.10', 'laptop-7', 'mdns', 1)
  names.learn('192.0.2.10', 'pool-10.example', 'dns', 23 * HOUR)
  expect(names.of('192.0.2.10')).toBe('laptop-7')
  names.learn('192.0.2.10', 'laptop-8', 'mdns', 23 * HOUR)
  expect(names.of('192.0.2.10'), 'the same source, newer').toBe('laptop-8')
  names.learn('192.0.2.10', 'pool-10.example', 'dns', 48 * HOUR)
  expect(names.of('192.0.2.10'), 'long ago').toBe('pool-10.example')
})

test('asset names: nothing, and what is too long, is not learned', () => {
  const names = new AssetNames(10)
  names.learn('192.0.2.10', '', 'mdns', 0)
  names.learn('192.0.2.11', 'a'.repeat(256), 'mdns', 0)
  names.learn('', 'x', 'mdns', 0)
  expect(['192.0.2.10', '192.0.2.11', ''].map((address) => names.of(address))).toEqual(['', '', ''])
})

test('asset names: a flood stays within the bound, and is counted', () => {
  const names = new AssetNames(10)
  for (let i = 0; i < 1000; i++) names.learn(`10.0.0.${i}`, `n${i}`, 'mdns', i)
  expect(names.forgotten).toBe(990)
  expect([names.of('10.0.0.989'), names.of('10.0.0.990')]).toEqual(['', 'n990'])
})
