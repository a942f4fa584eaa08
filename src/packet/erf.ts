/**
 * Endace's extensible record format, LINKTYPE_ERF (197): the record of a DAG
 * card with the frame in it. Network byte order but for the time.
 *
 *   +---------+---------+----------+-----------+--------------+-------------+---------
 *   | time, 8 | type, 1 | flags, 1 | length, 2 | lost or      | length of   | extension headers
 *   |         |         |          | of record | colour, 2    | the frame 2 | of 8 bytes, frame
 *   +---------+---------+----------+-----------+--------------+-------------+---------
 *
 * The first bit of `type`, and of each extension header, tells that (another)
 * one follows. Before an Ethernet frame stand 2 bytes of alignment. The times
 * of a capture file are used, not those of the records.
 */

import { u8 } from '../bytes/read.ts'
import { decodeHdlc } from './cisco-hdlc.ts'
import { decodeEthernet } from './ethernet.ts'
import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'
import { SHORT_LINK_HEADER, UNSUPPORTED_LINK } from './reason.ts'

const TYPE = 8
const HEADER_BYTES = 16
const EXTENSION_BYTES = 8
const MORE = 0x80
const ALIGNMENT_BYTES = 2

const HDLC_POS = 1
const ETHERNET = 2
const COLOR_HDLC_POS = 10
const COLOR_ETHERNET = 11
const DSM_COLOR_HDLC_POS = 15
const DSM_COLOR_ETHERNET = 16
const COLOR_HASH_POS = 19
const COLOR_HASH_ETHERNET = 20
const IPV4 = 22
const IPV6 = 23

/** Decodes the record bytes[start, end) into `packet`; returns where its data ends, or a reason. */
export function decodeErf(bytes: Uint8Array, start: number, end: number, packet: Packet): number {
  let at = start + HEADER_BYTES
  if (at > end) return SHORT_LINK_HEADER
  let next = u8(bytes, start + TYPE)
  const type = next & ~MORE
  while ((next & MORE) !== 0) {
    if (end - at < EXTENSION_BYTES) return SHORT_LINK_HEADER
    next = u8(bytes, at)
    at += EXTENSION_BYTES
  }
  switch (type) {
    case ETHERNET:
    case COLOR_ETHERNET:
    case DSM_COLOR_ETHERNET:
    case COLOR_HASH_ETHERNET:
      return decodeEthernet(bytes, at + ALIGNMENT_BYTES, end, packet)
    case HDLC_POS:
    case COLOR_HDLC_POS:
    case DSM_COLOR_HDLC_POS:
    case COLOR_HASH_POS:
      return decodeHdlc(bytes, at, end, packet)
    case IPV4:
    case IPV6:
      return decodeIp(bytes, at, end, packet)
    default:
      return UNSUPPORTED_LINK // ATM, InfiniBand, Fibre Channel, records of the card about itself
  }
}
