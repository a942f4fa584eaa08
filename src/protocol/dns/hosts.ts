/**
 * What hosts say about themselves to their neighbours: the names that answers
 * of multicast DNS and LLMNR, and registrations and answers of the NetBIOS name
 * service, give for addresses. Knowledge about clients, never a contact.
 *
 * Anybody on the link can claim anything: a name from here is a hint for the
 * analyst, not evidence.
 */

import type { DnsRecord } from '../../events/observation.ts'
import type { DnsFacts } from './facts.ts'
import { A, AAAA } from './types.ts'

/** Suffixes of NetBIOS names that are a host's own: workstation and file server. */
const HOST_NAME = /^(.+)<(?:00|20)>/

export interface HostName {
  /** As in the message: `laptop.local`, `laptop`; of NetBIOS without its suffix, `LAPTOP`. */
  name: string
  address: string
}

/** The hosts that a message names; none for a question, and none for `dns`, where others are spoken of. */
export function announcedHosts({ service, answer, answers, additionals }: DnsFacts): HostName[] {
  if (service === 'dns') return []
  if (service === 'nbns') return [...answers, ...additionals].flatMap(netbiosHosts) // a registration is a request
  return answer ? [...answers, ...additionals].filter(isAddress).map(({ name, data }) => ({ name, address: data })) : []
}

function netbiosHosts({ name, fields }: DnsRecord): HostName[] {
  const host = HOST_NAME.exec(name)?.[1]
  if (host === undefined || fields?.kind !== 'netbios' || fields.group) return []
  return fields.addresses.map((address) => ({ name: host, address }))
}

function isAddress({ type, data }: DnsRecord): boolean {
  return (type === A || type === AAAA) && data !== ''
}
