import { describe, expect, test } from 'vitest'
import type { DnsFields, DnsObservation, DnsRecord } from '../../../src/events/observation.ts'
import { eveLine } from '../../support/json.ts'

const flow = {
  id: 1,
  protocol: 'UDP' as const,
  clientIp: '10.0.0.1',
  clientPort: 40000,
  serverIp: '10.0.0.53',
  serverPort: 53,
  communityId: '1:x',
  vlans: [],
  clientMac: '00:00:5e:00:53:01',
  serverMac: '00:00:5e:00:53:35',
}

function observation(parts: Partial<DnsObservation>): DnsObservation {
  return {
    ...{ kind: 'dns', service: 'dns', answer: true, id: 7, flags: 0x8180, flow, timeUs: 0, file: 'f', packet: 1 },
    ...{ questions: [{ name: 'a.example', type: 1 }], answers: [], authorities: [], additionals: [] },
    ...parts,
  }
}

/** The event's line, read back. */
function event(parts: Partial<DnsObservation>): Record<string, unknown> {
  return JSON.parse(eveLine(observation(parts), 'sensor')) as Record<string, unknown>
}

function record(type: number, data: string, fields?: DnsFields): DnsRecord {
  return { name: 'a.example', type, ttl: 60, data, dataBytes: 1, ...(fields ? { fields } : {}) }
}

const owner = { rrname: 'a.example', ttl: 60 }

test('a request', () => {
  expect(event({ answer: false, flags: 0x0100 })).toMatchObject({
    event_type: 'dns',
    src_ip: '10.0.0.1',
    dest_port: 53,
    dns: {
      ...{ version: 3, type: 'request', id: 7, flags: '100', rd: true, opcode: 0, rcode: 'NOERROR' },
      queries: [{ rrname: 'a.example', rrtype: 'A' }],
    },
  })
})

test('a request says nothing of sections it has not', () => {
  const { dns } = event({ answer: false, flags: 0, questions: [] })
  expect(dns).toEqual({ version: 3, type: 'request', id: 7, flags: '0', opcode: 0, rcode: 'NOERROR' })
})

test('a response comes from the server', () => {
  expect(event({ flags: 0x8583 | 0x0240 })).toMatchObject({
    src_ip: '10.0.0.53',
    src_port: 53,
    dest_ip: '10.0.0.1',
    dest_port: 40000,
    ether: { src_mac: '00:00:5e:00:53:35', dest_mac: '00:00:5e:00:53:01' },
    dns: {
      ...{ type: 'response', flags: '87c3', rcode: 'NXDOMAIN' },
      ...{ qr: true, aa: true, tc: true, rd: true, ra: true, z: true },
    },
  })
})

const SOA = { mname: 'ns', rname: 'root', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 }
const SSHFP = { fingerprint: '0a:0b:0c', algo: 4, type: 2 }
const SRV = { priority: 1, weight: 2, port: 3, name: 'sip' }

