import { expect, test } from 'vitest'
import { isPrivateAddress } from '../../src/bytes/private-address.ts'

test('private addresses', () => {
  const yes = ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '127.0.0.1', '0.0.0.0', '169.254.1.1']
  yes.push(
    '100.64.0.1',
    '100.127.255.255',
    '::',
    '::1',
    'fd12:3456::1',
    'fc00::1',
    'fe80::1',
    'febf::1',
    '::ffff:a00:1',
    '::ffff:0:0',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '100::',
    '64:ff9b::',
    '64:ff9b::1',
    '64:ff9b::a00:50',
  )
  const no = [
    '11.0.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '198.51.100.1',
    '1.10.0.1',
  ]
  no.push('223.255.255.255', '64:ff9b::c633:6401', '64:ff9b::1:a00:50', '64:ff9b:1::a00:50', '1000::', '100:1::')
  no.push('2001:db8::1', '2606:4700::1', 'fec0::1', '::ffff:c633:6401', '10.example.org', 'fd', '')
  expect(yes.filter((address) => !isPrivateAddress(address))).toEqual([])
  expect(no.filter((address) => isPrivateAddress(address))).toEqual([])
})
