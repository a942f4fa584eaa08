/**
 * Copies of a packet that was just seen: a mirror port that shows both sides of
 * a switch gives each frame twice, within a few hundred microseconds, the
 * second time perhaps with another VLAN tag, other MAC addresses, or a smaller
 * TTL. Counted twice they would double every figure of a flow.
 *
 *   entries   digest a, digest b, position of the entry before in the same bucket; of the last `capacity` packets
 *   newest    bucket (of a) -> position of its newest entry
 *
 * Two packets are the same when the digests of these are equal (and nothing of
 * the link, TTL, traffic class, options or checksum of the IP header is looked
 * at): IPv4: total length, identification, flags and offset; IPv6: flow label
 * and length; protocol and addresses; and of the payload, from the transport
 * header on, 20 bytes: of TCP that is both numbers, flags, window and checksum.
 * UDP is taken whole, but for long packets that look like QUIC in the middle of
 * a connection, which no parser reads.
 *
 * Why that is safe. A sender that repeats a TCP segment gives the packet a new
 * identification. Where there is none to compare (IPv6, or 0 in IPv4, as many
 * systems write beside "don't fragment") two rules make up for it:
 *
 *   - The copy must follow within 1 ms instead of 10: too soon for a timer of the sender, which waits 200 ms and more,
 *     and for a fast repetition, unless both ends are on one LAN; and even then numbers, window and checksum of the
 *     segment (so its time stamps, too) would have to be the same. If it happens, a packet is missing in a count, and
 *     no byte is lost: those of the first copy were judged.
 *   - A TCP segment without data is never a copy. Systems do send the same acknowledgment, and the same RST, several
 *     times within microseconds (public captures are full of it), so equality says nothing. The price: on a mirror
 *     port that doubles, those of IPv6 and of such senders count twice.
 *
 * To hide a hello behind a decoy with the same digests, a TCP segment would
 * have to have its identification, window and checksum, too; of fragments the
 * first copy of a byte wins anyhow, UDP is compared whole, and digests are 64
 * bits with a seed that nobody outside knows.
 *
 * What is found does not depend on the seed, nor on where a block ends: only
 * the last `capacity` packets of the capture count, whatever buckets they are
 * in. Time is packet time, which within a capture never goes back.
 *
 * Measured: 30 to 36 ns a packet (decoding takes as long); UDP that is taken whole half a nanosecond a byte.
 */

import { u8 } from '../bytes/read.ts'
import { type Packet, TCP, UDP } from './packet.ts'
import { IP_FRAGMENT, OTHER_TRANSPORT } from './reason.ts'

const WINDOW_US = 10_000
/** For packets without an identification. */
const SHORT_WINDOW_US = 1_000

const HEAD_BYTES = 20
const LONG_UDP_BYTES = 512
const QUIC_FORM = 0xc0
const QUIC_SHORT_FORM = 0x40 // RFC 9000 section 17.3: the first bit 0, the second 1
const UDP_HEADER_BYTES = 8

const IPV4_LENGTH_AND_ID = 2
const IPV4_ID = 0xffff // of that word
const IPV4_FRAGMENT = 6
const IPV6_FLOW_LABEL = 0x000fffff // of the first word, without version and traffic class
const IPV6_LENGTH = 4
const FRAGMENT_HEADER_BYTES = 8 // IPv6: before the piece

const ENTRY_WORDS = 4
const B = 1
const PREVIOUS = 2

const POSITION_MAX = 2 ** 31 - 1
const NOTHING = new Uint8Array(0)

export class Duplicates {
  /** Packets that were copies. */
  copies = 0
  readonly #mask: number
  readonly #seed: number
  readonly #factor: number
  readonly #newest: Int32Array
  readonly #entries: Int32Array
  readonly #timeUs: Float64Array
  #position = 0 // of the newest entry, from 1
  #begin = 0 // entries up to here are of another capture
  #a = 0
  #b = 0
  #bytes: Uint8Array = NOTHING
  #view: DataView = new DataView(NOTHING.buffer) // of #bytes: reads words a quarter faster than byte by byte

  /**
   * @param capacity how many packets are remembered, a power of two; 28 bytes each
   * @param seed of the digests; random in production, fixed in tests
   */
  constructor(capacity: number, seed: number) {
    this.#mask = capacity - 1
    this.#seed = seed | 0
    this.#factor = Math.imul(seed, 0x9e3779b1) | 5 // odd, so that no bit gets lost
    this.#newest = new Int32Array(capacity)
    this.#entries = new Int32Array(capacity * ENTRY_WORDS)
    this.#timeUs = new Float64Array(capacity)
  }

