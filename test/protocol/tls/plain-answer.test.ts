/** What is passed over without a look holds no certificate: the reader of whole flights is the measure. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mayLeadToCertificate } from '../../../src/protocol/tls/plain-answer.ts'
import { emptyFlight, readServerFlight } from '../../../src/protocol/tls/server-flight.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'
import { exchange } from './handshake.ts'

const TLS12 = (await exchange({ version: 'TLSv1.2' })).server
const TLS13 = (await exchange({ version: 'TLSv1.3' })).server
const RETRIED = (await exchange({ version: 'TLSv1.3', group: 'P-384' })).server

const may = (input: Uint8Array) => parseTwice(input, mayLeadToCertificate)
function hasCertificate(input: Uint8Array): boolean {
  const flight = emptyFlight()
  readServerFlight(input, 0, input.length, flight)
  return flight.certificate !== undefined
}

test.each([
  ['TLS 1.2', TLS12, true],
  ['TLS 1.3', TLS13, false],
  ['TLS 1.3, retried', RETRIED, false],
  ['nothing', hex(''), false],
  ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), false],
  ['encrypted data', hex('17 0303 0001 00'), false],
  ['a refusal', hex('15 0303 0002 02 28'), false],
  ['a warning that the name is not known', hex('15 0303 0002 01 70'), true],
  ['a client hello', hex('16 0303 0004 01 000000'), false],
  ['a hello request', hex('16 0303 0004 00 000000'), true],
  ['the first byte of a hello', hex('16'), true],
  ['a session id that goes past the end', Buffer.concat([TLS13.subarray(0, 43), hex('ff 00')]), true],
])('%s', (_, input, want) => expect(may(input)).toBe(want))

test('no piece of a flight with a certificate is passed over', () => {
  expect(hasCertificate(TLS12)).toBe(true)
  for (let length = 1; length < 200; length++) expect(may(TLS12.subarray(0, length))).toBe(true)
})

test('nor is one that is damaged and still holds a certificate', () => {
  let certified = 0
  fc.assert(
    fc.property(fc.nat(120), fc.nat(255), (at, value) => {
      const damaged = Uint8Array.from(TLS12)
      damaged[at] = value
      // a suite that only TLS 1.3 has cannot lead to one, whatever a reader finds behind it
      if (!hasCertificate(damaged) || damaged[43 + 1 + damaged[43]!] === 0x13) return
      certified++
      expect(may(damaged)).toBe(true)
    }),
    fuzz(2000),
  )
  expect(certified).toBeGreaterThan(100)
})
