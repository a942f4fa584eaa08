/**
 * The alert record: one shape in the store, the API, `alerts --format jsonl`
 * and, as the object `seekwatch`, in EVE. Keys and their order are the ones of
 * the documentation; times are RFC 3339 in UTC with microseconds, from packets.
 *
 * Types and their lists only: the dashboard imports this file.
 */

export const CATEGORIES = ['service', 'affiliate', 'lookalike', 'indirect', 'hosting'] as const
export type Category = (typeof CATEGORIES)[number]

/** From weak to strong, so that the index can be compared. */
export const SEVERITIES = ['info', 'low', 'medium', 'high'] as const
export type Severity = (typeof SEVERITIES)[number]

/** From weak to strong, so that the index can be compared. */
export const CONFIDENCES = ['low', 'medium', 'high'] as const
export type Confidence = (typeof CONFIDENCES)[number]

export const STATES = ['new', 'acknowledged', 'escalated', 'closed', 'exempt'] as const
export type State = (typeof STATES)[number]

/** What people set; `exempt` is set by exemptions. */
export type TriageState = Exclude<State, 'exempt'>

/** What people have to look at; `exempt` is shown apart. */
export const INBOX_STATES: readonly State[] = STATES.filter((state) => state !== 'exempt')

export const EVIDENCE_KINDS = [
  'tls_sni',
  'quic_sni',
  'http_host',
  'http_connect',
  'socks_target',
  'certificate_name',
  'dns_question',
  'dns_answer',
  'dns_flow',
  'address',
  'network',
  'user_agent',
  'fingerprint',
  'telemetry',
] as const
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number]

/** What a client most likely does with a service, from the one that matters most. */
export const USES = ['chat', 'file_transfer', 'api', 'page', 'app_start', 'telemetry'] as const
export type Use = (typeof USES)[number]

/** One fact from the wire and where it was seen. */
export interface Evidence {
  kind: EvidenceKind
  /** The name or address, as seen: never trust it in a terminal, page, file name or query. */
  value: string
  /** Number of the packet in its file, from 1, as Wireshark counts. */
  packet: number
  /** Capture file, as given on the command line, or the interface. */
  file: string
  time: string
}

/** The entry of a pack that matched. */
export interface IndicatorRef {
  kind: 'domain' | 'fronted' | 'network' | 'hosting' | 'user_agent' | 'fingerprint' | 'certificate'
  /** `deepseek.com`, `3.173.21.63/32`, `CN AS55990`. */
  value: string
  role: string
  confidence: Confidence
  sources: string[]
}

export interface AlertEndpoint {
  ip: string
  port: number
  mac?: string
  /** The name shown on the wire or told by DNS. */
  name?: string
  /** ISO 3166 alpha-2. */
  country?: string
  asn?: number
  as_name?: string
  /** For whom the client said it asks (X-Forwarded-For, Forwarded, PROXY protocol): addresses, a claim, few. */
  forwarded_for?: string[]
}

export interface Alert {
  id: string
  rule: string
  /** The rule's title. */
  title: string
  pack: string
  pack_version: string
  /** What contacts are grouped by: the `service` of the rule, e.g. `DeepSeek`. */
  service: string
  category: Category
  severity: Severity
  confidence: Confidence
  state: State
  /** Id of the exemption that covers it; there while the state is `exempt`. */
  exemption?: string
  /** True while no answer of the server was seen. */
  attempt: boolean
  /** How many observations this alert stands for (flows: 1; DNS and hosting: how often). */
  count: number
  evidence: Evidence[]
  indicator: IndicatorRef
  /** Sentences for people, strongest first. */
  reasons: string[]
  /** What was most likely done with the service; null when nothing says. */
  use: Use | null
  /** Why, in a sentence for people; empty without a use. */
  use_reason: string
  client: AlertEndpoint
  client_role: 'host' | 'resolver' | 'proxy'
  server: AlertEndpoint
  protocol: 'TCP' | 'UDP'
  bytes_out: number
  bytes_in: number
  packets_out: number
  packets_in: number
  first_seen: string
  last_seen: string
  contact: string
  run: string
  sensor: string
  community_id: string
  /** Number of the flow in EVE; of the first one where the alert stands for several. */
  flow_id: number
  lossy: boolean
  /** Ids of the policies that the rule cites. */
  policy: string[]
  /** MITRE ATT&CK technique ids. */
  attack: string[]
}

/** The longest silence within a contact, in microseconds. */
export const QUIET_GAP_US = 30 * 60e6

/** The alerts of one client with one service, without a quiet gap longer than 30 minutes. */
export interface Contact {
  id: string
  client: string
  service: string
  category: Category
  severity: Severity
  confidence: Confidence
  /** True when no answer of a watched server was seen: only attempts and DNS. */
  attempt: boolean
  /** Without those that are exempt; all other figures are of both. */
  alerts: number
  exempt: number
  /** Distinct names and addresses, most alerts first, at most 20. */
  names: string[]
  /** The reasons of the most confident alert. */
  reasons: string[]
  /** The use that matters most among its alerts; null when none of them says. */
  use: Use | null
  use_reason: string
  bytes_out: number
  bytes_in: number
  first_seen: string
  last_seen: string
}
