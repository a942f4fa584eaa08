/**
 * Why a frame was not decoded: negative numbers, so that a decoder returns
 * either an offset or a reason. None of them is an error of ours; each is
 * counted and shown, because it is what the sensor could not see.
 */

/** A link type that we do not read (packet/link-names.ts has its name). */
export const UNSUPPORTED_LINK = -1
export const SHORT_LINK_HEADER = -2
export const NOT_IP = -3
export const MALFORMED_IPV4 = -4
export const MALFORMED_IPV6 = -5
/** A piece of a datagram. From `reassemble`: it is kept, and the packet comes with the last piece. */
export const IP_FRAGMENT = -6
export const OTHER_TRANSPORT = -7
export const MALFORMED_TCP = -8
export const MALFORMED_UDP = -9
export const CUT = -10
/** More than HEADERS_MAX headers around the packet. */
export const TOO_DEEP = -11
/** Link or tunnel whose content is encrypted or compressed: protected Wi-Fi frames, MACsec, PPP with MPPE. */
export const ENCRYPTED = -12
/** A header between link and IP (MPLS, PPP, PPPoE, GRE, ...) that contradicts itself. */
export const MALFORMED_TUNNEL = -13
/** Well formed, but of a kind we do not follow: fragments below IP, unknown versions of a tunnel. */
export const UNSUPPORTED_TUNNEL = -14
/** A piece of a datagram that was not kept: forbidden by the rules of packet/fragments.ts. */
export const FRAGMENT_REFUSED = -15

/** Names of the reasons in counters and summaries: `REASON_NAMES[-reason]`. */
export const REASON_NAMES: readonly string[] = [
  'decoded',
  'unsupported_link',
  'short_link_header',
  'not_ip',
  'malformed_ipv4',
  'malformed_ipv6',
  'ip_fragment',
  'other_transport',
  'malformed_tcp',
  'malformed_udp',
  'cut_by_snap_length',
  'too_deep',
  'encrypted',
  'malformed_tunnel',
  'unsupported_tunnel',
  'fragment_refused',
]
