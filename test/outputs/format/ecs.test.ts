import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../src/events/alert.ts'
import { ecsLine } from '../../../src/outputs/format/ecs.ts'
import { makeAlert } from '../../support/alerts.ts'
import { hostileAlert } from '../../support/hostile-alerts.ts'
import { fuzz } from '../../support/random.ts'
import { ECS_FIELDS, ECS_VALUES, type EcsType } from './ecs-fields.ts'

// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape is what is looked at
const read = (alert: Alert): any => JSON.parse(ecsLine(alert, { version: '1.2.3' }))
const evidence = (...kinds: Array<[Alert['evidence'][number]['kind'], string]>): Alert['evidence'] =>
  kinds.map(([kind, value], i) => ({
    kind,
    value,
    packet: i + 1,
    file: 'a.pcap',
    time: '2026-11-22T09:00:00.000020Z',
  }))

test('an alert, whole', () => {
  expect(read(makeAlert('a1'))).toEqual({
    '@timestamp': '2026-11-22T09:00:10.000000Z',
    ecs: { version: '9.0.0' },
    message: 'DeepSeek service contacted: The client named chat.deepseek.com in its TLS hello.',
    event: {
      kind: 'alert',
      category: ['intrusion_detection', 'network'],
      type: ['info', 'connection'],
      module: 'seekwatch',
      dataset: 'seekwatch.alert',
      action: 'contact',
      outcome: 'success',
      id: 'a1',
      severity: 4,
      reason: 'The client named chat.deepseek.com in its TLS hello. The server answered.',
      start: '2026-11-22T09:00:00.000000Z',
      end: '2026-11-22T09:00:10.000000Z',
      duration: 10_000_000_000,
    },
    observer: { name: 'sensor-1', type: 'ids', vendor: 'Seekwatch', product: 'Seekwatch', version: '1.2.3' },
    source: {
      address: '192.0.2.10',
      ip: '192.0.2.10',
      port: 51000,
      mac: '00-00-5E-00-53-01',
      bytes: 1200,
      packets: 9,
    },
    destination: {
      address: '198.51.100.7',
      ip: '198.51.100.7',
      port: 443,
      domain: 'chat.deepseek.com',
      bytes: 5400,
      packets: 11,
      geo: { country_iso_code: 'US' },
      as: { number: 64500, organization: { name: 'Example' } },
    },
    network: {
      transport: 'tcp',
      iana_number: '6',
      type: 'ipv4',
      protocol: 'tls',
      community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
      bytes: 6600,
      packets: 20,
    },
    rule: {
      id: 'deepseek-service',
      name: 'DeepSeek service contacted',
      category: 'service',
      ruleset: 'deepseek',
      version: '2026.11.22',
    },
    threat: {
      framework: 'MITRE ATT&CK',
      technique: { id: ['T1567'] },
      enrichments: [
        {
          indicator: {
            type: 'domain-name',
            name: 'deepseek.com',
            description: 'web chat',
            confidence: 'High',
            provider: 'deepseek',
            reference: 'https://chat.deepseek.com/',
            url: { domain: 'deepseek.com' },
          },
          matched: {
            atomic: 'chat.deepseek.com',
            field: 'tls.client.server_name',
            occurred: '2026-11-22T09:00:00.020000Z',
          },
        },
      ],
    },
    tls: { client: { server_name: 'chat.deepseek.com' } },
    related: { ip: ['192.0.2.10', '198.51.100.7'], hosts: ['chat.deepseek.com'] },
    seekwatch: {
      service: 'DeepSeek',
      confidence: 'high',
      state: 'new',
      attempt: false,
      count: 1,
      client_role: 'host',
      indicator: {
        kind: 'domain',
        value: 'deepseek.com',
        role: 'web chat',
        confidence: 'high',
        sources: ['https://chat.deepseek.com/'],
      },
      evidence: [
        {
          kind: 'tls_sni',
          value: 'chat.deepseek.com',
          packet: 4,
          file: 'office.pcap',
          time: '2026-11-22T09:00:00.020000Z',
        },
      ],
      policy: ['nukib-2025-07-10'],
      contact: 'contact-a1',
      run: 'run-1',
      flow_id: '1234567890123',
      lossy: false,
    },
  })
})

