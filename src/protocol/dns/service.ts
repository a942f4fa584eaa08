/**
 * Which of the protocols that use DNS messages a message belongs to. Only
 * `dns` is a question to a resolver; the others ask the neighbours.
 *
 *   dns    RFC 1035, port 53
 *   mdns   RFC 6762, port 5353: names below .local, asked and announced on the link
 *   llmnr  RFC 4795, port 5355: single names, asked on the link
 *   nbns   RFC 1002 section 4.2, port 137: NetBIOS names
 */

import type { DnsService } from '../../events/observation.ts'

const DNS_PORT = 53
const NBNS_PORT = 137
const MDNS_PORT = 5353
const LLMNR_PORT = 5355

const RECURSION_DESIRED = 0x0100

/**
 * The protocol of a message by the ports of its datagram and its header's second word; empty when the ports are of
 * none of them. Port 5353 is that of some public resolvers as well: who wants recursion of a single host asks one. Of a
 * group, or from the port itself, the bit says nothing (RFC 6762 section 18.6).
 */
export function dnsService(sourcePort: number, targetPort: number, flags: number, toGroup = false): DnsService | '' {
  const isPort = (port: number) => sourcePort === port || targetPort === port
  if (isPort(DNS_PORT)) return 'dns'
  if (isPort(MDNS_PORT)) {
    const asksHost = !toGroup && sourcePort !== targetPort && (flags & RECURSION_DESIRED) !== 0
    return asksHost ? 'dns' : 'mdns'
  }
  if (isPort(LLMNR_PORT)) return 'llmnr'
  if (isPort(NBNS_PORT)) return 'nbns'
  return ''
}
