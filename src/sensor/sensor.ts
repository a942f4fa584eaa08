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

import { Column } from '../bytes/column.ts'
import { u16, u32 } from '../bytes/read.ts'
import type { Block, Capture } from '../capture/block.ts'
import type { Limits } from '../config/limits.ts'
import type { CompiledRules } from '../detect/compile.ts'
import { Detector } from '../detect/detector.ts'
import { AssetNames } from '../enrich/assets.ts'
import { NameMemory } from '../enrich/names.ts'
import type { Networks } from '../enrich/networks.ts'
import { Roles } from '../enrich/roles.ts'
import type { Batch } from '../events/batch.ts'
import type { FlowObservation, Place } from '../events/observation.ts'
import { FlowKey } from '../flow/key.ts'
import { FlowTable, FULL } from '../flow/table.ts'
import { decodePacket } from '../packet/decode.ts'
import { Duplicates } from '../packet/duplicates.ts'
import { FragmentTable } from '../packet/fragments.ts'
import { ACK, Packet, SYN, TCP, UDP } from '../packet/packet.ts'
import { IP_FRAGMENT, OTHER_TRANSPORT, UNSUPPORTED_LINK } from '../packet/reason.ts'
import { reassemble } from '../packet/reassemble.ts'
import { dnsService } from '../protocol/dns/service.ts'
import { Coverage } from './coverage.ts'
import { type EventKind, Facts } from './facts.ts'
import { tcpFromClient, udpFromClient } from './first-sender.ts'
import { GIVES_WAY_US, givesWay, idleLimit } from './flow-ends.ts'
import { FlowInfos } from './flow-infos.ts'
import { KnownNames } from './known-names.ts'
import { Quotations } from './quotation.ts'
import { AHEAD_FRAMES, ReadAhead } from './read-ahead.ts'
import { flowObservation } from './records.ts'
import {
  ALERTED,
  CLIENT_IS_HIGHER,
  CLOSED,
  DECIDED,
  IS_DNS,
  IS_QUIC,
  IS_TLS,
  IS_UDP,
  isFromClient,
  NAMED,
  SYN_SEEN,
} from './state.ts'
import { TcpPackets } from './tcp-packets.ts'
import { UdpPackets } from './udp-packets.ts'

const SECOND_US = 1e6
const FLUSH_US = 100_000
const STATS_US = 60e6
const BATCH_MAX = 256
const CRASHES_MAX = 16
const RECENT_PACKETS = 16_384 // among which a copy is looked for; a mirror port gives it within tens of packets
const COPIES_SURE = 50_000
/** Rows that are looked at for one that gives way, when the table is full: 0.3 µs when there is none. */
const PROBES_MAX = 16
const FRAGMENT_LIMITS = { datagrams: 4096, bytes: 16 << 20 }

export type { EventKind } from './facts.ts'

export interface SensorOptions {
  rules: CompiledRules
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

type FlowEnd = FlowObservation['reason']

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
  readonly #ahead: ReadAhead
  readonly #infos: FlowInfos
  /** The capture in which the first packet of each flow was read, by row. */
  readonly #firstFiles = new Column('')
  /** The row that is looked at next when the flow table is full. */
  #hand = 0
  readonly #tcp: TcpPackets
  readonly #udp: UdpPackets
  readonly #fragments = new FragmentTable(FRAGMENT_LIMITS)
  readonly #duplicates: Duplicates
  readonly #quotations = new Quotations()
  /** Packets since the last copy, or since the capture began. */
  #unlooked = 0
  readonly #detector: Detector
  readonly #facts: Facts
  readonly #known: KnownNames
  #capture: Capture | undefined
  #clock: object | undefined
  #nowUs = 0
  #nextSweepUs = 0
  #nextFlushUs = 0
  #nextStatsUs = 0

