import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../src/events/alert.ts'
import { cefLine } from '../../../src/outputs/format/cef.ts'
import { makeAlert } from '../../support/alerts.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { hostileAlert } from '../../support/hostile-alerts.ts'
import { isInstalled } from '../../support/setup.ts'
import { readCef } from './text-lines.ts'

const PRODUCT = { version: '1.2.3' }
const line = (changes: Partial<Alert> = {}) => cefLine(makeAlert('a1', changes), PRODUCT)
const named = (name: string, changes: Partial<Alert> = {}) =>
  makeAlert('a1', { server: { ip: '198.51.100.7', port: 443, name }, ...changes })

test('an alert, whole', () => {
  expect(line({ use: 'chat', use_reason: 'It looks like a chat.' })).toBe(
    [
      'CEF:0|Seekwatch|Seekwatch|1.2.3|deepseek-service|DeepSeek service contacted|8|rt=1795338010000',
      'start=1795338000000 end=1795338010000 externalId=a1 cat=service act=alert outcome=success cnt=1',
      'msg=The client named chat.deepseek.com in its TLS hello. The server answered.',
      'src=192.0.2.10 spt=51000 smac=00:00:5e:00:53:01 dst=198.51.100.7 dpt=443 dhost=chat.deepseek.com',
      'destinationServiceName=DeepSeek proto=TCP app=tls in=1200 out=5400 dvchost=sensor-1 deviceExternalId=sensor-1',
      'filePath=office.pcap cs1=high cs1Label=Confidence',
      'cs2=tls_sni chat.deepseek.com (packet 4 of office.pcap) cs2Label=Evidence',
      'cs3=1:LQU9qZlK+B5F3KDmev6m5PMibrg\\= cs3Label=Community ID cs4=domain deepseek.com cs4Label=Indicator',
      'cs5=nukib-2025-07-10 cs5Label=Policies cs6=T1567 cs6Label=MITRE ATT&CK',
      'cn1=9 cn1Label=Packets Source To Destination cn2=11 cn2Label=Packets Destination To Source',
      'cn3=4 cn3Label=Packet Number In File flexString1=host flexString1Label=Client Role',
      'flexString2=AS64500 Example flexString2Label=Server AS SeekwatchState=new',
      'SeekwatchServerName=chat.deepseek.com SeekwatchServerCountry=US SeekwatchIndicatorRole=web chat',
      'SeekwatchIndicatorConfidence=high SeekwatchUse=chat SeekwatchUseReason=It looks like a chat.',
      'SeekwatchPack=deepseek 2026.11.22 SeekwatchContact=contact-a1 SeekwatchRun=run-1',
    ].join(' '),
  )
})

describe('what strangers send', () => {
  const stories: Array<{ name: string; sent: string; want: string }> = [
    { name: 'the next field', sent: 'a src=203.0.113.66', want: 'dhost=a src\\=203.0.113.66 ' },
    { name: 'an escaped sign', sent: 'a\\=b', want: 'dhost=a\\\\x5c\\=b ' },
    { name: 'a backslash at the end', sent: 'a\\', want: 'dhost=a\\\\x5c ' },
    { name: 'the end of a line', sent: 'a\r\nCEF:0|x', want: 'dhost=a\\\\x0d\\\\x0aCEF:0|x ' },
    { name: 'a written line end', sent: 'a\\nb', want: 'dhost=a\\\\x5cnb ' },
    { name: 'a sequence for terminals', sent: '\x1b[2J', want: 'dhost=\\\\x1b[2J ' },
    { name: 'a sequence of one byte', sent: '\x9b2J', want: 'dhost=\\\\x9b2J ' },
    { name: 'line and paragraph separators', sent: 'a\u2028b\u2029c', want: 'dhost=a\\\\u{2028}b\\\\u{2029}c ' },
    { name: 'another direction', sent: '\u202egpj.exe', want: 'dhost=\\\\u{202e}gpj.exe ' },
    { name: 'half of a pair', sent: 'a\ud800', want: 'dhost=a\\\\u{d800} ' },
    { name: 'a name that looks like another', sent: 'dееpseek.com', want: 'dhost=d\\\\u{435}\\\\u{435}pseek.com ' },
    { name: 'spaces around', sent: '  a  ', want: 'dhost=a ' },
    { name: 'nothing but spaces', sent: '   ', want: 'dpt=443 destinationServiceName=' },
    { name: 'pipes, which end nothing here', sent: 'a|b', want: 'dhost=a|b ' },
    { name: 'too much', sent: 'a'.repeat(5000), want: `dhost=${'a'.repeat(1022)}… ` },
  ]
  for (const { name, sent, want } of stories)
    test(name, () => expect(cefLine(named(sent), PRODUCT)).toContain(` ${want}`))
})

