/** The message of RFC 5424: its grammar holds whatever names a stranger or a pack chose. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../src/events/alert.ts'
import { alertFormat } from '../../../src/outputs/format/alert-formats.ts'
import { FACILITIES, type SyslogStyle, syslogMessage } from '../../../src/outputs/format/syslog.ts'
import { makeAlert } from '../../support/alerts.ts'

const STYLE: SyslogStyle = { facility: 16, enterprise: 32473, bom: false, bytesMax: 8192 }
const eve = (alert: Alert): string => alertFormat('eve').write(alert, { version: '0.1.0' })
const plain = (alert: Alert): string => alert.title

function text(alert: Alert, write = plain, style = STYLE): string {
  return syslogMessage(alert, write, style).bytes.toString()
}

/** RFC 5424, section 6, as far as we use it. */
const GRAMMAR =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) (\[[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}(?: [a-z]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*\]) (.*)$/su

/** The parts of a message; throws when it is none. */
function parse(message: string): { priority: number; host: string; kind: string; data: string; text: string } {
  const [, priority, , host, , , kind, data, rest] = GRAMMAR.exec(message) ?? []
  if (data === undefined) throw new Error(`no message of RFC 5424: ${JSON.stringify(message)}`)
  return { priority: Number(priority), host: host!, kind: kind!, data, text: rest! }
}

test('a whole message', () => {
  expect(text(makeAlert('a1'))).toBe(
    '<130>1 2026-11-22T09:00:10.000000Z sensor-1 seekwatch - service ' +
      '[seekwatch@32473 id="a1" rule="deepseek-service" category="service" severity="high" confidence="high" ' +
      'attempt="false" client="192.0.2.10" server="198.51.100.7" contact="contact-a1"] DeepSeek service contacted',
  )
})

test.each([
  ['high', 2],
  ['medium', 4],
  ['low', 5],
  ['info', 6],
] as const)('the priority of %s', (severity, number) => {
  const alert = makeAlert('a', { severity })
  expect(parse(text(alert)).priority).toBe(16 * 8 + number)
  expect(parse(text(alert, plain, { ...STYLE, facility: 0 })).priority).toBe(number)
})

test('facilities have the numbers of the RFC', () => {
  expect([FACILITIES.indexOf('authpriv'), FACILITIES.indexOf('local0'), FACILITIES.length]).toEqual([10, 16, 24])
})

test('the enterprise is a setting', () => {
  expect(parse(text(makeAlert('a'), plain, { ...STYLE, enterprise: 9 })).data).toMatch(/^\[seekwatch@9 id="a" /)
})

test('a byte order mark stands before MSG when it is asked for, and counts', () => {
  const alert = makeAlert('a', { title: 'é'.repeat(9000) })
  const { bytes } = syslogMessage(alert, plain, { ...STYLE, bom: true })
  expect(bytes.includes(Buffer.of(0x20, 0xef, 0xbb, 0xbf, 0xc3, 0xa9))).toBe(true)
  expect(bytes.length).toBeLessThanOrEqual(8192)
  expect(bytes.length).toBeGreaterThan(8190)
})

test('the same alert gives the same bytes', () => {
  expect(text(makeAlert('a'), eve)).toBe(text(makeAlert('a'), eve))
})

describe('hostile text', () => {
  test.each([
    ['quotes and brackets in structured data', { rule: 'a"] x\\' }, String.raw`rule="a\"\] x\\"`],
    ['line ends in structured data', { contact: 'a\r\n<0>1 x' }, 'contact="a  <0>1 x"'],
    ['half a surrogate', { rule: 'a\ud800b' }, 'rule="a\ufffdb"'],
    ['a value without end is cut', { rule: 'x'.repeat(9000) }, `rule="${'x'.repeat(128)}"`],
    ['cut between characters', { rule: `${'x'.repeat(127)}éé` }, `rule="${'x'.repeat(127)}"`],
  ])('%s', (_, changes, want) => {
    expect(parse(text(makeAlert('a', changes))).data).toContain(want)
  })

  test.each([
    ['', '-'],
    ['Zweigstelle Žižkov', 'Zweigstelle__i_kov'],
    ['a\nb] "', 'a_b]_"'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ])('the sensor %j', (sensor, host) => expect(parse(text(makeAlert('a', { sensor }))).host).toBe(host))

  test('line ends and controls in MSG become spaces, and letters stay', () => {
    const title = 'a\nb\r\0c\td\u0085e\u2028f\x1b[0mg ž 漢'
    expect(parse(text(makeAlert('a', { title }))).text).toBe('a b  c d e f [0mg ž 漢')
  })

  test('whatever an alert says, the grammar holds and a message is one line within its bound', () => {
    let cut = 0
    const strange = fc.string({ unit: 'binary', maxLength: 300, size: 'max' })
    const property = fc.property(
      strange,
      strange,
      strange,
      fc.integer({ min: 2048, max: 3000 }),
      (a, b, c, bytesMax) => {
        const alert = makeAlert(a, { rule: b, sensor: c, title: `${a}${b}${c}`, contact: c })
        const { bytes, isShortened } = syslogMessage(alert, plain, { ...STYLE, bytesMax })
        if (isShortened) cut++
        expect(bytes.length).toBeLessThanOrEqual(bytesMax)
        expect(bytes.includes(0x0a)).toBe(false)
        parse(bytes.toString())
      },
    )
    fc.assert(property, { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1000), seed: 1 })
    expect(cut).toBeGreaterThan(10)
  })
})

describe('an alert that is too long', () => {
  const evidence = (count: number): Alert['evidence'] =>
    Array.from({ length: count }, (_, i) => ({
      ...{ kind: 'tls_sni' as const, value: `n${i}.deepseek.com`, packet: i, file: 'f.pcap' },
      time: '2026-11-22T09:00:00.000000Z',
    }))

  test('has less evidence, the first of it, and is whole JSON', () => {
    const { bytes, isShortened } = syslogMessage(makeAlert('a', { evidence: evidence(500) }), eve, STYLE)
    const told = JSON.parse(parse(bytes.toString()).text).seekwatch.evidence as Alert['evidence']
    expect([isShortened, bytes.length <= 8192, told.length > 20]).toEqual([true, true, true])
    expect(told).toEqual(evidence(told.length))
  })

  test('that has nothing to leave out is cut in MSG, between two characters, and never in its structured data', () => {
    const { bytes, isShortened } = syslogMessage(makeAlert('a', { title: 'ž'.repeat(4000) }), plain, {
      ...STYLE,
      bytesMax: 2048,
    })
    expect([isShortened, bytes.length >= 2047]).toEqual([true, true])
    const { data, text } = parse(bytes.toString())
    expect(data).toMatch(/ contact="contact-a"\]$/)
    expect(text).toMatch(/^ž+$/)
  })

  test('one that fits is not touched', () => {
    const alert = makeAlert('a', { evidence: evidence(3) })
    const { bytes, isShortened } = syslogMessage(alert, eve, STYLE)
    expect(isShortened).toBe(false)
    expect(parse(bytes.toString()).text).toBe(eve(alert))
  })
})