describe('what was seen has its field', () => {
  const stories: Array<{ name: string; alert: Partial<Alert>; want: object; without?: string[] }> = [
    {
      name: 'QUIC',
      alert: { protocol: 'UDP', evidence: evidence(['quic_sni', 'q.example']) },
      want: {
        network: { transport: 'udp', iana_number: '17', protocol: 'quic' },
        tls: { client: { server_name: 'q.example' } },
      },
    },
    {
      name: 'a question of DNS that got an answer',
      alert: { evidence: evidence(['dns_question', 'd.example'], ['dns_answer', 'd.example']) },
      want: { dns: { type: 'answer', question: { name: 'd.example' } }, event: { type: ['info', 'protocol'] } },
    },
    {
      name: 'a question of DNS that got none',
      alert: { attempt: true, evidence: evidence(['dns_question', 'd.example']) },
      want: { dns: { type: 'query' }, event: { outcome: 'unknown', action: 'contact-attempt' } },
    },
    {
      name: 'a flow that DNS explains is not DNS',
      alert: { evidence: evidence(['dns_flow', 'd.example'], ['dns_answer', 'd.example']) },
      want: { related: { hosts: ['chat.deepseek.com', 'd.example'] } },
      without: ['dns.type', 'network.protocol'],
    },
    {
      name: 'an HTTP host and what the client says that it is',
      alert: { evidence: evidence(['http_host', 'h.example'], ['user_agent', 'DeepSeek/1.0']) },
      want: {
        network: { protocol: 'http' },
        url: { domain: 'h.example' },
        user_agent: { original: 'DeepSeek/1.0' },
      },
    },
    {
      name: 'names of a certificate',
      alert: { evidence: evidence(['certificate_name', '*.c.example'], ['certificate_name', 'c.example']) },
      want: { tls: { server: { x509: { alternative_names: ['*.c.example', 'c.example'] } } } },
    },
    {
      name: 'JA3',
      alert: { evidence: evidence(['fingerprint', '0123456789abcdef0123456789abcdef']) },
      want: {
        tls: { client: { ja3: '0123456789abcdef0123456789abcdef' } },
        related: { hash: ['0123456789abcdef0123456789abcdef'] },
      },
    },
    {
      name: 'JA4, for which the schema has no field',
      alert: { evidence: evidence(['fingerprint', 't13d1516h2_8daaf6152771_02713d6af862']) },
      want: {
        seekwatch: { ja4: 't13d1516h2_8daaf6152771_02713d6af862' },
        threat: { enrichments: [{ matched: { field: 'seekwatch.ja4' } }] },
      },
      without: ['tls.client.ja3', 'related.hash'],
    },
    {
      name: 'an address of the pack, and a part of a technique',
      alert: {
        attack: ['T1567', 'T1071.001'],
        indicator: { kind: 'network', value: '198.51.100.7/32', role: 'x', confidence: 'medium', sources: [] },
      },
      want: {
        threat: {
          technique: { id: ['T1567', 'T1071'], subtechnique: { id: ['T1071.001'] } },
          enrichments: [{ indicator: { type: 'ipv4-addr', ip: '198.51.100.7', confidence: 'Medium' } }],
        },
      },
    },
    {
      name: 'a range is no address, which an index would refuse',
      alert: { indicator: { kind: 'network', value: '2001:db8::/32', role: 'x', confidence: 'low', sources: [] } },
      want: { threat: { enrichments: [{ indicator: { type: 'ipv6-addr', name: '2001:db8::/32' } }] } },
      without: ['threat.enrichments.indicator.ip'],
    },
    {
      name: 'a proxy that says for whom it asks, inside',
      alert: {
        client: { ip: '10.1.2.3', port: 1, forwarded_for: ['10.9.9.9', '10.9.9.8'] },
        client_role: 'proxy',
        server: { ip: '2001:db8::7', port: 443 },
      },
      want: {
        network: { direction: 'outbound', forwarded_ip: '10.9.9.9' },
        related: { ip: ['10.1.2.3', '2001:db8::7', '10.9.9.9', '10.9.9.8'] },
        seekwatch: { client_role: 'proxy', forwarded_for: ['10.9.9.9', '10.9.9.8'] },
      },
    },
    {
      name: 'an exemption',
      alert: { state: 'exempt', exemption: 'ex-1', use: 'api', use_reason: 'It calls the API.', lossy: true },
      want: {
        seekwatch: { state: 'exempt', exemption: 'ex-1', use: 'api', use_reason: 'It calls the API.', lossy: true },
      },
    },
    {
      name: 'nothing at all',
      alert: { evidence: [], reasons: [], policy: [], attack: [] },
      want: { message: 'DeepSeek service contacted' },
      without: ['threat.framework', 'threat.enrichments.matched.atomic', 'event.reason'],
    },
  ]
  for (const { name, alert, want, without = [] } of stories) {
    test(name, () => {
      const record = read(makeAlert('a', alert))
      expect(record).toMatchObject(want)
      const fields = Array.from(leaves(record), ([field]) => field)
      expect(fields.filter((field) => without.includes(field))).toEqual([])
    })
  }
})

test('every field is one of the schema, of its type and values, or ours', () => {
  let fields = 0
  fc.assert(
    fc.property(hostileAlert, (alert) => {
      for (const [field, value] of leaves(read(alert))) {
        if (field.startsWith('seekwatch.')) continue
        fields++
        const type = ECS_FIELDS[field]
        expect([field, type]).toEqual([field, expect.any(String)])
        expect([field, value, isOf(type!, value)]).toEqual([field, value, true])
        const values = ECS_VALUES[field]
        if (values) expect(values).toContain(value)
      }
    }),
    fuzz(300),
  )
  expect(fields).toBeGreaterThan(10_000)
})

test('a field of ours has one type in every alert, else an index refuses the second', () => {
  const types = new Map<string, string>()
  fc.assert(
    fc.property(hostileAlert, (alert) => {
      for (const [field, value] of leaves(read(alert))) {
        const known = types.get(field) ?? typeof value
        types.set(field, known)
        expect([field, typeof value]).toEqual([field, known])
      }
    }),
    fuzz(300),
  )
})

/** Each value with the dotted name of its field; those of a list have the same. */
function* leaves(value: unknown, name = ''): Generator<[field: string, value: unknown]> {
  if (Array.isArray(value)) for (const one of value) yield* leaves(one, name)
  else if (typeof value !== 'object' || value === null) yield [name, value]
  else for (const [key, one] of Object.entries(value)) yield* leaves(one, name === '' ? key : `${name}.${key}`)
}

function isOf(type: EcsType, value: unknown): boolean {
  if (type === 'long') return Number.isSafeInteger(value)
  if (type === 'boolean') return typeof value === 'boolean'
  if (typeof value !== 'string') return false
  if (type === 'ip') return isIP(value) !== 0
  if (type === 'date') return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value)
  return type === 'match_only_text' || value.length <= 1024
}
