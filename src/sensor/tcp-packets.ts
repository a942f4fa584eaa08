/**
 * What becomes of a TCP segment: flags and sequence numbers into the row of
 * its flow, its bytes to those who read the connection (tcp-talk.ts) as long
 * as they tell something.
 */

import type { Limits } from '../config/limits.ts'
import { StreamBudget } from '../flow/stream-budget.ts'
import type { FlowTable } from '../flow/table.ts'
import { ACK, FIN, type Packet, RST, SYN, URG } from '../packet/packet.ts'
import { acknowledgment, isChecksumRight, manner, urgentAt } from '../packet/segment.ts'
import { mayLeadToCertificate } from '../protocol/tls/plain-answer.ts'
import { isPlainHello, PlainHello } from '../protocol/tls/plain-hello.ts'
import { mayBeRetryRequest } from '../protocol/tls/server-hello.ts'
import type { Facts } from './facts.ts'
import type { FlowInfos } from './flow-infos.ts'
import type { KnownNames } from './known-names.ts'
import { SecondReading } from './second-reading.ts'
import {
  ALERTED,
  ANSWERED,
  ASKED,
  CLOSED,
  DECIDED,
  FIN_IN,
  FIN_OUT,
  IS_TLS,
  isFromClient,
  MAY_CERTIFY,
  NAMED,
  READ_AGAIN,
  SERVER_SYN_SEEN,
  SYN_SEEN,
} from './state.ts'
import { TcpTalk } from './tcp-talk.ts'
import { type Run, Versions } from './versions.ts'

const DNS_PORT = 53
const DOT_PORT = 853
/** Most bytes of a client that are read when they come again: no hello that is in use is longer. */
const AGAIN_BYTES = 16_384
/** The part of the memory for streams that they may take. */
const AGAIN_SHARE = 8

export class TcpPackets {
  readonly #table: FlowTable
  readonly #infos: FlowInfos
  readonly #facts: Facts
  readonly #streamBytes: number
  readonly #streamBudget: StreamBudget
  /** One of its own: what comes again must not take the room of what comes first. */
  readonly #againBudget: StreamBudget
  /** Of the stream that a way to read is put into, and that is let go at once. */
  readonly #wayBudget = new StreamBudget(2 * AGAIN_BYTES)
  readonly #known: KnownNames
  readonly #hello = new PlainHello()
  readonly #second: SecondReading

  /** @param known names by which plain hellos are told apart */
  constructor(table: FlowTable, infos: FlowInfos, facts: Facts, limits: Limits, known: KnownNames) {
    this.#table = table
    this.#infos = infos
    this.#facts = facts
    this.#streamBytes = limits.streamBytes
    this.#streamBudget = new StreamBudget(limits.streamBytesAll)
    this.#againBudget = new StreamBudget(limits.streamBytesAll / AGAIN_SHARE)
    this.#known = known
    this.#second = new SecondReading(facts)
  }

  /**
   * Does this SYN begin another connection with the ports of the one in `row`? Its end may not have been seen: bytes are
   * lost, and some mirrors show one direction alone. Where the server is seen, its answer to the SYN decides: anybody
   * who wants to hide what follows can send a SYN that is none, and the server takes no notice of it (RFC 9293 section
   * 3.10.7.4).
   */
  beginsAnew(row: number, packet: Packet, fromHigher: boolean): boolean {
    const table = this.#table
    const state = table.state(row)
    const { tcpFlags, sequence } = packet
    const isSyn = (tcpFlags & ACK) === 0
    const isAnswered = (state & SERVER_SYN_SEEN) !== 0
    // the server takes as little notice of a client's RST with a wrong number
    const isBrokenOff = (state & CLOSED) !== 0 && ((table.tcpFlags(row) >> 8) & (FIN | RST)) === 0
    if (isSyn && (state & CLOSED) !== 0 && !(isBrokenOff && isAnswered)) return true
    if (!isBrokenOff && (state & (SYN_SEEN | ASKED)) !== (SYN_SEEN | ASKED)) return false
    if (isFromClient(state, fromHigher) !== isSyn) return false
    const begin = (sequence + 1) | 0
    if (isSyn) return !isAnswered && begin !== table.clientBegin(row)
    return isAnswered && begin !== table.serverBegin[row] && acknowledgment(packet) !== table.clientBegin(row)
  }

