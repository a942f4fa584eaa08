import { expect, test } from 'vitest'
import { dnsTypeName, rcodeName } from '../../../src/outputs/format/dns-names.ts'

test('DNS types have names, and one without is a number', () => {
  expect([1, 28, 5, 65, 64, 255, 257, 0, 65_535].map(dnsTypeName)).toEqual([
    'A',
    'AAAA',
    'CNAME',
    'HTTPS',
    'SVCB',
    'ANY',
    'CAA',
    '0',
    '65535',
  ])
})

test('response codes have names, and one without is a number', () => {
  expect([0, 1, 2, 3, 5, 11, 12, 15].map(rcodeName)).toEqual([
    'NOERROR',
    'FORMERR',
    'SERVFAIL',
    'NXDOMAIN',
    'REFUSED',
    '11',
    '12',
    '15',
  ])
})
