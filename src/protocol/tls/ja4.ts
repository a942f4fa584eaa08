/**
 * JA4: a fingerprint of a TLS client from its hello. Method by FoxIO, LLC,
 * under the BSD 3-Clause licence (the JA4 client fingerprint alone; the others
 * of the family are licensed differently and are not here); described in
 * technical_details/JA4.md of github.com/FoxIO-LLC/ja4.
 *
 *   t13d1516h2_8daaf6152771_e5627efa2ab1
 *   |\/|\/\/\/ |            first 12 hex digits of SHA-256 of the extensions, sorted and
 *   || | | | | |            without server name and ALPN, and the signature algorithms as sent
 *   || | | | | first 12 hex digits of SHA-256 of the cipher suites, sorted
 *   || | | | first and last character of the first ALPN value
 *   || | | number of extensions, at most 99
 *   || | number of cipher suites, at most 99
 *   || d: a server name is there, i: none is
 *   |newest version offered
 *   t: TCP, q: QUIC, d: DTLS
 *
 * GREASE is left out everywhere.
 */

import { hash } from 'node:crypto'
import { memo } from '../../bytes/memo.ts'
import { ALPN, type ClientHello, SERVER_NAME } from './client-hello.ts'
import { withoutGrease } from './grease.ts'
import { newestVersion } from './version.ts'

const COUNT_MAX = 99
const HASH_DIGITS = 12
const NOTHING = '000000000000'
/** Lists whose hashes are kept: a network has some hundred kinds of clients. */
const HASHES_MAX = 4096
/** Longest list that is sorted by insertion, which takes a tenth of the time for twenty numbers. */
const SHORT_LIST = 64
const HEX_BYTES = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

const VERSIONS: Readonly<Record<number, string>> = {
  772: '13',
  771: '12',
  770: '11',
  769: '10',
  768: 's3',
  2: 's2',
  65279: 'd1',
  65277: 'd2',
  65276: 'd3',
}

export type Ja4Transport = 't' | 'q' | 'd'

/** The fingerprint. Of a partial hello it means nothing. */
export function ja4(hello: ClientHello, transport: Ja4Transport): string {
  const ciphers = withoutGrease(hello.cipherSuites)
  const extensions = withoutGrease(hello.extensions)
  const version = VERSIONS[newestVersion(hello.versions)] ?? '00'
  const name = extensions.includes(SERVER_NAME) ? 'd' : 'i'
  const head = transport + version + name + count(ciphers) + count(extensions) + alpnMark(hello.alpn[0] ?? '')
  return `${head}_${hash12(hexList(sorted(ciphers)))}_${hash12(extensionText(extensions, hello))}`
}

function extensionText(extensions: number[], hello: ClientHello): string {
  const counted: number[] = []
  for (const type of extensions) if (type !== SERVER_NAME && type !== ALPN) counted.push(type)
  if (counted.length === 0) return ''
  const algorithms = hexList(withoutGrease(hello.signatureAlgorithms))
  return hexList(sorted(counted)) + (algorithms === '' ? '' : `_${algorithms}`)
}

/** Two letters or digits as they are; anything else as the first and last hex digit of the value. */
function alpnMark(protocol: string): string {
  if (protocol === '') return '00'
  const first = protocol.charCodeAt(0)
  const last = protocol.charCodeAt(protocol.length - 1)
  if (isAlphanumeric(first) && isAlphanumeric(last)) return protocol[0]! + protocol[protocol.length - 1]!
  return (first >> 4).toString(16) + (last & 0xf).toString(16)
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
}

function count(values: readonly number[]): string {
  return String(Math.min(values.length, COUNT_MAX)).padStart(2, '0')
}

function hexList(values: readonly number[]): string {
  let text = ''
  for (const value of values) text += (text === '' ? '' : ',') + HEX_BYTES[value >> 8]! + HEX_BYTES[value & 0xff]!
  return text
}

const hash12 = memo((text: string) => (text === '' ? NOTHING : hash('sha256', text).slice(0, HASH_DIGITS)), HASHES_MAX)

/** Sorts `values` in place. */
function sorted(values: number[]): number[] {
  if (values.length > SHORT_LIST) return values.sort((a, b) => a - b)
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!
    let at = i
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!
    values[at] = value
  }
  return values
}
