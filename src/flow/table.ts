/**
 * The flow table: every live flow is a row number.
 *
 * What each packet of a flow needs lies together in 64 bytes, one cache line,
 * so a packet costs two misses (the bucket and the row) however many flows
 * there are. To find and count one of 78,000 flows, in random order, takes 90 ns;
 * with a column for each property it took 101. What is asked for once per flow
 * has columns of its own.
 *
 *   word   0      1       2      3        4      5      6      7
 *        | key: lower, higher, ports | kind | next | state | tcp | client |
 *        | address (IPv4)            |      |      |       |flags,| begin |
 *        |                           |      |      |       |read |        |
 *   word   8         9          10-11        12-13       14-15
 *        | packets | packets | last seen  | bytes out | bytes in |
 *        | out     | in      | (double)   | (double)  | (double) |
 *
 *   kind      the last word of the key: IP version and protocol
 *   next      row + 1 of the next one in the same bucket, 0 for none; free rows
 *             hang together in the same way
 *   addresses of IPv6 rows lie in a column beside; words 0 and 1 are then unused
 *   used      rows [0, used) have been live at some time: the only ones a sweep
 *             has to look at. The row freed last is taken first, so `used` stays
 *             as small as the crowd was.
 *
 * Room for all rows is set aside at construction (the system gives memory only
 * to what is used), so the table cannot grow under a flood: when it is full,
 * `find` says so, and the sensor makes room or counts the refusal.
 *
 * The hash is seeded per process, because an outsider chooses the addresses
 * and must not be able to choose the bucket. No result depends on the seed.
 */

import { ADDRESS_WORDS, putIpv4 } from '../bytes/address-words.ts'
import { FlowKey, IPV4_KEY_WORDS, IPV6_KEY_WORDS } from './key.ts'

export const FULL = -1
const NONE = -1

/** The bit of `state` that says which end of the key is the client. The others are the sensor's. */
export const CLIENT_IS_HIGHER = 1 << 0

/** Largest figure of `clientRead`. */
export const CLIENT_READ_MAX = 0xffff
const FLAGS_MASK = 0xffff

const ROW_WORDS = 16
const ROW_DOUBLES = 8
const PORTS = 2
const KIND = 3
const NEXT = 4
const STATE = 5
const TCP_FLAGS = 6
const CLIENT_BEGIN = 7
const PACKETS_OUT = 8
const PACKETS_IN = 9
const LAST_SEEN = 5 // in doubles, as are the next two
const BYTES_OUT = 6
const BYTES_IN = 7

const IPV6_ADDRESS_WORDS = 8

export class FlowTable {
  readonly capacity: number
  /** Time of the first packet. */
  readonly firstSeenUs: Float64Array
  /** Number of the first packet in its file. */
  readonly firstPacket: Float64Array
  /** MAC addresses as 48-bit numbers, 0 for none. */
  readonly clientMac: Float64Array
  readonly serverMac: Float64Array
  /** The two outermost VLAN ids, each plus one so that 0 is none: the outer one in the low 16 bits. */
  readonly vlans: Uint32Array
  /** Sequence number of the server's first byte; valid when its SYN was seen. Of UDP: see sensor/udp-packets.ts. */
  readonly serverBegin: Int32Array
  /** Live flows. */
  size = 0
  /** Set by `find`: the row is new, all its figures are zero. */
  isNew = false

  readonly #seed: number
  readonly #mask: number
  readonly #buckets: Int32Array
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #addresses6: Int32Array
  readonly #live: Uint8Array
  #free = 0
  #used = 0
  /** The live row that was found last, or NONE: packets of a flow come in trains, and it is still in the processor's cache. */
  #last = NONE

