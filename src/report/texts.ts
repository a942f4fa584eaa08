/**
 * All that a report says, as a shape that each language fills: a sentence that
 * is missing is an error of types. Texts are plain; the page escapes them.
 */

import type { Category, Confidence, EvidenceKind, TriageState, Use } from '../events/alert.ts'
import type { GapKind } from '../events/coverage.ts'
import type { ExemptionKind } from '../events/exemption.ts'
import type { ClientRow, Figures, Replayed, Report, Watched } from './report.ts'

/** What could not be seen, a row each. */
export const UNSEEN = [
  'hours_unwatched',
  'hours_silent',
  'blind',
  'lost_kernel',
  'lost_interface',
  'cut',
  'not_decoded',
  'unnamed',
  'ech',
  'encrypted_dns',
  'midstream',
  'flow_table_full',
  'alerts_lost',
  'files_failed',
  'runs_unfinished',
] as const
export type UnseenKey = (typeof UNSEEN)[number]

/** Of packet/reason.ts, and what the sensor counts beside them. */
export const REASONS = [
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
  'datagrams_incomplete',
] as const
export type Reason = (typeof REASONS)[number]

/** Titles of columns and of facts. */
export const LABELS = [
  'client',
  'contacted',
  'contacts',
  'sent_received',
  'confidence',
  'use',
  'states',
  'what',
  'by_sensors',
  'in_captures',
  'means',
  'reason',
  'frames',
  'time',
  'who',
  'via',
  'decision',
  'alerts',
  'note',
  'exemption',
  'covers',
  'why',
  'until',
  'hidden',
  'sensor',
  'interface',
  'hours',
  'packets',
  'lost',
  'named',
  'gap',
  'from',
  'to',
  'run',
  'files',
  'program',
  'made',
  'database',
  'timezone',
  'packs',
  'packs_of_alerts',
  'sensors',
] as const
export type Label = (typeof LABELS)[number]

export interface Texts {
  title: string
  period: (from: string, to: string, timezone: string) => string
  wholeDatabase: string
  noPeriod: string
  headings: Record<
    | 'answer'
    | 'days'
    | 'used'
    | 'attempted'
    | 'apart'
    | 'decisions'
    | 'exemptions'
    | 'unseen'
    | 'interfaces'
    | 'gaps'
    | 'replays'
    | 'not_decoded'
    | 'policies'
    | 'method'
    | 'about',
    string
  >
  /** The first sentence, of what was found. */
  answer: (report: Report) => string
  /** The second, of what traffic that was. */
  basis: (watched: Watched, replayed: Replayed) => string
  seeUnseen: string
  stillReviewing: string
  /** Above the lists. */
  usedNote: string
  attemptedNote: string
  apartNote: string
  labels: Record<Label, string>
  figures: Record<
    'clients' | 'standing' | 'attemptOnly' | 'contacts' | 'days' | 'bytes' | 'exempt' | 'apart',
    { label: string; note: string }
  >
  categories: Record<Category, { title: string; note: string }>
  confidences: Record<Confidence, string>
  uses: Record<Use, string>
  noUse: string
  roles: Record<Exclude<ClientRow['role'], 'host'>, string>
  evidence: Record<EvidenceKind, string>
  /** As decisions. */
  states: Record<TriageState, string>
  /** Alerts in a state. */
  stateCount: (state: TriageState, count: number) => string
  /** By which the program finds it: the beginning of its id. */
  surestAlert: (id: string) => string
  contactsOnDays: (contacts: number, days: number) => string
  lossy: (alerts: number) => string
  none: string
  noDecisions: string
  nothingLooked: string
  tooManyDays: string
  leftOut: (count: number, how: string) => string
  /** How to get all of a list. */
  csvHint: string
  allElsewhere: string
  clientsAndContacts: (figures: Figures) => string
  chart: (most: number, day: string) => string
  chartLegend: Record<'contacts' | 'attempts' | 'hours', string>
  dayTold: (day: string, contacts: number, attempts: number) => string
  daysTold: (days: string[], more: number) => string
  noDays: string
  kinds: Record<ExemptionKind, string>
  exemptionsNote: (alerts: number) => string
  /** In front of a name and a time. */
  madeBy: string
  endedEarly: string
  everyone: string
  scope: Record<'client' | 'mac' | 'name' | 'rule' | 'category' | 'indicator' | 'network', string>
  hiddenOf: (alerts: number, clients: number) => string
  statesTold: (states: Record<TriageState, number>) => string
  unseen: Record<UnseenKey, { what: string; means: string }>
  /** Of how many in all. */
  of: (all: string, share: string) => string
  unseenNote: string
  notWatched: string
  toCome: (hours: number) => string
  undated: (runs: number) => string
  reasons: Record<Reason, string>
  gapKinds: Record<GapKind, string>
  allInterfaces: string
  goesOn: string
  unfinished: string
  policyNote: string
  policyCited: (alerts: number) => string
  /** In front of ids. */
  unknownPolicies: string
  sources: string
  method: string[]
}
