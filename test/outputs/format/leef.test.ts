import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../src/events/alert.ts'
import { leefLine } from '../../../src/outputs/format/leef.ts'
import { makeAlert } from '../../support/alerts.ts'
import { readLeef } from './text-lines.ts'

const PRODUCT = { version: '1.2.3' }
const line = (changes: Partial<Alert> = {}) => leefLine(makeAlert('a1', changes), PRODUCT)
const fields = (changes: Partial<Alert> = {}) => Object.fromEntries(readLeef(line(changes)).fields)

test('an alert, whole', () => {
  expect(line()).toBe(
    `LEEF:2.0|Seekwatch|Seekwatch|1.2.3|deepseek-service|^|${[
      'devTime=2026-11-22T09:00:10.000Z',
      "devTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
      'cat=service',
      'sev=8',
      'src=192.0.2.10',
      'dst=198.51.100.7',
      'srcPort=51000',
      'dstPort=443',
      'proto=TCP',
      'srcMAC=00:00:5e:00:53:01',
      'srcBytes=1200',
      'dstBytes=5400',
      'srcPackets=9',
      'dstPackets=11',
      'totalPackets=20',
      'policy=nukib-2025-07-10',
      'title=DeepSeek service contacted',
      'alertId=a1',
      'severity=high',
      'confidence=high',
      'state=new',
      'attempt=false',
      'count=1',
      'reasons=The client named chat.deepseek.com in its TLS hello. The server answered.',
      'service=DeepSeek',
      'firstSeen=2026-11-22T09:00:00.000Z',
      'lastSeen=2026-11-22T09:00:10.000Z',
      'application=tls',
      'direction=unknown',
      'clientRole=host',
      'dstName=chat.deepseek.com',
      'dstCountry=US',
      'dstAS=AS64500 Example',
      'serverName=chat.deepseek.com',
      'communityId=1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
      'indicator=domain deepseek.com',
      'indicatorRole=web chat',
      'indicatorConfidence=high',
      'attack=T1567',
      'evidence=tls_sni chat.deepseek.com (packet 4 of office.pcap)',
      'file=office.pcap',
      'packet=4',
      'pack=deepseek 2026.11.22',
      'contact=contact-a1',
      'run=run-1',
      'sensor=sensor-1',
      'lossy=false',
    ].join('^')}`,
  )
})

describe('what strangers send', () => {
  const stories: Array<{ name: string; sent: string; want: string }> = [
    { name: 'the next attribute', sent: 'a^src=203.0.113.66', want: 'a\\x5esrc=203.0.113.66' },
    { name: 'a pipe', sent: 'a|b', want: 'a\\x7cb' },
    { name: 'a tab, which separates in version 1', sent: 'a\tsrc=1', want: 'a\\x09src=1' },
    { name: 'an equals sign', sent: 'a=b=c', want: 'a=b=c' },
    { name: 'a written escape', sent: 'a\\x5eb', want: 'a\\x5cx5eb' },
    { name: 'the end of a line', sent: 'a\r\nLEEF:2.0|', want: 'a\\x0d\\x0aLEEF:2.0\\x7c' },
    { name: 'a sequence for terminals', sent: '\x1b[2J\x9b', want: '\\x1b[2J\\x9b' },
    { name: 'another direction and separators', sent: '\u202ea\u2028', want: '\\u{202e}a\\u{2028}' },
    { name: 'half of a pair', sent: '\udfff', want: '\\u{dfff}' },
    { name: 'too much', sent: 'a'.repeat(5000), want: `${'a'.repeat(1022)}…` },
  ]
  for (const { name, sent, want } of stories) {
    test(name, () => {
      expect(fields({ server: { ip: '198.51.100.7', port: 443, name: sent } })['dstName']).toBe(want)
    })
  }
})

test('what was seen has its attribute; IPv6 goes where IPv4 does', () => {
  const seen = (kind: Alert['evidence'][number]['kind'], value: string) => ({
    kind,
    value,
    packet: 7,
    file: 'eth1',
    time: '',
  })
  expect(
    fields({
      client: { ip: 'fd00::5', port: 1, name: 'lab-7', forwarded_for: ['10.9.9.9', '10.9.9.8'] },
      client_role: 'proxy',
      server: { ip: '2001:db8::7', port: 80 },
      evidence: [
        seen('http_host', 'h.example'),
        seen('user_agent', 'DeepSeek/1.0'),
        seen('fingerprint', '0123456789abcdef0123456789abcdef'),
        seen('fingerprint', 't13d1516h2_8daaf6152771_02713d6af862'),
      ],
      state: 'exempt',
      exemption: 'ex-1',
      severity: 'info',
      use: 'api',
    }),
  ).toMatchObject({
    src: 'fd00::5',
    dst: '2001:db8::7',
    identHostName: 'lab-7',
    forwardedFor: '10.9.9.9 10.9.9.8',
    clientRole: 'proxy',
    direction: 'outbound',
    application: 'http',
    httpHost: 'h.example',
    userAgent: 'DeepSeek/1.0',
    ja3: '0123456789abcdef0123456789abcdef',
    ja4: 't13d1516h2_8daaf6152771_02713d6af862',
    state: 'exempt',
    exemption: 'ex-1',
    sev: '1',
    use: 'api',
    file: 'eth1',
    packet: '7',
  })
})

test('microseconds end at milliseconds, as the format of the time says', () => {
  expect(fields({ last_seen: '2026-11-22T09:00:10.123999Z' })['devTime']).toBe('2026-11-22T09:00:10.123Z')
})
