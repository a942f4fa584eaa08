/**
 * Why a frame was not decoded: negative numbers, so that a decoder returns
 * either an offset or a reason. None of them is an error of ours; each is
 * counted and shown, because it is what the sensor could not see.
 */

export const UNSUPPORTED_LINK = -1
export const SHORT_LINK_HEADER = -2
export const NOT_IP = -3
export const MALFORMED_IPV4 = -4
export const MALFORMED_IPV6 = -5
export const IP_FRAGMENT = -6
export const OTHER_TRANSPORT = -7
export const MALFORMED_TCP = -8
export const MALFORMED_UDP = -9
export const CUT = -10

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
]
