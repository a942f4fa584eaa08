/**
 * The pipeline: takes blocks of frames, decodes each, finds its flow, gives the
 * bytes to the parser they are for, and the facts to detection. Counts what it
 * could not see. Hands on observations and alerts in batches.
 *
 * Packet time is the only clock. Within one capture it never goes back: a
 * frame with an older stamp is taken at the newest time seen. A new capture
 * starts at its own first stamp. Nothing here depends on where one block ends
 * and the next begins.
 */

import { NEED_MORE } from '../bytes/outcome.ts'
import { u16, u32 } from '../bytes/read.ts'
import type { Block, Capture } from '../capture/block.ts'
import type { Limits } from '../config/limits.ts'
import { Detector } from '../detect/detector.ts'
import { Resolvers } from '../enrich/clients.ts'
import { NameMemory } from '../enrich/names.ts'
import type { Networks } from '../enrich/networks.ts'
import type { Batch } from '../events/batch.ts'
import type { Observation, Place } from '../events/observation.ts'
import { FlowKey } from '../flow/key.ts'
import { Stream } from '../flow/stream.ts'
import { FlowTable, FULL } from '../flow/table.ts'
import { decodePacket } from '../packet/decode.ts'
import { ACK, FIN, Packet, RST, SYN, TCP, UDP } from '../packet/packet.ts'
import type { Pack } from '../packs/pack.ts'
import { type DnsMessage, isAnswer, readMessage } from '../protocol/dns/message.ts'
import { type ClientHello, emptyHello } from '../protocol/tls/client-hello.ts'
import { looksLikeTls, readHelloRecords } from '../protocol/tls/record.ts'
import { Coverage, countOutcome } from './coverage.ts'
import { FlowInfo } from './flow-info.ts'
import { dnsObservation, flowObservation, tlsObservation } from './records.ts'
import {
  ALERTED,
  ANSWERED,
  ASKED,
  CLIENT_IS_HIGHER,
  CLOSED,
  DECIDED,
  FIN_IN,
  FIN_OUT,
  IS_DNS,
  IS_TLS,
  IS_UDP,
  SYN_SEEN,
} from './state.ts'

const DNS_PORT = 53
const SECOND_US = 1e6
const FLUSH_US = 100_000
const STATS_US = 60e6
const BATCH_MAX = 256
const CRASHES_MAX = 16

export type EventKind = Observation['kind']

export interface SensorOptions {
  packs: readonly Pack[]
  networks: Networks
  limits: Limits
  /** Name of the sensor, for the alerts. */
  sensor: string
  /** Id of the run, for the alerts. */
  run: string
  /** The kinds of observation that are wanted. */
  events: ReadonlySet<EventKind>
  /** Seed of the flow table's hash; no result depends on it. */
  seed: number
  /** Takes a batch; called while `push` and `finish` run, in the order of packet time. */
  emit: (batch: Batch) => void
}

/** A failure of ours on one packet: a bug, worth a report. */
export interface Crash extends Place {
  message: string
}

export class Sensor {
  readonly coverage = new Coverage()
  readonly crashes: Crash[] = []
  readonly #limits: Limits
  readonly #events: ReadonlySet<EventKind>
  readonly #emit: (batch: Batch) => void
  readonly #packet = new Packet()
  readonly #key = new FlowKey()
  readonly #table: FlowTable
  readonly #infos: Array<FlowInfo | undefined> = []
  /** The capture in which the first packet of each flow was read, by row. */
  readonly #firstFiles: string[] = []
  readonly #names: NameMemory
  readonly #resolvers: Resolvers
  readonly #detector: Detector
  #observations: Observation[] = []
  #capture: Capture | undefined
  #nowUs = 0
  #nextSweepUs = 0
  #nextFlushUs = 0
  #nextStatsUs = 0
  #place: Place = { file: '', packet: 0 }
  #frameBytes = 0

