/** Who speaks, by the first words: for places where the ports or a missing beginning say something else. */

import { beginsRequest } from '../protocol/http/probe.ts'
import { helloMayBegin } from '../protocol/tls/probe.ts'

const HELLO_BYTES_SURE = 9 // after so many bytes a hello is hardly ever something else

/** Are these the first words of a client: a hello of TLS, a request of HTTP? Short ones may be anything. */
export function clientSpeaks(bytes: Uint8Array, start: number, end: number): boolean {
  return (end - start >= HELLO_BYTES_SURE && helloMayBegin(bytes, start, end)) || beginsRequest(bytes, start, end)
}
