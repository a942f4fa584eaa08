/**
 * What the sensor saw and what it could not see, counted. The names are those
 * of the `stats` event and the summary.
 */

import { outcomeName } from '../bytes/outcome.ts'
import { linkTypeName } from '../packet/link-names.ts'
import { REASON_NAMES, UNSUPPORTED_LINK } from '../packet/reason.ts'

const OUTCOMES = 6 // 0 for "ok", then bytes/outcome.ts from -1 on
const LINKS_MAX = 64

export type Parser = 'tls' | 'quic' | 'dns' | 'http' | 'socks' | 'dhcp'

export class Coverage {
  packets = 0
  bytes = 0
  /** Frames that were shorter in the file than on the wire. */
  cutFrames = 0
  /** Packets that the capturing program says it lost, for want of room in the kernel or in the interface. */
  lostKernel = 0
  lostInterface = 0
  flows = 0
  /** Packets without a row in the flow table: it was full. */
  flowTableFull = 0
  /** Flows that were ended early because the table was full: they had nothing to tell. */
  flowsGaveWay = 0
  /** Flows that ended without a visible beginning: the sensor or the capture came too late. */
  midstream = 0
  /** Segments of which some bytes could not be kept for reassembly. */
  segmentsNotKept = 0
  /** Holes in the bytes of connections that were given up: lost before they reached us. */
  holes = 0
  parserCrashes = 0
  /** Frames not decoded, by packet/reason.ts, negated. */
  readonly notDecoded = new Float64Array(REASON_NAMES.length)
  /** Frames on links that are not read, by link type. */
  readonly unreadLinks = new Map<number, number>()
  /** Frames that a mirror port gave twice. */
  copies = 0
  /** Datagrams put together from fragments. */
  reassembled = 0
  /** Fragments that waited for others. */
  fragments = 0
  /** Datagrams of which not all fragments came. */
  datagramsIncomplete = 0
  /** Fragments that overlap others, or the end, and are no copies of them: hardly ever an accident. */
  fragmentsOverlapping = 0
  /** TLS and QUIC flows that are over, and those of them that showed a name. */
  tlsFlows = 0
  tlsNamed = 0
  /** Flows with a hello that hides the name (ECH, ESNI), real or not. */
  ech = 0
  /** Flows of encrypted DNS, as far as they can be told. */
  encryptedDns = 0
  /** DNS messages, or beginnings of them, that ICMP errors quote. */
  dnsQuoted = 0
  /** QUIC datagrams that were not tried because their source had its share of work. */
  quicOverWork = 0
  readonly parsers: Readonly<Record<Parser, Float64Array>> = {
    tls: new Float64Array(OUTCOMES),
    quic: new Float64Array(OUTCOMES),
    dns: new Float64Array(OUTCOMES),
    http: new Float64Array(OUTCOMES),
    socks: new Float64Array(OUTCOMES),
    dhcp: new Float64Array(OUTCOMES),
  }

  /**
   * The frames that were not decoded, by name; only the reasons that occurred. A frame on a link that is not read is
   * counted once, under the name of its link.
   */
  notDecodedByName(): Record<string, number> {
    const byName: Record<string, number> = {}
    let named = 0
    for (const count of this.unreadLinks.values()) named += count
    for (let i = 1; i < REASON_NAMES.length; i++) {
      const count = this.notDecoded[i]! - (i === -UNSUPPORTED_LINK ? named : 0)
      if (count > 0) byName[REASON_NAMES[i]!] = count
    }
    if (this.datagramsIncomplete > 0) byName['datagrams_incomplete'] = this.datagramsIncomplete
    for (const [linkType, count] of this.unreadLinks) byName[`link_type_${linkTypeName(linkType)}`] = count
    return byName
  }

  /** Counts a frame on a link that is not read. */
  countLink(linkType: number): void {
    if (this.unreadLinks.size < LINKS_MAX || this.unreadLinks.has(linkType)) {
      this.unreadLinks.set(linkType, (this.unreadLinks.get(linkType) ?? 0) + 1)
    }
  }

  /** Counts the outcome of a parser. */
  count(parser: Parser, outcome: number): void {
    this.parsers[parser][outcome < 0 ? -outcome : 0]!++
  }

  /** All counters, in a fixed order. */
  counters(): Record<string, number> {
    const counters: Record<string, number> = {
      'capture.packets': this.packets,
      'capture.bytes': this.bytes,
      'capture.cut_frames': this.cutFrames,
      'capture.lost_kernel': this.lostKernel,
      'capture.lost_interface': this.lostInterface,
      'flow.total': this.flows,
      'flow.table_full': this.flowTableFull,
      'flow.gave_way': this.flowsGaveWay,
      'flow.midstream': this.midstream,
      'flow.segments_not_kept': this.segmentsNotKept,
      'flow.holes': this.holes,
      'decode.copies': this.copies,
      'decode.fragments': this.fragments,
      'decode.reassembled': this.reassembled,
      'decode.datagrams_incomplete': this.datagramsIncomplete,
      'decode.fragments_overlapping': this.fragmentsOverlapping,
      'tls.flows': this.tlsFlows,
      'tls.named': this.tlsNamed,
      'tls.ech': this.ech,
      'dns.encrypted_flows': this.encryptedDns,
      'dns.quoted': this.dnsQuoted,
      'quic.over_work': this.quicOverWork,
      'sensor.parser_crashes': this.parserCrashes,
    }
    for (let i = 1; i < REASON_NAMES.length; i++) counters[`decode.${REASON_NAMES[i]}`] = this.notDecoded[i]!
    for (const [parser, counts] of Object.entries(this.parsers)) {
      for (let i = 0; i < OUTCOMES; i++) counters[`${parser}.${outcomeName(-i)}`] = counts[i]!
    }
    return counters
  }
}
