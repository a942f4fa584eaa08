/**
 * X.509 certificates, RFC 5280 section 4.1, as far as evidence wants them.
 *
 *   Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }
 *   TBSCertificate ::= SEQUENCE { [0] version, serialNumber, signature, issuer,
 *     validity, subject, subjectPublicKeyInfo, [1] [2] ids, [3] extensions }
 *
 * A reader of our own, because Node's X509Certificate gives names as one
 * text that has to be taken apart again (with a history of names that pretend
 * to be two, CVE-2021-44532), hands a stranger's bytes to a large parser, and
 * refuses the whole certificate for a fault in its key. Nothing is verified:
 * the fingerprint says which certificate it was, the names what it claims.
 */

import { hash } from 'node:crypto'
import { ipText } from '../../bytes/address.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { LIMIT_REACHED, MALFORMED_VALUE } from '../../bytes/outcome.ts'
import {
  BOOLEAN,
  GENERALIZED_TIME,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  oidText,
  peekTag,
  readElement,
  readTagged,
  SEQUENCE,
  UTC_TIME,
} from './der.ts'
import { readDistinguishedName } from './distinguished-name.ts'
import { hexPairs } from './hex-pairs.ts'

/** Longest certificate that is read. The longest seen in the wild, with hundreds of names, have about 20 KiB. */
export const CERTIFICATE_BYTES_MAX = 49_152
/** Most alternative names that are kept; the rest is counted. */
export const ALTERNATIVE_NAMES_MAX = 256
const SERIAL_BYTES_MAX = 64 // RFC 5280 allows 20

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17'
const VERSION_TAG = 0xa0
const EXTENSIONS_TAG = 0xa3
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87

export interface Certificate {
  /** For people, see distinguished-name.ts. */
  subject: string
  issuer: string
  /** Of the subject; empty when it has none. */
  commonName: string
  /** `0A:1B`, as it stands in the certificate. */
  serial: string
  /** `2026-01-04T10:48:43`, UTC; empty when it is no time. */
  notBefore: string
  notAfter: string
  /** SHA-1 of the certificate, `0a:1b`. It tells which one it was; it proves nothing. */
  fingerprint: string
  /** Alternative names: DNS names as they stand there. */
  dnsNames: string[]
  /** Alternative names: addresses. */
  ipAddresses: string[]
  /** How many alternative names of these two kinds were not kept. */
  namesLeftOut: number
}

/** Reads the certificate bytes[start, end). Returns it, or why it cannot be read. */
export function readCertificate(bytes: Uint8Array, start: number, end: number): Certificate | number {
  if (end - start > CERTIFICATE_BYTES_MAX) return LIMIT_REACHED
  const all = readTagged(new Cursor(bytes, start, end), SEQUENCE)
  const body = readTagged(all, SEQUENCE)
  if (peekTag(body) === VERSION_TAG) readElement(body)
  const serial = readTagged(body, INTEGER)
  readTagged(body, SEQUENCE) // signature algorithm
  const issuer = readDistinguishedName(readTagged(body, SEQUENCE))
  const validity = readTagged(body, SEQUENCE)
  const notBefore = readTime(validity)
  const notAfter = readTime(validity)
  const subject = readDistinguishedName(readTagged(body, SEQUENCE))
  if (!body.ok || !serial.ok || !validity.ok || issuer === undefined || subject === undefined) return MALFORMED_VALUE

  const certificate: Certificate = {
    subject: subject.text,
    issuer: issuer.text,
    commonName: subject.commonName,
    serial: hexPairs(serial.bytes, serial.at, Math.min(serial.end, serial.at + SERIAL_BYTES_MAX)).toUpperCase(),
    notBefore,
    notAfter,
    fingerprint: fingerprintOf(bytes, start, end),
    dnsNames: [],
    ipAddresses: [],
    namesLeftOut: 0,
  }
  while (!body.isEmpty) {
    const { tag, contents } = readElement(body)
    if (tag === EXTENSIONS_TAG) readExtensions(readTagged(contents, SEQUENCE), certificate)
  }
  return certificate
}

/** Extension ::= SEQUENCE { id, critical BOOLEAN, value OCTET STRING }. One that is broken ends the reading, not more. */
function readExtensions(extensions: Cursor, certificate: Certificate): void {
  while (!extensions.isEmpty) {
    const extension = readTagged(extensions, SEQUENCE)
    const id = oidText(readTagged(extension, OBJECT_IDENTIFIER))
    if (id !== SUBJECT_ALTERNATIVE_NAME) continue
    if (peekTag(extension) === BOOLEAN) readElement(extension)
    readAlternativeNames(readTagged(readTagged(extension, OCTET_STRING), SEQUENCE), certificate)
  }
}

function readAlternativeNames(names: Cursor, certificate: Certificate): void {
  while (!names.isEmpty) {
    const { tag, contents } = readElement(names)
    const isAddress = tag === IP_ADDRESS && (contents.left === 4 || contents.left === 16)
    if (!contents.ok || (tag !== DNS_NAME && !isAddress)) continue
    const { dnsNames, ipAddresses } = certificate
    if (dnsNames.length + ipAddresses.length >= ALTERNATIVE_NAMES_MAX) certificate.namesLeftOut++
    else if (isAddress) ipAddresses.push(ipText(contents.bytes, contents.at, contents.left))
    else dnsNames.push(contents.text())
  }
}

/** Both forms of time in UTC, with seconds, as RFC 5280 section 4.1.2.5 asks; the text that events carry. */
function readTime(validity: Cursor): string {
  const { tag, contents } = readElement(validity)
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) return ''
  if (contents.left > 15) return '' // longer than both forms: not worth making text of it
  const text = contents.text()
  const parts = tag === UTC_TIME ? text.match(/^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/) : matchGeneralized(text)
  if (!parts) return ''
  const [, year, month, day, hour, minute, second] = parts as unknown as string[]
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31) return ''
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return ''
  const century = tag === GENERALIZED_TIME ? '' : Number(year) < 50 ? '20' : '19'
  return `${century}${year}-${month}-${day}T${hour}:${minute}:${second}`
}

function matchGeneralized(text: string): RegExpMatchArray | null {
  return text.match(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/)
}

function fingerprintOf(bytes: Uint8Array, start: number, end: number): string {
  const digest = hash('sha1', bytes.subarray(start, end), 'buffer')
  return hexPairs(digest, 0, digest.length)
}
