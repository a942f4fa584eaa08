/**
 * JA3: a fingerprint of a TLS client from its hello, as github.com/salesforce/ja3
 * describes it: five lists of decimal numbers in the order sent, joined by `-`
 * in a list and `,` between them, without GREASE; its MD5 is the fingerprint.
 *
 *   version,ciphers,extensions,groups,point formats
 *
 * Browsers shuffle their extensions since 2023, so each of their hellos has a
 * JA3 of its own; JA4 sorts them. JA3 is here because other tools ask for it.
 */

import { hash } from 'node:crypto'
import { putDecimal } from '../../bytes/digits.ts'
import { TextHashes } from '../../bytes/text-hashes.ts'
import type { ClientHello } from './client-hello.ts'
import { ListText } from './list-text.ts'

const COMMA = 0x2c
const DASH = 0x2d
/** Texts that are kept with their hash: programs that do not shuffle have the same one each time. */
const KEPT = 4096

const text = new ListText()
const known = new TextHashes(KEPT, (text) => hash('md5', text))

export interface Ja3 {
  /** The text before hashing. */
  text: string
  /** Its MD5: 32 hex digits. */
  hash: string
}

/** The fingerprint. Of a partial hello it means nothing. */
export function ja3({ legacyVersion, cipherSuites, extensions, groups, pointFormats }: ClientHello): Ja3 {
  text.length = putDecimal(text.bytes, 0, legacyVersion)
  for (const list of [cipherSuites, extensions, groups, pointFormats]) {
    text.mark(COMMA)
    text.decimals(list, DASH)
  }
  known.take(text.bytes, text.length)
  return { text: known.text, hash: known.hash }
}
