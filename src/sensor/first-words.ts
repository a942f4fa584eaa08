/** Who speaks, by the first words: for places where the ports or a missing beginning say something else. */

import { u8 } from '../bytes/read.ts'
import { beginsRequest } from '../protocol/http/probe.ts'
import { helloMayBegin } from '../protocol/tls/probe.ts'
import { HANDSHAKE, RECORD_HEADER_BYTES } from '../protocol/tls/record-head.ts'
import { SERVER_HELLO } from '../protocol/tls/server-hello.ts'

export const HELLO_BYTES_SURE = 9 // after so many bytes a hello is hardly ever something else
const MAJOR_VERSION = 3

/** Are these the first words of a client: a hello of TLS, a request of HTTP? Short ones may be anything. */
export function clientSpeaks(bytes: Uint8Array, start: number, end: number): boolean {
  return (end - start >= HELLO_BYTES_SURE && helloMayBegin(bytes, start, end)) || beginsRequest(bytes, start, end)
}

/** Does a TLS server's hello begin here? With HELLO_BYTES_SURE bytes, false means no. */
export function beginsServerHello(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < HELLO_BYTES_SURE) return false
  return isHandshake(bytes, start, end) && u8(bytes, start + RECORD_HEADER_BYTES) === SERVER_HELLO
}

/** Are bytes[start, end) too few to say whose hello begins here, but all as in one? */
export function mayBeginHello(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start < HELLO_BYTES_SURE && isHandshake(bytes, start, end)
}

function isHandshake(bytes: Uint8Array, start: number, end: number): boolean {
  if (u8(bytes, start) !== HANDSHAKE) return false
  return end - start === 1 || u8(bytes, start + 1) === MAJOR_VERSION
}
