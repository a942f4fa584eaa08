/**
 * Numbers, times and addresses as people read them.
 *
 * Times come as RFC 3339 in UTC with microseconds. They are shown in the
 * reader's zone, always as year-month-day and 24 hours, whatever the language
 * of the browser, because analysts in two countries compare what they see.
 */
import type { AlertEndpoint, EvidenceKind, Use } from '../../src/events/alert.ts'

const EVIDENCE_LABELS: Record<EvidenceKind, string> = {
  tls_sni: 'TLS server name',
  quic_sni: 'QUIC server name',
  http_host: 'HTTP host',
  http_connect: 'HTTP CONNECT target',
  socks_target: 'SOCKS target',
  certificate_name: 'certificate name',
  dns_question: 'DNS question',
  dns_answer: 'DNS answer',
  dns_flow: 'address learned from DNS',
  address: 'address',
  network: 'network',
  user_agent: 'user agent',
  fingerprint: 'fingerprint',
  telemetry: 'telemetry name',
}

/** What a kind of evidence is called; a kind this page does not know keeps its name. */
export function evidenceLabel(kind: EvidenceKind): string {
  return EVIDENCE_LABELS[kind] ?? kind
}

const USE_LABELS: Record<Use, string> = {
  chat: 'chat',
  file_transfer: 'files',
  api: 'API',
  page: 'page view',
  app_start: 'app start',
  telemetry: 'telemetry',
}

/** What a use is called; one this page does not know keeps its name. */
export function useLabel(use: Use): string {
  return USE_LABELS[use] ?? use
}

/** A whole number with commas: 1,234,567. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** `value` and the word for that many: `1 alert`, `2 alerts`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** Bytes in powers of 1,000 with three digits: 999 B, 12.3 kB, 4.56 GB. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  let unit = -1
  let rest = value
  // 999.5 would be rounded to "1000 kB".
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000
    unit++
  }
  return `${rest >= 99.95 ? rest.toFixed(0) : rest >= 9.995 ? rest.toFixed(1) : rest.toFixed(2)} ${units[unit]}`
}

/** Seconds as a length of time: 12 s, 3 min 20 s, 5 h 2 min, 3 d 4 h. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const [large, largeUnit, small, smallUnit] =
    whole < 3600
      ? [Math.floor(whole / 60), 'min', whole % 60, 's']
      : whole < 86_400
        ? [Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min']
        : [Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h']
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** The day of `iso` in the reader's zone: 2026-03-29. Empty for what is no time. */
export function day(iso: string): string {
  return localParts(iso).slice(0, 10)
}

/** The time of day of `iso` in the reader's zone: 14:05:09. Empty for what is no time. */
export function clock(iso: string): string {
  return localParts(iso).slice(11)
}

/** Day and time of `iso` in the reader's zone: 2026-03-29 14:05:09. Empty for what is no time. */
export function moment(iso: string): string {
  return localParts(iso)
}

/** Name of the reader's zone: Europe/Prague. */
export function zone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** `iso` as the sensor stated it, to the microsecond, for titles: `2026-03-29 12:05:09.000001 UTC`. */
export function utc(iso: string): string {
  return iso.replace('T', ' ').replace(/Z$/, ' UTC')
}

/** `iso` as the value of an input of type datetime-local; empty for what is no time. */
export function inputTime(iso: string): string {
  return localParts(iso).replace(' ', 'T')
}

/** Address and port: 10.0.0.1:443, [2001:db8::1]:443; without a port (0) the address alone. */
export function socket(ip: string, port: number): string {
  if (port === 0) return ip
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** Country and network of an endpoint, as far as known: `US · AS16509 AMAZON-02`. */
export function network(endpoint: AlertEndpoint): string {
  const parts = endpoint.country === undefined ? [] : [endpoint.country]
  if (endpoint.asn !== undefined) parts.push(`AS${endpoint.asn} ${endpoint.as_name ?? ''}`.trimEnd())
  return parts.join(' · ')
}

function localParts(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ''
  const two = (value: number): string => String(value).padStart(2, '0')
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  )
}
