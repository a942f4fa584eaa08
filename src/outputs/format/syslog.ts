/**
 * An alert as a message of syslog, RFC 5424:
 *
 *   <130>1 2026-11-22T09:00:10.000000Z border-1 seekwatch - service [seekwatch@32473 id="..." rule="..."] MSG
 *
 * MSG is the line of one of the forms in alert-formats.ts. Structured data says
 * the same of each alert whatever the form is, so that a receiver can sort and
 * leave out doubles without reading it.
 *
 * The same alert gives the same bytes, whoever sends it and however often: there
 * is no process id in it, and no time but the alert's.
 *
 * Strangers' text stands in MSG alone. Its control characters become spaces, so
 * a message is one line, and is framed by its end as well as by its length.
 */

import type { Alert, Severity } from '../../events/alert.ts'

/** What a receiver wants to have its own way. */
export interface SyslogStyle {
  /** 0 to 23, of FACILITIES. */
  facility: number
  /** Number of the enterprise behind the name of the structured data (RFC 5424, section 7.2.2). */
  enterprise: number
  /** Begin MSG with a byte order mark, which says that it is UTF-8. */
  bom: boolean
  /** Most bytes of a message, MESSAGE_BYTES_MIN or more. */
  bytesMax: number
}

/** By their numbers (RFC 5424, section 6.2.1). */
export const FACILITIES: readonly string[] = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp', 'ntp'],
  ...['audit', 'alert', 'clock'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
]

/** Kept for documentation by IANA; a site that has a number of its own sets it. */
export const DOCUMENTATION_ENTERPRISE = 32473

/** critical, warning, notice, informational */
const SEVERITY: Readonly<Record<Severity, number>> = { high: 2, medium: 4, low: 5, info: 6 }
const APP_NAME = 'seekwatch'
const NIL = '-'
const BOM = Buffer.of(0xef, 0xbb, 0xbf)
const HOSTNAME_MAX = 255
const MSGID_MAX = 32
/** Ids of rules and the like are short; a pack of a site's own may have longer ones. */
const VALUE_BYTES_MAX = 128

/** Header and structured data of the longest alert have room in it; receivers should take as much (RFC 5424, section 6.1). */
export const MESSAGE_BYTES_MIN = 2048

export interface SyslogMessage {
  bytes: Buffer
  /** Not all of the alert had room. */
  isShortened: boolean
}

/**
 * The message for `alert`, without a frame. One that would be too long has less evidence in its line, and fewer reasons,
 * so that the line stays whole; only when that is not enough is MSG cut.
 * @param write the alert's line, in UTF-8 and without its end
 * @param kind what stands in MSGID
 */
export function syslogMessage(
  alert: Alert,
  write: (alert: Alert) => string,
  style: SyslogStyle,
  kind: string = alert.category,
): SyslogMessage {
  const head = Buffer.from(`${header(alert, style, kind)} ${structuredData(alert, style)} `)
  const before = style.bom ? Buffer.concat([head, BOM]) : head
  const room = Math.max(0, style.bytesMax - before.length)
  let told = alert
  let line = Buffer.from(oneLine(write(told)))
  while (line.length > room && isTellingMuch(told)) {
    told = tellingLess(told)
    line = Buffer.from(oneLine(write(told)))
  }
  const bytes = Buffer.concat([before, line.length > room ? cutUtf8(line, room) : line])
  return { bytes, isShortened: told !== alert || line.length > room }
}

function header(alert: Alert, style: SyslogStyle, kind: string): string {
  const priority = style.facility * 8 + SEVERITY[alert.severity]
  const host = headerText(alert.sensor, HOSTNAME_MAX)
  return `<${priority}>1 ${alert.last_seen} ${host} ${APP_NAME} ${NIL} ${headerText(kind, MSGID_MAX)}`
}

function structuredData(alert: Alert, { enterprise }: SyslogStyle): string {
  const parameters: Array<[name: string, value: string]> = [
    ['id', alert.id],
    ['rule', alert.rule],
    ['category', alert.category],
    ['severity', alert.severity],
    ['confidence', alert.confidence],
    ['attempt', String(alert.attempt)],
    ['client', alert.client.ip],
    ['server', alert.server.ip],
    ['contact', alert.contact],
  ]
  return `[seekwatch@${enterprise} ${parameters.map(([name, value]) => `${name}="${escaped(value)}"`).join(' ')}]`
}

/** Printable ASCII without spaces, as the header has it; nothing at all is a dash. */
function headerText(text: string, charactersMax: number): string {
  return text.replace(/[^\x21-\x7e]/g, '_').slice(0, charactersMax) || NIL
}

function escaped(value: string): string {
  return cutUtf8(Buffer.from(oneLine(value)), VALUE_BYTES_MAX)
    .toString()
    .replace(/["\\\]]/g, '\\$&')
}

/** Control characters and what else ends a line become spaces. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, ' ')
}

/** The first bytes of UTF-8, at most `max`, without half a character at the end. */
function cutUtf8(bytes: Buffer, max: number): Buffer {
  let end = Math.min(bytes.length, max)
  while (end < bytes.length && end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}

function isTellingMuch({ evidence, reasons, client }: Alert): boolean {
  return evidence.length > 1 || reasons.length > 1 || (client.forwarded_for?.length ?? 0) > 1
}

/** The first half of each list: what matters most comes first. */
function tellingLess(alert: Alert): Alert {
  const half = <T>(list: readonly T[]): T[] => list.slice(0, Math.ceil(list.length / 2))
  const { forwarded_for: behind, ...client } = alert.client
  return {
    ...alert,
    evidence: half(alert.evidence),
    reasons: half(alert.reasons),
    client: behind === undefined ? client : { ...client, forwarded_for: half(behind) },
  }
}
