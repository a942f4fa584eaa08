/**
 * MPLS label stack, RFC 3032 section 2.1, and what may stand behind it.
 *
 *   +----------------------------+-------+---+-------+
 *   |       label, 20 bits       | class | S |  TTL  |     any number, the last one has S = 1
 *   +----------------------------+-------+---+-------+
 *
 * Nothing in the stack says what it carries. The first four bits tell IPv4 and
 * IPv6 apart (RFC 4928), unless it is an Ethernet pseudowire whose frame begins
 * with such a MAC address; so an IP packet must also have a length that fits,
 * or not look like Ethernet. A pseudowire may have a control word in front
 * (RFC 4448 section 4.6; first four bits 0, and many MAC addresses begin so,
 * too): the place where an EtherType that we know is found decides. Without a
 * control word a tagged frame has one in both, so that place is asked first.
 */

import { u8 } from '../bytes/read.ts'
import { decodeEthernet } from './ethernet.ts'
import { looksLikeEthernet, looksLikeIp } from './guess.ts'
import { decodeIp } from './ip.ts'
import type { Packet } from './packet.ts'
import { MALFORMED_TUNNEL, NOT_IP } from './reason.ts'

const LABEL_BYTES = 4
const BOTTOM_OF_STACK = 0x01 // in the third byte
const CONTROL_WORD_BYTES = 4
const ASSOCIATED_CHANNEL = 1 // RFC 4385: maintenance messages, no traffic

/** Decodes the label stack and its payload in bytes[at, end) into `packet`; returns where its data ends, or a reason. */
export function decodeMpls(bytes: Uint8Array, at: number, end: number, packet: Packet): number {
  for (let bottom = false; !bottom; at += LABEL_BYTES) {
    if (end - at < LABEL_BYTES) return MALFORMED_TUNNEL
    bottom = (u8(bytes, at + 2) & BOTTOM_OF_STACK) !== 0
  }
  if (at === end) return MALFORMED_TUNNEL
  const nibble = u8(bytes, at) >> 4
  if (nibble === 4 || nibble === 6) {
    if (looksLikeIp(bytes, at, end) || !looksLikeEthernet(bytes, at, end)) return decodeIp(bytes, at, end, packet)
  } else if (nibble === 0 && hasControlWord(bytes, at, end)) {
    return decodeEthernet(bytes, at + CONTROL_WORD_BYTES, end, packet)
  } else if (nibble === ASSOCIATED_CHANNEL && !looksLikeEthernet(bytes, at, end)) {
    return NOT_IP
  }
  return decodeEthernet(bytes, at, end, packet)
}

function hasControlWord(bytes: Uint8Array, at: number, end: number): boolean {
  return !looksLikeEthernet(bytes, at, end) && looksLikeEthernet(bytes, at + CONTROL_WORD_BYTES, end)
}