  constructor(options: SensorOptions) {
    this.#limits = options.limits
    this.#events = options.events
    this.#emit = options.emit
    this.#table = new FlowTable(options.limits.flows, options.seed)
    this.#names = new NameMemory(options.limits.toldAddresses)
    this.#resolvers = new Resolvers(options.limits.resolvers)
    this.#detector = new Detector({
      packs: options.packs,
      networks: options.networks,
      names: this.#names,
      resolvers: this.#resolvers,
      sensor: options.sensor,
      run: options.run,
      openAlertsMax: options.limits.openAlerts,
      openContactsMax: options.limits.openContacts,
    })
  }

  /** Alerts raised so far. */
  get alerts(): number {
    return this.#detector.book.raised
  }

  /** Takes the frames of one block of `capture`. The block may be reused afterwards. */
  push(capture: Capture, block: Block): void {
    if (capture !== this.#capture) this.#begin(capture, block)
    const { bytes, start, end, originalLength, timeUs, link, count } = block
    const { links } = capture
    const { coverage } = this
    const packet = this.#packet
    for (let i = 0; i < count; i++) {
      const frameStart = start[i]!
      const frameEnd = end[i]!
      const frameBytes = originalLength[i]!
      if (timeUs[i]! > this.#nowUs) this.#advance(timeUs[i]!)
      coverage.packets++
      coverage.bytes += frameBytes
      if (frameEnd - frameStart < frameBytes) coverage.cutFrames++
      const outcome = decodePacket(bytes, frameStart, frameEnd, frameBytes, links[link[i]!]!.linkType, packet)
      if (outcome < 0) {
        coverage.notDecoded[-outcome]!++
        continue
      }
      this.#frameBytes = frameBytes
      try {
        this.#onPacket(packet, capture, block.firstPacket + i)
      } catch (error) {
        this.#onCrash(error, { file: capture.name, packet: block.firstPacket + i })
      }
      if (this.#observations.length >= BATCH_MAX) this.#flush()
    }
  }

  /** Says that the input is over: ends every flow and every alert, in the order of rows. */
  finish(): void {
    this.#table.each((row) => this.#endFlow(row, 'forced'))
    this.#detector.finish()
    this.#observeStats()
    this.#flush()
  }

  #begin(capture: Capture, block: Block): void {
    if (block.count === 0) return
    this.#capture = capture
    this.#nowUs = block.timeUs[0]!
    this.#nextSweepUs = this.#nowUs + SECOND_US
    this.#nextFlushUs = this.#nowUs + FLUSH_US
    this.#nextStatsUs ||= this.#nowUs + STATS_US
  }

  #advance(nowUs: number): void {
    this.#nowUs = nowUs
    if (nowUs < this.#nextFlushUs) return
    if (nowUs >= this.#nextSweepUs) {
      this.#sweep()
      this.#detector.advance(nowUs)
      this.#nextSweepUs = nowUs + SECOND_US
      if (nowUs >= this.#nextStatsUs) {
        this.#observeStats()
        this.#nextStatsUs = nowUs + STATS_US
      }
    }
    this.#flush()
    this.#nextFlushUs = nowUs + FLUSH_US
  }

  #onPacket(packet: Packet, capture: Capture, number: number): void {
    const key = this.#key
    const table = this.#table
    key.take(packet)
    let row = table.find(key)
    if (row >= 0 && !table.isNew && isReopened(packet, table.state(row))) {
      this.#endFlow(row, 'shutdown')
      row = table.find(key)
    }
    if (row === FULL) {
      this.coverage.flowTableFull++
      return
    }
    if (table.isNew) {
      this.#beginFlow(row, packet)
      this.#firstFiles[row] = capture.name
      table.firstPacket[row] = number
    }
    const state = table.state(row)
    const fromClient = ((state & CLIENT_IS_HIGHER) !== 0) === key.fromHigher
    table.countPacket(row, fromClient, this.#frameBytes, this.#nowUs)
    if (packet.protocol === TCP) this.#onTcp(row, packet, fromClient, capture, number)
    else this.#onUdp(row, packet, fromClient, capture, number)
  }

  #onTcp(row: number, packet: Packet, fromClient: boolean, capture: Capture, number: number): void {
    const table = this.#table
    const flags = packet.tcpFlags
    let state = table.state(row)
    table.addTcpFlags(row, fromClient ? flags : flags << 8)
    if ((flags & (SYN | FIN | RST)) !== 0) {
      state = closing(state, flags, fromClient)
      table.setState(row, state)
      if (fromClient && (flags & SYN) !== 0) this.#onSyn(row, packet.sequence)
    }
    if (packet.payloadLength === 0) return
    if (!fromClient) {
      if ((state & ANSWERED) === 0) this.#onFirstAnswer(row)
      return
    }
    table.setState(row, state | ASKED)
    if ((state & DECIDED) === 0) this.#onClientBytes(row, packet, capture, number)
  }

  #onSyn(row: number, sequence: number): void {
    const begin = (sequence + 1) | 0
    this.#table.setClientBegin(row, begin)
    this.#infos[row]?.clientStream?.begin(begin) // data came before its SYN
  }

  /** New bytes of a client whose flow is not decided yet. */
  #onClientBytes(row: number, packet: Packet, capture: Capture, number: number): void {
    const stream = this.#stream(row)
    const info = this.#infos[row]!
    // a SYN may carry data, which then follows its sequence number
    const sequence = (packet.tcpFlags & SYN) !== 0 ? (packet.sequence + 1) | 0 : packet.sequence
    this.#setPlace(capture, number)
    let { bytes, payloadStart: start, payloadEnd: end } = packet
    if (!stream.isFirst(sequence) || packet.payloadLength > end - start) {
      if (!stream.add(sequence, bytes, start, end)) this.coverage.segmentsNotKept++
      const wanted = Math.min(info.wantedBytes, this.#limits.streamBytes)
      if (stream.contiguous < wanted || stream.contiguous === 0) return
      bytes = stream.buffer
      start = 0
      end = stream.contiguous
    }
    const outcome = this.#readHello(row, bytes, start, end)
    if (outcome !== NEED_MORE) return
    if (bytes === packet.bytes) stream.add(sequence, bytes, start, end)
    if (stream.contiguous >= this.#limits.streamBytes) this.#decideNameless(row)
  }

  /** Looks for a ClientHello at the beginning of a stream; decides the flow unless more bytes are needed. */
  #readHello(row: number, bytes: Uint8Array, start: number, end: number): number {
    if (!looksLikeTls(bytes, start, end)) {
      this.#decideNameless(row)
      return end
    }
    const hello = emptyHello()
    const outcome = readHelloRecords(bytes, start, end, hello)
    if (outcome === NEED_MORE) {
      this.#info(row).wantedBytes = hello.wantedBytes
      return outcome
    }
    countOutcome(this.coverage.tls, outcome)
    this.#table.setState(row, this.#table.state(row) | IS_TLS)
    if (outcome < 0) this.#decideNameless(row)
    else this.#onHello(row, hello)
    return outcome
  }

  #onHello(row: number, hello: ClientHello): void {
    const info = this.#info(row)
    if (this.#events.has('tls')) {
      this.#observations.push(tlsObservation(info.ref, this.#place, this.#nowUs, hello))
    }
    if (hello.serverName === '') {
      this.#decideNameless(row)
      return
    }
    this.#decide(row)
    if (this.#detector.onName(info, info.ref.server, 'tls_sni', hello.serverName, this.#place, this.#nowUs)) {
      this.#table.setState(row, this.#table.state(row) | ALERTED)
    }
  }

  #onUdp(row: number, packet: Packet, fromClient: boolean, capture: Capture, number: number): void {
    const table = this.#table
    const state = table.state(row)
    if ((state & IS_DNS) !== 0) {
      table.setState(row, state | (fromClient ? ASKED : ANSWERED))
      this.#onDns(row, packet, capture, number)
      return
    }
    if (packet.payloadLength === 0) return
    if (fromClient) {
      table.setState(row, state | ASKED)
    } else if ((state & ANSWERED) === 0) {
      this.#setPlace(capture, number)
      this.#onFirstAnswer(row)
      if ((state & DECIDED) === 0) this.#decideNameless(row)
    }
  }

  #onDns(row: number, packet: Packet, capture: Capture, number: number): void {
    const message: DnsMessage = { id: 0, flags: 0, questions: [], answers: [] }
    const outcome = readMessage(packet.bytes, packet.payloadStart, packet.payloadEnd, message)
    countOutcome(this.coverage.dns, outcome)
    if (outcome < 0) return
    this.#setPlace(capture, number)
    const info = this.#info(row)
    const { ref } = info
    const place = this.#place
    const nowUs = this.#nowUs
    if (this.#events.has('dns')) this.#observations.push(dnsObservation(ref, place, nowUs, message))
    if (isAnswer(message.flags)) {
      this.#resolvers.answered(ref.serverIp)
      const question = message.questions[0]
      if (question) this.#names.learn(ref.clientIp, question.name, message.answers, nowUs, place)
    }
    this.#detector.onDns(message, info, ref.server, this.#frameBytes, place, nowUs)
  }

  #onFirstAnswer(row: number): void {
    const state = this.#table.state(row) | ANSWERED
    this.#table.setState(row, state)
    if ((state & ALERTED) !== 0) this.#detector.flowAnswered(this.#infos[row]!)
  }

  /** The flow showed no name and will show none: what else is known of the server must do. */
  #decideNameless(row: number): void {
    this.#decide(row)
    if (this.#table.packetsOut(row) === 0) return // somebody's answer to nobody, as scans and floods leave them behind
    const info = this.#info(row)
    if (this.#detector.onNameless(info, info.ref.server, this.#place, this.#nowUs))
      this.#table.setState(row, this.#table.state(row) | ALERTED)
  }

  #decide(row: number): void {
    this.#table.setState(row, this.#table.state(row) | DECIDED)
    const info = this.#infos[row]
    if (info) info.clientStream = undefined
  }

  #beginFlow(row: number, packet: Packet): void {
    const table = this.#table
    const isUdp = packet.protocol === UDP
    const fromClient = isUdp ? udpFromClient(packet) : tcpFromClient(packet)
    let state = isUdp ? IS_UDP : 0
    if (fromClient === this.#key.fromHigher) state |= CLIENT_IS_HIGHER
    if (isUdp && (packet.sourcePort === DNS_PORT || packet.targetPort === DNS_PORT)) state |= IS_DNS | DECIDED
    table.setState(row, state)
    table.firstSeenUs[row] = this.#nowUs
    if (packet.etherStart >= 0) {
      const targetMac = mac(packet.bytes, packet.etherStart)
      const sourceMac = mac(packet.bytes, packet.etherStart + 6)
      table.clientMac[row] = fromClient ? sourceMac : targetMac
      table.serverMac[row] = fromClient ? targetMac : sourceMac
    }
    if (packet.vlanCount > 0) {
      const inner = packet.vlanCount > 1 ? packet.vlans[1]! + 1 : 0
      table.vlans[row] = (packet.vlans[0]! + 1) | (inner << 16)
    }
  }

  #endFlow(row: number, reason: 'shutdown' | 'timeout' | 'forced'): void {
    this.#place = { file: this.#firstFiles[row]!, packet: this.#table.firstPacket[row]! }
    try {
      this.#onFlowEnd(row, reason)
    } catch (error) {
      this.#onCrash(error, this.#place)
    }
    this.#infos[row] = undefined
    this.#table.release(row)
  }

  #onFlowEnd(row: number, reason: 'shutdown' | 'timeout' | 'forced'): void {
    const table = this.#table
    this.coverage.flows++
    if ((table.state(row) & DECIDED) === 0) this.#decideNameless(row)
    const state = table.state(row)
    if ((state & (IS_UDP | SYN_SEEN)) === 0) this.coverage.midstream++
    if ((state & ALERTED) !== 0) this.#detector.flowEnded(this.#infos[row]!)
    if (this.#events.has('flow')) {
      this.#observations.push(
        flowObservation(this.#info(row), this.#place, this.#nowUs, state, table.tcpFlags(row), reason),
      )
    }
  }

  #sweep(): void {
    const { idleUs } = this.#limits
    const table = this.#table
    const nowUs = this.#nowUs
    table.each((row) => {
      const bits = table.state(row)
      const idle = nowUs - table.lastSeenUs(row)
      if (idle > idleLimit(bits, idleUs)) this.#endFlow(row, (bits & CLOSED) !== 0 ? 'shutdown' : 'timeout')
    })
  }

  #observeStats(): void {
    if (!this.#events.has('stats')) return
    this.#observations.push({ kind: 'stats', timeUs: this.#nowUs, counters: this.coverage.counters() })
  }

  #flush(): void {
    if (this.#observations.length === 0 && this.#detector.book.ready === 0) return
    const batch: Batch = { observations: this.#observations, alerts: this.#detector.drain() }
    this.#observations = []
    this.#emit(batch)
  }

  #onCrash(error: unknown, place: Place): void {
    this.coverage.parserCrashes++
    if (this.crashes.length >= CRASHES_MAX) return
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.crashes.push({ ...place, message })
  }

  #setPlace(capture: Capture, number: number): void {
    this.#place = { file: capture.name, packet: number }
  }

  #info(row: number): FlowInfo {
    this.#infos[row] ??= new FlowInfo(this.#table, row)
    return this.#infos[row]!
  }

  #stream(row: number): Stream {
    const info = this.#info(row)
    if (!info.clientStream) {
      info.clientStream = new Stream(this.#limits.streamBytes)
      if ((this.#table.state(row) & SYN_SEEN) !== 0) info.clientStream.begin(this.#table.clientBegin(row))
    }
    return info.clientStream
  }
}

/** A SYN on a flow that is over begins a new one: the ports are used again. */
function isReopened(packet: Packet, state: number): boolean {
  return packet.protocol === TCP && (state & CLOSED) !== 0 && (packet.tcpFlags & (SYN | ACK)) === SYN
}

/** Who sent the SYN is the client; when the beginning was missed, the lower port is the server's. */
function tcpFromClient({ tcpFlags, sourcePort, targetPort }: Packet): boolean {
  if ((tcpFlags & SYN) !== 0) return (tcpFlags & ACK) === 0
  return sourcePort >= targetPort
}

/** Who sent first is the client, unless it sent from a well-known port to one that is not. */
function udpFromClient({ sourcePort, targetPort }: Packet): boolean {
  return sourcePort >= 1024 || targetPort < 1024
}

function closing(state: number, flags: number, fromClient: boolean): number {
  let next = state
  if ((flags & SYN) !== 0 && fromClient) next |= SYN_SEEN
  if ((flags & FIN) !== 0) next |= fromClient ? FIN_OUT : FIN_IN
  if ((flags & RST) !== 0 || (next & (FIN_OUT | FIN_IN)) === (FIN_OUT | FIN_IN)) next |= CLOSED
  return next
}

function idleLimit(state: number, idleUs: Limits['idleUs']): number {
  if ((state & IS_DNS) !== 0) return idleUs.dns
  if ((state & IS_UDP) !== 0) return idleUs.udp
  if ((state & CLOSED) !== 0) return idleUs.tcpClosed
  return (state & (ANSWERED | ASKED)) === (ANSWERED | ASKED) ? idleUs.tcpEstablished : idleUs.tcpNew
}

function mac(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 2 ** 32 + u32(bytes, at + 2)
}
