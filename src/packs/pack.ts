/**
 * What rule packs hold, as the engine sees it: read from YAML, checked, every
 * default filled in, a site's own changes applied. Nothing in here or below it
 * knows any vendor: a pack for another one is data only.
 *
 * Types only. The form in YAML is schema.ts.
 */

import type { Category, Confidence, Severity, Use } from '../events/alert.ts'
import type { Policy } from '../events/rules.ts'

interface Sourced {
  /** What the entry stands for, in words: `web chat`, `file upload`. */
  role: string
  /** How sure we are that it belongs to the service. Caps the confidence of its alerts. */
  confidence: Confidence
  /** When it was seen in use: a year, a date, or two dates joined by `/`. Empty when no source says. */
  seen: string
  sources: string[]
  /** What somebody who contacts it most likely does; null when it says nothing of that. */
  use: Use | null
}

/** A name. Matching ignores case and a final dot, and only ever happens on label borders. */
export interface DomainIndicator extends Sourced {
  kind: 'domain'
  /** Lower case, no final dot. */
  value: string
  /** `suffix`: the name and everything below it. `exact`: the name alone. */
  match: 'suffix' | 'exact'
}

/**
 * A watched name in front of a name of a CDN, the shape of many CNAMEs: `api.example.com.eo.dnse1.com`. Below any other
 * suffix the same shape is a trick of look-alikes and is not met.
 */
export interface FrontedIndicator extends Sourced {
  kind: 'fronted'
  /** `example.com in front of eo.dnse1.com`. */
  value: string
  /** The watched name: itself or anything below it may stand in front. */
  name: string
  /** The suffix of the CDN; a `*` stands for any characters within one label, `cdnhwc*.com`. */
  cdn: string
  /** Most labels between the two, `436b7a4e` in `cdn.example.com.436b7a4e.cdnhwcqwg14.com`. */
  labelsBetween: number
}

/** A range of server addresses. */
export interface NetworkIndicator extends Sourced {
  kind: 'network'
  /** CIDR, `3.173.21.63/32`. */
  value: string
  /** True where other tenants answer on it too: then it is never evidence alone. */
  shared: boolean
}

/** Networks of a hosting company: those of an autonomous system, those in a country, or those of one that lie in the other. */
export interface HostingIndicator extends Sourced {
  kind: 'hosting'
  /** `CN AS55990`, `CN` or `AS55990`. */
  value: string
  /** ISO 3166 alpha-2; empty for any. */
  country: string
  /** 0 for any. */
  asn: number
}

/** The user agent of an HTTP request or of a QUIC hello. */
export interface UserAgentIndicator extends Sourced {
  kind: 'user_agent'
  /** The whole text; a `*` stands for any characters. No regular expressions, which a stranger could make explode. */
  value: string
}

/** A fingerprint of a client's TLS or QUIC hello. */
export interface FingerprintIndicator extends Sourced {
  kind: 'fingerprint'
  /** JA3 in lower case, JA4 as it is. */
  value: string
  method: 'ja3' | 'ja4'
}

/** A name that counts only in a server's certificate. Names of domain indicators count there, too. */
export interface CertificateIndicator extends Sourced {
  kind: 'certificate'
  /** As in DomainIndicator. */
  value: string
  match: 'suffix' | 'exact'
}

export type Indicator =
  | DomainIndicator
  | FrontedIndicator
  | NetworkIndicator
  | HostingIndicator
  | UserAgentIndicator
  | FingerprintIndicator
  | CertificateIndicator

/** Alerts of other rules, of the same client, not further away in packet time than this. */
export interface Nearby {
  /** Ids of rules, of any pack. */
  rules: string[]
  withinUs: number
}

/** What keeps a rule silent. */
export interface Exceptions {
  /** Names on which the rule is silent, although an indicator meets them. */
  domains: Array<{ value: string; match: 'suffix' | 'exact' }>
  /** Server addresses on which it is silent, as CIDR. */
  networks: string[]
  /** Clients for which it is silent, as CIDR. */
  clients: string[]
}

export interface Rule {
  id: string
  title: string
  /** Contacts are grouped by it: `DeepSeek`. */
  service: string
  category: Category
  severity: Severity
  /** Ids of policies. */
  policy: string[]
  attack: string[]
  indicators: Indicator[]
  /** Never an alert of its own: what it meets is added, as evidence, to alerts of these rules. Null for most rules. */
  strengthens: Nearby | null
  /** An alert only beside one of these; null when it needs nothing. */
  needs: Nearby | null
  unless: Exceptions
}

/** A rule without what it matches: what an alert tells of it. */
export type RuleHead = Omit<Rule, 'indicators'>

export interface Pack {
  id: string
  title: string
  /** `2026.11.22`: the day the indicators were reviewed, with an optional `.N`. */
  version: string
  licence: string
  rules: Rule[]
}

/** A pack without its rules. */
export type PackHead = Omit<Pack, 'rules'>

/** A name that must raise no alert of some categories: what packs are checked against, not what traffic is matched with. */
export interface NeverName {
  value: string
  match: 'suffix' | 'exact'
  why: string
  categories: Category[]
}

/** Everything a sensor is given. */
export interface RuleSet {
  packs: Pack[]
  policies: Policy[]
  never: NeverName[]
}
