/**
 * Whatever strangers send, a line is one line that a reader of its format takes
 * apart as it was meant: the fields are those of the alert, no more and no
 * others. The readers here are the tests' own.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printable, readable } from '../../../src/bytes/text.ts'
import type { Alert } from '../../../src/events/alert.ts'
import { alertFormat } from '../../../src/outputs/format/alert-formats.ts'
import { LINE_BYTES_MAX } from '../../../src/outputs/format/line-room.ts'
import { makeAlert } from '../../support/alerts.ts'
import { hostileAlert } from '../../support/hostile-alerts.ts'
import { fuzz } from '../../support/random.ts'
import { readCef, readLeef, type TextLine } from './text-lines.ts'

const PRODUCT = { version: '1.2.3' }
const write = (name: Parameters<typeof alertFormat>[0], alert: Alert) => alertFormat(name).write(alert, PRODUCT)

/** Was `text` said, whole or cut? */
function expectSaid(said: string | undefined, text: string): void {
  if (said?.endsWith('…') && said !== text) expect(text.trimStart().startsWith(said.slice(0, -1))).toBe(true)
  else expect(said ?? '').toBe(text.trim())
}

/** The keys of a line, but for those of these names. */
function keysOf({ fields }: TextLine, ...without: RegExp[]): string[] {
  return [...fields.keys()].filter((key) => !without.some((one) => one.test(key)))
}

test('cef: a reader finds the fields of the alert and no others', () => {
  const plain = keysOf(readCef(write('cef', fullAlert())))
  let tight = 0
  fc.assert(
    fc.property(hostileAlert, (alert) => {
      const line = write('cef', alert)
      expectOneLine(line)
      const { head, fields } = readCef(line)
      expect(head.slice(0, 5)).toEqual(['CEF:0', 'Seekwatch', 'Seekwatch', '1.2.3', 'deepseek-service'])
      expectSaid(head[5]!.trim(), readable(alert.title))
      expect(head[6]).toMatch(/^[1358]$/)
      expect([...fields.keys()][0]).toBe('rt')
      expect(keysOf({ head, fields }, /^c6a[23]/).filter((key) => !plain.includes(key))).toEqual([])
      expectSaid(fields.get('dhost'), printable(alert.server.name ?? ''))
      expectSaid(fields.get('shost'), printable(alert.client.name ?? ''))
      expectSaid(fields.get('msg'), readable(alert.reasons.join(' ')))
      expectSaid(fields.get('filePath'), readable(alert.evidence[0]?.file ?? ''))
      expect(fields.get('src') ?? fields.get('c6a2')).toBe(alert.client.ip)
      expect(fields.get('dst') ?? fields.get('c6a3')).toBe(alert.server.ip)
      expect([fields.get('in'), fields.get('out')]).toEqual([String(alert.bytes_out), String(alert.bytes_in)])
      expect([fields.get('externalId'), fields.get('SeekwatchContact')]).toEqual(['5f2a', 'c0ffee'])
      for (const [key, value] of fields) if (key !== 'dvchost') expect([key, value]).toEqual([key, value.trim()])
      if (Buffer.byteLength(line) > LINE_BYTES_MAX / 2) tight++
    }),
    fuzz(500),
  )
  expect(tight, 'long lines were among them').toBeGreaterThan(10)
})

test('leef: a reader finds the attributes of the alert and no others', () => {
  const plain = keysOf(readLeef(write('leef', fullAlert())))
  fc.assert(
    fc.property(hostileAlert, (alert) => {
      const line = write('leef', alert)
      expectOneLine(line)
      const { head, fields } = readLeef(line)
      expect(line.split('|')).toHaveLength(7)
      expect(head).toEqual(['LEEF:2.0', 'Seekwatch', 'Seekwatch', '1.2.3', 'deepseek-service', '^'])
      expect(keysOf({ head, fields }).filter((key) => !plain.includes(key))).toEqual([])
      const separated = (text: string) => text.replaceAll('^', '\\x5e').replaceAll('|', '\\x7c')
      const said = (key: string) => fields.get(key)
      expectSaid(said('dstName'), separated(printable(alert.server.name ?? '')))
      expectSaid(said('identHostName'), separated(printable(alert.client.name ?? '')))
      expectSaid(said('title'), separated(readable(alert.title)))
      expectSaid(said('reasons'), separated(readable(alert.reasons.join(' '))))
      expect([said('src'), said('dst')]).toEqual([alert.client.ip, alert.server.ip])
      expect([said('srcBytes'), said('dstBytes')]).toEqual([String(alert.bytes_out), String(alert.bytes_in)])
      expect([said('alertId'), said('contact')]).toEqual(['5f2a', 'c0ffee'])
    }),
    fuzz(500),
  )
})

