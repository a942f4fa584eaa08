/**
 * What messages of the link (mDNS, LLMNR, NetBIOS), leases of DHCP and answers
 * of reverse DNS teach about the names of machines. A machine may name itself
 * only: what it says of other addresses is not learned. What it says to DHCP
 * counts once it is given an address, or where it asks from its own.
 */

import { ipv6Text } from '../bytes/address.ts'
import type { AssetNames } from '../enrich/assets.ts'
import type { DnsRecord, DnsService, FlowRef } from '../events/observation.ts'
import type { LeaseMessage } from '../protocol/dhcp/lease.ts'
import { recordsOf } from '../protocol/dns/facts.ts'
import { ADDITIONAL, ANSWER, type DnsMessage, isAnswer } from '../protocol/dns/message.ts'
import { A, AAAA, PTR } from '../protocol/dns/types.ts'

const LOCAL = '.local'
const IPV6_DIGITS = 32
/** NetBIOS: a workstation, and its file service. Other suffixes are of groups and of users. */
const NETBIOS_MACHINE = /^([^<.]+)<(?:00|20)>$/

/** Learns from a message between neighbours of the flow `ref`. */
export function learnNeighbour(
  names: AssetNames,
  message: DnsMessage,
  service: Exclude<DnsService, 'dns'>,
  ref: FlowRef,
  nowUs: number,
): void {
  // NetBIOS machines register their name in a request, with the address beside it (RFC 1002 section 4.2.2)
  if (!isAnswer(message.flags) && service !== 'nbns') return
  const ends = [ref.clientIp, ref.serverIp]
  for (const record of [...recordsOf(message, service, ANSWER), ...recordsOf(message, service, ADDITIONAL)]) {
    const { name, addresses } = service === 'nbns' ? netbios(record) : link(record)
    for (const address of addresses) if (ends.includes(address)) names.learn(address, name, service, nowUs)
  }
}

/** Learns from the records of an answer of a resolver. */
export function learnReverse(names: AssetNames, answers: readonly DnsRecord[], nowUs: number): void {
  for (const { type, name, data } of answers) {
    if (type === PTR) names.learn(addressOf(name), data, 'dns', nowUs)
  }
}

/**
 * Learns from a message of DHCP.
 * @param sourceIp whose message it is, by its packet
 */
export function learnLease(names: AssetNames, lease: LeaseMessage, sourceIp: string, nowUs: number): void {
  const { says, client, name, addresses } = lease
  if (client === '' || says === 'other') return
  if (says === 'asks') {
    if (name !== '') names.claim(client, name)
    if (addresses.includes(sourceIp)) names.learn(sourceIp, name, 'dhcp', nowUs)
    return
  }
  for (const address of addresses) names.learn(address, name === '' ? names.claimOf(client) : name, 'dhcp', nowUs)
}

function link({ type, name, data }: DnsRecord): { name: string; addresses: string[] } {
  if (type !== A && type !== AAAA) return { name: '', addresses: [] }
  return { name: name.endsWith(LOCAL) ? name.slice(0, -LOCAL.length) : name, addresses: [data] }
}

function netbios({ name, fields }: DnsRecord): { name: string; addresses: string[] } {
  const machine = NETBIOS_MACHINE.exec(name)?.[1]
  if (machine === undefined || fields?.kind !== 'netbios' || fields.group) return { name: '', addresses: [] }
  return { name: machine, addresses: fields.addresses }
}

/** The address that a name of reverse DNS stands for (RFC 1035 section 3.5, RFC 3596 2.5); empty for any other name. */
function addressOf(name: string): string {
  const ipv4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name)
  if (ipv4) return `${ipv4[4]}.${ipv4[3]}.${ipv4[2]}.${ipv4[1]}`
  if (!/^(?:[\da-f]\.){32}ip6\.arpa$/.test(name)) return ''
  const digits = name
    .slice(0, 2 * IPV6_DIGITS)
    .split('.')
    .reverse()
    .join('')
  return ipv6Text(Buffer.from(digits, 'hex'), 0)
}
