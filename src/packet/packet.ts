/**
 * The one packet: a minimal decoding of a frame, written anew for each frame
 * so that decoding allocates nothing.
 *
 * Where packets lie in packets, it describes the innermost TCP or UDP packet.
 *
 * All offsets point into `bytes` (those named outer into `outerBytes`), which
 * belongs to the reader of the capture and is good until the next block; after
 * a reassembly it is the datagram put together, which nobody writes to again.
 * Each field says when it is valid; a field that is not valid holds what an
 * earlier frame left there.
 */

export const TCP = 6
export const UDP = 17

/** TCP flag bits, RFC 9293 section 3.1. */
export const FIN = 0x01
export const SYN = 0x02
export const RST = 0x04
export const ACK = 0x10
export const URG = 0x20

/** Most VLAN tags that are remembered; more are walked over all the same. */
export const VLANS_MAX = 4

/**
 * Most encapsulating headers (tags, label stacks, link headers inside others,
 * tunnels) in one frame. Real networks have up to five; more is an attack on
 * the decoder's stack, and a reason of its own: TOO_DEEP.
 */
export const HEADERS_MAX = 8

const NOTHING = new Uint8Array(0)

export class Packet {
  bytes: Uint8Array = NOTHING
  /** Offset of the innermost Ethernet header (target MAC, then source MAC), or -1 when the packet lies in none. */
  etherStart = -1
  /** How many of `vlans` are valid. */
  vlanCount = 0
  /** VLAN ids, outermost first, of all Ethernet headers. */
  readonly vlans = new Uint16Array(VLANS_MAX)
  /** Encapsulating headers walked over so far, at most HEADERS_MAX. */
  headers = 0
  /** How many IP packets lie around this one: 0 for an ordinary packet. */
  depth = 0

  /** 4 or 6. */
  ipVersion = 0
  /** Length of an address: 4 or 16. */
  addressBytes = 0
  /** Offset of the IP header. */
  ipStart = 0
  /** Offset of the source address. */
  sourceStart = 0
  /** Offset of the target address. */
  targetStart = 0
  /** IP protocol number: TCP or UDP when the packet was decoded. */
  protocol = 0
  /** Offset of the TCP or UDP header; of a fragment, where its piece of the datagram begins. */
  transportStart = 0

  sourcePort = 0
  targetPort = 0
  /** Of an ICMP message, where that begins; it is no packet, and its reason is OTHER_TRANSPORT. */
  payloadStart = 0
  /** End of the payload as captured. */
  payloadEnd = 0
  /** Length of the payload on the wire, which a snap length may have cut. */
  payloadLength = 0
  /** Valid iff protocol is TCP. */
  tcpFlags = 0
  /** Sequence number of the first payload byte (of the SYN, for a SYN), as a signed 32-bit number. Valid iff protocol is TCP. */
  sequence = 0

  /** Identification of the datagram, 16 bits in IPv4, 32 in IPv6. This and the next two: valid iff it is an IP_FRAGMENT; its payload is the piece. */
  fragmentId = 0
  /** Where in the datagram's payload the piece belongs, in bytes: 0 to 65,528. */
  fragmentOffset = 0
  /** False for the last piece. */
  moreFragments = false

  /** What the offsets below point into: the frame, also where the inner packet was put together from fragments. Valid iff depth > 0, like the rest. */
  outerBytes: Uint8Array = NOTHING
  /** Length of an address of the outermost IP header: 4 or 16. */
  outerAddressBytes = 0
  /** Offset of its source address. */
  outerSourceStart = 0
  /** Offset of its target address. */
  outerTargetStart = 0
  /** Its protocol: the first tunnel (4 and 41 IP in IP, 17 UDP, 47 GRE, 115 L2TP). */
  outerProtocol = 0
}
