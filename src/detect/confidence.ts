/**
 * How sure an alert is: computed here and nowhere else.
 *
 * The table is that of the documentation: what kind of evidence there is, and
 * whether the server answered. The indicator caps it: a name of which we only
 * believe that it belongs to the service cannot prove more than that.
 */

import { CONFIDENCES, type Confidence } from '../events/alert.ts'

/** What an alert rests on. */
export type Basis =
  /** The name was visible in the flow itself: TLS or QUIC server name, HTTP host, CONNECT or SOCKS target. */
  | 'visible_name'
  /** The client had been told this address for a watched name, and no name was visible. */
  | 'told_address'
  /** The same, where others answer on the address, too. */
  | 'told_shared_address'
  /** The server's certificate names nothing but the service, and the client named nothing. */
  | 'certificate'
  /** The same, where the certificate names others, too. */
  | 'shared_certificate'
  /** The address is one that the service has for itself, and no name was visible. */
  | 'own_address'
  /** DNS gave the client an address for the name. */
  | 'resolved'
  /** DNS was asked for the name and gave no address. */
  | 'asked'
  /** The server lies in a network of a watched hosting company, and no name was visible. */
  | 'hosting_network'

const TABLE: Readonly<Record<Basis, { answered: Confidence; attempt: Confidence }>> = {
  visible_name: { answered: 'high', attempt: 'medium' },
  told_address: { answered: 'high', attempt: 'medium' },
  told_shared_address: { answered: 'medium', attempt: 'low' },
  certificate: { answered: 'high', attempt: 'high' },
  shared_certificate: { answered: 'low', attempt: 'low' },
  own_address: { answered: 'medium', attempt: 'low' },
  resolved: { answered: 'medium', attempt: 'medium' },
  asked: { answered: 'low', attempt: 'low' },
  hosting_network: { answered: 'low', attempt: 'low' },
}

/**
 * @param answered whether payload of the server was seen
 * @param indicator how sure we are of the indicator itself
 */
export function confidenceOf(basis: Basis, answered: boolean, indicator: Confidence): Confidence {
  const confidence = TABLE[basis][answered ? 'answered' : 'attempt']
  return weaker(confidence, indicator)
}

/** The less sure of two. */
export function weaker(a: Confidence, b: Confidence): Confidence {
  return CONFIDENCES.indexOf(a) <= CONFIDENCES.indexOf(b) ? a : b
}

/** The surer of two. */
export function stronger(a: Confidence, b: Confidence): Confidence {
  return weaker(a, b) === a ? b : a
}