  /**
   * @param capacity most flows at once
   * @param seed of the hash; random in production, fixed in tests
   */
  constructor(capacity: number, seed: number) {
    this.capacity = capacity
    this.firstSeenUs = new Float64Array(capacity)
    this.firstPacket = new Float64Array(capacity)
    this.clientMac = new Float64Array(capacity)
    this.serverMac = new Float64Array(capacity)
    this.vlans = new Uint32Array(capacity)
    this.serverBegin = new Int32Array(capacity)
    this.#seed = seed | 0
    this.#mask = 2 ** Math.ceil(Math.log2(Math.max(capacity, 2))) - 1
    this.#buckets = new Int32Array(this.#mask + 1)
    this.#words = new Int32Array(capacity * ROW_WORDS)
    this.#doubles = new Float64Array(this.#words.buffer)
    this.#addresses6 = new Int32Array(capacity * IPV6_ADDRESS_WORDS)
    this.#live = new Uint8Array(capacity)
  }

  /** The row of the flow with this key, made if there is none (then `isNew` is true); FULL if there is no room. */
  find(key: FlowKey): number {
    this.isNew = false
    if (this.#last !== NONE && this.#hasKey(this.#last, key)) return this.#last
    const bucket = hash(key, this.#seed) & this.#mask
    for (let link = this.#buckets[bucket]!; link !== 0; ) {
      const row = link - 1
      if (this.#hasKey(row, key)) {
        this.#last = row
        return row
      }
      link = this.#words[row * ROW_WORDS + NEXT]!
    }
    return this.#add(key, bucket)
  }

  /**
   * The first flow that `find` would look at for a packet of IPv4, as row + 1; 0 for none.
   * @param ports as in its header: the source's in the upper half
   */
  firstLink(source: number, target: number, ports: number, protocol: number): number {
    const fromHigher = source > target || (source === target && ports >>> 16 > (ports & 0xffff))
    let h = mix(this.#seed, fromHigher ? target : source)
    h = mix(h, fromHigher ? source : target)
    h = mix(h, fromHigher ? (ports << 16) | (ports >>> 16) : ports)
    return this.#buckets[mix(h, (4 << 8) | protocol) & this.#mask]!
  }

  /** The first word of a flow's row. @param link row + 1; 0 gives 0 */
  firstWord(link: number): number {
    return link === 0 ? 0 : this.#words[(link - 1) * ROW_WORDS]!
  }

  isIpv4(row: number): boolean {
    return this.#words[row * ROW_WORDS + KIND]! >> 8 === 4
  }

  serverPort(row: number): number {
    const ports = this.#words[row * ROW_WORDS + PORTS]!
    return (this.state(row) & CLIENT_IS_HIGHER) !== 0 ? ports >>> 16 : ports & 0xffff
  }

  clientPort(row: number): number {
    const ports = this.#words[row * ROW_WORDS + PORTS]!
    return (this.state(row) & CLIENT_IS_HIGHER) !== 0 ? ports & 0xffff : ports >>> 16
  }

  /** Is it the port of one of the two? */
  hasPort(row: number, port: number): boolean {
    const ports = this.#words[row * ROW_WORDS + PORTS]!
    return ports >>> 16 === port || (ports & 0xffff) === port
  }

  /** Puts the client's address into words[at, at + ADDRESS_WORDS), as bytes/address-words.ts has it. */
  putClient(row: number, words: Int32Array, at: number): void {
    this.#putEnd(row, (this.state(row) & CLIENT_IS_HIGHER) !== 0 ? 1 : 0, words, at)
  }

  /** The same of the server's address. */
  putServer(row: number, words: Int32Array, at: number): void {
    this.#putEnd(row, (this.state(row) & CLIENT_IS_HIGHER) !== 0 ? 0 : 1, words, at)
  }

  /** Counts a packet of `frameBytes` on the wire, seen at `timeUs`. */
  countPacket(row: number, fromClient: boolean, frameBytes: number, timeUs: number): void {
    this.#words[row * ROW_WORDS + (fromClient ? PACKETS_OUT : PACKETS_IN)]!++
    this.#doubles[row * ROW_DOUBLES + (fromClient ? BYTES_OUT : BYTES_IN)]! += frameBytes
    // a flow may go on in a capture that begins earlier than the one before
    if (timeUs > this.#doubles[row * ROW_DOUBLES + LAST_SEEN]!) this.#doubles[row * ROW_DOUBLES + LAST_SEEN] = timeUs
  }

  state(row: number): number {
    return this.#words[row * ROW_WORDS + STATE]!
  }

  setState(row: number, bits: number): void {
    this.#words[row * ROW_WORDS + STATE] = bits
  }

  /** All TCP flags seen: the client's in the low byte, the server's in the next. */
  tcpFlags(row: number): number {
    return this.#words[row * ROW_WORDS + TCP_FLAGS]! & FLAGS_MASK
  }

  addTcpFlags(row: number, flags: number): void {
    this.#words[row * ROW_WORDS + TCP_FLAGS]! |= flags
  }

  /** How many of the client's first bytes were read, up to CLIENT_READ_MAX. */
  clientRead(row: number): number {
    return this.#words[row * ROW_WORDS + TCP_FLAGS]! >>> 16
  }

  setClientRead(row: number, bytes: number): void {
    const at = row * ROW_WORDS + TCP_FLAGS
    this.#words[at] = (this.#words[at]! & FLAGS_MASK) | (Math.min(bytes, CLIENT_READ_MAX) << 16)
  }

  /** Sequence number of the client's first byte; valid when its SYN was seen. Of UDP: see sensor/udp-packets.ts. */
  clientBegin(row: number): number {
    return this.#words[row * ROW_WORDS + CLIENT_BEGIN]!
  }

  setClientBegin(row: number, sequence: number): void {
    this.#words[row * ROW_WORDS + CLIENT_BEGIN] = sequence
  }

  packetsOut(row: number): number {
    return this.#words[row * ROW_WORDS + PACKETS_OUT]! >>> 0
  }

  packetsIn(row: number): number {
    return this.#words[row * ROW_WORDS + PACKETS_IN]! >>> 0
  }

  /** Bytes of frames on the wire, client to server. */
  bytesOut(row: number): number {
    return this.#doubles[row * ROW_DOUBLES + BYTES_OUT]!
  }

  bytesIn(row: number): number {
    return this.#doubles[row * ROW_DOUBLES + BYTES_IN]!
  }

  /** Time of the newest packet. */
  lastSeenUs(row: number): number {
    return this.#doubles[row * ROW_DOUBLES + LAST_SEEN]!
  }

  /** Client and server are the other way round than was thought: swaps all that has a side. */
  flip(row: number): void {
    const words = this.#words
    const doubles = this.#doubles
    const at = row * ROW_WORDS
    words[at + STATE]! ^= CLIENT_IS_HIGHER
    const flags = words[at + TCP_FLAGS]!
    words[at + TCP_FLAGS] = ((flags >> 8) & 0xff) | ((flags & 0xff) << 8) // nothing is read of the new client
    const packets = words[at + PACKETS_OUT]!
    words[at + PACKETS_OUT] = words[at + PACKETS_IN]!
    words[at + PACKETS_IN] = packets
    const bytes = doubles[row * ROW_DOUBLES + BYTES_OUT]!
    doubles[row * ROW_DOUBLES + BYTES_OUT] = doubles[row * ROW_DOUBLES + BYTES_IN]!
    doubles[row * ROW_DOUBLES + BYTES_IN] = bytes
    const mac = this.clientMac[row]!
    this.clientMac[row] = this.serverMac[row]!
    this.serverMac[row] = mac
  }

  /** Calls `visit(row)` for every live flow, in the order of rows; `visit` may release that row. */
  each(visit: (row: number) => void): void {
    for (let row = 0; row < this.#used; row++) if (this.#live[row] === 1) visit(row)
  }

  /** Gives a live row back. Its figures stay until the row is taken again. */
  release(row: number): void {
    const words = this.#words
    if (row === this.#last) this.#last = NONE
    this.#readKey(row, released)
    const bucket = hash(released, this.#seed) & this.#mask
    let previous = 0
    for (let link = this.#buckets[bucket]!; link !== row + 1; link = words[(link - 1) * ROW_WORDS + NEXT]!)
      previous = link
    const next = words[row * ROW_WORDS + NEXT]!
    if (previous === 0) this.#buckets[bucket] = next
    else words[(previous - 1) * ROW_WORDS + NEXT] = next
    words[row * ROW_WORDS + NEXT] = this.#free
    this.#free = row + 1
    this.#live[row] = 0
    this.size--
  }

  /** Copies a row's key into `key`. */
  #readKey(row: number, key: FlowKey): void {
    const at = row * ROW_WORDS
    const kind = this.#words[at + KIND]!
    if (kind >> 8 === 4) {
      key.length = IPV4_KEY_WORDS
      for (let i = 0; i < IPV4_KEY_WORDS; i++) key.words[i] = this.#words[at + i]!
      return
    }
    key.length = IPV6_KEY_WORDS
    for (let i = 0; i < IPV6_ADDRESS_WORDS; i++) key.words[i] = this.#addresses6[row * IPV6_ADDRESS_WORDS + i]!
    key.words[IPV6_ADDRESS_WORDS] = this.#words[at + PORTS]!
    key.words[IPV6_ADDRESS_WORDS + 1] = kind
  }

  /** @param end 0 the lower one, 1 the higher one */
  #putEnd(row: number, end: number, words: Int32Array, at: number): void {
    if (this.isIpv4(row)) {
      putIpv4(words, at, this.#words[row * ROW_WORDS + end]!)
      return
    }
    const from = row * IPV6_ADDRESS_WORDS + end * ADDRESS_WORDS
    for (let i = 0; i < ADDRESS_WORDS; i++) words[at + i] = this.#addresses6[from + i]!
  }

  #add(key: FlowKey, bucket: number): number {
    const words = this.#words
    let row: number
    if (this.#free !== 0) {
      row = this.#free - 1
      this.#free = words[row * ROW_WORDS + NEXT]!
    } else if (this.#used < this.capacity) {
      row = this.#used++
    } else {
      return FULL
    }
    const at = row * ROW_WORDS
    for (let i = 0; i < ROW_WORDS; i++) words[at + i] = 0
    if (key.length === IPV4_KEY_WORDS) {
      words[at] = key.words[0]!
      words[at + 1] = key.words[1]!
    } else {
      for (let i = 0; i < IPV6_ADDRESS_WORDS; i++) this.#addresses6[row * IPV6_ADDRESS_WORDS + i] = key.words[i]!
    }
    words[at + PORTS] = key.words[key.length - 2]!
    words[at + KIND] = key.words[key.length - 1]!
    words[at + NEXT] = this.#buckets[bucket]!
    this.#buckets[bucket] = row + 1
    this.clientMac[row] = 0
    this.serverMac[row] = 0
    this.vlans[row] = 0
    this.#live[row] = 1
    this.size++
    this.isNew = true
    return row
  }

  #hasKey(row: number, key: FlowKey): boolean {
    const own = this.#words
    const at = row * ROW_WORDS
    const { words, length } = key
    if (own[at + PORTS] !== words[length - 2] || own[at + KIND] !== words[length - 1]) return false
    if (length === IPV4_KEY_WORDS) return own[at] === words[0] && own[at + 1] === words[1]
    for (let i = 0; i < IPV6_ADDRESS_WORDS; i++) {
      if (this.#addresses6[row * IPV6_ADDRESS_WORDS + i] !== words[i]) return false
    }
    return true
  }
}

const released = new FlowKey()

function hash({ words, length }: FlowKey, seed: number): number {
  let h = seed
  for (let i = 0; i < length; i++) h = mix(h, words[i]!)
  return h
}

function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x85ebca6b)
  return h ^ (h >>> 15)
}
