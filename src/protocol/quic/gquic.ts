/**
 * Packets of Google QUIC that are not encrypted: Q039 to Q043 and Q046.
 *
 *   Q039-Q043   flags(1)  id(8)  version(4)  number(1, 2, 4 or 6)  hash(12)  frames
 *   Q046        flags(1)  version(4)  idLengths(1)  id  sourceId  number(1..4)  hash(12)  frames
 *
 * Flags of the first: 0x01 a version follows, 0x08 an id of 8 bytes, 0x30 how
 * long the number is. Flags of Q046: 0x80 long header, 0x40 always, 0x30 type
 * (0 is Initial), 0x03 length of the number - 1; each half of idLengths is 0 or
 * a length - 3. Big-endian. (QUIC Wire Layout Specification by Hamilton,
 * Iyengar and Swett; Chromium, quic/core/quic_framer.cc.)
 *
 * The hash is FNV-1a and proves nothing; it is not checked. The client's hello
 * lies in STREAM frames of stream 1.
 */

import { Cursor } from '../../bytes/cursor.ts'
import { MALFORMED_LENGTH, MALFORMED_VALUE, UNSUPPORTED } from '../../bytes/outcome.ts'
import { u8, u32 } from '../../bytes/read.ts'
import type { OnCrypto } from './frames.ts'

const Q039 = 0x51303339
const Q040 = 0x51303430
const Q043 = 0x51303433
const Q046 = 0x51303436

const HAS_VERSION = 0x01
const HAS_ID = 0x08
const NUMBER_BYTES = [1, 2, 4, 6]
const ID_BYTES = 8
const HASH_BYTES = 12

const LONG_INITIAL = 0xc0
const LONG_INITIAL_MASK = 0xf0

const STREAM = 0x80
const HAS_LENGTH = 0x20
const PADDING = 0
const PING = 7
const CRYPTO_STREAM = 1

/** The version of the unencrypted Google packet bytes[start, end): Q039 to Q043 or Q046; 0 when it is none. */
export function plainVersion(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 1 + ID_BYTES + 4) return 0
  const flags = u8(bytes, start)
  if ((flags & LONG_INITIAL_MASK) === LONG_INITIAL) return u32(bytes, start + 1) === Q046 ? Q046 : 0
  if ((flags & (0x80 | HAS_VERSION | HAS_ID)) !== (HAS_VERSION | HAS_ID)) return 0
  const version = u32(bytes, start + 1 + ID_BYTES)
  return version === Q039 || (version >= Q040 && version <= Q043) ? version : 0
}

/**
 * Reads the packet bytes[start, end) of the version that `plainVersion` gave and calls `onCrypto` for each slice of
 * the hello. Returns `end`, UNSUPPORTED at a frame that is not read, or why the packet is none.
 */
export function readPlainPacket(
  bytes: Uint8Array,
  start: number,
  end: number,
  version: number,
  onCrypto: OnCrypto,
): number {
  const cursor = new Cursor(bytes, start, end)
  const flags = cursor.u8()
  if (version === Q046) {
    cursor.skip(4)
    const idLengths = cursor.u8()
    cursor.skip(idBytes(idLengths >> 4) + idBytes(idLengths & 0xf))
    cursor.skip((flags & 3) + 1)
  } else {
    cursor.skip(ID_BYTES + 4)
    cursor.skip(NUMBER_BYTES[(flags >> 4) & 3]!)
  }
  cursor.skip(HASH_BYTES)
  if (!cursor.ok) return MALFORMED_LENGTH
  return readPlainFrames(cursor, onCrypto)
}

function idBytes(nibble: number): number {
  return nibble === 0 ? 0 : nibble + 3
}

/**
 * Frames until one that is not read. A STREAM frame is
 * type(1) = 1 fin hasLength offsetLength(3) idLength(2), id(1..4), offset(0, 2..8), length(2).
 */
function readPlainFrames(cursor: Cursor, onCrypto: OnCrypto): number {
  while (!cursor.isEmpty) {
    const type = cursor.u8()
    if (type === PADDING || type === PING) continue
    if ((type & STREAM) === 0) return UNSUPPORTED
    const offsetBits = (type >> 2) & 7
    const stream = bigEndian(cursor, (type & 3) + 1)
    const offset = bigEndian(cursor, offsetBits === 0 ? 0 : offsetBits + 1)
    const data = cursor.block((type & HAS_LENGTH) === 0 ? cursor.left : cursor.u16())
    if (!data.ok) return MALFORMED_LENGTH
    if (stream !== CRYPTO_STREAM) return MALFORMED_VALUE
    onCrypto(offset, data.at, data.end)
  }
  return cursor.end
}

function bigEndian(cursor: Cursor, length: number): number {
  let value = 0
  for (let i = 0; i < length; i++) value = value * 0x100 + cursor.u8()
  return value
}
