/** Who speaks, by the first words: for places where the ports or a missing beginning say something else. */

import { u8 } from '../bytes/read.ts'
import { beginsRequest } from '../protocol/http/probe.ts'
import { helloMayBegin } from '../protocol/tls/probe.ts'
import { HANDSHAKE, RECORD_HEADER_BYTES } from '../protocol/tls/record-head.ts'
import { SERVER_HELLO } from '../protocol/tls/server-hello.ts'

const HELLO_BYTES_SURE = 9 // after so many bytes a hello is hardly ever something else
const MAJOR_VERSION = 3

/** Are these the first words of a client: a hello of TLS, a request of HTTP? Short ones may be anything. */
export function clientSpeaks(bytes: Uint8Array, start: number, end: number): boolean {
  return (end - start >= HELLO_BYTES_SURE && helloMayBegin(bytes, start, end)) || beginsRequest(bytes, start, end)
}

/** Does a TLS server's hello begin here? */
export function beginsServerHello(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < HELLO_BYTES_SURE) return false
  const isHandshake = u8(bytes, start) === HANDSHAKE && u8(bytes, start + 1) === MAJOR_VERSION
  return isHandshake && u8(bytes, start + RECORD_HEADER_BYTES) === SERVER_HELLO
}
