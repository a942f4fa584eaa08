/**
 * What the firewalls and the IPsec of BSD systems put before the packets they
 * show to recorders: LINKTYPE_PFLOG (117) of pf's log, LINKTYPE_ENC (109) of
 * the interface on which packets of tunnels are seen in plain text.
 *
 *   pflog  +--------+--------+--------+--------+------------------------------+---------
 *          | length | family | action | reason | interface, rule, process, .. | IP
 *          |   1    |   1    |   1    |   1    | as long as the system has it |
 *          +--------+--------+--------+--------+------------------------------+---------
 *   enc    +-----------+--------+----------+---------
 *          | family, 4 | SPI, 4 | flags, 4 | IP
 *          +-----------+--------+----------+---------
 *
 * `length` leaves out the padding to 4 bytes. Families have other numbers on
 * other systems and are not asked: the packet tells its version.
 */

import { u8 } from '../bytes/read.ts'
import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'
import { SHORT_LINK_HEADER } from './reason.ts'

/** Up to OpenBSD 3.3 the header was another one, of 28 bytes, which began with zeros. */
const PFLOG_BYTES_MIN = 45
const ENC_BYTES = 12

/** Decodes the frame bytes[start, end) of pf's log into `packet`; returns where its data ends, or a reason. */
export function decodePflog(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  const length = start < end ? u8(bytes, start) : 0
  const at = start + ((length + 3) & ~3)
  if (length < PFLOG_BYTES_MIN || at > end) return SHORT_LINK_HEADER
  return decodeIp(bytes, at, end, packet)
}

/** Decodes the frame bytes[start, end) of an enc interface into `packet`; returns where its data ends, or a reason. */
export function decodeEnc(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  return end - start < ENC_BYTES ? SHORT_LINK_HEADER : decodeIp(bytes, start + ENC_BYTES, end, packet)
}
