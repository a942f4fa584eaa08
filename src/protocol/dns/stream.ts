/**
 * DNS over TCP, RFC 1035 section 4.2.2, RFC 7766: messages in a stream, each
 * after its length in two bytes (big-endian). Both directions have the same
 * form, and each may carry many messages, in any order.
 *
 * Call it where the last message ended; the message itself, for `readMessage`,
 * begins LENGTH_BYTES after that and ends at the offset returned.
 */

import { MALFORMED_LENGTH, NEED_MORE } from '../../bytes/outcome.ts'
import { u16 } from '../../bytes/read.ts'

export const LENGTH_BYTES = 2
const HEADER_BYTES = 12 // of the message: what is shorter is none

/**
 * Where the message that begins at `start` with its length ends; NEED_MORE when it is not all in bytes[start, end)
 * yet; MALFORMED_LENGTH when it is too short to be one, after which the stream cannot be followed.
 */
export function readTcpMessage(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < LENGTH_BYTES) return NEED_MORE
  const length = u16(bytes, start)
  if (length < HEADER_BYTES) return MALFORMED_LENGTH
  const messageEnd = start + LENGTH_BYTES + length
  return messageEnd <= end ? messageEnd : NEED_MORE
}

/** How many bytes from `start` on are needed before `readTcpMessage` can say more; for a stream that said NEED_MORE. */
export function tcpMessageBytes(bytes: Uint8Array, start: number, end: number): number {
  return end - start < LENGTH_BYTES ? LENGTH_BYTES : LENGTH_BYTES + u16(bytes, start)
}
