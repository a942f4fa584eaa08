/**
 * How sure an alert is: computed here and nowhere else.
 *
 * The table is that of the documentation: what kind of evidence there is, and
 * whether the server answered. The indicator caps it: a name of which we only
 * believe that it belongs to the service cannot prove more than that. So do
 * two categories, which say "perhaps" by what they are.
 *
 * Telemetry beside an alert adds a reason and never a step: the same libraries
 * are in hundreds of other apps.
 */

import { type Category, CONFIDENCES, type Confidence } from '../events/alert.ts'

/** What an alert rests on, from the strongest. */
export const BASES = [
  /** The name was visible in the flow itself: TLS or QUIC server name, HTTP host, CONNECT or SOCKS target. */
  'visible_name',
  /** The client had been told this address for a watched name, and no name was visible. */
  'told_address',
  /** The server's certificate names nothing but the service, and the client named nothing. */
  'certificate',
  /** As `told_address`, where others answer on the address, too. */
  'told_shared_address',
  /** The address is one that the service has for itself, and no name was visible. */
  'own_address',
  /** The client says of itself that it is the service's program; others may say so, too. */
  'user_agent',
  /** DNS gave the client an address for the name. */
  'resolved',
  /** As `certificate`, where it names others, too. */
  'shared_certificate',
  /** The client's hello looks like that of the service's program; those of others may, too. */
  'fingerprint',
  /** DNS was asked for the name and gave no address that leads to it. */
  'asked',
  /** The server lies in a network of a watched hosting company, and no name was visible. */
  'hosting_network',
] as const
export type Basis = (typeof BASES)[number]

const TABLE: Readonly<Record<Basis, { answered: Confidence; attempt: Confidence }>> = {
  visible_name: { answered: 'high', attempt: 'medium' },
  told_address: { answered: 'high', attempt: 'medium' },
  certificate: { answered: 'high', attempt: 'high' },
  told_shared_address: { answered: 'medium', attempt: 'low' },
  own_address: { answered: 'medium', attempt: 'low' },
  user_agent: { answered: 'medium', attempt: 'medium' },
  resolved: { answered: 'medium', attempt: 'medium' },
  shared_certificate: { answered: 'low', attempt: 'low' },
  fingerprint: { answered: 'low', attempt: 'low' },
  asked: { answered: 'low', attempt: 'low' },
  hosting_network: { answered: 'low', attempt: 'low' },
}

const CATEGORY_CAP: Readonly<Record<Category, Confidence>> = {
  service: 'high',
  affiliate: 'high',
  lookalike: 'high',
  indirect: 'low',
  hosting: 'low',
}

/**
 * @param answered whether the server answered, and not with a refusal
 * @param indicator how sure we are of the indicator itself
 */
export function confidenceOf(basis: Basis, answered: boolean, indicator: Confidence, category: Category): Confidence {
  const confidence = TABLE[basis][answered ? 'answered' : 'attempt']
  return weaker(weaker(confidence, indicator), CATEGORY_CAP[category])
}

/** Negative when `a` is the stronger basis. */
export function compareBases(a: Basis, b: Basis): number {
  return BASES.indexOf(a) - BASES.indexOf(b)
}

/** The less sure of two. */
export function weaker(a: Confidence, b: Confidence): Confidence {
  return CONFIDENCES.indexOf(a) <= CONFIDENCES.indexOf(b) ? a : b
}

/** The surer of two. */
export function stronger(a: Confidence, b: Confidence): Confidence {
  return weaker(a, b) === a ? b : a
}
