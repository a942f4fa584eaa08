import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../src/events/alert.ts'
import { ocsfLine } from '../../../src/outputs/format/ocsf.ts'
import { makeAlert } from '../../support/alerts.ts'
import { hostileAlert } from '../../support/hostile-alerts.ts'
import { fuzz } from '../../support/random.ts'
import { ANY_OBJECT, type Attribute, OBJECTS } from './ocsf-schema.ts'

// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape is what is looked at
const read = (alert: Alert): any => JSON.parse(ocsfLine(alert, { version: '1.2.3' }))
const evidence = (...kinds: Array<[Alert['evidence'][number]['kind'], string]>): Alert['evidence'] =>
  kinds.map(([kind, value], i) => ({
    kind,
    value,
    packet: i + 1,
    file: 'a.pcap',
    time: '2026-11-22T09:00:00.000020Z',
  }))

test('an alert, whole', () => {
  expect(read(makeAlert('a1', { attack: ['T1567', 'T1071.001'] }))).toEqual({
    time: 1795338010000,
    start_time: 1795338000000,
    end_time: 1795338010000,
    class_uid: 2004,
    class_name: 'Detection Finding',
    category_uid: 2,
    category_name: 'Findings',
    activity_id: 1,
    activity_name: 'Create',
    type_uid: 200401,
    type_name: 'Detection Finding: Create',
    severity_id: 4,
    severity: 'High',
    confidence_id: 3,
    confidence: 'High',
    status_id: 1,
    status: 'New',
    is_alert: true,
    count: 1,
    message: 'DeepSeek service contacted: The client named chat.deepseek.com in its TLS hello.',
    metadata: {
      version: '1.5.0',
      product: { name: 'Seekwatch', vendor_name: 'Seekwatch', version: '1.2.3' },
      uid: 'a1',
      correlation_uid: 'contact-a1',
      log_name: 'alerts',
      loggers: [{ name: 'sensor-1' }],
    },
    finding_info: {
      uid: 'a1',
      title: 'DeepSeek service contacted',
      desc: 'The client named chat.deepseek.com in its TLS hello. The server answered.',
      types: ['service'],
      first_seen_time: 1795338000000,
      last_seen_time: 1795338010000,
      data_sources: ['office.pcap'],
      analytic: {
        uid: 'deepseek-service',
        name: 'DeepSeek service contacted',
        type_id: 1,
        type: 'Rule',
        category: 'service',
        version: '2026.11.22',
      },
      attacks: [{ technique: { uid: 'T1567' } }, { technique: { uid: 'T1071' }, sub_technique: { uid: 'T1071.001' } }],
    },
    resources: [{ uid: '192.0.2.10', name: '192.0.2.10', type: 'host' }],
    evidences: [
      {
        src_endpoint: { ip: '192.0.2.10', port: 51000, mac: '00:00:5e:00:53:01' },
        dst_endpoint: {
          ip: '198.51.100.7',
          port: 443,
          hostname: 'chat.deepseek.com',
          location: { country: 'US' },
          autonomous_system: { number: 64500, name: 'Example' },
        },
        connection_info: {
          uid: '1234567890123',
          community_uid: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
          direction_id: 0,
          direction: 'Unknown',
          protocol_num: 6,
          protocol_name: 'tcp',
          protocol_ver_id: 4,
          protocol_ver: 'Internet Protocol version 4 (IPv4)',
        },
        data: {
          kind: 'tls_sni',
          value: 'chat.deepseek.com',
          packet: 4,
          file: 'office.pcap',
          time: '2026-11-22T09:00:00.020000Z',
        },
      },
    ],
    observables: [
      { name: 'evidences[0].src_endpoint.ip', type_id: 2, type: 'IP Address', value: '192.0.2.10' },
      { name: 'evidences[0].dst_endpoint.ip', type_id: 2, type: 'IP Address', value: '198.51.100.7' },
      { name: 'evidences[0].dst_endpoint.hostname', type_id: 1, type: 'Hostname', value: 'chat.deepseek.com' },
    ],
    unmapped: {
      service: 'DeepSeek',
      state: 'new',
      attempt: false,
      client_role: 'host',
      application: 'tls',
      traffic: { bytes: 6600, bytes_out: 1200, bytes_in: 5400, packets: 20, packets_out: 9, packets_in: 11 },
      indicator: {
        kind: 'domain',
        value: 'deepseek.com',
        role: 'web chat',
        confidence: 'high',
        sources: ['https://chat.deepseek.com/'],
      },
      policy: ['nukib-2025-07-10'],
      pack: 'deepseek',
      run: 'run-1',
      lossy: false,
    },
  })
})

