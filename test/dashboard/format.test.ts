/** Numbers, times and addresses as people read them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  bytes,
  clock,
  count,
  day,
  duration,
  evidenceLabel,
  inputTime,
  moment,
  network,
  plural,
  socket,
  useLabel,
  utc,
} from '../../dashboard/src/format.ts'
import type { EvidenceKind, Use } from '../../src/events/alert.ts'

describe('bytes', () => {
  const stories: Array<[number, string]> = [
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [9994, '9.99 kB'],
    [9995, '10.0 kB'],
    [12_345, '12.3 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [4_560_000_000, '4.56 GB'],
    [1e15, '1.00 PB'],
    [Number.MAX_SAFE_INTEGER, '9.01 PB'],
    [5e18, '5000 PB'],
  ]
  test.each(stories)('%d is %s', (value, text) => {
    expect(bytes(value)).toBe(text)
  })
})

describe('count and plural', () => {
  test('numbers have commas, one has no s', () => {
    expect(count(1_234_567)).toBe('1,234,567')
    expect(plural(0, 'alert')).toBe('0 alerts')
    expect(plural(1, 'alert')).toBe('1 alert')
    expect(plural(2000, 'alert')).toBe('2,000 alerts')
  })
})

describe('duration', () => {
  const stories: Array<[number, string]> = [
    [0, '0 s'],
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [3600, '1 h'],
    [3661, '1 h 1 min'],
    [86_400, '1 d'],
    [100_000, '1 d 3 h'],
  ]
  test.each(stories)('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })
})

describe('times', () => {
  const before = process.env['TZ']
  beforeAll(() => {
    process.env['TZ'] = 'Europe/Prague'
  })
  afterAll(() => {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  })

  const stories: Array<[story: string, iso: string, day: string, clock: string]> = [
    ['summer', '2025-07-10T22:30:00.000001Z', '2025-07-11', '00:30:00'],
    ['winter', '2025-01-10T22:30:59.999999Z', '2025-01-10', '23:30:59'],
    ['the hour that comes twice, first', '2025-10-26T00:30:00.000000Z', '2025-10-26', '02:30:00'],
    ['the hour that comes twice, second', '2025-10-26T01:30:00.000000Z', '2025-10-26', '02:30:00'],
    ['the new year is ours an hour earlier', '2025-12-31T23:00:00.000000Z', '2026-01-01', '00:00:00'],
  ]
  test.each(stories)('%s', (_story, iso, localDay, localClock) => {
    expect(day(iso)).toBe(localDay)
    expect(clock(iso)).toBe(localClock)
    expect(moment(iso)).toBe(`${localDay} ${localClock}`)
    expect(inputTime(iso)).toBe(`${localDay}T${localClock}`)
  })

  test.each(['', 'yesterday', '2025-13-01T00:00:00Z', '<script>'])('%j is no time', (text) => {
    expect([day(text), clock(text), moment(text), inputTime(text)]).toEqual(['', '', '', ''])
  })

  test('the title keeps what the sensor said, to the microsecond', () => {
    expect(utc('2025-07-10T22:30:00.000001Z')).toBe('2025-07-10 22:30:00.000001 UTC')
  })
})

describe('addresses', () => {
  const stories: Array<[ip: string, port: number, text: string]> = [
    ['10.0.0.1', 443, '10.0.0.1:443'],
    ['2001:db8::1', 443, '[2001:db8::1]:443'],
    ['10.0.0.1', 0, '10.0.0.1'],
    ['2001:db8::1', 0, '2001:db8::1'],
  ]
  test.each(stories)('%s and %d', (ip, port, text) => {
    expect(socket(ip, port)).toBe(text)
  })

  test('a network is told as far as it is known', () => {
    const at = { ip: '3.173.21.63', port: 443 }
    expect(network(at)).toBe('')
    expect(network({ ...at, country: 'US' })).toBe('US')
    expect(network({ ...at, asn: 16509 })).toBe('AS16509')
    expect(network({ ...at, country: 'US', asn: 16509, as_name: 'AMAZON-02' })).toBe('US · AS16509 AMAZON-02')
  })
})

test('a kind of evidence from a newer sensor keeps its name', () => {
  expect(evidenceLabel('tls_sni')).toBe('TLS server name')
  expect(evidenceLabel('carrier_pigeon' as EvidenceKind)).toBe('carrier_pigeon')
  expect([useLabel('file_transfer'), useLabel('knitting' as Use)]).toEqual(['files', 'knitting'])
})
