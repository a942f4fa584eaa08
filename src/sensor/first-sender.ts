/** Whether the first packet that is seen of a flow comes from its client. */

import { u8 } from '../bytes/read.ts'
import { ACK, type Packet, SYN } from '../packet/packet.ts'

const DNS_PORT = 53
const DNS_FLAGS = 2 // in the header, RFC 1035 section 4.1.1
const DNS_RESPONSE = 0x80

/** Who sent the SYN is the client; when the beginning was missed, the lower port is the server's. */
export function tcpFromClient({ tcpFlags, sourcePort, targetPort }: Packet): boolean {
  if ((tcpFlags & SYN) !== 0) return (tcpFlags & ACK) === 0
  return sourcePort >= targetPort
}

/**
 * Who sent first is the client, unless it sent from a well-known port to one that is not, or an answer between two
 * resolvers that ask from port 53: a mirror may show that first, or alone.
 */
export function udpFromClient({ sourcePort, targetPort, bytes, payloadStart, payloadEnd }: Packet): boolean {
  if (sourcePort === DNS_PORT && targetPort === DNS_PORT && payloadEnd - payloadStart > DNS_FLAGS) {
    return (u8(bytes, payloadStart + DNS_FLAGS) & DNS_RESPONSE) === 0
  }
  return sourcePort >= 1024 || targetPort < 1024
}
