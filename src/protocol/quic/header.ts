/**
 * Long headers of QUIC packets, RFC 8999 section 5.1 and RFC 9000 section 17.2.
 *
 *   flags(1)  version(4)  id<1>  sourceId<1>              the same in each version
 *
 *   Initial            token<v>  length(v)  number(1..4)  payload
 *   0-RTT, Handshake             length(v)  number(1..4)  payload
 *   Retry              token     integrity tag(16)
 *   version 0          the versions that the server has, 4 bytes each
 *
 * <1> is a part with its length in one byte before it, v a variable-length
 * integer (varint.ts). Flags: 1 (long), 1 (fixed), two bits of type, four bits
 * that are protected. `length` counts the packet number and the payload, so a
 * datagram may hold several packets, one after the other (section 12.2).
 *
 * The fixed bit is not looked at in versions that we know: a client may clear
 * it for a server that said it does not mind (RFC 9287), and such servers do
 * not ask how the client knew.
 *
 * Big-endian. The header keeps offsets only; the bytes stay the caller's.
 */

import { Cursor } from '../../bytes/cursor.ts'
import { MALFORMED_LENGTH, MALFORMED_VALUE, UNSUPPORTED } from '../../bytes/outcome.ts'
import { u8, u32 } from '../../bytes/read.ts'
import { readVarint } from './varint.ts'
import { INITIAL, knownVersion, likelyVersion, RETRY, VERSION_NEGOTIATION, type Version } from './versions.ts'

const LONG = 0x80
const FIXED = 0x40
const SHORTEST_BYTES = 7 // flags, version, two empty ids
const ID_BYTES_MAX = 20 // RFC 9000 section 17.2
const INTEGRITY_TAG_BYTES = 16

/** Where the sample for header protection begins, counted from the packet number (RFC 9001 section 5.4.2). */
export const SAMPLE_OFFSET = 4
const SAMPLE_BYTES = 16
const PROTECTED_BYTES_MIN = SAMPLE_OFFSET + SAMPLE_BYTES

/** RFC 9000 sections 14.1 and 7.2: what the first datagram of a client has at least. */
export const FIRST_DATAGRAM_BYTES = 1200
const FIRST_ID_BYTES = 8

/** One long header; offsets into the bytes that it was read from. Made to be reused. */
export class LongHeader {
  version = 0
  /** INITIAL, ZERO_RTT, ...; valid iff reading it gave no error. */
  type = VERSION_NEGOTIATION
  /** How to read the packet; undefined for version negotiation. */
  layout: Version | undefined = undefined
  idStart = 0
  idEnd = 0
  sourceIdStart = 0
  sourceIdEnd = 0
  tokenStart = 0
  tokenEnd = 0
  /** Where the protected packet number lies. */
  numberStart = 0
  /** One past the packet; what follows in the datagram is another one. */
  packetEnd = 0
}

/**
 * Reads the long header at `start` of the datagram that ends at `end` into `header`.
 * Returns where the packet ends, or why it is none: UNSUPPORTED for a short header and for versions that cannot be
 * read. `header.version` and the ids are set as far as they could be read. Looks at nothing that is protected.
 */
export function readLongHeader(bytes: Uint8Array, start: number, end: number, header: LongHeader): number {
  header.version = 0
  if (end - start < 1) return MALFORMED_LENGTH
  const flags = u8(bytes, start)
  if ((flags & LONG) === 0) return UNSUPPORTED
  if (end - start < SHORTEST_BYTES) return MALFORMED_LENGTH
  header.version = u32(bytes, start + 1)

  const cursor = new Cursor(bytes, start + 5, end)
  const id = cursor.block8()
  const sourceId = cursor.block8()
  if (!cursor.ok) return MALFORMED_LENGTH
  header.idStart = id.at
  header.idEnd = id.end
  header.sourceIdStart = sourceId.at
  header.sourceIdEnd = sourceId.end
  header.tokenStart = header.tokenEnd = cursor.at
  header.packetEnd = end
  if (header.version === 0) {
    header.type = VERSION_NEGOTIATION
    header.layout = undefined
    return end
  }
  if (id.left > ID_BYTES_MAX || sourceId.left > ID_BYTES_MAX) return MALFORMED_VALUE

  const typeBits = (flags >> 4) & 3
  const known = knownVersion(header.version)
  if (known === undefined && !couldBeFirst(flags, end - start, id.left)) return UNSUPPORTED
  const layout = known ?? likelyVersion(typeBits)
  if (layout === undefined) return UNSUPPORTED
  header.layout = layout
  header.type = layout.types[typeBits]!

  if (header.type === RETRY) {
    header.tokenEnd = end - INTEGRITY_TAG_BYTES
    return header.tokenEnd > header.tokenStart ? end : MALFORMED_LENGTH
  }
  if (header.type === INITIAL) {
    const token = cursor.block(readVarint(cursor))
    header.tokenStart = token.at
    header.tokenEnd = token.end
  }
  const length = readVarint(cursor)
  if (!cursor.ok || length < PROTECTED_BYTES_MIN || length > cursor.left) return MALFORMED_LENGTH
  header.numberStart = cursor.at
  header.packetEnd = cursor.at + length
  return header.packetEnd
}

/** The cheap test for versions nobody told us about: else any packet whose first bit is set would cost a decryption. */
function couldBeFirst(flags: number, datagramBytes: number, idBytes: number): boolean {
  return (flags & FIXED) !== 0 && datagramBytes >= FIRST_DATAGRAM_BYTES && idBytes >= FIRST_ID_BYTES
}
