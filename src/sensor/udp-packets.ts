/**
 * What becomes of a UDP datagram: a DNS message is read at once, by port or by
 * its looks; other first datagrams go to those who read the flow (udp-talk.ts)
 * as long as they tell something and their source has decryptions left.
 */

import { u8, u16 } from '../bytes/read.ts'
import type { FlowTable } from '../flow/table.ts'
import type { Packet } from '../packet/packet.ts'
import { looksLikeDns } from '../protocol/dns/probe.ts'
import { dnsService } from '../protocol/dns/service.ts'
import { InitialIds, isInitial, looksLikeQuic } from '../protocol/quic/probe.ts'
import type { Coverage } from './coverage.ts'
import { DecryptionQuota } from './decryption-quota.ts'
import type { Facts } from './facts.ts'
import type { FlowInfos } from './flow-infos.ts'
import { SecondReading } from './second-reading.ts'
import { ALERTED, ANSWERED, ASKED, DECIDED, IS_DNS, NAMED } from './state.ts'
import { UdpTalk } from './udp-talk.ts'

export class UdpPackets {
  readonly #table: FlowTable
  readonly #infos: FlowInfos
  readonly #facts: Facts
  readonly #coverage: Coverage
  readonly #quota = new DecryptionQuota()
  readonly #ids = new InitialIds()
  readonly #second: SecondReading

  constructor(table: FlowTable, infos: FlowInfos, facts: Facts, coverage: Coverage) {
    this.#table = table
    this.#infos = infos
    this.#facts = facts
    this.#coverage = coverage
    this.#second = new SecondReading(facts)
  }

  /** Takes a datagram of the flow in `row`. */
  take(row: number, packet: Packet, fromClient: boolean): void {
    const table = this.#table
    if (packet.payloadLength === 0) return
    const first = fromClient ? ASKED : ANSWERED
    let state = table.state(row)
    if ((state & first) === 0) {
      // QUIC on a port of DNS; the header of a question is none of QUIC
      if (fromClient && (state & IS_DNS) !== 0 && looksLikeQuic(packet.bytes, packet.payloadStart, packet.payloadEnd)) {
        table.setState(row, state & ~(IS_DNS | DECIDED | NAMED))
      }
      this.#facts.firstBytes(row, first)
      if (!fromClient) this.#endAgain(row)
      state = table.state(row)
    }
    if ((state & IS_DNS) !== 0) {
      this.#onDns(row, packet)
      return
    }
    if (isDhcpPort(packet.targetPort) && this.#facts.dhcpMessage(row, packet)) return
    if ((state & ALERTED) !== 0) this.#facts.payload(row, fromClient, packet.payloadLength)
    const isDecided = (state & DECIDED) !== 0
    if (isDecided && !this.#beginsAgain(row, packet, fromClient)) return
    const { bytes, payloadStart, payloadEnd } = packet
    if (!isDecided && this.#infos.at(row)?.udp === undefined && looksLikeDns(bytes, payloadStart, payloadEnd)) {
      if (this.#facts.dnsMessage(row, bytes, payloadStart, payloadEnd, 'dns')) {
        table.setState(row, table.state(row) | IS_DNS | DECIDED | NAMED)
        return
      }
    }
    const talk = this.#talk(row)
    if (talk.kind === 'quic' && !this.#mayDecrypt(packet)) return
    this.#add(talk, packet, fromClient)
    if (isDecided) {
      if (!talk.hasBegun) {
        this.#facts.endTalk(row)
        return
      }
      table.setState(row, table.state(row) & ~DECIDED)
    }
    if (talk.isOver && fromClient && isInitial(bytes, payloadStart, payloadEnd, this.#ids)) {
      table.setClientBegin(row, this.#ids.target)
    }
    if (!talk.isOver && (fromClient || talk.kind !== '')) return
    this.#facts.nameless(row)
    if (talk.isOver) this.#facts.endTalk(row)
  }

  /** Says that a second has passed. */
  renewQuota(): void {
    this.#quota.renew()
  }

  /**
   * Does a client that was understood, or given up, begin another connection? Some use one port for all, and whoever
   * wants to hide a name can send another ahead of it, or what is no QUIC at all. The rest of the beginning of the first
   * one is told by its ids, and costs no decryption: the one that the client made up, until the server names its own.
   * Their hashes stand where TCP has its first numbers.
   */
  #beginsAgain(row: number, packet: Packet, fromClient: boolean): boolean {
    const table = this.#table
    const ids = this.#ids
    if (!isInitial(packet.bytes, packet.payloadStart, packet.payloadEnd, ids)) return false
    if (!fromClient) {
      table.serverBegin[row] = ids.source
      return false
    }
    if (ids.target === table.serverBegin[row]) return false
    if (ids.target !== table.clientBegin(row)) return this.#mayDecrypt(packet)
    if ((table.state(row) & ANSWERED) === 0 && this.#mayDecrypt(packet)) this.#readAgain(row, packet)
    return false
  }

  /**
   * Takes what a client sends once more under the id of a hello that was read, before the server answers: nearly always
   * the same hello. But as with TCP (decision 0018) the first one may be a decoy that the server never saw.
   */
  #readAgain(row: number, packet: Packet): void {
    const info = this.#infos.of(row)
    info.quicAgain ??= new UdpTalk(this.#second, row)
    const talk = info.quicAgain
    this.#add(talk, packet, true)
    if (talk.isOver) this.#endAgain(row)
  }

  #endAgain(row: number): void {
    const info = this.#infos.at(row)
    if (!info?.quicAgain) return
    info.quicAgain = undefined
    this.#facts.letGo(row)
  }

  #onDns(row: number, packet: Packet): void {
    const { bytes, payloadStart, payloadEnd, sourcePort, targetPort } = packet
    const flags = payloadEnd - payloadStart >= 4 ? u16(bytes, payloadStart + 2) : 0
    const service = dnsService(sourcePort, targetPort, flags, isToGroup(packet)) || 'dns'
    this.#facts.dnsMessage(row, bytes, payloadStart, payloadEnd, service)
  }

  /** Has the source of this packet decryptions left? It is counted when not. */
  #mayDecrypt(packet: Packet): boolean {
    if (this.#quota.isLeft(packet)) return true
    this.#coverage.quicOverWork++
    return false
  }

  #add(talk: UdpTalk, packet: Packet, fromClient: boolean): void {
    const before = talk.work
    talk.add(fromClient, packet.bytes, packet.payloadStart, packet.payloadEnd)
    this.#quota.spend(packet, talk.work - before)
  }

  #talk(row: number): UdpTalk {
    const info = this.#infos.of(row)
    info.udp ??= new UdpTalk(this.#facts, row)
    return info.udp
  }
}

/** Multicast, RFC 5771 section 3 and RFC 4291 section 2.7. */
function isToGroup({ bytes, targetStart, addressBytes }: Packet): boolean {
  const first = u8(bytes, targetStart)
  return addressBytes === 4 ? first >> 4 === 0xe : first === 0xff
}

/** RFC 2131 section 4.1, RFC 8415 section 7.2: relays, servers and clients. */
function isDhcpPort(port: number): boolean {
  return port === 67 || port === 68 || port === 546 || port === 547
}