  /**
   * Says that another capture begins. Time may go back to where it was, and a packet of one capture is no copy of one
   * of the other, which a mirror port would have given beside it.
   */
  begin(): void {
    this.#begin = this.#position
  }

  /**
   * Whether `packet` is a copy of one that was here before; if not, it is remembered.
   * @param outcome what decodePacket said: an offset, IP_FRAGMENT, or OTHER_TRANSPORT for an ICMP message
   * @param nowUs packet time
   */
  isCopy(packet: Packet, outcome: number, nowUs: number): boolean {
    const { bytes, ipStart, sourceStart, payloadEnd } = packet
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    const view = this.#view
    let windowUs = SHORT_WINDOW_US
    let start = packet.transportStart
    let first: number
    let second = packet.protocol << 16
    if (packet.ipVersion === 4) {
      first = view.getInt32(ipStart + IPV4_LENGTH_AND_ID)
      if ((first & IPV4_ID) !== 0) windowUs = WINDOW_US
      second |= view.getUint16(ipStart + IPV4_FRAGMENT)
    } else {
      first = view.getInt32(ipStart) & IPV6_FLOW_LABEL
      second |= view.getUint16(ipStart + IPV6_LENGTH)
      if (outcome === IP_FRAGMENT) start -= FRAGMENT_HEADER_BYTES
    }
    if (windowUs === SHORT_WINDOW_US && outcome >= 0 && packet.protocol === TCP && packet.payloadLength === 0)
      return false
    this.#a = mix(mix(this.#seed, first), second)
    this.#b = (Math.imul(first, this.#factor) + second) | 0
    const addressesEnd = sourceStart + 2 * packet.addressBytes
    const end = isReadWhole(packet, outcome) ? payloadEnd : Math.min(payloadEnd, start + HEAD_BYTES)
    if (start === addressesEnd) {
      this.#take(view, sourceStart, end)
    } else {
      this.#take(view, sourceStart, addressesEnd)
      this.#take(view, start, end)
    }
    return this.#isKnown(nowUs, windowUs)
  }

  /** Adds [start, end) to the digests: words, then the bytes that are left. */
  #take(view: DataView, start: number, end: number): void {
    const factor = this.#factor
    let a = this.#a
    let b = this.#b
    let at = start
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true) // any order does, and this one is the machine's
      a = mix(a, word)
      b = (Math.imul(b, factor) + word) | 0
    }
    for (; at < end; at++) {
      const byte = view.getUint8(at)
      a = mix(a, byte)
      b = (Math.imul(b, factor) + byte) | 0
    }
    this.#a = a
    this.#b = b
  }

  #isKnown(nowUs: number, windowUs: number): boolean {
    const a = this.#a
    const b = this.#b
    const entries = this.#entries
    const mask = this.#mask
    const forgotten = Math.max(this.#position - mask - 1, this.#begin)
    for (let position = this.#newest[a & mask]!; position > forgotten; ) {
      const slot = position & mask
      const entry = slot * ENTRY_WORDS
      const ageUs = nowUs - this.#timeUs[slot]!
      if (!(ageUs >= 0 && ageUs <= windowUs)) break // older ones follow
      if (entries[entry] === a && entries[entry + B] === b) {
        this.copies++
        return true
      }
      position = entries[entry + PREVIOUS]!
    }
    this.#remember(nowUs)
    return false
  }

  #remember(nowUs: number): void {
    if (this.#position === POSITION_MAX) {
      this.#newest.fill(0)
      this.#position = 0
      this.#begin = 0
    }
    const position = ++this.#position
    const slot = position & this.#mask
    const entry = slot * ENTRY_WORDS
    const bucket = this.#a & this.#mask
    this.#entries[entry] = this.#a
    this.#entries[entry + B] = this.#b
    this.#entries[entry + PREVIOUS] = this.#newest[bucket]!
    this.#timeUs[slot] = nowUs
    this.#newest[bucket] = position
  }
}

function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x85ebca6b)
  return h ^ (h >>> 15)
}

/** UDP and what an ICMP error quotes, because a parser may look at any byte of it. */
function isReadWhole(packet: Packet, outcome: number): boolean {
  if (outcome === OTHER_TRANSPORT) return true
  if (packet.protocol !== UDP || outcome === IP_FRAGMENT) return false
  if (packet.payloadLength <= LONG_UDP_BYTES || packet.payloadStart === packet.payloadEnd) return true
  return (u8(packet.bytes, packet.transportStart + UDP_HEADER_BYTES) & QUIC_FORM) !== QUIC_SHORT_FORM
}