  /**
   * A SYN of who was taken for the server, before either has said anything: he is the client. A client can send a SYN
   * with ACK ahead of it, which the server refuses.
   */
  turn(row: number, packet: Packet, fromHigher: boolean): void {
    const table = this.#table
    const state = table.state(row)
    if (isFromClient(state, fromHigher) || (packet.tcpFlags & ACK) !== 0) return
    if ((state & (SYN_SEEN | ASKED | ANSWERED)) !== 0) return
    table.setState(row, state & ~SERVER_SYN_SEEN)
    this.#facts.flip(row)
  }

  /** Takes a segment of the flow in `row`. */
  take(row: number, packet: Packet, fromClient: boolean): void {
    const table = this.#table
    const flags = packet.tcpFlags
    const before = table.state(row)
    let state = before
    table.addTcpFlags(row, fromClient ? flags : flags << 8)
    if ((flags & (SYN | FIN | RST)) !== 0) {
      state = closing(state, flags, fromClient)
      table.setState(row, state)
      if ((flags & SYN) !== 0) this.#onSyn(row, before, packet, fromClient)
    }
    if (packet.payloadLength === 0) {
      if ((state & DECIDED) === 0) acknowledge(this.#infos.at(row)?.tcp, packet, fromClient)
      return
    }
    const first = fromClient ? ASKED : ANSWERED
    if ((state & first) === 0) {
      this.#facts.firstBytes(row, first)
      if (!fromClient) this.#onAnswer(row, state, packet)
    }
    // a SYN may carry data, which then follows its sequence number
    const sequence = (flags & SYN) !== 0 ? (packet.sequence + 1) | 0 : packet.sequence
    if ((state & ALERTED) !== 0 && !(fromClient && this.#wasRead(row, state, sequence + packet.payloadLength))) {
      this.#facts.segment(row, fromClient, sequence, packet.payloadLength)
    }
    if (fromClient && this.#isPlain(row, state, packet)) {
      this.#facts.count('tls', 0)
      table.setState(row, table.state(row) | IS_TLS | NAMED | DECIDED | MAY_CERTIFY)
      table.setClientRead(row, packet.payloadLength)
      return
    }
    if (fromClient && isBeforeAnswer(state, flags)) this.#readVersions(row, sequence, packet)
    else if (fromClient && this.#cameBefore(row, state, sequence)) this.#readAgain(row, sequence, packet)
    const isDecided = (state & DECIDED) !== 0
    if (isDecided && (fromClient || (state & MAY_CERTIFY) === 0 || !this.#mayCertify(row, sequence, packet))) return
    const talk = this.#talk(row)
    if (isDecided) talk.expectCertificate()
    if (!fromClient && (state & (ANSWERED | SERVER_SYN_SEEN)) === SERVER_SYN_SEEN) {
      talk.begin(false, table.serverBegin[row]!)
    }
    acknowledge(talk, packet, fromClient)
    talk.add(fromClient, sequence, packet.bytes, packet.payloadStart, packet.payloadEnd, packet.payloadLength)
    if (fromClient && (state & SYN_SEEN) !== 0) {
      table.setClientRead(row, Math.max(table.clientRead(row), talk.clientReadFrom(table.clientBegin(row))))
    }
    if (talk.clientIsOver) {
      if (this.#infos.at(row)?.versions?.isOne) this.#infos.endVersions(row)
      this.#facts.nameless(row)
    }
    if (talk.isOver) this.#facts.endTalk(row)
  }

  /** Were all of the client's bytes before number `end` read before? */
  #wasRead(row: number, state: number, end: number): boolean {
    if ((state & SYN_SEEN) === 0) return false
    return ((end - this.#table.clientBegin(row)) | 0) <= this.#table.clientRead(row)
  }

  /** Was this byte of the client read before, or are those that came again being read, and it is not far behind them? */
  #cameBefore(row: number, state: number, sequence: number): boolean {
    if ((state & SYN_SEEN) === 0) return false
    const table = this.#table
    const at = (sequence - table.clientBegin(row)) | 0
    if ((state & READ_AGAIN) === 0) return at >= 0 && at < table.clientRead(row)
    if (at >= AGAIN_BYTES) this.#endAgain(row) // it goes on elsewhere: what is missing will not come
    return at >= 0 && at < AGAIN_BYTES
  }

  /** The server's first words: what the client said before is over, but for a hello that they ask for once more. */
  #onAnswer(row: number, state: number, { bytes, payloadStart, payloadEnd }: Packet): void {
    this.#infos.endVersions(row)
    this.#facts.letGo(row)
    if ((state & (SYN_SEEN | ASKED)) !== (SYN_SEEN | ASKED) || !mayBeRetryRequest(bytes, payloadStart, payloadEnd))
      return
    this.#beginAgain(row, (this.#table.clientBegin(row) + this.#table.clientRead(row)) | 0)
  }

  /** From this number on the client's bytes are read for themselves. */
  #beginAgain(row: number, sequence: number): TcpTalk {
    this.#infos.endAgain(row)
    const again = new TcpTalk(this.#second, row, AGAIN_BYTES, this.#againBudget, false, false)
    again.begin(true, sequence)
    this.#infos.of(row).again = again
    this.#table.setState(row, this.#table.state(row) | READ_AGAIN)
    return again
  }

  /**
   * Takes what a client says before the server does. In nearly all connections that is in one piece, and done with
   * before this; or in several, each of them once.
   */
  #readVersions(row: number, sequence: number, packet: Packet): void {
    const table = this.#table
    const { bytes, payloadStart, payloadEnd } = packet
    const begin = table.clientBegin(row)
    const at = (sequence - begin) | 0
    if (at < 0 || at >= AGAIN_BYTES) return
    if (this.#infos.at(row)?.versions?.begin !== begin) {
      const wasRead = at < table.clientRead(row) || (table.state(row) & DECIDED) !== 0
      if (wasRead && at === 0 && this.#isOrdinary(bytes, payloadStart, payloadEnd)) return
      this.#infos.endVersions(row)
      this.#infos.of(row).versions = new Versions(begin, wasRead, this.#againBudget)
    }
    const versions = this.#infos.of(row).versions!
    if ((packet.tcpFlags & URG) !== 0) versions.markUrgent(at + urgentAt(packet))
    const end = Math.min(payloadEnd, payloadStart + AGAIN_BYTES - at)
    const ways = versions.add(at, bytes, payloadStart, end, manner(packet), () => isChecksumRight(packet))
    for (const way of ways) this.#readWay(row, begin, way)
  }

  #readWay(row: number, begin: number, way: readonly Run[]): void {
    const talk = new TcpTalk(this.#second, row, AGAIN_BYTES, this.#wayBudget, false, false)
    talk.begin(true, begin)
    for (const { at, bytes } of way) talk.add(true, (begin + at) | 0, bytes, 0, bytes.length, bytes.length)
    talk.finish()
    talk.release()
  }

  #endAgain(row: number): void {
    this.#infos.endAgain(row)
    this.#table.setState(row, this.#table.state(row) & ~READ_AGAIN)
    this.#facts.letGo(row)
  }

  /**
   * Takes a segment that comes again. Nearly always it is a copy of what was lost behind us. But whoever wants to hide a
   * name can send another in its place first, which the server never sees: it dies on the way, or is refused for its
   * checksum, or because it came with the SYN. So what comes again is read for itself, decision 0018.
   */
  #readAgain(row: number, sequence: number, packet: Packet): void {
    const { bytes, payloadStart, payloadEnd, payloadLength } = packet
    const table = this.#table
    const begin = table.clientBegin(row)
    if (sequence === begin && this.#isOrdinary(bytes, payloadStart, payloadEnd)) return
    const again = this.#infos.at(row)?.again ?? this.#beginAgain(row, begin)
    again.add(true, sequence, bytes, payloadStart, payloadEnd, payloadLength)
    if (again.clientIsOver) this.#endAgain(row)
  }

  /** @param before the state before this segment */
  #onSyn(row: number, before: number, packet: Packet, fromClient: boolean): void {
    const table = this.#table
    const begin = (packet.sequence + 1) | 0
    if (!fromClient) {
      table.serverBegin[row] = begin
      // of several SYNs the one that the server answers counts; with data in it, the answer may be to that as well
      const isAnswer = (packet.tcpFlags & ACK) !== 0 && (before & (SYN_SEEN | ASKED)) === SYN_SEEN
      if (isAnswer) table.setClientBegin(row, acknowledgment(packet))
    } else if ((before & SERVER_SYN_SEEN) === 0 || (before & SYN_SEEN) === 0) table.setClientBegin(row, begin)
    this.#infos.at(row)?.tcp?.begin(fromClient, begin) // data came before its SYN
  }

  /**
   * Is this the first segment of a client, with the whole of a plain hello for a name of no interest? Then there is
   * nothing more to be learned: half of all connections end here, before anything was made for them.
   * @param state before this segment
   */
  #isPlain(row: number, state: number, packet: Packet): boolean {
    if ((state & (ASKED | ANSWERED | SYN_SEEN)) !== SYN_SEEN) return false
    const { bytes, payloadStart, payloadEnd, payloadLength, sequence, tcpFlags } = packet
    if (payloadEnd - payloadStart !== payloadLength || (tcpFlags & (SYN | URG)) !== 0) return false
    const table = this.#table
    if (sequence !== table.clientBegin(row) || this.#infos.at(row)?.tcp !== undefined) return false
    // there a hello says more than its name: that somebody asks DNS
    if (table.hasPort(row, DOT_PORT)) return false
    return this.#isOrdinary(bytes, payloadStart, payloadEnd)
  }

  /** Are bytes[start, end) a plain hello for a name of no interest? */
  #isOrdinary(bytes: Uint8Array, start: number, end: number): boolean {
    const hello = this.#hello
    return isPlainHello(bytes, start, end, hello) && this.#known.isOrdinary(bytes, hello.nameAt, hello.nameEnd)
  }

  /** The server's first words after a hello of which nothing more is wanted: may a certificate in clear follow? */
  #mayCertify(row: number, sequence: number, { bytes, payloadStart, payloadEnd }: Packet): boolean {
    const table = this.#table
    const isAhead = (table.state(row) & SERVER_SYN_SEEN) !== 0 && sequence !== table.serverBegin[row]
    const isOne = isAhead || mayLeadToCertificate(bytes, payloadStart, payloadEnd)
    table.setState(row, table.state(row) & (isOne ? ~(MAY_CERTIFY | DECIDED) : ~MAY_CERTIFY))
    return isOne
  }

  #talk(row: number): TcpTalk {
    const info = this.#infos.of(row)
    if (!info.tcp) {
      const table = this.#table
      const state = table.state(row)
      const mayFlip = (state & (SYN_SEEN | SERVER_SYN_SEEN)) === 0
      const isDns = table.hasPort(row, DNS_PORT)
      info.tcp = new TcpTalk(this.#facts, row, this.#streamBytes, this.#streamBudget, isDns, mayFlip)
      if ((state & SYN_SEEN) !== 0) info.tcp.begin(true, table.clientBegin(row))
    }
    return info.tcp
  }
}

function acknowledge(talk: TcpTalk | undefined, packet: Packet, fromClient: boolean): void {
  if (!talk || (packet.tcpFlags & ACK) === 0) return
  talk.acknowledge(!fromClient, acknowledgment(packet))
}

/**
 * Does the client speak to a server that has not yet said anything? Not where the server is not seen at all: its
 * client's data would be taken for that up to the end. A SYN may have data that the server takes.
 */
function isBeforeAnswer(state: number, flags: number): boolean {
  const opened = SYN_SEEN | SERVER_SYN_SEEN
  return (state & (opened | ANSWERED)) === opened || (flags & SYN) !== 0
}

function closing(state: number, flags: number, fromClient: boolean): number {
  let next = state
  if ((flags & SYN) !== 0) next |= fromClient ? SYN_SEEN : SERVER_SYN_SEEN
  if ((flags & FIN) !== 0) next |= fromClient ? FIN_OUT : FIN_IN
  if ((flags & RST) !== 0 || (next & (FIN_OUT | FIN_IN)) === (FIN_OUT | FIN_IN)) next |= CLOSED
  return next
}