const records: Array<[story: string, record: DnsRecord, details: object[], grouped: object]> = [
  ['A', record(1, '192.0.2.1'), [{ ...owner, rrtype: 'A', rdata: '192.0.2.1' }], { A: ['192.0.2.1'] }],
  ['A that is broken', record(1, ''), [{ ...owner, rrtype: 'A', rdata: '' }], {}],
  [
    'MX without its preference',
    record(15, '10 mx', { kind: 'mx', preference: 10, exchange: 'mx' }),
    [{ ...owner, rrtype: 'MX', rdata: 'mx' }],
    { MX: ['mx'] },
  ],
  [
    'TXT as one record a string',
    record(16, '"a" "\\195\\169"', { kind: 'txt', strings: ['a', '\xc3\xa9'] }),
    [
      { ...owner, rrtype: 'TXT', rdata: 'a' },
      { ...owner, rrtype: 'TXT', rdata: 'é' },
    ],
    { TXT: ['a', 'é'] },
  ],
  [
    'NULL that is not UTF-8',
    record(10, '\\# 9 5641434b4403c5e901', { kind: 'null', bytes: 'VACKD\x03\xc5\xe9\x01' }),
    [{ ...owner, rrtype: 'NULL', rdata: 'VACKD\x03\\xc5\\xe9\x01' }],
    { NULL: ['VACKD\x03\\xc5\\xe9\x01'] },
  ],
  ['SOA', record(6, 'ns root', { kind: 'soa', ...SOA }), [{ ...owner, rrtype: 'SOA', soa: SOA }], { SOA: [SOA] }],
  [
    'SRV',
    record(33, '1 2 3 sip', { kind: 'srv', priority: 1, weight: 2, port: 3, target: 'sip' }),
    [{ ...owner, rrtype: 'SRV', srv: SRV }],
    { SRV: [SRV] },
  ],
  [
    'SSHFP',
    record(44, '4 2 0a0b0c', { kind: 'sshfp', algorithm: 4, fingerprintType: 2, fingerprint: '0a0b0c' }),
    [{ ...owner, rrtype: 'SSHFP', sshfp: SSHFP }],
    { SSHFP: [SSHFP] },
  ],
  ['HTTPS, which has no group', record(65, '1 . port=443'), [{ ...owner, rrtype: 'HTTPS', rdata: '1 . port=443' }], {}],
  ['a type without a name', record(65280, '\\# 0'), [{ ...owner, rrtype: '65280', rdata: '\\# 0' }], {}],
]

test.each(records)('%s', (_, entry, details, grouped) => {
  const { dns } = event({ answers: [entry], authorities: [entry], additionals: [entry] })
  expect(dns).toMatchObject({ answers: details, authorities: details, additionals: details })
  expect((dns as { grouped: unknown }).grouped).toEqual(grouped)
})

describe('EDNS', () => {
  const opt = (options: Array<{ code: number; data: string }>): DnsRecord => ({
    ...record(41, 'version=0', { kind: 'opt', udpBytes: 1232, extendedRcode: 0, version: 0, dnssecOk: false, options }),
    name: '',
  })

  test('is not shown without options', () => {
    expect(event({ additionals: [opt([])] })['dns']).not.toHaveProperty('additionals')
  })

  test('shows its options', () => {
    const options = [{ code: 10, data: 'abcd' }]
    const shown = { rrname: '', rrtype: 'OPT', ttl: 60, opt: options }
    expect(event({ additionals: [opt(options)] })['dns']).toMatchObject({ additionals: [shown] })
  })
})

test('multicast DNS is an event of its own', () => {
  const text = record(16, '"a" "b"', { kind: 'txt', strings: ['a', 'b'] })
  const found = event({ service: 'mdns', flags: 0x8400, answers: [record(1, '192.0.2.5'), text] })
  expect(found).not.toHaveProperty('dns')
  expect(found['event_type']).toBe('mdns')
  expect(found['mdns']).toEqual({
    ...{ type: 'response', id: 7, flags: ['aa'], opcode: 0, rcode: 0 },
    queries: [{ rrname: 'a.example', rrtype: 'a' }],
    answers: [
      { rrname: 'a.example', a: '192.0.2.5' },
      { rrname: 'a.example', txt: ['a', 'b'] },
    ],
  })
})

test.each(['llmnr', 'nbns'] as const)('%s is an event of its own', (service) => {
  const found = event({ service, answer: false, flags: 0x0010 })
  expect(found['event_type']).toBe(service)
  expect(found[service]).toMatchObject({ type: 'request', queries: [{ rrname: 'a.example', rrtype: 'A' }] })
  expect(found[service]).not.toHaveProperty('version')
})

test('text of a stranger stays inside its string and its line', () => {
  const strings = ['","evil":"1', 'line\nbreak', '\xe2\x80\xae', '\x1b[2J']
  const line = eveLine(observation({ answers: [record(16, '', { kind: 'txt', strings })] }), 'sensor')
  expect(line).toMatch(/^[ -~]*$/)
  const { dns } = JSON.parse(line) as { dns: { answers: Array<{ rdata: string }> } }
  expect(dns.answers.map((answer) => answer.rdata)).toEqual(['","evil":"1', 'line\nbreak', '\u202e', '\x1b[2J'])
})
