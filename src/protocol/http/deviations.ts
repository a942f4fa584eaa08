/**
 * How an HTTP/1 head departs from RFC 9112, as bits of one number. Servers take
 * many of these, and not all in the same way, so a client that wants a proxy
 * and a server to see two different requests uses them: they are facts for an
 * analyst, not faults.
 */

/** Empty lines before the start line (RFC 9112 section 2.2 lets servers skip them). */
export const EMPTY_LINES_BEFORE = 1 << 0
export const SPACE_BEFORE_LINE = 1 << 1
/** A line that ends in LF without CR (section 2.2). */
export const BARE_LF = 1 << 2
/** A CR inside of a line, a NUL or another control byte. */
export const CONTROL_BYTE = 1 << 3
/** Not exactly one space between the parts of the start line (section 3). */
export const ODD_SPACING = 1 << 4
export const SPACE_IN_TARGET = 1 << 5
/** A request line without a version, as in HTTP/0.9. */
export const NO_VERSION = 1 << 6
/** A version other than 1.0 and 1.1, or not written as `HTTP/1.1`. */
export const ODD_VERSION = 1 << 7
/** A target of none of the four forms of section 3.2. */
export const ODD_TARGET = 1 << 8
/** A field over several lines (section 5.2). */
export const FOLDED_FIELD = 1 << 9
/** Section 5.1: servers must refuse it; not all do. */
export const SPACE_BEFORE_COLON = 1 << 10
export const NO_COLON = 1 << 11
export const ODD_FIELD_NAME = 1 << 12
/** HTTP/1.1 without Host (section 3.2). */
export const NO_HOST = 1 << 13
/** More than one Host field, with different values. */
export const SEVERAL_HOSTS = 1 << 14
/** The Host field names another host than the target does. */
export const HOST_CONFLICT = 1 << 15
/** A host that can be no domain name and no address, or a port that is none. */
export const ODD_HOST = 1 << 16
/** A user name in front of the host. */
export const USER_IN_HOST = 1 << 17
/** A Content-Length that is no number, or several that differ (section 6.3). */
export const ODD_LENGTH = 1 << 18
/** Content-Length beside Transfer-Encoding (section 6.3). */
export const TWO_FRAMINGS = 1 << 19
/** A Transfer-Encoding that does not end in `chunked` (section 6.1). */
export const ODD_CODING = 1 << 20
/** A text was longer than is kept. */
export const TEXT_CUT = 1 << 21

/** In the order of the bits. */
const NAMES = [
  'empty_lines_before',
  'space_before_line',
  'bare_lf',
  'control_byte',
  'odd_spacing',
  'space_in_target',
  'no_version',
  'odd_version',
  'odd_target',
  'folded_field',
  'space_before_colon',
  'no_colon',
  'odd_field_name',
  'no_host',
  'several_hosts',
  'host_conflict',
  'odd_host',
  'user_in_host',
  'odd_length',
  'two_framings',
  'odd_coding',
  'text_cut',
] as const

/** The names of the bits that are set in `deviations`, for events and people. */
export function deviationNames(deviations: number): string[] {
  return NAMES.filter((_, bit) => (deviations & (1 << bit)) !== 0)
}
