/**
 * The one packet: a minimal decoding of a frame, written anew for each frame
 * so that decoding allocates nothing.
 *
 * All offsets point into `bytes`, which belongs to the reader of the capture
 * and is good until the next block. Each field says when it is valid; a field
 * that is not valid holds what an earlier frame left there.
 */

export const TCP = 6
export const UDP = 17

/** TCP flag bits, RFC 9293 section 3.1. */
export const FIN = 0x01
export const SYN = 0x02
export const RST = 0x04
export const ACK = 0x10

/** Most VLAN tags that are remembered; more are walked over all the same. */
export const VLANS_MAX = 4

const NOTHING = new Uint8Array(0)

export class Packet {
  bytes: Uint8Array = NOTHING
  /** Offset of the Ethernet header (target MAC, then source MAC), or -1 on links without one. */
  etherStart = -1
  /** How many of `vlans` are valid. */
  vlanCount = 0
  /** VLAN ids, outermost first. */
  readonly vlans = new Uint16Array(VLANS_MAX)
  /** 4 or 6. */
  ipVersion = 0
  /** Length of an address: 4 or 16. */
  addressBytes = 0
  /** Offset of the source address. */
  sourceStart = 0
  /** Offset of the target address. */
  targetStart = 0
  /** IP protocol number: TCP or UDP when the packet was decoded. */
  protocol = 0
  sourcePort = 0
  targetPort = 0
  payloadStart = 0
  /** End of the payload as captured. */
  payloadEnd = 0
  /** Length of the payload on the wire, which a snap length may have cut. */
  payloadLength = 0
  /** Valid iff protocol is TCP. */
  tcpFlags = 0
  /** Sequence number of the first payload byte (of the SYN, for a SYN), as a signed 32-bit number. Valid iff protocol is TCP. */
  sequence = 0
}
