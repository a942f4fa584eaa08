import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cursor } from '../../../src/bytes/cursor.ts'
import { LIMIT_REACHED, MALFORMED_VALUE } from '../../../src/bytes/outcome.ts'
import {
  ALTERNATIVE_NAMES_MAX,
  CERTIFICATE_BYTES_MAX,
  type Certificate,
  readCertificate,
} from '../../../src/protocol/tls/certificate.ts'
import { oidText, readElement } from '../../../src/protocol/tls/der.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'
import { derOf, LEAF, ROOT } from './material.ts'

const read = (input: Uint8Array): Certificate | number => parseTwice(input, readCertificate)

function certificateOf(input: Uint8Array): Certificate {
  const got = read(input)
  if (typeof got === 'number') throw new Error(`the certificate was refused: ${got}`)
  return got
}

const LEAF_DER = derOf(LEAF)

describe('what OpenSSL issued', () => {
  test('a leaf with names of every kind', () => {
    expect(read(LEAF_DER)).toEqual({
      subject: 'C=CZ, O=Příklad, a.s., CN=api.example.org',
      issuer: 'C=CZ, O=Example Trust, CN=Example Root',
      commonName: 'api.example.org',
      serial: '00:F1:E2:D3:C4:B5:A6:97:88',
      notBefore: '2026-11-22T12:55:07',
      notAfter: '2126-10-29T12:55:07', // behind 2049: the other form of time
      fingerprint: new X509Certificate(LEAF).fingerprint.toLowerCase(),
      dnsNames: ['api.example.org', '*.example.org'],
      ipAddresses: ['192.0.2.7', '2001:db8::7'],
      namesLeftOut: 0,
    })
  })

  test.each([
    { name: 'leaf', pem: LEAF },
    { name: 'root', pem: ROOT },
  ])('Node says the same of the $name', ({ pem }) => {
    const theirs = new X509Certificate(pem)
    const ours = certificateOf(derOf(pem))
    expect(`CN=${ours.commonName}`).toBe(theirs.subject.split('\n').at(-1))
    expect(ours.serial.replaceAll(':', '').replace(/^00/, '')).toBe(
      theirs.serialNumber.padStart(2, '0').replace(/^00/, ''),
    )
    expect(`${ours.notBefore}.000Z`).toBe(new Date(theirs.validFrom).toISOString())
    expect(`${ours.notAfter}.000Z`).toBe(new Date(theirs.validTo).toISOString())
    const dns = theirs.subjectAltName?.match(/(?<=DNS:)[^,]+/g) ?? []
    expect(ours.dnsNames).toEqual(dns)
  })
})

/** An element of DER. */
function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body])
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xffff ? 6 : 4, '0'), 'hex')
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body])
}

const text = (value: string, tag = 0x0c): Buffer => der(tag, Buffer.from(value, tag === 0x0c ? 'utf8' : 'latin1'))
const attribute = (oid: string, value: Buffer): Buffer => der(0x30, der(6, hex(oid)), value)
const name = (...attributes: Buffer[]): Buffer => der(0x30, ...attributes.map((one) => der(0x31, one)))
const commonName = (value: string): Buffer => name(attribute('550403', text(value)))
const utc = (value: string): Buffer => der(0x17, Buffer.from(value))
const general = (value: string): Buffer => der(0x18, Buffer.from(value))
const alternativeNames = (...names: Uint8Array[]): Buffer =>
  der(0xa3, der(0x30, der(0x30, der(6, hex('551d11')), der(4, der(0x30, ...names)))))
const dns = (value: string): Buffer => der(0x82, Buffer.from(value, 'latin1'))

interface Parts {
  serial?: Buffer
  subject?: Buffer
  from?: Buffer
  to?: Buffer
  rest?: Buffer
}

function built({ serial = der(2, hex('01')), subject = commonName('a.example'), ...parts }: Parts = {}): Buffer {
  const { from = utc('260101000000Z'), to = general('20990101000000Z'), rest = Buffer.alloc(0) } = parts
  const algorithm = der(0x30, der(6, hex('2a8648ce3d040302')))
  const body = [der(0xa0, der(2, hex('02'))), serial, algorithm, commonName('Root'), der(0x30, from, to), subject]
  return der(0x30, der(0x30, ...body, der(0x30), rest), algorithm, der(3, hex('00')))
}

