import { expect, test } from 'vitest'
import { dnsTypeName, rcodeName } from '../../../src/outputs/format/dns-names.ts'

test('DNS types have names, and one without is written as RFC 3597 says', () => {
  expect([1, 28, 5, 65, 64, 255, 257, 0, 65_535].map(dnsTypeName)).toEqual([
    'A',
    'AAAA',
    'CNAME',
    'HTTPS',
    'SVCB',
    'ANY',
    'CAA',
    'TYPE0',
    'TYPE65535',
  ])
})

test('response codes have names, and one without is a number', () => {
  expect([0, 1, 2, 3, 5, 11, 12, 15].map(rcodeName)).toEqual([
    'NOERROR',
    'FORMERR',
    'SERVFAIL',
    'NXDOMAIN',
    'REFUSED',
    'DSOTYPENI',
    'RCODE12',
    'RCODE15',
  ])
})
