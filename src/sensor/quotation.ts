/**
 * DNS messages in packets that ICMP errors quote: shown, and nothing more.
 *
 * Anybody can send an error with any quotation in it. So what is read here
 * becomes an observation that says who sent it, and never reaches a flow, the
 * memory of names, the roles of clients or detection (decision 0008).
 */

import { ipText } from '../bytes/address.ts'
import { u16 } from '../bytes/read.ts'
import type { DnsObservation, FlowRef, Place } from '../events/observation.ts'
import { communityId } from '../flow/community-id.ts'
import { decodeQuotation } from '../packet/icmp.ts'
import { Packet, UDP } from '../packet/packet.ts'
import { dnsFacts } from '../protocol/dns/facts.ts'
import { DnsMessage, isAnswer, readMessage } from '../protocol/dns/message.ts'
import { looksLikeDns } from '../protocol/dns/probe.ts'
import { dnsService } from '../protocol/dns/service.ts'

const FLAGS = 2
const FLAGS_END = 4

export class Quotations {
  readonly #quoted = new Packet()
  readonly #message = new DnsMessage()

  /** What the ICMP error in `packet` quotes, if that is (the beginning of) a DNS message. */
  read(packet: Packet, place: Place, timeUs: number): DnsObservation | undefined {
    const quoted = this.#quoted
    const message = this.#message
    const outcome = decodeQuotation(packet, quoted)
    if (outcome < 0 || quoted.protocol !== UDP) return undefined
    const { bytes, payloadStart: start, payloadEnd: end, sourcePort, targetPort } = quoted
    const flags = end - start < FLAGS_END ? 0 : u16(bytes, start + FLAGS)
    const service = dnsService(sourcePort, targetPort, flags) || (looksLikeDns(bytes, start, end) ? 'dns' : '')
    if (service === '') return undefined
    if (readMessage(bytes, start, end, message) < 0 && message.brokenQuestionAt < 0) return undefined
    return {
      kind: 'dns',
      ...place,
      timeUs,
      flow: flowOf(quoted, isAnswer(message.flags)),
      ...dnsFacts(message, service),
      quotedBy: ipText(packet.bytes, packet.sourceStart, packet.addressBytes),
    }
  }
}

/** Who would have talked to whom. */
function flowOf(quoted: Packet, fromServer: boolean): FlowRef {
  const { bytes, addressBytes, sourceStart, targetStart, sourcePort, targetPort } = quoted
  const sourceIp = ipText(bytes, sourceStart, addressBytes)
  const targetIp = ipText(bytes, targetStart, addressBytes)
  return {
    id: 0,
    protocol: 'UDP',
    clientIp: fromServer ? targetIp : sourceIp,
    clientPort: fromServer ? targetPort : sourcePort,
    serverIp: fromServer ? sourceIp : targetIp,
    serverPort: fromServer ? sourcePort : targetPort,
    communityId: communityId(bytes, sourceStart, targetStart, addressBytes, sourcePort, targetPort, UDP),
    vlans: [],
    clientMac: '',
    serverMac: '',
  }
}