describe('certificates made field by field', () => {
  const stories: Array<{ name: string; parts: Parts; want: Partial<Certificate> }> = [
    { name: 'nothing special', parts: {}, want: { subject: 'CN=a.example', issuer: 'CN=Root', dnsNames: [] } },
    { name: 'no subject', parts: { subject: name() }, want: { subject: '', commonName: '' } },
    {
      name: 'two common names: the last one is the most specific',
      parts: { subject: name(attribute('550403', text('first')), attribute('550403', text('last'))) },
      want: { subject: 'CN=first, CN=last', commonName: 'last' },
    },
    {
      name: 'two attributes on one level',
      parts: { subject: der(0x30, der(0x31, attribute('55040a', text('O')), attribute('550403', text('x')))) },
      want: { subject: 'O=O + CN=x' },
    },
    {
      name: 'an attribute without a short name',
      parts: { subject: name(attribute('2b0601040182371502', text('x'))) },
      want: { subject: '1.3.6.1.4.1.311.21.2=x' },
    },
    {
      name: 'a wide text, with half a pair in it',
      parts: { subject: name(attribute('550403', der(0x1e, hex('0159 d83d 0041 00')))) },
      want: { commonName: 'ř\ufffdA' },
    },
    {
      name: 'a very wide text, with a character that does not exist',
      parts: { subject: name(attribute('550403', der(0x1c, hex('0001f600 00110000')))) },
      want: { commonName: '\u{1f600}\ufffd' },
    },
    {
      name: 'UTF-8 that is none',
      parts: { subject: name(attribute('550403', der(0x0c, hex('61ff')))) },
      want: { commonName: 'a\ufffd' },
    },
    {
      name: 'old text, one character per byte',
      parts: { subject: name(attribute('550403', der(0x14, hex('e961')))) },
      want: { commonName: '\xe9a' },
    },
    {
      name: 'a zero byte and an escape stay: whoever shows them has to mind',
      parts: { subject: commonName('good.example\0.evil\x1b[2J') },
      want: { commonName: 'good.example\0.evil\x1b[2J' },
    },
    {
      name: 'a long text is cut',
      parts: { subject: commonName('x'.repeat(5000)) },
      want: { commonName: 'x'.repeat(1024) },
    },
    { name: 'a serial number of zero bytes', parts: { serial: der(2) }, want: { serial: '' } },
    {
      name: 'a serial number that goes on and on',
      parts: { serial: der(2, Buffer.alloc(300, 0xab)) },
      want: { serial: Array(64).fill('AB').join(':') },
    },
    { name: 'before 1970', parts: { from: utc('691231000000Z') }, want: { notBefore: '1969-12-31T00:00:00' } },
    {
      name: 'the two ends of the century',
      parts: { from: utc('500101000000Z'), to: utc('491231235959Z') },
      want: { notBefore: '1950-01-01T00:00:00', notAfter: '2049-12-31T23:59:59' },
    },
    { name: 'no seconds, as nobody may write', parts: { from: utc('2601010000Z') }, want: { notBefore: '' } },
    { name: 'another zone', parts: { from: utc('260101000000+0100') }, want: { notBefore: '' } },
    { name: 'the 13th month', parts: { from: utc('261301000000Z') }, want: { notBefore: '' } },
    { name: 'a leap second', parts: { from: utc('260101000060Z') }, want: { notBefore: '' } },
    {
      name: 'a number for a time',
      parts: { from: der(2, hex('01')) },
      want: { notBefore: '', notAfter: '2099-01-01T00:00:00' },
    },
    {
      name: 'names and addresses',
      parts: { rest: alternativeNames(dns('a.example'), der(0x87, hex('c0000207')), dns('b.example')) },
      want: { dnsNames: ['a.example', 'b.example'], ipAddresses: ['192.0.2.7'] },
    },
    {
      name: 'an address of five bytes is none',
      parts: { rest: alternativeNames(der(0x87, hex('c000020701')), dns('b.example')) },
      want: { dnsNames: ['b.example'], ipAddresses: [] },
    },
    {
      name: 'more names than are kept',
      parts: { rest: alternativeNames(...Array.from({ length: 300 }, (_, i) => dns(`n${i}.example`))) },
      want: { namesLeftOut: 300 - ALTERNATIVE_NAMES_MAX },
    },
    {
      name: 'a name that claims more bytes than there are ends the list',
      parts: { rest: alternativeNames(dns('a.example'), hex('8220 61')) },
      want: { dnsNames: ['a.example'] },
    },
    {
      name: 'extensions that are rubbish take nothing away',
      parts: { rest: der(0xa3, hex('30 ff ff')) },
      want: { subject: 'CN=a.example', dnsNames: [] },
    },
    {
      name: 'an unknown part before the extensions',
      parts: { rest: Buffer.concat([der(0x81, hex('00aa')), alternativeNames(dns('a.example'))]) },
      want: { dnsNames: ['a.example'] },
    },
  ]
  test.each(stories)('$name', ({ parts, want }) => expect(certificateOf(built(parts))).toMatchObject(want))

  test('a critical extension', () => {
    const names = der(
      0xa3,
      der(0x30, der(0x30, der(6, hex('551d11')), hex('0101ff'), der(4, der(0x30, dns('a.example'))))),
    )
    expect(certificateOf(built({ rest: names })).dnsNames).toEqual(['a.example'])
  })

  test('the oldest form, without a version', () => {
    const parts = [
      der(2, hex('05')),
      der(0x30),
      commonName('Root'),
      der(0x30, utc('260101000000Z'), utc('270101000000Z')),
    ]
    expect(certificateOf(der(0x30, der(0x30, ...parts, commonName('v1.example'), der(0x30))))).toMatchObject({
      serial: '05',
      commonName: 'v1.example',
    })
  })

  const refused = [
    { name: 'nothing', input: hex(''), want: MALFORMED_VALUE },
    { name: 'text', input: Buffer.from('-----BEGIN CERTIFICATE-----'), want: MALFORMED_VALUE },
    { name: 'an empty sequence', input: hex('3000'), want: MALFORMED_VALUE },
    { name: 'a length not known in advance', input: hex('3080 3080 0000 0000'), want: MALFORMED_VALUE },
    { name: 'a long tag', input: hex('3f8f7f 02 0000'), want: MALFORMED_VALUE },
    { name: 'a length of four bytes', input: hex('3084 00000002 0000'), want: MALFORMED_VALUE },
    { name: 'a subject that is a set', input: built({ subject: der(0x31) }), want: MALFORMED_VALUE },
    {
      name: 'an attribute that is a number',
      input: built({ subject: name(der(2, hex('01'))) }),
      want: MALFORMED_VALUE,
    },
    {
      name: 'an attribute without a value',
      input: built({ subject: name(der(0x30, der(6, hex('550403')))) }),
      want: MALFORMED_VALUE,
    },
    { name: 'a serial number that is text', input: built({ serial: text('1') }), want: MALFORMED_VALUE },
    { name: 'one that is too long', input: Buffer.alloc(CERTIFICATE_BYTES_MAX + 1, 0x30), want: LIMIT_REACHED },
  ]
  test.each(refused)('refused: $name', ({ input, want }) => expect(read(input)).toBe(want))

  test('a subject of a thousand attributes ends after 64', () => {
    const many = name(...Array.from({ length: 1000 }, () => attribute('55040b', text('x'))))
    expect(certificateOf(built({ subject: many })).subject.split(', ')).toHaveLength(64)
  })

  test('every prefix is refused', () => {
    for (let length = 0; length < LEAF_DER.length; length++) {
      expect(read(LEAF_DER.subarray(0, length)), `first ${length} bytes`).toBe(MALFORMED_VALUE)
    }
  })

  test('any damage gives a value, never an exception', () => {
    let accepted = 0
    let refusals = 0
    fc.assert(
      fc.property(fc.nat(LEAF_DER.length - 1), fc.nat(255), fc.nat(255), (at, value, second) => {
        const damaged = Buffer.from(LEAF_DER)
        damaged[at] = value
        if (second < 128) damaged[(at * 7 + second) % damaged.length] = value ^ second
        if (typeof read(damaged) === 'number') refusals++
        else accepted++
      }),
      fuzz(2000),
    )
    expect(accepted).toBeGreaterThan(200)
    expect(refusals).toBeGreaterThan(200)
  })
})

