/**
 * A rule pack as the engine sees it: read from YAML, checked, every default
 * filled in. Nothing in here or below it knows any vendor: a pack for another
 * one is data only.
 */

import type { Category, Confidence, Severity } from '../events/alert.ts'

interface Sourced {
  /** What the entry stands for, in words: `web chat`, `file upload`. */
  role: string
  /** How sure we are that it belongs to the service. Caps the confidence of its alerts. */
  confidence: Confidence
  /** When it was seen in use: a year, a date, or two dates joined by `/`. Empty when no source says. */
  seen: string
  sources: string[]
}

/** A name. Matching ignores case and a final dot, and only ever happens on label borders. */
export interface DomainIndicator extends Sourced {
  kind: 'domain'
  /** Lower case, no final dot. */
  value: string
  /** `suffix`: the name and everything below it. `exact`: the name alone. */
  match: 'suffix' | 'exact'
}

/** A range of server addresses. */
export interface NetworkIndicator extends Sourced {
  kind: 'network'
  /** CIDR, `3.173.21.63/32`. */
  value: string
  /** True where other tenants answer on it too: then it is never evidence alone. */
  shared: boolean
}

/** Networks of a hosting company: those of an autonomous system that lie in a country. */
export interface HostingIndicator extends Sourced {
  kind: 'hosting'
  /** `CN AS55990`. */
  value: string
  /** ISO 3166 alpha-2. */
  country: string
  asn: number
}

export type Indicator = DomainIndicator | NetworkIndicator | HostingIndicator

export interface Rule {
  id: string
  title: string
  /** Contacts are grouped by it: `DeepSeek`. */
  service: string
  category: Category
  severity: Severity
  policy: string[]
  attack: string[]
  indicators: Indicator[]
}

export interface Pack {
  id: string
  title: string
  /** `2026.11.22`: the day the indicators were reviewed, with an optional `.N`. */
  version: string
  licence: string
  rules: Rule[]
}
