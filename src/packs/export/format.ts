/**
 * The formats that rule packs can be given to other tools in: what each takes
 * and what it cannot say. Data only, for the help and for export.ts.
 */

import { CATEGORIES } from '../../events/alert.ts'
import type { Defaults } from './entry.ts'

export const FORMAT_NAMES = [
  'suricata',
  'zeek',
  'rpz',
  'unbound',
  'nftables',
  'edl',
  'stix',
  'misp',
  'csv',
  'list',
] as const
export type FormatName = (typeof FORMAT_NAMES)[number]

export interface Format extends Defaults {
  /** What it is, for the help. */
  about: string
  /** What it takes of a rule set and what not, for the help. */
  limits: string
  /** True where it can say that a rule is silent for some clients. */
  saysClients: boolean
}

/** For what alerts: everything that may raise an alert alone. */
const ALERTS: Defaults = { categories: CATEGORIES, minConfidence: 'low', standsAlone: true }
/** For what keeps its lists apart by category and blocks. */
const BLOCKS: Defaults = { categories: CATEGORIES, minConfidence: 'medium', standsAlone: true }
/** For what blocks with one list: not those who only use the name of a service, or hand on to it. */
const BLOCKS_IN_ONE: Defaults = { ...BLOCKS, categories: ['service', 'affiliate'] }
/** For what is looked things up in. */
const ALL: Defaults = { categories: CATEGORIES, minConfidence: 'low', standsAlone: false }

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  suricata: {
    ...ALERTS,
    about: 'rules for Suricata 7 and newer, with data sets beside them for more than 500 exact names of a rule',
    limits:
      'Names in TLS and QUIC hellos, DNS questions and HTTP hosts, dedicated addresses, user agents, JA3, JA4. ' +
      'Not: names in certificates or with a dot at the end, hosting networks. An address is met whether or not a name was seen. ' +
      'sid 1200000000 to 1999999999, the same for an entry in every version.',
    saysClients: true,
  },
  zeek: {
    ...ALERTS,
    about: 'a file for the intelligence framework of Zeek',
    limits:
      'Names, dedicated addresses, user agents without a *. Zeek compares whole names: of a suffix it sees the name ' +
      'itself, and below it only what a pack lists. Not: exceptions below a name, hosting networks, fingerprints.',
    saysClients: false,
  },
  rpz: {
    ...BLOCKS_IN_ONE,
    about: 'a response policy zone for BIND, Knot, PowerDNS and Unbound',
    limits:
      'Names and exceptions below them, and dedicated addresses as answers. Not: hosting networks by AS, user agents, fingerprints.',
    saysClients: false,
  },
  unbound: {
    ...BLOCKS_IN_ONE,
    about: 'local zones for Unbound',
    limits: 'Names and exceptions below them (with all below those). Not: anything with an address or an AS.',
    saysClients: false,
  },
  nftables: {
    ...BLOCKS,
    about: 'sets of addresses for nftables, one per category and family',
    limits: 'Dedicated addresses. Not: names, hosting networks by AS.',
    saysClients: false,
  },
  edl: {
    ...BLOCKS,
    about: 'plain lists that firewalls fetch: domains, wildcard domains, IPv4 and IPv6, per category',
    limits: 'Names and dedicated addresses. Not: exceptions below a name, hosting networks by AS. Needs --out DIR.',
    saysClients: false,
  },
  stix: {
    ...ALERTS,
    about: 'a bundle of STIX 2.1 indicators',
    limits: 'Names, dedicated addresses, user agents. Not: hosting networks, fingerprints, names in certificates.',
    saysClients: false,
  },
  misp: {
    ...ALL,
    about: 'an event for MISP',
    limits:
      'Everything; to_ids is set only where a value alone is evidence of at least medium confidence. Lists of popular ' +
      'domains in MISP (warninglists) hold deepseek.com, and keep it out of exports that obey them.',
    saysClients: false,
  },
  csv: {
    ...ALL,
    about: 'a table with everything',
    limits: 'Everything.',
    saysClients: true,
  },
  list: {
    ...BLOCKS_IN_ONE,
    about: 'one plain list, a name or network in each line; a suffix begins with a dot',
    limits: 'Names and dedicated addresses. Not: exceptions below a name, hosting networks by AS.',
    saysClients: false,
  },
}
