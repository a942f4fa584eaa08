/** The sentences of reasons: names of strangers in them are printable, quoted and never trusted. */

import { printable } from '../bytes/text.ts'
import type { Told } from '../enrich/names.ts'
import type { EvidenceKind } from '../events/alert.ts'
import type { Match } from './match.ts'

/** How a visible name reached us. */
const NAME_WORDS: Partial<Record<EvidenceKind, string>> = {
  tls_sni: 'in its TLS hello (SNI)',
  quic_sni: 'in its QUIC hello (SNI)',
  http_host: 'as the host of an HTTP request',
  http_connect: 'as the target of a CONNECT to a proxy',
  socks_target: 'as the target of a SOCKS proxy',
}

/** Text of a stranger, quoted. */
export function quoted(text: string): string {
  return `"${printable(text)}"`
}

/** What it means that a rule was met. */
export function meaning({ rule, indicator }: Match): string {
  return `${rule.service}, ${indicator.role}`
}

/** A name was visible. */
export function namedReason(kind: EvidenceKind, name: string, match: Match): string {
  return `The client named ${quoted(name)} ${NAME_WORDS[kind]!}: ${meaning(match)}.`
}

/** DNS had told the client this address. */
export function toldReason(told: Told, address: string): string {
  const [name, ...aliases] = told.chain
  const by = aliases.length > 0 ? ` by way of ${aliases.map(quoted).join(', ')}` : ''
  return `DNS had told this client that ${quoted(name!)} is at ${address}${by} (packet ${told.place.packet} of ${printable(told.place.file)}).`
}

let regions: Intl.DisplayNames | undefined // made when it is needed: it takes as long as a fifth of a start

/** A country by its code, ISO 3166 alpha-2. */
export function countryName(code: string): string {
  regions ??= new Intl.DisplayNames('en', { type: 'region' })
  return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code
}
