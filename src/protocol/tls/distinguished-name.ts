/**
 * Names of persons and machines in certificates (X.501), RFC 5280 section
 * 4.1.2.4, as one line of text in the form that Suricata writes:
 *
 *   C=US, O=Example Trust, CN=www.example.com
 *
 * in the order of the certificate, ` + ` between parts of one level. Nothing
 * is escaped, as there, so a value can pretend to be two. The line is for
 * people; what is compared with rules is `commonName` and the alternative names.
 */

import type { Cursor } from '../../bytes/cursor.ts'
import {
  BMP_STRING,
  OBJECT_IDENTIFIER,
  oidText,
  readElement,
  readTagged,
  SEQUENCE,
  SET,
  UNIVERSAL_STRING,
  UTF8_STRING,
} from './der.ts'

const PARTS_MAX = 64
const VALUE_BYTES_MAX = 1024
const COMMON_NAME = '2.5.4.3'

/** Object identifier -> how it is written. RFC 4519, RFC 2985, and the jurisdiction of CA/Browser Forum certificates. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  [COMMON_NAME]: 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.41': 'name',
  '2.5.4.42': 'givenName',
  '2.5.4.43': 'initials',
  '2.5.4.44': 'generationQualifier',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.65': 'pseudonym',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
  '1.2.840.113549.1.9.2': 'unstructuredName',
  '1.3.6.1.4.1.311.60.2.1.1': 'jurisdictionL',
  '1.3.6.1.4.1.311.60.2.1.2': 'jurisdictionST',
  '1.3.6.1.4.1.311.60.2.1.3': 'jurisdictionC',
}

export interface DistinguishedName {
  text: string
  /** The last common name, which is the most specific one; empty when there is none. */
  commonName: string
}

/** Reads the contents of a Name; undefined when it is broken. Parts behind the sixty-fourth are left out. */
export function readDistinguishedName(name: Cursor): DistinguishedName | undefined {
  const levels: string[] = []
  let commonName = ''
  for (let parts = 0; parts < PARTS_MAX && !name.isEmpty; ) {
    const level = readTagged(name, SET)
    const texts: string[] = []
    for (; parts < PARTS_MAX && !level.isEmpty; parts++) {
      const attribute = readTagged(level, SEQUENCE)
      const type = oidText(readTagged(attribute, OBJECT_IDENTIFIER))
      const { tag, contents } = readElement(attribute)
      if (!attribute.ok || type === '') return undefined
      const value = valueText(tag, contents)
      if (type === COMMON_NAME) commonName = value
      texts.push(`${SHORT_NAMES[type] ?? type}=${value}`)
    }
    if (!level.ok) return undefined
    levels.push(texts.join(' + '))
  }
  return name.ok ? { text: levels.join(', '), commonName } : undefined
}

/** UTF-8 and the two wide forms are decoded, all else is taken as one character per byte. */
function valueText(tag: number, contents: Cursor): string {
  const length = Math.min(contents.left, VALUE_BYTES_MAX)
  const bytes = Buffer.from(contents.bytes.buffer, contents.bytes.byteOffset + contents.at, length)
  switch (tag) {
    case UTF8_STRING:
      return bytes.toString('utf8')
    case BMP_STRING:
      return wideText(bytes, 2)
    case UNIVERSAL_STRING:
      return wideText(bytes, 4)
    default:
      return bytes.toString('latin1')
  }
}

/** Big-endian characters of `width` bytes; what is no character of its own becomes the replacement character. */
function wideText(bytes: Buffer, width: 2 | 4): string {
  let text = ''
  for (let at = 0; at + width <= bytes.length; at += width) {
    const code = bytes.readUIntBE(at, width)
    const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    text += isCharacter ? String.fromCodePoint(code) : '\ufffd'
  }
  return text
}