describe('what our own people write', () => {
  test('keeps its letters, and its marks are escaped in the head', () => {
    const alert = makeAlert('a1', { title: 'Služba \\ DeepSeek | kontakt = ano\u202e' })
    expect(cefLine(alert, PRODUCT)).toContain('|Služba \\\\ DeepSeek \\| kontakt = ano\\\\u{202e}|8|rt=')
    expect(readCef(cefLine(alert, PRODUCT)).head[5]).toBe('Služba \\ DeepSeek | kontakt = ano\\u{202e}')
  })

  test('is cut where the dictionary has less room', () => {
    const alert = named('d.example', {
      title: 't'.repeat(600),
      sensor: 's'.repeat(120),
      evidence: [{ kind: 'dns_question', value: 'q'.repeat(400), packet: 1, file: 'a.pcap', time: '' }],
    })
    const { head, fields } = readCef(cefLine(alert, PRODUCT))
    expect(head[5]).toBe(`${'t'.repeat(511)}…`)
    expect(fields.get('dvchost')).toBe(`${'s'.repeat(99)}…`)
    expect(fields.get('deviceExternalId')).toBe('s'.repeat(120))
    expect(fields.get('destinationDnsDomain')).toBe(`${'q'.repeat(254)}…`)
    expect(fields.get('cs2')).toBe(`dns_question ${'q'.repeat(254)}… (packet 1 of a.pcap)`)
  })
})

test('IPv6 has the keys that version 0 has for it', () => {
  const { fields } = readCef(line({ client: { ip: '2001:db8::1', port: 1 }, server: { ip: '2001:db8::7', port: 443 } }))
  expect([fields.get('src'), fields.get('dst')]).toEqual([undefined, undefined])
  expect([fields.get('c6a2'), fields.get('c6a2Label')]).toEqual(['2001:db8::1', 'Source IPv6 Address'])
  expect([fields.get('c6a3'), fields.get('c6a3Label')]).toEqual(['2001:db8::7', 'Destination IPv6 Address'])
})

test('severities, an attempt from inside to outside, an exemption', () => {
  const severity = (of: Alert['severity']) => readCef(line({ severity: of })).head[6]
  expect((['info', 'low', 'medium', 'high'] as const).map(severity)).toEqual(['1', '3', '5', '8'])
  const { fields } = readCef(
    line({ client: { ip: '10.1.2.3', port: 1 }, attempt: true, state: 'exempt', exemption: 'ex-1', lossy: true }),
  )
  expect(Object.fromEntries(fields)).toMatchObject({
    deviceDirection: '1',
    outcome: 'attempt',
    SeekwatchState: 'exempt',
    SeekwatchExemption: 'ex-1',
    SeekwatchLossy: 'true',
  })
})

test('a label never stands without its value', () => {
  const { fields } = readCef(line({ policy: [], attack: [], evidence: [], server: { ip: '198.51.100.7', port: 443 } }))
  const labels = [...fields.keys()].filter((key) => key.endsWith('Label'))
  expect(labels).toContain('cs1Label')
  expect(labels).not.toContain('cs5Label')
  expect(labels.filter((label) => !fields.has(label.slice(0, -'Label'.length)))).toEqual([])
})

test.skipIf(!isInstalled('lognormalizer'))('liblognorm, which rsyslog reads CEF with, finds the same', () => {
  const lines = fc.sample(hostileAlert, { numRuns: 300, seed: 3 }).map((alert) => cefLine(alert, PRODUCT))
  const rules = join(temporaryFolder(), 'cef.rulebase')
  writeFileSync(rules, 'version=2\nrule=:%cef:cef%\n')
  const { stdout } = spawnSync('lognormalizer', ['-r', rules, '-e', 'json'], {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  const read = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
  expect(read).toHaveLength(lines.length)
  for (const [i, { cef }] of read.entries()) {
    const { head, fields } = readCef(lines[i]!)
    const { DeviceVendor, DeviceProduct, DeviceVersion, SignatureID, Name, Severity, Extensions } = cef
    expect(['CEF:0', DeviceVendor, DeviceProduct, DeviceVersion, SignatureID, Name, Severity]).toEqual(head)
    const { t, ...others } = Extensions // it takes the first letter of the first key for a space
    expect({ rt: t, ...others }).toEqual(Object.fromEntries(fields))
  }
})
