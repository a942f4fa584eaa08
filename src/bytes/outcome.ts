/**
 * What a parser returns: the offset just past what it parsed (0 or more), or
 * one of these negative codes. Plain numbers, because malformed input is
 * ordinary input here and a thrown Error costs a thousand times a return.
 */

/** A prefix of something valid: call again with more bytes. Only stream parsers say it. */
export const NEED_MORE = -1
/** A length field disagrees with the bytes around it. */
export const MALFORMED_LENGTH = -2
/** A field holds a value its specification forbids. */
export const MALFORMED_VALUE = -3
/** Valid so far, but larger than we are willing to follow. */
export const LIMIT_REACHED = -4
/** Well formed, but of a kind we do not read. */
export const UNSUPPORTED = -5

const NAMES: Readonly<Record<number, string>> = {
  [NEED_MORE]: 'incomplete',
  [MALFORMED_LENGTH]: 'malformed_length',
  [MALFORMED_VALUE]: 'malformed_value',
  [LIMIT_REACHED]: 'limit_reached',
  [UNSUPPORTED]: 'unsupported',
}

/** The name of an outcome code in counters and events; `ok` for an offset. */
export function outcomeName(outcome: number): string {
  return outcome >= 0 ? 'ok' : (NAMES[outcome] ?? 'unknown')
}
