/**
 * How long a line for a SIEM may be, and what is given up when an alert does
 * not fit: names come from strangers, who may send 16 KiB of a user agent.
 *
 * Receivers of syslog over TLS should take 8,192 octets (RFC 5425 section
 * 4.3.1), others may cut what is longer anywhere, also inside of an escape.
 * So texts are cut here, at a code point, and end with an ellipsis.
 */

/** Of the line in UTF-8; 512 bytes are left for what carries it: a syslog header. */
export const LINE_BYTES_MAX = 8192 - 512

/** How much of an alert a line takes. */
export interface Room {
  /** UTF-16 units of a text, its ellipsis among them. */
  text: number
  /** Elements of a list. */
  list: number
  /** Something had to be left out so that the line fits. */
  isTight: boolean
}

/** From the widest on; a keyword of Elastic and a message of CEF have 1,023 characters. */
const ROOMS: readonly Room[] = [
  { text: 1023, list: 16, isTight: false },
  { text: 512, list: 16, isTight: true },
  { text: 256, list: 8, isTight: true },
  { text: 128, list: 4, isTight: true },
  { text: 64, list: 2, isTight: true },
  { text: 32, list: 1, isTight: true },
  { text: 16, list: 1, isTight: true },
]

/** Who sent it is told whole in any room: it has the length of a host name. */
export const SENSOR_MAX = 253

const ELLIPSIS = '…'

/** The line with the longest texts and lists it has room for. */
export function fitted(lineIn: (room: Room) => string): string {
  let line = ''
  for (const room of ROOMS) {
    line = lineIn(room)
    if (Buffer.byteLength(line) <= LINE_BYTES_MAX) break
  }
  return line
}

/** A text of so many UTF-16 units at most, that every reader of UTF-8 and JSON takes: lone halves of pairs are replaced. */
export function cut(text: string, unitsMax: number): string {
  const begin = text.length <= unitsMax ? text : text.slice(0, unitsMax - 1)
  const whole = begin === text ? begin : begin.replace(/[\ud800-\udbff]$/, '')
  const isCut = begin !== text
  return whole.replace(/\p{Surrogate}/gu, '\ufffd') + (isCut ? ELLIPSIS : '')
}

/** Texts of a list in one, each of them and all together as long as there is room for; an ellipsis stands for what is missing. */
export function joined(texts: readonly string[], separator: string, { text, list }: Room): string {
  const some = texts.slice(0, list)
  return cut([...some, ...(some.length < texts.length ? [ELLIPSIS] : [])].join(separator), text)
}
