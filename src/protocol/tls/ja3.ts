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
import { memo } from '../../bytes/memo.ts'
import type { ClientHello } from './client-hello.ts'
import { withoutGrease } from './grease.ts'

/** Texts whose hashes are kept: programs that do not shuffle have the same one each time. */
const HASHES_MAX = 4096

/** The text before hashing. Of a partial hello it means nothing. */
export function ja3Text(hello: ClientHello): string {
  const { legacyVersion, cipherSuites, extensions, groups, pointFormats } = hello
  return `${legacyVersion},${list(cipherSuites)},${list(extensions)},${list(groups)},${pointFormats.join('-')}`
}

/** MD5 of a text of `ja3Text`: 32 hex digits. */
export const ja3Hash = memo((text: string) => hash('md5', text), HASHES_MAX)

function list(values: readonly number[]): string {
  return withoutGrease(values).join('-')
}