describe('what was seen has its attribute', () => {
  const stories: Array<{ name: string; alert: Partial<Alert>; want: object }> = [
    {
      name: 'a question of DNS, and a name that is in no end',
      alert: {
        evidence: evidence(['dns_question', 'd.example'], ['dns_answer', 'e.example']),
        server: { ip: '192.0.2.53', port: 53 },
        protocol: 'UDP',
      },
      want: {
        evidences: [
          {
            query: { hostname: 'd.example' },
            connection_info: { protocol_num: 17, protocol_name: 'udp' },
            data: { kind: 'dns_question' },
          },
          { data: { kind: 'dns_answer', value: 'e.example' } },
        ],
        observables: [
          {},
          {},
          { name: 'evidences[0].data.value', value: 'd.example' },
          { name: 'evidences[1].data.value', value: 'e.example' },
        ],
      },
    },
    {
      name: 'fingerprints and a user agent',
      alert: {
        evidence: evidence(
          ['user_agent', 'DeepSeek/1.0'],
          ['fingerprint', 't13d1516h2_8daaf6152771_02713d6af862'],
          ['fingerprint', '0123456789abcdef0123456789abcdef'],
        ),
      },
      want: {
        evidences: [
          {
            http_request: { user_agent: 'DeepSeek/1.0' },
            ja4_fingerprint_list: [{ type_id: 1, type: 'JA4', value: 't13d1516h2_8daaf6152771_02713d6af862' }],
          },
          {},
          {},
        ],
        unmapped: { ja3: '0123456789abcdef0123456789abcdef' },
      },
    },
    {
      name: 'IPv6, from inside to outside, by a proxy',
      alert: {
        client: { ip: 'fd00::5', port: 1, name: 'proxy-1', forwarded_for: ['10.9.9.9'] },
        client_role: 'proxy',
        server: { ip: '2001:db8::7', port: 443 },
      },
      want: {
        resources: [{ uid: 'fd00::5', name: 'proxy-1', type: 'proxy' }],
        evidences: [
          {
            src_endpoint: { hostname: 'proxy-1', intermediate_ips: ['10.9.9.9'] },
            connection_info: { direction_id: 2, direction: 'Outbound', protocol_ver_id: 6 },
          },
        ],
      },
    },
    {
      name: 'from inside to inside',
      alert: { client: { ip: '10.1.2.3', port: 1 }, server: { ip: '10.0.0.53', port: 53 } },
      want: { evidences: [{ connection_info: { direction_id: 3, direction: 'Lateral' } }] },
    },
    {
      name: 'an exemption is suppressed, and no alert',
      alert: { state: 'exempt', exemption: 'ex-1' },
      want: { activity_id: 1, status_id: 3, is_alert: false, unmapped: { state: 'exempt', exemption: 'ex-1' } },
    },
    {
      name: 'somebody looks at it',
      alert: { state: 'escalated' },
      want: { activity_id: 2, type_uid: 200402, status_id: 2, is_alert: true, unmapped: { state: 'escalated' } },
    },
    {
      name: 'it is closed',
      alert: { state: 'closed' },
      want: { activity_id: 3, type_uid: 200403, status_id: 4, is_alert: false },
    },
    {
      name: 'a severity that says little',
      alert: { severity: 'info', confidence: 'low' },
      want: { severity_id: 1, severity: 'Informational', confidence_id: 1, confidence: 'Low' },
    },
  ]
  for (const { name, alert, want } of stories) test(name, () => expect(read(makeAlert('a', alert))).toMatchObject(want))
})

test('every attribute is one of the class, of its type and values; the required are there', () => {
  let checked = 0
  fc.assert(
    fc.property(hostileAlert, (alert) => {
      const faults = faultsOf(read(alert), 'detection_finding', '')
      expect(faults).toEqual([])
      checked++
    }),
    fuzz(300),
  )
  expect(checked).toBeGreaterThanOrEqual(300)
})

test('the check itself finds what is wrong', () => {
  const wrong = read(makeAlert('a'))
  wrong.severity_id = 9
  wrong.color = 'red'
  delete wrong.finding_info.uid
  wrong.evidences[0].src_endpoint.ip = 'office'
  wrong.evidences.push({})
  expect(faultsOf(wrong, 'detection_finding', '')).toEqual([
    '.severity_id: 9',
    '.finding_info: needs uid',
    '.evidences.src_endpoint.ip: "office"',
    '.evidences: needs one of connection_info, data, dst_endpoint, query, src_endpoint',
    '.color: unknown',
  ])
})

/** What of a value is not as the schema wants it. */
function faultsOf(value: Record<string, unknown>, name: string, path: string): string[] {
  if (name === ANY_OBJECT) return []
  const { attributes, atLeastOne } = OBJECTS[name]!
  const faults = Object.entries(value).flatMap(([key, one]) => {
    const attribute = attributes[key]
    const at = `${path}.${key}`
    if (attribute === undefined) return [`${at}: unknown`]
    if (!attribute.isArray) return faultsOfOne(one, attribute, at)
    return Array.isArray(one) ? one.flatMap((each) => faultsOfOne(each, attribute, at)) : [`${at}: no array`]
  })
  const missing = Object.keys(attributes).filter((key) => attributes[key]!.isRequired && !(key in value))
  faults.push(...missing.map((key) => `${path}: needs ${key}`))
  if (atLeastOne && !atLeastOne.some((key) => key in value))
    faults.push(`${path}: needs one of ${atLeastOne.join(', ')}`)
  return faults
}

function faultsOfOne(value: unknown, { type, values }: Attribute, at: string): string[] {
  const isRight = (is: boolean): string[] => (is ? [] : [`${at}: ${JSON.stringify(value)}`])
  switch (type) {
    case 'boolean_t':
      return isRight(typeof value === 'boolean')
    case 'integer_t':
    case 'long_t':
    case 'timestamp_t':
      return isRight(Number.isSafeInteger(value) && (!values || values.includes(value as number)))
    case 'port_t':
      return isRight(Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535)
    case 'ip_t':
      return isRight(typeof value === 'string' && isIP(value) !== 0)
    case 'mac_t':
      return isRight(typeof value === 'string' && /^([0-9A-Fa-f]{2}[:-]){5}([0-9A-Fa-f]{2})$/.test(value))
    case 'hostname_t':
    case 'string_t':
      return isRight(typeof value === 'string')
    case 'json_t':
      return []
    default:
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? faultsOf(value as Record<string, unknown>, type, at)
        : [`${at}: no object`]
  }
}
