/** Whom a proxy says it speaks for. */
import { describe, expect, test } from 'vitest'
import { firstClient } from '../../../src/protocol/http/forwarded.ts'

describe('forwarded', () => {
  test.each([
    { name: 'one', xff: '192.0.2.60', forwarded: '', want: '192.0.2.60' },
    {
      name: 'the left end of several',
      xff: '192.0.2.60, 198.51.100.17,203.0.113.1',
      forwarded: '',
      want: '192.0.2.60',
    },
    { name: 'a port', xff: '192.0.2.60:4711', forwarded: '', want: '192.0.2.60' },
    { name: 'IPv6', xff: '2001:DB8::1', forwarded: '', want: '2001:db8::1' },
    { name: 'IPv6 with a port', xff: '[2001:db8::1]:4711', forwarded: '', want: '2001:db8::1' },
    { name: 'unknown, then one', xff: 'unknown, 198.51.100.17', forwarded: '', want: '198.51.100.17' },
    {
      name: 'RFC 7239',
      xff: '',
      forwarded: 'proto=http; FOR="[2001:db8:cafe::17]:4711", for=192.0.2.1',
      want: '2001:db8:cafe::17',
    },
    {
      name: 'an obfuscated name, then one',
      xff: '',
      forwarded: 'for=_hidden, for=192.0.2.43;by=203.0.113.43',
      want: '192.0.2.43',
    },
    { name: 'only who forwarded', xff: '', forwarded: 'by=203.0.113.43', want: '' },
    { name: 'neither', xff: '', forwarded: '', want: '' },
    { name: 'no addresses', xff: "'; DROP TABLE, <b>, 999.1.1.1, 1.2.3", forwarded: 'for', want: '' },
    { name: 'commas without end', xff: ','.repeat(10_000), forwarded: '', want: '' },
  ])('$name', ({ xff, forwarded, want }) => expect(firstClient(xff, forwarded)).toBe(want))
})