  constructor(options: SensorOptions) {
    this.#limits = options.limits
    this.#events = options.events
    this.#emit = options.emit
    this.#table = new FlowTable(options.limits.flows, options.seed)
    this.#ahead = new ReadAhead(this.#table)
    this.#infos = new FlowInfos(this.#table, this.coverage)
    this.#duplicates = new Duplicates(RECENT_PACKETS, options.seed)
    const names = new NameMemory(options.limits.toldAddresses)
    const roles = new Roles(options.limits.roles)
    const assets = new AssetNames(options.limits.assetNames)
    this.#detector = new Detector({
      rules: options.rules,
      networks: options.networks,
      names,
      roles,
      assets,
      sensor: options.sensor,
      run: options.run,
      openAlertsMax: options.limits.openAlerts,
      openContactsMax: options.limits.openContacts,
      clueClientsMax: options.limits.clueClients,
    })
    const known = new KnownNames((name) => this.#detector.watches(name))
    this.#known = known
    known.renew(this.#wantsHellos)
    this.#facts = new Facts({
      table: this.#table,
      infos: this.#infos,
      events: options.events,
      coverage: this.coverage,
      detector: this.#detector,
      names,
      roles,
      known,
      assets,
    })
    this.#tcp = new TcpPackets(this.#table, this.#infos, this.#facts, options.limits, known)
    this.#udp = new UdpPackets(this.#table, this.#infos, this.#facts, this.coverage)
  }

  /**
   * From the next block on these rules count, all of them at once. Alerts that are open keep what raised them.
   */
  useRules(rules: CompiledRules): void {
    this.#detector.useRules(rules)
    this.#known.renew(this.#wantsHellos)
  }

  /** What is told of hellos, or asked of them, besides the name needs all of them. */
  get #wantsHellos(): boolean {
    return this.#events.has('tls') || this.#detector.wantsFingerprints
  }

  /** All counters, in a fixed order: what was seen, what could not be, what was refused or forgotten for want of room. */
  counters(): Record<string, number> {
    return { ...this.coverage.counters(), ...this.#detector.counters() }
  }

  /** Alerts raised so far. */
  get alerts(): number {
    return this.#detector.book.raised
  }

  /** Takes the frames of one block of `capture`. The block may be reused afterwards. */
  push(capture: Capture, block: Block): void {
    if (capture !== this.#capture || capture.clock !== this.#clock) this.#begin(capture, block)
    const { bytes, start, end, originalLength, timeUs, link, count } = block
    const { links } = capture
    const { coverage } = this
    const packet = this.#packet
    const facts = this.#facts
    for (let i = 0; i < count; i++) {
      if (i % AHEAD_FRAMES === 0) this.#ahead.touch(block, i)
      const frameStart = start[i]!
      const frameEnd = end[i]!
      const frameBytes = originalLength[i]!
      if (timeUs[i]! > this.#nowUs) {
        this.#setNow(timeUs[i]!)
        if (this.#nowUs >= this.#nextFlushUs) this.#advance()
      }
      coverage.packets++
      coverage.bytes += frameBytes
      if (frameEnd - frameStart < frameBytes) coverage.cutFrames++
      const { linkType } = links[link[i]!]!
      let outcome = decodePacket(bytes, frameStart, frameEnd, frameBytes, linkType, packet)
      if ((outcome >= 0 || outcome === IP_FRAGMENT) && this.#isCopy(packet, outcome)) continue
      if (outcome === IP_FRAGMENT) outcome = this.#reassemble(packet)
      if (outcome === IP_FRAGMENT) {
        coverage.fragments++ // kept: it waits for the others
        continue
      }
      if (outcome < 0) {
        coverage.notDecoded[-outcome]!++
        if (outcome === UNSUPPORTED_LINK) coverage.countLink(linkType)
        if (outcome === OTHER_TRANSPORT) this.#onOther(packet, { file: capture.name, packet: block.firstPacket + i })
        continue
      }
      facts.moment.frameBytes = frameBytes
      try {
        this.#onPacket(packet, capture, block.firstPacket + i)
      } catch (error) {
        this.#onCrash(error, { file: capture.name, packet: block.firstPacket + i })
      }
      if (facts.observations.length >= BATCH_MAX) this.flush()
    }
  }

  /**
   * Says that no packet came for a while and it is `nowUs`, which shall not be later than packets that are still on
   * their way. What has collected is handed on.
   */
  tick(nowUs: number): void {
    if (nowUs > this.#nowUs && this.#capture !== undefined) {
      this.#setNow(nowUs)
      if (this.#nowUs >= this.#nextFlushUs) this.#advance()
    }
    this.flush()
  }

  /** Hands on what has collected. */
  flush(): void {
    const { observations } = this.#facts
    if (observations.length === 0 && this.#detector.book.ready === 0) return
    this.#facts.observations = []
    this.#emit({ observations, alerts: this.#detector.book.drain() })
  }

  /** Whether packets are being lost: alerts that are made from now on say so. */
  set lossy(lossy: boolean) {
    this.#detector.book.lossy = lossy
  }

  /** Says that the input is over: ends every flow and every alert, in the order of rows. Nothing may be pushed after it. */
  finish(): void {
    this.#table.each((row) => this.#endFlow(row, 'forced'))
    this.#detector.book.finish()
    this.#fragments.expire(Number.MAX_VALUE)
    this.#countFragments()
    this.#observeStats()
    this.flush()
  }

  #begin(capture: Capture, block: Block): void {
    if (block.count === 0) return
    const isSameTime = capture.clock !== undefined && capture.clock === this.#clock
    this.#capture = capture
    this.#clock = capture.clock
    if (isSameTime) return
    this.#unlooked = 0
    this.#duplicates.begin()
    this.#setNow(block.timeUs[0]!)
    this.#nextSweepUs = this.#nowUs + SECOND_US
    this.#nextFlushUs = this.#nowUs + FLUSH_US
    this.#nextStatsUs ||= this.#nowUs + STATS_US
  }

  #setNow(nowUs: number): void {
    this.#nowUs = nowUs
    this.#facts.moment.nowUs = nowUs
  }

  /**
   * Was this very packet just seen? A mirror port that doubles does so with all packets, so once a capture has shown
   * COPIES_SURE packets without a copy, only those that begin something are looked at (a tenth of the cost), until one
   * of them comes twice.
   */
  #isCopy(packet: Packet, outcome: number): boolean {
    const isLooked =
      this.#unlooked++ < COPIES_SURE || packet.protocol === UDP || (packet.tcpFlags & SYN) !== 0 || outcome < 0
    if (!isLooked || !this.#duplicates.isCopy(packet, outcome, this.#nowUs)) return false
    this.coverage.copies++
    this.#unlooked = 0
    return true
  }

  /** A piece of a datagram: gives the packet in it, if it is whole now. */
  #reassemble(packet: Packet): number {
    const outcome = reassemble(this.#fragments, packet, this.#nowUs)
    if (outcome >= 0) this.coverage.reassembled++
    return outcome
  }

  /** Neither TCP nor UDP, but an ICMP error may quote a DNS message. */
  #onOther(packet: Packet, place: Place): void {
    if (!this.#events.has('dns')) return
    try {
      const quoted = this.#quotations.read(packet, place, this.#nowUs)
      if (!quoted || this.#duplicates.isCopy(packet, OTHER_TRANSPORT, this.#nowUs)) return
      this.coverage.dnsQuoted++
      this.#facts.observations.push(quoted)
      if (this.#facts.observations.length >= BATCH_MAX) this.flush()
    } catch (error) {
      this.#onCrash(error, place)
    }
  }

  // Takes no time: a number handed to a function that V8 has not put into its caller costs an object a packet.
  #advance(): void {
    const nowUs = this.#nowUs
    if (nowUs >= this.#nextSweepUs) {
      this.#sweep()
      this.#fragments.expire(nowUs)
      this.#countFragments()
      this.#udp.renewQuota()
      this.#detector.book.advance(nowUs)
      this.#nextSweepUs = nowUs + SECOND_US
      if (nowUs >= this.#nextStatsUs) {
        this.#observeStats()
        this.#nextStatsUs = nowUs + STATS_US
      }
    }
    this.flush()
    this.#nextFlushUs = nowUs + FLUSH_US
  }

  #onPacket(packet: Packet, capture: Capture, number: number): void {
    const key = this.#key
    const table = this.#table
    key.take(packet)
    let row = table.find(key)
    let isSynLost = false // the connection is known from the server's answer to it
    if (row >= 0 && !table.isNew && packet.protocol === TCP && (packet.tcpFlags & SYN) !== 0) {
      if (this.#tcp.beginsAnew(row, packet, key.fromHigher)) {
        isSynLost = (packet.tcpFlags & ACK) !== 0
        this.#dropFlow(row, 'shutdown')
        row = table.find(key)
      } else this.#tcp.turn(row, packet, key.fromHigher)
    }
    if (row === FULL && this.#makeRoom()) row = table.find(key)
    if (row === FULL) {
      this.coverage.flowTableFull++
      return
    }
    if (table.isNew) {
      this.#beginFlow(row, packet)
      if (isSynLost) table.setState(row, table.state(row) | SYN_SEEN)
      this.#firstFiles.set(row, capture.name)
      table.firstPacket[row] = number
    }
    const fromClient = isFromClient(table.state(row), key.fromHigher)
    table.countPacket(row, fromClient, this.#facts.moment.frameBytes, this.#nowUs)
    this.#facts.moment.atPacket(capture.name, number) // a flow that had to end was told of at its own
    if (packet.protocol === TCP) this.#tcp.take(row, packet, fromClient)
    else this.#udp.take(row, packet, fromClient)
  }

  #beginFlow(row: number, packet: Packet): void {
    const table = this.#table
    const isUdp = packet.protocol === UDP
    const fromClient = isUdp ? udpFromClient(packet) : tcpFromClient(packet)
    let state = isUdp ? IS_UDP : 0
    if (fromClient === this.#key.fromHigher) state |= CLIENT_IS_HIGHER
    if (isUdp && dnsService(packet.sourcePort, packet.targetPort, 0) !== '') state |= IS_DNS | DECIDED | NAMED
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

  #endFlow(row: number, reason: FlowEnd): void {
    const place = { file: this.#firstFiles.get(row), packet: this.#table.firstPacket[row]! }
    this.#facts.setPlace(place.file, place.packet, this.#table.firstSeenUs[row]!)
    try {
      this.#onFlowEnd(row, reason, place)
    } catch (error) {
      this.#onCrash(error, place)
    }
    this.#infos.forget(row)
  }

  #dropFlow(row: number, reason: FlowEnd): void {
    this.#endFlow(row, reason)
    this.#table.release(row)
  }

  #onFlowEnd(row: number, reason: FlowEnd, place: Place): void {
    const table = this.#table
    this.coverage.flows++
    if ((table.state(row) & DECIDED) === 0) {
      const info = this.#infos.at(row)
      info?.tcp?.finish()
      info?.udp?.finish()
      if (info) info.awaitsCertificate = false
      this.#facts.nameless(row)
      this.#facts.endTalk(row)
    }
    this.#infos.at(row)?.again?.finish()
    this.#infos.at(row)?.quicAgain?.finish()
    this.#facts.nameless(row) // the client of a flow that the server began came late
    const state = table.state(row)
    if ((state & (IS_UDP | SYN_SEEN)) === 0) this.coverage.midstream++
    if ((state & (IS_TLS | IS_QUIC)) !== 0) {
      this.coverage.tlsFlows++
      if ((state & NAMED) !== 0) this.coverage.tlsNamed++
    }
    if ((state & ALERTED) !== 0) this.#detector.book.flowEnded(this.#infos.of(row))
    if (this.#events.has('flow')) {
      this.#facts.observations.push(
        flowObservation(this.#infos.of(row), place, this.#nowUs, state, table.tcpFlags(row), reason),
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
      if (idle > idleLimit(bits, idleUs)) this.#dropFlow(row, (bits & CLOSED) !== 0 ? 'shutdown' : 'timeout')
    })
  }

  /**
   * The table is full: ends the next flow that has nothing to tell, if it is near. Who fills the table with openings
   * that lead nowhere so pushes out his own, and the flows that say something stay. The hand comes back to a row after
   * all others: who came last is the last to go.
   */
  #makeRoom(): boolean {
    const table = this.#table
    for (let i = 0; i < PROBES_MAX; i++) {
      const row = this.#hand
      this.#hand = (row + 1) % table.capacity
      const state = table.state(row)
      const isQuiet = this.#nowUs - table.lastSeenUs(row) > GIVES_WAY_US
      if (!isQuiet || !givesWay(state, table.tcpFlags(row))) continue
      this.coverage.flowsGaveWay++
      this.#dropFlow(row, (state & CLOSED) !== 0 ? 'shutdown' : 'forced')
      return true
    }
    return false
  }

  #countFragments(): void {
    const { timedOut, pushedOut, overlapping } = this.#fragments
    this.coverage.datagramsIncomplete = timedOut + pushedOut
    this.coverage.fragmentsOverlapping = overlapping
  }

  #observeStats(): void {
    if (!this.#events.has('stats')) return
    this.#facts.observations.push({
      kind: 'stats',
      timeUs: this.#nowUs,
      counters: this.counters(),
    })
  }

  #onCrash(error: unknown, place: Place): void {
    this.coverage.parserCrashes++
    if (this.crashes.length >= CRASHES_MAX) return
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.crashes.push({ ...place, message })
  }
}

function mac(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 2 ** 32 + u32(bytes, at + 2)
}