describe('DER', () => {
  const oid = (input: string): string => oidText(new Cursor(hex(input), 0, hex(input).length))
  test.each([
    { input: '550403', want: '2.5.4.3' },
    { input: '2a864886f70d010901', want: '1.2.840.113549.1.9.1' },
    { input: '00', want: '0.0' },
    { input: '27', want: '0.39' },
    { input: '28', want: '1.0' },
    { input: '8837', want: '2.999' },
    { input: '2b', want: '1.3' },
    { input: '2a88', want: '1.2' }, // the last arc is not finished
    { input: '', want: '' },
    { input: `2a${'ff'.repeat(20)}7f`, want: '' },
    { input: `2a${'01'.repeat(100)}`, want: '' },
  ])('object identifier $input', ({ input, want }) => expect(oid(input)).toBe(want))

  test.each([
    { input: '0400', tag: 4, bytes: 0 },
    { input: '0401aa', tag: 4, bytes: 1 },
    { input: '048101aa', tag: 4, bytes: 1 },
    { input: '04820001aa', tag: 4, bytes: 1 },
    { input: '0483000001aa', tag: 4, bytes: 1 },
    { input: '0402aa', tag: 4, bytes: -1 },
    { input: '0480', tag: 4, bytes: -1 },
    { input: '0484', tag: 4, bytes: -1 },
    { input: '1f01aa', tag: 0x1f, bytes: -1 },
    { input: '', tag: 0, bytes: -1 },
  ])('element $input', ({ input, tag, bytes }) => {
    const element = parseTwice(hex(input), (all, start, end) => {
      const { tag, contents } = readElement(new Cursor(all, start, end))
      return { tag, bytes: contents.ok ? contents.left : -1 }
    })
    expect(element).toEqual({ tag, bytes })
  })
})
