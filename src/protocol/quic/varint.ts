/**
 * Variable-length integers of QUIC, RFC 9000 section 16: the two high bits of
 * the first byte say how many bytes there are (1, 2, 4 or 8), big-endian.
 *
 * The same number may be written in more bytes than it needs, so a frame type
 * of one byte may lie there in eight. Numbers above 2^53 lose their low bits,
 * which does no harm: nothing in a packet is that long.
 */

import type { Cursor } from '../../bytes/cursor.ts'

/** The number at the cursor, 0 to 2^62 - 1; 0 when it is cut off, and then the cursor has failed. */
export function readVarint(cursor: Cursor): number {
  const first = cursor.u8()
  const high = first & 0x3f
  switch (first >> 6) {
    case 0:
      return high
    case 1:
      return high * 0x100 + cursor.u8()
    case 2:
      return high * 0x1000000 + cursor.u24()
    default:
      return (high * 0x1000000 + cursor.u24()) * 0x100000000 + cursor.u32()
  }
}
