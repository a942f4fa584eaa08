import { describe, expect, test } from 'vitest'
import type {
  DnsObservation,
  DnsRecord,
  FlowObservation,
  FlowRef,
  StatsObservation,
  TlsObservation,
} from '../../../src/events/observation.ts'
import { eveAlertLine, signatureId } from '../../../src/outputs/format/eve.ts'
import { makeAlert, NINE_O_CLOCK } from '../../support/alerts.ts'
import { eveLine } from '../../support/json.ts'

const FLOW: FlowRef = {
  id: 2 ** 48 - 1,
  protocol: 'TCP',
  clientIp: '192.0.2.10',
  clientPort: 51_000,
  serverIp: '198.51.100.7',
  serverPort: 443,
  communityId: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
  vlans: [200, 110],
  clientMac: '00:00:5e:00:53:10',
  serverMac: '00:00:5e:00:53:53',
}
const SEEN = { file: 'office.pcap', packet: 7, timeUs: NINE_O_CLOCK + 123_456, flow: FLOW }
const TLS: TlsObservation = {
  kind: 'tls',
  ...SEEN,
  serverName: 'chat.example',
  alpn: ['h2'],
  versions: [0x0304, 0x0303],
}
const DNS: DnsObservation = {
  kind: 'dns',
  ...SEEN,
  service: 'dns',
  answer: false,
  id: 7,
  flags: 0x0100,
  questions: [{ name: 'a.example', type: 28 }],
  answers: [],
  authorities: [],
  additionals: [],
}
const ENDED: FlowObservation = {
  kind: 'flow',
  ...SEEN,
  startUs: NINE_O_CLOCK,
  endUs: NINE_O_CLOCK + 61.9e6,
  packetsOut: 5,
  packetsIn: 3,
  bytesOut: 700,
  bytesIn: 900,
  answered: true,
  state: 'closed',
  reason: 'shutdown',
  application: 'tls',
  alerted: true,
  tcpFlagsOut: 0x1b,
  tcpFlagsIn: 0x13,
}
const STATS: StatsObservation = {
  kind: 'stats',
  timeUs: NINE_O_CLOCK,
  counters: { 'decode.not_ip': 3, 'decode.cut': 0, 'capture.bytes': 2 ** 40 },
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape is what is looked at
const read = (line: string): any => JSON.parse(line)
const tls = (changes: Partial<TlsObservation> = {}) => read(eveLine({ ...TLS, ...changes }, 'sensor-1'))
const dns = (changes: Partial<DnsObservation> = {}) => read(eveLine({ ...DNS, ...changes }, 'sensor-1'))
const flow = (changes: Partial<FlowObservation> = {}) => read(eveLine({ ...ENDED, ...changes }, 'sensor-1'))

/** What every event of a flow begins with. */
const ENVELOPE = {
  timestamp: '2026-11-22T09:00:00.123456+0000',
  flow_id: 281474976710655,
  vlan: [200, 110],
  src_ip: '192.0.2.10',
  src_port: 51000,
  dest_ip: '198.51.100.7',
  dest_port: 443,
  proto: 'TCP',
  ip_v: 4,
  pkt_src: 'wire/pcap',
  community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
  host: 'sensor-1',
  pcap_cnt: 7,
  pcap_filename: 'office.pcap',
  ether: { src_mac: '00:00:5e:00:53:10', dest_mac: '00:00:5e:00:53:53' },
}

describe('eve: tls', () => {
  test('has these fields and no others', () => {
    expect(tls()).toEqual({
      ...ENVELOPE,
      event_type: 'tls',
      tls: { sni: 'chat.example', client_alpns: ['h2'] },
      seekwatch: { client_versions: [772, 771] },
    })
  })

  test('what was not seen is not there', () => {
    const bare = tls({
      serverName: '',
      alpn: [],
      flow: { ...FLOW, vlans: [], clientMac: '', serverMac: '', clientIp: '2001:db8::1' },
    })
    expect(bare.tls).toEqual({})
    expect([bare.vlan, bare.ether, bare.ip_v]).toEqual([undefined, undefined, 6])
  })
})

describe('eve: dns, version 3', () => {
  test('a question', () => {
    expect(dns()).toEqual({
      ...ENVELOPE,
      event_type: 'dns',
      dns: {
        version: 3,
        type: 'request',
        id: 7,
        flags: '100',
        rd: true,
        opcode: 0,
        rcode: 'NOERROR',
        queries: [{ rrname: 'a.example', rrtype: 'AAAA' }],
      },
    })
  })

  test('an answer', () => {
    const record = (name: string, type: number, data: string, dataBytes = 4): DnsRecord => ({
      name,
      type,
      ttl: 60,
      data,
      dataBytes,
    })
    const answers = [
      record('a.example', 5, 'b.example'),
      record('b.example', 1, '192.0.2.1'),
      record('b.example', 1, '192.0.2.2'),
      record('b.example', 65, '', 99),
      record('b.example', 65_280, '', 0),
    ]
    expect(dns({ answer: true, flags: 0x8583, answers }).dns).toEqual({
      version: 3,
      type: 'response',
      id: 7,
      flags: '8583',
      qr: true,
      aa: true,
      rd: true,
      ra: true,
      opcode: 0,
      rcode: 'NXDOMAIN',
      queries: [{ rrname: 'a.example', rrtype: 'AAAA' }],
      answers: [
        { rrname: 'a.example', rrtype: 'CNAME', ttl: 60, rdata: 'b.example' },
        { rrname: 'b.example', rrtype: 'A', ttl: 60, rdata: '192.0.2.1' },
        { rrname: 'b.example', rrtype: 'A', ttl: 60, rdata: '192.0.2.2' },
        { rrname: 'b.example', rrtype: 'HTTPS', ttl: 60, rdata: '' },
        { rrname: 'b.example', rrtype: '65280', ttl: 60, rdata: '' },
      ],
      grouped: { CNAME: ['b.example'], A: ['192.0.2.1', '192.0.2.2'] },
    })
  })

  test('every flag, and numbers without a name', () => {
    const { dns: all } = dns({ answer: true, flags: 0xffff, questions: [{ name: '', type: 65_535 }] })
    expect(all).toMatchObject({
      qr: true,
      aa: true,
      tc: true,
      rd: true,
      ra: true,
      z: true,
      opcode: 15,
      rcode: '15',
      flags: 'ffff',
    })
    expect(all.queries).toEqual([{ rrname: '', rrtype: '65535' }])
    expect(dns({ flags: 0 }).dns.flags).toBe('0')
  })

  test('a name of a record never becomes a key', () => {
    const answers = [{ name: '__proto__', type: 1, ttl: 1, data: '__proto__', dataBytes: 4 }]
    const line = eveLine({ ...DNS, answer: true, answers, questions: [{ name: '__proto__', type: 1 }] }, 'sensor-1')
    const names: string[] = []
    JSON.parse(line, (key, value) => {
      names.push(key)
      return value
    })
    expect(names).not.toContain('__proto__')
    expect(names).toContain('rrname')
  })
})

describe('eve: flow', () => {
  test('has these fields and no others', () => {
    expect(flow()).toEqual({
      ...ENVELOPE,
      event_type: 'flow',
      app_proto: 'tls',
      flow: {
        pkts_toserver: 5,
        pkts_toclient: 3,
        bytes_toserver: 700,
        bytes_toclient: 900,
        start: '2026-11-22T09:00:00.000000+0000',
        end: '2026-11-22T09:01:01.900000+0000',
        age: 61,
        state: 'closed',
        reason: 'shutdown',
        alerted: true,
      },
      tcp: { tcp_flags: '1b', tcp_flags_ts: '1b', tcp_flags_tc: '13', fin: true, syn: true, psh: true, ack: true },
    })
  })

  test('every TCP flag, none, and UDP', () => {
    const names = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr']
    expect(Object.keys(flow({ tcpFlagsIn: 0xff }).tcp).slice(3)).toEqual(names)
    expect(flow({ tcpFlagsOut: 0, tcpFlagsIn: 0 }).tcp).toEqual({
      tcp_flags: '00',
      tcp_flags_ts: '00',
      tcp_flags_tc: '00',
    })
    expect(flow({ flow: { ...FLOW, protocol: 'UDP' } }).tcp).toBeUndefined()
    expect(flow({ application: '' }).app_proto).toBeUndefined()
  })
})

test('eve: stats are nested as Suricata nests them', () => {
  expect(read(eveLine(STATS, 'sensor-1'))).toEqual({
    timestamp: '2026-11-22T09:00:00.000000+0000',
    event_type: 'stats',
    host: 'sensor-1',
    stats: { decode: { not_ip: 3, cut: 0 }, capture: { bytes: 1099511627776 } },
  })
})

describe('eve: alert', () => {
  const alert = makeAlert('a1')

  test('has what readers of Suricata look for, and our own record whole', () => {
    expect(read(eveAlertLine(alert))).toEqual({
      timestamp: '2026-11-22T09:00:10.000000+0000',
      flow_id: 1234567890123,
      event_type: 'alert',
      src_ip: '192.0.2.10',
      src_port: 51000,
      dest_ip: '198.51.100.7',
      dest_port: 443,
      proto: 'TCP',
      ip_v: 4,
      pkt_src: 'wire/pcap',
      community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
      host: 'sensor-1',
      pcap_cnt: 4,
      pcap_filename: 'office.pcap',
      direction: 'to_server',
      alert: {
        action: 'allowed',
        gid: 1,
        signature_id: signatureId('deepseek-service'),
        rev: 1,
        signature: 'DeepSeek service contacted',
        category: 'Potential Corporate Privacy Violation',
        severity: 1,
        metadata: { confidence: ['High'], policy: ['nukib-2025-07-10'], mitre_technique_id: ['T1567'] },
      },
      app_proto: 'tls',
      tls: { sni: 'chat.deepseek.com' },
      flow: {
        pkts_toserver: 9,
        pkts_toclient: 11,
        bytes_toserver: 1200,
        bytes_toclient: 5400,
        start: '2026-11-22T09:00:00.000000+0000',
        src_ip: '192.0.2.10',
        dest_ip: '198.51.100.7',
        src_port: 51000,
        dest_port: 443,
      },
      seekwatch: alert,
    })
  })

  test('severity is 1 to 4 for high, medium, low, info', () => {
    const severities = (['high', 'medium', 'low', 'info'] as const).map(
      (severity) => read(eveAlertLine({ ...alert, severity })).alert.severity,
    )
    expect(severities).toEqual([1, 2, 3, 4])
  })

  const evidence = (kind: (typeof alert.evidence)[number]['kind'], value: string) => ({
    kind,
    value,
    packet: 1,
    file: 'f',
    time: alert.first_seen,
  })
  const stories = [
    {
      name: 'a question',
      seen: [evidence('dns_question', 'a.example')],
      want: { app_proto: 'dns', dns: { version: 3, queries: [{ rrname: 'a.example' }] } },
    },
    {
      name: 'an answer alone',
      seen: [evidence('dns_answer', 'a.example')],
      want: { app_proto: 'dns', dns: { version: 3, queries: [{ rrname: 'a.example' }] } },
    },
    {
      name: 'a flow that DNS explains is no DNS',
      seen: [evidence('dns_flow', 'a.example'), evidence('dns_answer', 'a.example')],
      want: {},
    },
    { name: 'an address', seen: [evidence('address', '203.0.113.7')], want: {} },
    { name: 'no evidence at all', seen: [], want: {} },
  ]

  for (const { name, seen, want } of stories) {
    test(`the protocol of ${name}`, () => {
      const { app_proto, dns: query, tls: hello, pcap_cnt } = read(eveAlertLine({ ...alert, evidence: seen }))
      expect({ app_proto, dns: query, tls: hello }).toEqual({
        app_proto: undefined,
        dns: undefined,
        tls: undefined,
        ...want,
      })
      expect(pcap_cnt).toBe(seen.length > 0 ? 1 : undefined)
    })
  }

  test('numbers of rules are stable and in the range that is left to users', () => {
    expect(signatureId('deepseek-service')).toBe(9150860)
    for (const id of ['', 'a', 'deepseek-affiliate', '\u{1f600}'.repeat(100)]) {
      expect(signatureId(id)).toBeGreaterThanOrEqual(9_000_000)
      expect(signatureId(id)).toBeLessThan(10_000_000)
    }
  })
})

describe('eve: a hostile name', () => {
  const names = [
    'a\nb',
    '\r\n{"event_type":"alert"}',
    '\x1b[2J',
    '\0',
    '\x7f\x80\x9f',
    '\xff',
    '\u202egnp.exe',
    '\u2028',
    '"\\',
    '\ud83d',
    '\u{1f600}',
    '</script>',
  ]

  for (const name of names) {
    test(`${JSON.stringify(name)} stays in its line and is all ASCII`, () => {
      const lines = [
        eveLine({ ...TLS, serverName: name, alpn: [name], file: name }, name),
        eveLine(
          { ...DNS, questions: [{ name, type: 1 }], answers: [{ name, type: 5, ttl: 1, data: name, dataBytes: 1 }] },
          'sensor-1',
        ),
        eveLine({ ...ENDED, file: name }, 'sensor-1'),
        eveAlertLine(
          makeAlert('a', {
            reasons: [name],
            evidence: [{ kind: 'tls_sni', value: name, packet: 1, file: name, time: '' }],
          }),
        ),
      ]
      for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/)
      expect(read(lines[0]!)).toMatchObject({
        tls: { sni: name, client_alpns: [name] },
        pcap_filename: name,
        host: name,
      })
      expect(read(lines[1]!).dns.answers[0]).toEqual({ rrname: name, rrtype: 'CNAME', ttl: 1, rdata: name })
      expect(read(lines[3]!).seekwatch.reasons).toEqual([name])
    })
  }
})
