/**
 * IP fragments put together again, RFC 791 section 3.2 and RFC 8200 section 4.5.
 *
 *   datagrams   key -> [ piece 0..1480 ) [ piece 2960..4440 )   total: 5000, once the last piece is seen
 *
 * A key is addresses and identification, in IPv4 the protocol, too; not the
 * tunnel and not the VLAN, so it does not matter by which road a piece comes.
 * A datagram is handed out whole and only then decoded. So the attacks that
 * split a header over two pieces, or put the ports into the second one (RFC
 * 1858), gain nothing: nobody looks at a piece alone.
 *
 * What is done with pieces that break the rules:
 *
 *   overlap        The first copy of a byte wins, as in the streams of TCP: what was there is never rewritten. Most
 *                  receivers of today drop such a datagram (RFC 5722); to decode it anyhow can only show more.
 *   two ends       The first piece that says where the datagram ends is right. What lies behind that end is cut off,
 *                  and a later "last" piece with another end is refused; so is a first one with an end before bytes
 *                  that are there.
 *   odd length     Only the last piece may have a length that is no multiple of 8; of others the rest is cut off.
 *   no length      A piece without data is refused.
 *   too long       A datagram longer than an IP packet can be (65,535 bytes with the header of IPv4, 65,535 of payload
 *                  in IPv6) does not exist: the piece is refused.
 *   cut piece      Of a frame that the snap length cut; the datagram cannot become whole: CUT, not kept.
 *   too many       More than PIECES_MAX pieces: the piece is refused.
 *
 * Room is bounded in datagrams and in bytes. When it runs out, the oldest
 * datagram goes, not the new one: under a flood of pieces that never become
 * whole an honest datagram, whose pieces follow each other, still gets through.
 * After 30 seconds of packet time (Linux waits as long) a datagram is given up.
 */

import { u8 } from '../bytes/read.ts'
import { latin1 } from '../bytes/text.ts'
import type { Packet } from './packet.ts'
import { CUT, FRAGMENT_REFUSED, IP_FRAGMENT } from './reason.ts'

/** A whole datagram begins so many bytes behind the start of its buffer: room for two MAC addresses (see reassemble.ts). */
export const WHOLE_START = 12

const LIFE_US = 30e6
const PIECES_MAX = 256 // 45 are needed for the longest datagram on Ethernet, 119 in packets of 576 bytes
const PIECE_COST = 256 // what a piece takes beside its bytes, about

const IP_LENGTH_MAX = 65_535
const IPV4_HEADER_BYTES = 20
const IPV4_HEADER_WORDS = 0x45 // version 4, five words
const IPV4_TOTAL_LENGTH = 2
const IPV4_FRAGMENT = 6
const IPV4_CHECKSUM = 10
const IPV6_HEADER_BYTES = 40
const IPV6_PAYLOAD_LENGTH = 4
const IPV6_NEXT_HEADER = 6

export interface FragmentLimits {
  /** Most datagrams at once. */
  datagrams: number
  /** Most bytes of pieces, each counted with its cost. */
  bytes: number
}

/** Bytes [start, end) of a datagram's payload. */
interface Piece {
  start: number
  end: number
  bytes: Uint8Array
}

interface Datagram {
  firstUs: number
  /** In order, without overlaps. */
  pieces: Piece[]
  /** Sum of the pieces' lengths. */
  there: number
  /** Length of the payload, -1 until the last piece is seen. */
  total: number
  /** Number of the protocol inside; that of the piece at offset 0 counts. */
  protocol: number
}

export class FragmentTable {
  /** Datagrams that became whole. */
  completed = 0
  /** Datagrams given up because a piece did not come in time. */
  timedOut = 0
  /** Datagrams given up for newer ones: there was no room. */
  pushedOut = 0
  /** Pieces that were not kept, see above. */
  refused = 0
  /** Pieces that claimed bytes which were there, or behind the end, and were no mere copies. */
  overlapping = 0
  readonly #limits: FragmentLimits
  readonly #datagrams = new Map<string, Datagram>() // the oldest first
  #bytes = 0

  constructor(limits: FragmentLimits) {
    this.#limits = limits
  }

  /** Datagrams that wait for pieces. */
  get size(): number {
    return this.#datagrams.size
  }

  /** Bytes of the pieces that wait, each counted with its cost. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Takes the piece that `packet` describes (its decoder said IP_FRAGMENT); the bytes are copied.
   * @param nowUs packet time
   * @returns the whole datagram if this piece completes it: WHOLE_START bytes of room, then an IP header without options
   *   and with the right lengths, then the payload. Else IP_FRAGMENT if the piece is kept, FRAGMENT_REFUSED or CUT if not.
   */
  add(packet: Packet, nowUs: number): Uint8Array | number {
    this.expire(nowUs)
    const { fragmentOffset: start, payloadLength, moreFragments } = packet
    if (packet.payloadEnd - packet.payloadStart < payloadLength) {
      this.refused++
      return CUT
    }
    const end = start + (moreFragments ? payloadLength & ~7 : payloadLength)
    const lengthMax = packet.ipVersion === 4 ? IP_LENGTH_MAX - IPV4_HEADER_BYTES : IP_LENGTH_MAX
    if (start >= end || end > lengthMax) return this.#refuse()

    const key = keyOf(packet)
    const datagram = this.#datagrams.get(key) ?? this.#begin(key, nowUs)
    if (!moreFragments && !endsAt(datagram, end)) return this.#refuse()
    if (start === 0) datagram.protocol = packet.protocol
    if (!this.#keep(datagram, start, end, packet)) return this.#refuse()
    if (datagram.there === datagram.total) return this.#complete(key, datagram, packet)
    this.#makeRoom(key)
    return IP_FRAGMENT
  }

  /** Gives up the datagrams that waited too long at packet time `nowUs`. `add` does it, too. */
  expire(nowUs: number): void {
    for (const [key, datagram] of this.#datagrams) {
      // a time far back is another capture's
      if (Math.abs(nowUs - datagram.firstUs) <= LIFE_US) return
      this.#drop(key, datagram)
      this.timedOut++
    }
  }

  #begin(key: string, nowUs: number): Datagram {
    const datagram: Datagram = { firstUs: nowUs, pieces: [], there: 0, total: -1, protocol: 0 }
    this.#datagrams.set(key, datagram)
    return datagram
  }

