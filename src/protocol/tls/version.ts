/**
 * Protocol versions as they stand on the wire: 0x0300 is SSL 3.0, 0x0304 is
 * TLS 1.3, 0x7f10 to 0x7fff and 0xfb10 to 0xfbff were drafts of it (RFC 8446
 * section 4.2.1.1 and what one large client and server used). DTLS counts
 * downwards: 0xfeff is 1.0, 0xfefd is 1.2, 0xfefc is 1.3 (RFC 9147 section 5.3).
 */

import { isGrease } from './grease.ts'

export const TLS_1_3 = 0x0304
const DTLS_1_3 = 0xfefc

/** The newest of the versions that a client offers, GREASE apart; 0 when there is none. */
export function newestVersion(versions: readonly number[]): number {
  let newest = 0
  for (const version of versions) if (!isGrease(version) && rank(version) > rank(newest)) newest = version
  return newest
}

/** True where everything behind the ServerHello is encrypted: TLS 1.3, its drafts, DTLS 1.3. */
export function isTls13(version: number): boolean {
  const major = version >> 8
  return version === TLS_1_3 || version === DTLS_1_3 || major === 0x7f || major === 0xfb
}

// a newer version has a higher number: DTLS turned round and above all else, drafts below TLS 1.3
function rank(version: number): number {
  if (version >> 8 === 0xfe) return 0x20000 + 0xffff - version
  return version === TLS_1_3 ? 0x10000 : version
}
