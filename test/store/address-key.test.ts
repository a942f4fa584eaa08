import fc from 'fast-check'
import { Address4, Address6 } from 'ip-address'
import { describe, expect, test } from 'vitest'
import { addressKey, addressRange } from '../../src/store/address-key.ts'
import { fuzz } from '../support/random.ts'

function isInside(address: string, network: string): boolean {
  const range = addressRange(network)!
  const key = addressKey(address)
  return Buffer.compare(range.low, key) <= 0 && Buffer.compare(key, range.high) <= 0
}

describe('addressRange', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.2', '10.0.0.1', false],
    ['10.255.255.255', '10.0.0.0/8', true],
    ['11.0.0.0', '10.0.0.0/8', false],
    ['10.1.2.3', '10.9.9.9/8', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['2001:db8::1', '0.0.0.0/0', false],
    ['10.0.0.1', '::/0', false],
    ['::ffff:10.0.0.1', '10.0.0.0/8', false],
    ['2001:DB8:0::1', '2001:db8::1', true],
  ])('%s in %s: %s', (address, network, expected) => expect(isInside(address, network)).toBe(expected))

  test.each([
    '',
    'office',
    '10.0.0',
    '10.0.0.1/33',
    '010.0.0.1',
    '2001:db8::/129',
    ':::',
    '1.2.3.4; DROP TABLE alerts',
  ])('is no address: %s', (text) => expect(addressRange(text)).toBeNull())

  test('agrees with the ip-address package', () => {
    const bytes4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
    const bytes6 = fc.array(fc.nat(255), { minLength: 16, maxLength: 16 })
    let inside = 0
    fc.assert(
      fc.property(bytes4, bytes4, fc.nat(32), bytes6, bytes6, fc.nat(128), (a4, n4, m4, a6, n6, m6) => {
        const network4 = `${n4.join('.')}/${m4 % 6}`
        const expected4 = new Address4(a4.join('.')).isInSubnet(new Address4(network4))
        expect(isInside(a4.join('.'), network4)).toBe(expected4)
        const address6 = Address6.fromUnsignedByteArray(a6)
        const network6 = `${Address6.fromUnsignedByteArray(n6).address}/${m6 % 6}`
        expect(isInside(address6.address, network6)).toBe(address6.isInSubnet(new Address6(network6)))
        if (expected4) inside++
      }),
      fuzz(300),
    )
    expect(inside).toBeGreaterThan(10)
  })
})