  #refuse(): number {
    this.refused++
    return FRAGMENT_REFUSED
  }

  /** Copies what is new of [start, end) of the datagram; false when it would be in too many pieces. */
  #keep(datagram: Datagram, start: number, end: number, packet: Packet): boolean {
    const { pieces } = datagram
    const limit = datagram.total < 0 ? end : Math.min(end, datagram.total)
    if (pieces.length >= PIECES_MAX) return false
    let hasNew = false
    let hasOld = false
    let differs = limit < end
    let at = start
    for (let i = 0; at < limit; i++) {
      const next = pieces[i]
      if (next && next.end <= at) continue
      const from = packet.payloadStart + at - start
      if (next && next.start <= at) {
        const oldEnd = Math.min(next.end, limit)
        hasOld = true
        differs ||= !isSame(next, at, oldEnd, packet.bytes, from)
        at = oldEnd
      } else {
        const newEnd = next ? Math.min(next.start, limit) : limit
        hasNew = true
        pieces.splice(i, 0, { start: at, end: newEnd, bytes: copy(packet.bytes, from, from + newEnd - at) })
        datagram.there += newEnd - at
        this.#bytes += newEnd - at + PIECE_COST
        at = newEnd
      }
    }
    if (differs || (hasNew && hasOld)) this.overlapping++
    return true
  }

  #complete(key: string, datagram: Datagram, packet: Packet): Uint8Array {
    this.#drop(key, datagram)
    this.completed++
    const headerBytes = packet.ipVersion === 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES
    const whole = new Uint8Array(WHOLE_START + headerBytes + datagram.total)
    whole.set(packet.bytes.subarray(packet.ipStart, packet.ipStart + headerBytes), WHOLE_START)
    if (packet.ipVersion === 4) mendIpv4(whole, datagram)
    else mendIpv6(whole, datagram)
    for (const piece of datagram.pieces) whole.set(piece.bytes, WHOLE_START + headerBytes + piece.start)
    return whole
  }

  /** Gives up the oldest datagrams, but not the one of `key`, until the rest is within the limits. */
  #makeRoom(key: string): void {
    const { datagrams, bytes } = this.#limits
    if (this.#datagrams.size <= datagrams && this.#bytes <= bytes) return
    for (const [oldest, datagram] of this.#datagrams) {
      if (oldest === key) continue
      this.#drop(oldest, datagram)
      this.pushedOut++
      if (this.#datagrams.size <= datagrams && this.#bytes <= bytes) return
    }
  }

  #drop(key: string, datagram: Datagram): void {
    this.#datagrams.delete(key)
    this.#bytes -= datagram.there + datagram.pieces.length * PIECE_COST
  }
}

/** In IPv6 the pieces may name different protocols, and that of the first one is right; so it is no part of the key. */
function keyOf(packet: Packet): string {
  const addresses = latin1(packet.bytes, packet.sourceStart, packet.sourceStart + 2 * packet.addressBytes)
  return packet.ipVersion === 4
    ? `${addresses}${packet.protocol} ${packet.fragmentId}`
    : `${addresses}${packet.fragmentId}`
}

/** Notes that the datagram ends at `end`; false when that contradicts what is there. */
function endsAt(datagram: Datagram, end: number): boolean {
  if (datagram.total < 0 && end >= (datagram.pieces.at(-1)?.end ?? 0)) datagram.total = end
  return datagram.total === end
}

function isSame(piece: Piece, start: number, end: number, bytes: Uint8Array, at: number): boolean {
  for (let i = start; i < end; i++) if (u8(piece.bytes, i - piece.start) !== u8(bytes, at + i - start)) return false
  return true
}

function copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end)) // slice() of a Buffer would be a view
}

function mendIpv4(whole: Uint8Array, datagram: Datagram): void {
  whole[WHOLE_START] = IPV4_HEADER_WORDS
  write16(whole, WHOLE_START + IPV4_TOTAL_LENGTH, IPV4_HEADER_BYTES + datagram.total)
  write16(whole, WHOLE_START + IPV4_FRAGMENT, 0)
  write16(whole, WHOLE_START + IPV4_CHECKSUM, 0) // nobody checks it
}

function mendIpv6(whole: Uint8Array, datagram: Datagram): void {
  write16(whole, WHOLE_START + IPV6_PAYLOAD_LENGTH, datagram.total)
  whole[WHOLE_START + IPV6_NEXT_HEADER] = datagram.protocol
}

function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8
  bytes[at + 1] = value
}