describe.each(['ecs', 'ocsf'] as const)('%s', (name) => {
  test('a reader finds the texts as they were sent', () => {
    let tight = 0
    fc.assert(
      fc.property(hostileAlert, (alert) => {
        const line = write(name, alert)
        expectOneLine(line)
        expect(line).toMatch(/^[\x20-\x7e]+$/)
        // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape is what is looked at
        const record: any = JSON.parse(line)
        expect(JSON.stringify(record)).not.toMatch(/\\ud[89a-f]/) // JSON.stringify escapes nothing else above ASCII
        const whole = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd')
        const [title, host, agent] =
          name === 'ecs'
            ? [record.rule.name, record.destination.domain, record.user_agent?.original]
            : [
                record.finding_info.title,
                record.evidences[0].dst_endpoint.hostname,
                record.evidences[0].http_request?.user_agent,
              ]
        expectExact(title, whole(alert.title))
        expectExact(host ?? '', whole(alert.server.name ?? ''))
        expectExact(agent ?? '', whole(alert.evidence.find(({ kind }) => kind === 'user_agent')?.value ?? ''))
        if (line.includes('"shortened":true')) tight++
      }),
      fuzz(500),
    )
    expect(tight, 'lines that do not fit were among them').toBeGreaterThan(10)
  })

  function expectExact(said: string, text: string): void {
    if (said === text) return
    expect(said.endsWith('…')).toBe(true)
    expect(text.startsWith(said.slice(0, -1))).toBe(true)
  }
})

test.each(['ecs', 'ocsf', 'cef', 'leef'] as const)('%s: the worst that can be sent fits', (name) => {
  const worst = '\u202e'.repeat(16_000)
  const ends = {
    port: 65_535,
    name: worst,
    country: 'CN',
    asn: 4_294_967_295,
    as_name: worst,
    mac: '00:00:5e:00:53:01',
  }
  const alert = makeAlert('f'.repeat(24), {
    title: worst,
    service: worst,
    sensor: 'č'.repeat(253),
    rule: 'r'.repeat(64),
    pack: 'p'.repeat(64),
    evidence: Array.from({ length: 16 }, (_, i) => ({
      kind: (['user_agent', 'dns_question', 'certificate_name', 'tls_sni', 'http_host', 'fingerprint'] as const)[
        i % 6
      ]!,
      value: worst,
      packet: 2 ** 48,
      file: worst,
      time: '2026-11-22T09:00:00.000000Z',
    })),
    indicator: { kind: 'domain', value: worst, role: worst, confidence: 'high', sources: [worst, worst] },
    reasons: Array.from({ length: 20 }, () => worst),
    use: 'file_transfer',
    use_reason: worst,
    client: {
      ip: '2001:db8:1111:2222:3333:4444:5555:6666',
      ...ends,
      forwarded_for: Array(4).fill('2001:db8:1111:2222:3333:4444:5555:7777'),
    },
    server: { ip: '2001:db8:1111:2222:3333:4444:5555:8888', ...ends },
    policy: Array.from({ length: 64 }, () => 'p'.repeat(64)),
    attack: Array.from({ length: 64 }, () => 'T1071.001'),
    bytes_out: 2 ** 52,
    bytes_in: 2 ** 52,
    lossy: true,
  })
  const line = write(name, alert)
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LINE_BYTES_MAX)
  expect(line).toContain('f'.repeat(24))
})

/** An alert with every field that a text line may have. */
function fullAlert(): Alert {
  const end = { port: 1, mac: '00:00:5e:00:53:01', name: 'n', country: 'CN', asn: 1, as_name: 'x' }
  const seen = (kind: Alert['evidence'][number]['kind'], value: string) => ({
    kind,
    value,
    packet: 1,
    file: 'f',
    time: '',
  })
  return makeAlert('a', {
    client: { ip: '10.1.2.3', ...end, forwarded_for: ['192.0.2.9'] },
    server: { ip: '192.0.2.1', ...end },
    evidence: [
      seen('dns_question', 'q'),
      seen('tls_sni', 's'),
      seen('http_host', 'h'),
      seen('user_agent', 'u'),
      seen('fingerprint', '0'.repeat(32)),
      seen('fingerprint', 't13d'),
    ],
    use: 'chat',
    use_reason: 'r',
    exemption: 'ex-1',
    lossy: true,
  })
}

function expectOneLine(line: string): void {
  expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LINE_BYTES_MAX)
}
