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
import { TextHashes } from '../../bytes/text-hashes.ts'
import { ALPN, type ClientHello, SERVER_NAME } from './client-hello.ts'
import { isGrease } from './grease.ts'
import { ListText } from './list-text.ts'
import { newestVersion } from './version.ts'

const COUNT_MAX = 99
const HASH_DIGITS = 12
const NOTHING = '000000000000'
const COMMA = 0x2c
const UNDERSCORE = 0x5f
/** Lists that are kept with their hash: a network has some hundred kinds of clients. */
const KEPT = 1024
/** Longest list that is sorted by insertion, which takes a tenth of the time for twenty numbers. */
const SHORT_LIST = 64

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

// written and read within one call
const text = new ListText()
let sorted = new Uint16Array(256)
const known = new TextHashes(KEPT, (text) => (text === '' ? NOTHING : hash('sha256', text).slice(0, HASH_DIGITS)))

export type Ja4Transport = 't' | 'q' | 'd'

/** The fingerprint. Of a partial hello it means nothing. */
export function ja4(hello: ClientHello, transport: Ja4Transport): string {
  const { cipherSuites, extensions, signatureAlgorithms } = hello
  const version = VERSIONS[newestVersion(hello.versions)] ?? '00'
  const name = extensions.includes(SERVER_NAME) ? 'd' : 'i'
  const counts = count(cipherSuites) + count(extensions)
  const head = transport + version + name + counts + alpnMark(hello.alpn[0] ?? '')

  text.clear()
  text.hexes(sorted, sort(cipherSuites), COMMA)
  known.take(text.bytes, text.length)
  const ciphers = known.hash

  text.clear()
  text.hexes(sorted, sort(extensions, isCounted), COMMA)
  if (text.length > 0 && !signatureAlgorithms.every(isGrease)) {
    text.mark(UNDERSCORE)
    text.hexes(signatureAlgorithms, signatureAlgorithms.length, COMMA)
  }
  known.take(text.bytes, text.length)
  return `${head}_${ciphers}_${known.hash}`
}

function isCounted(type: number): boolean {
  return type !== SERVER_NAME && type !== ALPN
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

/** How many there are, GREASE apart, in two digits. */
function count(values: readonly number[]): string {
  let counted = 0
  for (const value of values) if (!isGrease(value)) counted++
  return String(Math.min(counted, COUNT_MAX)).padStart(2, '0')
}

/** Puts `values` into `sorted`, the smallest first. @returns how many there are */
function sort(values: readonly number[], isWanted: (value: number) => boolean = () => true): number {
  if (values.length > sorted.length) sorted = new Uint16Array(2 * values.length)
  let length = 0
  for (const value of values) if (isWanted(value)) sorted[length++] = value
  if (length > SHORT_LIST) {
    sorted.subarray(0, length).sort()
    return length
  }
  for (let i = 1; i < length; i++) {
    const value = sorted[i]!
    let at = i
    for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!
    sorted[at] = value
  }
  return length
}
