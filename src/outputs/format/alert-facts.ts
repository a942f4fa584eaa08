/**
 * What the forms of an alert say in the same way: facts read from the record,
 * and the scales that SIEMs have for severity.
 */

import { isPrivateAddress } from '../../bytes/private-address.ts'
import type { Alert, EvidenceKind, Severity } from '../../events/alert.ts'

/** What a line says that the alert does not: of the program that writes it. */
export interface Product {
  /** Of the program, `0.1.0`. */
  version: string
}

/** Vendor and product: SIEMs choose their parser by both. */
export const PRODUCT_NAME = 'Seekwatch'

/** As OCSF numbers them; ECS leaves the numbers to the source, so it has these, too. */
export const SEVERITY_NUMBER: Readonly<Record<Severity, number>> = { info: 1, low: 2, medium: 3, high: 4 }

/** On the scale to 10 of CEF (to 3 low, to 6 medium, to 8 high) and LEEF. */
export const SEVERITY_OF_TEN: Readonly<Record<Severity, number>> = { info: 1, low: 3, medium: 5, high: 8 }

const APPLICATIONS: Readonly<Partial<Record<EvidenceKind, string>>> = {
  tls_sni: 'tls',
  certificate_name: 'tls',
  quic_sni: 'quic',
  http_host: 'http',
  http_connect: 'http',
  socks_target: 'socks',
}

const NAME_KINDS: ReadonlySet<EvidenceKind> = new Set([
  'tls_sni',
  'quic_sni',
  'http_host',
  'http_connect',
  'socks_target',
  'certificate_name',
  'dns_question',
  'dns_answer',
  'dns_flow',
])

/** JA3 is an MD5 in hexadecimal digits; what else is a fingerprint is JA4. */
const JA3 = /^[0-9a-f]{32}$/i

/** The first value that was seen of these kinds; undefined without one. */
export function seen({ evidence }: Alert, ...kinds: EvidenceKind[]): string | undefined {
  return evidence.find(({ kind }) => kinds.includes(kind))?.value
}

/** All values that were seen of a kind. */
export function allSeen({ evidence }: Alert, kind: EvidenceKind): string[] {
  return evidence.filter((one) => one.kind === kind).map(({ value }) => value)
}

/** The protocol that showed what the alert is about, in lower case; undefined where only addresses met. */
export function applicationOf(alert: Alert): string | undefined {
  if (questionOf(alert) !== undefined) return 'dns'
  return alert.evidence.map(({ kind }) => APPLICATIONS[kind]).find((application) => application !== undefined)
}

/** The name that was asked for, where the alert is about DNS itself, not about a flow that DNS explains. */
export function questionOf(alert: Alert): string | undefined {
  const isDns = alert.evidence[0]?.kind === 'dns_question' || alert.evidence[0]?.kind === 'dns_answer'
  return isDns ? seen(alert, 'dns_question', 'dns_answer') : undefined
}

/** Names that the alert is about, each once. */
export function namesOf({ server, evidence }: Alert): string[] {
  const shown = evidence.filter(({ kind }) => NAME_KINDS.has(kind)).map(({ value }) => value)
  return [...new Set([server.name ?? '', ...shown])].filter(Boolean)
}

/** The fingerprints of the client's hello that matched. */
export function fingerprintsOf(alert: Alert): { ja3: string | undefined; ja4: string | undefined } {
  const all = allSeen(alert, 'fingerprint')
  return { ja3: all.find((value) => JA3.test(value)), ja4: all.find((value) => !JA3.test(value)) }
}

/** Which way, as far as the addresses alone tell. */
export function directionOf({ client, server }: Alert): 'outbound' | 'internal' | 'unknown' {
  if (!isPrivateAddress(client.ip)) return 'unknown'
  return isPrivateAddress(server.ip) ? 'internal' : 'outbound'
}

/** Is the text an address of IPv6? */
export function isIpv6(ip: string): boolean {
  return ip.includes(':')
}
